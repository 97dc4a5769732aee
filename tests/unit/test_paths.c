/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How relative paths become absolute, and what is not known is not guessed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "capture/paths.h"

static void announce(struct paths *p, __u64 id, const char *text, __u16 flags)
{
	size_t n = strlen(text);
	struct ev_path *ev = calloc(1, sizeof(*ev) + n);

	assert_non_null(ev);
	ev->id = id;
	ev->len = n;
	ev->h.flags = flags;
	memcpy(ev->data, text, n);
	assert_int_equal(paths__add(p, ev), 0);
	free(ev);
}

static void test_join(void **state)
{
	static const struct {
		const char *dir, *as, *want;
	} cases[] = {
		{ "/a/b", "c",		"/a/b/c" },
		{ "/a/b", "c/d",	"/a/b/c/d" },
		{ "/a/b", "",		"/a/b" },
		{ "/a/b", ".",		"/a/b" },
		{ "/a/b", "./",		"/a/b" },
		{ "/a/b", "./c",	"/a/b/c" },
		{ "/a/b", ".//./c",	"/a/b/c" },
		{ "/a/b", "..",		"/a" },
		{ "/a/b", "../c",	"/a/c" },
		{ "/a/b", "../../c",	"/c" },
		{ "/a/b", "../..",	"/" },
		{ "/a/b", "../../../c",	"/c" },		/* the root's parent is the root */
		{ "/a/b", ".././../c",	"/c" },
		{ "/a/b", "c/../d",	"/a/b/c/../d" },	/* c may be a link */
		{ "/a/b", "...",	"/a/b/..." },
		{ "/a/b", "..c",	"/a/b/..c" },
		{ "/a/b", ".c",		"/a/b/.c" },
		{ "/a/b", "c/",		"/a/b/c/" },
		{ "/a/b", "/x/../y",	"/x/../y" },	/* absolute: as it is */
		{ "",	  "c",		"/c" },		/* the root itself */
		{ "",	  ".",		"/" },
		{ "",	  "..",		"/" },
		{ "",	  "../c",	"/c" },
	};
	struct paths *p = paths__new();
	size_t i;

	assert_non_null(p);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str s = {};

		announce(p, 7, cases[i].dir, 0);	/* the same id again: the newest counts */
		assert_int_equal(paths__join(p, 7, cases[i].as, strlen(cases[i].as), &s), 0);
		assert_string_equal(s.s, cases[i].want);
	}
	paths__free(p);
}

static void test_unknown(void **state)
{
	struct paths *p = paths__new();
	__free_str struct str s = {};

	assert_non_null(p);
	assert_int_equal(paths__join(p, 1, "c", 1, &s), -ENOENT);
	announce(p, 1, "/deep", EVF_CUT);
	assert_int_equal(paths__join(p, 1, "c", 1, &s), -ENOENT);
	announce(p, 2, "/outside", EVF_UNREACHABLE);
	assert_int_equal(paths__join(p, 2, "c", 1, &s), -EXDEV);
	assert_int_equal(s.len, 0);
	assert_int_equal(paths__join(p, 99, "/abs", 4, &s), 0);
	assert_string_equal(s.s, "/abs");
	paths__free(p);
}

/* What is used stays, what is not goes, however many come. */
static void test_bounded(void **state)
{
	struct paths *p = paths__new();
	const char *text;
	size_t n;
	__u64 id;

	assert_non_null(p);
	announce(p, 1, "/used", 0);
	announce(p, 2, "/unused", 0);
	for (id = 3; id < 40000; id++) {
		announce(p, id, "/x", 0);
		assert_int_equal(paths__get(p, 1, &text, &n), 0);
		assert_string_equal(text, "/used");
	}
	assert_int_equal(paths__get(p, 2, &text, &n), -ENOENT);
	assert_int_equal(paths__get(p, 39999, &text, &n), 0);
	paths__free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
