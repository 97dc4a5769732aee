/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The streaming JSON writer: bytes in, one valid value out, nothing allocated per value. */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "json.h"

#define MAX_DEPTH 63

void json__init(struct json *j, struct str *out)
{
	*j = (struct json){ .out = out, .first = 1, .arrays = 1 };
}

/* Everything that starts a value goes through here: it owns the commas. */
static void begin_value(struct json *j)
{
	uint64_t bit = 1ULL << j->depth;

	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (!(j->first & bit))
		str__addc(j->out, ',');
	j->first &= ~bit;
}

static void open_level(struct json *j, char bracket, bool is_array)
{
	begin_value(j);
	assert(j->depth < MAX_DEPTH);
	j->depth++;
	j->first |= 1ULL << j->depth;
	if (is_array)
		j->arrays |= 1ULL << j->depth;
	else
		j->arrays &= ~(1ULL << j->depth);
	str__addc(j->out, bracket);
}

void json__obj(struct json *j)
{
	open_level(j, '{', false);
}

void json__arr(struct json *j)
{
	open_level(j, '[', true);
}

void json__end(struct json *j)
{
	assert(j->depth > 0);
	str__addc(j->out, j->arrays & (1ULL << j->depth) ? ']' : '}');
	j->depth--;
}

void json__key(struct json *j, const char *key)
{
	size_t n = strlen(key);
	char *p;

	begin_value(j);
	j->after_key = true;
	if (!str__room(j->out, n + 3))
		return;
	p = j->out->s + j->out->len;
	p[0] = '"';
	memcpy(p + 1, key, n);
	memcpy(p + 1 + n, "\":", 3);
	j->out->len += n + 3;
}

/*
 * Length of the valid UTF-8 sequence at s, 0 when it is not one. The second byte's range carries
 * the rules against overlong forms, surrogates and values above U+10FFFF (Unicode, table 3-7).
 */
static unsigned int utf8_len(const unsigned char *s, size_t n)
{
	unsigned int len, i;
	unsigned char lo = 0x80, hi = 0xbf;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	if (s[0] == 0xe0)
		lo = 0xa0;
	else if (s[0] == 0xed)
		hi = 0x9f;
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f;
	if (s[1] < lo || s[1] > hi)
		return 0;
	for (i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool utf8__is_valid(const void *bytes, size_t n)
{
	const unsigned char *s = bytes;
	unsigned int len;

	for (; n; s += len, n -= len) {
		len = utf8_len(s, n);
		if (!len)
			return false;
	}
	return true;
}

static void add_escape(struct str *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char short_escapes[256] = {
		['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r',
	};
	char esc[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	if (short_escapes[c]) {
		esc[1] = short_escapes[c];
		str__add(out, esc, 2);
	} else {
		str__add(out, esc, sizeof(esc));
	}
}

/* Bytes that stand for themselves in a JSON string: printable ASCII but the quote and backslash. */
static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

#define EACH(c) (0x0101010101010101ULL * (c))

/*
 * Eight bytes at once, for paths are long and plain. A high bit in the result marks a byte that is
 * not plain; borrows and carries can mark a plain neighbour too, never unmark one. That costs a
 * second look at the bytes, no more.
 */
static inline bool are_plain(const unsigned char *s)
{
	uint64_t x, quote, backslash;

	memcpy(&x, s, sizeof(x));
	quote = x ^ EACH('"');
	backslash = x ^ EACH('\\');
	return !((x | (x - EACH(0x20)) | (x + EACH(1)) | (quote - EACH(1)) | (backslash - EACH(1))) &
		 EACH(0x80));
}

static size_t plain_run(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && are_plain(s + i))
		i += 8;
	while (i < n && is_plain(s[i]))
		i++;
	return i;
}

static bool add_escaped(struct str *out, const unsigned char *s, size_t n)
{
	bool valid = true;
	size_t i = 0, run;
	unsigned int len;

	while (i < n) {
		run = i + plain_run(s + i, n - i);
		if (run > i)
			str__add(out, s + i, run - i);
		i = run;
		if (i == n)
			break;
		len = utf8_len(s + i, n - i);
		if (len > 1) {
			str__add(out, s + i, len);
			i += len;
			continue;
		}
		if (len)
			add_escape(out, s[i]);
		else
			str__add(out, "\\ufffd", 6);
		valid &= len;
		i++;
	}
	return valid;
}

void json__key_bytes(struct json *j, const char *key, size_t n)
{
	begin_value(j);
	str__addc(j->out, '"');
	add_escaped(j->out, (const unsigned char *)key, n);
	str__add(j->out, "\":", 2);
	j->after_key = true;
}

bool json__bytes(struct json *j, const void *bytes, size_t n)
{
	bool valid;

	begin_value(j);
	str__addc(j->out, '"');
	valid = add_escaped(j->out, bytes, n);
	str__addc(j->out, '"');
	return valid;
}

void json__str(struct json *j, const char *s)
{
	if (s)
		json__bytes(j, s, strlen(s));
	else
		json__null(j);
}

void json__int(struct json *j, int64_t v)
{
	begin_value(j);
	str__addi(j->out, v);
}

void json__uint(struct json *j, uint64_t v)
{
	begin_value(j);
	str__addu(j->out, v);
}

void json__double(struct json *j, double v)
{
	if (!isfinite(v)) {
		json__null(j);	/* JSON has no other way to say it */
		return;
	}
	begin_value(j);
	str__addf(j->out, "%.15g", v);
}

void json__bool(struct json *j, bool v)
{
	begin_value(j);
	str__adds(j->out, v ? "true" : "false");
}

void json__null(struct json *j)
{
	begin_value(j);
	str__adds(j->out, "null");
}

void json__raw(struct json *j, const char *text, size_t n)
{
	begin_value(j);
	str__add(j->out, text, n);
}

void json__kstr(struct json *j, const char *key, const char *s)
{
	json__key(j, key);
	json__str(j, s);
}

void json__kint(struct json *j, const char *key, int64_t v)
{
	json__key(j, key);
	json__int(j, v);
}

void json__kuint(struct json *j, const char *key, uint64_t v)
{
	json__key(j, key);
	json__uint(j, v);
}

void json__kbool(struct json *j, const char *key, bool v)
{
	json__key(j, key);
	json__bool(j, v);
}
