/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tokens in paths. There are millions of paths and hardly a token in one, so sixteen bytes are
 * looked at at once: elements shorter than any token are stepped over, as Boyer and Moore do, and
 * in longer ones (hashes) only the starts of words are asked for.
 */
#include <stdint.h>

#include "record/redact_tables.h"
#include "record/redact_text.h"

typedef unsigned char bytes16 __attribute__((vector_size(16)));

struct halves {
	uint64_t low, high;	/* of a comparison: 0xff for each byte that is alike */
};

_Static_assert(TOKEN_MIN >= sizeof(bytes16), "elements of this length are stepped over");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the last byte is the highest one");

static inline bytes16 load(const char *s)
{
	bytes16 x;

	memcpy(&x, s, sizeof(x));
	return x;
}

static inline struct halves halves(bytes16 x)
{
	struct halves h;

	memcpy(&h, &x, sizeof(h));
	return h;
}

/* Index of the last '/' of sixteen bytes, or -1. */
static inline int last_slash(const char *s)
{
	struct halves h = halves((bytes16)(load(s) == '/'));

	if (h.high)
		return 15 - __builtin_clzll(h.high) / 8;
	return h.low ? 7 - __builtin_clzll(h.low) / 8 : -1;
}

static inline bool is_name_char(unsigned char c)
{
	return byte_kinds[c] & BYTE_NAME;
}

static inline bool are_name_chars(const char *s, bool *ret_joint)
{
	bytes16 x = load(s), joint = (bytes16)((x == '-') | (x == '_'));
	struct halves h = halves((bytes16)((x - '0' < 10) | ((x | 0x20) - 'a' < 26)) | joint);
	struct halves j = halves(joint);

	*ret_joint = j.low | j.high;
	return (h.low & h.high) == UINT64_MAX;
}

/* A token behind '-' or '_' in s[i] to s[end - 1]. */
static bool has_inside(const char *s, size_t n, size_t i, size_t end)
{
	for (; i < end && n - i > TOKEN_MIN; i++)
		if (is_in("-_", s[i]) && byte_kinds[(unsigned char)s[i + 1]] & BYTE_STARTS &&
		    token__inside(s + i + 1, n - i - 1))
			return true;
	return false;
}

/* [i, end) is one element. */
static bool element_has_token(const char *s, size_t n, size_t i, size_t end)
{
	size_t from, word;
	bool joint;

	while (end - i >= TOKEN_MIN) {
		if (byte_kinds[(unsigned char)s[i]] & BYTE_STARTS &&
		    token__len(s + i, n - i, &from))
			return true;
		for (; end - i >= sizeof(bytes16) && are_name_chars(s + i, &joint);
		     i += sizeof(bytes16))
			if (joint && has_inside(s, n, i, i + sizeof(bytes16)))
				return true;
		for (word = i; i < end && is_name_char(s[i]); i++)
			;
		if (has_inside(s, n, word, i))
			return true;
		while (i < end && !is_name_char(s[i]))
			i++;
	}
	return false;
}

bool path__has_token(const char *s, size_t n)
{
	size_t from = 0, end;
	const char *p;
	int slash;

	token__set_up();
	while (n - from >= TOKEN_MIN) {
		slash = last_slash(s + from);
		if (slash >= 0) {
			from += slash + 1;
			continue;
		}
		p = memchr(s + from + TOKEN_MIN, '/', n - from - TOKEN_MIN);
		end = p ? (size_t)(p - s) : n;
		if (element_has_token(s, n, from, end))
			return true;
		if (!p)
			return false;
		from = end + 1;
	}
	return false;
}
