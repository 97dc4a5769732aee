/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_CUTS_H
#define GOENVBPF_RECORD_REDACT_CUTS_H
/*
 * One text being redacted: who finds a secret marks its place, and at the end all places are cut
 * out at once. Several readings of one text (as words of a shell, as running text, as a literal
 * inside a literal) can so be held against it independently, and what stays keeps its shape to the
 * byte.
 *
 * Readings see views: a piece of the source itself, or bytes that were decoded from it and know
 * where each of them stands there. Decoding a view gives a view, to REDACT_DEPTH levels; no byte
 * stands in two views of one level, so that the whole is linear.
 *
 * Lifecycle: cuts__begin() → views, cuts__mark() → cuts__end(), once. Private to user/record.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/quote.h"
#include "util/str.h"

#define REDACT_DEPTH 12		/* quotes in quotes; what is deeper goes as a whole */

struct cut {
	uint32_t from, to;	/* of the source */
	uint32_t value_n;
	const char *value;	/* as its program gets it */
};

struct decoded;

struct cuts {
	const char *src;
	size_t n;
	struct cut *all;	/* first, or of the heap */
	size_t cnt, cap;
	struct decoded *decoded;
	bool oom;
	struct cut first[8];
};

struct view {
	const char *s;
	size_t n;
	const struct quote_place *at;	/* NULL: s is a piece of the source */
};

struct view cuts__begin(struct cuts *c, const char *src, size_t n);
void cuts__mark(struct cuts *c, struct view v, size_t from, size_t to);
/*
 * Writes the source without what was marked; returns how many markers. Memory: out's sticky error.
 */
unsigned int cuts__end(struct cuts *c, struct str *out);

static inline struct view view__part(struct view v, size_t from, size_t to)
{
	return (struct view){ v.s + from, to - from, v.at ? v.at + from : NULL };
}

/* A word as its program gets it. An empty view when memory ran out: then cuts__end() says so. */
struct view cuts__decode_word(struct cuts *c, struct view v, const struct quote_word *w);
/* The Go literal at the start of v; 0 and *ret_end behind its closing quote, or -EBADMSG. */
int cuts__decode_literal(struct cuts *c, struct view v, struct view *ret, size_t *ret_end);

/* What stands for a value: "[redacted]", or with eight digits of its HMAC when there is a key. */
void redact__put_marker(const void *value, size_t n, struct str *out);

#endif
