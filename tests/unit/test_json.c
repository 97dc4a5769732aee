/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* JSON: writing with commas and escapes in the right places, reading into trees and arenas. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "util/json.h"

static void test_nesting(void **state)
{
	__free_str struct str s = {};
	struct json j;

	json__init(&j, &s);
	json__obj(&j);
	json__key(&j, "a");
	json__arr(&j);
	json__int(&j, -1);
	json__obj(&j);
	json__end(&j);
	json__arr(&j);
	json__null(&j);
	json__end(&j);
	json__end(&j);
	json__kstr(&j, "b", NULL);
	json__kuint(&j, "c", UINT64_MAX);
	json__kint(&j, "d", INT64_MIN);
	json__kbool(&j, "e", false);
	json__key_bytes(&j, "f\"\xff", 3);
	json__raw(&j, "[1]", 3);
	json__key(&j, "g");
	json__double(&j, 0.5);
	json__key(&j, "h");
	json__double(&j, INFINITY);
	json__end(&j);
	assert_string_equal(s.s, "{\"a\":[-1,{},[null]],\"b\":null,\"c\":18446744073709551615,"
			    "\"d\":-9223372036854775808,\"e\":false,\"f\\\"\\ufffd\":[1],\"g\":0.5,\"h\":null}");
}

/* Every byte at every offset: the fast path over eight bytes and the slow one must agree. */
static void test_every_byte(void **state)
{
	char text[24];
	size_t at;
	int c;

	for (c = 0; c < 256; c++) {
		for (at = 0; at < sizeof(text); at++) {
			__free_str struct str s = {}, expected = {};
			struct json j;
			bool valid;

			memset(text, 'x', sizeof(text));
			text[at] = c;
			json__init(&j, &s);
			valid = json__bytes(&j, text, sizeof(text));
			assert_int_equal(valid, c < 0x80);
			str__addf(&expected, "\"%.*s", (int)at, "xxxxxxxxxxxxxxxxxxxxxxxx");
			if (c >= 0x80)
				str__adds(&expected, "\\ufffd");
			else if (c == '"' || c == '\\')
				str__addf(&expected, "\\%c", c);
			else if (c == '\n' || c == '\t' || c == '\r')
				str__adds(&expected, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
			else if (c < 0x20 || c == 0x7f)
				str__addf(&expected, "\\u%04x", c);
			else
				str__addc(&expected, c);
			str__addf(&expected, "%.*s\"", (int)(sizeof(text) - at - 1), "xxxxxxxxxxxxxxxxxxxxxxxx");
			assert_int_equal(s.len, expected.len);
			assert_memory_equal(s.s, expected.s, s.len);
			assert_int_equal(utf8__is_valid(text, sizeof(text)), c < 0x80);
		}
	}
}

static void test_utf8(void **state)
{
	static const struct {
		const char *s;
		bool valid;
	} cases[] = {
		{ "", true }, { "\xc2\x80", true }, { "\xdf\xbf", true }, { "\xe0\xa0\x80", true },
		{ "\xed\x9f\xbf", true }, { "\xee\x80\x80", true }, { "\xef\xbf\xbf", true },
		{ "\xf0\x90\x80\x80", true }, { "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false }, { "\xc0\x80", false }, { "\xc1\xbf", false }, { "\xe0\x9f\xbf", false },
		{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false }, { "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false }, { "\xff", false },
		{ "\xc2", false }, { "\xe2\x82", false }, { "\xf0\x9f\x90", false }, { "\xc2x", false },
		{ "\xe2\x82x", false }, { "a\xf0\x9f\x90\xb9z", true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(utf8__is_valid(cases[i].s, strlen(cases[i].s)), cases[i].valid);
}

static void check_tree(const struct jsonv *root)
{
	const struct jsonv *v;

	assert_true(jsonv__is_obj(root));
	assert_string_equal(jsonv__kstr(root, "s"), "a\nb");
	assert_null(jsonv__kstr(root, "S"));
	assert_null(jsonv__kstr(root, "n"));
	assert_int_equal(jsonv__kint(root, "n", -1), 42);
	assert_int_equal(jsonv__kint(root, "s", -1), -1);
	assert_int_equal(jsonv__kint(root, "huge", -1), -1);
	assert_true(jsonv__number(jsonv__get(root, "f"), 0) == 1.5);
	assert_true(jsonv__bool(jsonv__get(root, "t"), false));
	assert_true(jsonv__bool(jsonv__get(root, "none"), true));
	v = jsonv__first(jsonv__get(root, "a"));
	assert_true(jsonv__is_arr(jsonv__get(root, "a")));
	assert_int_equal(jsonv__int(v, 0), 1);
	v = jsonv__next(v);
	assert_true(jsonv__is_obj(v));
	assert_string_equal(jsonv__name(jsonv__first(v)), "x");
	assert_null(jsonv__next(v));
}

static const char doc[] = " {\"s\":\"a\\nb\",\"n\":42,\"huge\":1e300,\"f\":1.5,\"t\":true,"
			  "\"a\":[1,{\"x\":null}]} \n";

static void test_read(void **state)
{
	static const char *const bad[] = {
		"", "{", "{}x", "[1,]", "{\"a\":}", "\"\\ud800\"", "nul", "{\"a\" 1}", "\"a", "{}{}",
	};
	struct jsonv_arena *a = jsonv_arena__new();
	__free_jsonv struct jsonv *root = NULL;
	const struct jsonv *in;
	struct jsonv *none;
	size_t i;

	assert_int_equal(jsonv__parse(doc, sizeof(doc) - 1, &root), 0);
	assert_int_equal(jsonv__parse_in(a, doc, sizeof(doc) - 1, &in), 0);
	check_tree(root);
	check_tree(in);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(jsonv__parse(bad[i], strlen(bad[i]), &none), -EINVAL);
		assert_int_equal(jsonv__parse_in(a, bad[i], strlen(bad[i]), &in), -EINVAL);
	}
	check_tree(root);
	jsonv_arena__free(a);
	jsonv_arena__free(NULL);
}

/* Trees larger than a chunk, than what is kept, and small ones after them. */
static void test_arena_sizes(void **state)
{
	static const size_t sizes[] = { 10, 100000, 10, 3000000, 10, 50000 };
	struct jsonv_arena *a = jsonv_arena__new();
	const struct jsonv *root, *v;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		__free_str struct str s = {};

		str__addc(&s, '[');
		for (n = 0; n < sizes[i] / 10; n++)
			str__adds(&s, n ? ",\"12345\"" : "\"12345\"");
		str__addc(&s, ']');
		assert_int_equal(jsonv__parse_in(a, s.s, s.len, &root), 0);
		for (n = 0, v = jsonv__first(root); v; v = jsonv__next(v), n++)
			assert_string_equal(jsonv__string(v), "12345");
		assert_int_equal(n, sizes[i] / 10);
	}
	jsonv_arena__free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_arena_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
