/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_CAUSES_H
#define GOENVBPF_RULES_CAUSES_H
/*
 * Why packages were built again: two runs compared.
 *
 * From what the new run made: a package whose own inputs differ has causes of its own; one that only
 * imports such a package was built because of it. A cause is proven when the keys that go looked up in
 * both runs are the ones that follow from the inputs that the records have: then nothing else can have
 * changed. What a comparison cannot know is a cause of kind unknown, with what would tell.
 *
 * Lifecycle: two models after model__finish() → causes__find() → the fields → causes__free(). Strings
 * are the comparison's or the models'.
 */
#include "model/model.h"
#include "model/proof.h"

/* X(id, name) */
#define CAUSE_KIND_LIST(X)			\
	X(SOURCE_FILE,	 "source-file")		\
	X(FILE_ADDED,	 "file-added")		\
	X(FILE_REMOVED,	 "file-removed")	\
	X(EMBED,	 "embed")		\
	X(CGO_HEADER,	 "cgo-header")		\
	X(FLAG,		 "flag")		\
	X(TOOLCHAIN,	 "toolchain")		\
	X(ENVIRONMENT,	 "environment")		\
	X(COMPILER,	 "compiler")		\
	X(DIRECTORY,	 "directory")		\
	X(VCS,		 "vcs")			\
	X(TRIMMED,	 "trimmed")		\
	X(CACHE_REMOVED, "cache-removed")	\
	X(CACHE_ABSENT,	 "cache-absent")	\
	X(MODULE,	 "module")		\
	X(TEST_INPUT,	 "test-input")		\
	X(UNKNOWN,	 "unknown")

enum cause_kind {
#define X(id, name) CAUSE_##id,
	CAUSE_KIND_LIST(X)
#undef X
	CAUSE_KIND_CNT,
};

const char *cause_kind__name(unsigned int kind);

struct cause {
	uint32_t kind;			/* enum cause_kind */
	const char *detail;		/* the file, the variable, the flag; what would tell */
	const char *old, *new;		/* what it was, what it is; NULL: not known, or it says nothing */
	const char *evidence;		/* what speaks for it, where that is no comparison; NULL */
	const char *first;		/* the first package that it changed */
	uint32_t confidence;		/* enum confidence: of the package of which least is known */
	const char **packages;		/* it and those that were built because of it */
	size_t package_cnt;
	size_t proven_cnt;		/* those of which it is proven in every way */
	bool is_last_proven;		/* the last one is among them */
	/* Those that would have been found with this one setting as it was: their keys are those in the cache. */
	size_t would_hit_cnt;
	int64_t ns;			/* of all tools that ran for them */
};

/* A setting or flag that differs between two commands that were compared. */
struct setting_change {
	const char *name;
	const char *old, *new;		/* NULL: not set, or not known */
	const char *old_origin, *new_origin;	/* "environment", "env file" */
};

/* A package whose key is not the computed one, or cannot be computed. */
struct open_key {
	const char *package;
	bool is_old;			/* in the old run */
	const char *missing;		/* what it would take; NULL: it was computed, and is another one */
};

#define OPEN_KEYS_MAX 1000		/* kept */

/*
 * The keys that go looked up, beside those that follow from what the record has: where they are equal,
 * the record has all inputs of the package.
 */
struct key_counts {
	uint64_t equal, other, unknown;
};

struct causes {
	struct cause *list;		/* the costliest first */
	size_t cnt;
	struct setting_change *settings;
	size_t setting_cnt;
	uint64_t made, hits;		/* packages of the new run */
	int64_t made_ns;		/* of all tools that ran for them */
	uint64_t old_made, old_hits;
	int64_t old_made_ns;
	struct key_counts old_keys, keys;
	struct open_key *open_keys;
	size_t open_key_cnt;
	bool has_sources;		/* both records have hashes of sources */
};

struct causes_choice {
	const char *package;		/* a pattern, * or ... for anything; NULL: all */
};

/* -ENOMEM. The models are asked for packages by folder, which keeps strings in them. */
int causes__find(struct model *old, struct model *new, const struct causes_choice *choice,
		 struct causes **ret);
/*
 * The same within one record: packages that a command built though an earlier one had built or used them;
 * and of those that it was the first to use, what the record itself tells: a cache that was made anew, an
 * entry that was removed before, a flip of everything. Settings, tests and the counts of an old run stay
 * empty.
 */
int causes__find_within(struct model *m, const struct causes_choice *choice, struct causes **ret);
void causes__free(struct causes *c);	/* NULL is fine */

DEFINE_CLEANUP(causes, struct causes *, causes__free);
#define __free_causes __cleanup_with(causes)

#endif
