/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text for people: escapes, columns, paths, numbers. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output/text.h"

#define HASH_SHOWN 12

bool text__is_screen(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !(term && str_eq(term, "dumb"));
}

void text__screen_size(int fd, size_t *ret_rows, size_t *ret_columns)
{
	struct winsize size = {};

	(void)ioctl(fd, TIOCGWINSZ, &size);	/* else it stays empty */
	*ret_rows = size.ws_row ?: 24;
	*ret_columns = size.ws_col ?: 80;
}

bool text__wants_color(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return text__is_screen(fileno(out)) && !(no_color && *no_color);
}

size_t text__columns(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col < 60 ? 60 : size.ws_col > 160 ? 160 : size.ws_col;
}

void text__tone(struct str *out, bool color, enum tone tone, const char *s)
{
	static const char *const codes[] = {
		[TONE_PLAIN]  = NULL,
		[TONE_DIM]    = "\033[2m",
		[TONE_STRONG] = "\033[1m",
		[TONE_GOOD]   = "\033[32m",
		[TONE_WARN]   = "\033[33m",
		[TONE_BAD]    = "\033[1;31m",
	};

	if (!color || !codes[tone]) {
		str__adds(out, s);
		return;
	}
	str__adds(out, codes[tone]);
	str__adds(out, s);
	str__adds(out, "\033[0m");
}

/* The sequence at s as a code point, *ret_len bytes long; -1 when it is not UTF-8. */
static int32_t decode(const unsigned char *s, size_t n, size_t *ret_len)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	int32_t c = s[0];

	*ret_len = 1;
	if (len == 1)
		return c;
	if (n < len || !utf8__is_valid(s, len))
		return -1;
	c &= 0x7f >> len;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	*ret_len = len;
	return c;
}

struct range {
	int32_t from, to;
};

static bool is_among(const struct range *ranges, size_t n, int32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

/*
 * Characters that move the cursor, start a control sequence or turn the direction of text; and those
 * that are not seen at all, with which two names would look the same.
 */
static bool is_unsafe(int32_t c)
{
	static const struct range unsafe[] = {
		{ 0x00, 0x1f },       { 0x7f, 0x9f },	    { 0xad, 0xad },
		{ 0x034f, 0x034f },   { 0x061c, 0x061c },   { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	return is_among(unsafe, ARRAY_SIZE(unsafe), c);
}

/* Marks above and below a letter: no writing needs more than two, and many cover what is near. */
#define MAX_MARKS 2

static bool is_mark(int32_t c)
{
	static const struct range marks[] = {
		{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x1ab0, 0x1aff },
		{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
	};

	return is_among(marks, ARRAY_SIZE(marks), c);
}

static void add_escape(struct str *out, int32_t c)
{
	if (c == '\n')
		str__adds(out, "\\n");
	else if (c == '\t')
		str__adds(out, "\\t");
	else if (c < 0x80)
		str__addf(out, "\\x%02x", (unsigned int)c);
	else
		str__addf(out, "\\u%04x", (unsigned int)c);
}

void text__safe(struct str *out, const char *bytes, size_t n)
{
	const unsigned char *s = (const unsigned char *)bytes;
	unsigned int marks = 0;
	size_t len;
	int32_t c;

	for (size_t i = 0; i < n; i += len) {
		c = decode(s + i, n - i, &len);
		marks = c >= 0x300 && is_mark(c) ? marks + 1 : 0;
		if (c < 0)
			str__addf(out, "\\x%02x", s[i]);
		else if ((c < ' ' || c >= 0x7f) && (marks > MAX_MARKS || is_unsafe(c)))
			add_escape(out, c);
		else
			str__add(out, s + i, len);
	}
}

size_t text__width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void text__pad(struct str *out, size_t from, size_t width)
{
	size_t have = out->s && out->len > from ? text__width(out->s + from) : 0;

	for (; have < width; have++)
		str__addc(out, ' ');
}

/* The last width columns of s. */
static const char *tail(const char *s, size_t width)
{
	const char *p = s + strlen(s);

	while (p > s && width) {
		p--;
		width -= ((unsigned char)*p & 0xc0) != 0x80;
	}
	return p;
}

void text__fit(struct str *out, const char *s, size_t width)
{
	size_t head = strcspn(s, " ") + 1;
	const char *rest, *slash;

	if (text__width(s) <= width) {
		str__adds(out, s);
		return;
	}
	if (!s[head - 1] || head + 4 > width)
		head = 0;
	rest = tail(s + head, width - head - 1);
	slash = strchr(rest, '/');
	if (slash && slash[1] && strlen(slash) > width / 3)
		rest = slash;	/* a whole element reads better than the end of one */
	str__add(out, s, head);
	str__adds(out, "…");
	str__adds(out, rest);
}

void text__cut(struct str *s, size_t width)
{
	size_t n = 0, at = 0;

	if (!s->s || text__width(s->s) <= width)
		return;
	for (; s->s[at]; at++) {
		n += ((unsigned char)s->s[at] & 0xc0) != 0x80;
		if (n == width)
			break;
	}
	str__cut(s, at);
	str__adds(s, "…");
}

void text__arg(struct str *out, const char *arg)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "%+,-./:=@_^~";

	if (*arg && !arg[strspn(arg, plain)]) {
		str__adds(out, arg);
		return;
	}
	str__addc(out, '\'');
	for (const char *p = arg; *p;) {
		size_t n = strcspn(p, "'");

		text__safe(out, p, n);
		p += n;
		if (*p) {
			str__adds(out, "'\\''");
			p++;
		}
	}
	str__addc(out, '\'');
}

void text__path(struct str *out, const struct roots *r, const char *path)
{
	const char *rest, *hash;
	enum root root = roots__find(r, path, &rest);
	char which;

	if (root != ROOT_CNT)
		str__adds(out, root__name(root));
	hash = cache_entry__hash(rest, &which);
	if (hash) {
		text__safe(out, rest, hash - rest + HASH_SHOWN);
		str__adds(out, "…");
		rest = hash + CACHE_HASH_LEN;
	}
	text__safes(out, rest);
}

void text__count(struct str *out, uint64_t n)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			str__addc(out, ',');
		str__addc(out, digits[i]);
	}
}

void text__plural(struct str *out, uint64_t n, const char *one, const char *many)
{
	text__count(out, n);
	str__addc(out, ' ');
	str__adds(out, n == 1 ? one : many);
}

void text__duration(struct str *out, int64_t ns)
{
	if (ns < 1000000)
		str__addf(out, "%lld us", (long long)(ns / 1000));
	else if (ns < 10000000)
		str__addf(out, "%.1f ms", ns / 1e6);
	else if (ns < 1000000000)
		str__addf(out, "%lld ms", (long long)(ns / 1000000));
	else if (ns < 60000000000)
		str__addf(out, "%.2f s", ns / 1e9);
	else
		str__addf(out, "%lld min %02lld s", (long long)(ns / 60000000000),
			  (long long)(ns / 1000000000 % 60));
}

void text__size(struct str *out, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = bytes;
	int u = -1;

	for (; v >= 1024 && u < (int)ARRAY_SIZE(units) - 1; u++)
		v /= 1024;
	if (u < 0)
		str__addf(out, "%llu B", (unsigned long long)bytes);
	else
		str__addf(out, "%.1f %s", v, units[u]);
}
