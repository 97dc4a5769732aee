/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_TIMELINE_CHOICE_H
#define GOENVBPF_OUTPUT_TIMELINE_CHOICE_H
/*
 * Which lines a timeline shows, and which of them are one; for timeline.c only.
 */
#include "model/process.h"
#include "model/roots.h"
#include "output/timeline.h"

enum choice {
	CHOICE_NO,		/* was not asked for */
	CHOICE_HIDDEN,		/* asked for, but neither configuration nor cache */
	CHOICE_SHOWN,
};

/* p may be NULL */
enum choice timeline_choice__of(const struct timeline_opts *o, const struct rec *rec,
				const struct process *p, const struct roots *r);

/* Two lines of one process become one when they share a value; 0: none. */
struct fold {
	uint64_t value;		/* wherever the first one waits */
	uint64_t adjacent;	/* when no other line of the process is between them */
	bool starts;		/* others may join this line, it joins none */
};

/* result: the line's "open absent" */
struct fold timeline_choice__fold(const struct timeline_opts *o, const struct rec *rec,
				  const struct roots *r, const char *result);

#endif
