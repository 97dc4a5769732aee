/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One record line: the place where foreign bytes become valid, clean JSON. */
#include <errno.h>
#include <sha2.h>
#include <stdio.h>

#include "record/line.h"
#include "record/redact.h"

#define MAX_EXACT (1ULL << 53)
#define MAX_ENV_NAME 256

void line__begin_plain(struct line *l, enum rec_kind kind)
{
	/* A line that ran out of memory says so in its line__end(); the next one tries again. */
	l->text.oom = l->incomplete.oom = l->hex.oom = l->args.oom = false;
	str__cut(&l->text, 0);
	str__cut(&l->incomplete, 0);
	l->kind = kind;
	l->redactions = 0;
	l->plain_n = 0;
	json__init(&l->j, &l->text);
	json__obj(&l->j);
	json__kstr(&l->j, "k", rec_kind__name(kind));
}

void line__begin(struct line *l, enum rec_kind kind, uint64_t ts, uint32_t pid, uint32_t tid,
		 uint64_t proc)
{
	line__begin_plain(l, kind);
	json__kuint(&l->j, "ts", ts);
	if (pid)
		json__kuint(&l->j, "pid", pid);
	if (tid)
		json__kuint(&l->j, "tid", tid);
	if (proc)
		json__kuint(&l->j, "proc", proc);
}

void line__str(struct line *l, const char *key, const char *text)
{
	if (text)
		json__kstr(&l->j, key, text);
}

static void hex_key(struct line *l, const char *key, struct str *name)
{
	str__adds(name, key);
	str__adds(name, "_hex");
	if (!str__err(name))
		json__key(&l->j, name->s);
	else
		l->text.oom = true;
}

static void put_bytes(struct line *l, const char *key, const char *bytes, size_t n)
{
	__free_str struct str name = {};
	size_t at;

	json__key(&l->j, key);
	at = l->text.len + 1;
	if (json__bytes(&l->j, bytes, n)) {
		l->plain_at = at;
		l->plain_n = l->text.len == at + n + 1 ? n : 0;
		return;
	}
	hex_key(l, key, &name);
	str__cut(&l->hex, 0);
	str__addhex(&l->hex, bytes, n);
	json__bytes(&l->j, l->hex.s, l->hex.len);
}

/*
 * A path is given twice when its program named it whole. The second time it needs no look, and is
 * copied as it was written.
 */
static bool put_again(struct line *l, const char *key, const char *bytes, size_t n)
{
	if (n != l->plain_n || !n || memcmp(l->text.s + l->plain_at, bytes, n))
		return false;
	json__key(&l->j, key);
	if (str__room(&l->text, n + 3))	/* the text may move, but not while it is copied */
		json__raw(&l->j, l->text.s + l->plain_at - 1, n + 2);
	return true;
}

void line__bytes(struct line *l, const char *key, const void *bytes, size_t n)
{
	if (put_again(l, key, bytes, n))
		return;
	if (!redact__path_is_suspect(bytes, n)) {
		put_bytes(l, key, bytes, n);
		return;
	}
	str__cut(&l->args, 0);
	l->redactions += redact__path(bytes, n, &l->args);
	put_bytes(l, key, l->args.s, l->args.len);
}

void line__member(struct line *l, struct json *j, const char *key, const char *text)
{
	size_t n = strlen(text);

	if (!redact__path_is_suspect(text, n)) {
		json__kstr(j, key, text);
		return;
	}
	str__cut(&l->args, 0);
	l->redactions += redact__path(text, n, &l->args);
	json__key(j, key);
	json__bytes(j, l->args.s, l->args.len);
}

void line__int(struct line *l, const char *key, int64_t v)
{
	char text[24];

	if (v >= -(int64_t)MAX_EXACT && v <= (int64_t)MAX_EXACT) {
		json__kint(&l->j, key, v);
		return;
	}
	snprintf(text, sizeof(text), "%lld", (long long)v);
	json__kstr(&l->j, key, text);
}

void line__uint(struct line *l, const char *key, uint64_t v)
{
	char text[24];

	if (v <= MAX_EXACT) {
		json__kuint(&l->j, key, v);
		return;
	}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	json__kstr(&l->j, key, text);
}

