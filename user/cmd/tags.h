/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_TAGS_H
#define GOENVBPF_CMD_TAGS_H
/*
 * Tags of a record, KEY=VALUE: those that are given, and which job this is, by the variables that CI runners
 * set. Names and numbers only: no variable that may hold a secret is in that table.
 */
#include "util/options.h"

/* key: a name, or a tag, whose key counts. NULL: there is none. */
const char *tags__find(const struct texts *tags, const char *key);

/* A list of one's own, whose texts are borrowed, to be freed (.v): that of a verb's options is not to grow. -ENOMEM. */
int tags__copy(const struct texts *from, struct texts *ret);

/* Of a key that has no tag yet; the text is borrowed. -ENOMEM. */
int tags__add(struct texts *tags, const char *tag);

/* What the runner's variables say, as tags__add() does; texts are kept as long as the process. */
int tags__add_ci(struct texts *tags);

#endif
