/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_DIFF_H
#define GOENVBPF_OUTPUT_DIFF_H
/* Causes of rebuilds, for people. */
#include "output/page.h"
#include "rules/causes.h"

/* Appends the page; 0 or -ENOMEM. */
int diff__text(const struct causes *c, const char *old, const char *new, bool color, struct str *out);
/* What "report --baseline" and "check --baseline" add: a section with the causes, if there are any. */
int diff__add_section(struct model *old, struct model *new, bool color, struct str *out);

#endif
