/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The schema names the kinds of the one list, refers to nothing that is missing, and fits what lines say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "record/line.h"
#include "record/schema.h"

static struct jsonv *schema;
static const struct jsonv *defs;

static const struct jsonv *resolve(const char *ref)
{
	static const char head[] = "#/$defs/";

	assert_true(str_has_prefix(ref, head));
	return jsonv__get(defs, ref + sizeof(head) - 1);
}

static void test_kinds_are_the_list(void **state)
{
	const struct jsonv *one, *def;
	const char *name;
	int k = REC_UNKNOWN + 1;

	for (one = jsonv__first(jsonv__get(schema, "oneOf")); one; one = jsonv__next(one), k++) {
		assert_true(k < REC_CNT);
		name = rec_kind__name(k);
		def = resolve(jsonv__kstr(one, "$ref"));
		assert_non_null(def);
		assert_string_equal(jsonv__kstr(one, "$ref") + 8, name);
		assert_string_equal(jsonv__kstr(jsonv__get(jsonv__get(def, "properties"), "k"), "const"),
				    name);
		assert_non_null(jsonv__kstr(def, "title"));
		assert_false(jsonv__bool(jsonv__get(def, "unevaluatedProperties"), true));
		assert_int_equal(rec_kind__from_name(name), k);
	}
	assert_int_equal(k, REC_CNT);
	assert_int_equal(rec_kind__from_name("unknown"), REC_UNKNOWN);
	assert_int_equal(rec_kind__from_name("opens"), REC_UNKNOWN);
	assert_string_equal(rec_kind__name(REC_CNT), "unknown");
}

/* The end line counts the lines of each kind. */
static void test_end_counts_each_kind(void **state)
{
	const struct jsonv *end = jsonv__get(resolve("#/$defs/end"), "properties");
	const struct jsonv *names = jsonv__get(jsonv__get(end, "events"), "propertyNames"), *one;
	bool is_there[REC_CNT] = {};

	for (one = jsonv__first(jsonv__get(names, "enum")); one; one = jsonv__next(one))
		is_there[rec_kind__from_name(jsonv__string(one))] = true;
	for (int k = REC_UNKNOWN; k < REC_CNT; k++)
		if (!is_there[k])
			fail_msg("the end line's events may not have '%s'", rec_kind__name(k));
}

static void test_configs_are_the_list(void **state)
{
	const struct jsonv *file = jsonv__get(resolve("#/$defs/file"), "properties"), *one;
	int k = CONFIG_NONE + 1;

	for (one = jsonv__first(jsonv__get(jsonv__get(file, "what"), "enum")); one;
	     one = jsonv__next(one), k++) {
		assert_true(k < CONFIG_CNT);
		assert_string_equal(jsonv__string(one), config_kind__name(k));
	}
	assert_int_equal(k, CONFIG_CNT);
	assert_null(config_kind__name(CONFIG_NONE));
	assert_null(config_kind__name(CONFIG_CNT));
}

static void check_refs(const struct jsonv *v)
{
	const struct jsonv *c;

	for (c = jsonv__first(v); c; c = jsonv__next(c)) {
		if (jsonv__name(c) && str_eq(jsonv__name(c), "$ref"))
			assert_non_null(resolve(jsonv__string(c)));
		check_refs(c);
	}
}

static void test_refs_resolve(void **state)
{
	check_refs(schema);
}

/* A key of a kind, in its own properties or in those that all events share. */
static bool has_key(const struct jsonv *def, const char *key)
{
	const struct jsonv *all;

	if (jsonv__get(jsonv__get(def, "properties"), key))
		return true;
	for (all = jsonv__first(jsonv__get(def, "allOf")); all; all = jsonv__next(all))
		if (has_key(resolve(jsonv__kstr(all, "$ref")), key))
			return true;
	return false;
}

static void check_line(struct line *l)
{
	__free_jsonv struct jsonv *root = NULL;
	const struct jsonv *def, *v;
	char ref[64];

	assert_int_equal(line__end(l), 0);
	assert_int_equal(jsonv__parse(l->text.s, l->text.len, &root), 0);
	snprintf(ref, sizeof(ref), "#/$defs/%s", jsonv__kstr(root, "k"));
	def = resolve(ref);
	for (v = jsonv__first(root); v; v = jsonv__next(v))
		if (!has_key(def, jsonv__name(v)))
			fail_msg("%s: key '%s' is not in the schema", ref, jsonv__name(v));
}

/* What the builder adds by itself is described: event keys, incomplete, _hex. */
static void test_builder_keys(void **state)
{
	static const char bad[] = "a\xff";
	static const char block[] = "go\xff\0b";
	static const char env[] = "GOOS=x\xff\0\xff=1\0";
	char *const argv[] = { "go", NULL };
	struct line l = {};

	line__begin(&l, REC_EXEC, 1, 2, 3, 4);
	line__args(&l, block, sizeof(block));
	line__env(&l, env, sizeof(env) - 1);
	line__bytes(&l, "exe", bad, 2);
	line__bytes(&l, "cwd", bad, 2);
	line__incomplete(&l, "args");
	check_line(&l);

	line__begin(&l, REC_OPEN, 1, 2, 3, 4);
	line__bytes(&l, "as", bad, 2);
	line__bytes(&l, "path", bad, 2);
	line__err(&l, 2);
	check_line(&l);

	line__begin(&l, REC_BUILDINFO, 1, 2, 3, 4);
	line__settings(&l, "-tags=\xff\0", 8);
	check_line(&l);

	line__begin(&l, REC_FILE, 1, 2, 3, 4);
	line__bytes(&l, "path", bad, 2);
	line__file(&l, CONFIG_GO_MOD, bad, 2, true, 0);
	check_line(&l);

	line__begin_plain(&l, REC_HEADER);
	line__argv(&l, "command", argv);
	check_line(&l);
	line__free(&l);
}

static int setup(void **state)
{
	const char *text;
	size_t len;

	text = schema__text(&len);
	if (strlen(text) != len || jsonv__parse(text, len, &schema))
		return -1;
	defs = jsonv__get(schema, "$defs");
	return 0;
}

static int teardown(void **state)
{
	jsonv__free(schema);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_are_the_list),
		cmocka_unit_test(test_end_counts_each_kind),
		cmocka_unit_test(test_configs_are_the_list),
		cmocka_unit_test(test_refs_resolve),
		cmocka_unit_test(test_builder_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
