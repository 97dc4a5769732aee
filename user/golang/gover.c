/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go versions as the go command orders them (internal/gover). */
#include <ctype.h>
#include <string.h>

#include "golang/gover.h"
#include "util/str.h"

/* Numbers stay text: they may have any length. */
struct part {
	const char *s;
	size_t n;
};

struct version {
	struct part major, minor, patch, kind, pre;
};

static const struct part zero = { "0", 1 };

/* A decimal number without needless zeros before it. */
static bool cut_int(const char **s, struct part *ret)
{
	size_t n = strspn(*s, "0123456789");

	if (!n || (**s == '0' && n > 1))
		return false;
	*ret = (struct part){ *s, n };
	*s += n;
	return true;
}

static int compare_text(struct part x, struct part y)
{
	const size_t n = x.n < y.n ? x.n : y.n;
	const int c = n ? memcmp(x.s, y.s, n) : 0;

	if (c)
		return c < 0 ? -1 : 1;
	return x.n < y.n ? -1 : x.n > y.n;
}

static int compare_int(struct part x, struct part y)
{
	if (x.n != y.n)
		return x.n < y.n ? -1 : 1;
	return compare_text(x, y);
}

/* "rc1": what follows the minor version without a dot. */
static bool parse_prerelease(const char *s, struct version *v)
{
	size_t n = 0;

	while (islower((unsigned char)s[n]))
		n++;
	if (!n || (s[n] && !isdigit((unsigned char)s[n])))
		return false;
	v->kind = (struct part){ s, n };
	s += n;
	return !*s || (cut_int(&s, &v->pre) && !*s);
}

static bool parse_minor(const char *s, struct version *v)
{
	if (*s != '.')
		return false;
	s++;
	if (!cut_int(&s, &v->minor))
		return false;
	if (!*s) {
		if (compare_int(v->minor, (struct part){ "21", 2 }) < 0)
			v->patch = zero;
		return true;
	}
	if (*s != '.')
		return parse_prerelease(s, v);
	s++;
	return cut_int(&s, &v->patch) && !*s;
}

static bool parse(const char *s, struct version *ret)
{
	struct version v = {};
	bool is_valid;

	if (strlen(s) >= GOVER_MAX || !cut_int(&s, &v.major))
		is_valid = false;
	else if (*s)
		is_valid = parse_minor(s, &v);
	else
		is_valid = true;
	if (is_valid && !*s)
		v.minor = v.patch = zero;
	*ret = is_valid ? v : (struct version){};
	return is_valid;
}

int gover__compare(const char *x, const char *y)
{
	struct version a, b;
	int c;

	parse(x, &a);
	parse(y, &b);
	c = compare_int(a.major, b.major);
	c = c ?: compare_int(a.minor, b.minor);
	c = c ?: compare_int(a.patch, b.patch);
	c = c ?: compare_text(a.kind, b.kind);	/* "" < alpha < beta < rc */
	return c ?: compare_int(a.pre, b.pre);
}

bool gover__is_valid(const char *v)
{
	struct version parsed;

	return parse(v, &parsed);
}

bool gover__is_lang(const char *v)
{
	struct version parsed;

	return parse(v, &parsed) && !parsed.patch.n && !parsed.kind.n && !parsed.pre.n;
}

bool gover__of_toolchain(const char *name, char ret[GOVER_MAX])
{
	size_t n;

	if (!str_has_prefix(name, "go") || strpbrk(name, "\\/"))
		return false;
	name += 2;
	n = strcspn(name, " \t-");
	if (n >= GOVER_MAX)
		return false;
	memcpy(ret, name, n);
	ret[n] = '\0';
	return gover__is_valid(ret);
}

/* bytes.TrimSpace */
static struct part trim(struct part p)
{
	while (p.n && isspace((unsigned char)*p.s)) {
		p.s++;
		p.n--;
	}
	while (p.n && isspace((unsigned char)p.s[p.n - 1]))
		p.n--;
	return p;
}

/* "key value // comment" */
static bool parse_key(struct part line, const char *key, struct part *ret)
{
	const size_t n = strlen(key);
	const char *comment;

	if (line.n <= n || memcmp(line.s, key, n) || (line.s[n] != ' ' && line.s[n] != '\t'))
		return false;
	line.s += n;
	line.n -= n;
	comment = memmem(line.s, line.n, "//", 2);
	if (comment)
		line.n = comment - line.s;
	*ret = trim(line);
	return true;
}

bool gover__look_up(const char *text, size_t size, const char *key, const char **ret, size_t *ret_n,
		    unsigned int *ret_line)
{
	const char *end = text + size, *eol;
	unsigned int number = 1;
	struct part value;

	for (; text < end; text = eol + 1, number++) {
		eol = memchr(text, '\n', end - text) ?: end;
		if (!parse_key(trim((struct part){ text, eol - text }), key, &value))
			continue;
		*ret = value.s;
		*ret_n = value.n;
		*ret_line = number;
		return true;
	}
	return false;
}
