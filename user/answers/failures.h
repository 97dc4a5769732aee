/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_FAILURES_H
#define GOENVBPF_ANSWERS_FAILURES_H
/*
 * Which programs failed, and the likely reason of each, for data and pages alike: of a chain of processes that
 * failed because of one another the deepest one.
 */
#include "model/effects/effects.h"
#include "model/failures/failures.h"
#include "model/process.h"
#include "rules/rules.h"

struct told_failure {
	const struct process *p;
	const struct refusal *refused;	/* the first thing that it was refused; NULL: nothing was */
	struct failure why;		/* REASON_NONE: a finding or a refusal says more, or nothing tells */
	struct str text;		/* what that is, in words; "" then */
	struct str program;		/* what a person calls it */
};

struct told_failures {
	struct told_failure *list;
	size_t cnt;
};

/* In the order of their start. NULL: out of memory. */
struct told_failures *failures__tell(const struct model *m, const struct findings *f);
void told_failures__free(struct told_failures *t);	/* NULL is fine */

DEFINE_CLEANUP(told_failures, struct told_failures *, told_failures__free);
#define __free_told_failures __cleanup_with(told_failures)

#endif
