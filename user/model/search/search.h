/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_SEARCH_SEARCH_H
#define GOENVBPF_MODEL_SEARCH_SEARCH_H
/*
 * Look-up ladders: one process looks for one thing in several places, in order. Each place is a
 * candidate; the ladder ends in the one that won or in nothing.
 *
 * Ladders of processes that ended are kept once when they are alike (same program, same candidates, same
 * results), and not at all when there is nothing in them to see: a library, a program or a time
 * zone that was where it was looked for first.
 */
#include "golang/ladder.h"
#include "model/model.h"
#include "model/proof.h"

enum candidate_result {
	CANDIDATE_ABSENT,
	CANDIDATE_REFUSED,		/* err says how: EACCES, ELOOP, … */
	CANDIDATE_UNFIT,		/* there, but a directory */
	CANDIDATE_FOUND,		/* there; nobody was seen to read it */
	CANDIDATE_USED,		/* opened or run */
};

struct candidate {
	const char *path;
	const char *target;	/* what a symbolic link was read to lead to; NULL: none was read */
	const char *err;	/* NULL: none */
	int64_t ts;		/* of the event that says the result */
	enum candidate_result result;
};

#define LADDER_MAX_CANDIDATES 64

struct ladder {
	uint64_t proc;			/* the first process that searched */
	uint64_t processes;		/* those alike, with it */
	const char *exe;		/* its program; NULL unknown */
	const char *cwd;		/* where it was; NULL unknown */
	const char *repository;		/* its innermost repository, when it was seen; else NULL */
	enum ladder_purpose purpose;
	const char *key;		/* what was looked for; "" when the purpose says it all */
	const struct candidate *candidates;	/* in the order of the first attempts */
	bool has_no_repository;		/* it was looked for up to the root */
	bool has_alternative;	/* a linker found "libx.a" in place of "libx.so" */
	unsigned int cnt, omitted;	/* candidates kept, and beyond LADDER_MAX_CANDIDATES */
};

/* X(id, name, what it means) */
#define SURPRISE_LIST(X)							\
	X(NOTHING,	"nothing",	"found nowhere")			\
	X(REFUSED,	"refused",	"there, but could not be used")		\
	X(ANCESTOR,	"ancestor",	"taken from a parent directory")	\
	X(OUTSIDE,	"outside",	"taken from outside the repository")	\
	X(SEVERAL,	"several",	"several were read")			\
	X(SHADOWED,	"shadowed",	"found in more than one place")

enum surprise {
	SURPRISE_NONE,
#define X(id, name, title) SURPRISE_##id,
	SURPRISE_LIST(X)
#undef X
	SURPRISE_CNT,
};

const char *surprise__name(enum surprise s);	/* "none" for SURPRISE_NONE */
const char *surprise__title(enum surprise s);	/* "" likewise */
const char *candidate_result__name(enum candidate_result r);

struct ladder_verdict {
	const struct candidate *won;		/* NULL: nothing */
	unsigned int shadowed;		/* candidates beside it that were there */
	enum surprise surprise;
	enum confidence confidence;
};

void ladder__judge(const struct model *m, const struct ladder *l, struct ladder_verdict *ret);

/* In the order of their first attempts: start with NULL. */
const struct ladder *model__next_ladder(const struct model *m, const struct ladder *l);
/* The ladder of one process, purpose and no key; NULL when there is none. */
const struct ladder *model__ladder(const struct model *m, uint64_t proc, enum ladder_purpose purpose);
/* Ladders that were not kept because there were too many. */
uint64_t model__ladders_left_out(const struct model *m);

#endif
