/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Versions of C compilers by the places that they use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "golang/c_compiler.h"
#include "util/cleanup.h"
#include "util/str.h"

static void test_gcc(void **state)
{
	static const struct {
		const char *path, *version;
	} cases[] = {
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", "12" },
		{ "/usr/libexec/gcc/x86_64-linux-gnu/14/cc1plus", "14" },
		{ "/usr/lib/gcc-cross/aarch64-linux-gnu/12/cc1", "12" },
		{ "/usr/lib/gcc/x86_64-w64-mingw32/12-posix/cc1", "12-posix" },
		{ "/opt/gcc-13.2/libexec/gcc/x86_64-pc-linux-gnu/13.2.0/collect2", "13.2.0" },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/as", NULL },		/* binutils */
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/cc1/", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/cc1", NULL },
		{ "/usr/lib/notgcc/x86_64-linux-gnu/12/cc1", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/plugin/cc1", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu//cc1", NULL },
		{ "gcc/x/12/cc1", NULL },
		{ "/12/cc1", NULL },
		{ "cc1", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *s = NULL;
		size_t n = 0;

		if (gcc__version_of(cases[i].path, &s, &n) != (cases[i].version != NULL))
			fail_msg("%s", cases[i].path);
		if (!cases[i].version)
			continue;
		assert_int_equal(n, strlen(cases[i].version));
		assert_memory_equal(s, cases[i].version, n);
	}
}

static void test_clang(void **state)
{
	static const char exe[] = "/usr/lib/llvm-14/bin/clang";
	const char *s = NULL;
	size_t n = 0;

	assert_true(clang__version_of(exe, "/usr/lib/llvm-14/lib/clang/14.0.6/include/stddef.h", &s, &n));
	assert_int_equal(n, strlen("14.0.6"));
	assert_memory_equal(s, "14.0.6", n);
	assert_true(clang__version_of(exe, "/usr/lib/llvm-14/lib/clang/14.0.6", &s, &n));
	/* of another clang; no version; no clang at all */
	assert_false(clang__version_of(exe, "/usr/lib/llvm-15/lib/clang/15.0.1/include/stddef.h", &s, &n));
	assert_false(clang__version_of(exe, "/usr/lib/llvm-14/lib/clang/include", &s, &n));
	assert_false(clang__version_of(exe, "/usr/lib/llvm-14/lib/clang/", &s, &n));
	assert_false(clang__version_of("clang", "lib/clang/14.0.6", &s, &n));
	assert_false(clang__version_of(exe, "", &s, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gcc),
		cmocka_unit_test(test_clang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
