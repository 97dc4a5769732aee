/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which setting wins. The expected values were given by go env of the versions named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/settings.h"

/* ctx of the environments here: NAME=VALUE strings, NULL-terminated. */
static const char *from_list(void *ctx, const char *name)
{
	const char *const *e;
	size_t n = strlen(name);

	for (e = ctx; e && *e; e++)
		if (!strncmp(*e, name, n) && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

struct one {
	const char *name;
	int minor;
	const char *env[5];
	const char *user;	/* text of the user's file */
	const char *go_env;
	const char *value;	/* NULL: not known */
	enum setting_origin origin;
	unsigned int line;
	size_t shadowed;
};

#define GO_ENV "# comment\nGOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n"
#define HOME_ENV { "HOME=/h" }

static const struct one ones[] = {
	/* Environment before user's file before go.env before default; empty counts as unset. */
	{ "GOPROXY", 22, { "GOPROXY=off" }, "GOPROXY=a\n", GO_ENV, "off", ORIGIN_ENVIRONMENT, 0, 3 },
	{ "GOPROXY", 22, { "GOPROXY=" }, "GOPROXY=a\n", GO_ENV, "a", ORIGIN_USER_FILE, 1, 2 },
	{ "GOPROXY", 22, {}, "X=1\n\nGOPROXY=a\nGOPROXY=b\n", GO_ENV, "b", ORIGIN_USER_FILE, 4, 2 },
	{ "GOPROXY", 22, {}, NULL, GO_ENV, "https://proxy.golang.org,direct", ORIGIN_GO_ENV, 2, 1 },
	{ "GOPROXY", 22, {}, NULL, NULL, "", ORIGIN_DEFAULT },
	{ "GOPROXY", 19, {}, NULL, GO_ENV, "https://proxy.golang.org,direct", ORIGIN_DEFAULT },
	/* An empty entry of the user's file hides that of go.env. */
	{ "GOPROXY", 22, {}, "GOPROXY=\n", GO_ENV, "", ORIGIN_DEFAULT },
	/* In go.env the first of several counts. */
	{ "GOSUMDB", 22, {}, NULL, "GOSUMDB=one\nGOSUMDB=two\n", "one", ORIGIN_GO_ENV, 1, 1 },
	{ "GOROOT", 22, {}, NULL, "GOROOT=/bad\n", "/go", ORIGIN_DEFAULT },
	{ "GOROOT", 22, {}, "GOROOT=/file\n", NULL, "/file", ORIGIN_USER_FILE, 1, 1 },
	/* Lines that have no effect. */
	{ "GOFLAGS", 22, {}, "export GOFLAGS=-x\ngoflags=-x\n GOFLAGS=-x\nGOFLAGS\n", NULL, "", ORIGIN_DEFAULT },
	{ "GOFLAGS", 22, {}, "GOFLAGS=\"-x\" \r\n", NULL, "\"-x\" \r", ORIGIN_USER_FILE, 1, 1 },
	{ "GODEBUG", 24, {}, "GODEBUG=x=1\n", NULL, "", ORIGIN_DEFAULT },
	{ "GOENV", 22, HOME_ENV, "GOENV=/x\n", NULL, "/h/.config/go/env", ORIGIN_DEFAULT },
	{ "GOENV", 22, { "GOENV=off", "HOME=/h" }, NULL, NULL, "", ORIGIN_ENVIRONMENT, 0, 0 },
	{ "GOVERSION", 22, { "GOVERSION=x" }, "GOVERSION=y\n", NULL, "go1.22.1", ORIGIN_COMPUTED },
	/* Derived defaults. */
	{ "GOCACHE", 22, HOME_ENV, NULL, NULL, "/h/.cache/go-build", ORIGIN_DEFAULT },
	{ "GOCACHE", 22, { "HOME=/h", "XDG_CACHE_HOME=/x/" }, NULL, NULL, "/x/go-build", ORIGIN_DEFAULT },
	{ "GOCACHE", 23, { "HOME=/h", "XDG_CACHE_HOME=x" }, NULL, NULL, "x/go-build", ORIGIN_DEFAULT },
	{ "GOCACHE", 24, { "HOME=/h", "XDG_CACHE_HOME=x" }, NULL, NULL, "off", ORIGIN_DEFAULT },
	{ "GOCACHE", 22, { "HOME=/h", "GOCACHE=rel" }, NULL, NULL, "off", ORIGIN_ENVIRONMENT, 0, 1 },
	{ "GOPATH", 22, HOME_ENV, NULL, NULL, "/h/go", ORIGIN_DEFAULT },
	{ "GOPATH", 22, { "HOME=/" }, NULL, NULL, "", ORIGIN_DEFAULT },	/* would be GOROOT */
	{ "GOPATH", 22, {}, NULL, NULL, "", ORIGIN_DEFAULT },
	{ "GOMODCACHE", 22, HOME_ENV, "GOPATH=/p/../q:/r\n", NULL, "/q/pkg/mod", ORIGIN_DEFAULT },
	{ "GOMODCACHE", 22, {}, NULL, NULL, "", ORIGIN_DEFAULT },
	{ "GOBIN", 26, HOME_ENV, NULL, NULL, "", ORIGIN_DEFAULT },
	{ "GOBIN", 27, HOME_ENV, NULL, NULL, "/h/go/bin", ORIGIN_DEFAULT },
	{ "GONOPROXY", 22, { "GOPRIVATE=*.corp" }, NULL, NULL, "*.corp", ORIGIN_DEFAULT },
	{ "GONOPROXY", 22, { "GOPRIVATE=*.corp" }, "GONOPROXY=n\n", NULL, "n", ORIGIN_USER_FILE, 1, 1 },
	{ "GOEXE", 22, { "GOOS=windows" }, NULL, NULL, ".exe", ORIGIN_COMPUTED },
	{ "GOTOOLDIR", 22, { "GOARCH=arm64" }, NULL, NULL, "/go/pkg/tool/linux_amd64", ORIGIN_COMPUTED },
	{ "GOARM", 19, {}, NULL, NULL, "5", ORIGIN_DEFAULT },
	{ "GOARM", 21, {}, NULL, NULL, "7", ORIGIN_DEFAULT },
	{ "GOARM", 23, {}, NULL, NULL, "7,hardfloat", ORIGIN_DEFAULT },
	{ "GOARM", 24, {}, NULL, NULL, "7", ORIGIN_DEFAULT },
	{ "CGO_CFLAGS", 19, {}, NULL, NULL, "-g -O2", ORIGIN_DEFAULT },
	{ "CGO_CFLAGS", 20, {}, NULL, NULL, "-O2 -g", ORIGIN_DEFAULT },
	/* cgo: values other than 0 and 1 do not count; off for other targets; unknown without PATH. */
	{ "CGO_ENABLED", 19, { "CGO_ENABLED=yes" }, NULL, NULL, "1", ORIGIN_DEFAULT },
	{ "CGO_ENABLED", 19, { "GOARCH=arm64" }, NULL, NULL, "0", ORIGIN_DEFAULT },
	{ "CGO_ENABLED", 22, {}, NULL, NULL, NULL, ORIGIN_DEFAULT },
	{ "CGO_ENABLED", 22, { "CC=missing" }, NULL, NULL, "1", ORIGIN_DEFAULT },
	{ "CGO_ENABLED", 22, { "GOARCH=arm64" }, "CGO_ENABLED=1\n", NULL, "1", ORIGIN_USER_FILE, 1, 1 },
	{ "GOGCCFLAGS", 22, {}, NULL, NULL, NULL, ORIGIN_COMPUTED },
};

static void resolve_one(const struct one *o)
{
	struct goenv user = {}, go_env = {};
	struct setting_facts facts = {
		.minor = o->minor, .getenv = from_list, .ctx = (void *)o->env, .goroot = "/go",
		.version = "go1.22.1", .host_arch = "amd64",
	};
	struct setting_resolved r;

	if (o->user) {
		assert_int_equal(goenv__parse(o->user, strlen(o->user), &user), 0);
		facts.user_file = &user;
	}
	if (o->go_env) {
		assert_int_equal(goenv__parse(o->go_env, strlen(o->go_env), &go_env), 0);
		facts.go_env = &go_env;
	}
	assert_int_equal(setting__resolve(setting__find(o->name), &facts, &r), 0);
	if (o->value)
		assert_string_equal(r.won.value, o->value);
	else
		assert_null(r.won.value);
	assert_int_equal(r.won.origin, o->origin);
	assert_int_equal(r.won.line, o->line);
	if (o->origin != ORIGIN_DEFAULT && o->origin != ORIGIN_COMPUTED && strcmp(o->name, "GOENV"))
		assert_int_equal(r.shadowed_cnt, o->shadowed);
	setting_resolved__free(&r);
	goenv__free(&user);
	goenv__free(&go_env);
}

static void test_resolve(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ones); i++)
		resolve_one(&ones[i]);
}

