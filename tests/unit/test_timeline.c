/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The timeline: choice, order, folding, words, and the text functions below them. */
#include <stdio.h>

#include "feed.h"

#include "output/text.h"
#include "output/timeline.h"

static int add(void *ctx, const struct rec *rec)
{
	return timeline__add(ctx, rec);
}

/* What a timeline of the lines prints; the caller frees it. */
static char *timeline_of(const struct timeline_opts *opts, const char *const *lines, size_t n, bool cut)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct timeline *t = timeline__new(opts, f, NULL);

	assert_non_null(t);
	feed(lines, n, add, t);
	assert_int_equal(timeline__end(t, cut, 0), 0);
	timeline__free(t);
	fclose(f);
	return text;
}

#define NUMBERS(...) { (uint64_t []){ __VA_ARGS__ }, sizeof((uint64_t []){ __VA_ARGS__ }) / sizeof(uint64_t) }
#define TEXTS(...) { (const char *[]){ __VA_ARGS__ }, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *) }
#define TIMELINE(opts, lines) timeline_of(&(struct timeline_opts)opts, lines, ARRAY_SIZE(lines), false)
#define OPTS(...) { __VA_ARGS__ }

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void assert_order(const char *text, const char *first, const char *second)
{
	const char *a = strstr(text, first), *b = strstr(text, second);

	if (!a || !b || a > b)
		fail_msg("'%s' is not before '%s' in:\n%s", first, second, text);
}

static void test_order(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1000, 5, 1, ""),
		OPEN(3000, 5, 1, "/b/go.mod", ""),
		OPEN(2000, 5, 1, "/a/go.mod", ""),	/* another thread was faster */
		OPEN(90000000, 5, 1, "/c/go.mod", ""),
		OPEN(4000, 5, 1, "/late/go.mod", ""),	/* held back: too late to be in order */
	};
	__free_mem char *text = TIMELINE({}, lines);

	assert_order(text, "/a/go.mod", "/b/go.mod");
	assert_order(text, "/b/go.mod", "/late/go.mod");
	assert_non_null(strstr(text, "  0.000004       5  go build             open     read    /late/go.mod\n"));
}

static void test_default_choice(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		OPEN(2, 5, 1, "/src/app/main.go", ""),
		OPEN(3, 5, 1, "/src/app/go.sum", ENOENT_),
		"{\"k\":\"fork\",\"ts\":4,\"pid\":5,\"tid\":5,\"proc\":1,\"child\":6,\"child_proc\":2}",
		"{\"k\":\"exit\",\"ts\":5,\"pid\":6,\"tid\":6,\"proc\":2,\"code\":0}",
		"{\"k\":\"rename\",\"ts\":6,\"pid\":5,\"tid\":5,\"proc\":1,\"path\":\"/src/t\",\"path2\":\"/src/go.mod\"}",
		"{\"k\":\"exit\",\"ts\":7,\"pid\":5,\"tid\":5,\"proc\":1,\"code\":0}",
		"{\"k\":\"hologram\",\"ts\":8,\"pid\":5}",
	};
	__free_mem char *text = TIMELINE({}, lines), *all = TIMELINE(OPTS(.all = true), lines);

	assert_null(strstr(text, "main.go"));
	assert_non_null(strstr(text, "open     absent  /src/app/go.sum\n"));
	assert_null(strstr(text, "fork"));
	assert_int_equal(count(text, "exit     "), 1);
	assert_non_null(strstr(text, "/src/t -> /src/go.mod\n"));
	assert_non_null(strstr(text, "3 lines are not shown"));
	assert_non_null(strstr(all, "main.go"));
	assert_int_equal(count(all, "exit     "), 2);
	assert_null(strstr(all, "not shown"));
}

