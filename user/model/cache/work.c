/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What it took to make what was not in the cache: all tools that go ran for a package, compiler,
 * assembler, cgo, the C compiler for cgo, cover, pack. All of them carry TOOLEXEC_IMPORTPATH; before
 * 1.16, which does not set it, they work in the package's folder of $WORK.
 */
#include <errno.h>

#include "golang/own.h"
#include "model/cache/store.h"

/* One tool at work. */
struct span {
	struct cache_ref *of;
	int64_t start, end;
};

/* What tools of one command say that they work for, and the use that this is. */
struct subject {
	struct {
		uint64_t go;
		const char *name;	/* of the pool: a package, or a folder of $WORK */
	} key;
	struct cache_ref *use;
	UT_hash_handle hh;
};

struct work {
	struct model *m;
	struct subject *subjects;
	struct span *spans;
	size_t cnt, room;
};

static int add_span(struct work *w, struct cache_ref *of, const struct process *p)
{
	size_t room = w->room ? 2 * w->room : 64;
	struct span *list;

	of->tools++;
	if (p->start < 0 || p->finish < p->start)
		return 0;
	if (w->cnt == w->room) {
		list = reallocarray(w->spans, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		w->spans = list;
		w->room = room;
	}
	w->spans[w->cnt++] = (struct span){ of, p->start, p->finish };
	return 0;
}

/* --- who worked for what --- */

/* "/tmp/go-build123/b045" of the first argument that is in such a folder; NULL: none. */
static int work_folder(struct model *m, const struct process *p, const char **ret)
{
	const char *arg = NULL;
	size_t n;

	*ret = NULL;
	while ((arg = process__next_arg(p, arg))) {
		n = go_own__package_len(arg);
		if (!n || !arg[n])
			continue;
		*ret = pool__get_n(m->pool, arg, n);
		return *ret ? 0 : -ENOMEM;
	}
	return 0;
}

/* A tool counts from where go started it: as the wrapper that -toolexec puts around it. */
static const struct process *started(const struct model *m, const struct process *p)
{
	const struct process *parent = model__process(m, p->parent);

	return parent && parent->role == TOOL_TOOLEXEC ? parent : p;
}

/* At the bidding of go itself: what cgo and the C compiler start is in their own time. */
static bool works_for_package(const struct model *m, const struct process *p)
{
	static const enum tool_role others[] = {
		TOOL_GO, TOOL_LINK, TOOL_VET, TOOL_TEST, TOOL_GO_RUN, TOOL_TOOLEXEC, TOOL_CACHEPROG,
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (p->role == others[i])
			return false;
	if (!p->go || p->proc == p->go || !p->has_exec || p->probe)
		return false;
	/* What else a wrapper starts is in its own time. */
	return p->parent == p->go ||
	       (tool_role__is_go_tool(p->role) && started(m, p)->parent == p->go);
}

static struct subject *get_subject(struct work *w, const struct process *p, int *ret_err)
{
	struct subject s = { .key.go = p->go, .key.name = p->package }, *found;

	*ret_err = p->package ? 0 : work_folder(w->m, p, &s.key.name);
	if (*ret_err || !s.key.name)
		return NULL;
	found = hash_get(&w->subjects, key, &s.key);
	*ret_err = found ? 0 : -ENOMEM;
	return found;
}

/*
 * No compiler that says its action: its arguments were too many, it never came to that, or go needs
 * nothing but the sources that cgo makes.
 */
static struct cache_ref *use_without_action(struct cache_command *cmd, const struct process *p)
{
	bool is_missed = false;
	struct cache_ref *u;

	for (u = cmd->first; u; u = u->next) {
		if (!u->action || u->tool || u->outcome != CACHE_MISS)
			continue;
		if (u->action->kind == CACHE_PACKAGE && u->action->package == p->package)
			return u;
		is_missed |= u->action->kind == CACHE_UNKNOWN || u->action->kind == CACHE_PACKAGE;
	}
	u = cache_command__extra(cmd, p->role == TOOL_COMPILE ? CACHE_PACKAGE : CACHE_SOURCE,
				 p->package, p->start);
	if (u)
		u->outcome = is_missed && cmd->unasked == CACHE_UNSEEN ? CACHE_MISS : cmd->unasked;
	return u;
}

static int add_worker(struct work *w, const struct process *p)
{
	struct cache_command *cmd = hash_find(w->m->caches->commands, go, &p->go);
	struct subject *s;
	int err;

	if (!cmd || !works_for_package(w->m, p))
		return 0;
	s = get_subject(w, p, &err);
	if (!s || (!s->use && !p->package))
		return err;
	if (!s->use)
		s->use = use_without_action(cmd, p);
	if (!s->use)
		return -ENOMEM;
	if (p->role == TOOL_COMPILE && !s->use->action)
		s->use->kind = CACHE_PACKAGE;
	return add_span(w, s->use, started(w->m, p));
}

/* The tool of a use is known: with it what its subject is, or all that it took. */
static int add_tool(struct work *w, struct cache_ref *u)
{
	const struct process *p = u->tool ? model__process(w->m, u->tool) : NULL;
	struct subject *s;
	int err;

	if (!p)
		return 0;
	if (p->role != TOOL_COMPILE)
		return add_span(w, u, started(w->m, p));
	s = get_subject(w, p, &err);
	if (s)
		s->use = u;
	return err;
}

/* --- times --- */

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_use(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return compare((intptr_t)x->of, (intptr_t)y->of) ?: compare(x->start, y->start);
}

static int by_command(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return compare((intptr_t)x->of->cmd, (intptr_t)y->of->cmd) ?: compare(x->start, y->start);
}

/* The time in which one of them ran; they are sorted by their start. */
static int64_t wall_of(const struct span *s, size_t cnt)
{
	int64_t wall = 0, until = INT64_MIN;

	for (size_t i = 0; i < cnt; i++) {
		if (s[i].end <= until)
			continue;
		wall += s[i].end - (s[i].start > until ? s[i].start : until);
		until = s[i].end;
	}
	return wall;
}

static bool is_of_package(const struct span *s)
{
	return (s->of->action ? s->of->action->kind : s->of->kind) == CACHE_PACKAGE;
}

static void set_times(struct work *w)
{
	size_t n, kept = 0;

	if (!w->cnt)
		return;
	qsort(w->spans, w->cnt, sizeof(*w->spans), by_use);
	for (size_t i = 0; i < w->cnt; i += n) {
		struct cache_ref *u = w->spans[i].of;

		u->work_ns = 0;
		for (n = 0; i + n < w->cnt && w->spans[i + n].of == u; n++)
			u->work_ns += w->spans[i + n].end - w->spans[i + n].start;
		u->wall_ns = wall_of(&w->spans[i], n);
	}
	for (size_t i = 0; i < w->cnt; i++)
		if (is_of_package(&w->spans[i]))
			w->spans[kept++] = w->spans[i];
	qsort(w->spans, kept, sizeof(*w->spans), by_command);
	for (size_t i = 0; i < kept; i += n) {
		struct cache_command *cmd = w->spans[i].of->cmd;

		for (n = 0; i + n < kept && w->spans[i + n].of->cmd == cmd; n++)
			;
		cmd->sum.spent_wall_ns = wall_of(&w->spans[i], n);
	}
}

/* --- the same work twice --- */

static bool overlap(const struct model *m, uint64_t a, uint64_t b)
{
	const struct process *p = model__process(m, a), *q = model__process(m, b);

	return p && q && (p->finish < 0 || q->start < p->finish) && (q->finish < 0 || p->start < q->finish);
}

/* Commands that run side by side both miss what neither has put yet. */
static void find_doubles(const struct model *m, struct cache_action *a)
{
	struct cache_ref *u, *other;

	for (u = a->refs; u; u = u->sibling)
		for (other = a->refs; other && u->tool && !u->also; other = other->sibling)
			if (other != u && other->tool && overlap(m, u->cmd->go, other->cmd->go))
				u->also = other->cmd->go;
}

int caches__find_work(struct model *m)
{
	struct work w = { .m = m };
	const struct process *p;
	struct cache_command *cmd;
	struct cache_action *a;
	struct cache_ref *u;
	int err = 0;

	hash_each(m->caches->commands, cmd)
		for (u = cmd->first; u && !err; u = u->next)
			err = add_tool(&w, u);
	for (p = model__next_process(m, NULL); p && !err; p = model__next_process(m, p))
		err = add_worker(&w, p);
	set_times(&w);
	hash_each(m->caches->actions, a)
		if (a->kind == CACHE_PACKAGE && a->refs && a->refs->sibling)
			find_doubles(m, a);
	hash_free(&w.subjects, free);
	free(w.spans);
	return err;
}
