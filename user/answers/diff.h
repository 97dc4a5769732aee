/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_DIFF_H
#define GOENVBPF_ANSWERS_DIFF_H
/* The answer of "goenvbpf diff": what differs between two runs, what was built again, and why. */
#include "answers/answer.h"
#include "rules/causes.h"
#include "rules/changes.h"

struct diff_answer {
	const struct causes *causes;
	const struct changes *changes;
};

extern const struct object diff_object;	/* of a struct diff_answer */

/* The answer as one line of JSON; 0 or -ENOMEM. */
int diff__json(const struct diff_answer *d, struct str *out);

#endif
