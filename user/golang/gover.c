/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go versions, and the choice of a toolchain. */
#include <stdio.h>
#include <stdlib.h>

#include "golang/gomod.h"
#include "golang/gover.h"
#include "util/str.h"

struct part {
	const char *s;
	size_t n;
};

struct version {
	bool is_valid;
	struct part major, minor, patch, kind, pre;
};

static bool take_digits(const char **s, struct part *ret)
{
	size_t n = strspn(*s, "0123456789");

	*ret = (struct part){ *s, n };
	*s += n;
	return n && !(n > 1 && ret->s[0] == '0');
}

static int compare_digits(struct part a, struct part b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.s, b.s, a.n) : 0;
}

/* Before 1.21 a missing patch is the same as .0; since then it is older than release candidates. */
static void set_patch(struct version *v)
{
	if (compare_digits(v->minor, (struct part){ "21", 2 }) < 0)
		v->patch = (struct part){ "0", 1 };
}

static struct version parse(const char *s)
{
	struct version v = {};

	if (!take_digits(&s, &v.major))
		return v;
	if (!*s) {
		v.minor = v.patch = (struct part){ "0", 1 };
		v.is_valid = true;
		return v;
	}
	if (*s++ != '.' || !take_digits(&s, &v.minor))
		return v;
	if (!*s) {
		set_patch(&v);
		v.is_valid = true;
	} else if (*s == '.') {
		s++;
		v.is_valid = take_digits(&s, &v.patch) && !*s;
	} else {
		v.kind = (struct part){ s, strspn(s, "abcdefghijklmnopqrstuvwxyz") };
		s += v.kind.n;
		v.is_valid = v.kind.n && (!*s || (take_digits(&s, &v.pre) && !*s));
	}
	return v;
}

int gover__compare(const char *a, const char *b)
{
	const struct version x = parse(a), y = parse(b);
	size_t n = x.kind.n < y.kind.n ? x.kind.n : y.kind.n;
	int c;

	if (!x.is_valid || !y.is_valid)
		return x.is_valid - y.is_valid;
	c = compare_digits(x.major, y.major) ?: compare_digits(x.minor, y.minor) ?:
	    compare_digits(x.patch, y.patch);
	if (c)
		return c;
	c = n ? memcmp(x.kind.s, y.kind.s, n) : 0;
	return c ?: x.kind.n != y.kind.n ? (x.kind.n < y.kind.n ? -1 : 1) : compare_digits(x.pre, y.pre);
}

bool gover__is_lang(const char *version)
{
	const struct version v = parse(version);

	return v.is_valid && !v.patch.n && !v.kind.n;
}

const char *toolchain__version_in(const char *name, size_t *ret_n)
{
	const char *v = str_has_prefix(name, "go") ? name + 2 : strstr(name, "-go");
	char copy[TOOLCHAIN_MAX_NAME];

	if (!v || strpbrk(name, "\\/"))
		return NULL;
	v += *v == '-' ? strlen("-go") : 0;
	*ret_n = strcspn(v, " \t-");
	if (*ret_n >= sizeof(copy))
		return NULL;
	snprintf(copy, sizeof(copy), "%.*s", (int)*ret_n, v);
	return parse(copy).is_valid ? v : NULL;
}

/* --- the choice --- */

/* These are answered by the go that was called, whatever is set; GOMOD and GOWORK since 1.23. */
static bool is_exempt(const struct toolchain_facts *f)
{
	static const char *const names[] = { "GOTOOLCHAIN", "GOMOD", "GOWORK" };

	if (f->argc < 3 || !str_eq(f->argv[1], "env"))
		return false;
	if (f->argc == 4)
		return str_eq(f->argv[2], "-w") && str_has_prefix(f->argv[3], "GOTOOLCHAIN=");
	for (size_t i = 0; i < ARRAY_SIZE(names) && f->argc == 3; i++)
		if (str_eq(f->argv[2], names[i]))
			return i == 0 || gover__compare(f->local + 2, "1.23") > 0;
	return false;
}

