/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Test binaries: what they and their children used, and what go test looked at. */
#include <errno.h>

#include "model/roots.h"
#include "model/tests/store.h"
#include "record/facts.h"
#include "util/path.h"

#define MAX_RUNS	4096
#define MAX_INPUTS	512	/* of one run */
#define MAX_LOOKS	262144	/* of all */
#define MAX_MEMBERS	65536

/* --- who belongs to a test --- */

static int add_member(struct tests *ts, uint64_t proc, struct run_entry *run, bool is_child)
{
	struct member *mb;

	if (!proc || HASH_COUNT(ts->members) >= MAX_MEMBERS || hash_find(ts->members, proc, &proc))
		return 0;
	mb = hash_get(&ts->members, proc, &proc);
	if (!mb)
		return -ENOMEM;
	mb->run = run;
	mb->is_child = is_child;
	return 0;
}

/* The root that go compares with: of the module, or of Go when its own packages are tested. */
static const char *root_of(const struct model *m, const struct process *p)
{
	const struct roots *r = model__roots(m, p);

	if (p->cwd && path__is_in(r->dir[ROOT_MODULE], p->cwd))
		return r->dir[ROOT_MODULE];
	return p->cwd && path__is_in(r->dir[ROOT_GOROOT], p->cwd) ? r->dir[ROOT_GOROOT] : NULL;
}

static int add_run(struct model *m, const struct process *p)
{
	struct tests *ts = m->tests;
	struct go_test *g = hash_find(ts->gos, go, &p->go);
	struct run_entry *e;

	if (HASH_COUNT(ts->runs) >= MAX_RUNS || hash_find(ts->runs, t.proc, &p->proc))
		return 0;
	e = hash_get(&ts->runs, t.proc, &p->proc);
	if (!e)
		return -ENOMEM;
	e->t.go = p->go;
	e->t.dir = p->cwd;
	e->t.root = root_of(m, p);
	e->t.log_ts = -1;
	if (g) {
		e->next_of_go = g->runs;
		g->runs = e;
	}
	return add_member(ts, p->proc, e, false);
}

static int add_go_test(struct model *m, const struct process *p)
{
	struct go_test *g;

	if (!str_eq(p->subject ?: "", "test") || HASH_COUNT(m->tests->gos) >= MAX_RUNS)
		return 0;
	g = hash_get(&m->tests->gos, go, &p->proc);
	if (!g)
		return -ENOMEM;
	g->c.go = p->proc;
	g->tail = g->tail ?: &g->cached;
	return 0;
}

static int add_exec(struct model *m, const struct process *p)
{
	struct tests *ts = m->tests;
	struct member *from = hash_find(ts->members, proc, &p->prev) ?:
			      hash_find(ts->members, proc, &p->parent);

	if (p->role == TOOL_GO && !p->probe)
		return add_go_test(m, p);
	if (p->role == TOOL_TEST)
		return add_run(m, p);
	return from ? add_member(ts, p->proc, from->run, true) : 0;
}

static int add_fork(struct tests *ts, const struct rec *rec)
{
	struct member *from = hash_find(ts->members, proc, &rec->proc);

	return from ? add_member(ts, rec__uint(rec, "child_proc", 0), from->run, true) : 0;
}

static void add_exit(struct tests *ts, const struct process *p, const struct rec *rec)
{
	struct go_test *g = hash_find(ts->gos, go, &p->proc);

	if (!g || p->end != PROCESS_EXITED || p->status)
		return;
	g->ended_well = true;
	proof__add(&g->c.proof, rec->ts);
}

/* --- what tests use --- */

/* What every process touches to start and to run programs. */
static bool is_of_the_system(const char *path, bool is_child)
{
	static const char *const below[] = {
		"/dev/", "/proc/", "/sys/", "/lib/", "/lib64/", "/usr/lib/", "/etc/ld.so.",
	};
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < ARRAY_SIZE(below); i++)
		if (str_has_prefix(path, below[i]))
			return true;
	if (is_child && (str_has_prefix(path, "/usr/") || str_has_prefix(path, "/etc/")))
		return true;	/* C programs load their locale, their users, … */
	/* the search for a program */
	return (slash - path >= 4 && !memcmp(slash - 4, "/bin", 4)) ||
	       (slash - path >= 5 && !memcmp(slash - 5, "/sbin", 5));
}

