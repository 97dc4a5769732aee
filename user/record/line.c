/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One record line: the place where foreign bytes become valid, clean JSON. */
#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "record/line.h"
#include "record/line_parts.h"
#include "record/redact.h"

#define MAX_EXACT (1ULL << 53)

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

void line__hex_key(struct line *l, const char *key, struct str *name)
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
	line__hex_key(l, key, &name);
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

void line__element(struct line *l, struct json *j, const char *text)
{
	size_t n = strlen(text);

	if (!redact__path_is_suspect(text, n)) {
		json__bytes(j, text, n);
		return;
	}
	str__cut(&l->args, 0);
	l->redactions += redact__path(text, n, &l->args);
	json__bytes(j, l->args.s, l->args.len);
}

void line__member(struct line *l, struct json *j, const char *key, const char *text)
{
	json__key(j, key);
	line__element(l, j, text);
}

/* As strings; without printf, which is most of what a short line costs. */
static void put_number(struct line *l, const char *key, int64_t v)
{
	str__cut(&l->args, 0);
	str__addc(&l->args, '"');
	str__addi(&l->args, v);
	str__addc(&l->args, '"');
	line__raw(l, key, l->args.s, l->args.len);
}

void line__int(struct line *l, const char *key, int64_t v)
{
	if (v >= -(int64_t)MAX_EXACT && v <= (int64_t)MAX_EXACT) {
		json__kint(&l->j, key, v);
		return;
	}
	put_number(l, key, v);
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
	put_number(l, key, ns);
}

void line__device(struct line *l, dev_t dev)
{
	str__cut(&l->args, 0);
	str__addc(&l->args, '"');
	str__addu(&l->args, major(dev));
	str__addc(&l->args, ':');
	str__addu(&l->args, minor(dev));
	str__addc(&l->args, '"');
	line__raw(l, "dev", l->args.s, l->args.len);
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

bool line__has_room(const struct line *l, const char *s, size_t n)
{
	size_t used = l->text.len + l->hex.len;

	return used + 8 * n + 16 <= LINE_ROOM || used + cost(s, n) <= LINE_ROOM;
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
	if (!line__has_room(l, l->args.s, len))
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
