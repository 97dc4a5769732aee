/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the build cache was worth: what came into it and was of use, and the compile time that it saved.
 * A hit took nothing; what it would have taken is known where it was made, in either of the two records.
 */
#include <errno.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/run.h"
#include "rules/changes.h"
#include "util/hash.h"

#define KEY_SZ (GOCACHE_PREFIX_LEN / 2)

/* What making a package took. */
struct made {
	uint8_t action[KEY_SZ];
	int64_t ns;
	UT_hash_handle hh;
};

/* Walks over what the commands of a record did with packages. */
struct walk {
	const struct model *m;
	const struct go_command *c;
	const struct cache_ref *at;
	struct cache_use use;
};

static bool next_package(struct walk *w)
{
	do {
		if (w->at)
			w->at = model__next_use(w->m, w->c->p, w->at, &w->use);
		while (!w->at) {
			w->c = model__next_command(w->m, w->c);
			if (!w->c)
				return false;
			w->at = model__next_use(w->m, w->c->p, NULL, &w->use);
		}
	} while (w->use.kind != CACHE_PACKAGE);
	return true;
}

static int see_made(const struct model *m, struct made **all)
{
	struct walk w = { .m = m };
	struct made *one;

	while (next_package(&w)) {
		if (!cache_outcome__is_made(w.use.outcome) || w.use.work_ns < 0 || !w.use.action_sz)
			continue;
		one = hash_get(all, action, w.use.action);
		if (!one)
			return -ENOMEM;
		one->ns = w.use.work_ns;
	}
	return 0;
}

static void add_hits(const struct model *m, const struct made *all, struct cache_value *v)
{
	struct walk w = { .m = m };

	while (next_package(&w)) {
		const struct made *one = w.use.outcome == CACHE_HIT && w.use.action_sz ?
					 hash_find(all, action, w.use.action) : NULL;

		if (!one)
			continue;
		v->saved_ns = (v->timed++ ? v->saved_ns : 0) + one->ns;
	}
}

static void add_sums(const struct model *m, struct cache_value *v)
{
	struct cache_sum sum;

	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c)) {
		if (!model__cache(m, c->p, &sum))
			continue;
		v->hits += sum.by_kind[CACHE_PACKAGE][CACHE_HIT];
		v->hit_bytes += sum.hit_bytes;
		v->put += sum.put;
		v->put_bytes += sum.put_bytes;
	}
}

/* --- restored and saved --- */

/* A tag's number; -1: there is none. */
static int64_t tag(const struct model *m, const char *name)
{
	const char *value = run__tag(model__run(m), name) ?: "";
	size_t n = strspn(value, "0123456789");

	return n && n <= 15 && !value[n] ? strtoll(value, NULL, 10) : -1;
}

static void add_time(int64_t *sum, const struct process *p)
{
	int64_t ns = process__duration(p);

	if (ns >= 0)
		*sum = (*sum < 0 ? 0 : *sum) + ns;
}

static void add_copies(const struct model *m, struct cache_value *v)
{
	for (const struct cache_copy *k = model__next_copy(m, NULL); k; k = model__next_copy(m, k)) {
		const struct process *p = model__process(m, k->proc);

		if (k->written >= k->read) {
			add_time(&v->restore_ns, p);
		} else {
			add_time(&v->save_ns, p);
			v->saved_files += k->read;
		}
	}
}

static void add_restored(const struct model *m, struct cache_value *v)
{
	int64_t ms = tag(m, "restore_ms"), bytes = tag(m, "restored_bytes");
	struct cache_restored r;

	model__restored(m, &r);
	v->restored = r.outputs;
	v->restored_used = r.used;
	add_copies(m, v);
	if (ms >= 0) {
		v->is_told = true;
		v->restore_ns = ms * 1000000;
	}
	if (bytes > 0) {
		uint64_t used = r.outputs ? r.used_bytes : v->hit_bytes;

		v->restored_bytes = bytes;
		v->unused_bytes = v->restored_bytes > used ? v->restored_bytes - used : 0;
	}
}

int cache_values__find(const struct model *old, const struct model *new, struct cache_value *ret_old,
		       struct cache_value *ret_new)
{
	struct made *all = NULL;
	int err = see_made(old, &all) ?: see_made(new, &all);

	*ret_old = *ret_new = (struct cache_value){ .restore_ns = -1, .save_ns = -1, .saved_ns = -1 };
	if (!err) {
		add_hits(old, all, ret_old);
		add_hits(new, all, ret_new);
		add_sums(old, ret_old);
		add_sums(new, ret_new);
		add_restored(old, ret_old);
		add_restored(new, ret_new);
	}
	hash_free(&all, free);
	return err;
}
