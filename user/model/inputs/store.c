/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What packages were built from, as lines come in. */
#include <errno.h>

#include "golang/importcfg.h"
#include "golang/modinfo.h"
#include "golang/source.h"
#include "model/inputs/inputs.h"
#include "model/process.h"
#include "model/topic.h"
#include "record/facts.h"
#include "util/hash.h"
#include "util/path.h"

#define ACTION_PREFIX_SZ (GOCACHE_PREFIX_LEN / 2)

struct source_file {
	const char *path;		/* of the pool */
	struct source_state *newest;
	UT_hash_handle hh;
};

struct source_dir {
	const char *dir;
	struct source_state *first;
	UT_hash_handle hh;
};

struct compiler_imports {
	uint64_t proc;
	const char **paths, **objects;
	size_t cnt, object_cnt;
	UT_hash_handle hh;
};

struct archive_content {
	uint8_t action[ACTION_PREFIX_SZ];
	const char *content;
	const char *cc;			/* NULL: it has no objects of C */
	bool is_main;			/* it calls itself so, as every program does */
	const char **imports;		/* NULL: not known */
	size_t import_cnt;
	UT_hash_handle hh;
};

struct linked_modinfo {
	const char *package;
	char *text;
	UT_hash_handle hh;
};

struct removed_entry {
	uint8_t id[ACTION_PREFIX_SZ];
	struct entry_removal *last;
	UT_hash_handle hh;
};

/* A cache whose first subfolder was made. */
struct new_cache {
	const char *dir;
	int64_t ts;			/* the first time */
	UT_hash_handle hh;
};

struct inputs {
	struct source_file *files;
	struct source_dir *dirs;
	struct compiler_imports *imports;
	struct archive_content *archives;
	struct linked_modinfo *modinfos;
	struct removed_entry *removed;
	struct new_cache *caches;
};

/* --- sources --- */

static void read_state(const struct rec *rec, const struct process *p, struct source_state *s)
{
	const char *hash = rec__str(rec, "sha256");

	s->has_hash = hash && !rec__is_incomplete(rec, "sha256") &&
		      gocache__bytes(hash, sizeof(s->sha256), s->sha256);
	s->size = rec__int(rec, "size", -1);
	s->mtime = rec__mtime(rec) ?: INT64_MIN;
	s->ts = rec->ts;
	s->by_compiler = p && tool_role__is_c_part(p->role);
	s->by_go = p && p->role == TOOL_GO;
}

/* The older one is no longer in the list of the folder. */
static int add_to_dir(struct model *m, struct source_file *f, struct source_state *s)
{
	struct source_dir *d = hash_get(&m->inputs->dirs, dir, &s->dir);
	struct source_state **at;

	if (!d)
		return -ENOMEM;
	for (at = &d->first; *at; at = (struct source_state **)&(*at)->in_dir)
		if (*at == f->newest)
			break;
	s->in_dir = *at ? (*at)->in_dir : NULL;
	*at = s;
	return 0;
}

static int add_source(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process_of(m, rec);
	__free_str struct str clean = {};
	struct source_state *s;
	struct source_file *f;
	const char *path;

	str__adds(&clean, rec->path ?: "");
	path__clean(&clean, 0);
	path = str__err(&clean) ? NULL : pool__get(m->pool, clean.s);
	f = path ? hash_get(&m->inputs->files, path, &path) : NULL;
	s = f ? calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return -ENOMEM;
	read_state(rec, p, s);
	s->path = path;
	s->older = f->newest;
	s->is_vcs = source__is_vcs(path);
	if (f->newest) {
		s->by_compiler &= f->newest->by_compiler;
		s->by_go |= f->newest->by_go;
	}
	s->dir = pool__get_n(m->pool, path, path__dir_len(path));
	s->error = pool__get(m->pool, rec__str(rec, "error"));
	if (!s->dir || (rec__str(rec, "error") && !s->error) || add_to_dir(m, f, s)) {
		free(s);
		return -ENOMEM;
	}
	f->newest = s;
	return 0;
}

