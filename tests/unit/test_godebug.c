/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where keys of GODEBUG come from. tests/oracle/godebug.py holds it against go list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/godebug.h"
#include "util/str.h"

struct row {
	int minor;
	enum godebug_place place;
	const char *text, *linked, *gofips140, *environment;
	const char *key;
	const char *value;	/* NULL: the key has its default */
	enum godebug_source source;
	unsigned int line, changed_in;
	bool is_changed, is_explained;
};

#define BY(id) GODEBUG_BY_##id
#define MOD GODEBUG_IN_MODULE
#define WORK GODEBUG_IN_WORKSPACE

static const struct row rows[] = {
	{ 26, MOD, "module m\ngo 1.20\n", "panicnil=1", NULL, NULL, "panicnil", "1", BY(GO_LINE), 2, 21, true, true },
	{ 26, MOD, "go 1.21\n", "panicnil=1", NULL, NULL, "panicnil", "1", BY(UNKNOWN), 0, 21, true, false },
	{ 26, MOD, "go 1.20\n", "panicnil=0", NULL, NULL, "panicnil", "0", BY(UNKNOWN), 0, 21, false, false },
	{ 26, MOD, "go 1.20\n", NULL, NULL, NULL, "panicnil", NULL, 0, 0, 0, false, true },
	{ 26, MOD, "go 1.21\ngodebug a=1\ngodebug a=2\n", "a=2", NULL, NULL, "a", "2", BY(LINE), 3, 0, true, true },
	/* A //go:debug line has said otherwise. */
	{ 26, MOD, "go 1.21\ngodebug a=1\n", "a=2", NULL, NULL, "a", "2", BY(UNKNOWN), 0, 0, true, false },
	{ 22, MOD, "go 1.21\ngodebug a=1\n", "a=1", NULL, NULL, "a", "1", BY(UNKNOWN), 0, 0, true, false },
	/* The line wins over the go line also with the same value, and may ask for the new one. */
	{ 26, MOD, "go 1.20\ngodebug panicnil=1\n", "panicnil=1", NULL, NULL, "panicnil", "1", BY(LINE), 2, 21,
	  true, true },
	{ 26, MOD, "go 1.20\ngodebug panicnil=0\n", "panicnil=0", NULL, NULL, "panicnil", "0", BY(LINE), 2, 21,
	  false, true },
	{ 26, MOD, "go 1.24\ngodebug default=go1.20\n", "panicnil=1", NULL, NULL, "panicnil", "1",
	  BY(DEFAULT_LINE), 2, 21, true, true },
	{ 26, MOD, "go 1.20\ngodebug default=x\n", "panicnil=1", NULL, NULL, "panicnil", "1", BY(GO_LINE), 1, 21,
	  true, true },
	{ 26, MOD, "module m\n", "panicnil=1", NULL, NULL, "panicnil", "1", BY(NO_GO_LINE), 0, 21, true, true },
	{ 26, MOD, "module m\n", "netedns0=0", NULL, NULL, "netedns0", "0", BY(NO_GO_LINE), 0, 19, true, true },
	{ 26, MOD, "go 1.19\n", "netedns0=0", NULL, NULL, "netedns0", "0", BY(UNKNOWN), 0, 19, true, false },
	{ 26, WORK, "use ./m\n", "netedns0=0", NULL, NULL, "netedns0", "0", BY(NO_GO_LINE), 0, 19, true, true },
	{ 26, GODEBUG_IN_GOPATH, NULL, "netedns0=0", NULL, NULL, "netedns0", "0", BY(NO_GO_LINE), 0, 19, true,
	  true },
	{ 27, GODEBUG_IN_GOPATH, NULL, "panicnil=1", NULL, NULL, "panicnil", "1", BY(NO_GO_LINE), 0, 21, true,
	  true },
	{ 26, GODEBUG_NO_MODULE, NULL, "panicnil=1", NULL, NULL, "panicnil", "1", BY(UNKNOWN), 0, 21, true, false },
	{ 26, GODEBUG_AT_VERSION, "go 1.20\n", "panicnil=1", NULL, NULL, "panicnil", "1", BY(UNKNOWN), 0, 21, true,
	  false },
	{ 26, MOD, NULL, "panicnil=1", NULL, NULL, "panicnil", "1", BY(UNKNOWN), 0, 21, true, false },
	{ 26, MOD, "go 1.26\n", "fips140=on", "latest", NULL, "fips140", "on", BY(GOFIPS140), 0, 0, true, true },
	{ 26, MOD, "go 1.26\n", "fips140=on", "off", NULL, "fips140", "on", BY(UNKNOWN), 0, 0, true, false },
	/* The environment, key by key; of several the last. */
	{ 26, MOD, "go 1.20\n", "panicnil=1,tls3des=1", NULL, "panicnil=0,x", "panicnil", "0", BY(ENVIRONMENT), 0,
	  21, false, true },
	{ 26, MOD, "go 1.20\n", "panicnil=1,tls3des=1", NULL, "panicnil=0", "tls3des", "1", BY(GO_LINE), 1, 23,
	  true, true },
	{ 26, MOD, "go 1.26\n", NULL, NULL, "a=1,a=2", "a", "2", BY(ENVIRONMENT), 0, 0, true, true },
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct godebug_facts facts = {
			.minor = r->minor, .place = r->place, .path = "/m/go.mod", .text = r->text,
			.size = r->text ? strlen(r->text) : 0, .linked = r->linked,
			.gofips140 = r->gofips140, .environment = r->environment,
		};
		__free_godebug struct godebug g = {};
		const struct godebug_entry *e;

		print_message("row %zu: %s\n", i, r->key);
		assert_int_equal(godebug__attribute(&facts, &g), 0);
		assert_int_equal(g.is_explained, r->is_explained);
		e = godebug__get(&g, r->key);
		if (!r->value) {
			assert_null(e);
			continue;
		}
		assert_string_equal(e->value, r->value);
		assert_int_equal(e->source, r->source);
		assert_int_equal(e->line, r->line);
		assert_int_equal(e->changed_in, r->changed_in);
		assert_int_equal(e->is_changed, r->is_changed);
	}
}

static void test_lists(void **state)
{
	static const char *const odd[] = { "", ",", ",,a=1,", "=", "a", "a=b=c", "default=go1.20" };
	struct godebug_facts facts = { .minor = 26, .text = "", .place = MOD };

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		__free_godebug struct godebug g = {};

		facts.linked = facts.environment = odd[i];
		assert_int_equal(godebug__attribute(&facts, &g), 0);
		if (str_eq(odd[i], "a=b=c"))
			assert_string_equal(godebug__get(&g, "a")->value, "b=c");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
