/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists and maps of foreign bytes in a record line: arguments, variables, settings, tags. */
#include "record/line.h"
#include "record/line_parts.h"
#include "record/redact.h"

#define MAX_ENV_NAME 256

/*
 * Arrays and objects whose items may be invalid UTF-8: beside them goes <key>_hex, an array with
 * null for each valid item, or an object of the invalid ones. It is collected in l->hex meanwhile.
 */
struct twin {
	struct json j;
	bool is_array;
	bool used;
};

static void twin_begin(struct line *l, struct twin *t, bool is_array)
{
	*t = (struct twin){ .is_array = is_array };
	str__cut(&l->hex, 0);
	json__init(&t->j, &l->hex);
	if (is_array)
		json__arr(&t->j);
	else
		json__obj(&t->j);
}

/* Writes the scratch bytes as the next value. name: the member's, in an object. */
static void twin_value(struct line *l, struct twin *t, const char *name, size_t name_n,
		       const char *bytes, size_t n)
{
	__free_str struct str hex = {};

	if (json__bytes(&l->j, bytes, n)) {
		if (t->is_array)
			json__null(&t->j);
		return;
	}
	t->used = true;
	str__addhex(&hex, bytes, n);
	if (!t->is_array)
		json__key_bytes(&t->j, name, name_n);
	json__bytes(&t->j, hex.s, hex.len);
	l->hex.oom |= hex.oom;
}

static void twin_end(struct line *l, struct twin *t, const char *key)
{
	__free_str struct str name = {};

	if (!t->used)
		return;
	json__end(&t->j);
	line__hex_key(l, key, &name);
	json__raw(&l->j, l->hex.s, l->hex.len);
}

/* False when there was no room for it. */
static bool put_arg(struct line *l, struct redact_argv *a, struct twin *t, const char *arg,
		    size_t n)
{
	str__cut(&l->args, 0);
	l->redactions += redact__arg(a, arg, n, &l->args);
	if (!line__has_room(l, l->args.s, l->args.len))
		return false;
	twin_value(l, t, NULL, 0, l->args.s, l->args.len);
	return true;
}

static void put_marker(struct line *l)
{
	json__str(&l->j, REDACTED);
	l->redactions++;
}

void line__args(struct line *l, const char *block, size_t n)
{
	struct redact_argv a = {};
	const char *p = block ?: "", *end = p + n, *nul;
	struct twin t;

	twin_begin(l, &t, true);
	json__key(&l->j, "args");
	json__arr(&l->j);
	for (; p < end; p = nul + 1) {
		nul = memchr(p, '\0', end - p);
		if (!nul) {
			put_marker(l);
			json__null(&t.j);
			line__incomplete(l, "args");
			break;
		}
		if (!put_arg(l, &a, &t, p, nul - p)) {
			line__incomplete(l, "args");
			break;
		}
	}
	json__end(&l->j);
	twin_end(l, &t, "args");
}

void line__argv(struct line *l, const char *key, char *const *argv)
{
	struct redact_argv a = {};
	struct twin t;

	twin_begin(l, &t, true);
	json__key(&l->j, key);
	json__arr(&l->j);
	for (; *argv; argv++) {
		if (!put_arg(l, &a, &t, *argv, strlen(*argv))) {
			line__incomplete(l, key);
			break;
		}
	}
	json__end(&l->j);
	twin_end(l, &t, key);
}

/* One "NAME=value" string of a block; name is "" when it has no "=". */
struct pair {
	const char *name, *value;
	size_t name_n, value_n;
	bool is_cut;
};

static bool next_pair(const char **p, const char *end, struct pair *ret)
{
	const char *nul, *eq, *s = *p;

	if (s >= end)
		return false;
	nul = memchr(s, '\0', end - s);
	ret->is_cut = !nul;
	nul = nul ? nul : end;
	eq = memchr(s, '=', nul - s);
	ret->name = s;
	ret->name_n = eq ? (size_t)(eq - s) : 0;
	ret->value = eq ? eq + 1 : s;
	ret->value_n = nul - ret->value;
	*p = nul + 1;
	return true;
}