/* --- imports --- */

static int add_imports(struct model *m, const struct process *p, const struct importcfg *cfg)
{
	struct compiler_imports *i = hash_get(&m->inputs->imports, proc, &p->proc);

	if (!i)
		return -ENOMEM;
	if (i->paths)
		return 0;
	i->paths = calloc(cfg->package_cnt + 1, sizeof(*i->paths));
	if (!i->paths)
		return -ENOMEM;
	for (; i->cnt < cfg->package_cnt; i->cnt++) {
		i->paths[i->cnt] = pool__get(m->pool, cfg->packages[i->cnt].path);
		if (!i->paths[i->cnt])
			return -ENOMEM;
	}
	return 0;
}

static bool is_object(const char *path)
{
	size_t n = strlen(path);

	return n > 2 && ((path[n - 1] == 'd' && path[n - 2] == '-') ||
			 (path[n - 1] == 'a' && path[n - 2] == '.'));
}

static int add_object(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct compiler_imports *i;
	const char **all;

	if (!rec->path || rec->err || !is_object(rec->path) || !rec__reads_file(rec))
		return 0;
	p = model__process_of(m, rec);
	if (!p || p->role != TOOL_COMPILE)
		return 0;
	i = hash_get(&m->inputs->imports, proc, &p->proc);
	if (!i)
		return -ENOMEM;
	if (i->object_cnt % 16 == 0) {
		all = realloc(i->objects, (i->object_cnt + 16) * sizeof(*all));
		if (!all)
			return -ENOMEM;
		i->objects = all;
	}
	i->objects[i->object_cnt] = pool__get(m->pool, rec->path);
	return i->objects[i->object_cnt++] ? 0 : -ENOMEM;
}

/* "modinfo <Go literal>" */
static int add_modinfo(struct model *m, const struct process *p, const char *text)
{
	const char *line = strstr(text, "\nmodinfo "), *package = p->package ?: p->subject, *end;
	struct linked_modinfo *i;
	size_t n;

	if (!line || !package)
		return 0;
	line += strlen("\nmodinfo ");
	end = strchrnul(line, '\n');
	package = pool__get(m->pool, package);
	i = package ? hash_get(&m->inputs->modinfos, package, &package) : NULL;
	if (!i)
		return -ENOMEM;
	free(i->text);
	i->text = calloc(1, end - line + 1);
	if (!i->text)
		return -ENOMEM;
	if (go__unquote(line, end - line, i->text, &n) < 0)
		n = 0;
	i->text[n] = '\0';
	/* The linker's marks before and behind it. */
	if (n > 32) {
		memmove(i->text, i->text + 16, n - 32);
		i->text[n - 32] = '\0';
	}
	return 0;
}

static int add_file(struct model *m, const struct rec *rec)
{
	const char *what = rec__str(rec, "what"), *text = rec__str(rec, "text");
	const struct process *p = model__process_of(m, rec);
	__free_importcfg struct importcfg cfg = {};
	int err;

	if (!p || !text || !what || !str_has_prefix(what, "importcfg") || rec__is_incomplete(rec, "text"))
		return 0;
	if (p->role != TOOL_LINK && p->role != TOOL_COMPILE)
		return 0;
	err = p->role == TOOL_LINK ? add_modinfo(m, p, text) : 0;
	err = err ?: importcfg__parse(text, strlen(text), &cfg);
	return err ? (err == -ENOMEM ? err : 0) : add_imports(m, p, &cfg);
}

/* --- archives --- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, as go has them. */
static int add_archive_imports(struct model *m, const struct rec *rec, struct archive_content *a)
{
	const struct jsonv *list = jsonv__get(rec->root, "imports"), *v;
	size_t n = 0;

	if (!list || a->imports)
		return 0;
	for (v = jsonv__first(list); v; v = jsonv__next(v))
		n++;
	a->imports = calloc(n + 1, sizeof(*a->imports));
	if (!a->imports)
		return -ENOMEM;
	for (v = jsonv__first(list); v; v = jsonv__next(v)) {
		const char *path = jsonv__string(v);

		a->imports[a->import_cnt] = pool__get(m->pool, path);
		if (path && !a->imports[a->import_cnt++])
			return -ENOMEM;
	}
	qsort(a->imports, a->import_cnt, sizeof(*a->imports), by_name);
	return 0;
}

