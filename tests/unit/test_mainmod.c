/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which go.mod and go.work are in effect. tests/oracle/mainmod.py asks real toolchains the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/mainmod.h"

#define MAX_WORDS 8

/* What is known: paths with a mark behind them, '?' unknown, '/' a directory; others are absent. */
struct world {
	const char *const *paths;
	const char *same[2];	/* two names of one directory */
	bool knows_links;
};

static enum path_kind exists(void *ctx, const char *path)
{
	const struct world *w = ctx;
	const size_t n = strlen(path);
	size_t i;

	for (i = 0; w->paths[i]; i++)
		if (!strncmp(w->paths[i], path, n))
			switch (w->paths[i][n]) {
			case '\0':
				return PATH_FILE;
			case '?':
				return PATH_UNKNOWN;
			case '/':
				return PATH_DIR;
			}
	return PATH_ABSENT;
}

static enum tristate is_same_dir(void *ctx, const char *a, const char *b)
{
	const struct world *w = ctx;

	if (!w->knows_links)
		return UNKNOWN;
	if (w->same[0] && ((str_eq(a, w->same[0]) && str_eq(b, w->same[1])) ||
			   (str_eq(b, w->same[0]) && str_eq(a, w->same[1]))))
		return YES;
	return str_eq(a, b) ? YES : NO;
}

struct row {
	int minor;
	const char *go111module, *gowork, *cwd;
	const char *argv[MAX_WORDS];
	const char *paths[MAX_WORDS];
	const char *gomod, *env_gowork, *module_file, *workspace_file;
	enum mainmod_mode mode;
	bool has_error;
	const char *ignored;	/* the first one */
	enum mainmod_why why;
};

#define NONE	 MAINMOD_NONE
#define GOPATH	 MAINMOD_GOPATH
#define MODULE	 MAINMOD_MODULE
#define IGNORED(id) MAINMOD_IGNORED_##id

