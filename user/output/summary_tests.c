/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary's tests: why results are not kept, and what they rest on that go does not know. */
#include "model/tests/tests.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_CACHED	20
#define MAX_RUNS	12
#define MAX_INPUTS	4

typedef bool (*filter_fn)(const struct test_run *t, const struct test_input *i);

static bool is_too_new(const struct test_run *t, const struct test_input *i)
{
	return i->too_new;
}

static bool is_changed(const struct test_run *t, const struct test_input *i)
{
	return i->changed;
}

/* What a test wrote before it read it is no input; without a list nothing is kept anyway. */
static bool is_unseen(const struct test_run *t, const struct test_input *i)
{
	return t->log_ts >= 0 && test_input__is_unseen(t, i) && !i->written;
}

static const struct {
	const char *name, *text;
	filter_fn filter;
} lists[] = {
	{ "not kept", "modified less than 2 s before go looked, so the result is not kept", is_too_new },
	{ "changed",  "modified since the earlier run, so its result is not used", is_changed },
	{ "unseen",   "read, but not checked before a kept result is used again", is_unseen },
};

static const char *why_unseen(const struct test_run *t, const struct test_input *i)
{
	return !i->inside ? "outside the module" : !i->by_test ? "by a child process" : "before the tests began";
}

static bool has_any(const struct test_run *t)
{
	if (t->reason_cnt)
		return true;
	for (const struct test_input *i = test_run__next(t, NULL); i; i = test_run__next(t, i))
		for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
			if (lists[k].filter(t, i))
				return true;
	return false;
}

static void add_list(struct page *p, const struct test_run *t, size_t k)
{
	const struct roots *roots = model__roots(p->m, model__process(p->m, t->proc));
	__free_str struct str text = {}, list = {};
	uint64_t n = 0;

	for (const struct test_input *i = test_run__next(t, NULL); i; i = test_run__next(t, i)) {
		if (!lists[k].filter(t, i) || n++ >= MAX_INPUTS)
			continue;
		str__adds(&list, n > 1 ? ", " : ": ");
		text__path(&list, roots, i->path);
		if (lists[k].filter == is_unseen)
			str__addf(&list, " (%s)", why_unseen(t, i));
		str__addf(&list, " at %.3f s", (i->seen_ts >= 0 && lists[k].filter != is_unseen ? i->seen_ts : i->ts) / 1e9);
	}
	if (!n)
		return;
	str__adds(&text, lists[k].text);
	str__adds(&text, list.s ?: "");
	if (n > MAX_INPUTS)
		str__addf(&text, ", and %llu more", (unsigned long long)(n - MAX_INPUTS));
	page__field_str(p, lists[k].name, &text);
}

static const struct {
	const char *text, *detail;	/* detail: what stands before it */
} whys[] = {
	[TEST_WHY_COUNT]       = { "-count runs tests again, whatever is kept", NULL },
	[TEST_WHY_FLAG]	       = { "results are not kept under", " " },
	[TEST_WHY_LOCAL]       = { "go test without a package neither uses nor keeps results", NULL },
	[TEST_WHY_TOO_NEW]     = { "an input was modified less than 2 s before", ": " },
	[TEST_WHY_INPUT]       = { "an input changed", ": " },
	[TEST_WHY_VARIABLE]    = { "a variable that it asked for changed", ": perhaps " },
	[TEST_WHY_BINARY]      = { "the test binary is another one", ": made anew was " },
	[TEST_WHY_OTHER_FLAGS] = { "the flags are others than the last time", NULL },
	[TEST_WHY_FAILED]      = { "it failed the last time", NULL },
	[TEST_WHY_NOT_KEPT]    = { "the last result was not kept, an input was too young", ": " },
	[TEST_WHY_EXPIRED]     = { "the result is from before go clean -testcache", NULL },
	[TEST_WHY_FIRST]       = { "no result of it is kept", NULL },
};

static void add_reasons(struct page *p, const struct test_run *t)
{
	const struct roots *roots = model__roots(p->m, model__process(p->m, t->proc));
	__free_str struct str text = {};

	for (unsigned int i = 0; i < t->reason_cnt; i++) {
		const struct test_reason *r = &t->reasons[i];

		str__adds(&text, i ? "; or " : "");
		str__adds(&text, whys[r->why].text);
		if (r->detail && whys[r->why].detail) {
			str__adds(&text, whys[r->why].detail);
			text__path(&text, roots, r->detail);
		}
		str__adds(&text, r->confidence == PROVEN ? "" : " (likely)");
	}
	if (t->reason_cnt)
		page__field_str(p, "ran since", &text);
}

static void add_run(struct page *p, const struct test_run *t)
{
	__free_str struct str text = {};

	text__process(&text, p->m, t->proc);
	if (t->dir) {
		str__adds(&text, " in ");
		text__safes(&text, t->dir);
	}
	str__adds(p->out, "  ");
	page__wrap(p, 4, 2, text.s ?: "");
	add_reasons(p, t);
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		add_list(p, t, k);
}

static void add_cached(struct page *p, const struct test_cached *c)
{
	const struct cached_package *one;
	__free_str struct str text = {};
	uint64_t n = 0;

	text__process(&text, p->m, c->go);
	str__adds(&text, c->is_all ? " ran no test binary: what it said came from the cache" :
				     " took results from the cache");
	str__adds(&text, test_cached__confidence(c) == PROVEN ? "" : " (likely)");
	str__adds(&text, c->is_all ? "; -count=1 runs tests again" : "");
	str__adds(p->out, "  ");
	page__wrap(p, 4, 2, text.s ?: "");
	str__cut(&text, 0);
	for (one = test_cached__next(c, NULL); one; one = test_cached__next(c, one)) {
		if (n++ >= MAX_CACHED)
			continue;
		str__adds(&text, text.len ? ", " : "");
		text__safes(&text, one->path);
	}
	if (n > MAX_CACHED)
		str__addf(&text, ", and %llu more", (unsigned long long)(n - MAX_CACHED));
	if (n)
		page__field_str(p, "cached", &text);
}

int summary__tests(struct page *p)
{
	uint64_t n = 0;

	for (const struct test_run *t = model__next_test(p->m, NULL); t; t = model__next_test(p->m, t)) {
		if (!has_any(t))
			continue;
		if (!n)
			page__heading(p, "Tests");
		if (n++ < MAX_RUNS)
			add_run(p, t);
	}
	if (n > MAX_RUNS)
		str__addf(p->out, "  and %llu more (--json has all)\n", (unsigned long long)(n - MAX_RUNS));
	for (const struct test_cached *c = model__next_cached_test(p->m, NULL); c; c = model__next_cached_test(p->m, c)) {
		if (!n++)
			page__heading(p, "Tests");
		add_cached(p, c);
	}
	return 0;
}
