/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Test binaries: what they and their children used, and what the go command made of it. */
#include <errno.h>

#include "model/topic.h"
#include "model/process.h"
#include "model/roots.h"
#include "model/run.h"
#include "model/tests/tests.h"
#include "record/facts.h"
#include "model/hash.h"

#define MAX_RUNS	4096
#define MAX_INPUTS	512	/* of one run */
#define MAX_PATHS	65536	/* of all */
#define MAX_MEMBERS	65536

struct input_entry {
	struct test_input i;
	UT_hash_handle hh;	/* by i.path, pooled */
};

struct run_entry {
	struct test_run t;
	struct input_entry *inputs;
	struct run_entry *next_of_go;
	UT_hash_handle hh;	/* by t.proc */
};

/* A process that is a test binary or comes from one. */
struct member {
	uint64_t proc;
	struct run_entry *run;
	bool is_child;
	UT_hash_handle hh;
};

/* An input of any run, as a go command saw it last. */
struct seen {
	const char *path;
	uint64_t go;
	int64_t mtime, ts;
	int64_t old_mtime, old_ts;	/* before, by another go command; old_ts -1: it was the same */
	uint64_t changed_go;
	UT_hash_handle hh;
};

struct go_test {
	struct test_cached c;
	bool ran;		/* a test binary, or was not asked to */
	bool ended;
	struct run_entry *runs;
	UT_hash_handle hh;	/* by c.go */
};

struct tests {
	struct run_entry *runs;
	struct member *members;
	struct seen *paths;
	struct go_test *gos;
	int64_t epoch;		/* of the record's start, ns; 0 unknown */
};

/* --- who belongs to a test --- */

static struct member *find_member(const struct tests *ts, uint64_t proc)
{
	struct member *mb = NULL;

	if (proc && ts->members)
		HASH_FIND(hh, ts->members, &proc, sizeof(proc), mb);
	return mb;
}

static int add_member(struct tests *ts, uint64_t proc, struct run_entry *run, bool is_child)
{
	struct member *mb = find_member(ts, proc);

	if (mb || !proc || HASH_COUNT(ts->members) >= MAX_MEMBERS)
		return 0;
	mb = calloc(1, sizeof(*mb));
	if (!mb)
		return -ENOMEM;
	*mb = (struct member){ .proc = proc, .run = run, .is_child = is_child };
	HASH_ADD(hh, ts->members, proc, sizeof(mb->proc), mb);
	if (!hash__has(mb)) {
		free(mb);
		return -ENOMEM;
	}
	return 0;
}

static struct go_test *find_go(const struct tests *ts, uint64_t go)
{
	struct go_test *g = NULL;

	if (go && ts->gos)
		HASH_FIND(hh, ts->gos, &go, sizeof(go), g);
	return g;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = dir ? strlen(dir) : 0;

	return n && !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

/* The root that go compares with: of the module, or of Go when its own packages are tested. */
static const char *root_of(const struct model *m, const struct process *p)
{
	const struct roots *r = model__roots(m, p);

	if (p->cwd && is_below(p->cwd, r->dir[ROOT_MODULE]))
		return r->dir[ROOT_MODULE];
	return p->cwd && is_below(p->cwd, r->dir[ROOT_GOROOT]) ? r->dir[ROOT_GOROOT] : NULL;
}

static int add_run(struct model *m, const struct process *p)
{
	struct tests *ts = m->tests;
	struct go_test *g = find_go(ts, p->go);
	struct run_entry *e;

	if (g)
		g->ran = true;
	HASH_FIND(hh, ts->runs, &p->proc, sizeof(p->proc), e);
	if (e || HASH_COUNT(ts->runs) >= MAX_RUNS)
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->t = (struct test_run){ .proc = p->proc, .go = p->go, .dir = p->cwd, .root = root_of(m, p), .log_ts = -1 };
	HASH_ADD(hh, ts->runs, t.proc, sizeof(e->t.proc), e);
	if (!hash__has(e)) {
		free(e);
		return -ENOMEM;
	}
	if (g) {
		e->next_of_go = g->runs;
		g->runs = e;
	}
	return add_member(ts, p->proc, e, false);
}

/* go test that is asked for something else than to run tests. */
static bool is_asked_to_test(const struct process *p)
{
	static const char *const others[] = { "-c", "-n", "-h", "-help", "-list" };
	const char *arg = NULL;

	while ((arg = process__next_arg(p, arg)))
		for (size_t i = 0; i < ARRAY_SIZE(others); i++)
			if (str_eq(arg, others[i]) || (arg[0] == '-' && str_eq(arg + 1, others[i])))
				return false;
	return true;
}

static int add_go_test(struct model *m, const struct process *p)
{
	struct go_test *g = find_go(m->tests, p->proc);

	if (g || !p->subject || !str_eq(p->subject, "test") || HASH_COUNT(m->tests->gos) >= MAX_RUNS)
		return 0;
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->c.go = p->proc;
	g->ran = !is_asked_to_test(p);
	HASH_ADD(hh, m->tests->gos, c.go, sizeof(g->c.go), g);
	if (!hash__has(g)) {
		free(g);
		return -ENOMEM;
	}
	return 0;
}

static int add_exec(struct model *m, const struct process *p)
{
	struct tests *ts = m->tests;
	struct member *from = find_member(ts, p->prev) ?: find_member(ts, p->parent);

	if (p->role == TOOL_GO && !p->probe)
		return add_go_test(m, p);
	if (p->role == TOOL_TEST)
		return add_run(m, p);
	return from ? add_member(ts, p->proc, from->run, true) : 0;
}

static int add_fork(struct tests *ts, const struct rec *rec)
{
	struct member *from = find_member(ts, rec->proc);

	return from ? add_member(ts, rec__uint(rec, "child_proc", 0), from->run, true) : 0;
}

static void add_exit(struct tests *ts, const struct process *p, const struct rec *rec)
{
	struct go_test *g = find_go(ts, p->proc);

	if (!g || p->end != PROCESS_EXITED || p->status)
		return;
	g->ended = true;
	proof__add(&g->c.proof, rec->ts);
}

/* --- what tests use --- */

/* What every process touches to start and to run programs. */
static bool is_of_the_system(const char *path, bool is_child)
{
	static const char *const below[] = { "/dev/", "/proc/", "/sys/", "/lib/", "/lib64/", "/usr/lib/", "/etc/ld.so." };
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < ARRAY_SIZE(below); i++)
		if (str_has_prefix(path, below[i]))
			return true;
	if (is_child && (str_has_prefix(path, "/usr/") || str_has_prefix(path, "/etc/")))
		return true;	/* C programs load their locale, their users, … */
	/* the search for a program */
	return (slash - path >= 4 && !memcmp(slash - 4, "/bin", 4)) || (slash - path >= 5 && !memcmp(slash - 5, "/sbin", 5));
}

