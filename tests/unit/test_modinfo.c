/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The grammar of modinfo and Go's string literals. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/modinfo.h"

static int parse(const char *text, struct modinfo *m)
{
	return modinfo__parse(strdup(text), strlen(text), m);
}

static void test_modules(void **state)
{
	struct modinfo m;

	assert_int_equal(parse("path\tcmd\nmod\tm\tv1\nunknown\tx\ndep\ta\tv1\th1:a=\ndep\tb\tv2\n"
			       "=>\t./b\t(devel)\t\ndep\tc\tv3\n=>\tfork\tv4\th1:f=\ndep\tcut", &m), 0);
	assert_string_equal(m.path, "cmd");
	assert_string_equal(m.main.path, "m");
	assert_string_equal(m.main.sum, "");
	assert_null(m.main.replace);
	assert_int_equal(m.dep_cnt, 3);
	assert_string_equal(m.deps[0].sum, "h1:a=");
	assert_null(m.deps[0].replace);
	assert_string_equal(m.deps[1].replace->path, "./b");
	assert_string_equal(m.deps[1].replace->version, "(devel)");
	assert_string_equal(m.deps[1].replace->sum, "");
	assert_string_equal(m.deps[2].replace->sum, "h1:f=");
	modinfo__free(&m);
	assert_int_equal(parse("mod\tm\tv1\n=>\t../m\t\t\n", &m), 0);
	assert_string_equal(m.main.replace->path, "../m");
	modinfo__free(&m);
	assert_int_equal(parse("", &m), 0);
	assert_string_equal(m.path, "");
	assert_false(m.has_main);
	modinfo__free(&m);
}

static void test_nul(void **state)
{
	struct modinfo m;
	char *text = malloc(8);

	memcpy(text, "path\t\0a\n", 8);
	assert_int_equal(modinfo__parse(text, 7, &m), -EBADMSG);
	assert_int_equal(parse("build\ta=\"\\x00\"\n", &m), -EBADMSG);
}

static void expect_literal(const char *literal, const char *value, size_t n, long took)
{
	char out[64];
	size_t len = 0;

	assert_int_equal(go__unquote(literal, strlen(literal), out, &len), took);
	if (took < 0)
		return;
	assert_int_equal(len, n);
	assert_memory_equal(out, value, n);
}

static void test_literals(void **state)
{
	expect_literal("\"\"", "", 0, 2);
	expect_literal("\"a b\"=c", "a b", 3, 5);
	expect_literal("\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"", "\a\b\f\n\r\t\v\\\"", 9, 20);
	expect_literal("\"\\x41\\101\\u00e9\\U0001f600\"", "AA\xc3\xa9\xf0\x9f\x98\x80", 8, 26);
	expect_literal("\"\\xff\"", "\xff", 1, 6);
	expect_literal("`a\\n\r\"`x", "a\\n\"", 4, 7);
	expect_literal("``", "", 0, 2);
	expect_literal("\"\\ud800\"", NULL, 0, -EBADMSG);
	expect_literal("\"\\U00110000\"", NULL, 0, -EBADMSG);
	expect_literal("\"\\400\"", NULL, 0, -EBADMSG);
	expect_literal("\"\\08\"", NULL, 0, -EBADMSG);
	expect_literal("\"\\'\"", NULL, 0, -EBADMSG);
	expect_literal("\"a", NULL, 0, -EBADMSG);
	expect_literal("\"a\\", NULL, 0, -EBADMSG);
	expect_literal("\"a\n\"", NULL, 0, -EBADMSG);
	expect_literal("`a", NULL, 0, -EBADMSG);
	expect_literal("'a'", NULL, 0, -EBADMSG);
	expect_literal("\"", NULL, 0, -EBADMSG);
}

static void test_settings(void **state)
{
	struct modinfo m;

	assert_int_equal(parse("build\t\"a=b\"=c\nbuild\t`k y`=`v w`\nbuild\tempty=\nbuild\tk=a=b\n"
			       "build\tq=\"x\\ty\"\n", &m), 0);
	assert_int_equal(m.setting_cnt, 5);
	assert_string_equal(m.settings[0].key, "a=b");
	assert_string_equal(m.settings[0].value, "c");
	assert_string_equal(m.settings[1].key, "k y");
	assert_string_equal(m.settings[1].value, "v w");
	assert_string_equal(m.settings[1].quoted, "`k y`=`v w`");
	assert_string_equal(m.settings[2].value, "");
	assert_string_equal(m.settings[3].key, "k");
	assert_string_equal(m.settings[3].value, "a=b");
	assert_string_equal(m.settings[4].value, "x\ty");
	modinfo__free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
