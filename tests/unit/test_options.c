/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options as data, and the verbs' own tables. */
#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/cmd.h"
#include "cmd/help_page.h"
#include "util/nearest.h"
#include "util/options.h"

struct args {
	bool all, changed, force;
	const char *output, *tier;
	struct texts paths, tags, kinds;
	struct numbers pids;
	uint64_t ring, proc;
};

static const struct option_row shared_rows[] = {
	{ "output", OPT_TEXT(struct args, output), .letter = 'o', .arg = "FILE", .help = "where" },
	{ "force", OPT_FLAG(struct args, force), .letter = 'f', .with = "output", .help = "even so" },
	{ "ring", OPT_SIZE(struct args, ring, 64 << 10, 256 << 20), .arg = "SIZE", .help = "memory" },
	{ "hooks", OPT_WORD(struct args, tier, "auto, fexit, tp_btf"), .arg = "TIER", .help = "how" },
	{}
};

static const struct option_row rows[] = {
	{ "all", OPT_FLAG(struct args, all), .one_of = 1, .help = "everything" },
	{ "changed", OPT_FLAG(struct args, changed), .one_of = 1, .help = "less" },
	{ "path", OPT_TEXTS(struct args, paths), .arg = "GLOB", .help = "these" },
	{ "tag", OPT_PAIRS(struct args, tags), .arg = "KEY=VALUE", .help = "kept" },
	{ "pid", OPT_NUMBERS(struct args, pids, 1, 1 << 30), .arg = "PID", .what = "a process id", .help = "of it" },
	{ "proc", OPT_NUMBER(struct args, proc, 1, UINT64_MAX), .arg = "PROC", .help = "of it" },
	{ "kind", OPT_WORDS(struct args, kinds, "open, stat"), .arg = "KIND", .help = "of these" },
	{}
};

static const struct option_row needed_rows[] = {
	{ "pid", OPT_NUMBERS(struct args, pids, 1, 9), .arg = "PID", .one_of = 2, .needed = true, .help = "it" },
	{ "path", OPT_TEXTS(struct args, paths), .arg = "PATH", .one_of = 2, .needed = true, .help = "that" },
	{}
};

static const struct option_group shared = { "Shared options", shared_rows }, own = { NULL, rows },
	needed = { NULL, needed_rows };
static const struct option_group *const groups[] = { &own, &shared, NULL };
static const struct option_group *const needed_groups[] = { &needed, NULL };

#define WORDS_MAX 64

/* A copy of words that getopt may put in order; status of the parse, its sentence in why. */
static int parse(const struct option_group *const *g, struct args *a, bool stop, const char *const *words,
		 char **argv, int *next, struct str *why)
{
	int argc = 0;

	argv[argc++] = "verb";
	while (*words)
		argv[argc++] = (char *)*words++;
	argv[argc] = NULL;
	return options__parse(g, a, argc, argv, stop, next, why);
}

#define PARSE(stop, ...) parse(groups, &a, stop, (const char *const []){ __VA_ARGS__, NULL }, argv, &next, &why)

static void test_values(void **state)
{
	__free_str struct str why = {};
	char *argv[WORDS_MAX];
	struct args a = {};
	int next;

	assert_int_equal(PARSE(false, "--all", "rec", "-fo", "x.gz", "--ring=16M", "--hooks", "fexit", "--path", "a",
			       "--path=b", "--path", "c", "--tag", "k=v=w", "--pid", "7", "--pid", "8", "--kind",
			       "stat", "--proc", "18446744073709551615", "--", "-x"), 0);
	assert_true(a.all && a.force && !a.changed);
	assert_string_equal(a.output, "x.gz");
	assert_string_equal(a.tier, "fexit");
	assert_int_equal(a.ring, 16 << 20);
	assert_true(a.proc == UINT64_MAX);
	assert_int_equal(a.paths.cnt, 3);
	assert_string_equal(a.paths.v[0], "a");
	assert_string_equal(a.paths.v[2], "c");
	assert_string_equal(a.tags.v[0], "k=v=w");
	assert_int_equal(a.pids.cnt, 2);
	assert_int_equal(a.pids.v[1], 8);
	assert_string_equal(argv[next], "rec");
	assert_string_equal(argv[next + 1], "-x");
	assert_null(argv[next + 2]);
	options__free(groups, &a);
	assert_null(a.paths.v);
}

