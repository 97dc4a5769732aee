/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that are none of Go's and write or read entries: who restores and saves a cache. */
#include <errno.h>

#include "model/cache/store.h"
#include "record/facts.h"

int caches__add_copy(struct model *m, const struct rec *rec)
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
	return 0;
}

const struct cache_copy *model__next_copy(const struct model *m, const struct cache_copy *c)
{
	const struct copy_entry *e = c ? container_of(c, struct copy_entry, c)->hh.next : m->caches->copies;
	const struct process *p;

	/* It may have turned out to be go. */
	while (e && (!(p = model__process(m, e->proc)) || p->role == TOOL_GO))
		e = e->hh.next;
	return e ? &e->c : NULL;
}