struct minimum {
	char version[TOOLCHAIN_MAX_NAME];
};

static bool set_minimum(struct minimum *min, const char *name)
{
	size_t n;
	const char *v = toolchain__version_in(name, &n);

	if (v)
		snprintf(min->version, sizeof(min->version), "%.*s", (int)n, v);
	return v;
}

/* GOTOOLCHAIN itself; false: malformed. */
static bool by_name(const struct toolchain_facts *f, struct toolchain_choice *c, struct minimum *min)
{
	const char *said = f->gotoolchain, *plus = strchr(said, '+'), *suffix = plus ? plus + 1 : "";
	char name[TOOLCHAIN_MAX_NAME];

	if (str_eq(said, "auto") || str_eq(said, "path"))
		suffix = said;
	else if ((size_t)snprintf(name, sizeof(name), "%.*s", (int)strcspn(said, "+"), said) >= sizeof(name))
		return false;
	else if (!str_eq(name, "local")) {
		if (!set_minimum(min, name))
			return false;
		snprintf(c->name, sizeof(c->name), "%s", name);
		c->reason = TOOLCHAIN_BY_NAME;
	}
	if (plus && !str_eq(suffix, "auto") && !str_eq(suffix, "path"))
		return false;
	c->may_search = true;
	c->may_download = !str_eq(suffix, "path");
	return true;
}

static bool reads_file(const char *said)
{
	const char *plus = strchr(said, '+');

	return plus || str_eq(said, "auto") || str_eq(said, "path");
}

static void by_go_line(const struct gomod_stmt *go, struct toolchain_choice *c, struct minimum *min)
{
	const char *version = go && go->cnt ? go->words[0] : NULL;
	bool is_lang;

	if (!version || gover__compare(version, min->version) <= 0)
		return;
	is_lang = gover__is_lang(version) && gover__compare(version, "1.21") >= 0;
	snprintf(c->name, sizeof(c->name), "go%s%s", version, is_lang ? ".0" : "");
	c->reason = TOOLCHAIN_BY_GO_LINE;
	c->line = go->line;
}

static void by_file(const struct gomod *file, struct toolchain_choice *c, struct minimum *min)
{
	const struct gomod_stmt *t = gomod__find(file, "toolchain", NULL);
	const char *name = t && t->cnt ? t->words[0] : NULL;
	struct minimum asked;

	if (name && str_eq(name, "default"))
		return;
	if (name && (!set_minimum(&asked, name) || strlen(name) >= sizeof(c->name))) {
		c->reason = TOOLCHAIN_INVALID;
		c->line = t->line;
		return;
	}
	if (name && gover__compare(asked.version, min->version) > 0) {
		snprintf(c->name, sizeof(c->name), "%s", name);
		c->reason = TOOLCHAIN_BY_TOOLCHAIN_LINE;
		c->line = t->line;
		*min = asked;
	}
	by_go_line(gomod__find(file, "go", NULL), c, min);
}

void toolchain__choose(const struct toolchain_facts *f, struct toolchain_choice *ret)
{
	struct toolchain_choice c = { .reason = TOOLCHAIN_LOCAL };
	struct minimum min;

	*ret = c;
	if (!set_minimum(&min, f->local) || !*f->gotoolchain || gover__compare(min.version, "1.21") < 0 ||
	    is_exempt(f))
		return;
	if (!by_name(f, &c, &min)) {
		ret->reason = TOOLCHAIN_INVALID;
		return;
	}
	if (f->file && reads_file(f->gotoolchain))
		by_file(f->file, &c, &min);
	/* What it is already needs no switch. */
	if (str_eq(c.name, f->local)) {
		c.reason = TOOLCHAIN_LOCAL;
		c.name[0] = '\0';
	}
	*ret = c;
}
