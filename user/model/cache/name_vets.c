/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names the results of vet that were found: no tool ran for them, and they do not tell what they are about.
 * Their keys follow from that of the package and from the results of what it imports, which are computed
 * first; archives tell the imports.
 */
#include <errno.h>

#include "golang/vet_key.h"
#include "model/cache/store.h"
#include "model/commands.h"
#include "model/inputs/inputs.h"

#define SPLITS_MAX 6	/* imports of a package with its tests that may be either's */
#define MISSED_MAX 50	/* packages without a result: with flags of the user's own that goes for all of them */

/* A package that the command looked up. */
struct vetted {
	const char *package;		/* of the pool, as it is called there */
	const struct cache_action *action;
	const struct cache_action *result;	/* of vet; NULL: not found */
	bool is_begun;
	UT_hash_handle hh;
};

struct vetting {
	struct model *m;
	struct cache_command *cmd;
	const char *go;
	struct vet_guess guess;
	unsigned int missed;
	struct vetted *packages;
	struct cache_action *found;
};

static bool is_asked(void *ctx, const uint8_t *key)
{
	struct vetting *v = ctx;
	struct cache_action *a = caches__find(v->m->caches, key);

	if (!a || !a->is_whole || memcmp(a->id, key, sizeof(a->id)) ||
	    !hash_find(v->cmd->by_action, action, &a))
		return false;
	v->found = a;
	return true;
}

static struct vetted *find_package(const struct vetting *v, const char *path)
{
	const char *kept = pool__find(v->m->pool, path);

	return kept ? hash_find(v->packages, package, &kept) : NULL;
}

/* What is made for a test imports what is made for it, where there is such. */
static struct vetted *find_import(const struct vetting *v, const struct vetted *by, const char *path)
{
	const char *variant = strchr(by->package, ' ');
	__free_str struct str name = {};
	struct vetted *found = NULL;

	if (variant) {
		str__addf(&name, "%s%s", path, variant);
		found = name.s ? find_package(v, name.s) : NULL;
	}
	return found ?: find_package(v, path);
}

/* --- imports --- */

static int find_vet(struct vetting *v, struct vetted *p);

/* False: what vet found out about it is not in the record. */
static int add_import(struct vetting *v, const struct vetted *by, const char *path, struct vet_import *ret,
		      bool *ret_known)
{
	struct vetted *import = find_import(v, by, path);
	int err = import && !import->is_begun ? find_vet(v, import) : 0;

	*ret_known = import && import->result && import->result->has_output;
	if (*ret_known)
		*ret = (struct vet_import){ path, import->result->output };
	return err;
}

static bool is_in(const char *const *list, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], path))
			return true;
	return false;
}

/*
 * Before what a package imports stands what its tests import. Where the package without them was looked
 * up, too, that is what it does not have; else any of them may be so.
 */
static bool try_splits(struct vetting *v, const struct vetted *p, const struct vet_import *all, size_t n,
		       struct vet_import *sorted)
{
	const char *variant = strchr(p->package, ' ');
	struct vet_inputs in = { .go = v->go, .action = p->action->id, .imports = sorted, .import_cnt = n };
	bool is_mixed = variant && n <= SPLITS_MAX && v->missed < MISSED_MAX;
	unsigned int splits = is_mixed ? 1u << n : 1;

	for (unsigned int split = 0; split < splits; split++) {
		size_t at = 0;

		for (size_t i = 0; i < n; i++)
			if (split >> i & 1)
				sorted[at++] = all[i];
		for (size_t i = 0; i < n; i++)
			if (splits == 1 || !(split >> i & 1))
				sorted[at++] = all[i];
		if (vet__keys(&in, &v->guess, is_asked, v))
			return true;
	}
	v->missed++;
	return false;
}

