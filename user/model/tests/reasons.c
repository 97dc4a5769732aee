/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why each test ran, and whose results came from the cache.
 *
 * go asks twice before it runs a test. First under a key of the test binary and its flags, for the
 * list of what the test used the last time; then, when there is one, under a key of that list with
 * the times and sizes of its files and the values of its variables, for the result. So nothing found
 * the first time means another binary, other flags, or no result that was kept; nothing found the
 * second time means an input. Under flags that it does not know to be harmless, go does not ask.
 */
#include <errno.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/images.h"
#include "model/run.h"
#include "model/settings/settings.h"
#include "model/tests/store.h"

static const char *const why_names[] = {
#define X(id, name) [TEST_WHY_##id] = name,
	TEST_WHY_LIST(X)
#undef X
};

const char *test_why__name(enum test_why why)
{
	return why_names[why];
}

/* What is asked of one run. */
struct ask {
	struct model *m;
	struct run_entry *e;
	const struct process *p;
	struct go_test *g;
	struct cache_use use;		/* the first look-up; lookups 0: not known */
	const struct run_entry *earlier;	/* of the same package, by an earlier command; NULL */
	int64_t cached_ts;		/* an earlier result of it was found; -1 */
	uint64_t old_go;		/* that command, of the one or the other; 0 */
};

static struct test_reason *add_reason(struct ask *a, enum test_why why, const char *detail,
				      enum confidence confidence)
{
	struct test_run *t = &a->e->t;
	struct test_reason *r;

	if (t->reason_cnt == TEST_MAX_REASONS)
		return &t->reasons[TEST_MAX_REASONS - 1];
	r = &t->reasons[t->reason_cnt++];
	r->why = why;
	r->detail = detail;
	r->confidence = confidence;
	proof__add(&r->proof, a->p->start);
	return r;
}

/* --- go did not ask --- */

/* Results are kept under the value of these flags, from this version of Go on, or in spite of them. */
static const struct {
	const char *flag;
	unsigned int since;		/* 1.N; 0: all */
} harmless[] = {
	{ "-test.testlogfile", 0 },	{ "-test.paniconexit0", 0 },	{ "-test.fuzzcachedir", 0 },
	{ "-test.gocoverdir", 0 },	{ "-test.cpu", 0 },		{ "-test.list", 0 },
	{ "-test.parallel", 0 },	{ "-test.run", 0 },		{ "-test.short", 0 },
	{ "-test.timeout", 0 },		{ "-test.v", 0 },		{ "-test.benchtime", 16 },
	{ "-test.failfast", 16 },	{ "-test.fullpath", 23 },	{ "-test.skip", 25 },
	{ "-test.coverprofile", 25 },	{ "-test.outputdir", 25 },
};

static bool is_harmless(const char *arg, unsigned int minor)
{
	size_t n = strcspn(arg, "=");

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (strlen(harmless[i].flag) == n && !memcmp(arg, harmless[i].flag, n))
			return !harmless[i].since || !minor || minor >= harmless[i].since;
	return false;
}

static unsigned int minor_of(const struct model *m, const struct process *p)
{
	const struct go_command *c = model__command(m, p->go);
	const char *version = c ? go_command__version(m, c) : NULL;

	return version && str_has_prefix(version, "go1.") ? atoi(version + strlen("go1.")) : 0;
}

static bool has_log(const struct process *p)
{
	const char *arg = NULL;

	while ((arg = process__next_arg(p, arg)))
		if (str_has_prefix(arg, "-test.testlogfile="))
			return true;
	return false;
}

/* go test of the package where it works, without saying so. 0 or -ENOMEM. */
static int ask_packages(struct ask *a)
{
	const struct go_command *c = model__command(a->m, a->p->go);
	struct go_flags flags = {};
	const char **argv = NULL;
	int err;

	if (!c || !c->settings)
		return 0;
	err = command_settings__flags(c->settings, &flags, &argv);
	if (!err && flags.refusal == GO_ACCEPTED && !flags.arg_cnt)
		add_reason(a, TEST_WHY_LOCAL, NULL, flags.is_certain ? PROVEN : LIKELY);
	go_flags__free(&flags);
	free(argv);
	return err;
}

static int ask_flags(struct ask *a)
{
	unsigned int minor = minor_of(a->m, a->p);
	const char *arg = process__next_arg(a->p, NULL), *flag = NULL;

	while (arg && !flag && (arg = process__next_arg(a->p, arg)))
		if (!is_harmless(arg, minor))
			flag = pool__get_n(a->m->pool, arg, strcspn(arg, "="));
	if (arg && !flag)
		return -ENOMEM;
	if (flag)
		add_reason(a, str_eq(flag, "-test.count") ? TEST_WHY_COUNT : TEST_WHY_FLAG, flag, PROVEN);
	return flag ? 0 : ask_packages(a);
}

