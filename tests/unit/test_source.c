/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which files are inputs of a build. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/source.h"
#include "util/str.h"

#define ID "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define GO   "/usr/lib/go-1.26/bin/go"
#define TOOL "/usr/lib/go-1.26/pkg/tool/linux_amd64/compile"
#define CC1  "/usr/lib/gcc/x86_64-linux-gnu/12/cc1"

static const struct {
	const char *exe, *path;
	bool is_input;
} rows[] = {
	{ GO, "/src/app/main.go", true },
	{ GO, "/src/app/static/logo.png", true },		/* embedded, perhaps */
	{ GO, "/src/app/.env", true },
	{ GO, "/src/app/lib_linux.syso", true },
	{ GO, "/src/app/go.mod", true },
	{ GO, "/src/app/default.pgo", true },
	{ "/home/u/sdk/go1.22.1/bin/go1.22.1", "/src/app/main.go", true },
	{ GO, "/src/go-builder/main.go", true },
	{ GO, "/home/u/go/pkg/mod/example.org/x@v1.0.0/x.go", true },
	{ GO, "/home/u/go/pkg/mod/cache/download/example.org/x/@v/v1.0.0.mod", false },
	{ GO, "/home/u/.cache/go-build/ab/" ID "-a", false },
	{ GO, "/home/u/.cache/go-build/ab/" ID "-d", false },
	{ GO, "/home/u/.cache/go-build/trim.txt", false },
	{ GO, "/tmp/go-build123/b001/_pkg_.a", false },
	{ GO, "/src/app/go.sum", false },
	{ GO, "/home/u/.netrc", false },
	{ GO, "/home/u/.pgpass", false },
	{ GO, "/home/u/src/pg/pass.go", true },
	{ GO, "/proc/self/cgroup", false },
	{ GO, "/etc/localtime", false },
	{ GO, "/usr/lib/go-1.26/go.env", false },
	{ GO, "/home/u/.config/go/env", false },
	{ GO, "/usr/lib/go-1.26/pkg/tool/linux_amd64/compile", false },
	{ GO, "relative.go", false },
	{ TOOL, "/src/app/main.go", true },
	{ TOOL, "/tmp/go-build123/b001/importcfg", false },
	{ TOOL, "/usr/lib/go-1.26/pkg/include/textflag.h", true },
	{ CC1, "/usr/include/stdio.h", true },
	{ CC1, "/usr/include/c++/12/vector", true },
	{ CC1, "/src/app/f.h", true },
	{ CC1, "/tmp/cgo-gcc-input-123.c", false },
	{ CC1, "/lib/x86_64-linux-gnu/libz.so.1", false },
	{ CC1, "/etc/ld.so.cache", false },
	{ "/usr/lib/llvm-14/bin/clang", "/usr/include/stdio.h", true },
	{ "/usr/lib/llvm-14/bin/clang", "/tmp/x.o", false },
	{ "/home/u/bin/compile", "/src/app/main.go", false },	/* somebody's own */
	{ "/usr/bin/cat", "/src/app/main.go", false },
	{ "/usr/bin/git", "/src/app/go.mod", false },
	{ "/usr/bin/git", "/src/app/.git/HEAD", true },
	{ "/usr/bin/git", "/src/app/.git/refs/heads/main", true },
	{ "/usr/bin/git", "/src/app/.git/config", false },
};

static void inputs(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (source__is_input(source__reader(rows[i].exe), rows[i].path, strlen(rows[i].path)) !=
		    rows[i].is_input)
			fail_msg("%s reads %s", rows[i].exe, rows[i].path);
}

static void names_for_platforms(void **state)
{
	static const struct {
		const char *name, *goos, *goarch;
		bool is_for;
	} names[] = {
		{ "a.go", "linux", "amd64", true },
		{ "linux.go", "darwin", "arm64", true },	/* no "_" before it */
		{ "a_linux.go", "linux", "amd64", true },
		{ "a_linux.go", "android", "arm64", true },
		{ "a_linux.go", "darwin", "arm64", false },
		{ "a_linux_test.go", "darwin", "arm64", false },
		{ "a_arm64.s", "linux", "amd64", false },
		{ "asm_ppc64x.h", "linux", "amd64", true },	/* no architecture */
		{ "a_linux_arm64.s", "linux", "arm64", true },
		{ "a_windows_arm64.s", "linux", "arm64", false },
		{ "a_windows_more.go", "linux", "arm64", true },
		{ "a_b.linux.go", "darwin", "arm64", true },
		{ "_test.go", "linux", "amd64", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (source__is_for(names[i].name, names[i].goos, names[i].goarch) != names[i].is_for)
			fail_msg("%s for %s", names[i].name, names[i].goos);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(inputs), cmocka_unit_test(names_for_platforms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
