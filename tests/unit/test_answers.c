/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Answers as tables: what each type of field becomes, what is not there, and the schemas of all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "answers/answer.h"

enum size {
	SIZE_NONE,
	SIZE_SMALL,
	SIZE_LARGE,
};

static const char *size__name(unsigned int s)
{
	static const char *const names[] = { "none", "small", "large" };

	return names[s];
}

struct inner {
	const char *name;
	uint32_t line;
};

struct outer {
	const char *text, *file;
	bool flag;
	enum size size;
	uint64_t count, table[3];
	int64_t ts, times[2];
	size_t time_cnt;
	int status;
	struct inner inner, *list;
	size_t list_cnt;
	const char **words;
	unsigned int word_cnt;
};

OBJECT(inner, struct inner, "Inside.",
	F_STRING("name", MUST, name, "its name"),
	F_ID("line", MAY, line, "its line"))

static struct value hex_of(struct answer *a, const void *data)
{
	const struct outer *o = data;

	return (struct value){ .p = o->file, .n = o->file ? strlen(o->file) : 0 };
}

/* Only the items with a line. */
static const void *next_line(struct answer *a, const void *data, const void *item)
{
	const struct outer *o = data;
	size_t i = item ? (const struct inner *)item - o->list + 1 : 0;

	while (i < o->list_cnt && !o->list[i].line)
		i++;
	return i < o->list_cnt ? &o->list[i] : NULL;
}

OBJECT(outer, struct outer, "Outside.",
	F_STRING("text", OR_NULL, text, "a text"),
	F_BYTES("file", MAY, file, "a file"),
	F_GET("hex", FIELD_HEX, MAY, hex_of, "its bytes"),
	F_BOOL("flag", MAY, flag, "a flag"),
	F_BOOL("switch", MUST, flag, "the same, in any case"),
	F_NAME("size", MAY, size, size__name, SIZE_SMALL, SIZE_LARGE + 1, "a size"),
	F_COUNT("count", MUST, count, "a count"),
	F_COUNT("counted", MAY, count, "the same, when there is any"),
	F_TIME("ts", MAY, ts, "a time"),
	F_INT("status", MAY, status, "a status"),
	F_TIMES("proof", MUST, times, time_cnt, "times"),
	F_TABLE("table", MUST, table, FIELD_COUNT, size__name, 0, 3, "counts"),
	F_INLINE(inner, inner),
	F_ARRAY("list", MAY, list, list_cnt, inner, "all"),
	F_STRINGS("words", MUST, words, word_cnt, "words"),
	F_MAP("lines", MUST, next_line, inner, "lines by name"))

static void expect(const struct outer *o, const char *json)
{
	__free_str struct str out = {};
	struct answer a = {};

	assert_int_equal(answer__json(&a, &outer_object, o, &out), 0);
	assert_string_equal(out.s, json);
	assert_int_equal(a.owned_cnt, 0);
}

static void test_nothing_known(void **state)
{
	struct outer o = { .ts = -1, .status = -1, .inner.name = "n" };

	expect(&o, "{\"text\":null,\"switch\":false,\"count\":0,\"proof\":[],\"table\":{},\"name\":\"n\","
	       "\"words\":[],\"lines\":{}}\n");
}

static void test_all_known(void **state)
{
	struct inner list[] = { { "a\"b", 0 }, { "c", 7 } };
	const char *words[] = { "x", "" };
	struct outer o = {
		.text = "", .file = "/\xff", .flag = true, .size = SIZE_LARGE, .count = 1ULL << 53,
		.table = { 0, 5, UINT64_MAX }, .ts = 0, .times = { 3, 1LL << 60 }, .time_cnt = 2,
		.inner = { "n", 2 }, .list = list, .list_cnt = 2, .words = words, .word_cnt = 2,
	};

	expect(&o, "{\"text\":\"\",\"file\":\"/\\ufffd\",\"file_hex\":\"2fff\",\"hex\":\"2fff\",\"flag\":true,"
	       "\"switch\":true,\"size\":\"large\",\"count\":9007199254740992,\"counted\":9007199254740992,"
	       "\"ts\":0,\"status\":0,\"proof\":[3,\"1152921504606846976\"],"
	       "\"table\":{\"small\":5,\"large\":\"18446744073709551615\"},\"name\":\"n\",\"line\":2,"
	       "\"list\":[{\"name\":\"a\\\"b\"},{\"name\":\"c\",\"line\":7}],\"words\":[\"x\",\"\"],"
	       "\"lines\":{\"c\":7}}\n");
}

/* --- memory of a walk --- */

static int live;

static void forget(void *p)
{
	live--;
	free(p);
}