static const struct row rows[] = {
	{ 26, "", "", "/s/a", { "build" }, { "/s/go.mod" }, "/s/go.mod", "", "/s/go.mod", NULL, MODULE },
	{ 26, "", "", "/s/a/../b//", { "build" }, { "/s/b/go.mod" }, "/s/b/go.mod", "", "/s/b/go.mod", NULL,
	  MODULE },
	{ 26, "", "", "/s", { "build" }, { "/go.mod" }, "/go.mod", "", "/go.mod", NULL, MODULE },
	{ 26, "", "", "/s/a", { "build" }, { "/s/go.mod/" }, "/dev/null", "", NULL, NULL, MODULE },
	{ 26, "", "", "/s", { "version" }, { "/s/go.mod" }, "/s/go.mod", "", NULL, NULL, NONE },
	/* GO111MODULE */
	{ 26, "off", "", "/s", { "build" }, { "/s/go.mod" }, "", "", NULL, NULL, GOPATH, false, "/s/go.mod",
	  IGNORED(GO111MODULE) },
	{ 26, "off", "", "/s", { "mod", "tidy" }, { "/s/go.mod" }, "", "", NULL, NULL, GOPATH, true, "/s/go.mod",
	  IGNORED(GO111MODULE) },
	{ 26, "auto", "", "/s", { "build" }, { NULL }, "", "", NULL, NULL, GOPATH },
	{ 26, "auto", "", "/s", { "build" }, { "/go.work" }, "", "/go.work", NULL, "/go.work", MODULE },
	{ 26, "auto", "", "/s", { "build" }, { "/s/go.mod" }, "/s/go.mod", "", "/s/go.mod", NULL, MODULE },
	{ 26, "yes", "", "/s", { "build" }, { "/s/go.mod" }, "", "", NULL, NULL, NONE, true },
	{ 15, "", "", "/s", { "build" }, { NULL }, "", NULL, NULL, NULL, GOPATH },
	{ 15, "on", "", "/s", { "build" }, { NULL }, "/dev/null", NULL, NULL, NULL, MODULE },
	{ 16, "", "", "/s", { "build" }, { NULL }, "/dev/null", NULL, NULL, NULL, MODULE },
	{ 26, "", "", "/s", { "mod", "tidy" }, { NULL }, "/dev/null", "", NULL, NULL, MODULE, true },
	{ 26, "", "", "/s", { "get", "x" }, { NULL }, "/dev/null", "", NULL, NULL, MODULE },
	/* The temporary folder itself, not what lies below it. */
	{ 26, "", "", "/tmp/w", { "build" }, { "/tmp/go.mod" }, "/dev/null", "", NULL, NULL, MODULE, false,
	  "/tmp/go.mod", IGNORED(TEMP_DIR) },
	{ 26, "", "", "/tmp/w", { "build" }, { "/tmp/go.mod", "/go.mod" }, "/dev/null", "", NULL, NULL, MODULE,
	  false, "/tmp/go.mod", IGNORED(TEMP_DIR) },
	{ 26, "", "", "/tmp/w", { "build" }, { "/tmp/w/go.mod" }, "/tmp/w/go.mod", "", "/tmp/w/go.mod", NULL,
	  MODULE },
	{ 26, "auto", "", "/tmp", { "build" }, { "/tmp/go.mod" }, "", "", NULL, NULL, GOPATH, false,
	  "/tmp/go.mod", IGNORED(TEMP_DIR) },
	{ 26, "", "", "/tmp", { "mod", "tidy" }, { "/tmp/go.mod" }, "/dev/null", "", NULL, NULL, MODULE, true,
	  "/tmp/go.mod", IGNORED(TEMP_DIR) },
	{ 26, "", "", "/tmp", { "build" }, { "/tmp/go.work" }, "/dev/null", "/tmp/go.work", NULL, "/tmp/go.work",
	  MODULE },
	/* Workspaces. */
	{ 26, "", "", "/s/a", { "build" }, { "/s/go.work", "/s/a/go.mod" }, "/s/a/go.mod", "/s/go.work", NULL,
	  "/s/go.work", MODULE, false, "/s/a/go.mod", IGNORED(WORKSPACE) },
	{ 17, "", "", "/s/a", { "build" }, { "/s/go.work", "/s/a/go.mod" }, "/s/a/go.mod", NULL, "/s/a/go.mod",
	  NULL, MODULE },
	{ 26, "", "off", "/s/a", { "build" }, { "/s/go.work", "/s/a/go.mod" }, "/s/a/go.mod", "off",
	  "/s/a/go.mod", NULL, MODULE, false, "/s/go.work", IGNORED(GOWORK_OFF) },
	{ 26, "", "/x/dev.work", "/s", { "build" }, { "/s/go.work" }, "/dev/null", "/x/dev.work", NULL,
	  "/x/dev.work", MODULE, false, "/s/go.work", IGNORED(GOWORK_PATH) },
	{ 26, "", "dev.work", "/s", { "build" }, { NULL }, "/dev/null", "dev.work", NULL, NULL, NONE, true },
	{ 26, "", "", "/s", { "get", "x" }, { "/s/go.work", "/s/go.mod" }, "/s/go.mod", "/s/go.work",
	  "/s/go.mod", NULL, MODULE, false, "/s/go.work", IGNORED(VERB) },
	{ 25, "", "", "/s", { "clean" }, { "/s/go.work", "/s/go.mod" }, "/s/go.mod", "/s/go.work",
	  "/s/go.mod", NULL, MODULE, false, "/s/go.work", IGNORED(VERB) },
	{ 26, "", "", "/s", { "clean" }, { "/s/go.work" }, "/dev/null", "/s/go.work", NULL, "/s/go.work",
	  MODULE },
	{ 26, "", "", "/go/src/fmt", { "build" }, { "/go/go.work", "/go/src/go.mod" }, "/go/src/go.mod", "",
	  "/go/src/go.mod", NULL, MODULE },
	{ 26, "", "", "/go", { "build" }, { "/go.work" }, "/dev/null", "/go.work", NULL, "/go.work", MODULE },
	{ 26, "", "", "/s", { "work", "sync" }, { "/s/go.mod" }, "/s/go.mod", "", NULL, NULL, NONE, true },
	{ 26, "", "", "/s/a", { "work", "init" }, { NULL }, "/dev/null", "", NULL, "/s/a/go.work", MODULE },
	{ 26, "", "", "/s/a", { "mod", "init" }, { "/s/go.mod" }, "/s/go.mod", "", "/s/a/go.mod", NULL, MODULE },
	{ 26, "", "", "/s", { "mod", "edit", "-go=1.22", "x.mod" }, { NULL }, "/dev/null", "", "/s/x.mod", NULL,
	  MODULE },
	/* pkg@version and -modfile. */
	{ 26, "", "", "/s", { "install", "p@v1" }, { "/s/go.mod", "/go.work" }, "/s/go.mod", "/go.work", NULL,
	  NULL, MODULE, false, "/s/go.mod", IGNORED(AT_VERSION) },
	{ 26, "", "", "/s", { "install", "-modfile=x.mod", "p@v1" }, { NULL }, "/dev/null", "", NULL, NULL,
	  MODULE, true },
	{ 26, "", "", "/s/a", { "build", "-modfile=../x.mod" }, { "/s/go.mod" }, "/s/go.mod", "", "/s/x.mod",
	  NULL, MODULE, false, "/s/go.mod", IGNORED(MODFILE) },
	{ 26, "", "", "/s", { "build", "-modfile=x.txt" }, { "/s/go.mod" }, "/s/go.mod", "", NULL, NULL, MODULE,
	  true },
	{ 26, "", "", "/s", { "build", "-modfile=x.mod" }, { NULL }, "/dev/null", "", NULL, NULL, MODULE, true },
	{ 26, "", "", "/s", { "build", "-modfile=x.mod" }, { "/s/go.work" }, "/dev/null", "/s/go.work", NULL,
	  "/s/go.work", MODULE, true },
};