/* --- what go looked at --- */

/* The last look before ts, by this go command or, is_own false, by another one. */
static const struct look *look_before(const struct look *l, int64_t ts, uint64_t go, bool is_own)
{
	while (l && (l->ts >= ts || (l->go == go) != is_own))
		l = l->before;
	return l;
}

static bool is_too_new(const struct model *m, const struct look *l)
{
	int64_t epoch = run__epoch(model__run(m));

	return epoch && l->mtime && epoch + l->ts - l->mtime < TEST_TOO_NEW_NS;
}

/* The first look of this go command. */
static const struct look *first_look(const struct look *l, uint64_t go)
{
	const struct look *first = NULL;

	for (; l; l = l->before)
		first = l->go == go ? l : first;
	return first;
}

static void see_looks(const struct model *m, const struct test_run *t, struct test_input *i)
{
	struct looked *at = i->inside ? hash_find(m->tests->paths, path, &i->path) : NULL;
	const struct look *l = at ? look_before(at->last, INT64_MAX, t->go, true) : NULL;
	const struct look *first = at ? first_look(at->last, t->go) : NULL;
	const struct look *old = first ? look_before(at->last, first->ts, t->go, false) : NULL;

	if (!l)
		return;
	i->seen_ts = l->ts;
	i->mtime = l->mtime;
	for (; l; l = look_before(l->before, INT64_MAX, t->go, true))
		i->too_new |= is_too_new(m, l);
	if (old && (old->mtime != first->mtime || old->size != first->size)) {
		i->changed = true;
		i->old_mtime = old->mtime;
		i->old_ts = old->ts;
	}
}

/* The input that kept go from the earlier result: as it was looked at before the test began. */
static bool ask_inputs(struct ask *a, enum confidence confidence)
{
	const struct test_run *t = &a->e->t;
	bool found = false;

	for (const struct input_entry *e = a->e->inputs; e && !found; e = e->hh.next) {
		struct looked *at = e->i.inside ? hash_find(a->m->tests->paths, path, &e->i.path) : NULL;
		const struct look *l = at ? look_before(at->last, a->p->start, t->go, true) : NULL;
		struct test_reason *r;

		if (!l || e->i.before || !e->i.by_test)
			continue;
		found = (e->i.opened && is_too_new(a->m, l)) || e->i.changed;
		if (!found)
			continue;
		r = add_reason(a, e->i.opened && is_too_new(a->m, l) ? TEST_WHY_TOO_NEW : TEST_WHY_INPUT,
			       e->i.path, confidence);
		proof__add(&r->proof, l->ts);
		if (r->why == TEST_WHY_INPUT)
			proof__add(&r->proof, e->i.old_ts);
	}
	return found;
}

/* --- variables --- */

/* Variables that the one command was given and the other was not, or with another value. */
static void add_differing(struct str *names, const struct environment *e, const struct environment *other)
{
	for (size_t i = 0; e && other && i < e->cnt; i++) {
		const char *value = environment__get(other, e->vars[i].name);

		if (value ? str_eq(value, e->vars[i].value) : !other->is_whole)
			continue;
		if (names->len && strstr(names->s, e->vars[i].name))
			continue;	/* seen from the other side */
		str__adds(names, names->len ? ", " : "");
		str__adds(names, e->vars[i].name);
	}
}

/* Which of them the test asked for is not in the record. */
static int ask_variables(struct ask *a)
{
	const struct go_command *c = model__command(a->m, a->p->go);
	const struct go_command *old = model__command(a->m, a->old_go);
	__free_str struct str names = {};
	const char *kept;

	add_differing(&names, c ? c->env : NULL, old ? old->env : NULL);
	add_differing(&names, old ? old->env : NULL, c ? c->env : NULL);
	kept = pool__get(a->m->pool, names.s);
	if (str__err(&names) || (names.s && !kept))
		return -ENOMEM;
	add_reason(a, TEST_WHY_VARIABLE, kept, LIKELY);
	return 0;
}

/* --- what go found --- */

static bool has_result(const struct ask *a)
{
	const struct cache_ref *at = NULL;
	struct cache_use use;

	while ((at = model__next_use(a->m, model__process(a->m, a->p->go), at, &use)))
		if (use.kind == CACHE_TEST && use.outcome == CACHE_HIT && use.lookups && use.ts < a->p->start &&
		    use.package && a->e->t.package && str_eq(use.package, a->e->t.package))
			return true;
	return false;
}

