/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_ENV_H
#define GOENVBPF_RECORD_REDACT_ENV_H
/* The allow-list of variables. Private to user/record. */
#include "record/redact_tables.h"

const struct env_rule *env__find(const char *name, size_t n); /* NULL: its value is not recorded */

#endif