void line__time(struct line *l, const char *key, int64_t ns)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)ns);
	line__str(l, key, text);
}

void line__bool(struct line *l, const char *key, bool v)
{
	json__kbool(&l->j, key, v);
}

void line__raw(struct line *l, const char *key, const char *json, size_t n)
{
	json__key(&l->j, key);
	json__raw(&l->j, json, n);
}

/* What bytes take in the line at most: escaped, and what is not UTF-8 in hexadecimal beside it. */
static size_t cost(const char *s, size_t n)
{
	size_t sum = 16, i;
	bool is_ascii = true;

	for (i = 0; i < n; i++) {
		unsigned char c = s[i];

		is_ascii &= c < 0x80;
		sum += c < ' ' || c >= 0x7f ? 6 : c == '"' || c == '\\' ? 2 : 1;
	}
	return sum + (is_ascii ? 0 : 2 * n);
}

static bool has_room(const struct line *l, const char *s, size_t n)
{
	size_t used = l->text.len + l->hex.len;

	return used + 8 * n + 16 <= LINE_ROOM || used + cost(s, n) <= LINE_ROOM;
}

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
	hex_key(l, key, &name);
	json__raw(&l->j, l->hex.s, l->hex.len);
}

/* False when there was no room for it. */
static bool put_arg(struct line *l, struct redact_argv *a, struct twin *t, const char *arg,
		    size_t n)
{
	str__cut(&l->args, 0);
	l->redactions += redact__arg(a, arg, n, &l->args);
	if (!has_room(l, l->args.s, l->args.len))
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
		if (!has_room(l, l->args.s, l->args.len)) {
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
		if (!has_room(l, v.name, v.name_n)) {
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
		if (!has_room(l, l->args.s, l->args.len)) {
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

/* The end of the last line that is whole in the first max bytes. */
static size_t head_len(const char *text, size_t n, size_t max)
{
	size_t len = max;

	if (!max || n <= max)
		return n;
	while (len && text[len - 1] != '\n')
		len--;
	return len;
}

bool line__file(struct line *l, enum config_kind kind, const char *text, size_t n, bool is_whole,
		size_t head_max)
{
	char hash[SHA256_DIGEST_STRING_LENGTH];
	size_t len;

	str__cut(&l->args, 0);
	l->redactions += redact__file(kind, text ?: "", n, &l->args);
	/*
	 * A hash of the file would be one of its secrets: of short ones it is as good as they are.
	 */
	if (is_whole)
		line__str(l, "sha256",
			  SHA256Data((const uint8_t *)(l->args.s ?: ""), l->args.len, hash));
	len = head_len(l->args.s, l->args.len, head_max);
	str__cut(&l->hex, 0);
	if (!has_room(l, l->args.s, len))
		return false;
	put_bytes(l, "text", l->args.s, len);
	return is_whole && len == l->args.len;
}

void line__err(struct line *l, int err)
{
	const char *name;
	char text[16];

	if (err < 0)
		err = err == INT32_MIN ? INT32_MAX : -err;
	name = errno__name(err);
	if (!name) {
		snprintf(text, sizeof(text), "E%d", err);
		name = text;
	}
	json__kstr(&l->j, "err", name);
}

void line__incomplete(struct line *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->incomplete.len; i += strlen(l->incomplete.s + i) + 1)
		if (str_eq(l->incomplete.s + i, name))
			return;
	str__add(&l->incomplete, name, strlen(name) + 1);
}

int line__end(struct line *l)
{
	size_t i;

	if (l->incomplete.len) {
		json__key(&l->j, "incomplete");
		json__arr(&l->j);
		for (i = 0; i < l->incomplete.len; i += strlen(l->incomplete.s + i) + 1)
			json__str(&l->j, l->incomplete.s + i);
		json__end(&l->j);
	}
	json__end(&l->j);
	if (l->text.oom || l->incomplete.oom || l->hex.oom || l->args.oom)
		return -ENOMEM;
	return 0;
}

void line__free(struct line *l)
{
	str__free(&l->text);
	str__free(&l->incomplete);
	str__free(&l->hex);
	str__free(&l->args);
}
