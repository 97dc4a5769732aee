/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values that are lists: GOPROXY and its like, GOAUTH. */
#include "record/redact_text.h"

/* One item of a list: a URL, a word like "direct", a host, or something not understood. */
static void url_item(struct cuts *c, struct view v)
{
	const char *sep = memmem(v.s, v.n, "://", 3);
	size_t auth = 0, start;

	text__scan(c, v, 0);
	if (!sep) {
		if (memchr(v.s, '@', v.n))
			cuts__mark(c, v, 0, v.n);
		return;
	}
	start = sep + 3 - v.s;
	while (start + auth < v.n && !is_in("/?#", v.s[start + auth]))
		auth++;
	/* A separator of the list inside a password cuts the URL before its '@'. */
	if (sep == v.s || (!memchr(v.s, '@', v.n) && url__has_odd_port(v.s + start, auth)))
		cuts__mark(c, v, 0, v.n);
}

void lists__urls(struct cuts *c, struct view v)
{
	size_t i, from = 0;

	for (i = 0; i <= v.n; i++) {
		if (i < v.n && !is_in(",| \t\n", v.s[i]))
			continue;
		if (i > from)
			url_item(c, view__part(v, from, i));
		from = i + 1;
	}
}

/* "off", "netrc", "git DIR" or a command; only the first word of the known ones is said. */
static void auth_item(struct cuts *c, struct view v)
{
	static const char *const methods[] = { "off", "netrc", "git" };
	size_t i, len, from = 0, word;

	while (from < v.n && is_in(" \t", v.s[from]))
		from++;
	for (word = from; word < v.n && !is_in(" \t", v.s[word]); word++)
		;
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		len = strlen(methods[i]);
		if (word - from != len || memcmp(v.s + from, methods[i], len))
			continue;
		cuts__mark(c, v, word + 1, v.n > word ? v.n : word);
		return;
	}
	cuts__mark(c, v, from, v.n);
}

void lists__goauth(struct cuts *c, struct view v)
{
	size_t i, from = 0;

	for (i = 0; i <= v.n; i++) {
		if (i < v.n && v.s[i] != ';')
			continue;
		auth_item(c, view__part(v, from, i));
		from = i + 1;
	}
}
