/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What part a process plays, and what its command line says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/tools.h"
#include "util/str.h"

#define ID "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define TOOLDIR "/usr/lib/go/pkg/tool/linux_amd64/"
enum { UNREAD, GO, NOT_GO };

struct row {
	const char *exe;
	int is_go;
	const char *go_path;
	enum tool_role parent;
	enum tool_role role;
	const char *argv[6];
	const char *env[3];
};

static const struct row rows[] = {
	{ "/usr/lib/go/bin/go", GO, "cmd/go", 0, TOOL_GO, { "go", "build" } },
	{ "/usr/local/bin/go1.22.1", GO, "cmd/go", 0, TOOL_GO, { "go1.22.1", "build" } },
	{ "/home/u/go/bin/go1.22.1", GO, "golang.org/dl/go1.22.1", 0, TOOL_GO_WRAPPER, { "go1.22.1", "version" } },
	{ "/usr/lib/go-1.15/bin/go", GO, "", 0, TOOL_GO, { "go", "build" } },
	{ "/usr/local/bin/go", NOT_GO, NULL, 0, TOOL_PROGRAM, { "go", "build" } },	/* a script */
	{ "/usr/bin/go", UNREAD, NULL, 0, TOOL_GO, { "go", "build" } },
	{ "/opt/game/go", GO, "", 0, TOOL_GO_PROGRAM, { "go" } },
	{ TOOLDIR "compile", GO, "cmd/compile", TOOL_GO, TOOL_COMPILE, { "compile", "-p", "fmt" } },
	{ TOOLDIR "compile", GO, "", TOOL_GO, TOOL_COMPILE, { "compile", "-p", "fmt" } },
	{ TOOLDIR "vet", UNREAD, NULL, TOOL_GO, TOOL_VET, { "vet", "/w/b001/vet.cfg" } },
	{ "/c/go-build/ab/" ID "-d/buildid", GO, "cmd/buildid", TOOL_GO, TOOL_BUILDID, { "buildid", "x" } },
	{ "/home/u/compile", GO, "example.com/compile", 0, TOOL_GO_PROGRAM, { "compile" } },
	{ TOOLDIR "compile", GO, "cmd/compile", 0, TOOL_TELEMETRY, { "compile" }, { "GO_TELEMETRY_CHILD=1" } },
	{ "/home/u/wrap", GO, "example.com/wrap", TOOL_GO, TOOL_TOOLEXEC, { "wrap", TOOLDIR "compile", "-p", "x" } },
	{ "/bin/sh", NOT_GO, NULL, 0, TOOL_TOOLEXEC, { "sh", "/home/u/wrap.sh", TOOLDIR "asm" }, { "TOOLEXEC_IMPORTPATH=x" } },
	{ "/bin/ls", NOT_GO, NULL, 0, TOOL_PROGRAM, { "ls", TOOLDIR "asm" } },
	{ "/home/u/check", GO, "example.com/check", TOOL_GO, TOOL_VET, { "check", "/w/b001/vet.cfg" } },
	{ "/tmp/go-build12/b001/p.test", GO, "example.com/p.test", TOOL_GO, TOOL_TEST, { "p.test", "-test.v=true" } },
	{ "/tmp/go-build12/b001/p.test", GO, "", TOOL_GO, TOOL_TEST, { "p.test", "-test.timeout=10m0s" } },
	{ "/tmp/x.test", NOT_GO, NULL, 0, TOOL_PROGRAM, { "x.test", "-test.v" } },
	{ "/tmp/go-build12/b001/exe/hello", GO, "example.com/hello", TOOL_GO, TOOL_GO_RUN, { "hello" } },
	{ "/c/go-build/ab/" ID "-d/hello", GO, "example.com/hello", TOOL_GO, TOOL_GO_RUN, { "hello" } },
	{ "/tmp/go-buildx/exe/hello", GO, "example.com/hello", TOOL_GO, TOOL_GO_PROGRAM, { "hello" } },
	{ "/home/u/go/bin/gopls", GO, "golang.org/x/tools/gopls", 0, TOOL_GOPLS, { "gopls" } },
	{ "/home/u/go/bin/dlv", GO, "github.com/go-delve/delve/cmd/dlv", 0, TOOL_DLV, { "dlv", "debug" } },
	{ "/src/__debug_bin123", GO, "example.com/p", TOOL_DLV, TOOL_DEBUGGEE, { "__debug_bin123" } },
	{ "/usr/bin/cacheprog", GO, "example.com/cp", TOOL_GO, TOOL_CACHEPROG, { "cacheprog", "-v" }, { "GOCACHEPROG=cacheprog -v" } },
	{ "/usr/bin/x86_64-linux-gnu-gcc-12", NOT_GO, NULL, TOOL_CGO, TOOL_CC, { "gcc", "-c" } },
	{ "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", NOT_GO, NULL, TOOL_CC, TOOL_CC1, { "cc1" } },
	{ "/usr/lib/gcc/x86_64-linux-gnu/12/collect2", NOT_GO, NULL, TOOL_CC, TOOL_C_COLLECT, { "collect2" } },
	{ "/usr/bin/x86_64-linux-gnu-ld.gold", NOT_GO, NULL, TOOL_CC, TOOL_C_LD, { "ld" } },
	{ "/usr/bin/x86_64-linux-gnu-as", NOT_GO, NULL, TOOL_CC, TOOL_C_AS, { "as" } },
	{ "/usr/lib/llvm-14/bin/clang", NOT_GO, NULL, TOOL_GO, TOOL_CC, { "clang-14" } },
	{ "/usr/bin/git", NOT_GO, NULL, TOOL_GO, TOOL_VCS, { "git", "status" } },
	{ "/usr/lib/git-core/git-remote-https", NOT_GO, NULL, TOOL_VCS, TOOL_VCS, { "git-remote-https" } },
	{ "/usr/bin/gccxml", NOT_GO, NULL, 0, TOOL_PROGRAM, { "gccxml" } },
	{ "", UNREAD, NULL, 0, TOOL_UNKNOWN, { NULL } },
};

