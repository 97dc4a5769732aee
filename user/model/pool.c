/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strings kept once. */
#include <errno.h>

#include "model/pool.h"
#include "util/cleanup.h"
#include "util/hash.h"

struct pooled {
	UT_hash_handle hh;
	size_t users;
	char s[];
};

struct pool {
	struct pooled *strings;
};

struct pool *pool__new(void)
{
	return calloc(1, sizeof(struct pool));
}

const char *pool__get_n(struct pool *p, const char *s, size_t n)
{
	struct pooled *e;

	HASH_FIND(hh, p->strings, s, n, e);
	if (e) {
		e->users++;
		return e->s;
	}
	e = calloc(1, sizeof(*e) + n + 1);
	if (!e)
		return NULL;
	memcpy(e->s, s, n);
	e->users = 1;
	HASH_ADD_KEYPTR(hh, p->strings, e->s, n, e);
	if (e->hh.tbl)
		return e->s;
	free(e);
	return NULL;
}

const char *pool__get(struct pool *p, const char *s)
{
	return s ? pool__get_n(p, s, strlen(s)) : NULL;
}

const char *pool__find(const struct pool *p, const char *s)
{
	struct pooled *e = NULL;

	if (s)
		HASH_FIND(hh, p->strings, s, strlen(s), e);
	return e ? e->s : NULL;
}

void pool__put(struct pool *p, const char *s)
{
	struct pooled *e = s ? container_of(s, struct pooled, s[0]) : NULL;

	if (!e || --e->users)
		return;
	hash_remove(&p->strings, e);
	free(e);
}

int pool__set(struct pool *p, const char **slot, const char *s)
{
	const char *old = *slot;

	*slot = pool__get(p, s);
	pool__put(p, old);
	return s && !*slot ? -ENOMEM : 0;
}

void pool__free(struct pool *p)
{
	if (!p)
		return;
	hash_free(&p->strings, free);
	free(p);
}
