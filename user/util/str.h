/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_STR_H
#define GOENVBPF_UTIL_STR_H
/*
 * A growing byte string.
 *
 * Lifecycle: zero-initialise, append, use .s/.len, str__free(). .s is always NUL-terminated once
 * something was appended and NULL before; it may hold NUL bytes inside.
 * Running out of memory is sticky: appends turn into no-ops and str__err() says -ENOMEM, so that a
 * builder checks once, at its end.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cleanup.h"

struct str {
	char *s;
	size_t len;
	size_t cap;
	bool oom;
};

void str__free(struct str *s);
static inline int str__err(const struct str *s)
{
	return s->oom ? -12 /* -ENOMEM */ : 0;
}

/* Makes room for extra more bytes and a NUL; false when memory ran out. */
bool str__grow(struct str *s, size_t extra);
static inline bool str__room(struct str *s, size_t extra)
{
	return s->cap - s->len > extra || str__grow(s, extra);
}

static inline void str__add(struct str *s, const void *bytes, size_t n)
{
	if (!str__room(s, n))
		return;
	if (n)	/* memcpy() may not be given NULL even for nothing */
		memcpy(s->s + s->len, bytes, n);
	s->len += n;
	s->s[s->len] = '\0';
}

static inline void str__addc(struct str *s, char c)
{
	str__add(s, &c, 1);
}

static inline void str__adds(struct str *s, const char *text)
{
	str__add(s, text, strlen(text));
}

void str__addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str__addu(struct str *s, uint64_t v);
void str__addi(struct str *s, int64_t v);
void str__addhex(struct str *s, const void *bytes, size_t n);	/* two lower-case digits for each */

/* Cuts to n bytes; the memory is kept. */
void str__cut(struct str *s, size_t n);
/* Gives the bytes away (free() them) and leaves s empty; NULL when memory ran out. */
char *str__steal(struct str *s);

static inline void str_cleanup(struct str *s)
{
	str__free(s);
}
#define __free_str __attribute__((cleanup(str_cleanup)))

static inline bool str_eq(const char *a, const char *b)
{
	return !strcmp(a, b);
}

static inline bool str_has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool str_has_suffix(const char *s, const char *suffix);

#endif
