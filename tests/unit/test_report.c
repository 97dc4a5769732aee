/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The report: its JSON keys, and what the page says of a record that is not complete. */
#include "feed.h"

#include "output/summary.h"

static int add(void *ctx, const struct rec *rec)
{
	return model__add(ctx, rec);
}

static const char *const record[] = {
	"{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"mode\":\"run\",\"command\":[\"go\",\"build\"]}",
	GO_EXEC(0, 5, 1, ""),
	"{\"k\":\"buildinfo\",\"ts\":1,\"pid\":5,\"tid\":5,\"proc\":1,\"exe\":\"/usr/lib/go/bin/go\",\"go\":\"go1.22.1\","
	"\"path\":\"cmd/go\"}",
	OPEN(2, 5, 1, "/a", ENOENT_),
	"{\"k\":\"lost\",\"ts\":3,\"what\":\"file\",\"count\":4,\"since\":1}",
	"{\"k\":\"exit\",\"ts\":2000000000,\"pid\":5,\"tid\":5,\"proc\":1,\"code\":3}",
	"{\"k\":\"end\",\"ts\":2000000000,\"sent\":4,\"lost\":{\"file\":4},\"complete\":false,\"duration\":2000000000,\"status\":3}",
};

static struct model *model_of(size_t n)
{
	struct model *m = model__new(MODEL_ALL);

	assert_non_null(m);
	feed(record, n, add, m);
	return m;
}

static void test_json(void **state)
{
	__free_model struct model *m = model_of(ARRAY_SIZE(record));
	__free_jsonv struct jsonv *root = NULL;
	const struct jsonv *command, *toolchain;
	__free_str struct str out = {};

	assert_int_equal(summary__json(m, &out), 0);
	assert_int_equal(jsonv__parse(out.s, out.len, &root), 0);
	assert_false(jsonv__bool(jsonv__get(root, "complete"), true));
	assert_int_equal(jsonv__kint(root, "lost", -1), 4);
	command = jsonv__first(jsonv__get(root, "commands"));
	assert_int_equal(jsonv__kint(command, "proc", -1), 1);
	assert_int_equal(jsonv__kint(command, "code", -1), 3);
	assert_int_equal(jsonv__kint(command, "duration_ns", -1), 2000000000);
	assert_string_equal(jsonv__string(jsonv__next(jsonv__first(jsonv__get(command, "args")))), "build");
	assert_null(jsonv__get(command, "cache"));	/* not computed, so not there */
	assert_null(jsonv__next(command));
	toolchain = jsonv__first(jsonv__get(root, "toolchains"));
	assert_string_equal(jsonv__kstr(toolchain, "path"), "/usr/lib/go/bin/go");
	assert_string_equal(jsonv__kstr(toolchain, "version"), "go1.22.1");
	assert_true(jsonv__is_arr(jsonv__get(root, "findings")));
	assert_int_equal(jsonv__kint(jsonv__get(jsonv__get(jsonv__get(root, "accesses"), "errors"),
				     "ENOENT"), "x", 7), 7);
	assert_int_equal(jsonv__kint(jsonv__get(jsonv__get(root, "accesses"), "errors"), "ENOENT", 0), 1);
}

static void test_page(void **state)
{
	__free_model struct model *m = model_of(ARRAY_SIZE(record)), *cut = model_of(4);
	__free_str struct str page = {}, cut_page = {};

	assert_int_equal(summary__text(m, "r", false, &page), 0);
	assert_non_null(strstr(page.s, "r: NOT COMPLETE: "));
	assert_non_null(strstr(page.s, "4 events were lost"));
	assert_non_null(strstr(page.s, "pid 5, 2.00 s, exit 3, in /src/app/cmd\n"));
	assert_non_null(strstr(page.s, "/usr/lib/go/bin/go                          go1.22.1      1\n"));
	assert_null(strstr(page.s, "cut short"));

	model__set_cut(cut);
	assert_int_equal(summary__text(cut, "r", true, &cut_page), 0);
	assert_non_null(strstr(cut_page.s, "\033[1;31mNOT COMPLETE\033[0m"));
	assert_non_null(strstr(cut_page.s, "cut short"));
	assert_non_null(strstr(cut_page.s, "end not seen"));
}

/* Nothing at all is a record, too. */
static void test_empty(void **state)
{
	__free_model struct model *m = model_of(0);
	__free_jsonv struct jsonv *root = NULL;
	__free_str struct str page = {}, json = {};

	assert_int_equal(summary__text(m, "r", false, &page), 0);
	assert_non_null(strstr(page.s, "none were seen"));
	assert_int_equal(summary__json(m, &json), 0);
	assert_int_equal(jsonv__parse(json.s, json.len, &root), 0);
	assert_null(jsonv__first(jsonv__get(root, "commands")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
