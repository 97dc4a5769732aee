/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_RECORDS_H
#define GOENVBPF_ANSWERS_RECORDS_H
/* The answer of "goenvbpf records": the records of a folder, each in a few words. */
#include "answers/answer.h"
#include "rules/verdict.h"

/* X(id, name) */
#define OUTCOME_LIST(X)					\
	X(OK,		"ok")				\
	X(FAILED,	"failed")			\
	X(UNFINISHED,	"unfinished")			\
	X(UNREADABLE,	"unreadable")

enum outcome {
#define X(id, name) OUTCOME_##id,
	OUTCOME_LIST(X)
#undef X
	OUTCOME_CNT,
};

const char *outcome__name(unsigned int outcome);
/* Of a record that could be read. */
enum outcome outcome__of(const struct model *m);

struct record_entry {
	const char *file;		/* its name in the folder */
	const char *job, *host, *start;	/* NULL: not known */
	const char *continues;		/* the name of the part before; NULL: none */
	uint32_t outcome;		/* enum outcome */
	int64_t duration;		/* ns */
	uint64_t bytes;
	int64_t written;		/* ns since 1970 */
	uint64_t commands;		/* of go */
	uint64_t errors, warnings, notes;	/* findings */
	bool is_complete;
	const char *version;		/* of the goenvbpf that says so */
};

struct record_list {
	struct record_entry *v;
	size_t cnt;
};

extern const struct object record_entry_object, records_object;	/* of a struct record_list */

/* What the model, and the verdict over it, say; texts are the model's. file, bytes and written stay. */
void record_entry__fill(struct record_entry *e, const struct model *m, const struct verdict *v);
/* The same from one line of JSON that was made of it; texts are the tree's. False: it is none. */
bool record_entry__parse(struct record_entry *e, const struct jsonv *line);

#endif
