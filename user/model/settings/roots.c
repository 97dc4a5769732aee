/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The directories that a go command works with: as its settings say by now, and as evidence shows. */
#include <errno.h>

#include "golang/own.h"
#include "model/settings/resolve.h"
#include "util/path.h"

static const char *const root_names[] = {
#define X(id, name) [ROOT_##id] = name,
	ROOT_LIST(X)
#undef X
};

const char *root__name(enum root root)
{
	return root_names[root];
}

/* Sets a root to the first n bytes of dir; relative ones say nothing. */
static int set_n(struct model *m, struct roots *r, enum root root, const char *dir, size_t n)
{
	const char *old = r->dir[root];

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n < 2 || dir[0] != '/')
		return 0;
	r->dir[root] = pool__get_n(m->pool, dir, n);
	pool__put(m->pool, old);
	return r->dir[root] ? 0 : -ENOMEM;
}

static int set(struct model *m, struct roots *r, enum root root, const char *dir)
{
	return dir ? set_n(m, r, root, dir, strlen(dir)) : 0;
}

/* The GOROOT that go lies in, while nothing tells whether it takes that. */
static int set_goroot_by_exe(struct model *m, struct roots *r, const char *exe)
{
	bool is_go = exe && str_has_suffix(exe, "/bin/go");

	return is_go ? set_n(m, r, ROOT_GOROOT, exe, strlen(exe) - strlen("/bin/go")) : 0;
}

/* --- by settings --- */

static int set_by_settings(struct model *m, struct roots *r, const struct command_settings *s)
{
	static const struct {
		enum root root;
		const char *name;
	} named[] = {
		{ ROOT_GOROOT,     "GOROOT" },
		{ ROOT_GOCACHE,    "GOCACHE" },
		{ ROOT_GOMODCACHE, "GOMODCACHE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		const struct effective *e = command_settings__find(s, named[i].name);
		const char *value;

		/* "off", and what is relative, are no folders; what is not known is left to evidence. */
		if (!e || !e->won.value || !*e->won.value)
			continue;
		value = e->won.value;
		if (named[i].root == ROOT_GOCACHE && r->cache_seen && e->confidence != PROVEN)
			value = r->cache_seen;
		if (pool__set(m->pool, &r->dir[named[i].root], NULL) || set(m, r, named[i].root, value))
			return -ENOMEM;
	}
	return 0;
}

static int add_config(struct model *m, struct roots *r, const char *path)
{
	if (!path || r->config_cnt == ROOTS_MAX_CONFIG)
		return 0;
	return pool__set(m->pool, &r->config[r->config_cnt++], path);
}

static int set_config(struct model *m, struct roots *r, const struct command_settings *s)
{
	int err = 0;

	r->config_cnt = 0;
	for (size_t i = 0; i < s->file_cnt && !err; i++)
		err = add_config(m, r, s->files[i].path);
	return err;
}

/* The main module's directory, and the files that say what it is, whatever they are called. */
static int set_module(struct model *m, struct roots *root, struct resolve *r)
{
	int err = resolve__parse_flags(r) ?: resolve__main_module(r);
	const char *dir = err ? NULL : resolve__module_dir(r);

	err = err ?: pool__set(m->pool, &root->work, r->module.workspace_file) ?:
	      pool__set(m->pool, &root->mod, resolve__mod_file(r));
	return err ?: set(m, root, ROOT_MODULE, dir);
}

int roots__update(struct model *m, struct go_command *c)
{
	static const char *const names[] = { "GOROOT", "GOCACHE", "GOMODCACHE", "GO111MODULE", "GOWORK", "GOFLAGS" };
	struct pool *pool = pool__new();
	struct command_settings *s = calloc(1, sizeof(*s));
	struct resolve r = {};
	int err;

	err = pool && s ? resolve__open(&r, m, c, s, pool) : -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(names) && !err; i++)
		err = resolve__setting(&r, setting__find(names[i]));
	err = err ?: set_goroot_by_exe(m, &c->roots, c->p->exe) ?: set_by_settings(m, &c->roots, s) ?: set_config(m, &c->roots, s) ?:
	      set_module(m, &c->roots, &r) ?: set(m, &c->roots, ROOT_HOME, go_command__var(c, "HOME"));
	resolve__close(&r);
	command_settings__free(s);
	pool__free(pool);
	return err;
}

