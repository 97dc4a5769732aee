/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about tests: results that were repeated, and results that cannot be kept. */
#include "model/tests/tests.h"
#include "rules/rule.h"

/* Files of the system that any program may read. */
static bool is_of_system(const char *path)
{
	static const char *const dirs[] = { "/proc", "/sys", "/dev", "/lib", "/lib64", "/usr/lib", "/usr/lib64",
					    "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (rule__is_in(path, dirs[i]))
			return true;
	return false;
}

/* An input that go cannot check before it repeats a result. */
static const struct test_input *unchecked_input(const struct model *m, const char *package)
{
	for (const struct test_run *t = model__next_test(m, NULL); t; t = model__next_test(m, t)) {
		if (!t->package || !str_eq(t->package, package))
			continue;
		for (const struct test_input *i = test_run__next(t, NULL); i; i = test_run__next(t, i))
			if (i->opened && !i->written && !i->before && test_input__is_unseen(t, i) &&
			    !is_of_system(i->path))
				return i;
	}
	return NULL;
}

static int match_test_result_cached(struct matching *x)
{
	int err = 0;

	for (const struct test_cached *c = model__next_cached_test(x->m, NULL); c && !err;
	     c = model__next_cached_test(x->m, c))
		for (const struct cached_package *p = test_cached__next(c, NULL); p && !err;
		     p = test_cached__next(c, p)) {
			const struct test_input *i = p->path ? unchecked_input(x->m, p->path) : NULL;

			if (i)
				err = found(x, &(struct found){ PROVEN, c->go, p->path, p->proof },
					    "was not run again, though go cannot check %s, which it read", i->path);
		}
	return err;
}

static const struct test_input *young_input(const struct test_run *t)
{
	for (const struct test_input *i = test_run__next(t, NULL); i; i = test_run__next(t, i))
		if (i->too_new)
			return i;
	return NULL;
}

static int match_test_never_cached(struct matching *x)
{
	int err = 0;

	for (const struct test_run *t = model__next_test(x->m, NULL); t && !err; t = model__next_test(x->m, t)) {
		const struct test_input *young = t->too_new ? young_input(t) : NULL;

		if (young) {
			err = found(x, &(struct found){ PROVEN, t->go, t->package ?: t->dir, rule__at(young->ts) },
				    "%s was modified less than 2 s before the test read it", young->path);
			continue;
		}
		for (unsigned int i = 0; i < t->reason_cnt && !err; i++) {
			const struct test_reason *r = &t->reasons[i];

			if (r->why == TEST_WHY_VARIABLE || r->why == TEST_WHY_NOT_KEPT)
				err = found(x, &(struct found){ r->confidence, t->go, t->package ?: t->dir, r->proof },
					    "%s%s%s", test_why__name(r->why), r->detail ? ": " : "",
					    r->detail ?: "");
		}
	}
	return err;
}

const struct rule rules_tests[] = {
	{ "test-result-cached", SEVERITY_NOTE, EVIDENCE_LIFE | EVIDENCE_FILES, NULL,
	  "A test was not run again though go cannot know whether its result still holds",
	  "go checks files in the module that the test itself opened; what lies outside, or what its "
	  "children read, may have changed.",
	  "go test -count=1",
	  .match = match_test_result_cached },
	{ "test-never-cached", SEVERITY_WARNING, EVIDENCE_LIFE | EVIDENCE_FILES, NULL,
	  "The result of a test cannot be kept",
	  "Each run of go test runs it again: an input is younger than 2 s, or changes between runs.",
	  "do not write or copy files right before the test; keep variables that it reads stable",
	  .match = match_test_never_cached },
	{}
};