static const char *from_list(void *ctx, const char *name)
{
	const char *const *e;
	size_t n = strlen(name);

	for (e = ctx; *e; e++)
		if (!strncmp(*e, name, n) && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

static size_t count(const char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

static void test_roles(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct tool_facts f = {
			.exe = r->exe, .argv = r->argv, .argc = count(r->argv), .getenv = from_list,
			.ctx = (void *)r->env, .is_go = r->is_go == GO, .is_not_go = r->is_go == NOT_GO,
			.go_path = r->go_path, .parent = r->parent,
		};

		assert_string_equal(tool_role__name(tool__classify(&f)), tool_role__name(r->role));
		f.getenv = NULL;
		(void)tool__classify(&f);	/* an unknown environment is fine */
	}
}

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct tool_args args(enum tool_role role, const char *const *argv)
{
	struct tool_args a;

	tool__args(role, argv, count(argv), &a);
	return a;
}

static void test_args(void **state)
{
	struct tool_args a = args(TOOL_COMPILE, ARGS("compile", "-o", "$WORK/b002/_pkg_.a", "-trimpath", "$WORK/b002=>",
						     "-p", "internal/abi", "-std", "-lang=go1.22", "-complete", "-buildid", "A/A",
						     "-goversion", "go1.22.1", "-importcfg", "$WORK/b002/importcfg", "-pack", "./a.go"));

	assert_string_equal(a.package, "internal/abi");
	assert_string_equal(a.build_id, "A/A");
	assert_string_equal(a.output, "$WORK/b002/_pkg_.a");
	assert_string_equal(a.importcfg, "$WORK/b002/importcfg");
	assert_string_equal(a.trimpath, "$WORK/b002=>");
	assert_string_equal(a.lang, "go1.22");
	assert_string_equal(a.go_version, "go1.22.1");
	assert_true(a.is_std);
	assert_false(a.has_response_file);
	a = args(TOOL_LINK, ARGS("link", "-o", "a.out", "-importcfg", "i", "-X=runtime.godebugDefault=panicnil=1",
				 "-buildmode=pie", "-buildid=A/B/C/A", "-extld=gcc", "/c/x-d"));
	assert_string_equal(a.build_id, "A/B/C/A");
	assert_string_equal(a.build_mode, "pie");
	assert_string_equal(a.extld, "gcc");
	assert_string_equal(a.godebug, "panicnil=1");
	assert_string_equal(a.main_archive, "/c/x-d");
	a = args(TOOL_ASM, ARGS("asm", "-p", "runtime", "-gensymabis", "-o", "symabis", "a.s"));
	assert_true(a.is_symabis);
	a = args(TOOL_CGO, ARGS("cgo", "-objdir", "d", "-importpath", "net", "--", "-I", "d"));
	assert_string_equal(a.package, "net");
	a = args(TOOL_VET, ARGS("vet", "-unsafeptr=false", "/w/b001/vet.cfg"));
	assert_string_equal(a.vet_cfg, "/w/b001/vet.cfg");
	a = args(TOOL_COMPILE, ARGS("compile", "@/tmp/args"));
	assert_true(a.has_response_file);
	a = args(TOOL_COMPILE, ARGS("compile", "-p"));
	assert_null(a.package);
}

static void test_package(void **state)
{
	static const struct {
		const char *argv[8], *want;
	} compilers[] = {
		{ { "compile", "-p", "a/b", "-o", "x", "/w/b/b.go" }, "a/b" },
		{ { "compile", "-p", "a/b", "./b.go", "./b_test.go" }, "a/b [a/b.test]" },
		{ { "compile", "-p", "a/b", "./b_test.go" }, "a/b [a/b.test]" },
		{ { "compile", "-p", "a/b_test", "./c_test.go" }, "a/b_test [a/b.test]" },
		{ { "compile", "-p", "a/b_test", "./b.go", "./b_test.go" }, "a/b_test [a/b_test.test]" },
		{ { "compile", "-p", "a/b_test", "./b.go" }, "a/b_test" },
		{ { "compile", "-p", "main", "/w/b001/_testmain.go" }, "main" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		struct tool_args a = args(TOOL_COMPILE, compilers[i].argv);
		__free_str struct str package = {};

		assert_int_equal(tool_args__package(&a, &package), 0);
		assert_string_equal(package.s, compilers[i].want);
	}
}

static void test_probes(void **state)
{
	assert_true(tool__is_probe(TOOL_COMPILE, ARGS("compile", "-V=full"), 2));
	assert_true(tool__is_probe(TOOL_TOOLEXEC, ARGS("w", TOOLDIR "asm", "-V=full"), 3));
	assert_true(tool__is_probe(TOOL_VET, ARGS("vet", "-flags"), 2));
	assert_true(tool__is_probe(TOOL_CC, ARGS("gcc", "-###", "-x", "c", "-c", "-"), 6));
	assert_false(tool__is_probe(TOOL_CC, ARGS("gcc", "-V=full"), 2));
	assert_false(tool__is_probe(TOOL_COMPILE, ARGS("compile", "-p", "x"), 3));
	assert_false(tool__is_probe(TOOL_GO, ARGS("go", "-V=full"), 2));
}

static void expect_verb(const char *const *argv, const char *verb, const char *sub, const char *dir)
{
	const char *got_sub, *got = go__verb(argv, count(argv), &got_sub);
	const char *got_dir = go__chdir(argv, count(argv));

	assert_true(verb ? got && str_eq(got, verb) : !got);
	assert_true(sub ? got_sub && str_eq(got_sub, sub) : !got_sub);
	assert_true(dir ? got_dir && str_eq(got_dir, dir) : !got_dir);
}

static void test_verbs(void **state)
{
	expect_verb(ARGS("go", "build", "./..."), "build", NULL, NULL);
	expect_verb(ARGS("go", "mod", "tidy"), "mod", "tidy", NULL);
	expect_verb(ARGS("go", "-C", "dir", "test"), "test", NULL, "dir");
	expect_verb(ARGS("go", "-C=dir", "work", "sync"), "work", "sync", "dir");
	expect_verb(ARGS("go", "build", "-C", "dir"), "build", NULL, "dir");
	expect_verb(ARGS("go", "build", "-C=dir"), "build", NULL, "dir");
	expect_verb(ARGS("go", "tool", "-n"), "tool", NULL, NULL);
	expect_verb(ARGS("go"), NULL, NULL, NULL);
	expect_verb(ARGS("go", "-C"), NULL, NULL, NULL);
	expect_verb(ARGS("go", "-help"), NULL, NULL, NULL);
}

static void test_groups(void **state)
{
	assert_true(tool_role__is_go_tool(TOOL_COMPILE));
	assert_false(tool_role__is_go_tool(TOOL_GO));
	assert_false(tool_role__is_go_tool(TOOL_GOFMT));
	assert_true(tool_role__is_c_part(TOOL_C_LD));
	assert_false(tool_role__is_c_part(TOOL_VCS));
	assert_string_equal(tool_role__name(TOOL_UNKNOWN), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_package),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