static const void *open_copy(struct answer *a, const void *item)
{
	struct inner *i = malloc(sizeof(*i));

	if (i)
		*i = *(const struct inner *)item;
	live += i != NULL;
	return answer__own(a, i, forget);
}

OPENED_OBJECT(copy, struct inner, open_copy, "A copy.",
	F_STRING("name", MUST, name, "its name"),
	F_ID("line", MAY, line, "its line"))
OBJECT(copies, struct outer, "Copies.",
	F_ARRAY("list", MUST, list, list_cnt, copy, "all"))

static void test_memory(void **state)
{
	struct inner list[] = { { "a", 1 }, { "b", 2 } };
	struct outer o = { .list = list, .list_cnt = 2 };
	__free_str struct str out = {};
	struct answer a = {};

	assert_int_equal(answer__json(&a, &copies_object, &o, &out), 0);
	assert_string_equal(out.s, "{\"list\":[{\"name\":\"a\",\"line\":1},{\"name\":\"b\",\"line\":2}]}\n");
	assert_int_equal(live, 0);
	assert_null(answer__own(&a, NULL, forget));	/* as when memory runs out */
	assert_int_equal(a.err, -ENOMEM);
}

/* --- schemas --- */

static const struct jsonv *property(const struct jsonv *root, const char *def, const char *key)
{
	return jsonv__get(jsonv__get(jsonv__get(jsonv__get(root, "$defs"), def), "properties"), key);
}

static void test_schema(void **state)
{
	static const struct answer_kind kind = { "outer", &outer_object };
	__free_jsonv struct jsonv *root = NULL;
	__free_str struct str out = {};
	const struct jsonv *v;
	unsigned int n = 0;

	assert_int_equal(answer__schema(&kind, &out), 0);
	assert_int_equal(jsonv__parse(out.s, out.len, &root), 0);
	assert_string_equal(jsonv__kstr(root, "$ref"), "#/$defs/outer");
	v = jsonv__get(jsonv__get(jsonv__get(root, "$defs"), "outer"), "required");
	for (v = jsonv__first(v); v; v = jsonv__next(v))
		n++;
	assert_int_equal(n, 8);	/* MUST, OR_NULL, and the name of the object among the others */
	assert_true(jsonv__bool(jsonv__get(property(root, "outer", "flag"), "const"), false));
	assert_string_equal(jsonv__kstr(property(root, "outer", "switch"), "type"), "boolean");
	assert_string_equal(jsonv__string(jsonv__first(jsonv__get(property(root, "outer", "size"), "enum"))), "small");
	assert_string_equal(jsonv__kstr(property(root, "outer", "count"), "$ref"), "#/$defs/integer");
	assert_string_equal(jsonv__kstr(property(root, "outer", "ts"), "unit"), "ns since the start of the record");
	assert_non_null(property(root, "outer", "file_hex"));
	assert_non_null(property(root, "outer", "line"));
	assert_non_null(property(root, "inner", "name"));
	assert_string_equal(jsonv__kstr(jsonv__get(property(root, "outer", "lines"), "additionalProperties"), "type"),
			    "integer");
}

static void check_refs(const struct jsonv *defs, const struct jsonv *v)
{
	static const char head[] = "#/$defs/";

	for (const struct jsonv *c = jsonv__first(v); c; c = jsonv__next(c)) {
		if (jsonv__name(c) && str_eq(jsonv__name(c), "$ref")) {
			assert_true(str_has_prefix(jsonv__string(c), head));
			assert_non_null(jsonv__get(defs, jsonv__string(c) + sizeof(head) - 1));
		}
		check_refs(defs, c);
	}
}

/* Every definition says what it is, stands once, and is there when something refers to it. */
static void test_all_schemas(void **state)
{
	for (const struct answer_kind *k = answer_kind__next(NULL); k; k = answer_kind__next(k)) {
		__free_jsonv struct jsonv *root = NULL;
		__free_str struct str out = {};
		const struct jsonv *defs, *def;

		assert_ptr_equal(answer_kind__find(k->name), k);
		assert_int_equal(answer__schema(k, &out), 0);
		assert_int_equal(jsonv__parse(out.s, out.len, &root), 0);
		defs = jsonv__get(root, "$defs");
		check_refs(defs, root);
		for (def = jsonv__first(defs); def; def = jsonv__next(def)) {
			assert_ptr_equal(jsonv__get(defs, jsonv__name(def)), def);
			assert_non_null(jsonv__kstr(def, "description"));
			for (const struct jsonv *p = jsonv__first(jsonv__get(def, "properties")); p; p = jsonv__next(p)) {
				assert_non_null(jsonv__kstr(p, "description"));
				assert_ptr_equal(jsonv__get(jsonv__get(def, "properties"), jsonv__name(p)), p);
			}
		}
	}
	assert_null(answer_kind__find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_all_known),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_all_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
