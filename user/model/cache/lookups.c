/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The build cache as each go command used it: the look-ups and what lies around them. */
#include <errno.h>

#include "model/cache/store.h"
#include "model/process.h"
#include "record/facts.h"

#define MAX_GENERATED 512	/* names of generated sources that keys are tried with */

struct cache_action *caches__find(const struct caches *c, const uint8_t *id)
{
	struct cache_action *a;

	HASH_FIND(hh, c->actions, id, ACTION_KEY_SZ, a);
	return a;
}

struct cache_action *caches__action(struct caches *c, const uint8_t *id, size_t sz)
{
	struct cache_action *a = caches__find(c, id);

	if (!a) {
		a = calloc(1, sizeof(*a));
		if (!a)
			return NULL;
		memcpy(a->id, id, ACTION_KEY_SZ);
		HASH_ADD(hh, c->actions, id, ACTION_KEY_SZ, a);
		if (!hash__has(a)) {
			free(a);
			return NULL;
		}
	}
	if (sz == GOCACHE_ID_SZ) {
		memcpy(a->id, id, sz);
		a->is_whole = true;
	}
	return a;
}

/* Every program's own archive says "main": that is what it is, and not what it is called. */
static bool is_evidence(enum cache_kind kind, const char *package, enum name_source source)
{
	if (source == NAME_ARCHIVE && kind == CACHE_PACKAGE)
		return !str_eq(package ?: "", "main");
	return source > NAME_NEARBY;
}

void cache_action__set(struct cache_action *a, enum cache_kind kind, const char *package,
		       enum name_source source)
{
	if (source < a->source || (source == a->source && a->package))
		return;
	a->guess_kind = CACHE_UNKNOWN;
	a->kind = kind;
	a->source = source;
	a->is_proven = is_evidence(kind, package, source);
	if (package)
		a->package = package;
}

struct cache_command *caches__command(struct caches *c, uint64_t go)
{
	struct cache_command *cmd;

	HASH_FIND(hh, c->commands, &go, sizeof(go), cmd);
	if (cmd)
		return cmd;
	cmd = calloc(1, sizeof(*cmd));
	if (!cmd)
		return NULL;
	cmd->go = go;
	cmd->tail = &cmd->first;
	HASH_ADD(hh, c->commands, go, sizeof(cmd->go), cmd);
	if (hash__has(cmd))
		return cmd;
	free(cmd);
	return NULL;
}

static struct cache_thread *get_thread(struct cache_command *cmd, uint32_t tid)
{
	struct cache_thread *t;

	HASH_FIND(hh, cmd->threads, &tid, sizeof(tid), t);
	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	HASH_ADD(hh, cmd->threads, tid, sizeof(t->tid), t);
	if (hash__has(t))
		return t;
	free(t);
	return NULL;
}

struct cache_ref *cache_command__use(struct cache_command *cmd, struct cache_action *a, int64_t ts)
{
	struct cache_ref *u;

	HASH_FIND(hh, cmd->by_action, &a, sizeof(a), u);
	if (u)
		return u;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->action = a;
	u->ts = ts;
	HASH_ADD(hh, cmd->by_action, action, sizeof(u->action), u);
	if (!hash__has(u)) {
		free(u);
		return NULL;
	}
	*cmd->tail = u;
	cmd->tail = &u->next;
	return u;
}

/* The name in one of the sets, made when it is not there; name is of the pool. */
struct cache_name *cache_names__get(struct cache_name **set, const char *name)
{
	struct cache_name *n;

	HASH_FIND(hh, *set, &name, sizeof(name), n);
	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->name = name;
	HASH_ADD(hh, *set, name, sizeof(n->name), n);
	if (hash__has(n))
		return n;
	free(n);
	return NULL;
}

/* --- what a thread reads --- */

/* The thread lists dir from now on; nobody else does. */
static void take_dir(struct cache_command *cmd, struct cache_thread *t, const char *dir)
{
	struct cache_thread *other, *next;

	HASH_ITER(hh, cmd->threads, other, next)
		if (other != t && (other->dir == dir || str_eq(other->opened.s ?: "", dir))) {
			other->is_fresh = false;
			str__cut(&other->opened, 0);
		}
	t->dir = dir;
	t->is_fresh = true;
}

static bool is_dir(const char *dir, const char *path, size_t n)
{
	return dir && strlen(dir) == n && !memcmp(dir, path, n);
}

/* A file of the directory that is being listed is looked at; the work may have moved to t. */
static int see_member(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const char *path)
{
	size_t n = strrchr(path, '/') ? (size_t)(strrchr(path, '/') - path) : 0;
	struct cache_thread *other, *next;
	const char *dir = NULL, *kept;

	if (t->is_fresh && is_dir(t->dir, path, n))
		return 0;
	kept = pool__get_n(m->pool, path, n);
	if (!kept || !cache_names__get(&cmd->listed, kept))
		return -ENOMEM;
	t->is_fresh = false;
	HASH_ITER(hh, cmd->threads, other, next)
		if (is_dir(other->opened.s, path, n) || (other->is_fresh && is_dir(other->dir, path, n)))
			dir = kept;
	if (dir)
		take_dir(cmd, t, dir);
	return 0;
}

