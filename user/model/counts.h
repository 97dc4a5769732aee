/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_COUNTS_H
#define GOENVBPF_MODEL_COUNTS_H
/*
 * How many lines of each kind there are, and how many of them tell of a failure, by error.
 */
#include "model/model.h"

#define COUNTS_MAX_ERRORS 256	/* more errno values than Linux has; further names share the last */

struct error_count {
	const char *err;	/* "ENOENT" */
	uint64_t count;
};

struct counts {
	uint64_t lines;				/* all, of known kinds */
	uint64_t unknown;			/* of kinds that this version does not know */
	uint64_t by_kind[REC_CNT];
	uint64_t failed_by_kind[REC_CNT];
	struct error_count errors[COUNTS_MAX_ERRORS];
	size_t error_cnt;
};

uint64_t counts__accesses(const struct counts *c);
uint64_t counts__failed_accesses(const struct counts *c);

#endif