static void test_filters(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		OPEN(2, 5, 1, "/src/app/main.go", ""),
		OPEN(3, 5, 1, "/home/u/x.go", ENOENT_),
		"{\"k\":\"lost\",\"ts\":4,\"what\":\"file\",\"count\":9}",
		"{\"k\":\"stat\",\"ts\":5,\"pid\":7,\"tid\":7,\"proc\":2,\"path\":\"/src/app/main.go\"}",
	};
	__free_mem char *kind = TIMELINE(OPTS(.kinds = 1u << REC_STAT), lines);
	__free_mem char *failed = TIMELINE(OPTS(.failed_only = true), lines);
	__free_mem char *path = TIMELINE(OPTS(.paths = TEXTS("*/app/*")), lines);
	__free_mem char *root = TIMELINE(OPTS(.paths = TEXTS("~/*")), lines);
	__free_mem char *pid = TIMELINE(OPTS(.pids = NUMBERS(7), .all = true), lines);
	__free_mem char *proc = TIMELINE(OPTS(.procs = NUMBERS(2), .all = true), lines);

	/* what may be repeated adds up */
	__free_mem char *paths = TIMELINE(OPTS(.paths = TEXTS("*/app/*", "*.go")), lines);
	__free_mem char *pids = TIMELINE(OPTS(.pids = NUMBERS(5, 7), .all = true), lines);
	__free_mem char *neither = TIMELINE(OPTS(.pids = NUMBERS(6, 8), .procs = NUMBERS(1, 2), .all = true), lines);

	assert_int_equal(count(paths, "main.go"), 2);
	assert_int_equal(count(paths, "x.go"), 1);
	assert_int_equal(count(pids, "main.go"), 2);
	assert_int_equal(count(neither, ".go"), 0);
	/* what was lost is shown whatever was asked for */
	assert_int_equal(count(kind, "\n"), 2);
	assert_int_equal(count(kind, "lost     9"), 1);
	assert_int_equal(count(kind, "main.go"), 1);
	assert_int_equal(count(failed, "absent  ~/x.go\n"), 1);
	assert_null(strstr(failed, "main.go"));
	assert_int_equal(count(path, "main.go"), 2);
	assert_null(strstr(path, "x.go"));
	assert_int_equal(count(root, "x.go"), 1);
	assert_null(strstr(root, "main.go"));
	assert_int_equal(count(pid, "main.go"), 1);
	assert_string_equal(pid, proc);
}

/* That a process can do things unseen is shown with whatever is shown of it. */
static void test_blind(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		"{\"k\":\"blind\",\"ts\":2,\"pid\":5,\"tid\":5,\"proc\":1,\"call\":\"io_uring_setup\","
		"\"what\":\"io_uring\",\"fd\":3}",
		OPEN(3, 7, 2, "/src/app/go.mod", ""),
		"{\"k\":\"blind\",\"ts\":4,\"pid\":7,\"tid\":7,\"proc\":2,\"what\":\"io_uring\",\"fd\":3,"
		"\"adopted\":true}",
		"{\"k\":\"end\",\"ts\":5,\"complete\":false,\"lost\":{}}",
	};
	__free_mem char *text = TIMELINE({}, lines);
	__free_mem char *failed = TIMELINE(OPTS(.failed_only = true), lines);
	__free_mem char *pid = TIMELINE(OPTS(.pids = NUMBERS(7)), lines);

	assert_non_null(strstr(text, "go build             blind            io_uring was set up: "));
	assert_non_null(strstr(text, "io_uring was there before: "));
	assert_non_null(strstr(text, "NOT complete: "));
	assert_int_equal(count(failed, " blind "), 2);
	assert_int_equal(count(pid, " blind "), 1);
	assert_non_null(strstr(pid, "was there before"));
}

#define CACHE "/home/u/.cache/go-build"

static void test_folding(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		OPEN(10, 5, 1, CACHE "/00", ""),
		OPEN(11, 5, 1, CACHE "/01", ""),
		OPEN(12, 5, 1, CACHE "/02", ENOENT_),	/* another answer */
		OPEN(13, 5, 1, CACHE "/03", ""),
		OPEN(14, 5, 1, "/a/go.work", ENOENT_),
		OPEN(15, 5, 1, "/go.work", ENOENT_),	/* a search: each step counts */
		OPEN(16, 5, 1, "/a/config.yaml", ENOENT_),
		OPEN(17, 5, 1, "/a/config.toml", ENOENT_),
		OPEN(18, 5, 1, "/a/config.toml", ENOENT_),
		OPEN(19, 5, 1, CACHE "/3f/" HEX64 "-a", ENOENT_),
		OPEN(30000000, 5, 1, CACHE "/04", ""),	/* too late to join */
	};
	__free_mem char *text = TIMELINE({}, lines), *all = TIMELINE(OPTS(.all = true), lines);

	assert_non_null(strstr(text, "open     read    $GOCACHE/00  (+2 more)\n"));
	assert_non_null(strstr(text, "open     absent  $GOCACHE/02\n"));
	assert_non_null(strstr(text, "/a/go.work\n"));
	assert_non_null(strstr(text, " /go.work\n"));
	assert_non_null(strstr(text, "config.yaml\n"));
	assert_non_null(strstr(text, "config.toml  (+1 more)\n"));
	assert_non_null(strstr(text, "open     miss    $GOCACHE/3f/3f21ab04c6de…-a\n"));
	assert_non_null(strstr(text, "$GOCACHE/04\n"));
	assert_null(strstr(all, "more)"));
	assert_int_equal(count(all, "$GOCACHE/"), 6);
}