static void assert_same(const char *came, const char *expected)
{
	if (expected)
		assert_string_equal(came ?: "(null)", expected);
	else
		assert_null(came);
}

static void find(const struct row *r, struct world *w, struct mainmod *ret)
{
	const char *argv[MAX_WORDS + 1] = { "go" };
	struct go_flags_facts flags = { .minor = r->minor, .argv = argv, .argc = 1, .goflags = "" };
	__free_go_flags struct go_flags f = {};
	struct mainmod_facts facts = {
		.minor = r->minor, .flags = &f, .go111module = r->go111module, .gowork = r->gowork,
		.cwd = r->cwd, .temp_dir = "/tmp/", .goroot = "/go", .exists = exists,
		.is_same_dir = is_same_dir, .ctx = w,
	};

	for (size_t i = 0; r->argv[i]; i++)
		argv[flags.argc++] = r->argv[i];
	w->paths = r->paths;
	assert_int_equal(go_flags__parse(&flags, &f), 0);
	assert_int_equal(mainmod__find(&facts, ret), 0);
}

static void test_rows(void **state)
{
	struct world w = { .knows_links = true };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		__free_mainmod struct mainmod m = {};

		print_message("row %zu: %s %s\n", i, r->cwd, r->argv[0]);
		find(r, &w, &m);
		assert_same(m.env_gomod, r->gomod);
		assert_same(m.env_gowork, r->env_gowork);
		assert_same(m.module_file, r->module_file);
		assert_same(m.workspace_file, r->workspace_file);
		assert_int_equal(m.mode, r->mode);
		assert_int_equal(m.error != NULL, r->has_error);
		assert_true(m.is_gomod_certain && m.is_gowork_certain);
		assert_same(m.ignored_cnt ? m.ignored[0].path : NULL, r->ignored);
		if (r->ignored)
			assert_int_equal(m.ignored[0].why, r->why);
	}
}

