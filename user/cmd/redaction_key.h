/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_REDACTION_KEY_H
#define GOENVBPF_CMD_REDACTION_KEY_H
/*
 * --redaction-key FILE: the file's content is the key under which equal secrets get equal marks. The
 * one who can read it is the caller; to the observer of a run it goes as text, never as a path and
 * never on a command line.
 */
#include "util/identity.h"
#include "util/str.h"

/* Reads the file with the owner's rights as hexadecimal digits. 0 or EXIT_FAILED; says why. */
int redaction_key__read(const char *path, const struct identity *owner, struct str *ret_hex);
/* From now on redaction uses it. 0 or EXIT_FAILED; says why. */
int redaction_key__use(const char *hex);

/* A key is not left behind in memory that is free for others. */
void redaction_key__wipe(struct str *hex);

#endif
