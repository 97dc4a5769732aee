/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Marking places of a text and cutting them out. */
#include <errno.h>
#include <stdlib.h>

#include "record/redact_cuts.h"

struct decoded {
	struct decoded *next;
	struct quote_place at[];	/* n of them, then n bytes */
};

struct view cuts__begin(struct cuts *c, const char *src, size_t n)
{
	c->src = src;
	c->n = n;
	c->all = c->first;
	c->cnt = 0;
	c->cap = ARRAY_SIZE(c->first);
	c->decoded = NULL;
	c->oom = false;
	return (struct view){ src, n, NULL };
}

static bool grow(struct cuts *c)
{
	size_t cap = 2 * c->cap;
	struct cut *all = realloc(c->all == c->first ? NULL : c->all, cap * sizeof(*all));

	if (!all) {
		c->oom = true;
		return false;
	}
	if (c->all == c->first)
		memcpy(all, c->first, sizeof(c->first));
	c->all = all;
	c->cap = cap;
	return true;
}

void cuts__mark(struct cuts *c, struct view v, size_t from, size_t to)
{
	struct cut cut;

	if (from >= to || (c->cnt == c->cap && !grow(c)))
		return;
	cut.from = v.at ? v.at[from].from : v.s + from - c->src;
	cut.to = v.at ? v.at[to - 1].to : v.s + to - c->src;
	cut.value = v.s + from;
	cut.value_n = to - from;
	c->all[c->cnt++] = cut;
}

static int by_place(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to > y->to ? -1 : 1;
	return x->value_n < y->value_n ? -1 : x->value_n > y->value_n;	/* decoded first */
}

/* Cuts that touch become one; its value is that of a cut that covers it, or what stood there. */
static size_t merge(const struct cuts *c, size_t i, struct cut *ret)
{
	struct cut all = c->all[i];

	for (i++; i < c->cnt && c->all[i].from <= all.to; i++) {
		if (c->all[i].to <= all.to)
			continue;
		all.to = c->all[i].to;
		all.value = c->src + all.from;
		all.value_n = all.to - all.from;
	}
	*ret = all;
	return i;
}

static unsigned int put(const struct cuts *c, struct str *out)
{
	unsigned int markers = 0;
	size_t i = 0, done = 0;
	struct cut cut;

	while (i < c->cnt) {
		i = merge(c, i, &cut);
		str__add(out, c->src + done, cut.from - done);
		redact__put_marker(cut.value, cut.value_n, out);
		done = cut.to;
		markers++;
	}
	str__add(out, c->src + done, c->n - done);
	return markers;
}

unsigned int cuts__end(struct cuts *c, struct str *out)
{
	struct decoded *d, *next;
	unsigned int markers = 0;

	if (c->cnt > 1)
		qsort(c->all, c->cnt, sizeof(c->all[0]), by_place);
	/* With a mark missing nothing at all may be written. */
	if (c->oom)
		out->oom = true;
	else
		markers = put(c, out);
	if (c->all != c->first)
		free(c->all);
	for (d = c->decoded; d; d = next) {
		next = d->next;
		free(d);
	}
	return markers;
}

/* Room for n decoded bytes and their places; NULL when memory ran out. */
static struct quote_place *room(struct cuts *c, size_t n, char **ret_bytes)
{
	struct decoded *d = malloc(sizeof(*d) + n * (sizeof(d->at[0]) + 1));

	if (!d) {
		c->oom = true;
		return NULL;
	}
	d->next = c->decoded;
	c->decoded = d;
	*ret_bytes = (char *)(d->at + n);
	return d->at;
}

/* Places in the view become places in the source. */
static void resolve(const struct cuts *c, struct view v, struct quote_place *at, size_t n)
{
	size_t i, base = v.at ? 0 : v.s - c->src;

	for (i = 0; i < n; i++) {
		at[i].from = v.at ? v.at[at[i].from].from : at[i].from + base;
		at[i].to = v.at ? v.at[at[i].to - 1].to : at[i].to + base;
	}
}

struct view cuts__decode_word(struct cuts *c, struct view v, const struct quote_word *w)
{
	struct view word = view__part(v, w->from, w->to);
	struct quote_place *at;
	char *bytes;
	size_t n;

	if (w->form == QUOTE_PLAIN)
		return word;
	if (w->form == QUOTE_WRAPPED)
		return view__part(word, 1, word.n - 1);
	at = room(c, word.n, &bytes);
	if (!at)
		return (struct view){ v.s, 0, NULL };
	n = quote__decode(word.s, word.n, bytes, at);
	resolve(c, word, at, n);
	return (struct view){ bytes, n, at };
}

int cuts__decode_literal(struct cuts *c, struct view v, struct view *ret, size_t *ret_end)
{
	struct quote_place *at;
	char *bytes;
	size_t n;
	long len;

	at = room(c, v.n, &bytes);
	if (!at)
		return -ENOMEM;
	len = quote__literal(v.s, v.n, bytes, at, &n);
	if (len < 0)
		return len;
	resolve(c, v, at, n);
	*ret = (struct view){ bytes, n, at };
	*ret_end = len;
	return 0;
}