/* --- by evidence --- */

/* Entries of the build cache have names that nothing else has: a look-up that failed tells as well. */
static int see_cache(struct model *m, struct go_command *c, const char *path)
{
	const char *hash;
	char which;

	hash = cache_entry__hash(path, &which);
	if (!hash || path__is_in(c->roots.dir[ROOT_GOCACHE], path))
		return 0;
	if (set_n(m, &c->roots, ROOT_GOCACHE, path, hash - path - strlen("/XX/")))
		return -ENOMEM;
	return pool__set(m->pool, &c->roots.cache_seen, c->roots.dir[ROOT_GOCACHE]);
}

static int see_path(struct model *m, struct go_command *c, const struct rec *rec)
{
	const struct lookup *last = c->lookup_cnt ? &c->lookups[c->lookup_cnt - 1] : NULL;
	size_t n;

	if (rec->kind == REC_MKDIR) {
		n = !rec->err && !c->roots.dir[ROOT_WORK] ? go_own__work_len(rec->path) : 0;
		return n ? set_n(m, &c->roots, ROOT_WORK, rec->path, n) : 0;
	}
	/* What it found just now may be its module, or a file of its settings. */
	if (last && last->ts == rec->ts && !last->err && str_eq(last->path, rec->path))
		return roots__update(m, c);
	return see_cache(m, c, rec->path);
}

static int see_exec(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process(m, rec->proc);
	struct go_command *c = commands__find(m, rec->proc);

	if (p && !c)
		c = commands__find(m, p->parent);
	if (c && c->p == p)
		return roots__update(m, c);
	/* The first tool has shown what the settings really are. */
	return c && c->tools.env && c->tools.ts == rec->ts ? roots__update(m, c) : 0;
}

int roots__add(struct model *m, const struct rec *rec)
{
	struct go_command *c;

	switch (rec->kind) {
	case REC_EXEC:
		return see_exec(m, rec);
	case REC_FILE:
		c = commands__find(m, rec->proc);
		return c && rec->path && go_command__open(c, rec->path) ? roots__update(m, c) : 0;
	case REC_OPEN:
	case REC_STAT:
	case REC_MKDIR:
		c = rec->path ? commands__find(m, rec->proc) : NULL;
		return c ? see_path(m, c, rec) : 0;
	default:
		return 0;
	}
}

void roots__release(struct pool *pool, const struct roots *r)
{
	for (int i = 0; i < ROOT_CNT; i++)
		pool__put(pool, r->dir[i]);
	for (int i = 0; i < ROOTS_MAX_CONFIG; i++)
		pool__put(pool, r->config[i]);
	pool__put(pool, r->cache_seen);
	pool__put(pool, r->mod);
	pool__put(pool, r->work);
}

/* --- answers --- */

const struct roots *model__roots(const struct model *m, const struct process *p)
{
	static const struct roots none;
	const struct go_command *c = model__command_of(m, p);

	return c ? &c->roots : &none;
}

enum root roots__find(const struct roots *r, const char *path, const char **ret_rest)
{
	enum root best = ROOT_CNT;
	size_t n, best_len = 0;

	for (int i = 0; i < ROOT_CNT; i++) {
		n = r->dir[i] ? strlen(r->dir[i]) : 0;
		if (n > best_len && path__is_in(r->dir[i], path)) {
			best = i;
			best_len = n;
		}
	}
	*ret_rest = path + best_len;
	return best;
}
