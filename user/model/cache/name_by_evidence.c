/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gives the actions of the build cache their kinds and packages, by all that the record tells. */
#include <errno.h>

#include "golang/modcache.h"
#include "model/cache/store.h"
#include "model/process.h"
#include "model/roots.h"

/* What go keeps under keys that it computes from a package's and a vet run's. */
static const struct {
	const char *desc;
	enum cache_kind of, kind;
} subkeys[] = {
	{ "stdout",	 CACHE_PACKAGE,	CACHE_STDOUT },
	{ "link-stdout", CACHE_PACKAGE,	CACHE_LINK_STDOUT },
	{ "srcfiles",	 CACHE_PACKAGE,	CACHE_SOURCES },
	{ "stdout",	 CACHE_VET,	CACHE_VET_STDOUT },
	{ "fix.zip",	 CACHE_VET,	CACHE_VET_STDOUT },
};

static struct cache_action *find_sub(const struct caches *c, const struct cache_action *a,
				     const char *desc)
{
	uint8_t id[GOCACHE_ID_SZ];
	struct cache_action *sub;

	gocache__subkey(a->id, desc, id);
	sub = caches__find(c, id);
	return sub && sub->is_whole && !memcmp(sub->id, id, sizeof(id)) ? sub : NULL;
}

static void inherit(const struct caches *c, struct cache_action *a, const char *desc,
		    enum cache_kind kind)
{
	struct cache_action *sub = find_sub(c, a, desc);

	if (!sub)
		return;
	/* What the key says is certain; the package is as certain as that of the action. */
	sub->kind = kind;
	sub->is_proven = a->is_proven;
	if (a->package && a->source >= sub->source) {
		sub->package = a->package;
		sub->source = a->source;
	}
	if (sub->said && !sub->is_proven) {
		sub->package = sub->said;
		sub->is_proven = true;
	}
}

static void name_subkeys(struct caches *c, enum cache_kind of)
{
	struct cache_action *a, *next;

	HASH_ITER(hh, c->actions, a, next) {
		if (a->kind != of || !a->is_whole)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(subkeys); i++)
			if (subkeys[i].of == of)
				inherit(c, a, subkeys[i].desc, subkeys[i].kind);
	}
}

/*
 * A key of vet gives itself away by the keys that are made from it. A package does, too, when its
 * entry could not be read: whatever was read and is a package says so.
 */
static void name_vets(struct caches *c)
{
	struct cache_action *a, *next;

	HASH_ITER(hh, c->actions, a, next)
		if (a->kind == CACHE_UNKNOWN && a->is_whole && (a->is_read || !a->has_output) &&
		    (find_sub(c, a, "stdout") || find_sub(c, a, "fix.zip")))
			a->kind = CACHE_VET;
}

/* Sources that cgo and cover made are kept under their names. */
static void name_generated(struct caches *c)
{
	struct cache_action *a, *next;
	struct cache_name *n, *next_n;

	HASH_ITER(hh, c->actions, a, next) {
		if (a->kind != CACHE_PACKAGE || !a->is_whole || !find_sub(c, a, "srcfiles"))
			continue;
		HASH_ITER(hh, c->generated, n, next_n)
			inherit(c, a, n->name, CACHE_SOURCE);
	}
}

static void name_by_importcfg(struct caches *c)
{
	struct cache_action *a, *next;
	struct cache_package *p;
	struct cache_name *o;

	HASH_ITER(hh, c->actions, a, next) {
		if (a->object)
			HASH_FIND(hh, c->objects, &a->object, sizeof(a->object), o);
		if (a->object && o)
			cache_action__set(a, CACHE_PACKAGE, o->value, NAME_CONFIG);
		if (!a->has_output)
			continue;
		HASH_FIND(hh, c->packages, a->output, sizeof(p->output), p);
		if (p)
			cache_action__set(a, CACHE_PACKAGE, p->path, NAME_CONFIG);
	}
}

/* --- by directories --- */

/* "…/src/encoding/json" of GOROOT */
static const char *std_package(const struct roots *r, const char *dir)
{
	const char *goroot = r->dir[ROOT_GOROOT];
	size_t n = goroot ? strlen(goroot) : 0;

	if (!n || strncmp(dir, goroot, n) || !str_has_prefix(dir + n, "/src/"))
		return NULL;
	return dir + n + strlen("/src/");
}

bool caches__is_std(struct model *m, uint64_t go, const char *dir)
{
	const char *package = std_package(model__roots(m, model__process(m, go)), dir);

	return package && !str_has_prefix(package, "cmd/");
}

/* The package in a directory of the module cache: module path and rest, without the version. */
static int module_package(struct model *m, const struct roots *r, const char *dir, const char **ret)
{
	__free_modcache_path struct modcache_path path = {};
	int err;

	if (!r->dir[ROOT_GOMODCACHE])
		return 0;
	err = modcache__classify(r->dir[ROOT_GOMODCACHE], dir, &path);
	if (err || path.kind != MODCACHE_SOURCE || !path.module.s)
		return err == -ENOMEM ? err : 0;
	if (path.rest && *path.rest) {
		str__addc(&path.module, '/');
		str__adds(&path.module, path.rest + strspn(path.rest, "/"));
	}
	*ret = str__err(&path.module) ? NULL : pool__get(m->pool, path.module.s);
	return *ret ? 0 : -ENOMEM;
}