/* "…/go-build123/b045/name.go": a file that go makes for a package */
static const char *generated_name(const char *path)
{
	const char *p = strstr(path, "/go-build");
	size_t n;

	p = p ? strchr(p + 1, '/') : NULL;
	if (!p || p[1] != 'b')
		return NULL;
	n = strspn(p + 2, "0123456789");
	p += 2 + n;
	return n && *p == '/' && !strchr(p + 1, '/') ? p + 1 : NULL;
}

static int see_vet_cfg(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		       const struct rec *rec, const char *path)
{
	const char *kept = pool__get(m->pool, path);
	struct cache_vet *v;

	if (!kept)
		return -ENOMEM;
	HASH_FIND(hh, m->caches->vets, &kept, sizeof(kept), v);
	if (v || !rec__opens_to_write(rec))
		return 0;
	v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	*v = (struct cache_vet){ .path = kept, .cmd = cmd, .use = t->last, .ts = rec->ts };
	HASH_ADD(hh, m->caches->vets, path, sizeof(v->path), v);
	if (hash__has(v))
		return 0;
	free(v);
	return -ENOMEM;
}

static int see_generated(struct model *m, const char *name)
{
	const char *kept;

	if (HASH_COUNT(m->caches->generated) >= MAX_GENERATED ||
	    (!str_has_suffix(name, ".go") && !str_has_suffix(name, ".h")))
		return 0;
	kept = pool__get(m->pool, name);
	return kept && cache_names__get(&m->caches->generated, kept) ? 0 : -ENOMEM;
}

/* What the threads beside t had read or listed when t looked u up: it may be one of them. */
static int see_rivals(struct cache_command *cmd, const struct cache_thread *t, struct cache_ref *u)
{
	struct cache_thread *other, *next;
	size_t n = 0;

	HASH_ITER(hh, cmd->threads, other, next) {
		u->is_crowded |= other != t && other->is_fresh;
		n += other != t && other->sources;
	}
	u->rivals = n ? calloc(n + 1, sizeof(*u->rivals)) : NULL;
	if (!n || !u->rivals)
		return n ? -ENOMEM : 0;
	n = 0;
	HASH_ITER(hh, cmd->threads, other, next)
		if (other != t && other->sources)
			u->rivals[n++] = other->sources;
	return 0;
}

/* --- the cache's files --- */

static int see_lookup(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const struct rec *rec, const uint8_t *id)
{
	const char *err = rec__str(rec, "err");
	struct cache_action *a = caches__action(m->caches, id, GOCACHE_ID_SZ);
	struct cache_ref *u = a ? cache_command__use(cmd, a, rec->ts) : NULL;

	if (!u)
		return -ENOMEM;
	if (!u->lookups++) {
		u->err = pool__get(m->pool, err);
		u->dir = t->is_fresh ? t->dir : NULL;
		u->sources = t->sources;
		u->before = t->last;
		if (see_rivals(cmd, t, u))
			return -ENOMEM;
	}
	t->is_fresh = false;
	t->sources = NULL;
	t->last = u;
	return err && !u->err ? -ENOMEM : 0;
}

/*
 * go looks at what an entry points at. It may do so on another thread than the one that read the
 * entry: which entry it was is told by the output, later.
 */
static int see_data(struct cache_command *cmd, const struct rec *rec, const uint8_t *id)
{
	struct cache_data *d;

	HASH_FIND(hh, cmd->data, id, ACTION_KEY_SZ, d);
	if (d)
		return 0;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	memcpy(d->output, id, sizeof(d->output));
	d->ts = rec->ts;
	d->is_missing = str_eq(rec__str(rec, "err") ?: "", "ENOENT");
	d->has_size = rec->kind == REC_STAT && str_eq(rec__str(rec, "type") ?: "", "file");
	d->size = rec__uint(rec, "size", 0);
	HASH_ADD(hh, cmd->data, output, sizeof(d->output), d);
	if (hash__has(d))
		return 0;
	free(d);
	return -ENOMEM;
}

static int see_entry(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		     const struct rec *rec, const uint8_t *id)
{
	struct cache_action *a;
	struct cache_ref *u;

	if (rec__opens_to_read(rec))
		return see_lookup(m, cmd, t, rec, id);
	if (rec__str(rec, "err") || (rec->kind != REC_OPEN && rec->kind != REC_UTIMES))
		return 0;
	a = caches__action(m->caches, id, GOCACHE_ID_SZ);
	u = a ? cache_command__use(cmd, a, rec->ts) : NULL;
	if (!u)
		return -ENOMEM;
	if (rec->kind == REC_OPEN)
		u->put = true;
	else if (!u->put)
		u->refreshed = true;
	return 0;
}

