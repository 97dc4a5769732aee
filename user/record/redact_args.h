/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_ARGS_H
#define GOENVBPF_RECORD_REDACT_ARGS_H
/*
 * Secrets by their place on a command line: behind an option that takes one, behind a secret name,
 * at a position where a program has one; the same in a shell's text and in lists of flags, through
 * quotes in quotes. What running text gives away (redact_text.h) is marked by the caller for the
 * outermost view, and here for each that was decoded from it. Private to user/record.
 */
#include "record/redact.h"
#include "record/redact_cuts.h"
#include "record/redact_tables.h"

/* One argument. */
void args__item(struct cuts *c, struct redact_argv *a, struct view v, unsigned int depth);
/* Words of a shell's text, or of a list of flags. */
void args__words(struct cuts *c, struct view v, bool is_shell, unsigned int depth);
/* A value by its rule. */
void args__apply(struct cuts *c, enum redact_rule rule, struct view v, unsigned int depth);
/* All of a value but the quotes around it. */
void args__mark_all(struct cuts *c, struct view v);
bool args__is_one_of(const char *const *words, size_t cnt, struct view v);
/* echo, printf: what they are given is what they write. */
bool args__is_writer(struct view v);
/* The value of a setting that is given one by name: a variable, or a flag with its dash. */
void args__setting(struct cuts *c, const char *name, size_t n, struct view value,
		   unsigned int depth);

#endif