/*
 * A string without "=", or a URL before it, is no variable: nothing says that it is not a secret.
 */
static bool is_sound_name(const struct pair *v)
{
	size_t i;

	for (i = 0; i < v->name_n; i++)
		if (strchr("/@: \t\n", v->name[i]))
			return false;
	return v->name_n && v->name_n <= MAX_ENV_NAME &&
	       !redact__path_is_suspect(v->name, v->name_n);
}

static void put_env_values(struct line *l, const char *block, const char *end)
{
	bool seen[REDACT_ENV_MAX] = {};
	struct pair v;
	struct twin t;
	int id;

	twin_begin(l, &t, false);
	json__key(&l->j, "env");
	json__obj(&l->j);
	while (next_pair(&block, end, &v)) {
		id = redact__env_allowed(v.name, v.name_n);
		/* Of two equal names Go and getenv(3) take the first. */
		if (v.is_cut || id < 0 || seen[id])
			continue;
		seen[id] = true;
		str__cut(&l->args, 0);
		l->redactions += redact__env_value(v.name, v.name_n, v.value, v.value_n, &l->args);
		if (!line__has_room(l, l->args.s, l->args.len)) {
			line__incomplete(l, "env");
			continue;
		}
		json__key_bytes(&l->j, v.name, v.name_n);
		twin_value(l, &t, v.name, v.name_n, l->args.s, l->args.len);
	}
	json__end(&l->j);
	twin_end(l, &t, "env");
}

void line__env(struct line *l, const char *block, size_t n)
{
	const char *p = block ?: "", *end = p + n;
	struct pair v;
	struct twin t;

	put_env_values(l, p, end);
	twin_begin(l, &t, true);
	json__key(&l->j, "env_names");
	json__arr(&l->j);
	while (next_pair(&p, end, &v)) {
		if (v.is_cut)
			line__incomplete(l, "env");
		if (!line__has_room(l, v.name, v.name_n)) {
			line__incomplete(l, "env");
			break;
		}
		if (!is_sound_name(&v)) {
			put_marker(l);
			json__null(&t.j);
		} else if (v.is_cut || redact__env_allowed(v.name, v.name_n) < 0) {
			twin_value(l, &t, NULL, 0, v.name, v.name_n);
		}
	}
	json__end(&l->j);
	twin_end(l, &t, "env_names");
}

void line__settings(struct line *l, const char *block, size_t n)
{
	const char *p = block ?: "", *end = p + n;
	struct pair v;
	struct twin t;

	twin_begin(l, &t, false);
	json__key(&l->j, "settings");
	json__obj(&l->j);
	while (next_pair(&p, end, &v)) {
		if (v.is_cut || !is_sound_name(&v)) {
			line__incomplete(l, "settings");
			continue;
		}
		str__cut(&l->args, 0);
		l->redactions += redact__setting(v.name, v.name_n, v.value, v.value_n, &l->args);
		if (!line__has_room(l, l->args.s, l->args.len)) {
			line__incomplete(l, "settings");
			continue;
		}
		json__key_bytes(&l->j, v.name, v.name_n);
		twin_value(l, &t, v.name, v.name_n, l->args.s, l->args.len);
	}
	json__end(&l->j);
	twin_end(l, &t, "settings");
}

void line__tags(struct line *l, const char *block, size_t n)
{
	const char *p = block ?: "", *end = p + n;
	unsigned int in_name;
	struct pair v;

	json__key(&l->j, "tags");
	json__obj(&l->j);
	while (next_pair(&p, end, &v)) {
		str__cut(&l->args, 0);
		in_name = redact__text(v.name, v.name_n, &l->args);
		l->redactions += in_name;
		json__key_bytes(&l->j, l->args.s, l->args.len);
		str__cut(&l->args, 0);
		if (in_name) {	/* "https://h/?key" is no name: what follows belongs to it */
			put_marker(l);
			continue;
		}
		l->redactions += redact__setting(v.name, v.name_n, v.value, v.value_n, &l->args);
		json__bytes(&l->j, l->args.s, l->args.len);
	}
	json__end(&l->j);
}