/* A command line behind the options is not read. */
static void test_stop(void **state)
{
	__free_str struct str why = {};
	char *argv[WORDS_MAX];
	struct args a = {};
	int next;

	assert_int_equal(PARSE(true, "--all", "cmd", "--changed", "--help"), 0);
	assert_false(a.changed);
	assert_string_equal(argv[next], "cmd");
	assert_int_equal(PARSE(true, "--", "--all"), 0);
	assert_string_equal(argv[next], "--all");
	assert_int_equal(PARSE(true, "--no-such-thing", "--help"), -EINVAL);
	assert_int_equal(PARSE(true, "-o", "x", "--help", "--no-such-thing"), OPTIONS_HELP);
	assert_int_equal(PARSE(true, "-fh"), OPTIONS_HELP);
}

static void refused(const struct option_group *const *g, const char *const *words, const char *sentence)
{
	__free_str struct str why = {};
	char *argv[WORDS_MAX];
	struct args a = {};
	int next;

	assert_int_equal(parse(g, &a, false, words, argv, &next, &why), -EINVAL);
	assert_string_equal(why.s, sentence);
	options__free(g, &a);
}

#define REFUSED(sentence, ...) refused(groups, (const char *const []){ __VA_ARGS__, NULL }, sentence)

static void test_refused(void **state)
{
	REFUSED("'--xyzzy' is not an option that it knows", "--xyzzy");
	REFUSED("'--pth' is not an option that it knows, but --path is", "--pth=x");
	REFUSED("'--p' could be --path or --pid", "--p", "x");
	REFUSED("'-z' is not an option that it knows", "-fz");
	REFUSED("'--all' takes no value", "--all=yes");
	REFUSED("option '--pid' needs a value", "--pid");
	REFUSED("option '-o' needs a value", "-fo");
	REFUSED("--output needs a value that is not empty", "-o", "");
	REFUSED("--pid 'x' is not a process id", "--pid", "x");
	REFUSED("--pid '0' is not a process id", "--pid", "0");
	REFUSED("--pid '-1' is not a process id", "--pid", "-1");
	REFUSED("--pid '1073741825' is not a process id", "--pid", "1073741825");
	REFUSED("--proc '18446744073709551616' is not a number above 0", "--proc", "18446744073709551616");
	REFUSED("--proc '1K' is not a number above 0", "--proc", "1K");
	REFUSED("--ring '63K' is not a size from 64K to 256M", "--ring", "63K");
	REFUSED("--ring '257M' is not a size from 64K to 256M", "--ring", "257M");
	REFUSED("--ring '1G' is not a size from 64K to 256M", "--ring", "1G");
	REFUSED("--ring '16MB' is not a size from 64K to 256M", "--ring", "16MB");
	REFUSED("--ring '18014398509481984K' is not a size from 64K to 256M", "--ring", "18014398509481984K");
	REFUSED("--hooks 'tp' is not one of auto, fexit, tp_btf", "--hooks", "tp");
	REFUSED("--hooks 'auto, fexit' is not one of auto, fexit, tp_btf", "--hooks", "auto, fexit");
	REFUSED("--kind 'none' is not one of open, stat", "--kind", "open", "--kind", "none");
	REFUSED("--tag 'x' is not KEY=VALUE", "--tag", "x");
	REFUSED("--tag '=x' is not KEY=VALUE", "--tag", "=x");
	REFUSED("--all and --changed exclude each other", "--all", "--changed");
	REFUSED("--force makes sense only with -o, --output FILE", "--force");
	REFUSED("--output was given twice, as 'a' and as 'b': it takes one value", "-o", "a", "--output", "b");
	REFUSED("--ring was given twice, it takes one value", "--ring", "1M", "--ring", "2M");
	refused(needed_groups, (const char *const []){ NULL }, "needs --pid PID or --path PATH");
	refused(needed_groups, (const char *const []){ "--pid", "1", "--path", "x", NULL },
		"--pid and --path exclude each other");
}

/* The same again is not a contradiction; an abbreviation that is clear is taken. */
static void test_accepted(void **state)
{
	__free_str struct str why = {};
	char *argv[WORDS_MAX];
	struct args a = {};
	int next;

	assert_int_equal(PARSE(false, "--all", "--al", "-o", "x", "--out", "x", "--ring", "1024k", "--ring", "1M"), 0);
	assert_int_equal(a.ring, 1 << 20);
	assert_int_equal(PARSE(false, "rec"), 0);
	assert_string_equal(argv[next], "rec");
}

