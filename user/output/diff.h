/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_DIFF_H
#define GOENVBPF_OUTPUT_DIFF_H
/* Causes of rebuilds, for people. */
#include "answers/diff.h"
#include "output/page.h"

/* Appends the page; 0 or -ENOMEM. new NULL: of one record, old. */
int diff__text(const struct diff_answer *d, const char *old, const char *new, bool color, size_t width,
	       struct str *out);
/* diff_changes.c: its sections about what else differs. */
void diff__add_changes(struct page *p, const struct changes *c);
/* What "report --baseline" and "check --baseline" add: a section with the causes, if there are any. */
int diff__add_section(struct model *old, struct model *new, bool color, size_t width, struct str *out);

#endif
