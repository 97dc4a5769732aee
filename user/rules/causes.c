/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why packages were built again: from what was made to what changed. */
#include <errno.h>

#include "model/tests/tests.h"
#include "rules/causes_store.h"

static const char *const kinds[] = {
#define X(id, name) [CAUSE_##id] = name,
	CAUSE_KIND_LIST(X)
#undef X
};

const char *cause_kind__name(unsigned int kind)
{
	return kinds[kind];
}

/* The answer, and what its strings need. */
struct answered {
	struct causes c;
	struct comparison x;
};

const char *comparison__keep(struct comparison *x, const char *s)
{
	char **all, *copy = s ? strdup(s) : NULL;

	if (!copy)
		return NULL;
	all = realloc(x->strings, (x->string_cnt + 1) * sizeof(*all));
	if (!all) {
		free(copy);
		return NULL;
	}
	x->strings = all;
	return x->strings[x->string_cnt++] = copy;
}

static int keep(struct comparison *x, const char *s, const char **ret)
{
	*ret = s ? comparison__keep(x, s) : NULL;
	return s && !*ret ? -ENOMEM : 0;
}

static bool is_same(const struct own_cause *a, const struct own_cause *b)
{
	return a->kind == b->kind && str_eq(a->detail ?: "", b->detail ?: "");
}

int node__add(struct comparison *x, struct node *n, const struct own_cause *cause)
{
	struct own_cause *own = &n->own[n->own_cnt];

	for (size_t i = 0; i < n->own_cnt; i++)
		if (is_same(&n->own[i], cause))
			return 0;
	if (n->own_cnt == OWN_MAX)
		return 0;	/* the package was rebuilt for the first ones alone */
	*own = *cause;
	if (keep(x, cause->detail, &own->detail) || keep(x, cause->old, &own->old) ||
	    keep(x, cause->new, &own->new) || keep(x, cause->evidence, &own->evidence))
		return -ENOMEM;
	n->own_cnt++;
	return 0;
}

static int add_unknown(struct comparison *x, struct node *n, const char *detail)
{
	return node__add(x, n, &(struct own_cause){ .kind = CAUSE_UNKNOWN, .detail = detail,
						    .confidence = LIKELY });
}

/* --- packages that it imports --- */

static bool has_same_key(const struct built *a, const struct built *b)
{
	return a->use.action_sz && b->use.action_sz &&
	       !memcmp(a->use.action, b->use.action, GOCACHE_PREFIX_LEN / 2);
}

/* What its archive says, or, when that is not known, its key. */
bool built__is_same(const struct built *then, const struct built *now)
{
	const char *old = then->use.action_sz ? model__content(then->m, then->use.action) : NULL;
	const char *new = now->use.action_sz ? model__content(now->m, now->use.action) : NULL;

	if (old && new)
		return str_eq(old, new);
	return has_same_key(then, now) || (!then->use.action_sz && !now->use.action_sz);
}

/* As the importing one, a variant or a test's main, has it: "q [p.test]" when there is such, else "q". */
static int find_import(struct comparison *x, const struct node *n, const char *path, struct node **ret)
{
	__free_str struct str variant = {};
	const char *rest = n->now->path + strlen(n->now->plain);
	int err = 0;

	*ret = NULL;
	if (*rest)
		str__addf(&variant, "%s%s", path, rest);
	else if (str_has_suffix(n->path, ".test"))
		str__addf(&variant, "%s [%s]", path, n->path);
	if (variant.len) {
		if (str__err(&variant))
			return -ENOMEM;
		*ret = comparison__node(x, variant.s, &err);
	}
	if (!*ret && !err)
		*ret = comparison__node(x, path, &err);
	return err;
}

/* The package whose archive it is: made in this run, or kept in the cache. */
static const char *package_of_object(const struct comparison *x, const char *object)
{
	struct built *b, *each;

	hash_each(x->new.by_path, b)
		for (each = b; each; each = each->other)
			if (built__is_object(each, object))
				return each->path;
	return NULL;
}

