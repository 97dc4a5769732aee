/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_RULES_H
#define GOENVBPF_CMD_RULES_H
/* What verbs that take ids of rules share. */

struct verb;

/* Says that there is no such rule, and which one may be meant; returns EXIT_USAGE. */
int no_such_rule(const struct verb *verb, const char *id);

#endif