static void test_shadowed(void **state)
{
	static const char *const env[] = { "GOPROXY=off", NULL };
	struct goenv user, go_env;
	struct setting_facts facts = {
		.minor = 24, .getenv = from_list, .ctx = (void *)env, .user_file = &user, .go_env = &go_env,
	};
	struct setting_resolved r;

	assert_int_equal(goenv__parse("A=1\nGOPROXY=u\n", 14, &user), 0);
	assert_int_equal(goenv__parse(GO_ENV, strlen(GO_ENV), &go_env), 0);
	assert_int_equal(setting__resolve(setting__find("GOPROXY"), &facts, &r), 0);
	assert_int_equal(r.shadowed_cnt, 3);
	assert_int_equal(r.shadowed[0].origin, ORIGIN_USER_FILE);
	assert_string_equal(r.shadowed[0].value, "u");
	assert_int_equal(r.shadowed[0].line, 2);
	assert_int_equal(r.shadowed[1].origin, ORIGIN_GO_ENV);
	assert_int_equal(r.shadowed[2].origin, ORIGIN_DEFAULT);
	setting_resolved__free(&r);
	goenv__free(&user);
	goenv__free(&go_env);
}

static void test_table(void **state)
{
	size_t cnt, i;
	const struct setting *all = setting__all(&cnt);

	for (i = 0; i < cnt; i++) {
		if (i)
			assert_true(strcmp(all[i - 1].name, all[i].name) < 0);
		assert_ptr_equal(setting__find(all[i].name), &all[i]);
	}
	assert_null(setting__find("GONOSUMCHECK"));
	assert_false(setting__exists(setting__find("GOAUTH"), 23));
	assert_true(setting__exists(setting__find("GOAUTH"), 24));
	assert_true(setting__means(setting__find("CC"), 15, " gcc -m64", "gcc"));
	assert_false(setting__means(setting__find("CC"), 15, "gcc -m64", "g"));
	assert_false(setting__means(setting__find("CC"), 15, "", "gcc"));
	assert_false(setting__means(setting__find("CC"), 18, "gcc -m64", "gcc"));
	assert_false(setting__means(setting__find("GOFLAGS"), 15, "-v -x", "-v"));
	assert_true(setting__means(setting__find("GOFLAGS"), 15, "-v -x", "-v -x"));
	assert_true(setting__is_exported(setting__find("GOBIN"), 26, "amd64"));
	assert_false(setting__is_exported(setting__find("GOBIN"), 27, "amd64"));
	assert_false(setting__is_exported(setting__find("GOBIN"), 0, "amd64"));
	assert_false(setting__is_exported(setting__find("CGO_CFLAGS"), 24, "amd64"));
	assert_true(setting__is_exported(setting__find("GOAMD64"), 24, "amd64"));
	assert_false(setting__is_exported(setting__find("GOAMD64"), 24, "arm64"));
	assert_true(setting__is_for_arch(setting__find("GOMIPS"), "mipsle"));
	assert_false(setting__is_shown(setting__find("GODEBUG"), 22, "amd64"));
	assert_true(setting__is_shown(setting__find("GODEBUG"), 23, "amd64"));
	assert_false(setting__is_shown(setting__find("FC"), 24, "amd64"));
}

