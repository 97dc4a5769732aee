/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_CACHE_CACHE_H
#define GOENVBPF_MODEL_CACHE_CACHE_H
/*
 * The build cache as each go command used it: what it looked up, under which package's name, what
 * it found, what it wrote, refreshed and removed, what making the rest took, and what stood in its
 * way: a cache that cannot be written, and others that remove or make the same entries meanwhile.
 *
 * A look-up is the opening of an entry (…-a) by the go process. It is named by evidence: the build
 * ID of the compiler that ran because of it, the package that lies in the entry, importcfg files,
 * and keys that are computed from other keys (the output of a compiler is kept under a hash of the
 * package's action). What that leaves open is named by what the same thread read just before, when
 * no other thread may be meant: these names are "likely".
 */
#include "golang/gocache.h"
#include "model/model.h"
#include "model/proof.h"

struct process;

/*	id		name			*/
#define CACHE_KIND_LIST(X)			\
	X(UNKNOWN,	"unknown")		\
	X(PACKAGE,	"package")		\
	X(STDOUT,	"compiler output")	\
	X(SOURCES,	"source list")		\
	X(SOURCE,	"generated source")	\
	X(INDEX,	"module index")		\
	X(LINK,		"link")			\
	X(LINK_STDOUT,	"linker output")	\
	X(VET,		"vet")			\
	X(VET_STDOUT,	"vet output")		\
	X(TEST,		"test")			\
	X(CC,		"C compiler")		\
	X(CC_FLAG,	"C compiler flag")

enum cache_kind {
#define X(id, name) CACHE_##id,
	CACHE_KIND_LIST(X)
#undef X
	CACHE_KIND_CNT,
};

/*
 * What came of it.		name
 *	hit			found and used
 *	miss			there is no entry, or go could not use it: see the reason
 *	broken			there is an entry, but it or what it points at is not whole
 *	built			made without asking: -a, or what go never asks for
 *	asked			of the program that GOCACHEPROG names, over a pipe
 *	unseen			made, and the look-up is not in the record
 *	goroot			precompiled in GOROOT/pkg, up to Go 1.19
 *	up-to-date		a program (GOPATH mode: or an archive) whose file needed no work
 *	put			written beside something else, and not asked for
 */
#define CACHE_OUTCOME_LIST(X)			\
	X(HIT,		"hit")			\
	X(MISS,		"miss")			\
	X(BROKEN,	"broken")		\
	X(BUILT,	"built")		\
	X(ASKED,	"asked")		\
	X(UNSEEN,	"unseen")		\
	X(GOROOT,	"goroot")		\
	X(UP_TO_DATE,	"up-to-date")		\
	X(PUT,		"put")

enum cache_outcome {
#define X(id, name) CACHE_##id,
	CACHE_OUTCOME_LIST(X)
#undef X
	CACHE_OUTCOME_CNT,
};

const char *cache_kind__name(enum cache_kind kind);
const char *cache_outcome__name(enum cache_outcome outcome);
/* Something was made, whyever. */
bool cache_outcome__is_made(enum cache_outcome outcome);

/* All that one go command did with one action, or with what it did not ask the cache for. */
struct cache_use {
	uint8_t action[GOCACHE_ID_SZ];
	size_t action_sz;		/* bytes of it that are known; 0: none */
	uint8_t output[GOCACHE_ID_SZ];
	bool has_output;
	enum cache_kind kind;
	enum cache_outcome outcome;
	/*
	 * Of what is no hit: "absent", "size", "malformed", "unusable" (it was opened, and made all
	 * the same), "inputs" (of a test: others by now), "gocacheverify", "EACCES" and other errors
	 * of the opening; NULL.
	 */
	const char *reason;
	const char *package;		/* "p", "p [p.test]" for what a test needs anew; NULL: not known */
	const char *file;		/* that was used instead of the cache; NULL */
	enum confidence confidence;	/* of kind and package */
	uint32_t lookups;
	bool put, refreshed;
	uint64_t bytes;			/* of the output; 0 when not known */
	uint64_t tool;			/* proc of the compiler, linker, vet or test that ran; 0 */
	/*
	 * Tools that go ran for it: the sum of their times, which overlap, and the time in which one
	 * of them ran; -1: none ran, or their end was not seen.
	 */
	int64_t work_ns, wall_ns;
	uint32_t tools;
	uint64_t also;			/* another go command that made the same at that time; 0 */
	uint64_t removed_by;		/* proc that removed the entry while the command went on; 0 */
	int64_t ts;			/* of the first event */
	int64_t put_ts;			/* when the command began to write the output; -1: it did not */
};