/* There was a list; the result under what is on it now is missing, or too old. */
static int ask_second(struct ask *a)
{
	if (ask_inputs(a, a->old_go ? PROVEN : LIKELY))
		return 0;
	if (has_result(a)) {
		add_reason(a, TEST_WHY_EXPIRED, NULL, LIKELY);
		return 0;
	}
	/* Nobody has looked at its inputs before: each of them may have changed. */
	if (!a->old_go)
		add_reason(a, TEST_WHY_INPUT, NULL, LIKELY);
	return ask_variables(a);
}

static bool same_args(const struct process *p, const struct process *q)
{
	const char *a = process__next_arg(p, NULL), *b = process__next_arg(q, NULL);

	while (a && b) {
		a = process__next_arg(p, a);
		b = process__next_arg(q, b);
		if (!a || !b)
			break;
		if (!str_has_prefix(a, "-test.testlogfile=") && !str_has_prefix(a, "-test.gocoverdir=") &&
		    !str_eq(a, b))
			return false;
	}
	return !a && !b;
}

/*
 * The package that go made anew first: what others of the binary were made anew for. When even those
 * of the standard library were, it is all of them, and NULL; *ret_any: there was one at all.
 */
static const char *made_anew(const struct ask *a, bool *ret_any)
{
	const struct cache_ref *at = NULL;
	const char *first = NULL;
	struct cache_use use;

	*ret_any = false;
	while ((at = model__next_use(a->m, model__process(a->m, a->p->go), at, &use))) {
		if (use.kind != CACHE_PACKAGE || !cache_outcome__is_made(use.outcome) || !use.package ||
		    str_has_suffix(use.package, ".test") || use.ts > a->p->start)
			continue;
		*ret_any = true;
		if (!memchr(use.package, '.', strcspn(use.package, "/")))
			return NULL;
		first = first ?: use.package;
	}
	return first;
}

/* The hash of what is in a binary: NULL when nobody has read its build ID. */
static const char *content_id(const struct model *m, const struct process *p)
{
	const struct image *i = model__image_of(m, p);
	const char *slash = i && i->build_id ? strrchr(i->build_id, '/') : NULL;

	return slash ? slash + 1 : NULL;
}

/* What the linker made it of is another; when that comes to the same binary, go finds the result. */
static enum confidence is_other_binary(const struct ask *a, const struct process *old)
{
	const char *content = content_id(a->m, a->p), *old_content = content_id(a->m, old);
	const char *id, *old_id, *package;

	if (content && old_content)
		return str_eq(content, old_content) ? NOT_EVALUATED : PROVEN;
	if (!model__linked(a->m, a->p->exe, &id, &package) ||
	    !model__linked(a->m, old->exe, &old_id, &package) || id == old_id)
		return NOT_EVALUATED;
	return LIKELY;
}

static void ask_earlier_run(struct ask *a)
{
	const struct process *old = model__process(a->m, a->earlier->t.proc);
	enum confidence is_other = is_other_binary(a, old);
	struct test_reason *r;
	bool any;

	if (is_other != NOT_EVALUATED)
		r = add_reason(a, TEST_WHY_BINARY, made_anew(a, &any), is_other);
	else if (!same_args(a->p, old))
		r = add_reason(a, TEST_WHY_OTHER_FLAGS, NULL, PROVEN);
	else if (old->end == PROCESS_EXITED && old->status)
		r = add_reason(a, TEST_WHY_FAILED, NULL, PROVEN);
	else
		r = add_reason(a, a->earlier->t.too_new ? TEST_WHY_NOT_KEPT : TEST_WHY_FIRST, NULL, LIKELY);
	proof__add(&r->proof, old->start);
	for (const struct input_entry *e = a->earlier->inputs; e && r->why == TEST_WHY_NOT_KEPT; e = e->hh.next)
		if (e->i.too_new) {
			r->detail = e->i.path;
			proof__add(&r->proof, e->i.seen_ts);
		}
}

/* Nothing is kept under this binary and these flags. */
static void ask_first(struct ask *a)
{
	bool any;
	const char *package = made_anew(a, &any);

	if (a->earlier) {
		ask_earlier_run(a);
		return;
	}
	if (any || a->cached_ts >= 0) {
		struct test_reason *r = add_reason(a, TEST_WHY_BINARY, package, LIKELY);

		if (a->cached_ts >= 0)
			proof__add(&r->proof, a->cached_ts);
	}
	if (a->cached_ts < 0)
		add_reason(a, TEST_WHY_FIRST, NULL, LIKELY);
}

/* --- all of it --- */

static bool is_same_package(const struct test_run *a, const struct test_run *b)
{
	if (a->package && b->package)
		return a->package == b->package;
	return a->dir && a->dir == b->dir;
}

