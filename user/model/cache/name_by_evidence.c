/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gives the actions of the build cache their kinds and packages, by all that the record tells. */
#include <errno.h>

#include "model/cache/store.h"

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
	sub->confidence = a->confidence;
	if (a->package && a->source >= sub->source) {
		sub->package = a->package;
		sub->source = a->source;
	}
	if (sub->said && sub->confidence != PROVEN) {
		sub->package = sub->said;
		sub->confidence = PROVEN;
	}
}

static void name_subkeys(struct caches *c, enum cache_kind of)
{
	struct cache_action *a;

	hash_each(c->actions, a) {
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
	struct cache_action *a;

	hash_each(c->actions, a)
		if (a->kind == CACHE_UNKNOWN && a->is_whole && (a->is_read || !a->has_output) &&
		    (find_sub(c, a, "stdout") || find_sub(c, a, "fix.zip")))
			a->kind = CACHE_VET;
}

/* Runs of vet, by where their results were put. */
static void name_vet_runs(struct caches *c)
{
	struct cache_action *a;
	struct cache_vet *v;

	hash_each(c->vets, v) {
		a = v->use ? v->use->action : NULL;
		if (!v->tool || !a || (a->kind != CACHE_UNKNOWN && a->kind != CACHE_VET)) {
			v->use = NULL;
			continue;
		}
		v->use->tool = v->tool;
		cache_action__set(a, CACHE_VET, v->package, NAME_EXEC);
		if (v->is_crowded)
			a->confidence = LIKELY;
	}
}

/* Sources that cgo and cover made are kept under their names. */
static void name_generated(struct caches *c)
{
	struct cache_action *a;
	struct cache_name *n;

	hash_each(c->actions, a) {
		if (a->kind != CACHE_PACKAGE || !a->is_whole || !find_sub(c, a, "srcfiles"))
			continue;
		hash_each(c->generated, n)
			inherit(c, a, n->name, CACHE_SOURCE);
	}
}

/* The package of an object that a tool wrote or read: in the work folder, or in the cache. */
static const char *package_of_object(const struct caches *c, const struct cache_action *a)
{
	struct cache_name *o = hash_find(c->objects, name, &a->object);
	struct cache_package *p = NULL;
	uint8_t id[GOCACHE_ID_SZ];
	char which;

	if (!o && cache_path__id(a->object, id, &which))
		p = hash_find(c->packages, output, id);
	return o ? o->value : p ? p->path : NULL;
}

static void name_by_importcfg(struct caches *c)
{
	struct cache_action *a;
	struct cache_package *p;
	const char *package;

	hash_each(c->actions, a) {
		package = a->object ? package_of_object(c, a) : NULL;
		if (package)
			cache_action__set(a, a->kind, package, NAME_CONFIG);
		p = a->has_output ? hash_find(c->packages, output, a->output) : NULL;
		if (p)
			cache_action__set(a, CACHE_PACKAGE, p->path, NAME_CONFIG);
	}
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
	found = hash_find(cmd->listed, name, &dir);
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
	struct cache_name *mod;
	unsigned int n = 0;
	int err = 0;

	if (goroot) {
		err = try_index(m, cmd, goroot, "/src", a->indexed, &dir, &n) ?:
		      try_index(m, cmd, goroot, "/src/cmd", a->indexed, &dir, &n);
	}
	hash_each(m->caches->modules, mod)
		err = err ?: try_index(m, cmd, mod->name, "", a->indexed, &dir, &n);
	if (err || n != 1)
		return err;
	err = model__package_of_dir(m, cmd->go, dir, &package);
	if (err || !package)
		return err;
	a->package = package;
	a->confidence = PROVEN;
	return 0;
}

static int name_indexes(struct model *m)
{
	struct cache_command *cmd;
	struct cache_ref *u;
	int err = 0;

	hash_each(m->caches->commands, cmd)
		for (u = cmd->first; u && !err; u = u->next) {
			struct cache_action *a = u->action;

			if (a->kind == CACHE_INDEX && a->indexed && !a->package)
				err = name_index(m, cmd, a);
		}
	return err;
}

/* --- results --- */

/*
 * Results of a test lie under a key that go makes of the linker's action and the flags of the test,
 * which the test binary's arguments show:
 *
 *	SHA-256 of go1.22.12test binary 3yXE…UAz args ["-test.timeout=10m0s"] execcmd []
 *
 * So the look-up before this test ran is known, and what it says: nothing was kept under this binary
 * and these flags, or something was, and its inputs are others by now.
 */
static bool is_part_of_key(const char *arg)
{
	static const char *const others[] = {
		"-test.testlogfile=", "-test.paniconexit0", "-test.fuzzcachedir=", "-test.gocoverdir=",
		"-test.coverprofile=", "-test.outputdir=",
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_has_prefix(arg, others[i]))
			return false;
	return true;
}

static int test_key(const struct process *p, const char *version, const char *link, uint8_t *ret)
{
	__free_str struct str args = {};
	const char *arg = process__next_arg(p, NULL);

	while (arg && (arg = process__next_arg(p, arg))) {
		if (!is_part_of_key(arg))
			continue;
		str__adds(&args, args.len ? " " : "");
		str__addc(&args, '"');
		for (const char *s = arg; *s; s++) {
			str__adds(&args, *s == '"' || *s == '\\' ? "\\" : "");
			str__addc(&args, *s);
		}
		str__addc(&args, '"');
	}
	gocache__test_key(version, link, args.s ?: "", ret);
	return str__err(&args);
}

static int name_test(struct model *m, const struct process *p)
{
	const struct go_command *c = model__command(m, p->go);
	const char *version = c ? go_command__version(m, c) : NULL;
	struct cache_command *cmd = hash_find(m->caches->commands, go, &p->go);
	struct cache_link *l = p->exe ? hash_find(m->caches->links, file, &p->exe) : NULL;
	uint8_t id[GOCACHE_ID_SZ];
	struct cache_action *a;
	struct cache_ref *u;
	const char *package;

	if (!version || !cmd || !l)
		return 0;
	if (test_key(p, version, l->id, id))
		return -ENOMEM;
	a = caches__find(m->caches, id);
	u = a ? hash_find(cmd->by_action, action, &a) : NULL;
	if (!u)
		return 0;
	u->tool = p->proc;
	package = l->package && str_has_suffix(l->package, ".test") ?
		  pool__get_n(m->pool, l->package, strlen(l->package) - strlen(".test")) : NULL;
	cache_action__set(a, CACHE_TEST, package, NAME_EXEC);
	return 0;
}

static int name_tests(struct model *m)
{
	const struct process *p;
	int err = 0;

	for (p = model__next_process(m, NULL); p && !err; p = model__next_process(m, p))
		if (p->role == TOOL_TEST && p->go && p->has_exec)
			err = name_test(m, p);
	return err;
}

/*
 * What go test and go vet ask for beside all that: results of vet, which are always written after a
 * miss, and those of tests, which are not when the test fails. A test's output says what it is; in
 * older records it comes behind the test's log, as long as the thread does.
 */
static void name_result(const struct caches *c, struct cache_ref *u, bool is_test)
{
	struct cache_action *a = u->action;

	if (!a || a->kind != CACHE_UNKNOWN || !u->lookups)
		return;
	a->kind = CACHE_VET;
	if (is_test && ((u->err && !u->put) || (!(c->tells_tests && a->is_read) && u->before &&
						u->before->action->kind == CACHE_TEST)))
		a->kind = CACHE_TEST;
}

int caches__name_results(struct model *m)
{
	struct cache_command *cmd;
	const struct process *p;
	struct cache_ref *u;
	bool is_test;

	/* Once more, for what was found out by the threads. */
	name_subkeys(m->caches, CACHE_PACKAGE);
	name_subkeys(m->caches, CACHE_VET);
	hash_each(m->caches->commands, cmd) {
		p = model__process(m, cmd->go);
		is_test = p && str_eq(p->subject ?: "", "test");
		if (!is_test && !(p && str_eq(p->subject ?: "", "vet")))
			continue;
		for (u = cmd->first; u; u = u->next)
			name_result(m->caches, u, is_test);
	}
	return 0;
}

int caches__name_by_evidence(struct model *m)
{
	struct caches *c = m->caches;
	int err;

	name_by_importcfg(c);
	err = name_tests(m);
	name_subkeys(c, CACHE_PACKAGE);
	name_vets(c);
	name_generated(c);
	name_vet_runs(c);
	return err ?: name_indexes(m);
}
