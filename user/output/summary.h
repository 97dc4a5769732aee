/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_SUMMARY_H
#define GOENVBPF_OUTPUT_SUMMARY_H
/* The pages that a person reads first. The model must be of MODEL_ALL and have seen the whole record. */
#include "model/model.h"
#include "util/str.h"

/* The first screen: the outcome, findings with what to do, and a line each for the rest. As below. */
int first__text(const struct model *m, const char *name, bool color, size_t width, struct str *out);
/* All of it. name: of the record, as it was called. 0 or -ENOMEM. */
int summary__text(const struct model *m, const char *name, bool color, size_t width, struct str *out);

#endif
