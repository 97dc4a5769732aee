/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* In which line of its text a value stands: the text is walked together with the tree made of it. */
#include <string.h>

#include "util/json.h"

struct walk {
	const char *at, *end;
	unsigned int line;
};

static void skip(struct walk *w, const char *bytes)
{
	for (; w->at < w->end && *w->at && strchr(bytes, *w->at); w->at++)
		w->line += *w->at == '\n';
}

#define BETWEEN " \t\r\n,:"

static void skip_string(struct walk *w)
{
	for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
		w->at += *w->at == '\\';
	w->at++;
}

/* A number or a word, or a string. */
static void skip_scalar(struct walk *w)
{
	if (w->at < w->end && *w->at == '"') {
		skip_string(w);
		return;
	}
	while (w->at < w->end && !strchr(BETWEEN "]}", *w->at))
		w->at++;
}

static unsigned int find(struct walk *w, const struct jsonv *v, const struct jsonv *wanted)
{
	unsigned int line;

	skip(w, BETWEEN);
	if (v == wanted)
		return w->line;
	if (!jsonv__is_obj(v) && !jsonv__is_arr(v)) {
		skip_scalar(w);
		return 0;
	}
	w->at++;
	for (const struct jsonv *i = jsonv__first(v); i; i = jsonv__next(i)) {
		skip(w, BETWEEN);
		if (jsonv__is_obj(v))
			skip_string(w);
		line = find(w, i, wanted);
		if (line)
			return line;
	}
	skip(w, BETWEEN);
	w->at++;
	return 0;
}

unsigned int jsonv__line(const char *text, size_t n, const struct jsonv *root, const struct jsonv *v)
{
	struct walk w = { text, text + n, 1 };

	return find(&w, root, v);
}
