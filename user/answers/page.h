/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_PAGE_H
#define GOENVBPF_ANSWERS_PAGE_H
/*
 * What the review page shows beside the events: the report with every setting, the comparison with a
 * baseline, the processes, and what the words mean.
 */
#include "answers/answer.h"
#include "answers/diff.h"

struct page_data {
	const char *name;		/* of the record */
	const char *baseline;		/* its name; NULL: there is none */
	const struct diff_answer *diff;	/* since the baseline; NULL */
};

extern const struct object page_object;	/* of a struct page_data; its choice is a struct env_view */

/* As one line of JSON; 0 or -ENOMEM. */
int page__json(const struct model *m, const struct page_data *data, struct str *out);

#endif