static int get_input(struct model *m, struct run_entry *run, const char *path, int64_t at,
		     struct test_input **ret)
{
	struct input_entry *e;

	*ret = NULL;
	path = pool__get(m->pool, path);
	if (!path)
		return -ENOMEM;
	e = hash_find(run->inputs, i.path, &path);
	if (!e && HASH_COUNT(run->inputs) >= MAX_INPUTS) {
		run->t.omitted++;
		return 0;
	}
	if (!e) {
		e = hash_get(&run->inputs, i.path, &path);
		if (!e)
			return -ENOMEM;
		e->i.ts = at;
		e->i.absent = true;
		e->i.seen_ts = e->i.old_ts = -1;
		e->i.inside = path__is_in(run->t.root, path);
	}
	*ret = &e->i;
	return 0;
}

static int add_use(struct model *m, const struct process *p, const struct member *mb,
		   const struct rec *rec)
{
	struct run_entry *run = mb->run;
	bool writes = rec__opens_to_write(rec);
	enum root root;
	const char *rest;
	struct test_input *i;
	int err;

	if (writes && !mb->is_child && str_has_suffix(rec->path, "/testlog.txt")) {
		run->t.log_ts = rec->ts;
		return 0;
	}
	root = roots__find(model__roots(m, p), rec->path, &rest);
	if (root == ROOT_WORK || root == ROOT_GOCACHE)
		return 0;
	if (is_of_the_system(rec->path, mb->is_child) && !path__is_in(run->t.root, rec->path))
		return 0;
	if (rec->err && !err__is_absent(rec->err) && writes)
		return 0;
	err = get_input(m, run, rec->path, rec->ts, &i);
	if (err || !i)
		return err;
	i->absent &= rec->err != NULL;
	i->written |= writes && !rec->err;
	i->opened |= rec->kind == REC_OPEN && !rec->err && !writes;
	if (mb->is_child)
		i->by_child = true;
	else
		i->by_test = true;
	i->before |= run->t.log_ts < 0 && !mb->is_child;
	return 0;
}

/*
 * go test looks at what tests used: after a run to keep its result, and before to find it again. Of
 * a test whose result it finds, what it looks at is not known until that test runs again, so all is
 * kept that may be an input.
 */
static int add_look(struct model *m, const struct process *p, const struct rec *rec)
{
	struct tests *ts = m->tests;
	struct looked *at;
	struct look *l;
	const char *kept, *rest;
	enum root root = roots__find(model__roots(m, p), rec->path, &rest);

	if (root == ROOT_WORK || root == ROOT_GOCACHE || ts->look_cnt >= MAX_LOOKS)
		return 0;
	kept = pool__get(m->pool, rec->path);
	at = kept ? hash_get(&ts->paths, path, &kept) : NULL;
	l = at ? calloc(1, sizeof(*l)) : NULL;
	if (!l)
		return -ENOMEM;
	*l = (struct look){ .go = p->proc, .ts = rec->ts, .mtime = rec__mtime(rec),
			    .size = rec__uint(rec, "size", 0), .before = at->last };
	at->last = l;
	ts->look_cnt++;
	return 0;
}

static int add_access(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct member *mb;

	if (!rec->path || rec->path[0] != '/' || (!m->tests->members && !m->tests->gos))
		return 0;
	p = model__process_of(m, rec);
	if (!p)
		return 0;
	mb = hash_find(m->tests->members, proc, &p->proc);
	if (mb)
		return add_use(m, p, mb, rec);
	if (rec->kind == REC_STAT && p->role == TOOL_GO && !(rec->flags & REC_FLAG_NOFOLLOW) &&
	    hash_find(m->tests->gos, go, &p->proc))
		return add_look(m, p, rec);
	return 0;
}

