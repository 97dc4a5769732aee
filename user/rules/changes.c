/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What else differs between two runs: toolchains, modules, files that were read. */
#include <errno.h>

#include "model/images.h"
#include "model/inputs/inputs.h"
#include "model/modules/modules.h"
#include "model/pool.h"
#include "model/toolchain/toolchain.h"
#include "rules/changes.h"
#include "util/path.h"
#include "util/str.h"

const char *file_change_kind__name(unsigned int kind)
{
	static const char *const names[] = {
#define X(id, name) [FILE_##id] = name,
		FILE_CHANGE_LIST(X)
#undef X
	};

	return names[kind];
}

/* One more item at the end, zero; NULL: out of memory. */
#define grow(list, cnt) ({						\
	__typeof__(list) all_ = realloc(list, ((cnt) + 1) * sizeof(*(list)));	\
	if (all_) {							\
		(list) = all_;						\
		memset(&all_[cnt], 0, sizeof(*all_));			\
		all_ += (cnt)++;					\
	}								\
	all_;								\
})

static bool is_same(const char *a, const char *b)
{
	return str_eq(a ?: "", b ?: "");
}

/* --- toolchains --- */

static const char *version_of(const struct image *i)
{
	return i->go ?: i->cc.version;
}

static bool is_same_image(const struct image *a, const struct image *b)
{
	return is_same(a->exe, b->exe) && is_same(version_of(a), version_of(b)) &&
	       is_same(a->build_id, b->build_id);
}

static bool has_image(const struct model *m, const struct image *like)
{
	for (const struct image *i = model__next_image(m, NULL); i; i = model__next_image(m, i))
		if (is_same_image(i, like))
			return true;
	return false;
}

/* One of that name that the other run did not have; the newest kind of it when there are several. */
static const struct image *other_image(const struct model *m, const struct model *other, const char *name)
{
	const struct image *found = NULL;

	for (const struct image *i = model__next_image(m, NULL); i; i = model__next_image(m, i))
		if (i->exe && str_eq(path__base(i->exe), name) && image__is_toolchain(i) && !has_image(other, i))
			found = i;
	return found;
}

static bool is_listed(const struct changes *c, const char *name)
{
	for (size_t i = 0; i < c->tool_cnt; i++)
		if (str_eq(c->tools[i].name, name))
			return true;
	return false;
}

/* A tool that only one of them ran says which packages were built, and nothing of toolchains. */
static int compare_tools(const struct model *old, const struct model *new, struct changes *c)
{
	for (const struct image *i = model__next_image(new, NULL); i; i = model__next_image(new, i)) {
		const char *name = i->exe ? path__base(i->exe) : NULL;
		const struct image *then;
		struct tool_change *t;

		if (!name || !image__is_toolchain(i) || is_listed(c, name) || has_image(old, i))
			continue;
		then = other_image(old, new, name);
		if (!then)
			continue;
		t = grow(c->tools, c->tool_cnt);
		if (!t)
			return -ENOMEM;
		*t = (struct tool_change){ name, version_of(then), version_of(i), then->exe, i->exe,
					   then->build_id, i->build_id };
	}
	return 0;
}

/* --- modules --- */

struct used_module {
	const char *path, *version;
	enum module_origin origin;
};

struct used_modules {
	struct used_module *list;
	size_t cnt;
};

static bool is_same_module(const struct used_module *a, const struct used_module *b)
{
	return str_eq(a->path, b->path) && is_same(a->version, b->version) && a->origin == b->origin;
}

static bool has_module(const struct used_modules *all, const struct used_module *like)
{
	for (size_t i = 0; i < all->cnt; i++)
		if (is_same_module(&all->list[i], like))
			return true;
	return false;
}

/* A vendored package stands for its module, which modules.txt calls "path version". */
static int read_module(struct changes *c, const struct module_set *s, const struct module_use *use,
		       struct used_module *ret)
{
	const char *vendored = use->origin == MODULE_VENDOR ? module_set__vendored(s, use) : NULL;
	size_t n = vendored ? strcspn(vendored, " ") : 0;

	*ret = (struct used_module){ use->path, use->version, use->origin };
	if (use->origin == MODULE_MAIN)
		ret->path = s->main_path;
	if (!vendored)
		return 0;
	ret->path = pool__get_n(c->pool, vendored, n);
	ret->version = vendored[n] ? vendored + n + 1 : NULL;
	return ret->path ? 0 : -ENOMEM;
}

static int add_module(struct changes *c, const struct module_set *s, const struct module_use *use,
		      struct used_modules *all)
{
	struct used_module one, *kept;
	int err = read_module(c, s, use, &one);

	if (err || !one.path || has_module(all, &one))
		return err;
	kept = grow(all->list, all->cnt);
	if (!kept)
		return -ENOMEM;
	*kept = one;
	return 0;
}