/* The package in a directory at or below one that has a go.mod: the innermost one counts. */
static int local_package(struct model *m, const char *dir, const char **ret)
{
	__free_str struct str path = {};
	struct cache_name *mod = NULL;
	size_t n = strlen(dir);
	const char *key;

	for (; n && !mod; n = n ? n - 1 : 0) {
		while (n && dir[n] != '/' && dir[n])
			n--;
		key = n ? pool__get_n(m->pool, dir, n) : NULL;
		if (n && !key)
			return -ENOMEM;
		if (key)
			HASH_FIND(hh, m->caches->modules, &key, sizeof(key), mod);
		if (mod)
			break;
	}
	if (!mod)
		return 0;
	str__adds(&path, mod->value);
	str__adds(&path, dir + n);
	*ret = str__err(&path) ? NULL : pool__get(m->pool, path.s);
	return *ret ? 0 : -ENOMEM;
}

int caches__package_of_dir(struct model *m, uint64_t go, const char *dir, const char **ret)
{
	const struct roots *r = model__roots(m, model__process(m, go));
	const char *std = std_package(r, dir);
	int err;

	*ret = std ? pool__get(m->pool, std) : NULL;
	if (std)
		return *ret ? 0 : -ENOMEM;
	err = module_package(m, r, dir, ret);
	return err || *ret ? err : local_package(m, dir, ret);
}

/* --- module indexes --- */

/* Was root + below + "/" + indexed listed by the command? Then it is *ret_dir, and one more in *n. */
static int try_index(struct model *m, const struct cache_command *cmd, const char *root,
		     const char *below, const char *indexed, const char **ret_dir, unsigned int *n)
{
	__free_str struct str path = {};
	struct cache_name *found;
	const char *dir;

	str__adds(&path, root);
	str__adds(&path, below);
	if (*indexed) {
		str__addc(&path, '/');
		str__adds(&path, indexed);
	}
	dir = str__err(&path) ? NULL : pool__get(m->pool, path.s);
	if (!dir)
		return -ENOMEM;
	HASH_FIND(hh, cmd->listed, &dir, sizeof(dir), found);
	if (found && dir != *ret_dir) {
		*ret_dir = dir;
		(*n)++;
	}
	return 0;
}

/*
 * An index tells its directory below the module's root; the command has listed it to compute the
 * key. Two modules with the same directory cannot be told apart.
 */
static int name_index(struct model *m, const struct cache_command *cmd, struct cache_action *a)
{
	const struct roots *r = model__roots(m, model__process(m, cmd->go));
	const char *goroot = r->dir[ROOT_GOROOT], *dir = NULL, *package = NULL;
	struct cache_name *mod, *next;
	unsigned int n = 0;
	int err = 0;

	if (goroot) {
		err = try_index(m, cmd, goroot, "/src", a->indexed, &dir, &n) ?:
		      try_index(m, cmd, goroot, "/src/cmd", a->indexed, &dir, &n);
	}
	HASH_ITER(hh, m->caches->modules, mod, next)
		err = err ?: try_index(m, cmd, mod->name, "", a->indexed, &dir, &n);
	if (err || n != 1)
		return err;
	err = caches__package_of_dir(m, cmd->go, dir, &package);
	if (err || !package)
		return err;
	a->package = package;
	a->is_proven = true;
	return 0;
}

static int name_indexes(struct model *m)
{
	struct cache_command *cmd, *next;
	struct cache_ref *u;
	int err = 0;

	HASH_ITER(hh, m->caches->commands, cmd, next)
		for (u = cmd->first; u && !err; u = u->next) {
			struct cache_action *a = u->action;

			if (a->kind == CACHE_INDEX && a->indexed && !a->package)
				err = name_index(m, cmd, a);
		}
	return err;
}

/* --- results --- */

/*
 * What go test and go vet ask for beside all that: results of vet, which are always written after a
 * miss, and those of tests, which are not when the test fails. A test's output says what it is; in
 * older records it comes behind the test's log, as long as the thread does.
 */
static void name_result(const struct caches *c, struct cache_ref *u, bool is_test)
{
	struct cache_action *a = u->action;

	if (a->kind != CACHE_UNKNOWN || !u->lookups)
		return;
	a->kind = CACHE_VET;
	if (is_test && ((u->err && !u->put) || (!(c->tells_tests && a->is_read) && u->before &&
						u->before->action->kind == CACHE_TEST)))
		a->kind = CACHE_TEST;
}

static void name_results(struct model *m)
{
	struct cache_command *cmd, *next;
	const struct process *p;
	struct cache_ref *u;
	bool is_test;

	HASH_ITER(hh, m->caches->commands, cmd, next) {
		p = model__process(m, cmd->go);
		is_test = p && p->subject && str_eq(p->subject, "test");
		if (!is_test && !(p && p->subject && str_eq(p->subject, "vet")))
			continue;
		for (u = cmd->first; u; u = u->next)
			name_result(m->caches, u, is_test);
	}
}

int caches__name_all(struct model *m)
{
	struct caches *c = m->caches;
	int err;

	name_by_importcfg(c);
	name_subkeys(c, CACHE_PACKAGE);
	name_vets(c);
	name_generated(c);
	caches__name_vet_runs(c);
	err = name_indexes(m) ?: caches__guess(m);
	if (err)
		return err;
	/* Once more, for what was found out by the threads. */
	name_subkeys(c, CACHE_PACKAGE);
	name_subkeys(c, CACHE_VET);
	name_results(m);
	return 0;
}