struct cache_sum {
	uint64_t lookups, named;	/* named: that say their package, or need none (C compiler) */
	uint64_t by_kind[CACHE_KIND_CNT][CACHE_OUTCOME_CNT];	/* actions */
	uint64_t put, refreshed, trimmed;
	uint64_t hit_bytes;		/* of the packages that were hits */
	uint64_t unsized;		/* such packages whose size is not known */
	uint64_t put_bytes;
	int64_t spent_ns, spent_wall_ns;	/* as work_ns and wall_ns, of all packages */
	int64_t saved_ns;		/* tools, elsewhere in the record, of packages that were hits */
	uint64_t saved;			/* such packages */
	uint64_t also;			/* packages that another command made at that time, too */
	int64_t also_ns;		/* what this one spent on them */
	bool cacheprog;			/* look-ups go through a program, and are not seen */
	bool created;			/* the cache was not there before: it made its folders */
	bool had_outputs;		/* a tool with nothing to say had run before it: that output was there */
	/*
	 * Packages that it used, and that somebody outside of the record put there while that was made;
	 * and entries that it looked at whose age had been set back, the first one at aged_at (ns since
	 * the epoch).
	 */
	uint64_t foreign, aged;
	const char *foreign_package;	/* of one of them; NULL: not known */
	struct proof foreign_proof;
	int64_t aged_at;
	/* What could not be put into the cache. */
	struct {
		uint64_t cnt;
		const char *err;	/* of the first one; NULL: it was opened, and not finished */
		struct proof proof;
	} unwritten;
};

/*
 * The line tells of a go command that looks an entry up: the action, of GOCACHE_ID_SZ bytes. Found, unless
 * the line has an error. Asked line by line, of any scope, before model__finish(), too.
 */
bool model__is_lookup(const struct model *m, const struct rec *rec, uint8_t *ret_action);
/* The first GOCACHE_PREFIX_LEN / 2 bytes of the action that a compiler or linker was started for. */
bool process__action(const struct process *p, uint8_t *ret_action);

/* Start with NULL, which comes again in the end; in the order of the first events. */
struct cache_ref;
const struct cache_ref *model__next_use(const struct model *m, const struct process *go,
					const struct cache_ref *at, struct cache_use *ret);
/* The record tells of the entries that are results of tests that they are, and of which package. */
bool model__tells_tests(const struct model *m);
/* What one go command did in all; false: it did nothing with a cache. */
bool model__cache(const struct model *m, const struct process *go, struct cache_sum *ret);

/* What all go commands did with packages. */
struct cache_total {
	uint64_t hits, made;		/* made: whatever was not there, or not asked for */
	int64_t spent_ns, saved_ns;	/* as in a sum */
};

/* false: none of them did anything with a cache. */
bool model__cache_total(const struct model *m, struct cache_total *ret);

/* Entries that a command had found or written were removed by somebody else before it ended. */
struct cache_removal {
	uint64_t by;			/* proc; 0: not in the record */
	uint64_t entries;		/* of the command's; model__next_use() has their names */
	uint64_t tools;			/* of the command, that did not find what they were told to read */
	uint64_t failed;		/* of these, that failed */
	struct proof proof;
};

const struct cache_removal *model__next_removal(const struct model *m, const struct process *go,
						const struct cache_removal *r);

/* A program that is none of Go's wrote or read entries: a cache is being restored or saved. */
struct cache_copy {
	uint64_t proc;
	const char *dir;		/* of the cache */
	uint64_t written, read;		/* files of entries */
	int64_t ts;			/* of the first one */
};

const struct cache_copy *model__next_copy(const struct model *m, const struct cache_copy *c);

/* What such programs wrote into build caches, and what of it go commands of the record found. */
struct cache_restored {
	uint64_t outputs, used;		/* -d files */
	uint64_t used_bytes;		/* as far as sizes are known */
};

void model__restored(const struct model *m, struct cache_restored *ret);

/* Who linked a file in $WORK: the action as build IDs have it, and the package; false: not seen. */
bool model__linked(const struct model *m, const char *file, const char **ret_id,
		   const char **ret_package);

/*
 * The import path of the package in dir, as the command names it: a string of the model; NULL: not
 * known. Once the settings are resolved.
 */
int model__package_of_dir(struct model *m, uint64_t go, const char *dir, const char **ret);

#endif
