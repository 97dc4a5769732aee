/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_FINDINGS_H
#define GOENVBPF_OUTPUT_FINDINGS_H
/* Findings, the verdict over them and the rules, as text for people. */
#include "rules/verdict.h"
#include "util/str.h"

struct page;

/* One finding: what was found, where, and what to do. */
void findings__add(struct page *p, const struct finding *f);
/* What could not be evaluated, by what is missing. */
void findings__add_open(struct page *p, const struct not_evaluated *open, size_t n);

/* Each is 0 or -ENOMEM. */
int check__text(const struct model *m, const struct verdict *v, const char *name, bool color, size_t width,
		struct str *out);
int rules__text(bool color, size_t width, struct str *out);
int rule__text(const struct rule *r, bool color, size_t width, struct str *out);

#endif
