/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_SEARCH_STORE_H
#define GOENVBPF_MODEL_SEARCH_STORE_H
/*
 * The inside of the ladders: who searches, and the candidates that were seen. For ladder*.c only.
 */
#include "model/hash.h"
#include "model/search/search.h"
#include "model/topic.h"
#include "model/process.h"

#define LADDER_MAX_LINKS 16

struct ladder_key {
	uint64_t proc;
	const char *key;	/* pooled */
	uint64_t purpose;
};

struct ladder_entry {
	struct ladder l;
	struct ladder_key at;
	struct candidate *candidates;
	unsigned int cap;
	UT_hash_handle hh;		/* by at */
	UT_hash_handle hh_alike;	/* of finished ones, by signature */
	uint64_t signature;
	struct ladder_entry *prev, *next;	/* all, in order */
	struct ladder_entry *sibling;		/* of the same process */
};

/* Where a symbolic link leads that was on a ladder. */
struct ladder_link {
	const char *path;
	struct ladder_entry *e;
	unsigned int candidate;
};

/* A process that may look for things. */
struct searcher {
	uint64_t proc;
	enum tool_role role;
	const char *exe, *cwd, *pwd, *path_list, *repository;
	const char *cert_file, *cert_dirs;	/* SSL_CERT_FILE, SSL_CERT_DIR; NULL */
	struct ladder_entry *ladders;
	unsigned int cnt;
	struct ladder_link *links;	/* LADDER_MAX_LINKS; few processes have any */
	unsigned int link_cnt;
	UT_hash_handle hh;
};

struct ladders {
	struct searcher *searchers;
	struct ladder_entry *all, *by_key, *alike;
	size_t cnt;
	uint64_t omitted;
};

/* The searcher of a process, made when it is not there: a forked one goes on where its parent was. */
int searcher__get(struct model *m, const struct process *p, struct searcher **ret);
/* The same for a process that runs a new program. NULL: out of memory. */
struct searcher *searcher__new(struct model *m, const struct process *p);
/* Its repository was seen. */
void searcher__set_repository(struct searcher *c, const char *dir);
void searcher__set_no_repository(struct searcher *c);
/* The process or its program ended: what is worth it is kept. */
int searcher__end(struct ladders *ls, uint64_t proc);

/* key: pooled. NULL when there is none. */
struct ladder_entry *ladder__find(const struct ladders *ls, uint64_t proc, enum ladder_purpose purpose,
				  const char *key);
/* The same, made when it is not there; *ret stays NULL when there are too many already. */
int ladder__get(struct model *m, struct searcher *c, enum ladder_purpose purpose, const char *key,
		struct ladder_entry **ret);

struct attempt {
	const char *path, *err, *target;
	int64_t ts;
	enum candidate_result result;
};

/* Adds an attempt; *ret_candidate (may be NULL) stays untouched when there are too many candidates. */
int ladder__add(struct model *m, struct ladder_entry *e, const struct attempt *a, unsigned int *ret_candidate);

/* ladder_lines.c */
int ladders__add(struct model *m, const struct rec *rec);

#endif
