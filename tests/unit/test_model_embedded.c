/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go programs: what is embedded in them beside what was seen. */
#include "model_of.h"

#include "model/programs/programs.h"

static const struct program_fact *find(const struct program *p, enum contradiction kind, const char *subject)
{
	for (unsigned int i = 0; i < p->fact_cnt; i++)
		if (p->facts[i].kind == kind && (!subject || (p->facts[i].subject && str_eq(p->facts[i].subject, subject))))
			return &p->facts[i];
	return NULL;
}

#define SETTINGS ",\"settings\":{\"CGO_ENABLED\":\"1\",\"GOOS\":\"linux\",\"DefaultGODEBUG\":\"panicnil=1\"}"

/* What is embedded is known after the first process ended and before the second one starts. */
static void test_environment(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ",\"env\":{\"CGO_ENABLED\":\"0\",\"GOOS\":\"linux\",\"GOEXPERIMENT\":\"x\"}"),
		OPEN(11, 5, 1, "/x", ""), OPEN(12, 5, 1, "/y", ENOENT_),
		EXIT(13, 5, 1, 0),
		APP_INFO(10, 5, 1, SETTINGS ",\"main\":{\"path\":\"example.org/app\",\"version\":\"v1.0.0\"}"),
		APP_EXEC(20, 6, 2, ",\"env\":{\"CGO_ENABLED\":\"0\",\"GODEBUG\":\"panicnil=0\"}"),
		APP_EXEC(30, 7, 3, ",\"env\":{\"CGO_ENABLED\":\"\"}"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct program *p = model__next_program(m, NULL);
	const struct program_fact *f;

	assert_non_null(p);
	assert_null(model__next_program(m, p));
	assert_string_equal(p->module, "example.org/app");
	assert_int_equal(p->runs, 3);
	assert_int_equal(p->accesses, 2);
	assert_int_equal(p->failed, 1);
	assert_int_equal(p->fact_cnt, 2);
	f = find(p, CONTRADICTION_ENVIRONMENT, "CGO_ENABLED");
	assert_non_null(f);
	assert_string_equal(f->embedded, "1");
	assert_string_equal(f->seen, "0");
	assert_int_equal(f->proc, 1);
	assert_int_equal(f->proof.cnt, 2);
	assert_int_equal(f->proof.ts[1], 20);
	f = find(p, CONTRADICTION_GODEBUG, NULL);
	assert_non_null(f);
	assert_string_equal(f->embedded, "panicnil=1");
	assert_string_equal(f->seen, "panicnil=0");
	assert_int_equal(f->proc, 2);
}

static void test_modules(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""),
		APP_INFO(10, 5, 1, ",\"settings\":{\"vcs.modified\":\"true\",\"vcs.revision\":\"abc\"},"
			 "\"main\":{\"path\":\"example.org/app\",\"version\":\"v1.0.1+dirty\"},\"deps\":["
			 "{\"path\":\"a\",\"version\":\"v1.0.0\",\"replace\":{\"path\":\"../a\",\"version\":\"(devel)\"}},"
			 "{\"path\":\"b\",\"version\":\"(devel)\"},"
			 "{\"path\":\"c\",\"version\":\"v1.0.0\",\"replace\":{\"path\":\"d\",\"version\":\"v2.0.0\"}},"
			 "{\"path\":\"e\",\"version\":\"v1.0.0\"}]"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct program *p = model__next_program(m, NULL);

	assert_int_equal(p->deps, 4);
	assert_int_equal(p->replaced, 2);
	assert_int_equal(p->fact_cnt, 3);
	assert_string_equal(find(p, CONTRADICTION_LOCAL_REPLACE, "a")->seen, "../a");
	assert_non_null(find(p, CONTRADICTION_DEVEL, "b"));
	assert_string_equal(find(p, CONTRADICTION_MODIFIED, NULL)->seen, "v1.0.1+dirty");
	assert_string_equal(find(p, CONTRADICTION_MODIFIED, NULL)->embedded, "abc");
}

static void test_clean_main(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""),
		APP_INFO(10, 5, 1, ",\"settings\":{\"vcs.modified\":\"false\"},\"main\":{\"path\":\"a\",\"version\":\"(devel)\"}"),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(model__next_program(m, NULL)->fact_cnt, 0);
}

static void test_file_changes(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""), APP_INFO(10, 5, 1, ""),
		LINE("rename", 11, 9, 8, "\"path\":\"/opt/app.new\",\"path2\":\"/opt/app\""),
		LINE("unlink", 12, 9, 8, "\"path\":\"/opt/app\",\"err\":\"EACCES\""),
		EXIT(20, 5, 1, 0),
		LINE("unlink", 21, 9, 8, "\"path\":\"/opt/app\""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct program *p = model__next_program(m, NULL);

	assert_int_equal(p->fact_cnt, 1);
	assert_int_equal(find(p, CONTRADICTION_REPLACED, NULL)->proof.ts[0], 11);
	assert_int_equal(find(p, CONTRADICTION_REPLACED, NULL)->proc, 1);
}

/* The environment of the toolchain is for what it builds; a program without information says nothing. */
static void test_left_out(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ",\"dev\":\"1:2\",\"ino\":9"),
		LINE("buildinfo", 10, 100, 1, "\"exe\":\"/usr/lib/go/bin/go\",\"dev\":\"1:2\",\"ino\":9,\"go\":\"go1.22.1\","
		     "\"path\":\"cmd/go\",\"settings\":{\"GOOS\":\"linux\"}"),
		LINE("exec", 20, 5, 2, "\"exe\":\"/bin/sh\",\"args\":[\"sh\"],\"env\":{\"GODEBUG\":\"x=1\"}"),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_null(model__next_program(m, NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_clean_main),
		cmocka_unit_test(test_file_changes),
		cmocka_unit_test(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