static int find_deps(struct comparison *x, struct node *n)
{
	const char *const *paths = NULL, *const *objects = NULL;
	struct node *dep;
	size_t cnt = 0;
	int err = 0;

	if (n->now->compiler)
		paths = model__imports(n->now->m, n->now->compiler->proc, &cnt);
	if (n->now->compiler && !paths)
		objects = model__objects(n->now->m, n->now->compiler->proc, &cnt);
	n->deps = calloc(cnt + 1, sizeof(struct node *));
	if (!n->deps)
		return -ENOMEM;
	for (size_t i = 0; i < cnt && !err; i++) {
		const char *path = paths ? paths[i] : package_of_object(x, objects[i]);

		dep = NULL;
		err = path ? find_import(x, n, path, &dep) : 0;
		if (!err && dep && dep->then && dep != n && !built__is_same(dep->then, dep->now))
			n->deps[n->dep_cnt++] = dep;
	}
	return err;
}

/* --- one package --- */

static int prove(struct comparison *x, struct node *n)
{
	bool is_proven = false;
	int err = node__prove(x, n, &is_proven);

	for (size_t i = 0; i < n->own_cnt && is_proven; i++)
		n->own[i].confidence = PROVEN;
	return err;
}

static int explain_made(struct comparison *x, struct node *n)
{
	int err = compare_inputs(x, n) ?: find_deps(x, n);
	bool is_chosen = false;

	if (err)
		return err;
	if (n->own_cnt)
		return prove(x, n);
	if (n->dep_cnt)
		return 0;
	/* Which files of a hit were meant is not in the record: go reads them to see that. */
	err = n->then->compiler ? 0 : add_choosers(x, n, &is_chosen);
	if (err || is_chosen)
		return err;
	if (!x->out->has_sources)
		return add_unknown(x, n, "hashes of sources would tell: record both runs without --no-hash");
	return add_unknown(x, n, "no input that the records have; GODEBUG=gocachehash=1 prints all");
}

static int explain(struct comparison *x, struct node *n)
{
	const struct cache_use *use = &n->now->use;

	if (use->outcome == CACHE_BUILT && str_eq(built__setting(n->now, "-a") ?: "false", "true"))
		return node__add(x, n, &(struct own_cause){ .kind = CAUSE_FLAG, .detail = "-a",
							    .confidence = PROVEN });
	if (use->outcome == CACHE_ASKED)
		return add_unknown(x, n, "GOCACHEPROG was asked, out of sight: its own log would tell");
	if (!n->then && str_has_suffix(n->path, ".test")) {	/* go writes its source, from those of the test */
		int err = find_deps(x, n);

		if (err || n->dep_cnt)
			return err;
	}
	if (!n->then) {
		int err = compare_alone(x, n);

		if (err || n->own_cnt || x->old.is_before)
			return err;
		return node__add(x, n, &(struct own_cause){ .kind = CAUSE_CACHE_ABSENT,
			.detail = "not built in the old run", .confidence = LIKELY });
	}
	return has_same_key(n->then, n->now) ? compare_cache(x, n) : explain_made(x, n);
}

struct node *comparison__node(struct comparison *x, const char *path, int *ret_err)
{
	struct built *now = run_side__find(&x->new, path);
	struct node *n;

	HASH_FIND(hh, x->nodes, path, strlen(path), n);
	if (n || !now)
		return n;
	n = calloc(1, sizeof(*n));
	if (n) {
		/* Made by one command, and a hit of others: the (last) one that made it has the question. */
		for (struct built *b = now; b; b = b->other)
			if (cache_outcome__is_made(b->use.outcome)) {
				now = b;
				break;
			}
		n->now = now;
		n->path = now->path;
		n->then = built__counterpart(&x->old, now) ?: built__unnamed(&x->old, now, ret_err);
		HASH_ADD_KEYPTR(hh, x->nodes, n->path, strlen(n->path), n);
	}
	if (!n || !n->hh.tbl) {
		free(n);
		n = NULL;
		*ret_err = -ENOMEM;
	}
	return n;
}

static int explain_all(struct comparison *x, struct node *n)
{
	int err = 0;

	if (n->is_done)
		return 0;
	n->is_done = true;
	err = explain(x, n);
	for (size_t i = 0; i < n->dep_cnt && !err; i++)
		err = explain_all(x, n->deps[i]);
	return err;
}

/* --- from packages to causes --- */

static struct cause *find_cause(struct comparison *x, const char *first, const struct own_cause *own)
{
	struct causes *out = x->out;
	struct cause *all;

