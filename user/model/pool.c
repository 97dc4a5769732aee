/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strings kept once. */
#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/pool.h"

struct pooled {
	UT_hash_handle hh;
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
	if (e)
		return e->s;
	e = calloc(1, sizeof(*e) + n + 1);
	if (!e)
		return NULL;
	memcpy(e->s, s, n);
	HASH_ADD_KEYPTR(hh, p->strings, e->s, n, e);
	if (!hash__has(e)) {
		free(e);
		return NULL;
	}
	return e->s;
}

const char *pool__get(struct pool *p, const char *s)
{
	return s ? pool__get_n(p, s, strlen(s)) : NULL;
}

void pool__free(struct pool *p)
{
	struct pooled *e, *next;

	if (!p)
		return;
	HASH_ITER(hh, p->strings, e, next) {
		HASH_DEL(p->strings, e);
		free(e);
	}
	free(p);
}