static void expect_user_file(int minor, const char *const *env, const char *path, const char *why)
{
	struct setting_facts facts = { .minor = minor, .getenv = from_list, .ctx = (void *)env };
	__free_str struct str out = {};
	const char *reason = NULL;
	int err = setting__user_file(&facts, &out, &reason);

	if (path) {
		assert_int_equal(err, 0);
		assert_string_equal(out.s, path);
	} else {
		assert_int_equal(err, -ENOENT);
		assert_string_equal(reason, why);
	}
}

static void test_user_file(void **state)
{
	expect_user_file(24, (const char *[]){ "GOENV=rel", NULL }, "rel", NULL);
	expect_user_file(24, (const char *[]){ "GOENV=off", "HOME=/h", NULL }, NULL, "GOENV=off");
	expect_user_file(24, (const char *[]){ "GOENV=", "HOME=/h", NULL }, "/h/.config/go/env", NULL);
	expect_user_file(24, (const char *[]){ "XDG_CONFIG_HOME=/x", "HOME=/h", NULL }, "/x/go/env", NULL);
	expect_user_file(24, (const char *[]){ "XDG_CONFIG_HOME=x", "HOME=/h", NULL }, NULL,
			 "XDG_CONFIG_HOME is relative");
	expect_user_file(23, (const char *[]){ "XDG_CONFIG_HOME=x", "HOME=/h", NULL }, "x/go/env", NULL);
	expect_user_file(24, (const char *[]){ NULL }, NULL, "HOME is not set");
}

static bool is_goroot(void *ctx, const char *dir)
{
	return !strcmp(dir, ctx);
}

static void expect_goroot(struct goroot_facts facts, bool for_go_env, const char *dir,
			  enum goroot_origin origin)
{
	__free_str struct str out = {};
	enum goroot_origin got;

