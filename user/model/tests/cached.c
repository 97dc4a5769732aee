/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packages whose test results came from the cache. A result says its package itself. In records
 * that do not tell that, there is the order of what go does:
 *
 * go reads a package's tests and at once writes $WORK/bNNN/_testmain.go, the main package of its
 * test binary. To look that package up it reads the file again, just before. When the test's result is
 * found, linking is over before it began, and what the linker said last time is looked up: under a
 * key that is computed of the main package's. Nothing else of go test asks for that key. Go's
 * scheduler may move the work to another thread in between: where two could be mixed up, none is
 * named.
 */
#include <errno.h>

#include "golang/gocache.h"
#include "model/cache/cache.h"
#include "model/hash.h"
#include "model/modules/modules.h"
#include "model/topic.h"
#include "model/process.h"
#include "model/roots.h"
#include "model/tests/tests.h"
#include "record/facts.h"

#define MAX_OF_COMMAND	8192	/* test mains, and keys, that are kept */
#define MAX_WAITING	8	/* threads that have read a main, and not yet looked it up */
#define OTHERS		4	/* look-ups of other threads that may be it: goroutines move */

struct test_main {
	const char *file;	/* of the pool */
	const char *dir;	/* of the package */
	const char *path;	/* its import path; NULL: not known */
	UT_hash_handle hh;
};

struct link_output {
	uint8_t id[GOCACHE_ID_SZ];
	const char *dir;
	int64_t ts;		/* of the main package's look-up */
	bool is_sure;		/* looked up by the thread that read the main */
	bool is_contested;	/* may be that of another main, too */
	bool is_found;
	UT_hash_handle hh;
};

struct waiting {
	uint32_t tid;
	unsigned int left;	/* 0: nobody waits here */
	const char *dir;
};

struct entry {
	struct cached_package c;
	const struct link_output *of;	/* NULL: the result says its package */
	struct entry *next;
};

struct command {
	uint64_t go;
	const char *dir;	/* of the tests that were read last */
	struct test_main *mains;
	struct link_output *outputs;
	struct waiting waiting[MAX_WAITING];
	struct entry *first, **tail;	/* by the order */
	struct entry *told;	/* by themselves */
	UT_hash_handle hh;
};

struct cached_tests {
	struct command *commands;
};

static struct command *find(const struct model *m, uint64_t go)
{
	struct command *c;

	HASH_FIND(hh, m->cached_tests->commands, &go, sizeof(go), c);
	return c;
}

static struct command *get(struct model *m, uint64_t go)
{
	struct command *c = find(m, go);

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->go = go;
	c->tail = &c->first;
	HASH_ADD(hh, m->cached_tests->commands, go, sizeof(c->go), c);
	if (hash__has(c))
		return c;
	free(c);
	return NULL;
}

static int see_tests(struct model *m, struct command *c, const char *path)
{
	size_t n = strrchr(path, '/') - path;

	if (c->dir && strlen(c->dir) == n && !memcmp(c->dir, path, n))
		return 0;
	c->dir = pool__get_n(m->pool, path, n);
	return c->dir ? 0 : -ENOMEM;
}

static int add_main(struct command *c, const char *file)
{
	struct test_main *t;

	HASH_FIND_PTR(c->mains, &file, t);
	if (!t) {
		if (HASH_COUNT(c->mains) >= MAX_OF_COMMAND)
			return 0;
		t = calloc(1, sizeof(*t));
		if (!t)
			return -ENOMEM;
		t->file = file;
		HASH_ADD_PTR(c->mains, file, t);
		if (!hash__has(t)) {
			free(t);
			return -ENOMEM;
		}
	}
	t->dir = c->dir;
	return 0;
}

static void wait_for(struct command *c, uint32_t tid, const char *dir)
{
	struct waiting *at = NULL;

	for (int i = 0; i < MAX_WAITING; i++) {
		struct waiting *w = &c->waiting[i];

		/* what the thread read before was looked up elsewhere */
		if (w->left && w->tid == tid)
			w->left = 0;
		if (!w->left && !at)
			at = w;
	}
	if (at)
		*at = (struct waiting){ .tid = tid, .left = OTHERS, .dir = dir };
}

static int see_main(struct model *m, struct command *c, const struct rec *rec)
{
	const char *file = pool__get(m->pool, rec->path);
	struct test_main *t;

	if (!file)
		return -ENOMEM;
	if (rec__opens_to_write(rec))
		return c->dir ? add_main(c, file) : 0;
	HASH_FIND_PTR(c->mains, &file, t);
	if (t)
		wait_for(c, rec->tid, t->dir);
	return 0;
}

