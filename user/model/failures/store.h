/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_FAILURES_STORE_H
#define GOENVBPF_MODEL_FAILURES_STORE_H
/*
 * The inside of the failures topic, shared by its files.
 */
#include "model/commands.h"
#include "model/failures/failures.h"
#include "util/hash.h"
#include "util/str.h"

#define FAILED_MAX_MISSING	4

struct noted {
	struct str path;
	int64_t ts;
	bool is_program;	/* it was to be run */
};

struct failed {
	uint64_t proc;
	struct noted missing[FAILED_MAX_MISSING];	/* the last ones; emptied when found after all */
	unsigned int next_missing;
	bool has_missing;			/* some of them are not emptied */
	bool is_missing_last;			/* nothing was done with a path since */
	struct noted call;
	const char *err;
	enum rec_kind kind;
	struct noted read[FAILURE_MAX_PATHS];	/* sources and their folders */
	unsigned int next_read;
	struct noted checksum, no_sum, vetted, folder;
	UT_hash_handle hh;
};

/* failures.c: what was noted of a process that ended badly; NULL. */
const struct failed *failures__find(const struct model *m, uint64_t proc);

/* settings.c: a setting that go refuses, or that is nothing it knows. */
bool failure__setting(const struct go_command *c, struct failure *ret);

#endif