	for (size_t i = 0; i < out->cnt; i++)
		if (out->list[i].kind == own->kind && str_eq(out->list[i].detail ?: "", own->detail ?: ""))
			return &out->list[i];
	all = realloc(out->list, (out->cnt + 1) * sizeof(*all));
	if (!all)
		return NULL;
	out->list = all;
	all[out->cnt] = (struct cause){
		.kind = own->kind, .detail = own->detail, .old = own->old, .new = own->new,
		.first = first, .confidence = own->confidence, .evidence = own->evidence,
	};
	return &all[out->cnt++];
}

/* Values that differ from package to package say nothing of all of them. */
static void join_values(struct cause *c, const struct own_cause *own)
{
	if (!str_eq(c->old ?: "", own->old ?: "") || !str_eq(c->new ?: "", own->new ?: ""))
		c->old = c->new = NULL;
	if (own->confidence != PROVEN)
		c->confidence = own->confidence;
}

/* A package adds itself to all its causes before the next one does: if it is there, it is the last. */
static int add_package(struct cause *c, const char *path, const struct own_cause *own, int64_t ns)
{
	const char **all;

	if (c->package_cnt && c->packages[c->package_cnt - 1] == path) {
		c->proven_cnt -= c->is_last_proven && own->confidence != PROVEN;
		c->is_last_proven &= own->confidence == PROVEN;
		return 0;
	}
	if (c->package_cnt % 64 == 0) {
		all = realloc(c->packages, (c->package_cnt + 64) * sizeof(*all));
		if (!all)
			return -ENOMEM;
		c->packages = all;
	}
	c->packages[c->package_cnt++] = path;
	c->is_last_proven = own->confidence == PROVEN;
	c->proven_cnt += c->is_last_proven;
	c->ns += ns > 0 ? ns : 0;
	return 0;
}

/*
 * All of its causes are only: and, with it as it was, its key would be one that is in the cache. A package
 * whose dependencies would be found as they were would have them in its own key.
 */
static int would_hit(struct comparison *x, struct node *n, const struct own_cause *only, bool *ret)
{
	int err = 0;

	*ret = false;
	if (!n->then || n->own_cnt > 1 || (n->own_cnt && !is_same(&n->own[0], only)) || !node__is_kept(x, n))
		return 0;
	if (!n->has_would) {
		err = node__prove_old_key(x, n, &n->would_hit);
		n->has_would = true;
	}
	*ret = n->would_hit;
	for (size_t i = 0; i < n->dep_cnt && *ret && !err; i++)
		if (n->deps[i]->checked != x->walk) {
			n->deps[i]->checked = x->walk;
			err = would_hit(x, n->deps[i], only, ret);
		}
	return err;
}

static int count_would_hit(struct comparison *x, struct node *n)
{
	struct cause *c = x->cause_cnt == 1 ? &x->out->list[x->last_cause] : NULL;
	bool would = false;
	int err = c ? would_hit(x, n, &(struct own_cause){ .kind = c->kind, .detail = c->detail }, &would) : 0;

	if (would)
		c->would_hit_cnt++;
	return err;
}

static void count_cause(struct comparison *x, const struct cause *c)
{
	size_t i = c - x->out->list;

	x->cause_cnt += !x->cause_cnt || x->last_cause != i;
	x->last_cause = i;
}

/* The causes of a package: its own, and those of what it imports. */
static int add_causes(struct comparison *x, struct node *made, struct node *n)
{
	int err = 0;

	if (n->seen == x->walk)
		return 0;
	n->seen = x->walk;
	for (size_t i = 0; i < n->dep_cnt && !err; i++)
		err = add_causes(x, made, n->deps[i]);
	for (size_t i = 0; i < n->own_cnt && !err; i++) {
		struct cause *c = find_cause(x, n->path, &n->own[i]);

		if (!c)
			return -ENOMEM;
		join_values(c, &n->own[i]);
		count_cause(x, c);
		err = add_package(c, made->path, &n->own[i], made->now->use.work_ns);
	}
	return err;
}

int comparison__add(struct comparison *x, const char *what, const struct own_cause *own, int64_t ns)
{
	struct own_cause kept = *own;
	struct cause *c;

	if (keep(x, own->detail, &kept.detail) || keep(x, own->old, &kept.old) ||
	    keep(x, own->new, &kept.new) || keep(x, own->evidence, &kept.evidence))
		return -ENOMEM;
	c = find_cause(x, what, &kept);
	if (!c)
		return -ENOMEM;
	join_values(c, &kept);
	return add_package(c, what, &kept, ns);
}

