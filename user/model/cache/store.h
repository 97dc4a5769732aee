/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_CACHE_STORE_H
#define GOENVBPF_MODEL_CACHE_STORE_H
/*
 * The inside of the cache topic, shared by its files.
 *
 * While lines come in: lookups.c sees the cache's files, threads.c what else a thread of go reads,
 * evidence.c the tools, the entries and importcfg files. In the end: name_by_evidence.c, then
 * name_by_order.c for what is left; unasked.c adds what was used without the cache; outcomes.c says
 * what came of each use, and work.c what it took. uses.c answers.
 */
#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/topic.h"
#include "util/hash.h"

#define ACTION_KEY_SZ (GOCACHE_PREFIX_LEN / 2)	/* what a build ID knows of an action */

/* How well a package's name is known; a better one replaces a worse one. */
enum name_source {
	NAME_NONE,
	NAME_NEARBY,		/* by what the thread read before */
	NAME_ARCHIVE,		/* what lies in the entry says it; "main" for all programs */
	NAME_CONFIG,		/* a compiler or linker was told so, of what it reads or makes */
	NAME_EXEC,		/* the tool that ran was told so */
};

/* One action, whoever asked for it. */
struct cache_action {
	uint8_t key[ACTION_KEY_SZ];	/* the first bytes of id */
	uint8_t id[GOCACHE_ID_SZ];
	uint8_t output[GOCACHE_ID_SZ];
	bool is_whole;			/* all of id is known */
	bool has_output;
	bool is_read;			/* capture told what the output is */
	bool is_contested;		/* commands guess differently */
	uint8_t kind, source;		/* enum cache_kind, enum name_source */
	uint8_t confidence;		/* enum confidence, of kind and package */
	uint8_t guess_kind;		/* by what a thread did before */
	const char *package;
	const char *indexed;		/* the package's directory, below its module's */
	const char *object;		/* that the compiler wrote or the linker read; of the pool */
	const char *guess;		/* the package */
	const char *said;		/* the package that a tool's output says it is about */
	const char *broken;		/* as capture saw it, later */
	uint64_t size;
	uint64_t written;		/* ns since the epoch, as the entry says; 0: not known */
	struct cache_ref *refs;		/* of all commands, the last one first */
	UT_hash_handle hh;
};

/* action NULL: of what go did not ask the cache for. */
struct cache_ref {
	struct cache_action *action;
	struct cache_command *cmd;
	struct cache_ref *next;		/* of the command */
	struct cache_ref *sibling;	/* of the action */
	struct cache_ref *before;	/* the thread's use before this one */
	const char *dir;		/* that the thread listed just before */
	const char *sources;		/* whose Go files it read just before */
	const char **rivals;		/* sources of other threads at that time; ends with NULL */
	const char *err;		/* of the look-up */
	uint64_t tool;			/* proc of what ran because of it */
	int64_t ts;
	uint32_t lookups;
	bool put, refreshed;
	bool is_crowded;		/* another thread had listed a directory, too */
	bool reads_test;		/* the last one of the sources was a test */
	/* of what has no action */
	uint8_t kind, confidence;
	const char *package, *file;
	/* derived */
	uint8_t outcome;
	const char *reason;
	uint32_t tools;
	int64_t work_ns, wall_ns;
	uint64_t also, removed_by;
	UT_hash_handle hh;		/* by action, in its command */
};

/* What go did with an output (…-d): when it first looked at it, and how it wrote it. */
struct cache_data {
	uint8_t output[ACTION_KEY_SZ];
	bool is_missing;
	bool has_size;
	bool is_written, is_finished;	/* opened to write; stamped afterwards */
	uint64_t size;
	int64_t ts;			/* -1: not looked at */
	int64_t put_ts;
	UT_hash_handle hh;		/* by output, in its command */
};

struct cache_thread {
	uint32_t tid;
	struct str opened;		/* what it opened last: perhaps a directory */
	const char *dir;
	const char *sources;
	bool reads_test;
	bool is_fresh;			/* dir was listed, and nothing else was done since */
	struct cache_ref *last;
	struct cache_vet *vet;		/* whose result it is about to put */
	UT_hash_handle hh;
};

/* A string of the pool, and what is known of it. */
struct cache_name {
	const char *name;
	const char *value;
	bool is_shared;			/* another one of the set may be meant as well */
	bool has_tests;			/* of a directory: a _test.go was read */
	int64_t ts;			/* of a file: when it was opened; 0: it was not */
	UT_hash_handle hh;
};

struct removal_entry {
	uint64_t by;
	struct cache_removal r;
	uint64_t last_tool;		/* that was counted */
	UT_hash_handle hh;
};

struct cache_command {
	uint64_t go;
	struct cache_ref *first, **tail;
	struct cache_ref *by_action;
	struct cache_data *data;
	struct cache_thread *threads;
	struct cache_name *listed;	/* directories whose files it looked at one by one */
	struct cache_name *sourced;	/* directories whose Go files it read */
	struct cache_name *archives;	/* precompiled packages; value: the package, by importcfg */
	struct cache_name *targets;	/* files that may be programs which it is to make, opened */
	struct cache_name *written;	/* files that it made, the cache and $WORK apart */
	struct removal_entry *removals;
	uint64_t trimmed;
	unsigned int folders;		/* of entries, that it made */
	uint64_t aged;			/* entries that it looked at, whose age was set to an old one */
	int64_t aged_at;		/* ns since the epoch: when, the earliest; 0: none */
	bool cacheprog;
	bool had_outputs;		/* what a tool that said nothing leaves was there before it */
	uint8_t unasked;		/* enum cache_outcome of what it made without a look-up */
	struct cache_sum sum;
	UT_hash_handle hh;
};

