/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GOENV_H
#define GOENVBPF_GOLANG_GOENV_H
/*
 * The files that hold Go settings: the user's (GOENV) and GOROOT/go.env, read as the go command
 * reads them. Lines are KEY=VALUE; a line without '=' or whose first byte is not A to Z is ignored,
 * nothing is trimmed or unquoted.
 *
 * Lifecycle: goenv__parse() → goenv__find(), the entries → goenv__free().
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"

#define GOENV_MAX_TEXT	(4u << 20)

enum goenv_line {
	GOENV_ENTRY,
	GOENV_COMMENT,		/* starts with '#', or is empty: nobody expects an effect */
	GOENV_NO_EQUALS,	/* ignored: no '=' */
	GOENV_BAD_START,	/* ignored: "export X=", " X=", "goflags=" */
};

struct goenv_entry {
	enum goenv_line kind;
	unsigned int line;	/* from 1 */
	const char *key;	/* for ignored lines the whole line */
	const char *value;	/* up to the line's end; NULL for ignored lines */
};

struct goenv {
	struct goenv_entry *entries;	/* in the file's order, comments left out */
	size_t cnt;
	char *text;
};

/* Copies the text. -EFBIG above GOENV_MAX_TEXT, -ENOMEM. */
int goenv__parse(const char *text, size_t n, struct goenv *ret);
void goenv__free(struct goenv *g);

/*
 * The entry that counts for key, NULL when there is none. In the user's file the last one of
 * several counts, in GOROOT/go.env the first one (is_goroot).
 */
const struct goenv_entry *goenv__find(const struct goenv *g, const char *key, bool is_goroot);

static inline void goenv_cleanup(struct goenv *g)
{
	goenv__free(g);
}
#define __free_goenv __attribute__((cleanup(goenv_cleanup)))

#endif