static bool try_beside(struct vetting *v, const struct vetted *p, const struct vet_import *all, size_t n,
		       struct vet_import *sorted)
{
	__free_str struct str plain = {};
	struct vet_inputs in = { .go = v->go, .action = p->action->id, .imports = sorted, .import_cnt = n };
	const char *const *own;
	struct vetted *other;
	size_t own_cnt, at = 0;

	str__add(&plain, p->package, strcspn(p->package, " "));
	other = plain.s && plain.len < strlen(p->package) ? find_package(v, plain.s) : NULL;
	own = other ? model__archive_imports(v->m, other->action->id, &own_cnt) : NULL;
	if (!own)
		return false;
	for (int is_own = 0; is_own < 2; is_own++)
		for (size_t i = 0; i < n; i++)
			if (is_in(own, own_cnt, all[i].path) == is_own)
				sorted[at++] = all[i];
	return vet__keys(&in, &v->guess, is_asked, v);
}

/* --- packages --- */

static void set_result(struct vetting *v, struct vetted *p)
{
	struct cache_action *a = v->found;

	p->result = a;
	if (a->source == NAME_EXEC || (a->kind != CACHE_UNKNOWN && a->kind != CACHE_VET))
		return;
	a->kind = CACHE_VET;
	a->source = NAME_CONFIG;
	a->package = p->package;
	a->confidence = p->action->confidence;
}

static int find_vet(struct vetting *v, struct vetted *p)
{
	__free_mem struct vet_import *imports = NULL;
	const char *const *paths;
	bool is_known = true;
	size_t n, cnt = 0;
	int err = 0;

	p->is_begun = true;
	paths = model__archive_imports(v->m, p->action->id, &n);
	if (!paths)
		return 0;
	imports = calloc(2 * (n + 1), sizeof(*imports));	/* and once more, in go's order */
	if (!imports)
		return -ENOMEM;
	for (size_t i = 0; i < n && is_known && !err; i++)
		err = add_import(v, p, paths[i], &imports[cnt++], &is_known);
	/* go has every program import it. */
	if (!err && is_known && model__archive_is_main(v->m, p->action->id) && !is_in(paths, n, "runtime"))
		err = add_import(v, p, "runtime", &imports[cnt++], &is_known);
	if (!err && is_known &&
	    (try_beside(v, p, imports, cnt, imports + n + 1) || try_splits(v, p, imports, cnt, imports + n + 1)))
		set_result(v, p);
	return err;
}

/* A result that no tool has told the package of. */
static bool is_open(const struct cache_ref *u)
{
	const struct cache_action *a = u->action;

	return a && !a->package && (a->kind == CACHE_UNKNOWN || a->kind == CACHE_VET) && a->is_whole;
}

static bool has_open(const struct cache_command *cmd)
{
	for (const struct cache_ref *u = cmd->first; u; u = u->next)
		if (is_open(u))
			return true;
	return false;
}

static int add_package(struct vetting *v, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;
	struct vetted *p;

	if (!a || a->kind != CACHE_PACKAGE || !a->package || !a->is_whole)
		return 0;
	p = hash_get(&v->packages, package, &a->package);
	if (!p)
		return -ENOMEM;
	p->action = a;
	return 0;
}

static int name_command(struct model *m, struct cache_command *cmd)
{
	const struct go_command *c = model__command(m, cmd->go);
	struct vetting v = { .m = m, .cmd = cmd, .go = c ? go_command__version(m, c) : NULL };
	struct vetted *p;
	int err = 0;

	if (!v.go || !cache_command__may_test(m, cmd) || !has_open(cmd))
		return 0;
	for (struct cache_ref *u = cmd->first; u && !err; u = u->next)
		err = add_package(&v, u);
	hash_each(v.packages, p)
		if (!p->is_begun && !err)
			err = find_vet(&v, p);
	hash_free(&v.packages, free);
	return err;
}

int caches__name_vets(struct model *m)
{
	struct cache_command *cmd;
	int err = 0;

	hash_each(m->caches->commands, cmd)
		err = err ?: name_command(m, cmd);
	return err;
}