static int add_archive(struct model *m, const struct rec *rec)
{
	const char *action = rec__str(rec, "action"), *build_id = rec__str(rec, "build_id"), *content;
	uint8_t key[ACTION_PREFIX_SZ];
	struct archive_content *a;

	content = build_id ? strrchr(build_id, '/') : NULL;
	if (!action || !content || !gocache__bytes(action, sizeof(key), key))
		return 0;
	a = hash_get(&m->inputs->archives, action, key);
	if (!a)
		return -ENOMEM;
	a->is_main = str_eq(rec__str(rec, "package") ?: "", "main");
	a->content = pool__get(m->pool, content + 1);
	a->cc = pool__get(m->pool, rec__str(rec, "cc"));
	if (!a->content || (!a->cc && rec__str(rec, "cc")))
		return -ENOMEM;
	return add_archive_imports(m, rec, a);
}

/* --- the cache's folder --- */

static int add_removal(struct model *m, const struct rec *rec)
{
	struct gocache_path p;
	struct removed_entry *e;
	struct entry_removal *r;
	uint8_t id[ACTION_PREFIX_SZ];
	size_t root;

	if (!rec->path || rec->err || !gocache__guess(rec->path, &p, &root) ||
	    !gocache__bytes(p.id, sizeof(id), id))
		return 0;
	e = hash_get(&m->inputs->removed, id, id);
	r = e ? malloc(sizeof(*r)) : NULL;
	if (!r)
		return -ENOMEM;
	*r = (struct entry_removal){ rec->proc, rec->ts, pool__get(m->pool, rec->path), e->last };
	e->last = r;
	return r->path ? 0 : -ENOMEM;
}

/* go makes 00 to ff where one is missing. Whoever else makes them restores a cache. */
static int add_folder(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct new_cache *c;
	const char *dir;

	if (!rec->path || rec->err || !str_has_suffix(rec->path, "/00"))
		return 0;
	p = model__process_of(m, rec);
	if (!p || p->role != TOOL_GO)
		return 0;
	dir = pool__get_n(m->pool, rec->path, strlen(rec->path) - strlen("/00"));
	c = dir ? hash_get(&m->inputs->caches, dir, &dir) : NULL;
	if (!c)
		return -ENOMEM;
	c->ts = c->ts ?: rec->ts;
	return 0;
}

/* --- the topic --- */

static int inputs__open(struct model *m)
{
	m->inputs = calloc(1, sizeof(*m->inputs));
	return m->inputs ? 0 : -ENOMEM;
}

static int inputs__add(struct model *m, const struct rec *rec)
{
	switch (rec->kind) {
	case REC_SOURCE:
		return add_source(m, rec);
	case REC_FILE:
		return add_file(m, rec);
	case REC_CACHE:
		return add_archive(m, rec);
	case REC_OPEN:
		return add_object(m, rec);
	case REC_UNLINK:
		return add_removal(m, rec);
	case REC_MKDIR:
		return add_folder(m, rec);
	default:
		return 0;
	}
}

static void free_file(struct source_file *f)
{
	const struct source_state *s, *older;

	for (s = f->newest; s; s = older) {
		older = s->older;
		free((void *)s);
	}
	free(f);
}

static void free_archive(struct archive_content *a)
{
	free(a->imports);
	free(a);
}

static void free_imports(struct compiler_imports *i)
{
	free(i->paths);
	free(i->objects);
	free(i);
}

static void free_removed(struct removed_entry *e)
{
	const struct entry_removal *r, *older;

	for (r = e->last; r; r = older) {
		older = r->older;
		free((void *)r);
	}
	free(e);
}

