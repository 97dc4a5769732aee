/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_CHECK_H
#define GOENVBPF_ANSWERS_CHECK_H
/* The answer of "goenvbpf check": the verdict, the findings, and what could not be evaluated. */
#include "answers/answer.h"
#include "rules/verdict.h"

extern const struct object check_object;	/* of a struct verdict */

/* The answer as one line of JSON; 0 or -ENOMEM. */
int check__json(const struct verdict *v, struct str *out);

#endif
