/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_CACHE_CACHE_H
#define GOENVBPF_MODEL_CACHE_CACHE_H
/*
 * The build cache as each go command used it: what it looked up, under which package's name, what
 * it found, what it wrote, refreshed and removed.
 *
 * A look-up is the opening of an entry (…-a) by the go process. It is named by evidence: the build
 * ID of the compiler that ran because of it, the package that lies in the entry, importcfg files,
 * and keys that are computed from other keys (the output of a compiler is kept under a hash of the
 * package's action). What that leaves open, mostly program packages that were hits, is told by what
 * the same thread read just before, when no other thread may be meant: these are not "proven".
 */
#include "golang/gocache.h"
#include "model/model.h"

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

enum cache_outcome {
	CACHE_BUILT,	/* not looked up: written, or compiled under -a */
	CACHE_HIT,
	CACHE_MISS,	/* there is no entry, or it could not be opened */
	CACHE_BROKEN,	/* there is an entry, but what it points at is missing or has another size */
	CACHE_OUTCOME_CNT,
};

const char *cache_kind__name(enum cache_kind kind);
const char *cache_outcome__name(enum cache_outcome outcome);

/* All that one go command did with one action. */
struct cache_use {
	uint8_t action[GOCACHE_ID_SZ];
	size_t action_sz;		/* bytes of it that are known */
	uint8_t output[GOCACHE_ID_SZ];
	bool has_output;
	enum cache_kind kind;
	enum cache_outcome outcome;
	const char *reason;		/* of a miss or a broken entry: "absent", "size", "EACCES"; NULL */
	const char *package;		/* NULL: not known */
	bool proven;			/* kind and package */
	uint32_t lookups;
	bool put, refreshed;
	uint64_t bytes;			/* of the output; 0 when not known */
	int64_t work_ns;		/* of the tool that ran because of it; -1: none, or not seen */
	int64_t ts;			/* of the first event */
};

struct cache_sum {
	uint64_t lookups, named;	/* named: that say their package, or need none (C compiler) */
	uint64_t by_kind[CACHE_KIND_CNT][CACHE_OUTCOME_CNT];	/* actions */
	uint64_t put, refreshed, trimmed;
	uint64_t hit_bytes, put_bytes;
	int64_t lost_ns;		/* compilers of packages that were missed */
	int64_t won_ns;			/* compilers, seen elsewhere in the record, of packages that were hits */
	uint64_t won;			/* such packages */
	bool cacheprog;			/* look-ups go through a program, and are not seen */
};

/* 0 or -ENOMEM. *ret is NULL in the end; start with NULL, in the order of the first events. */
struct cache_ref;
int model__next_use(const struct model *m, const struct process *go, const struct cache_ref **at,
		    struct cache_use *ret);
/* The record tells of the entries that are results of tests that they are, and of which package. */
bool model__tells_tests(const struct model *m);
/* What one go command did in all. 0; -ENOENT: it did nothing with a cache; -ENOMEM. */
int model__cache(const struct model *m, const struct process *go, struct cache_sum *ret);

#endif
