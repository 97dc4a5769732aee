/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The report: its JSON keys, and what the page says of a record that is not complete. */
#include "feed.h"

#include "model/run.h"
#include "answers/report.h"
#include "output/page.h"
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

static struct model *model_of(size_t n, bool cut)
{
	struct model *m = model__new(MODEL_ALL);

	assert_non_null(m);
	feed(record, n, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){ .cut = cut }), 0);
	return m;
}

static void test_json(void **state)
{
	__free_model struct model *m = model_of(ARRAY_SIZE(record), false);
	__free_jsonv struct jsonv *root = NULL;
	const struct jsonv *command, *toolchain;
	__free_str struct str out = {};

	assert_int_equal(report__json(m, &out), 0);
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
	__free_model struct model *m = model_of(ARRAY_SIZE(record), false), *cut = model_of(4, true);
	__free_str struct str page = {}, cut_page = {};

	assert_int_equal(summary__text(m, "r", false, 80, &page), 0);
	assert_non_null(strstr(page.s, "r: NOT COMPLETE: "));
	assert_non_null(strstr(page.s, "4 events were lost"));
	assert_non_null(strstr(page.s, "pid 5, 2.00 s, exit 3, in /src/app/cmd\n"));
	assert_non_null(strstr(page.s, "/usr/lib/go/bin/go                          go1.22.1      1\n"));
	assert_null(strstr(page.s, "cut short"));

	assert_int_equal(summary__text(cut, "r", true, 80, &cut_page), 0);
	assert_non_null(strstr(cut_page.s, "\033[1;31mNOT COMPLETE\033[0m"));
	assert_non_null(strstr(cut_page.s, "cut short"));
	assert_non_null(strstr(cut_page.s, "end not seen"));
}

#define RING(ts, pid, proc, more)								\
	"{\"k\":\"blind\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc		\
	",\"what\":\"io_uring\",\"fd\":3" more "}"

/* Where the page breaks its lines says nothing. */
static void join_lines(struct str *page)
{
	size_t n = 0;

	for (size_t i = 0; i < page->len; i++) {
		char c = page->s[i] == '\n' ? ' ' : page->s[i];

		if (c != ' ' || !n || page->s[n - 1] != ' ')
			page->s[n++] = c;
	}
	str__cut(page, n);
}

/* Nothing is lost, but what a process did may not be there: it is named, once. */
static void test_blind(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(0, 5, 1, ""),
		RING(1500000000, 5, 1, ",\"call\":\"io_uring_setup\""),
		RING(1600000000, 5, 1, ",\"call\":\"io_uring_setup\""),
		RING(1700000000, 6, 2, ",\"adopted\":true"),
		"{\"k\":\"end\",\"ts\":2000000000,\"sent\":4,\"lost\":{},\"complete\":false}",
	};
	__free_model struct model *m = model__new(MODEL_ALL);
	__free_jsonv struct jsonv *root = NULL;
	__free_str struct str page = {}, json = {};
	const struct jsonv *one;

	assert_non_null(m);
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	assert_int_equal(summary__text(m, "r", false, 80, &page), 0);
	join_lines(&page);
	assert_non_null(strstr(page.s, "r: NOT COMPLETE: "));
	assert_non_null(strstr(page.s, "2 processes could access files unseen"));
	assert_non_null(strstr(page.s, "(pid 5) by io_uring from 1.500 s"));
	assert_non_null(strstr(page.s, "since before it was followed"));
	assert_null(strstr(page.s, "1.600"));
	assert_null(strstr(page.s, "did not see everything"));	/* it is said what */
	assert_int_equal(report__json(m, &json), 0);
	assert_int_equal(jsonv__parse(json.s, json.len, &root), 0);
	assert_false(jsonv__bool(jsonv__get(root, "complete"), true));
	assert_int_equal(jsonv__kint(root, "lost", -1), 0);
	one = jsonv__first(jsonv__get(root, "blind"));
	assert_string_equal(jsonv__kstr(one, "what"), "io_uring");
	assert_int_equal(jsonv__kint(one, "proc", -1), 1);
	assert_int_equal(jsonv__kint(one, "pid", -1), 5);
	assert_int_equal(jsonv__kint(one, "ts", -1), 1500000000);
	assert_string_equal(jsonv__kstr(one, "exe"), "/usr/lib/go/bin/go");
	assert_null(jsonv__get(one, "adopted"));
	one = jsonv__next(one);
	assert_int_equal(jsonv__kint(one, "proc", -1), 2);
	assert_true(jsonv__bool(jsonv__get(one, "adopted"), false));
	assert_null(jsonv__next(one));
}

/* Whatever the end says: a record with a blind process is not all. And many are counted. */
static void test_many_blind(void **state)
{
	static const char end[] = "{\"k\":\"end\",\"ts\":2,\"lost\":{},\"complete\":true}";
	__free_model struct model *m = model__new(MODEL_ALL);
	__free_str struct str page = {}, json = {};
	const char *lines[] = { NULL };
	char text[128];

	assert_non_null(m);
	for (int i = 1; i <= RUN_MAX_BLINDS + 44; i++) {
		snprintf(text, sizeof(text), "{\"k\":\"blind\",\"ts\":1,\"pid\":%d,\"tid\":%d,\"proc\":%d,"
			 "\"what\":\"io_uring\"}", i, i, i);
		lines[0] = text;
		FEED(lines, add, m);
	}
	lines[0] = end;
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	assert_false(run__is_complete(model__run(m)));
	assert_int_equal(model__run(m)->blind_cnt, RUN_MAX_BLINDS);
	assert_int_equal(summary__text(m, "r", false, 80, &page), 0);
	join_lines(&page);
	assert_non_null(strstr(page.s, "and 295 more"));
	assert_int_equal(report__json(m, &json), 0);
	assert_non_null(strstr(json.s, "\"blind_omitted\":44"));
}

/* Nothing at all is a record, too. */
static void test_empty(void **state)
{
	__free_model struct model *m = model_of(0, false);
	__free_jsonv struct jsonv *root = NULL;
	__free_str struct str page = {}, json = {};

	assert_int_equal(summary__text(m, "r", false, 80, &page), 0);
	assert_non_null(strstr(page.s, "none were seen"));
	assert_int_equal(report__json(m, &json), 0);
	assert_int_equal(jsonv__parse(json.s, json.len, &root), 0);
	assert_null(jsonv__first(jsonv__get(root, "commands")));
}

/* What is wider than the page: between words, of a list behind commas; an item is never broken. */
static void test_wrap(void **state)
{
	struct str out = {};
	struct page p = { .out = &out, .width = 24 };

	page__wrap(&p, 4, 4, "one two a=1,bb=2,ccc=3,dddd=4,e=5 end");
	assert_string_equal(out.s, "one two a=1,bb=2,\n    ccc=3,dddd=4,e=5 end\n");
	str__cut(&out, 0);
	page__wrap(&p, 4, 4, "a,b and 0123456789012345678901234567 c");
	assert_string_equal(out.s, "a,b and\n    0123456789012345678901234567\n    c\n");
	str__cut(&out, 0);
	str__adds(&out, "grün und blau");
	text__cut(&out, 13);
	assert_string_equal(out.s, "grün und blau");
	text__cut(&out, 4);
	assert_string_equal(out.s, "grü…");
	str__free(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_many_blind),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