/* More than fits anywhere by accident. */
static void test_many(void **state)
{
	enum { CNT = 5000 };
	__free_mem char **argv = calloc(CNT + 2, sizeof(*argv));
	__free_str struct str why = {};
	struct args a = {};
	int next;

	argv[0] = "verb";
	for (int i = 1; i <= CNT; i++)
		argv[i] = i % 2 ? "--tag=k=v" : "--pid=9";
	assert_int_equal(options__parse(groups, &a, CNT + 1, argv, false, &next, &why), 0);
	assert_int_equal(a.tags.cnt + a.pids.cnt, CNT);
	assert_int_equal(a.pids.v[CNT / 2 - 1], 9);
	options__free(groups, &a);
}

static int collect(void *ctx, const struct option_row *row, const char *value)
{
	str__addf(ctx, "%s=%s;", row->name, value);
	return 0;
}

static int set_again(void *ctx, const struct option_row *row, const char *value)
{
	__free_str struct str why = {};
	struct args *to = ctx;

	/* Numbers are given as text that is gone afterwards; texts are the words themselves. */
	return options__set(row, to, value, &why);
}

/* What is handed on says the same to who takes it. */
static void test_each(void **state)
{
	__free_str struct str why = {}, text = {}, again = {};
	struct args a = {}, b = {};
	char *argv[WORDS_MAX];
	int next;

	assert_int_equal(PARSE(false, "--pid", "3", "--pid", "4", "--tag", "a=b", "-fo", "x", "--ring", "64K"), 0);
	assert_int_equal(options__each(groups, &a, collect, &text), 0);
	assert_string_equal(text.s, "tag=a=b;pid=3;pid=4;output=x;force=;ring=65536;");
	assert_int_equal(options__each(groups, &a, set_again, &b), 0);
	assert_int_equal(options__each(groups, &b, collect, &again), 0);
	assert_string_equal(again.s, text.s);
	assert_int_equal(options__check(groups, &b, &why), 0);
	options__free(groups, &a);
	options__free(groups, &b);
}

static void test_nearest(void **state)
{
	static const char *const names[] = { "timeline", "env", "report" };
	static const struct { const char *name, *best; } cases[] = {
		{ "time", "timeline" }, { "tiemline", "timeline" }, { "ent", "env" }, { "rport", "report" },
		{ "xyzzy", NULL }, { "q", NULL }, { "a name that is longer than any that there is", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nearest n = { .name = cases[i].name };

		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			nearest__try(&n, names[k]);
		assert_true(cases[i].best ? n.best && str_eq(n.best, cases[i].best) : !n.best);
	}
}

struct seen {
	char names[64][32], letters[64];
	size_t cnt;
	size_t options_sz;
};

static void check_row(void *ctx, const struct option_group *group, const struct option_row *row)
{
	struct seen *s = ctx;

	assert_true(s->cnt < ARRAY_SIZE(s->names) && strlen(row->name) < sizeof(s->names[0]));
	assert_non_null(row->help);
	assert_true(row->at < s->options_sz);
	assert_true((row->type == OPTION_FLAG) == !row->arg);
	assert_true((row->type == OPTION_WORD) == !!row->words);
	assert_true(!row->one_of || !row->with);
	assert_false(str_eq(row->name, "help") || row->letter == 'h');
	for (size_t i = 0; i < s->cnt; i++) {
		assert_string_not_equal(s->names[i], row->name);
		assert_true(!row->letter || row->letter != s->letters[i]);
	}
	strcpy(s->names[s->cnt], row->name);
	s->letters[s->cnt++] = row->letter;
}

/* Every verb's table holds together, and its page is 80 columns wide and names each option. */
static void test_verbs(void **state)
{
	for (const struct verb *const *v = verb__all(); *v; v++) {
		struct seen seen = { .options_sz = (*v)->options_sz };
		__free_str struct str page = {};
		char *line, *save = NULL;

		assert_ptr_equal(verb__find((*v)->name), *v);
		assert_true(!!(*v)->operands == !!(*v)->max_operands || *v == &verb_watch);
		options__each_row((*v)->groups, check_row, &seen);
		help_page__verb(&page, *v);
		for (size_t i = 0; i < seen.cnt; i++) {
			char name[40];

			snprintf(name, sizeof(name), "--%s", seen.names[i]);
			assert_non_null(strstr(page.s, name));
		}
		for (line = strtok_r(page.s, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			size_t width = 0;

			for (const char *c = line; *c; c++)
				width += ((unsigned char)*c & 0xc0) != 0x80;
			assert_true(width >= 1 && width <= 80);
			assert_true(line[strlen(line) - 1] != ' ');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	 cmocka_unit_test(test_stop),	 cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accepted), cmocka_unit_test(test_many),	 cmocka_unit_test(test_each),
		cmocka_unit_test(test_nearest),	 cmocka_unit_test(test_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
