/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_POOL_H
#define GOENVBPF_MODEL_POOL_H
/*
 * Strings kept once: the paths of programs, directories and packages repeat all over a record.
 *
 * Lifecycle: pool__new() → pool__get() → pool__free(), which ends the life of all its strings. Who
 * keeps a string for less than that gives it back with pool__put(), once for each pool__get().
 * Two strings of one pool are equal exactly when their pointers are.
 */
#include <stddef.h>

struct pool;

struct pool *pool__new(void);				/* NULL: out of memory */
const char *pool__get(struct pool *p, const char *s);	/* NULL: out of memory, or s is NULL */
const char *pool__find(const struct pool *p, const char *s);	/* NULL: it is not kept, or NULL */
const char *pool__get_n(struct pool *p, const char *s, size_t n);
void pool__put(struct pool *p, const char *s);		/* NULL is fine */
/* *slot becomes s (NULL: nothing), what it held is given back. 0 or -ENOMEM: it is NULL then. */
int pool__set(struct pool *p, const char **slot, const char *s);
void pool__free(struct pool *p);

#endif
