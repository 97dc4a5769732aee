/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_LINE_PARTS_H
#define GOENVBPF_RECORD_LINE_PARTS_H
/*
 * What the builders of a line share; for line*.c alone.
 */
#include "record/line.h"

/* Begins the member that has the true bytes of another, <key>_hex; name is scratch. */
void line__hex_key(struct line *l, const char *key, struct str *name);
/* Does the line stay within its limit with that? */
bool line__has_room(const struct line *l, const char *s, size_t n);

#endif
