/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Growing strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/str.h"

static void test_append(void **state)
{
	__free_str struct str s = {};

	assert_null(s.s);
	str__add(&s, NULL, 0);
	assert_string_equal(s.s, "");
	str__adds(&s, "a");
	str__addc(&s, 'b');
	str__add(&s, "c\0d", 3);
	str__addf(&s, "%s-%d", "x", 7);
	str__addu(&s, 0);
	str__addu(&s, UINT64_MAX);
	str__addi(&s, -1);
	str__addi(&s, INT64_MIN);
	assert_int_equal(s.len, strlen("abc") + 1 + strlen("dx-7018446744073709551615-1-9223372036854775808"));
	assert_string_equal(s.s + 4, "dx-7018446744073709551615-1-9223372036854775808");
	str__addhex(&s, "\0\xff\x1a", 3);
	str__addhex(&s, NULL, 0);
	assert_string_equal(s.s + s.len - 7, "800ff1a");
	str__cut(&s, 2);
	assert_string_equal(s.s, "ab");
	str__cut(&s, 5);
	assert_int_equal(s.len, 2);
	assert_int_equal(str__err(&s), 0);
}

static void test_numbers(void **state)
{
	static const uint64_t numbers[] = { 0, 9, 10, 99, 100, 101, 999, 1000, 12345, 1000000, 10000000000 };
	char expected[32];
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		__free_str struct str s = {};

		str__addu(&s, numbers[i]);
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)numbers[i]);
		assert_string_equal(s.s, expected);
	}
}

static void test_steal(void **state)
{
	__free_str struct str s = {};
	__free_mem char *p = NULL;

	str__adds(&s, "x");
	p = str__steal(&s);
	assert_string_equal(p, "x");
	assert_null(s.s);
	assert_int_equal(s.cap, 0);
}

/* A size that cannot be: sticky, and nothing was touched. */
static void test_out_of_memory(void **state)
{
	struct str s = {};

	str__adds(&s, "keep");
	assert_false(str__room(&s, SIZE_MAX - 2));
	assert_int_equal(str__err(&s), -12);
	assert_string_equal(s.s, "keep");
	assert_null(str__steal(&s));
	assert_int_equal(str__err(&s), 0);
}

static void test_compare(void **state)
{
	assert_true(str_has_prefix("abc", "ab"));
	assert_false(str_has_prefix("a", "ab"));
	assert_true(str_has_suffix("x.gz", ".gz"));
	assert_false(str_has_suffix("gz", ".gz"));
	assert_true(str_eq("a", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_steal),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
