/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The modules of each go command: from which folder they were read, and what was downloaded. */
#include <errno.h>

#include "golang/modcache.h"
#include "model/modules/store.h"
#include "record/facts.h"
#include "util/path.h"

static bool is_below(const char *path, const char *dir)
{
	const char *rest = path__below(dir, path);

	return rest && *rest;
}

static void count_read(struct module_use *u, const struct rec *rec)
{
	u->reads++;
	proof__add(&u->read, rec->ts);
}

/* --- the module cache --- */

static void see_download(struct module_use *u, const struct rec *rec, enum modcache_kind kind)
{
	switch (kind) {
	case MODCACHE_INFO:
		u->downloads |= DOWNLOADED_INFO;
		break;
	case MODCACHE_MOD:
		u->downloads |= DOWNLOADED_MOD;
		break;
	case MODCACHE_ZIP:
		u->downloads |= DOWNLOADED_ZIP;
		break;
	default:
		return;
	}
	proof__add(&u->download, rec->ts);
}

static void see_partial(struct module_use *u, const struct rec *rec, const char *err)
{
	if (err)
		return;
	if (rec->kind == REC_UNLINK)
		u->extraction = EXTRACTION_DONE;
	else if (rec__opens_to_write(rec))
		u->extraction = EXTRACTION_LEFT;
	else if (rec->kind == REC_STAT && u->extraction == EXTRACTION_NONE)
		u->extraction = EXTRACTION_FOUND;
	else
		return;
	u->was_partial |= u->extraction == EXTRACTION_FOUND;
	proof__add(&u->partial, rec->ts);
}

/* What go looks for before it asks anybody: a list of versions, or a version's .info, .mod, .zip. */
static int see_wanted(struct model *m, struct module_set *s, const struct rec *rec, const char *err,
		      const struct modcache_path *at)
{
	const char *path = pool__get(m->pool, at->module.s);
	size_t i = 0;

	if (!path)
		return -ENOMEM;
	while (i < s->wanted_cnt && s->wanted[i].path != path)
		i++;
	if (i < s->wanted_cnt)
		s->wanted[i].is_had |= !err;
	else if (err__is_absent(err) && i < MODULES_MAX_WANTED)
		s->wanted[s->wanted_cnt++] = (struct module_wanted){ .path = path, .ts = rec->ts };
	return 0;
}

static bool is_asked_for(enum modcache_kind kind)
{
	return kind == MODCACHE_INFO || kind == MODCACHE_MOD || kind == MODCACHE_ZIP || kind == MODCACHE_LIST;
}

static int see_cached(struct model *m, struct module_set_entry *s, const struct rec *rec, const char *path,
		      const char *err, const struct modcache_path *at)
{
	struct module_use_entry *e;
	int status;

	if (at->kind == MODCACHE_SUMDB && rec->kind != REC_MKDIR) {
		s->s.sumdb++;
		proof__add(&s->s.sumdb_use, rec->ts);
	}
	s->s.vcs += at->kind == MODCACHE_VCS;
	if (at->module.len && is_asked_for(at->kind) && see_wanted(m, &s->s, rec, err, at))
		return -ENOMEM;
	if (!at->module.len || !at->version.len)
		return 0;
	status = module_set__get(m, s, MODULE_CACHE, at->module.s, at->version.s, &e);
	if (status || !e)
		return status;
	e->u.is_toolchain = at->is_toolchain;
	if (at->kind == MODCACHE_SOURCE && !err) {
		e->u.dir = e->u.dir ?: pool__get_n(m->pool, path, strlen(path) - strlen(at->rest ?: "") -
						   (at->rest && *at->rest ? 1 : 0));
		if (!e->u.dir)
			return -ENOMEM;
		s->last = e;
		if (rec__reads_file(rec) && at->rest && *at->rest) {
			count_read(&e->u, rec);
			s->s.cache_reads += !at->is_toolchain;
		}
	} else if (at->kind == MODCACHE_PARTIAL) {
		see_partial(&e->u, rec, err);
	} else if (rec->kind == REC_RENAME && !err) {
		see_download(&e->u, rec, at->kind);
	}
	return 0;
}

/*
 * A cache in a place that only go's own file names is not known until a tool was started: the
 * folders in it have names that nothing else has.
 */
static const char *guess_root(struct model *m, struct module_set_entry *s, const char *path)
{
	const char *end = strstr(path, "/cache/download/");

	if (end && end > path)
		s->root = pool__get_n(m->pool, path, end - path) ?: s->root;
	return s->root;
}

static int see_module_cache(struct model *m, struct module_set_entry *s, const struct rec *rec,
			    const char *root, const char *path, const char *err)
{
	__free_modcache_path struct modcache_path at = {};
	int status = modcache__classify(root, path, &at);

	return status == -ENOMEM ? status : status ? 0 : see_cached(m, s, rec, path, err, &at);
}

/* --- folders --- */

