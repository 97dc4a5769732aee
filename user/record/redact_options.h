/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_OPTIONS_H
#define GOENVBPF_RECORD_REDACT_OPTIONS_H
/*
 * What the tables of redact_programs.c say of a command line as far as it was read. Private to
 * user/record.
 */
#include "record/redact.h"
#include "record/redact_tables.h"

/*
 * A word that is no option: perhaps the program, a subcommand, or at a place where secrets stand.
 */
enum redact_rule options__word(struct redact_argv *a, const char *s, size_t n);
/* The program reads a secret from its input: gh secret set NAME. */
bool options__reads_secret(const struct redact_argv *a);
/* An option by its name, without dashes; RULE_NONE: the tables do not know it. */
enum redact_rule options__named(const struct redact_argv *a, const char *name, size_t n);
/*
 * Letters with one dash, -sSuVALUE: the rule and where the value starts, which is n when it is the
 * next argument. RULE_NONE: nothing known; *ret_from n: the last letter takes a value that is none.
 */
enum redact_rule options__letters(struct redact_argv *a, const char *s, size_t n, size_t *ret_from);
/* A variable of the allow-list, or a name that is secret. */
enum redact_rule options__name(const char *name, size_t n, bool *ret_is_switch);

#endif