/* main: the action that may be that of a test's main package in dir. */
static int add_output(struct command *c, const uint8_t *main, const char *dir, bool is_sure,
		      int64_t ts)
{
	struct link_output *o;
	uint8_t id[GOCACHE_ID_SZ];

	gocache__subkey(main, "link-stdout", id);
	HASH_FIND(hh, c->outputs, id, sizeof(id), o);
	if (!o) {
		if (HASH_COUNT(c->outputs) >= MAX_OF_COMMAND)
			return 0;
		o = calloc(1, sizeof(*o));
		if (!o)
			return -ENOMEM;
		memcpy(o->id, id, sizeof(id));
		HASH_ADD(hh, c->outputs, id, sizeof(o->id), o);
		if (!hash__has(o)) {
			free(o);
			return -ENOMEM;
		}
	} else {
		o->is_contested |= o->dir != dir;
		if (o->is_sure)
			return 0;
	}
	o->dir = dir;
	o->is_sure = is_sure;
	o->ts = ts;
	return 0;
}

static int add_package(struct command *c, struct link_output *o, int64_t ts)
{
	struct entry *e;

	if (o->is_found)
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	o->is_found = true;
	e->c.dir = o->dir;
	e->of = o;
	proof__add(&e->c.proof, o->ts);
	proof__add(&e->c.proof, ts);
	*c->tail = e;
	c->tail = &e->next;
	return 0;
}

static int see_lookup(struct command *c, const struct rec *rec, const uint8_t *id)
{
	unsigned int waiting = 0;
	struct link_output *o;
	int err;

	HASH_FIND(hh, c->outputs, id, GOCACHE_ID_SZ, o);
	if (o)
		return add_package(c, o, rec->ts);
	for (int i = 0; i < MAX_WAITING; i++)
		waiting += c->waiting[i].left > 0;
	for (int i = 0; i < MAX_WAITING; i++) {
		struct waiting *w = &c->waiting[i];
		bool is_own = w->tid == rec->tid;

		if (!w->left)
			continue;
		err = add_output(c, id, w->dir, is_own, rec->ts);
		if (err)
			return err;
		/* Whose look-up it was is not known when others wait as well: so they all go on. */
		w->left = is_own && waiting == 1 ? 0 : w->left - 1;
	}
	return 0;
}

static void free_entries(struct entry **list)
{
	struct entry *e, *next;

	for (e = *list; e; e = next) {
		next = e->next;
		free(e);
	}
	*list = NULL;
}

static int cached_tests__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	uint8_t id[GOCACHE_ID_SZ];
	struct command *c;
	size_t n;

	if (rec->kind != REC_OPEN || !rec->path || rec->path[0] != '/')
		return 0;
	p = model__process_of(m, rec);
	if (!p || p->role != TOOL_GO || !str_eq(p->subject ?: "", "test"))
		return 0;
	c = get(m, p->proc);
	if (!c)
		return -ENOMEM;
	n = strlen(rec->path);
	if (gocache__is_action(rec->path, n)) {
		if (rec__opens_to_write(rec) ||
		    !gocache__bytes(rec->path + n - 2 - GOCACHE_ID_LEN, sizeof(id), id))
			return 0;
		return see_lookup(c, rec, id);
	}
	if (rec->err)
		return 0;
	if (str_has_suffix(rec->path, "/_testmain.go"))
		return see_main(m, c, rec);
	return str_has_suffix(rec->path, "_test.go") ? see_tests(m, c, rec->path) : 0;
}

static int cached_tests__open(struct model *m)
{
	m->cached_tests = calloc(1, sizeof(*m->cached_tests));
	return m->cached_tests ? 0 : -ENOMEM;
}

static void command__free(struct command *c)
{
	struct test_main *t, *next_t;
	struct link_output *o, *next_o;

	HASH_ITER(hh, c->mains, t, next_t) {
		HASH_DEL(c->mains, t);
		free(t);
	}
	HASH_ITER(hh, c->outputs, o, next_o) {
		HASH_DEL(c->outputs, o);
		free(o);
	}
	free_entries(&c->first);
	free_entries(&c->told);
	free(c);
}

static void cached_tests__close(struct model *m)
{
	struct command *c, *next;

	if (!m->cached_tests)
		return;
	HASH_ITER(hh, m->cached_tests->commands, c, next) {
		HASH_DEL(m->cached_tests->commands, c);
		command__free(c);
	}
	free(m->cached_tests);
}

/* --- questions --- */

/* The rest of dir below the other one: "" for the same, NULL when it is elsewhere. */
static const char *rest_below(const char *dir, const char *above)
{
	size_t n = above ? strlen(above) : 0;

	if (!n || strncmp(dir, above, n) || (dir[n] && dir[n] != '/'))
		return NULL;
	return dir + n;
}

