/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths as text, and tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/hash.h"
#include "util/path.h"

static void test_below(void **state)
{
	assert_string_equal(path__below("/a/b", "/a/b/c/d"), "c/d");
	assert_string_equal(path__below("/a/b/", "/a/b//c"), "c");
	assert_string_equal(path__below("/a/b", "/a/b"), "");
	assert_string_equal(path__below("/", "/a"), "a");
	assert_null(path__below("/a/b", "/a/bc"));
	assert_null(path__below("/a/b", "/a"));
	assert_null(path__below("/", "a"));
	assert_null(path__below("", "/a"));
	assert_null(path__below(NULL, "/a"));
	assert_true(path__is_in("/a", "/a"));
	assert_true(path__is_in_n("/a/b", 2, "/a/c"));
	assert_false(path__is_in_n("/a/b", 4, "/a/c"));
	assert_true(path__is_directly_in("/a", "/a/b"));
	assert_false(path__is_directly_in("/a", "/a/b/c"));
	assert_false(path__is_directly_in("/a", "/a"));
}

static void test_parts(void **state)
{
	assert_string_equal(path__base("/a/go.mod"), "go.mod");
	assert_string_equal(path__base("go.mod"), "go.mod");
	assert_string_equal(path__base("/a/"), "");
	assert_int_equal(path__dir_len("/a/go.mod"), 2);
	assert_int_equal(path__dir_len("/go.mod"), 1);
	assert_int_equal(path__dir_len("go.mod"), 0);
	assert_true(path__is_named("/a/go.mod", "go.mod"));
	assert_false(path__is_named("/a/xgo.mod", "go.mod"));
}

static void test_from(void **state)
{
	static const char *const cases[][3] = {
		{ "/a/b", "c",		"/a/b/c" },
		{ "/a/b", "../c",	"/a/c" },
		{ "/a/b", "./.",	"/a/b" },
		{ "/a/b", "../../../c",	"/c" },
		{ "/a/b", "/c//d/",	"/c/d" },
		{ "/",	  "c",		"/c" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str out = {};

		str__adds(&out, "is ");
		path__add_from(&out, cases[i][0], cases[i][1]);
		assert_string_equal(out.s + 3, cases[i][2]);
	}
}

struct thing {
	uint64_t id;
	int value;
	UT_hash_handle hh;
};

static void test_hash(void **state)
{
	struct thing *things = NULL, *t;
	uint64_t id, sum = 0;

	id = 7;
	assert_null(hash_find(things, id, &id));
	for (id = 0; id < 1000; id++) {
		t = hash_get(&things, id, &id);
		assert_non_null(t);
		assert_int_equal(t->value, 0);
		t->value = id;
	}
	id = 500;
	t = hash_get(&things, id, &id);
	assert_int_equal(t->value, 500);
	assert_ptr_equal(t, hash_find(things, id, &id));
	hash_remove(&things, t);
	free(t);
	assert_null(hash_find(things, id, &id));
	id = 0;
	hash_each(things, t) {
		assert_true(t->id == id);	/* in the order of adding */
		id += id == 499 ? 2 : 1;
		sum++;
	}
	assert_int_equal(sum, 999);
	hash_free(&things, free);
	assert_null(things);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
