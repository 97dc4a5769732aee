/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_DIFF_H
#define GOENVBPF_OUTPUT_DIFF_H
/* Causes of rebuilds, for people. */
#include "output/page.h"
#include "rules/causes.h"

/* Appends the page; 0 or -ENOMEM. */
int diff__text(const struct causes *c, const char *old, const char *new, bool color, struct str *out);
/* What "report --baseline" and "check --baseline" say of it: a section with the causes. */
void diff__add_causes(struct page *p, const struct causes *c);

#endif
