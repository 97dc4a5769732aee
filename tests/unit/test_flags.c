/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flags in effect of go commands. The rows were held against the flag sets and parsers of cmd/go
 * of the versions named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/flags.h"

#define MAX_WORDS 12

struct row {
	int minor;
	const char *goflags;
	const char *argv[MAX_WORDS];
	enum go_verb verb;
	enum go_refusal refusal;
	const char *flags;	/* in effect, "name=value" and "@" behind those of GOFLAGS */
	const char *args;
	const char *rest;
};

static const struct row rows[] = {
	/* The command line wins flag by flag; of several the last. */
	{ 26, "-tags=a -race", { "build", "-tags=b", "." }, GO_VERB_BUILD, 0, "-race=true@ -tags=b", "." },
	{ 26, "-tags=a -tags=c", { "build" }, GO_VERB_BUILD, 0, "-tags=c@" },
	{ 26, "", { "build", "--tags", "b", "-race=false", "p", "-x" }, GO_VERB_BUILD, 0,
	  "-tags=b -race=false", "p -x" },
	{ 26, "", { "build", "-mod", "vendor", "." }, GO_VERB_BUILD, 0, "-mod=vendor", "." },
	{ 26, "", { "build", "--", "-x" }, GO_VERB_BUILD, 0, "", "-x" },
	/* Words of GOFLAGS that the verb does not know are skipped, those of no verb end it. */
	{ 26, "-exec=/bin/true -count=1 -trimpath", { "build" }, GO_VERB_BUILD, 0, "-trimpath=true@" },
	{ 26, "-trimpath", { "mod", "verify" }, GO_VERB_MOD_VERIFY, 0, "" },
	{ 26, "-modcacherw", { "mod", "verify" }, GO_VERB_MOD_VERIFY, 0, "-modcacherw=true@" },
	{ 26, "-mod=mod", { "get", "x" }, GO_VERB_GET, 0, "", "x" },
	{ 26, "-unknownflag=1", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "-unknownflag=1 -n", { "env" }, GO_VERB_ENV, 0, "-n=true@" },
	{ 26, "-unknownflag=1", { "bug" }, GO_VERB_BUG, 0, "" },
	{ 26, "-unknownflag=1", { "help", "build" }, GO_VERB_HELP, 0, "", "build" },
	{ 26, "-unknownflag=1", { "doc", "fmt" }, GO_VERB_DOC, 0, "", "fmt" },
	{ 26, "race", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "-tags a", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "-tags", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "-tags", { "version" }, GO_VERB_VERSION, 0, "" },
	{ 26, "-race=maybe", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "'-tags=a", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "'-tags=a", { "env" }, GO_VERB_ENV, 0, "" },
	{ 26, "'-ldflags=-s -w'", { "build" }, GO_VERB_BUILD, 0, "-ldflags=-s -w@" },
	{ 19, "'-tags=a'", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 26, "-printf=false", { "vet" }, GO_VERB_VET, 0, "-printf=false@" },
	{ 26, "-printf=false", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	/* Arguments of programs, tools and tests are not go's. */
	{ 26, "", { "tool", "cover", "-tags=y" }, GO_VERB_TOOL, 0, "", "cover", "-tags=y" },
	{ 26, "", { "tool", "-n", "cover" }, GO_VERB_TOOL, 0, "-n=true", "cover" },
	{ 26, "", { "run", "-race", ".", "-race=x", "-tags=y" }, GO_VERB_RUN, 0, "-race=true", ".",
	  "-race=x -tags=y" },
	{ 26, "", { "run", "a.go", "b.go", "c" }, GO_VERB_RUN, 0, "", "a.go b.go", "c" },
	{ 26, "", { "test", "-vet=off", ".", "-args", "-mod=vendor" }, GO_VERB_TEST, 0, "-vet=off", ".",
	  "-mod=vendor" },
	{ 26, "", { "test", ".", "./b", "-mod=vendor", "-count=1" }, GO_VERB_TEST, 0,
	  "-mod=vendor -count=1", ". ./b" },
	{ 26, "", { "test", "-custom", "x", "-race", "y", "-tags=z" }, GO_VERB_TEST, 0, "-race=true", "",
	  "-custom x y -tags=z" },
	{ 26, "", { "test", "-custom=x", "y", "-race" }, GO_VERB_TEST, 0, "", "", "-custom=x y -race" },
	{ 26, "", { "test", "-test.v", "-test.run=X", "-test.race" }, GO_VERB_TEST, 0, "-v=true -run=X", "",
	  "-test.race" },
	{ 26, "-v -short", { "test", "-test.v=false" }, GO_VERB_TEST, 0, "-short=true@ -v=false" },
	{ 26, "", { "test", "p", "--", "-race" }, GO_VERB_TEST, 0, "", "p", "-- -race" },
	{ 26, "", { "test", "-c", "-custom" }, GO_VERB_TEST, GO_REFUSED_FLAG },
	{ 15, "", { "test", "-c", "-custom" }, GO_VERB_TEST, 0, "-c=true", "", "-custom" },
	{ 26, "", { "vet", "-printf.funcs", "a", "-x", "./..." }, GO_VERB_VET, 0,
	  "-printf.funcs=a -x=true", "./..." },
	{ 26, "", { "vet", "-nosuch", "." }, GO_VERB_VET, GO_REFUSED_FLAG },
	{ 26, "", { "vet", "-vettool=/t", "-own", "-own2=1", "." }, GO_VERB_VET, 0, "-vettool=/t", "." },
	/* Patterns add up; the same pattern again, or all packages, counts instead. */
	{ 26, "-gcflags=a/lib=-N", { "build", "-gcflags=a=-l" }, GO_VERB_BUILD, 0,
	  "-gcflags=a/lib=-N@ -gcflags=a=-l" },
	{ 26, "-gcflags=-N", { "build", "-gcflags=-l" }, GO_VERB_BUILD, 0, "-gcflags=-l" },
	{ 26, "-gcflags=a=-N", { "build", "-gcflags", " a =-l" }, GO_VERB_BUILD, 0, "-gcflags= a =-l" },
	{ 26, "-gcflags=a=-N -ldflags=-s", { "build", "-gcflags=all=-l" }, GO_VERB_BUILD, 0,
	  "-ldflags=-s@ -gcflags=all=-l" },
	{ 26, "-gcflags=all=-N", { "build", "-gcflags=a=-l" }, GO_VERB_BUILD, 0,
	  "-gcflags=all=-N@ -gcflags=a=-l" },
	{ 26, "", { "build", "-gcflags=N" }, GO_VERB_BUILD, GO_REFUSED_VALUE },
	{ 26, "", { "build", "-gcflags==-N" }, GO_VERB_BUILD, GO_REFUSED_VALUE },
	{ 26, "", { "mod", "edit", "-require=a@v1", "-require=b@v1" }, GO_VERB_MOD_EDIT, 0,
	  "-require=a@v1 -require=b@v1" },
	/* What go does not take. */
	{ 26, "-tags=a", { "build", "-nosuch" }, GO_VERB_BUILD, GO_REFUSED_FLAG },
	{ 26, "", { "build", "-count=1" }, GO_VERB_BUILD, GO_REFUSED_FLAG },
	{ 26, "", { "build", "---x" }, GO_VERB_BUILD, GO_REFUSED_FLAG },
	{ 26, "", { "build", "-tags" }, GO_VERB_BUILD, GO_REFUSED_VALUE },
	{ 26, "", { "build", "-race=2" }, GO_VERB_BUILD, GO_REFUSED_VALUE },
	{ 26, "", { "build", "-p=1.5" }, GO_VERB_BUILD, GO_REFUSED_VALUE },
	{ 26, "", { "build", "-p=0x10", "-buildvcs=auto" }, GO_VERB_BUILD, 0, "-p=0x10 -buildvcs=auto" },
	{ 26, "", { "test", "-timeout=5" }, GO_VERB_TEST, GO_REFUSED_VALUE },
	{ 26, "", { "test", "-timeout=1h30m" }, GO_VERB_TEST, 0, "-timeout=1h30m" },
	{ 26, "", { "build", "-h" }, GO_VERB_BUILD, GO_SHOWS_HELP },
	{ 26, "", { "bild" }, GO_VERB_NONE, GO_REFUSED_VERB },
	{ 26, "", { "mod" }, GO_VERB_NONE, GO_REFUSED_VERB },
	{ 26, "", { NULL }, GO_VERB_NONE, GO_REFUSED_VERB },
	{ 26, "", { "-x", "build" }, GO_VERB_NONE, GO_REFUSED_FLAG },
	/* Versions. */
	{ 15, "", { "work", "sync" }, GO_VERB_NONE, GO_REFUSED_VERB },
	{ 21, "", { "work", "vendor" }, GO_VERB_NONE, GO_REFUSED_VERB },
	{ 22, "", { "work", "vendor" }, GO_VERB_WORK_VENDOR, 0, "" },
	{ 19, "", { "build", "-pgo=off" }, GO_VERB_BUILD, GO_REFUSED_FLAG },
	{ 19, "-pgo=off", { "build" }, GO_VERB_BUILD, GO_REFUSED_GOFLAGS },
	{ 21, "-pgo=off", { "build" }, GO_VERB_BUILD, 0, "-pgo=off@" },
	{ 19, "", { "build", "-cover" }, GO_VERB_BUILD, GO_REFUSED_FLAG },
	{ 19, "-cover", { "build" }, GO_VERB_BUILD, 0, "" },
	{ 19, "", { "test", "-v=test2json" }, GO_VERB_TEST, GO_REFUSED_VALUE },
	{ 26, "", { "test", "-v=test2json" }, GO_VERB_TEST, 0, "-v=test2json" },
	{ 15, "", { "fix", "-race" }, GO_VERB_FIX, GO_REFUSED_FLAG },
	{ 25, "", { "fix", "-inline" }, GO_VERB_FIX, GO_REFUSED_FLAG },
	{ 26, "", { "fix", "-inline" }, GO_VERB_FIX, 0, "-inline=true" },
	/* GOFLAGS not known: the command line alone. */
	{ 26, NULL, { "build", "-x" }, GO_VERB_BUILD, 0, "-x=true" },
};

static size_t count(const char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

static void parse(int minor, const char *goflags, const char *const *words, struct go_flags *ret)
{
	const char *argv[MAX_WORDS + 1] = { "go" };
	struct go_flags_facts facts = { .minor = minor, .argv = argv, .goflags = goflags };

	facts.argc = 1 + count(words);
	memcpy(argv + 1, words, count(words) * sizeof(*words));
	assert_int_equal(go_flags__parse(&facts, ret), 0);
}

static void join(struct str *out, const char *const *words, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		str__addf(out, "%s%s", i ? " " : "", words[i]);
	if (!out->s)
		str__adds(out, "");
}

static void list_flags(const struct go_flags *f, struct str *out)
{
	for (size_t i = 0; i < f->cnt; i++)
		if (!f->flags[i].is_overridden)
			str__addf(out, "%s%s=%s%s", out->len ? " " : "", f->flags[i].name,
				  f->flags[i].value,
				  f->flags[i].source == GO_FLAG_GOFLAGS ? "@" : "");
	if (!out->s)
		str__adds(out, "");
}

static void check_row(const struct row *r)
{
	__free_str struct str flags = {}, args = {}, rest = {};
	__free_go_flags struct go_flags f = {};

	parse(r->minor, r->goflags, r->argv, &f);
	assert_int_equal(f.verb, r->verb);
	assert_int_equal(f.refusal, r->refusal);
	if (r->refusal) {
		assert_null(go_flags__get(&f, "-tags", NULL));
		return;
	}
	list_flags(&f, &flags);
	join(&args, (const char *const *)f.args, f.arg_cnt);
	join(&rest, (const char *const *)f.rest, f.rest_cnt);
	assert_string_equal(flags.s, r->flags);
	assert_string_equal(args.s, r->args ?: "");
	assert_string_equal(rest.s, r->rest ?: "");
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("row %zu: %s\n", i, rows[i].argv[0] ?: "");
		check_row(&rows[i]);
	}
}

static void test_patterns(void **state)
{
	static const char *const argv[] = { "build", "-gcflags= a/lib =-N -l", "-gcflags=-S", "-gcflags=",
					    NULL };
	__free_go_flags struct go_flags f = {};
	const struct go_flag *i;

	parse(26, "-gcflags=all=-B", argv, &f);
	i = go_flags__get(&f, "-gcflags", NULL);
	assert_string_equal(i->pattern, "all");
	assert_string_equal(i->args, "-B");
	assert_int_equal(i->source, GO_FLAG_GOFLAGS);
	assert_int_equal(i->word, 0);
	i = go_flags__get(&f, "-gcflags", i);
	assert_string_equal(i->pattern, "a/lib");
	assert_string_equal(i->args, "-N -l");
	assert_int_equal(i->word, 2);
	/* -S was for the packages that are named, "" says so again. */
	i = go_flags__get(&f, "-gcflags", i);
	assert_string_equal(i->pattern, "");
	assert_string_equal(i->args, "");
	assert_int_equal(i->word, 4);
	assert_null(go_flags__get(&f, "-gcflags", i));
	assert_int_equal(f.cnt, 4);
	assert_true(f.flags[2].is_overridden);
	assert_int_equal(f.flags[2].by, 3);
	assert_true(f.flags[0].is_setting);
}

static void test_accessors(void **state)
{
	static const char *const argv[] = { "test", "-modfile=", "-a", "-trimpath=F", "-count", "1", NULL };
	__free_go_flags struct go_flags f = {};

	parse(26, "-overlay=o.json", argv, &f);
	assert_null(go_flags__value(&f, "-modfile"));
	assert_string_equal(go_flags__value(&f, "-overlay"), "o.json");
	assert_true(go_flags__is_on(&f, "-a"));
	assert_false(go_flags__is_on(&f, "-trimpath"));
	assert_false(go_flags__is_on(&f, "-race"));
	assert_string_equal(go_flags__value(&f, "-count"), "1");
	assert_false(go_flags__get(&f, "-count", NULL)->is_setting);
	assert_true(f.has_goflags);
}

struct chdir_row {
	int minor;
	const char *argv[MAX_WORDS];
	const char *chdir;
	enum go_refusal refusal;
	size_t word;	/* of -x, 0: not there */
};

static void test_chdir(void **state)
{
	static const struct chdir_row chdirs[] = {
		{ 26, { "-C", "d", "build", "-x" }, "d", 0, 4 },
		{ 26, { "build", "-C", "d", "-x" }, "d", 0, 4 },
		{ 26, { "build", "--C=d", "-x" }, "d", 0, 3 },
		{ 26, { "mod", "-C=d", "edit", "-x" }, "d", 0, 4 },
		{ 26, { "build", "-x", "-C", "d" }, NULL, GO_REFUSED_VALUE },
		{ 26, { "build", "-C", "d", "-C", "e" }, "d", GO_REFUSED_VALUE },
		{ 26, { "build", "-C" }, NULL, GO_REFUSED_VALUE },
		{ 19, { "build", "-C", "d" }, NULL, GO_REFUSED_FLAG },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(chdirs); i++) {
		__free_go_flags struct go_flags f = {};

		parse(chdirs[i].minor, "", chdirs[i].argv, &f);
		assert_int_equal(f.refusal, chdirs[i].refusal);
		if (chdirs[i].chdir)
			assert_string_equal(f.chdir, chdirs[i].chdir);
		else
			assert_null(f.chdir);
		if (chdirs[i].word)
			assert_int_equal(go_flags__get(&f, "-x", NULL)->word, chdirs[i].word);
	}
}

static void test_at_version(void **state)
{
	static const struct {
		int minor;
		const char *argv[MAX_WORDS];
		const char *at;
	} ats[] = {
		{ 26, { "install", "-x", "a/b@v1" }, "a/b@v1" },
		{ 26, { "install", "a/b", "c@latest" }, "c@latest" },
		{ 26, { "run", "a/b@v1", "x" }, "a/b@v1" },
		{ 26, { "run", "a/b", "x@y" }, NULL },
		{ 26, { "run", "x@y.go" }, NULL },
		{ 26, { "install", "./a@v1" }, NULL },
		{ 26, { "install", "/a@v1" }, NULL },
		{ 26, { "get", "a@v1" }, NULL },
		{ 26, { "build", "a@v1" }, NULL },
		{ 15, { "install", "a@v1" }, NULL },
		{ 16, { "run", "a@v1" }, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ats); i++) {
		__free_go_flags struct go_flags f = {};

		parse(ats[i].minor, "", ats[i].argv, &f);
		if (ats[i].at)
			assert_string_equal(f.at_version, ats[i].at);
		else
			assert_null(f.at_version);
	}
}

static void test_certainty(void **state)
{
	static const char *const unknown[] = { "build", "-nosuch", NULL };
	static const char *const own[] = { "vet", "-vettool=t", "-own", NULL };
	static const int sure[] = { 15, 19, 21, 27 }, unsure[] = { 0, 18, 20, 28 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sure); i++) {
		__free_go_flags struct go_flags f = {}, g = {}, h = {};

		parse(sure[i], "", unknown, &f);
		assert_true(f.is_certain);
		parse(unsure[i], "", unknown, &g);
		assert_false(g.is_certain);
		parse(sure[i], "", own, &h);
		assert_false(h.is_certain);
	}
}

/* A process that was ending when it was asked for its arguments has none, not even its name. */
static void test_no_arguments(void **state)
{
	static const char *const argv[] = { NULL };
	static const int minors[] = { 0, 15, 22, 27 };

	for (size_t i = 0; i < ARRAY_SIZE(minors); i++) {
		struct go_flags_facts facts = { .minor = minors[i], .argv = argv, .goflags = "-x" };
		__free_go_flags struct go_flags f = {};

		assert_int_equal(go_flags__parse(&facts, &f), 0);
		assert_int_equal(f.verb, GO_VERB_NONE);
		assert_int_equal(f.refusal, GO_REFUSED_VERB);
		assert_null(f.refused);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_arguments),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_accessors),
		cmocka_unit_test(test_chdir),
		cmocka_unit_test(test_at_version),
		cmocka_unit_test(test_certainty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