static int see_vendor(struct model *m, struct module_set_entry *s, const struct process *p,
		      const struct rec *rec, const char *path, const char *vendor)
{
	const char *package = vendor + strlen("/vendor/"), *end = strrchr(path, '/');
	__free_str struct str name = {};
	struct module_use_entry *e;
	int err;

	if (str_eq(package, "modules.txt")) {
		if (p->role != TOOL_GO || (p->subject && str_has_prefix(p->subject, "mod ")))
			return 0;
		s->s.vendor = pool__get(m->pool, path);
		proof__add(&s->s.vendor_read, rec->ts);
		return s->s.vendor ? 0 : -ENOMEM;
	}
	if (end <= package)
		return 0;
	str__add(&name, package, end - package);
	err = str__err(&name) ?: module_set__get(m, s, MODULE_VENDOR, name.s, NULL, &e);
	if (err || !e)
		return err;
	e->u.dir = pool__get_n(m->pool, path, end - path);
	count_read(&e->u, rec);
	return e->u.dir ? 0 : -ENOMEM;
}

/* Of a dependency in a folder, or another module of the workspace. */
static bool is_other_go_mod(const struct roots *roots, const char *path)
{
	return roots->mod && path__is_named(path, "go.mod") &&
	       !path__is_directly_in(roots->dir[ROOT_MODULE], path);
}

/* "/vendor/…" of a path; a module may itself lie below a folder of that name. NULL: it is not vendored. */
static const char *find_vendor(const struct roots *roots, const char *path)
{
	const char *below = path__below(roots->dir[ROOT_MODULE], path);

	return strstr(below ? below - 1 : path, "/vendor/");
}

static int see_folder(struct model *m, struct module_set_entry *s, const struct process *p,
		      const struct rec *rec, const struct roots *roots, const char *path)
{
	const char *vendor = find_vendor(roots, path);
	struct module_use_entry *e, *best = NULL;
	int err;

	if (vendor)
		return see_vendor(m, s, p, rec, path, vendor);
	/* The innermost folder that a line names: a workspace holds the main module, too. */
	for (size_t i = 0; i < s->local_cnt; i++) {
		e = s->locals[i];
		if (is_below(path, e->u.dir) && (!best || strlen(e->u.dir) > strlen(best->u.dir)))
			best = e;
	}
	if (!best && is_other_go_mod(roots, path)) {
		const char *dir = pool__get_n(m->pool, path, strrchr(path, '/') - path);

		return dir ? module_set__add_folder(m, s, dir) : -ENOMEM;
	}
	if (!best && is_below(path, roots->dir[ROOT_MODULE])) {
		err = module_set__get(m, s, MODULE_MAIN, "", NULL, &best);
		if (err)
			return err;
		if (best)
			best->u.dir = roots->dir[ROOT_MODULE];
	}
	if (best)
		count_read(&best->u, rec);
	return 0;
}

static bool is_again(const struct module_set_entry *s, const struct rec *rec, const char *path)
{
	return s->last && rec->kind == REC_OPEN && is_below(path, s->last->u.dir);
}

static int see(struct model *m, struct module_set_entry *s, const struct process *p, const struct rec *rec,
	       const char *path)
{
	const struct roots *roots = model__roots(m, p);
	const char *err = rec__str(rec, "err"), *root = roots->dir[ROOT_GOMODCACHE], *rest;

	if (is_again(s, rec, path)) {
		if (rec__reads_file(rec)) {
			count_read(&s->last->u, rec);
			s->s.cache_reads += !s->last->u.is_toolchain;
		}
		return 0;
	}
	switch (roots__find(roots, path, &rest)) {
	case ROOT_GOCACHE:
	case ROOT_WORK:
		return 0;
	case ROOT_GOROOT:
		s->s.std_reads += str_has_suffix(path, ".go") && rec__reads_file(rec);
		return 0;
	case ROOT_GOMODCACHE:
		return see_module_cache(m, s, rec, root, path, err);
	default:
		break;
	}
	if (strstr(path, "/pkg/sumdb/")) {
		s->s.sumdb++;
		proof__add(&s->s.sumdb_use, rec->ts);
		return 0;
	}
	root = guess_root(m, s, path);
	if (root && is_below(path, root))
		return see_module_cache(m, s, rec, root, path, err);
	if (!rec__reads_file(rec) || !(str_has_suffix(path, ".go") || str_has_suffix(path, ".mod") ||
				    str_has_suffix(path, "/modules.txt")))
		return 0;
	return see_folder(m, s, p, rec, roots, path);
}

/* --- the topic --- */

static int modules__finish(struct model *m)
{
	struct module_set_entry *s;

	hash_each(m->modules->by_go, s)
		s->s.c = model__command(m, s->s.go);
	return 0;
}

static int modules__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct module_set_entry *s;
	const char *path;
	int err;

	switch (rec->kind) {
	case REC_OPEN: case REC_STAT: case REC_RENAME: case REC_UNLINK: case REC_FILE:
		break;
	default:
		return 0;
	}
	p = model__process_of(m, rec);
	if (!p || !p->go)
		return 0;
	/* What go runs for people, tests among it, reads for itself. */
	if (p->role != TOOL_GO && !tool_role__is_go_tool(p->role))
		return 0;
	path = rec__str(rec, rec->kind == REC_RENAME ? "path2" : "path");
	if (!path || path[0] != '/')
		return 0;
	err = module_set__of(m, p->go, &s);
	if (err)
		return err;
	return rec->kind == REC_FILE ? module_set__add_file(m, s, rec, path) : see(m, s, p, rec, path);
}

const struct topic topic_modules = {
	.name = "modules", .scope = MODEL_ALL,
	.open = modules__open, .add = modules__add, .finish = modules__finish, .close = modules__close,
};