static int see_source(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const char *path)
{
	size_t n = strrchr(path, '/') ? (size_t)(strrchr(path, '/') - path) : 0;
	struct cache_thread *other, *next;

	if (!n || !str_has_suffix(path, ".go") || is_dir(t->sources, path, n))
		return 0;
	t->sources = pool__get_n(m->pool, path, n);
	if (!t->sources || !cache_names__get(&cmd->sourced, t->sources))
		return -ENOMEM;
	/* Who reads it now goes on with it, whoever read it before. */
	HASH_ITER(hh, cmd->threads, other, next)
		if (other != t && other->sources == t->sources)
			other->sources = NULL;
	return 0;
}

static int see_other(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		     const struct rec *rec, const char *path)
{
	bool failed = rec__str(rec, "err");

	if (rec->kind == REC_STAT && rec->flags & REC_FLAG_NOFOLLOW)
		return see_member(m, cmd, t, path);
	t->is_fresh = false;
	if (rec->kind != REC_OPEN || failed)
		return 0;
	str__cut(&t->opened, 0);
	str__adds(&t->opened, path);
	if (generated_name(path)) {
		t->sources = NULL;
		if (str_eq(generated_name(path), "vet.cfg"))
			return see_vet_cfg(m, cmd, t, rec, path);
		return see_generated(m, generated_name(path));
	}
	if (rec__opens_to_write(rec))
		return 0;
	return see_source(m, cmd, t, path);
}

static int add_access(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process_of(m, rec);
	const char *path = rec__str(rec, "path");
	struct cache_command *cmd;
	struct cache_thread *t;
	uint8_t id[GOCACHE_ID_SZ];
	size_t n;

	/* Of what is not known yet to be go, too: its executable may be looked at later. */
	if (!p || !path || (p->role != TOOL_GO && p->role != TOOL_UNKNOWN))
		return 0;
	cmd = caches__command(m->caches, p->proc);
	t = cmd ? get_thread(cmd, rec->tid) : NULL;
	if (!t)
		return -ENOMEM;
	n = strlen(path);
	if (n < GOCACHE_ENTRY_TAIL || path[n - 2] != '-' ||
	    (path[n - 1] != 'a' && path[n - 1] != 'd') ||
	    !gocache__bytes(path + n - 2 - GOCACHE_ID_LEN, sizeof(id), id))
		return see_other(m, cmd, t, rec, path);
	if (rec->kind == REC_UNLINK && !rec__str(rec, "err"))
		cmd->trimmed++;
	else if (path[n - 1] == 'a')
		return see_entry(m, cmd, t, rec, id);
	else if (rec->kind == REC_STAT || (rec__opens_to_read(rec)))
		return see_data(cmd, rec, id);
	return 0;
}

static int cache__add(struct model *m, const struct rec *rec)
{
	switch (rec->kind) {
	case REC_EXEC:
		return cache__add_exec(m, rec);
	case REC_OPEN:
	case REC_STAT:
	case REC_UTIMES:
	case REC_UNLINK:
		return add_access(m, rec);
	case REC_CACHE:
		return cache__add_entry(m, rec);
	case REC_FILE:
		return cache__add_file(m, rec);
	default:
		return 0;
	}
}

/* --- life --- */

static int cache__open(struct model *m)
{
	m->caches = calloc(1, sizeof(*m->caches));
	return m->caches ? 0 : -ENOMEM;
}

/* Frees all elements of a table of uthash. */
#define FREE_ALL(head) do {				\
	__typeof__(head) el_, next_;			\
	HASH_ITER(hh, head, el_, next_) {		\
		HASH_DEL(head, el_);			\
		free(el_);				\
	}						\
} while (0)

static void cache__close(struct model *m)
{
	struct cache_command *cmd, *next;
	struct cache_thread *t;
	struct cache_ref *u;

	if (!m->caches)
		return;
	HASH_ITER(hh, m->caches->commands, cmd, next) {
		for (u = cmd->by_action; u; u = u->hh.next)
			free(u->rivals);
		FREE_ALL(cmd->by_action);
		FREE_ALL(cmd->data);
		for (t = cmd->threads; t; t = t->hh.next)
			str__free(&t->opened);
		FREE_ALL(cmd->threads);
		FREE_ALL(cmd->listed);
		FREE_ALL(cmd->sourced);
		HASH_DEL(m->caches->commands, cmd);
		free(cmd);
	}
	FREE_ALL(m->caches->actions);
	FREE_ALL(m->caches->packages);
	FREE_ALL(m->caches->vets);
	FREE_ALL(m->caches->modules);
	FREE_ALL(m->caches->generated);
	FREE_ALL(m->caches->objects);
	free(m->caches);
}

const struct topic topic_cache = {
	.name = "cache", .scope = MODEL_ALL,
	.open = cache__open, .add = cache__add, .finish = caches__name_all, .close = cache__close,
};
