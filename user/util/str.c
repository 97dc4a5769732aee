/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A growing byte string. */
#include <stdio.h>

#include "str.h"

void str__free(struct str *s)
{
	free(s->s);
	*s = (struct str){};
}

bool str__grow(struct str *s, size_t extra)
{
	size_t need, cap;
	char *p;

	if (s->oom || __builtin_add_overflow(s->len, extra, &need) ||
	    __builtin_add_overflow(need, 1, &need)) {
		s->oom = true;
		return false;
	}
	if (need <= s->cap)
		return true;
	cap = s->cap * 2 > need ? s->cap * 2 : need;
	if (cap < 64)
		cap = 64;
	p = realloc(s->s, cap);
	if (!p) {
		s->oom = true;
		return false;
	}
	s->s = p;
	s->cap = cap;
	return true;
}

void str__addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !str__room(s, n)) {
		s->oom = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(s->s + s->len, n + 1, fmt, ap);
	va_end(ap);
	s->len += n;
}

void str__addu(struct str *s, uint64_t v)
{
	char digits[20];
	int i = sizeof(digits);

	for (; v >= 100; v /= 100) {	/* half as many divisions: it is done for every event */
		digits[--i] = '0' + v % 10;
		digits[--i] = '0' + v / 10 % 10;
	}
	if (v >= 10)
		digits[--i] = '0' + v % 10;
	digits[--i] = '0' + (v >= 10 ? v / 10 : v);
	str__add(s, digits + i, sizeof(digits) - i);
}

void str__addi(struct str *s, int64_t v)
{
	if (v < 0)
		str__addc(s, '-');
	str__addu(s, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void str__addhex(struct str *s, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;

	if (!str__room(s, 2 * n))
		return;
	for (size_t i = 0; i < n; i++) {
		s->s[s->len++] = digits[p[i] >> 4];
		s->s[s->len++] = digits[p[i] & 15];
	}
	s->s[s->len] = '\0';
}

void str__cut(struct str *s, size_t n)
{
	if (n >= s->len)
		return;
	s->len = n;
	s->s[n] = '\0';
}

char *str__steal(struct str *s)
{
	char *p = s->oom ? NULL : s->s;

	if (s->oom)
		free(s->s);
	*s = (struct str){};
	return p;
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}
