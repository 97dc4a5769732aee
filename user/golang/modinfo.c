/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The text with which Go describes a build: lines of path, mod, dep, =>, build. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "golang/modinfo.h"
#include "util/str.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t put_utf8(char *out, uint32_t r)
{
	if (r < 0x80) {
		out[0] = r;
		return 1;
	}
	if (r < 0x800) {
		out[0] = 0xc0 | r >> 6;
		out[1] = 0x80 | (r & 0x3f);
		return 2;
	}
	if (r < 0x10000) {
		out[0] = 0xe0 | r >> 12;
		out[1] = 0x80 | (r >> 6 & 0x3f);
		out[2] = 0x80 | (r & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | r >> 18;
	out[1] = 0x80 | (r >> 12 & 0x3f);
	out[2] = 0x80 | (r >> 6 & 0x3f);
	out[3] = 0x80 | (r & 0x3f);
	return 4;
}

/* Digits of \x, \u, \U and octal escapes: value of cnt digits in base 8 or 16, negative when bad. */
static int64_t escape_number(const char *s, size_t n, unsigned int cnt, unsigned int base)
{
	int64_t v = 0;
	unsigned int i;
	int d;

	if (n < cnt)
		return -EBADMSG;
	for (i = 0; i < cnt; i++) {
		d = hex_digit(s[i]);
		if (d < 0 || (unsigned int)d >= base)
			return -EBADMSG;
		v = v * base + d;
	}
	return v;
}

/*
 * The escape after a backslash at s: appends what it stands for and returns how many bytes of s it
 * took. No escape is shorter than its meaning, so that out never overtakes s.
 */
static long unescape(const char *s, size_t n, char *out, size_t *len)
{
	static const char simple[256] = {
		['a'] = '\a', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r',
		['t'] = '\t', ['v'] = '\v', ['\\'] = '\\', ['"'] = '"',
	};
	static const uint8_t digits[256] = { ['x'] = 2, ['u'] = 4, ['U'] = 8 };
	unsigned char c = n ? s[0] : 0;
	int64_t v;

	if (simple[c]) {
		out[(*len)++] = simple[c];
		return 1;
	}
	if (digits[c]) {
		v = escape_number(s + 1, n - 1, digits[c], 16);
		if (v < 0 || v > 0x10ffff || (c != 'x' && v >= 0xd800 && v < 0xe000))
			return -EBADMSG;
		if (c == 'x')
			out[(*len)++] = v;
		else
			*len += put_utf8(out + *len, v);
		return 1 + digits[c];
	}
	v = escape_number(s, n, 3, 8);
	if (v < 0 || v > 255)
		return -EBADMSG;
	out[(*len)++] = v;
	return 3;
}

static long unquote_raw(const char *s, size_t n, char *out, size_t *ret_len)
{
	const char *end = memchr(s + 1, '`', n - 1);
	size_t len = 0;
	const char *p;

	if (!end)
		return -EBADMSG;
	for (p = s + 1; p < end; p++)	/* Go drops carriage returns from raw strings */
		if (*p != '\r')
			out[len++] = *p;
	*ret_len = len;
	return end + 1 - s;
}

long go__unquote(const char *s, size_t n, char *out, size_t *ret_len)
{
	size_t i = 1, len = 0;
	long took;

	if (n < 2 || (s[0] != '"' && s[0] != '`'))
		return -EBADMSG;
	if (s[0] == '`')
		return unquote_raw(s, n, out, ret_len);
	while (i < n && s[i] != '"' && s[i] != '\n') {
		if (s[i] != '\\') {
			out[len++] = s[i++];
			continue;
		}
		took = unescape(s + i + 1, n - i - 1, out, &len);
		if (took < 0)
			return took;
		i += 1 + took;
	}
	if (i == n || s[i] != '"')
		return -EBADMSG;
	*ret_len = len;
	return i + 1;
}

/* Cuts the line at tabs: returns how many columns there are, at most max + 1. */
static size_t split_tabs(char *line, const char **ret, size_t max)
{
	size_t cnt = 0;
	char *tab;

	while (cnt < max) {
		ret[cnt++] = line;
		tab = strchr(line, '\t');
		if (!tab)
			return cnt;
		*tab = '\0';
		line = tab + 1;
	}
	return cnt + 1;
}

static int parse_module(char *line, size_t min, struct go_module *ret)
{
	const char *col[3] = { NULL, NULL, "" };
	size_t cnt = split_tabs(line, col, 3);

	if (cnt < min || cnt > 3)
		return -EBADMSG;
	*ret = (struct go_module){ .path = col[0], .version = col[1], .sum = col[2] };
	return 0;
}

/* What the parser carries from line to line. */
struct state {
	struct modinfo *m;
	struct go_module *last;	/* that a => line would replace */
};

static int parse_path(struct state *st, char *rest)
{
	st->m->path = rest;
	return 0;
}

static int parse_mod(struct state *st, char *rest)
{
	int err = parse_module(rest, 2, &st->m->main);

	if (err)
		return err;
	st->m->has_main = true;
	st->last = &st->m->main;
	return 0;
}

static int parse_dep(struct state *st, char *rest)
{
	struct go_module *dep = &st->m->deps[st->m->dep_cnt];
	int err = parse_module(rest, 2, dep);

	if (err)
		return err;
	st->m->dep_cnt++;
	st->last = dep;
	return 0;
}

static int parse_replace(struct state *st, char *rest)
{
	struct go_module *replace = &st->m->replaces[st->m->replace_cnt];
	int err;

	if (!st->last)
		return -EBADMSG;
	err = parse_module(rest, 3, replace);
	if (err)
		return err;
	st->m->replace_cnt++;
	st->last->replace = replace;
	st->last = NULL;
	return 0;
}

/* Decodes the literal at s into the arena; its length in *ret_len. NULL when it is malformed. */
static const char *decode(struct modinfo *m, const char *s, size_t *ret_len)
{
	char *out = m->unquoted + m->unquoted_len;
	size_t len = 0;
	long took = go__unquote(s, strlen(s), out, &len);

	if (took < 0 || memchr(out, '\0', len))
		return NULL;
	out[len] = '\0';
	m->unquoted_len += len + 1;
	*ret_len = took;
	return out;
}

static bool is_quote(char c)
{
	return c == '"' || c == '`';
}

static int parse_quoted(struct modinfo *m, char *line, struct go_setting *ret)
{
	size_t len = strcspn(line, "=");
	const char *value;

	ret->quoted = line;
	if (is_quote(line[0])) {
		ret->key = decode(m, line, &len);
		if (!ret->key || line[len] != '=')
			return -EBADMSG;
	} else {
		ret->key = memcpy(m->unquoted + m->unquoted_len, line, len);
		m->unquoted_len += len;
		m->unquoted[m->unquoted_len++] = '\0';
	}
	value = line + len + 1;
	ret->value = value;
	if (!is_quote(value[0]))
		return strpbrk(value, " \t\r\"`") ? -EBADMSG : 0;
	ret->value = decode(m, value, &len);
	return ret->value && !value[len] ? 0 : -EBADMSG;
}

static int parse_build(struct state *st, char *rest)
{
	struct go_setting *s = &st->m->settings[st->m->setting_cnt];
	char *eq = strchr(rest, '=');
	int err;

	if (!eq || eq == rest)
		return -EBADMSG;
	if (is_quote(rest[0]) || is_quote(eq[1])) {
		err = parse_quoted(st->m, rest, s);
		if (err)
			return err;
	} else {
		*s = (struct go_setting){ .key = rest, .value = eq + 1 };
		*eq = '\0';
		if (strpbrk(s->value, " \t\r\"`"))
			return -EBADMSG;
	}
	if (!is_quote(rest[0]) && strpbrk(s->key, " \t\r\"`"))
		return -EBADMSG;
	st->m->setting_cnt++;
	return 0;
}

enum { L_PATH, L_MOD, L_DEP, L_REPLACE, L_BUILD, L_CNT };

static const struct {
	const char *prefix;
	int (*parse)(struct state *st, char *rest);
} lines[L_CNT] = {
	[L_PATH]    = { "path\t",  parse_path },
	[L_MOD]     = { "mod\t",   parse_mod },
	[L_DEP]     = { "dep\t",   parse_dep },
	[L_REPLACE] = { "=>\t",    parse_replace },
	[L_BUILD]   = { "build\t", parse_build },
};

static int line_kind(const char *line)
{
	int k;

	for (k = 0; k < L_CNT; k++)
		if (str_has_prefix(line, lines[k].prefix))
			return k;
	return -ENOENT;
}

/* Ten times what any program has; of empty lines there could be millions. */
#define MAX_LINES 131072

/* Sizes the arrays by the lines that there are, so that nothing moves while it is being filled. */
static int allocate(struct modinfo *m, size_t n)
{
	size_t cnt[L_CNT] = { 0 };
	char *line, *end;
	int k;

	for (line = m->text; (end = strchr(line, '\n')); line = end + 1) {
		k = line_kind(line);
		if (k >= 0 && ++cnt[k] > MAX_LINES)
			return -EBADMSG;
	}
	m->deps = calloc(cnt[L_DEP] + 1, sizeof(*m->deps));
	m->replaces = calloc(cnt[L_REPLACE] + 1, sizeof(*m->replaces));
	m->settings = calloc(cnt[L_BUILD] + 1, sizeof(*m->settings));
	/* A decoded literal and its NUL fit into the place of the literal and its quotes. */
	m->unquoted = malloc(n + 2);
	return m->deps && m->replaces && m->settings && m->unquoted ? 0 : -ENOMEM;
}

static int parse_lines(struct modinfo *m)
{
	struct state st = { .m = m };
	char *line, *end;
	int k, err;

	for (line = m->text; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		k = line_kind(line);
		if (k < 0)
			continue;
		err = lines[k].parse(&st, line + strlen(lines[k].prefix));
		if (err)
			return err;
	}
	return 0;
}

int modinfo__parse(char *text, size_t n, struct modinfo *ret)
{
	struct modinfo m = { .text = text, .path = "" };
	int err = memchr(text, '\0', n) ? -EBADMSG : allocate(&m, n);

	if (!err)
		err = parse_lines(&m);
	if (err) {
		modinfo__free(&m);
		return err;
	}
	*ret = m;
	return 0;
}

void modinfo__free(struct modinfo *m)
{
	free(m->deps);
	free(m->replaces);
	free(m->settings);
	free(m->text);
	free(m->unquoted);
	*m = (struct modinfo){};
}