static int get_seen(struct tests *ts, const char *path, struct seen **ret)
{
	struct seen *s;

	HASH_FIND_STR(ts->paths, path, s);
	*ret = s;
	if (s || HASH_COUNT(ts->paths) >= MAX_PATHS)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct seen){ .path = path, .ts = -1, .old_ts = -1 };
	HASH_ADD_KEYPTR(hh, ts->paths, s->path, strlen(s->path), s);
	if (!hash__has(s)) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

static int get_input(struct model *m, struct run_entry *run, const char *path, int64_t at, struct test_input **ret)
{
	struct input_entry *e;
	struct seen *s;

	*ret = NULL;
	path = pool__get(m->pool, path);
	if (!path)
		return -ENOMEM;
	HASH_FIND_PTR(run->inputs, &path, e);
	if (!e && HASH_COUNT(run->inputs) >= MAX_INPUTS) {
		run->t.left_out++;
		return 0;
	}
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->i = (struct test_input){ .path = path, .ts = at, .absent = true, .seen_ts = -1, .old_ts = -1,
					    .inside = run->t.root && is_below(path, run->t.root) };
		HASH_ADD_PTR(run->inputs, i.path, e);
		if (!hash__has(e)) {
			free(e);
			return -ENOMEM;
		}
	}
	*ret = &e->i;
	return e->i.inside ? get_seen(m->tests, path, &s) : 0;
}

static int add_use(struct model *m, const struct process *p, const struct member *mb, const struct rec *rec,
		   const char *path)
{
	struct run_entry *run = mb->run;
	const char *err = rec__str(rec, "err"), *rest;
	bool writes = rec__opens_to_write(rec);
	enum root root = roots__find(model__roots(m, p), path, &rest);
	struct test_input *i;
	int status;

	if (writes && !mb->is_child && str_has_suffix(path, "/testlog.txt")) {
		run->t.log_ts = rec->ts;
		return 0;
	}
	if (root == ROOT_WORK || root == ROOT_GOCACHE)
		return 0;
	if (is_of_the_system(path, mb->is_child) && !is_below(path, run->t.root))
		return 0;
	if (err && !str_eq(err, "ENOENT") && !str_eq(err, "ENOTDIR") && writes)
		return 0;
	status = get_input(m, run, path, rec->ts, &i);
	if (status || !i)
		return status;
	i->absent &= err != NULL;
	i->written |= writes && !err;
	i->opened |= rec->kind == REC_OPEN && !err && !writes;
	if (mb->is_child)
		i->by_child = true;
	else
		i->by_test = true;
	i->before |= run->t.log_ts < 0 && !mb->is_child;
	return 0;
}

/* --- what go makes of it --- */

static void update(struct test_input *i, const struct seen *s, int64_t epoch)
{
	i->seen_ts = s->ts;
	i->mtime = s->mtime;
	i->too_new |= epoch && s->mtime && epoch + s->ts - s->mtime < TEST_TOO_NEW_NS;
	if (s->changed_go && s->changed_go == s->go) {
		i->changed = true;
		i->old_mtime = s->old_mtime;
		i->old_ts = s->old_ts;
	}
}

