/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Environments, equal ones kept once. */
#include <errno.h>

#include "model/environment.h"
#include "model/topic.h"
#include "record/facts.h"
#include "util/hash.h"

#define MAX_VARS 1024

struct entry {
	struct environment e;
	uint64_t users;
	UT_hash_handle hh;		/* by the bytes of e.vars: names and values are pooled */
	struct variable vars[];
};

struct environments {
	struct entry *all;
	struct entry *incomplete;	/* those that are not whole, apart */
};

/* Go's own begin with the same two letters. */
static inline uint64_t name_bit(const char *name)
{
	unsigned int third = name[0] && name[1] ? (unsigned char)name[2] : 0;

	return 1ULL << (third % 32 + (name[0] == 'G' ? 32 : 0));
}

static int fill(struct model *m, const struct jsonv *obj, struct entry *e)
{
	for (const struct jsonv *v = jsonv__first(obj); v && e->e.cnt < MAX_VARS; v = jsonv__next(v)) {
		struct variable *var = &e->vars[e->e.cnt];

		var->name = pool__get(m->pool, jsonv__name(v));
		var->value = pool__get(m->pool, jsonv__string(v) ?: "");
		if (!var->name || !var->value)
			return -ENOMEM;
		e->e.names |= name_bit(var->name);
		e->e.cnt++;
	}
	return 0;
}

static void destroy(struct model *m, struct entry *e)
{
	for (size_t i = 0; i < e->e.cnt; i++) {
		pool__put(m->pool, e->vars[i].name);
		pool__put(m->pool, e->vars[i].value);
	}
	free(e);
}

const struct environment *model__environment(struct model *m, const struct rec *rec)
{
	const struct jsonv *obj = jsonv__get(rec->root, "env"), *v;
	struct entry *e, *same = NULL, **table;
	size_t n = 0;

	for (v = jsonv__first(obj); v && n < MAX_VARS; v = jsonv__next(v))
		n++;
	e = calloc(1, sizeof(*e) + (n + 1) * sizeof(e->vars[0]));
	if (!e)
		return NULL;
	e->e.vars = e->vars;
	e->e.is_whole = obj && !rec__is_incomplete(rec, "env");
	if (fill(m, obj, e)) {
		destroy(m, e);
		return NULL;
	}
	table = e->e.is_whole ? &m->environments->all : &m->environments->incomplete;
	/* one more than there are, so that the key of an empty one is not empty */
	if (*table)
		HASH_FIND(hh, *table, e->vars, (n + 1) * sizeof(e->vars[0]), same);
	if (same) {
		destroy(m, e);
		same->users++;
		return &same->e;
	}
	e->users = 1;
	HASH_ADD_KEYPTR(hh, *table, e->vars, (n + 1) * sizeof(e->vars[0]), e);
	if (e->hh.tbl)
		return &e->e;
	destroy(m, e);
	return NULL;
}

void model__release_environment(struct model *m, const struct environment *released)
{
	struct entry *e = released ? container_of(released, struct entry, e) : NULL;

	if (!e || --e->users)
		return;
	if (e->e.is_whole)
		hash_remove(&m->environments->all, e);
	else
		hash_remove(&m->environments->incomplete, e);
	destroy(m, e);
}

/* Most differ in one of their first letters, and this is asked for every setting of every tool. */
static inline bool is_name(const char *a, const char *b)
{
	return a[0] == b[0] && (!a[0] || (a[1] == b[1] && (!a[1] || (a[2] == b[2] && str_eq(a, b)))));
}

const char *environment__get(const struct environment *e, const char *name)
{
	if (!e || !(e->names & name_bit(name)))
		return NULL;
	for (size_t i = 0; i < e->cnt; i++)
		if (is_name(e->vars[i].name, name))
			return e->vars[i].value;
	return NULL;
}

const char *environment__get_set(const struct environment *e, const char *name)
{
	const char *value = environment__get(e, name);

	return value && *value ? value : NULL;
}

static int environments__open(struct model *m)
{
	m->environments = calloc(1, sizeof(*m->environments));
	return m->environments ? 0 : -ENOMEM;
}

static void environments__close(struct model *m)
{
	if (!m->environments)
		return;
	/* The pool goes with the model: its strings need not be given back one by one. */
	hash_free(&m->environments->all, free);
	hash_free(&m->environments->incomplete, free);
	free(m->environments);
}

const struct topic topic_environments = {
	.name = "environments", .scope = MODEL_CORE,
	.open = environments__open, .close = environments__close,
};