static bool is_wanted(const struct causes_choice *choice, const char *path)
{
	return !choice || !choice->package || package__matches(choice->package, path);
}

bool built__is_asked(const struct built *b)
{
	return cache_outcome__is_made(b->use.outcome) && (b->use.tools || b->compiler);
}

/* Of one record: the first use of the package, whatever was made of it later. */
static int explain_first(struct comparison *x, struct built *b)
{
	struct node n = { .now = b, .path = b->path };
	int err = explain(x, &n);

	for (size_t i = 0; i < n.own_cnt && !err; i++)
		err = comparison__add(x, b->path, &n.own[i], b->use.work_ns);
	free(n.deps);
	return err;
}

static int find_first_uses(struct comparison *x, const struct causes_choice *choice)
{
	struct built *b, *each;
	int err = 0;

	hash_each(x->new.by_path, b)
		for (each = b; each && !err; each = each->other)
			if (built__is_asked(each) && is_wanted(choice, each->path) &&
			    !built__counterpart(&x->old, each))
				err = explain_first(x, each);
	return err;
}

static int find_all(struct comparison *x, const struct causes_choice *choice)
{
	struct built *b, *each;
	struct node *n;
	int err = 0;

	hash_each(x->new.by_path, b) {
		for (each = b; each && !built__is_asked(each); each = each->other)
			;
		if (!each || !is_wanted(choice, each->path))
			continue;
		n = comparison__node(x, each->path, &err);
		if (!err && x->old.is_before && !n->then)
			continue;	/* see find_first_uses() */
		err = err ?: explain_all(x, n);
		x->walk++;
		x->cause_cnt = 0;
		err = err ?: add_causes(x, n, n) ?: count_would_hit(x, n);
		if (err)
			return err;
	}
	return 0;
}

static int by_cost(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	return strcmp(x->detail ?: "", y->detail ?: "");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct causes *c)
{
	if (c->cnt)
		qsort(c->list, c->cnt, sizeof(*c->list), by_cost);
	for (size_t i = 0; i < c->cnt; i++)
		qsort(c->list[i].packages, c->list[i].package_cnt, sizeof(char *), by_name);
}

/* --- life --- */

static void free_node(struct node *n)
{
	free(n->deps);
	free(n);
}

void causes__free(struct causes *c)
{
	struct answered *a = c ? container_of(c, struct answered, c) : NULL;

	if (!a)
		return;
	for (size_t i = 0; i < c->cnt; i++)
		free(c->list[i].packages);
	free(c->list);
	free(c->settings);
	free(c->open_keys);
	hash_free(&a->x.nodes, free_node);
	run_side__free(&a->x.old);
	run_side__free(&a->x.new);
	for (size_t i = 0; i < a->x.string_cnt; i++)
		free(a->x.strings[i]);
	free(a->x.strings);
	free(a);
}

static int compare_sides(struct comparison *x, const struct causes_choice *choice)
{
	int err = find_all(x, choice);

	if (x->old.is_before)
		err = err ?: find_first_uses(x, choice);
	else
		err = err ?: compare_tests(x, choice) ?: compare_commands(x);
	return err ?: compare_keys(x);
}

static int find_causes(struct model *old, struct model *new, const struct causes_choice *choice,
		       struct causes **ret)
{
	struct answered *a = calloc(1, sizeof(*a));
	struct comparison *x = a ? &a->x : NULL;
	int err;

	if (!a)
		return -ENOMEM;
	x->out = &a->c;
	x->old.is_before = old == new;
	a->c.has_sources = model__has_sources(old) && model__has_sources(new);
	err = run_side__read(&x->old, old) ?: run_side__read(&x->new, new) ?: compare_sides(x, choice);
	if (err) {
		causes__free(&a->c);
		return err;
	}
	run_side__count(&x->new, &a->c.made, &a->c.hits, &a->c.made_ns);
	if (!x->old.is_before)
		run_side__count(&x->old, &a->c.old_made, &a->c.old_hits, &a->c.old_made_ns);
	sort(&a->c);
	*ret = &a->c;
	return 0;
}

int causes__find(struct model *old, struct model *new, const struct causes_choice *choice,
		 struct causes **ret)
{
	return find_causes(old, new, choice, ret);
}

int causes__find_within(struct model *m, const struct causes_choice *choice, struct causes **ret)
{
	return find_causes(m, m, choice, ret);
}
