/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_REPORT_H
#define GOENVBPF_ANSWERS_REPORT_H
/* The answer of "goenvbpf report": all that a record tells, and whether that is all. */
#include "answers/answer.h"

extern const struct object report_object;

/* The answer as one line of JSON; 0 or -ENOMEM. The model must be of MODEL_ALL. */
int report__json(const struct model *m, struct str *out);

#endif