static int read_modules(struct changes *c, const struct model *m, struct used_modules *ret)
{
	const struct module_set *s;
	const struct module_use *use;
	int err = 0;

	for (s = model__next_module_set(m, NULL); s && !err; s = model__next_module_set(m, s))
		for (use = module_set__next(s, NULL); use && !err; use = module_set__next(s, use))
			if (!use->is_toolchain)
				err = add_module(c, s, use, ret);
	return err;
}

/* The one of that path that the other run does not use in the same way. */
static const struct used_module *other_module(const struct used_modules *all, const struct used_modules *other,
					      const char *path)
{
	for (size_t i = 0; i < all->cnt; i++)
		if (str_eq(all->list[i].path, path) && !has_module(other, &all->list[i]))
			return &all->list[i];
	return NULL;
}

static bool is_listed_module(const struct changes *c, const char *path)
{
	for (size_t i = 0; i < c->module_cnt; i++)
		if (str_eq(c->modules[i].path, path))
			return true;
	return false;
}

/* What one of them uses and the other does not, or not so; from both sides. */
static int add_modules(struct changes *c, const struct used_modules *all, const struct used_modules *old,
		       const struct used_modules *new)
{
	const struct used_modules *other = all == old ? new : old;

	for (size_t i = 0; i < all->cnt; i++) {
		const char *path = all->list[i].path;
		const struct used_module *then, *now;
		struct module_change *change;

		if (has_module(other, &all->list[i]) || is_listed_module(c, path))
			continue;
		change = grow(c->modules, c->module_cnt);
		if (!change)
			return -ENOMEM;
		then = other_module(old, new, path);
		now = other_module(new, old, path);
		*change = (struct module_change){
			path, then ? then->version : NULL, now ? now->version : NULL,
			then ? module_origin__name(then->origin) : NULL,
			now ? module_origin__name(now->origin) : NULL };
	}
	return 0;
}

static int compare_modules(const struct model *old, const struct model *new, struct changes *c)
{
	struct used_modules then = {}, now = {};
	int err = read_modules(c, old, &then) ?: read_modules(c, new, &now) ?:
		  add_modules(c, &now, &then, &now) ?: add_modules(c, &then, &then, &now);

	free(then.list);
	free(now.list);
	return err;
}

/* --- files --- */

static int add_file(struct file_changes *f, const char *path, enum file_change_kind kind)
{
	struct file_change *one;

	if (f->cnt == FILES_MAX) {
		f->omitted++;
		return 0;
	}
	one = grow(f->list, f->cnt);
	if (!one)
		return -ENOMEM;
	*one = (struct file_change){ path, kind };
	return 0;
}

/* The same content does not make the same file, but the same input. */
static int compare_file(struct file_changes *f, const struct source_state *then, const struct source_state *now)
{
	if (then->size >= 0 && now->size >= 0 && then->size != now->size)
		return add_file(f, now->path, FILE_CHANGED);
	if (!then->has_hash || !now->has_hash) {
		f->unknown++;
		return 0;
	}
	return memcmp(then->sha256, now->sha256, sizeof(now->sha256)) ? add_file(f, now->path, FILE_CHANGED) : 0;
}

static int by_path(const void *a, const void *b)
{
	const struct file_change *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->path, y->path);
}

/* Headers and the like, which only tools read, are compared where both runs have them. */
static int compare_sources(const struct model *old, const struct model *new, struct file_changes *f)
{
	const struct source_state *s, *other;
	int err = 0;

	for (s = model__next_source(new, NULL); s && !err; s = model__next_source(new, s)) {
		other = model__source(old, s->path);
		f->new_read += s->by_go;
		if (other)
			err = compare_file(f, other, s);
		else if (s->by_go)
			err = add_file(f, s->path, FILE_ADDED);
	}
	for (s = model__next_source(old, NULL); s && !err; s = model__next_source(old, s)) {
		f->old_read += s->by_go;
		if (s->by_go && !model__source(new, s->path))
			err = add_file(f, s->path, FILE_REMOVED);
	}
	if (f->cnt)
		qsort(f->list, f->cnt, sizeof(*f->list), by_path);
	return err;
}

/* --- all of it --- */

void changes__free(struct changes *c)
{
	if (!c)
		return;
	free(c->tools);
	free(c->modules);
	free(c->files.list);
	pool__free(c->pool);
	free(c);
}

int changes__find(const struct model *old, const struct model *new, struct changes **ret)
{
	__free_changes struct changes *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->pool = pool__new();
	if (!c->pool)
		return -ENOMEM;
	err = compare_tools(old, new, c) ?: compare_modules(old, new, c);
	if (!err && model__has_sources(old) && model__has_sources(new))
		err = compare_sources(old, new, &c->files);
	err = err ?: cache_values__find(old, new, &c->old_value, &c->new_value);
	if (!err)
		*ret = STEAL(c);
	return err;
}
