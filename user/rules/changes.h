/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_CHANGES_H
#define GOENVBPF_RULES_CHANGES_H
/*
 * What else differs between two runs, whether anything was built because of it or not: toolchains,
 * modules, files that were read; and what the build cache was worth in each of them.
 *
 * Lifecycle: two models after model__finish() → changes__find() → the fields → changes__free(). Strings
 * are the answer's or the models'.
 */
#include "model/model.h"
#include "util/cleanup.h"

struct pool;

/* A program of Go or of the C compiler that both ran. */
struct tool_change {
	const char *name;		/* "go", "compile", "cc1" */
	const char *old, *new;		/* versions; NULL: not known */
	const char *old_path, *new_path;
	const char *old_build_id, *new_build_id;	/* NULL: it has none */
};

struct module_change {
	const char *path;
	const char *old, *new;		/* versions; NULL: of a folder, or see the origin */
	const char *old_origin, *new_origin;	/* as module_origin__name() has it; NULL: not used there */
};

/* X(id, name) */
#define FILE_CHANGE_LIST(X)	\
	X(CHANGED, "changed")	\
	X(ADDED,   "added")	\
	X(REMOVED, "removed")

enum file_change_kind {
#define X(id, name) FILE_##id,
	FILE_CHANGE_LIST(X)
#undef X
	FILE_CHANGE_CNT,
};

const char *file_change_kind__name(unsigned int kind);

/* A file that was read to build. Added, removed: one of the runs read it, the other did not. */
struct file_change {
	const char *path;
	uint32_t kind;			/* enum file_change_kind */
};

#define FILES_MAX 1000			/* kept; the rest is counted */

struct file_changes {
	struct file_change *list;	/* changed, added, removed; by path */
	size_t cnt;
	uint64_t omitted;
	uint64_t old_read, new_read;	/* by go; what only tools read depends on which of them ran */
	uint64_t unknown;		/* that both read, and without a hash of one */
};

/* What the cache was worth in one run. */
struct cache_value {
	uint64_t restored, restored_used;	/* outputs that a program which is not Go wrote, as far as seen */
	uint64_t restored_bytes;	/* --tag restored_bytes; 0: not known */
	uint64_t unused_bytes;		/* of these, that no go command asked for; 0: not known */
	uint64_t hits, hit_bytes;	/* packages found */
	uint64_t put, put_bytes;	/* entries written */
	uint64_t saved_files;		/* of entries, that such a program read: what was saved elsewhere */
	int64_t restore_ns;		/* -1: not known */
	bool is_told;			/* by --tag restore_ms; else observed */
	int64_t save_ns;		/* -1: not seen */
	int64_t saved_ns;		/* what the hits took where they were made; -1: not known of any */
	uint64_t timed;			/* hits of which that is known, from either record */
};

struct changes {
	struct tool_change *tools;
	size_t tool_cnt;
	struct module_change *modules;
	size_t module_cnt;
	struct file_changes files;
	struct cache_value old_value, new_value;
	struct pool *pool;		/* of names that it made */
};

/* -ENOMEM */
int changes__find(const struct model *old, const struct model *new, struct changes **ret);
void changes__free(struct changes *c);	/* NULL is fine */

DEFINE_CLEANUP(changes, struct changes *, changes__free);
#define __free_changes __cleanup_with(changes)

/* changes_value.c */
int cache_values__find(const struct model *old, const struct model *new, struct cache_value *ret_old,
		       struct cache_value *ret_new);

#endif