/* What is unknown matters only below the file that is found. */
static void test_certainty(void **state)
{
	static const struct {
		const char *paths[MAX_WORDS];
		const char *gowork;
		bool gomod, gowork_certain;
	} cases[] = {
		{ { "/s/a/go.mod", "/s/go.mod?", "/go.mod?" }, "", true, true },
		{ { "/s/a/go.mod?", "/s/go.mod" }, "", false, true },
		{ { "/s/a/go.mod", "/go.work?" }, "", true, false },
		{ { "/s/a/go.mod", "/go.work?" }, "off", true, true },
		{ { "/s/a/go.mod?", "/go.work?" }, "/x/y", false, true },
	};
	struct world w = { .knows_links = true };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct row r = { 26, "", cases[i].gowork, "/s/a", { "build" } };
		__free_mainmod struct mainmod m = {};

		memcpy(r.paths, cases[i].paths, sizeof(r.paths));
		find(&r, &w, &m);
		assert_int_equal(m.is_gomod_certain, cases[i].gomod);
		assert_int_equal(m.is_gowork_certain, cases[i].gowork_certain);
	}
}

static void test_temp_link(void **state)
{
	const struct row r = { 26, "", "", "/real", { "build" }, { "/real/go.mod" } };
	struct world w = { .same = { "/real", "/tmp" }, .knows_links = true };
	__free_mainmod struct mainmod m = {}, unsure = {};

	find(&r, &w, &m);
	assert_string_equal(m.env_gomod, "/dev/null");
	assert_true(m.is_gomod_certain);
	w.knows_links = false;
	find(&r, &w, &unsure);
	assert_string_equal(unsure.env_gomod, "/real/go.mod");
	assert_false(unsure.is_gomod_certain);
}

static void test_overlay(void **state)
{
	const struct row r = { 26, "", "", "/s", { "build", "-overlay=o.json" }, { "/s/go.mod" } };
	struct world w = { .knows_links = true };
	__free_mainmod struct mainmod m = {};

	find(&r, &w, &m);
	assert_false(m.is_gomod_certain);
}

static void test_cwd(void **state)
{
	static const struct {
		const char *cwd, *pwd, *chdir, *after;
		bool knows_links;
		const char *dir;
		bool is_certain;
	} dirs[] = {
		{ "/real/a", "/link", NULL, NULL, true, "/link", true },
		{ "/real/a", "/link", NULL, NULL, false, "/real/a", false },
		{ "/real/a", "/other", NULL, NULL, true, "/real/a", true },
		{ "/real/a", NULL, NULL, NULL, false, "/real/a", true },
		{ "/real/a", "", NULL, NULL, false, "/real/a", true },
		{ "/real/a", "real/a", NULL, NULL, false, "/real/a", true },
		{ "/real/a", "/real/./a/", NULL, NULL, false, "/real/./a/", true },
		/* -C: $PWD names where go was called, usually not where it works. */
		{ "/s", "/s", "link", "/real/a", true, "/real/a", true },
		{ "/s", "/s", "../link", NULL, true, "/link", false },
		{ "/real/a", "/link", ".", "/real/a", true, "/link", true },
	};
	struct world w = { .same = { "/real/a", "/link" } };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct go_cwd_facts facts = {
			.cwd = dirs[i].cwd, .pwd = dirs[i].pwd, .chdir = dirs[i].chdir,
			.after_chdir = dirs[i].after, .is_same_dir = is_same_dir, .ctx = &w,
		};
		__free_str struct str dir = {};
		bool is_certain;

		w.knows_links = dirs[i].knows_links;
		assert_int_equal(go_cwd__find(&facts, &dir, &is_certain), 0);
		assert_string_equal(dir.s, dirs[i].dir);
		assert_int_equal(is_certain, dirs[i].is_certain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_certainty),
		cmocka_unit_test(test_temp_link),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_cwd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
