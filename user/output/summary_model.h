/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_SUMMARY_MODEL_H
#define GOENVBPF_OUTPUT_SUMMARY_MODEL_H
/* What the summary's topics say alike. */
#include "model/process.h"
#include "model/proof.h"
#include "util/str.h"

/* " (likely, at 0.055 s)" */
void text__proof(struct str *out, const struct proof *p, enum confidence c);
/* The command line, cut where it is long; "(arguments unknown)" */
void text__args(struct str *out, const struct process *p);
/* "go build (pid 5)" */
void text__process(struct str *out, const struct model *m, uint64_t proc);

#endif