static int tests__add(struct model *m, const struct rec *rec)
{
	const struct process *p;

	switch (rec->kind) {
	case REC_FORK:
		return add_fork(m->tests, rec);
	case REC_OPEN: case REC_STAT: case REC_ACCESS: case REC_READLINK:
		return add_access(m, rec);
	case REC_EXEC:
		p = model__process_of(m, rec);
		return p ? add_exec(m, p) : 0;
	case REC_EXIT:
		p = model__process_of(m, rec);
		if (p)
			add_exit(m->tests, p, rec);
		return 0;
	default:
		return 0;
	}
}

/* --- life --- */

static int tests__open(struct model *m)
{
	m->tests = calloc(1, sizeof(*m->tests));
	return m->tests ? 0 : -ENOMEM;
}

static void run__free(struct run_entry *run)
{
	hash_free(&run->inputs, free);
	free(run);
}

static void looked__free(struct looked *at)
{
	const struct look *l, *before;

	for (l = at->last; l; l = before) {
		before = l->before;
		free((void *)l);
	}
	free(at);
}

static void go_test__free(struct go_test *g)
{
	struct cached_entry *e;

	while ((e = g->cached)) {
		g->cached = e->next;
		free(e);
	}
	free(g);
}

static void tests__close(struct model *m)
{
	struct tests *ts = m->tests;

	if (!ts)
		return;
	hash_free(&ts->runs, run__free);
	hash_free(&ts->members, free);
	hash_free(&ts->paths, looked__free);
	hash_free(&ts->gos, go_test__free);
	free(ts);
}

const struct topic topic_tests = {
	.name = "tests", .scope = MODEL_ALL,
	.open = tests__open, .add = tests__add, .finish = tests__finish, .close = tests__close,
};

/* --- questions --- */

/* The sources of the tested package are known by their content. */
static bool is_source(const struct test_run *t, const char *path)
{
	return t->dir && str_has_suffix(path, ".go") && path__is_directly_in(t->dir, path);
}

bool test_input__is_unseen(const struct test_run *t, const struct test_input *i)
{
	return !is_source(t, i->path) && !i->absent && i->opened &&
	       (!i->inside || i->before || !i->by_test);
}

const struct test_run *model__next_test(const struct model *m, const struct test_run *t)
{
	const struct run_entry *e = t ? container_of(t, struct run_entry, t)->hh.next : m->tests->runs;

	return e ? &e->t : NULL;
}

const struct test_input *test_run__next(const struct test_run *t, const struct test_input *i)
{
	const struct input_entry *e = i ? container_of(i, struct input_entry, i)->hh.next :
					  container_of(t, struct run_entry, t)->inputs;

	return e ? &e->i : NULL;
}

const struct test_cached *model__next_cached_test(const struct model *m, const struct test_cached *c)
{
	const struct go_test *g = c ? container_of(c, struct go_test, c)->hh.next : m->tests->gos;

	for (; g; g = g->hh.next)
		if (g->c.is_all || g->cached)
			return &g->c;
	return NULL;
}

const struct cached_package *test_cached__next(const struct test_cached *c,
					       const struct cached_package *p)
{
	const struct cached_entry *e = p ? container_of(p, struct cached_entry, c)->next :
					   container_of(c, struct go_test, c)->cached;

	return e ? &e->c : NULL;
}

enum confidence test_cached__confidence(const struct test_cached *c)
{
	return test_cached__next(c, NULL) ? PROVEN : LIKELY;
}

bool model__test_look(const struct model *m, const char *path, int64_t *ret_mtime, uint64_t *ret_size)
{
	const char *kept = pool__find(m->pool, path);
	const struct looked *at = kept ? hash_find(m->tests->paths, path, &kept) : NULL;

	if (!at || !at->last)
		return false;
	*ret_mtime = at->last->mtime;
	*ret_size = at->last->size;
	return true;
}