	facts.is_goroot = is_goroot;
	assert_int_equal(goroot__find(&facts, for_go_env, &out, &got), 0);
	assert_string_equal(out.s ?: "", dir);
	assert_int_equal(got, origin);
}

static void test_goroot(void **state)
{
	struct goroot_facts both = { .env = "/e", .user_file = "/f/" };
	struct goroot_facts exe = { .exe = "/usr/lib/go/bin/go", .ctx = "/usr/lib/go", .linked = "/l" };
	struct goroot_facts deep = { .exe = "/g/bin/linux_arm64/go", .ctx = "/g", .linked = "/l" };
	struct goroot_facts link = { .exe = "/usr/bin/go", .exe_real = "/opt/go/bin/go", .ctx = "/opt/go" };

	expect_goroot(both, false, "/e", GOROOT_ENV);
	expect_goroot(both, true, "/f", GOROOT_USER_FILE);
	expect_goroot(exe, false, "/usr/lib/go", GOROOT_EXE);
	expect_goroot(deep, false, "/g", GOROOT_EXE);
	deep.minor = 19;
	expect_goroot(deep, false, "/l", GOROOT_LINKED);
	expect_goroot(link, false, "/opt/go", GOROOT_EXE);
	link.exe_real = NULL;
	expect_goroot(link, false, "", GOROOT_NONE);
}

static void test_goenv_lines(void **state)
{
	static const char text[] = "# c\n\nexport A=1\nA=1\nb=2\nNOEQ\nA=\nLAST=x";
	struct goenv g;

	assert_int_equal(goenv__parse(text, strlen(text), &g), 0);
	assert_int_equal(g.cnt, 6);
	assert_int_equal(g.entries[0].kind, GOENV_BAD_START);
	assert_int_equal(g.entries[0].line, 3);
	assert_string_equal(g.entries[0].key, "export A=1");
	assert_int_equal(g.entries[3].kind, GOENV_NO_EQUALS);
	assert_string_equal(goenv__find(&g, "A", false)->value, "");
	assert_string_equal(goenv__find(&g, "A", true)->value, "1");
	assert_int_equal(goenv__find(&g, "LAST", false)->line, 8);
	assert_null(goenv__find(&g, "b", false));
	goenv__free(&g);
	assert_int_equal(goenv__parse("", 0, &g), 0);
	assert_int_equal(g.cnt, 0);
	goenv__free(&g);
	assert_int_equal(goenv__parse("", GOENV_MAX_TEXT + 1, &g), -EFBIG);
}

static void test_goflags(void **state)
{
	struct goflags f;

	assert_int_equal(goflags__split(" -mod=mod  '-ldflags=-s -w'\t--tags=a -tags=b -x \"\"", 22, &f), 0);
	assert_int_equal(f.cnt, 6);
	assert_string_equal(f.words[1], "-ldflags=-s -w");
	assert_string_equal(goflags__get(&f, "-ldflags"), "-s -w");
	assert_string_equal(goflags__get(&f, "tags"), "b");
	assert_string_equal(goflags__get(&f, "x"), "true");
	assert_null(goflags__get(&f, "ta"));
	assert_null(goflags__get(&f, "modfile"));
	goflags__free(&f);
	assert_int_equal(goflags__split("-a '-b c'", 19, &f), 0);	/* no quotes yet */
	assert_int_equal(f.cnt, 3);
	assert_string_equal(f.words[2], "c'");
	goflags__free(&f);
	assert_int_equal(goflags__split("-a '-b", 22, &f), -EINVAL);
	assert_int_equal(goflags__split("", 22, &f), 0);
	assert_int_equal(f.cnt, 0);
	goflags__free(&f);
	assert_true(goflags__is_flag("-x"));
	assert_true(goflags__is_flag("--mod=mod"));
	assert_false(goflags__is_flag("x"));
	assert_false(goflags__is_flag("-"));
	assert_false(goflags__is_flag("--"));
	assert_false(goflags__is_flag("---x"));
	assert_false(goflags__is_flag("-=x"));
}

static void test_minor(void **state)
{
	assert_int_equal(go__minor("go1.22.1"), 22);
	assert_int_equal(go__minor("go1.26.1 X:jsonv2"), 26);
	assert_int_equal(go__minor("devel go1.23-abcdef Mon"), 23);
	assert_int_equal(go__minor("go1.27-devel_abc"), 27);
	assert_int_equal(go__minor("devel +abc"), 0);
	assert_int_equal(go__minor(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_shadowed),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_user_file),
		cmocka_unit_test(test_goroot),
		cmocka_unit_test(test_goenv_lines),
		cmocka_unit_test(test_goflags),
		cmocka_unit_test(test_minor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