/* go looks at what tests used: after a run to keep its result, and before to find it again. */
static void add_look(struct model *m, const struct process *p, const struct rec *rec, const char *path)
{
	struct tests *ts = m->tests;
	struct go_test *g = find_go(ts, p->proc);
	struct run_entry *run;
	struct input_entry *e;
	struct seen *s;
	int64_t mtime;

	HASH_FIND_STR(ts->paths, path, s);
	if (!s)
		return;
	mtime = rec__mtime(rec);
	if (s->ts >= 0 && s->go != p->proc && s->mtime != mtime) {
		s->changed_go = p->proc;
		s->old_mtime = s->mtime;
		s->old_ts = s->ts;
	}
	s->go = p->proc;
	s->mtime = mtime;
	s->ts = rec->ts;
	if (g)
		proof__add(&g->c.proof, rec->ts);
	ts->epoch = ts->epoch ?: run__epoch(model__run(m));
	for (run = g ? g->runs : NULL; run; run = run->next_of_go) {
		HASH_FIND_PTR(run->inputs, &s->path, e);
		if (e)
			update(&e->i, s, ts->epoch);
	}
}

static int tests__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct member *mb;
	const char *path;

	switch (rec->kind) {
	case REC_EXEC: case REC_EXIT: case REC_FORK:
	case REC_OPEN: case REC_STAT: case REC_ACCESS: case REC_READLINK:
		break;
	default:
		return 0;
	}
	if (rec->kind == REC_FORK)
		return add_fork(m->tests, rec);
	if (rec->kind != REC_EXEC && !m->tests->members && !m->tests->gos)
		return 0;
	p = model__process_of(m, rec);
	if (!p)
		return 0;
	if (rec->kind == REC_EXEC)
		return add_exec(m, p);
	if (rec->kind == REC_EXIT) {
		add_exit(m->tests, p, rec);
		return 0;
	}
	path = rec__str(rec, "path");
	if (!path || path[0] != '/')
		return 0;
	mb = find_member(m->tests, p->proc);
	if (mb)
		return add_use(m, p, mb, rec, path);
	if (rec->kind == REC_STAT && p->role == TOOL_GO && m->tests->paths)
		add_look(m, p, rec, path);
	return 0;
}

static int tests__open(struct model *m)
{
	m->tests = calloc(1, sizeof(*m->tests));
	return m->tests ? 0 : -ENOMEM;
}

#define FREE_ALL(table, item, next)		\
	HASH_ITER(hh, table, item, next) {	\
		HASH_DEL(table, item);		\
		free(item);			\
	}

static void tests__close(struct model *m)
{
	struct tests *ts = m->tests;
	struct run_entry *run, *next_run;
	struct input_entry *i, *next_i;
	struct member *mb, *next_mb;
	struct seen *s, *next_s;
	struct go_test *g, *next_g;

	if (!ts)
		return;
	for (run = ts->runs; run; run = run->hh.next)
		FREE_ALL(run->inputs, i, next_i);
	FREE_ALL(ts->runs, run, next_run);
	FREE_ALL(ts->members, mb, next_mb);
	FREE_ALL(ts->paths, s, next_s);
	FREE_ALL(ts->gos, g, next_g);
	free(ts);
}

/* --- in the end --- */

static void count(struct run_entry *run)
{
	struct test_run *t = &run->t;

	for (const struct input_entry *e = run->inputs; e; e = e->hh.next) {
		t->inside += e->i.inside;
		t->outside += !e->i.inside;
		t->missing += e->i.absent;
		t->children += e->i.by_child && !e->i.by_test;
		t->early += e->i.before;
		t->too_new += e->i.too_new;
		t->changed += e->i.changed;
		t->written += e->i.written;
	}
}

static int tests__finish(struct model *m)
{
	struct run_entry *run;
	struct go_test *g;

	hash_each(m->tests->runs, run)
		count(run);
	hash_each(m->tests->gos, g)
		g->c.is_all = !g->ran && g->ended;
	return 0;
}

const struct topic topic_tests = {
	.name = "tests", .scope = MODEL_ALL,
	.open = tests__open, .add = tests__add, .finish = tests__finish, .close = tests__close,
};

/* --- questions --- */

/* The sources of the tested package are known by their content. */
static bool is_source(const struct test_run *t, const char *path)
{
	size_t n = t->dir ? strlen(t->dir) : 0;

	return n && str_has_suffix(path, ".go") && is_below(path, t->dir) && !strchr(path + n + 1, '/');
}

bool test_input__is_unseen(const struct test_run *t, const struct test_input *i)
{
	return !is_source(t, i->path) && !i->absent && i->opened && (!i->inside || i->before || !i->by_test);
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
	struct go_test *g = c ? container_of(c, struct go_test, c)->hh.next : m->tests->gos;

	for (; g; g = g->hh.next) {
		if (g->c.is_all || model__next_cached_package(m, g->c.go, NULL))
			return &g->c;
	}
	return NULL;
}