/* By the command's modules: of those around dir the innermost. */
static bool by_module(const struct model *m, uint64_t go, const char *dir, struct str *ret)
{
	const struct module_set *s = model__next_module_set(m, NULL);
	const struct module_use *best = NULL, *u;
	const char *path;

	while (s && s->go != go)
		s = model__next_module_set(m, s);
	u = s ? module_set__next(s, NULL) : NULL;
	for (; u; u = module_set__next(s, u))
		if (u->origin != MODULE_VENDOR && u->dir && rest_below(dir, u->dir) &&
		    (!best || strlen(u->dir) > strlen(best->dir)))
			best = u;
	path = !best ? NULL : best->origin == MODULE_MAIN ? s->main_path : best->path;
	if (!path || !*path)
		return false;
	str__adds(ret, path);
	str__adds(ret, rest_below(dir, best->dir));
	return true;
}

static bool path_of_dir(const struct model *m, uint64_t go, const char *dir, struct str *ret)
{
	const struct process *proc = model__process(m, go);
	const struct roots *r = proc ? model__roots(m, proc) : NULL;
	const char *rest = r ? rest_below(dir, r->dir[ROOT_GOROOT]) : NULL;

	rest = rest ? rest_below(rest, "/src") : NULL;
	if (rest && *rest) {
		str__adds(ret, rest + 1);
		return true;
	}
	return by_module(m, go, dir, ret);
}

bool cached_package__path(const struct model *m, uint64_t go, const struct cached_package *p,
			  struct str *ret)
{
	if (!p->path)
		return path_of_dir(m, go, p->dir, ret);
	str__adds(ret, p->path);
	return true;
}

/* A result that was found may be too old for go ("go clean -testcache"): then the test runs. */
static bool has_run(const struct model *m, uint64_t go, const char *package)
{
	const struct test_run *t;

	for (t = model__next_test(m, NULL); t; t = model__next_test(m, t)) {
		__free_str struct str path = {};

		if (t->go == go && t->dir && path_of_dir(m, go, t->dir, &path) &&
		    str_eq(path.s ?: "", package))
			return true;
	}
	return false;
}

static const char *dir_of(const struct model *m, struct command *c, const char *package)
{
	struct test_main *t, *next;

	HASH_ITER(hh, c->mains, t, next) {
		__free_str struct str path = {};

		if (!t->path && t->dir && path_of_dir(m, c->go, t->dir, &path))
			t->path = pool__get(m->pool, path.s);
		if (t->path && str_eq(t->path, package))
			return t->dir;
	}
	return NULL;
}

/* The results that say their package. */
static int tell(const struct model *m, struct command *c)
{
	const struct process *go = model__process(m, c->go);
	const struct cache_ref *at = NULL;
	struct entry **tail = &c->told, *e;
	struct cache_use use;
	int err;

	while (go) {
		err = model__next_use(m, go, &at, &use);
		if (err || !at)
			return err;
		if (use.kind != CACHE_TEST || use.outcome != CACHE_HIT || !use.package || use.put ||
		    has_run(m, c->go, use.package))
			continue;
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->c.path = use.package;
		e->c.dir = dir_of(m, c, use.package);
		proof__add(&e->c.proof, use.ts);
		*tail = e;
		tail = &e->next;
	}
	return 0;
}

static int cached_tests__finish(struct model *m)
{
	struct command *c;
	int err = 0;

	hash_each(m->cached_tests->commands, c)
		err = err ?: tell(m, c);
	return err;
}

const struct topic topic_cached_tests = {
	.name = "cached tests", .scope = MODEL_ALL,
	.open = cached_tests__open, .add = cached_tests__add, .finish = cached_tests__finish,
	.close = cached_tests__close,
};

/* Its main may be another one's that a thread had read which then did something else. */
static bool is_doubtful(const struct command *c, const struct link_output *o)
{
	const struct link_output *other;

	if (!o || o->is_contested)
		return o;
	for (other = c->outputs; other && !o->is_sure; other = other->hh.next)
		if (other->is_sure && other->dir == o->dir)
			return true;
	return false;
}

const struct cached_package *model__next_cached_package(const struct model *m, uint64_t go,
							const struct cached_package *p)
{
	const struct command *c = find(m, go);
	const struct entry *e;

	if (!c)
		return NULL;
	e = p ? container_of(p, struct entry, c)->next : model__tells_tests(m) ? c->told : c->first;
	while (e && is_doubtful(c, e->of))
		e = e->next;
	return e ? &e->c : NULL;
}
