/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that are none of Go's and write or read entries: who restores and saves a cache. */
#include <errno.h>

#include "model/cache/store.h"
#include "record/facts.h"

static int add_restored(struct model *m, const struct rec *rec, const uint8_t *id)
{
	struct cache_restore *r = hash_get(&m->caches->restored, output, id);

	if (!r)
		return -ENOMEM;
	r->proc = rec->proc;
	return 0;
}

int caches__add_copy(struct model *m, const struct rec *rec, const uint8_t *id, char which)
{
	bool writes = rec__opens_to_write(rec);
	struct copy_entry *e;

	if (rec->kind != REC_OPEN || rec->err || (!writes && !rec__reads_file(rec)))
		return 0;
	e = hash_get(&m->caches->copies, proc, &rec->proc);
	if (!e)
		return -ENOMEM;
	if (!e->c.dir) {
		e->c = (struct cache_copy){ .proc = rec->proc, .ts = rec->ts };
		e->c.dir = pool__get_n(m->pool, rec->path, strlen(rec->path) - GOCACHE_ENTRY_TAIL);
		if (!e->c.dir)
			return -ENOMEM;
	}
	e->c.written += writes;
	e->c.read += !writes;
	return writes && which == 'd' ? add_restored(m, rec, id) : 0;
}

void caches__see_restored(struct model *m)
{
	struct cache_restore *r;
	struct cache_action *a;

	hash_each(m->caches->actions, a) {
		r = a->has_output ? hash_find(m->caches->restored, output, a->output) : NULL;
		for (const struct cache_ref *u = r ? a->refs : NULL; u; u = u->sibling) {
			r->is_used |= u->outcome == CACHE_HIT;
			r->bytes = a->size;
		}
	}
}

/* It may have turned out to be go. */
static bool is_copier(const struct model *m, uint64_t proc)
{
	const struct process *p = model__process(m, proc);

	return p && p->role != TOOL_GO;
}

const struct cache_copy *model__next_copy(const struct model *m, const struct cache_copy *c)
{
	const struct copy_entry *e = c ? container_of(c, struct copy_entry, c)->hh.next : m->caches->copies;

	while (e && !is_copier(m, e->proc))
		e = e->hh.next;
	return e ? &e->c : NULL;
}

void model__restored(const struct model *m, struct cache_restored *ret)
{
	const struct cache_restore *r;

	*ret = (struct cache_restored){};
	hash_each(m->caches->restored, r) {
		if (!is_copier(m, r->proc))
			continue;
		ret->outputs++;
		ret->used += r->is_used;
		ret->used_bytes += r->is_used ? r->bytes : 0;
	}
}
