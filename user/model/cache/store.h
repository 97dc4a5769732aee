/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_CACHE_STORE_H
#define GOENVBPF_MODEL_CACHE_STORE_H
/*
 * The inside of the cache part, shared by its files: cache.c sees the look-ups, cache_facts.c what
 * names them, cache_name.c puts both together, cache_guess.c names by order what no evidence names,
 * cache_query.c answers.
 */
#include "model/cache/cache.h"
#include "model/hash.h"
#include "model/topic.h"

#define ACTION_KEY_SZ (GOCACHE_PREFIX_LEN / 2)	/* what a build ID knows of an action */

/* How well a package's name is known; a better one replaces a worse one. */
enum name_source {
	NAME_NONE,
	NAME_NEARBY,		/* by what the thread read before */
	NAME_ARCHIVE,		/* what lies in the entry says it; "main" for all programs */
	NAME_CONFIG,		/* a compiler or linker was told so, of the output */
	NAME_EXEC,		/* the tool that ran was told so */
};

/* One action, whoever asked for it. */
struct cache_action {
	uint8_t id[GOCACHE_ID_SZ];
	uint8_t output[GOCACHE_ID_SZ];
	bool is_whole;			/* all of id is known */
	bool has_output;
	bool is_proven;
	bool is_read;			/* capture told what the output is */
	uint8_t kind, source;		/* enum cache_kind, enum name_source */
	const char *package;
	const char *indexed;		/* the package's directory, below its module's */
	const char *object;		/* that the compiler wrote; of the pool */
	uint8_t guess_kind;		/* by what a thread did before */
	const char *guess;		/* the package */
	const char *said;		/* the package that a tool's output says it is about */
	bool is_contested;		/* commands guess differently */
	const char *broken;		/* as capture saw it, later */
	uint64_t size;
	uint64_t tool;			/* proc of a compiler that made it, of any command */
	UT_hash_handle hh;		/* by the first ACTION_KEY_SZ bytes of id */
};

struct cache_ref {
	struct cache_action *action;
	struct cache_ref *next;		/* of the command */
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
	UT_hash_handle hh;		/* by action, in its command */
};

/* What go saw of an output (…-d) when it first looked at it after it had read an entry. */
struct cache_data {
	uint8_t output[ACTION_KEY_SZ];
	bool is_missing;
	bool has_size;
	uint64_t size;
	int64_t ts;
	UT_hash_handle hh;		/* by output, in its command */
};

struct cache_thread {
	uint32_t tid;
	struct str opened;		/* what it opened last: perhaps a directory */
	const char *dir;
	const char *sources;
	bool is_fresh;			/* dir was listed, and nothing else was done since */
	struct cache_ref *last;
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
	uint64_t trimmed;
	bool cacheprog;
	UT_hash_handle hh;
};

/* A package by the name of its output, from importcfg files. */
struct cache_package {
	uint8_t output[ACTION_KEY_SZ];
	const char *path;
	UT_hash_handle hh;
};

/* A name that files of one set have: modules' directories; generated files; directories. */
struct cache_name {
	const char *name;
	const char *value;
	bool is_shared;			/* another one of the set may be meant as well */
	UT_hash_handle hh;		/* by name, a string of the pool */
};

/* A vet.cfg that go wrote, for the vet that it had looked up in vain just before. */
struct cache_vet {
	const char *path;		/* of the pool */
	struct cache_command *cmd;
	struct cache_ref *use;		/* what the thread had looked up */
	int64_t ts;
	uint64_t tool;			/* proc of the vet that was given it; 0: none */
	const char *package;		/* that it was told */
	UT_hash_handle hh;		/* by path, in the order of the record */
};

struct caches {
	struct cache_action *actions;
	struct cache_command *commands;
	struct cache_package *packages;
	struct cache_vet *vets;
	struct cache_name *modules;	/* directory -> module path */
	struct cache_name *generated;	/* base names */
	struct cache_name *objects;	/* "…/b002/_pkg_.a" -> package, from importcfg files */
	bool tells_tests;		/* the record says which outputs are those of tests */
};

/* The action whose ID begins with those bytes; NULL. */
struct cache_action *caches__find(const struct caches *c, const uint8_t *id);
/* Gives kind and package, unless something better is known. */
void cache_action__set(struct cache_action *a, enum cache_kind kind, const char *package,
		       enum name_source source);
/* Those that are made when they are not there; NULL: out of memory. sz: bytes of id that are known. */
struct cache_action *caches__action(struct caches *c, const uint8_t *id, size_t sz);
struct cache_command *caches__command(struct caches *c, uint64_t go);
struct cache_ref *cache_command__use(struct cache_command *cmd, struct cache_action *a, int64_t ts);
/* name is of the pool */
struct cache_name *cache_names__get(struct cache_name **set, const char *name);

int cache__add_exec(struct model *m, const struct rec *rec);
int cache__add_entry(struct model *m, const struct rec *rec);
int cache__add_file(struct model *m, const struct rec *rec);

/* Gives every action the kind and the name that the evidence allows. 0 or -ENOMEM. */
int caches__name_all(struct model *m);
/* The package in dir, as the command go sees it; *ret: of the pool; NULL. 0 or -ENOMEM. */
int caches__package_of_dir(struct model *m, uint64_t go, const char *dir, const char **ret);
/* dir is a package of the standard library, and so no program. */
bool caches__is_std(struct model *m, uint64_t go, const char *dir);
/* What the evidence leaves open, by what threads did before. 0 or -ENOMEM. */
int caches__guess(struct model *m);
/* Which look-up each vet belongs to, where there is only one that can be meant. */
void caches__name_vet_runs(struct caches *c);

#endif