/* The legend is said once, and again for a go command whose root is another one. */
static void test_legend(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		OPEN(2, 5, 1, "/home/u/go.mod", ""),
		GO_EXEC(3, 6, 2, ""),
		OPEN(4, 6, 2, "/home/u/go.sum", ""),
		"{\"k\":\"exec\",\"ts\":5,\"pid\":7,\"tid\":7,\"proc\":3,\"exe\":\"/opt/go/bin/go\",\"args\":[\"go\"],"
		"\"env\":{\"HOME\":\"/home/v\"}}",
		OPEN(6, 7, 3, "/home/v/go.mod", ""),
		OPEN(7, 7, 3, "/home/v/go.sum", ""),
	};
	__free_mem char *text = TIMELINE({}, lines), *whole = TIMELINE(OPTS(.whole = true), lines);

	assert_int_equal(count(text, "~ is /home/u\n"), 1);
	assert_int_equal(count(text, "~ is /home/v for 7\n"), 1);
	assert_int_equal(count(text, "$GOROOT is /opt/go for 7\n"), 1);
	assert_order(text, "~ is /home/v", "       7  go                   open     read    ~/go.mod\n");
	assert_null(strstr(whole, " is "));
	assert_non_null(strstr(whole, "/home/v/go.mod\n"));
}

static void test_cut_and_color(void **state)
{
	static const char *const lines[] = { OPEN(1, 5, 1, "/a/go.mod", ENOENT_) };
	struct timeline_opts plain = {}, color = { .color = true };
	__free_mem char *a = timeline_of(&plain, lines, 1, true), *b = timeline_of(&color, lines, 1, true);

	assert_non_null(strstr(a, "cut short"));
	assert_null(strchr(a, '\033'));
	assert_non_null(strstr(b, "\033[33mopen     absent"));
}

/* --- text --- */

static void test_safe(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "\033[2J", "\\x1b[2J" },
		{ "a\nb\tc", "a\\nb\\tc" },
		{ "\x7f", "\\x7f" },
		{ "gr\xc3\xbc\xc3\x9f" "e", "gr\xc3\xbc\xc3\x9f" "e" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "\xc3", "\\xc3" },
		{ "\xc2\x9b", "\\u009b" },		/* CSI in one character */
		{ "\xe2\x80\xae", "\\u202e" },		/* right-to-left override */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "a\xe2\x80\x8b" "b", "a\\u200bb" },	/* no width */
		{ "a\xf3\xa0\x81\x81", "a\\ue0041" },	/* a tag */
		{ "a\xc2\xad" "b", "a\\u00adb" },
		{ "e\xcc\x81\xcc\xa3", "e\xcc\x81\xcc\xa3" },
		{ "e\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81\xcc\x81\\u0301" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str s = {};

		text__safes(&s, cases[i].in);
		assert_string_equal(s.s, cases[i].out);
	}
}

static void test_fit(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "go build", "go build" },
		{ "compile internal/cpu", "compile internal/cpu" },
		{ "compile example.com/a/very/long/pkg", "compile …/long/pkg" },
		{ "averyveryverylongprogramname", "…erylongprogramname" },
		{ "verylongtoolname-that-is a/b", "…toolname-that-is a/b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str s = {};

		text__fit(&s, cases[i].in, 20);
		if (text__width(s.s) > 20 || (i < 3 && !str_eq(s.s, cases[i].out)))
			fail_msg("'%s' became '%s'", cases[i].in, s.s);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} durations[] = {
		{ 0, "0 us" }, { 850999, "850 us" }, { 1000000, "1.0 ms" }, { 230000000, "230 ms" },
		{ 1204000000, "1.20 s" }, { 123000000000, "2 min 03 s" },
	};
	__free_str struct str s = {};

	for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
		str__cut(&s, 0);
		text__duration(&s, durations[i].ns);
		assert_string_equal(s.s, durations[i].text);
	}
	str__cut(&s, 0);
	text__count(&s, 999);
	str__addc(&s, ' ');
	text__count(&s, 1000);
	str__addc(&s, ' ');
	text__count(&s, UINT64_MAX);
	assert_string_equal(s.s, "999 1,000 18,446,744,073,709,551,615");
	str__cut(&s, 0);
	text__size(&s, 175);
	str__addc(&s, ' ');
	text__size(&s, 1536);
	str__addc(&s, ' ');
	text__size(&s, UINT64_MAX);
	assert_string_equal(s.s, "175 B 1.5 KiB 16.0 EiB");
}

static void test_arg(void **state)
{
	__free_str struct str s = {};

	text__arg(&s, "-ldflags=-X");
	str__addc(&s, ' ');
	text__arg(&s, "");
	str__addc(&s, ' ');
	text__arg(&s, "it's $HOME");
	assert_string_equal(s.s, "-ldflags=-X '' 'it'\\''s $HOME'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_default_choice),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_legend),
		cmocka_unit_test(test_cut_and_color),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_arg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
