/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_REQUEST_H
#define GOENVBPF_UTIL_REQUEST_H
/*
 * Options and a command line as one message, from a process that was given them to another one that
 * does the work and trusts nobody.
 *
 * After four bytes that say how long the rest is come pairs of texts, each ended by a NUL: the name
 * of an option and its value ("" for a flag), or "" and a word of the command line.
 */
#include "util/options.h"

#define REQUEST_MAX (8 << 20)	/* the kernel's limit for a command line and an environment is 6 MiB */
#define REQUEST_HEAD 4

/* Appends the message; -E2BIG when it is longer than anybody would take. */
int request__encode(const struct option_group *const *groups, const void *from,
		    const char *const *words, struct str *out);

/* The length that REQUEST_HEAD bytes promise; -E2BIG. */
int request__length(const unsigned char head[static REQUEST_HEAD], size_t *ret);

/*
 * Reads what follows the head into *into, whose texts point into text, and ret_words, which the
 * caller frees (.v). Rows that are local are not for a message. -EINVAL with a sentence in why.
 */
int request__decode(const struct option_group *const *groups, void *into, const char *text, size_t n,
		    struct texts *ret_words, struct str *why);

#endif
