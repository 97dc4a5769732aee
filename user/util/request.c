/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options and a command line as one message. */
#include <errno.h>
#include <stdlib.h>

#include "util/request.h"

static void add_pair(struct str *out, const char *name, const char *value)
{
	str__add(out, name, strlen(name) + 1);
	str__add(out, value, strlen(value) + 1);
}

static int add_option(void *ctx, const struct option_row *row, const char *value)
{
	if (!row->local)
		add_pair(ctx, row->name, value);
	return 0;
}

int request__encode(const struct option_group *const *groups, const void *from,
		    const char *const *words, struct str *out)
{
	size_t at = out->len, n;
	int err;

	str__add(out, (char [REQUEST_HEAD]){}, REQUEST_HEAD);
	err = options__each(groups, from, add_option, out);
	for (; !err && *words; words++)
		add_pair(out, "", *words);
	err = err ?: str__err(out);
	if (err)
		return err;
	n = out->len - at - REQUEST_HEAD;
	if (n > REQUEST_MAX)
		return -E2BIG;
	for (int i = 0; i < REQUEST_HEAD; i++)
		out->s[at + i] = n >> 8 * i;
	return 0;
}

int request__length(const unsigned char head[static REQUEST_HEAD], size_t *ret)
{
	uint32_t n = 0;

	for (int i = 0; i < REQUEST_HEAD; i++)
		n |= (uint32_t)head[i] << 8 * i;
	if (n > REQUEST_MAX)
		return -E2BIG;
	*ret = n;
	return 0;
}

static int wrong(struct str *why, const char *what, const char *name)
{
	str__cut(why, 0);
	str__addf(why, "%s '%.100s'", what, name);
	return str__err(why) ?: -EINVAL;
}

static int add_word(struct texts *words, const char *word, size_t *room)
{
	const char **v;

	if (words->cnt == *room) {
		*room = *room ? 2 * *room : 16;
		v = reallocarray(words->v, *room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		words->v = v;
	}
	words->v[words->cnt++] = word;
	return 0;
}

/* The text at *at, which moves behind it; NULL when its end is missing. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at, *nul = memchr(text, '\0', end - text);

	if (!nul)
		return NULL;
	*at = nul + 1;
	return text;
}

static int take_pair(const struct option_group *const *groups, void *into, const char *name,
		     const char *value, struct str *why)
{
	const struct option_row *row = options__find(groups, name);

	if (!row || row->local)
		return wrong(why, "there is no such option:", name);
	return options__set(row, into, value, why);
}

int request__decode(const struct option_group *const *groups, void *into, const char *text, size_t n,
		    struct texts *ret_words, struct str *why)
{
	const char *at = text, *end = text + n, *name, *value;
	struct texts words = {};
	size_t room = 0;
	int err = 0;

	while (!err && at < end) {
		name = next_text(&at, end);
		value = name ? next_text(&at, end) : NULL;
		if (!value)
			err = wrong(why, "a text has no end:", name ?: "");
		else if (!*name)
			err = add_word(&words, value, &room);
		else
			err = take_pair(groups, into, name, value, why);
	}
	err = err ?: options__check(groups, into, why) ?: add_word(&words, NULL, &room);
	if (err) {
		free(words.v);
		return err;
	}
	words.cnt--;	/* the NULL at its end is not a word */
	*ret_words = words;
	return 0;
}
