/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests that ran again. When the binary is another one, the packages that it is made of say why; when it
 * is the same, go found that something which the test had read is another one, or was told not to look.
 */
#include "model/tests/tests.h"
#include "rules/causes_store.h"

/* The linker that made the file; NULL: it was not made in this record. */
static const struct process *linker_of(const struct model *m, const char *file)
{
	const struct process *p;

	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		const char *a, *next;

		for (a = p->role == TOOL_LINK && !p->probe ? process__next_arg(p, NULL) : NULL; a; a = next) {
			next = process__next_arg(p, a);
			if (str_eq(a, "-o") && next && str_eq(next, file))
				return p;
		}
	}
	return NULL;
}

/*
 * Of what is linked, as the test has it. A name that is only likely may be another package's: of one that
 * was found in the cache it does not say that it is not the old one.
 */
static bool has_changed(const struct comparison *x, const char *path, const char *package)
{
	__free_str struct str variant = {};
	struct built *now, *then;

	str__addf(&variant, "%s [%s.test]", path, package);
	now = (variant.s ? run_side__find(&x->new, variant.s) : NULL) ?: run_side__find(&x->new, path);
	then = now ? built__counterpart(&x->old, now) : NULL;
	if (!now || (then && built__is_same(then, now)))
		return false;
	return now->use.outcome != CACHE_HIT ||
	       (then && then->use.confidence == PROVEN && now->use.confidence == PROVEN);
}

static bool is_same_binary(const struct comparison *x, const struct test_run *t)
{
	const struct process *p = model__process(x->new.m, t->proc);
	const struct process *linker = p && p->exe ? linker_of(x->new.m, p->exe) : NULL;
	const char *const *paths;
	size_t n;

	paths = linker ? model__imports(x->new.m, linker->proc, &n) : NULL;
	for (size_t i = 0; paths && i < n; i++)
		if (!str_has_suffix(paths[i], ".test") && has_changed(x, paths[i], t->package))
			return false;
	return true;
}

/* How many of its inputs were another when the old run looked at them. */
static int add_inputs(struct comparison *x, const struct test_run *t, int64_t ns, size_t *ret_n)
{
	int64_t old_mtime, mtime;
	uint64_t old_size, size;
	int err = 0;

	*ret_n = 0;
	for (const struct test_input *i = test_run__next(t, NULL); i && !err; i = test_run__next(t, i)) {
		if (!i->inside || i->written || !model__test_look(x->old.m, i->path, &old_mtime, &old_size) ||
		    !model__test_look(x->new.m, i->path, &mtime, &size) ||
		    (old_mtime == mtime && old_size == size))
			continue;
		(*ret_n)++;
		err = comparison__add(x, t->package, &(struct own_cause){
			.kind = CAUSE_TEST_INPUT, .detail = i->path, .confidence = LIKELY }, ns);
	}
	return err;
}

/* What its own record says of it. */
static int add_reasons(struct comparison *x, const struct test_run *t, int64_t ns)
{
	int err = 0;

	for (unsigned int i = 0; i < t->reason_cnt && !err; i++) {
		const struct test_reason *r = &t->reasons[i];
		struct own_cause own = { .kind = CAUSE_TEST_INPUT, .detail = r->detail, .confidence = r->confidence };

		if (r->why == TEST_WHY_COUNT || r->why == TEST_WHY_FLAG) {
			own.kind = CAUSE_FLAG;
			own.detail = r->why == TEST_WHY_COUNT ? "-count" : r->detail;
		} else if (r->why != TEST_WHY_TOO_NEW && r->why != TEST_WHY_INPUT && r->why != TEST_WHY_VARIABLE &&
			   r->why != TEST_WHY_NOT_KEPT) {
			continue;
		}
		if (own.detail)
			err = comparison__add(x, t->package, &own, ns);
	}
	return err;
}

static int compare_test(struct comparison *x, const struct test_run *t)
{
	const struct process *p = model__process(x->new.m, t->proc);
	int64_t ns = p ? process__duration(p) : -1;
	size_t n = 0;
	int err;

	if (!is_same_binary(x, t))
		return 0;
	for (unsigned int i = 0; i < t->reason_cnt; i++)
		if (t->reasons[i].why == TEST_WHY_COUNT || t->reasons[i].why == TEST_WHY_FLAG)
			return add_reasons(x, t, ns);	/* go did not look for a result at all */
	err = add_inputs(x, t, ns, &n);
	return err || n ? err : add_reasons(x, t, ns);
}

int compare_tests(struct comparison *x, const struct causes_choice *choice)
{
	const struct test_run *t;
	int err = 0;

	for (t = model__next_test(x->new.m, NULL); t && !err; t = model__next_test(x->new.m, t))
		if (t->package && (!choice || !choice->package || package__matches(choice->package, t->package)))
			err = compare_test(x, t);
	return err;
}