/* What was last before: a run by another command, or a result that one found. */
static void find_earlier(struct ask *a)
{
	const struct process *last = NULL;
	const struct cached_entry *c;
	const struct run_entry *e;
	const struct go_test *g;

	a->cached_ts = -1;
	for (e = a->m->tests->runs; e && e != a->e; e = e->hh.next)
		if (e->t.go != a->e->t.go && is_same_package(&e->t, &a->e->t))
			a->earlier = e;
	if (a->earlier) {
		last = model__process(a->m, a->earlier->t.proc);
		a->old_go = a->earlier->t.go;
	}
	for (g = a->m->tests->gos; g && g != a->g; g = g->hh.next)
		for (c = g->cached; c; c = c->next)
			if (a->e->t.package && str_eq(c->c.path, a->e->t.package) &&
			    c->c.proof.ts[0] < a->p->start && (!last || c->c.proof.ts[0] > last->start)) {
				a->cached_ts = c->c.proof.ts[0];
				a->old_go = g->go;
				a->earlier = NULL;
			}
}

static void find_lookup(struct ask *a)
{
	const struct process *go = model__process(a->m, a->p->go);
	const struct cache_ref *at = NULL;
	struct cache_use use;

	while (go && (at = model__next_use(a->m, go, at, &use)))
		if (use.tool == a->p->proc)
			a->use = use;
}

static int ask_why(struct model *m, struct run_entry *e)
{
	struct ask a = { .m = m, .e = e, .p = model__process(m, e->t.proc) };

	a.g = hash_find(m->tests->gos, go, &e->t.go);
	if (!a.p || !a.g)
		return 0;
	if (!has_log(a.p))
		return a.p->args_cut ? 0 : ask_flags(&a);
	find_earlier(&a);
	find_lookup(&a);
	if (a.use.lookups && str_eq(a.use.reason ?: "", "inputs"))
		return ask_second(&a);
	if (a.use.lookups)
		ask_first(&a);
	else
		ask_inputs(&a, LIKELY);
	return 0;
}

static int set_package(struct model *m, struct run_entry *e)
{
	const struct process *p = model__process(m, e->t.proc);
	const char *id, *package = NULL;

	if (p && model__linked(m, p->exe, &id, &package) && package && str_has_suffix(package, ".test")) {
		e->t.package = pool__get_n(m->pool, package, strlen(package) - strlen(".test"));
		return e->t.package ? 0 : -ENOMEM;
	}
	return e->t.dir ? model__package_of_dir(m, e->t.go, e->t.dir, &e->t.package) : 0;
}

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

/* --- results from the cache --- */

static bool is_known(const struct go_test *g, const char *package)
{
	for (const struct cached_entry *c = g->cached; c; c = c->next)
		if (str_eq(c->c.path, package))
			return true;
	for (const struct run_entry *e = g->runs; e; e = e->next_of_go)
		if (e->t.package && str_eq(e->t.package, package))
			return true;
	return false;
}

/* A result that was found may be too old for go ("go clean -testcache"): then the test runs. */
static int add_cached(struct model *m, struct go_test *g)
{
	const struct process *go = model__process(m, g->go);
	const struct cache_ref *at = NULL;
	struct cached_entry *e;
	struct cache_use use;
	bool is_found = false;

	while (go && (at = model__next_use(m, go, at, &use))) {
		if (use.kind != CACHE_TEST || use.outcome != CACHE_HIT || use.put)
			continue;
		is_found = true;
		if (!use.package || is_known(g, use.package))
			continue;
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->c.path = use.package;
		proof__add(&e->c.proof, use.ts);
		*g->tail = e;
		g->tail = &e->next;
	}
	/* Without anything found there was nothing to test. */
	g->c.is_all = is_found && !g->runs && g->ended_well;
	return 0;
}

/* The looks of such a command are what it has found unchanged. */
static void prove_cached(struct model *m)
{
	struct run_entry *run;
	struct input_entry *i;
	struct go_test *g;

	hash_each(m->tests->runs, run)
		hash_each(run->inputs, i) {
			struct looked *at = i->i.inside ? hash_find(m->tests->paths, path, &i->i.path) : NULL;

			for (const struct look *l = at ? at->last : NULL; l; l = l->before) {
				g = hash_find(m->tests->gos, go, &l->go);
				if (g && !g->runs)
					proof__add(&g->c.proof, l->ts);
			}
		}
}

int tests__finish(struct model *m)
{
	struct run_entry *run;
	struct input_entry *i;
	struct go_test *g;
	int err = 0;

	hash_each(m->tests->runs, run) {
		hash_each(run->inputs, i)
			see_looks(m, &run->t, &i->i);
		count(run);
		err = err ?: set_package(m, run);
	}
	hash_each(m->tests->gos, g)
		err = err ?: add_cached(m, g);
	hash_each(m->tests->runs, run)
		err = err ?: ask_why(m, run);
	prove_cached(m);
	return err;
}
