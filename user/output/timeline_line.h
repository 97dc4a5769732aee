/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_TIMELINE_LINE_H
#define GOENVBPF_OUTPUT_TIMELINE_LINE_H
/*
 * The words of one timeline line; for timeline.c only.
 */
#include "model/process.h"
#include "output/text.h"

struct line_facts {
	const struct model *model;
	const struct process *process;	/* may be NULL */
	const struct roots *roots;
	bool whole;
};

/*
 * Appends what happened ("open absent") to what and on what it happened to text; *ret_tone says
 * how the line should look.
 */
void timeline_line__words(const struct line_facts *f, const struct rec *rec, struct str *what,
			  struct str *text, enum tone *ret_tone);

#endif