/* A package by the name of its output, from importcfg files. */
struct cache_package {
	uint8_t output[ACTION_KEY_SZ];
	const char *path;
	UT_hash_handle hh;
};

/* An output that somebody removed. */
struct cache_gone {
	uint8_t output[ACTION_KEY_SZ];
	uint64_t by;
	int64_t ts;
	UT_hash_handle hh;
};

/* A vet run, by the configuration that go wrote for it. */
struct cache_vet {
	const char *path;		/* of the pool */
	struct cache_command *cmd;
	struct cache_ref *use;		/* that its result was put into; NULL: not known */
	uint64_t tool;			/* proc of the vet; 0: none */
	const char *package;		/* that it was told */
	bool is_crowded;		/* another result was about to be put at that time */
	UT_hash_handle hh;		/* by path, in the order of the record */
};

/* A program that a linker made, in $WORK. */
struct cache_link {
	const char *file;		/* of the pool */
	const char *id;			/* the action as build IDs have it */
	const char *package;		/* "p.test"; NULL: not known */
	UT_hash_handle hh;		/* by file */
};

/* A tool was told to read an output that was not there. */
struct cache_missed {
	uint8_t output[ACTION_KEY_SZ];
	uint64_t tool;
	int64_t ts;
	struct cache_missed *next;
};

struct copy_entry {
	uint64_t proc;
	struct cache_copy c;
	UT_hash_handle hh;
};

/* An output that a program which is none of Go's wrote. */
struct cache_restore {
	uint8_t output[ACTION_KEY_SZ];
	uint64_t proc;
	bool is_used;
	uint64_t bytes;			/* of a used one; 0: not known */
	UT_hash_handle hh;
};

struct caches {
	struct cache_action *actions;
	struct cache_command *commands;
	struct cache_package *packages;
	struct cache_gone *gone;
	struct cache_missed *missed;	/* the last one first */
	struct cache_vet *vets;
	struct cache_link *links;
	struct cache_name *modules;	/* directory -> module path */
	struct cache_name *generated;	/* base names */
	struct cache_name *objects;	/* "…/b002/_pkg_.a" -> package, from importcfg files */
	struct copy_entry *copies;
	struct cache_restore *restored;
	bool tells_tests;		/* the record says which outputs are those of tests */
};

/* The action whose ID begins with those bytes; NULL. */
static inline struct cache_action *caches__find(const struct caches *c, const uint8_t *id)
{
	return hash_find(c->actions, key, id);
}

/* lookups.c; NULL: out of memory. sz: bytes of id that are known. */
struct cache_action *caches__action(struct caches *c, const uint8_t *id, size_t sz);
struct cache_command *caches__command(struct caches *c, uint64_t go);
struct cache_ref *cache_command__use(struct cache_command *cmd, struct cache_action *a, int64_t ts);
/* Of what go did not ask the cache for. */
struct cache_ref *cache_command__extra(struct cache_command *cmd, enum cache_kind kind,
				       const char *package, int64_t ts);
/* The ID in the path of an entry or output: *ret_which is 'a' or 'd'; false: it is none. */
bool cache_path__id(const char *path, uint8_t *ret_id, char *ret_which);

/* Gives kind and package, unless something better is known. */
void cache_action__set(struct cache_action *a, enum cache_kind kind, const char *package,
		       enum name_source source);

/* threads.c */
struct cache_thread *cache_command__thread(struct cache_command *cmd, uint32_t tid);
void cache_thread__free(struct cache_thread *t);
/* A path that is none of the cache's. */
int cache_thread__add(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const struct rec *rec);
/* An entry is written: perhaps the result of a vet that the thread has read. */
void cache_thread__puts(struct cache_thread *t, struct cache_ref *u);
/* What the thread did before it looked u up, and what the others were about to. */
int cache_thread__looks_up(struct cache_command *cmd, struct cache_thread *t, struct cache_ref *u);

/* copies.c: a program other than go and its tools opened an entry */
int caches__add_copy(struct model *m, const struct rec *rec, const uint8_t *id, char which);
/* In the end, once the outcomes are known. */
void caches__see_restored(struct model *m);

/* evidence.c */
int cache__add_exec(struct model *m, const struct rec *rec);
int cache__add_entry(struct model *m, const struct rec *rec);
int cache__add_file(struct model *m, const struct rec *rec);

/* In the end, in this order; 0 or -ENOMEM. */
int caches__name_by_evidence(struct model *m);
int caches__name_by_order(struct model *m);
int caches__name_vets(struct model *m);
int caches__name_results(struct model *m);
int caches__add_unasked(struct model *m);
int caches__find_outcomes(struct model *m);
int caches__find_work(struct model *m);
int caches__sum_up(struct model *m);

/* What happened to entries of the command because of that process (0: not in the record). */
struct removal_entry *cache_command__removal(struct cache_command *cmd, uint64_t by);

/* dir is a package of the standard library, and so no program. */
bool caches__is_std(const struct model *m, uint64_t go, const char *dir);
/* The command may build "p [p.test]" beside or instead of p. */
bool cache_command__may_test(const struct model *m, const struct cache_command *cmd);

#endif