static void free_modinfo(struct linked_modinfo *i)
{
	free(i->text);
	free(i);
}

static void inputs__close(struct model *m)
{
	if (!m->inputs)
		return;
	hash_free(&m->inputs->dirs, free);
	hash_free(&m->inputs->files, free_file);
	hash_free(&m->inputs->imports, free_imports);
	hash_free(&m->inputs->archives, free_archive);
	hash_free(&m->inputs->removed, free_removed);
	hash_free(&m->inputs->caches, free);
	hash_free(&m->inputs->modinfos, free_modinfo);
	free(m->inputs);
}

const struct topic topic_inputs = {
	.name = "inputs", .scope = MODEL_ALL,
	.open = inputs__open, .add = inputs__add, .close = inputs__close,
};

/* --- questions --- */

bool model__has_sources(const struct model *m)
{
	return m->inputs->files;
}

static struct source_file *find_file(const struct model *m, const char *path)
{
	const char *kept = pool__find(m->pool, path);

	return kept ? hash_find(m->inputs->files, path, &kept) : NULL;
}

const struct source_state *model__source(const struct model *m, const char *path)
{
	const struct source_file *f = find_file(m, path);

	return f ? f->newest : NULL;
}

const struct source_state *model__sources_in(const struct model *m, const char *dir)
{
	const char *kept = pool__find(m->pool, dir);
	const struct source_dir *d = kept ? hash_find(m->inputs->dirs, dir, &kept) : NULL;

	return d ? d->first : NULL;
}

const struct source_state *model__next_source(const struct model *m, const struct source_state *s)
{
	const struct source_file *f = s ? find_file(m, s->path)->hh.next : m->inputs->files;

	return f ? f->newest : NULL;
}

const char *const *model__imports(const struct model *m, uint64_t tool, size_t *ret_n)
{
	const struct compiler_imports *i = hash_find(m->inputs->imports, proc, &tool);

	*ret_n = i ? i->cnt : 0;
	return i ? i->paths : NULL;
}

const char *const *model__objects(const struct model *m, uint64_t compiler, size_t *ret_n)
{
	const struct compiler_imports *i = hash_find(m->inputs->imports, proc, &compiler);

	*ret_n = i ? i->object_cnt : 0;
	return i ? i->objects : NULL;
}

const char *model__content(const struct model *m, const uint8_t *action)
{
	const struct archive_content *a = hash_find(m->inputs->archives, action, action);

	return a ? a->content : NULL;
}

const char *const *model__archive_imports(const struct model *m, const uint8_t *action, size_t *ret_n)
{
	const struct archive_content *a = hash_find(m->inputs->archives, action, action);

	*ret_n = a ? a->import_cnt : 0;
	return a ? a->imports : NULL;
}

bool model__archive_is_main(const struct model *m, const uint8_t *action)
{
	const struct archive_content *a = hash_find(m->inputs->archives, action, action);

	return a && a->is_main;
}

const char *model__archive_cc(const struct model *m, const uint8_t *action)
{
	const struct archive_content *a = hash_find(m->inputs->archives, action, action);

	return a ? a->cc : NULL;
}

const struct entry_removal *model__entry_removal(const struct model *m, const uint8_t *id, int64_t from,
						 int64_t to)
{
	const struct removed_entry *e = hash_find(m->inputs->removed, id, id);

	for (const struct entry_removal *r = e ? e->last : NULL; r; r = r->older)
		if (r->ts >= from && r->ts <= to)
			return r;
	return NULL;
}

bool model__makes_cache(const struct model *m, const char *gocache, int64_t before)
{
	const char *kept = pool__find(m->pool, gocache);
	const struct new_cache *c = kept ? hash_find(m->inputs->caches, dir, &kept) : NULL;

	return c && c->ts < before;
}

const char *model__modinfo(const struct model *m, const char *package)
{
	const char *kept = pool__find(m->pool, package);
	const struct linked_modinfo *i = kept ? hash_find(m->inputs->modinfos, package, &kept) : NULL;

	return i ? i->text : NULL;
}
