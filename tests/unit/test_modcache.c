/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The module cache: what each kind of path is and whose. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/modcache.h"

static const struct {
	const char *path;	/* below the root */
	enum modcache_kind kind;
	const char *module, *version, *rest;
} rows[] = {
	{ "", MODCACHE_ROOT },
	{ "example.com/m@v1.2.3", MODCACHE_SOURCE, "example.com/m", "v1.2.3", "" },
	{ "example.com/m@v1.2.3/dir/a.go", MODCACHE_SOURCE, "example.com/m", "v1.2.3", "dir/a.go" },
	{ "github.com/!burnt!sushi/toml@v1.0.0-!r!c1/x", MODCACHE_SOURCE, "github.com/BurntSushi/toml", "v1.0.0-RC1", "x" },
	{ "github.com/BurntSushi/toml@v1.0.0", MODCACHE_OTHER },
	{ "example.com", MODCACHE_OTHER },
	{ "cache/lock", MODCACHE_CACHE_LOCK },
	{ "cache/vcs/0123/HEAD", MODCACHE_VCS },
	{ "cache/download/sumdb/sum.golang.org/tile/8/0/1", MODCACHE_SUMDB },
	{ "cache/download/example.com/m/@v/list", MODCACHE_LIST, "example.com/m" },
	{ "cache/download/example.com/m/@latest", MODCACHE_LATEST, "example.com/m" },
	{ "cache/download/example.com/!m/@v/v1.0.0.info", MODCACHE_INFO, "example.com/M", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.mod", MODCACHE_MOD, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.zip", MODCACHE_ZIP, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.ziphash", MODCACHE_ZIPHASH, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.lock", MODCACHE_LOCK, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.partial", MODCACHE_PARTIAL, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.zip123456.tmp", MODCACHE_TEMP, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m/@v/v1.0.0.info9.tmp", MODCACHE_TEMP, "example.com/m", "v1.0.0" },
	{ "cache/download/example.com/m", MODCACHE_OTHER },
	{ "golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64/bin/go", MODCACHE_SOURCE, "golang.org/toolchain", "v0.0.1-go1.24.4.linux-amd64", "bin/go" },
};

static void expect(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got, want);
	else
		assert_true(!got || !*got);
}

static void test_paths(void **state)
{
	struct modcache_path p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		__free_str struct str path = {};

		str__addf(&path, "/h/go/pkg/mod/%s", rows[i].path);
		assert_int_equal(modcache__classify("/h/go/pkg/mod", path.s, &p), 0);
		assert_int_equal(p.kind, rows[i].kind);
		expect(p.module.s, rows[i].module);
		expect(p.version.s, rows[i].version);
		if (rows[i].rest)
			assert_string_equal(p.rest, rows[i].rest);
		assert_int_equal(p.is_toolchain, rows[i].module && !strcmp(rows[i].module, "golang.org/toolchain"));
		modcache_path__free(&p);
	}
	assert_int_equal(modcache__classify("/h/go/pkg/mod", "/h/go/pkg/modx/a@v1", &p), -ENOENT);
}

static void test_escape(void **state)
{
	__free_str struct str s = {};

	assert_int_equal(module__escape("github.com/AzureAD", 18, &s), 0);
	assert_string_equal(s.s, "github.com/!azure!a!d");
	str__cut(&s, 0);
	assert_int_equal(module__unescape("!azure!a!d", 10, &s), 0);
	assert_string_equal(s.s, "AzureAD");
	assert_int_equal(module__unescape("a!", 2, &s), -EINVAL);
	assert_int_equal(module__unescape("a!A", 3, &s), -EINVAL);
	assert_int_equal(module__unescape("a!1", 3, &s), -EINVAL);
	assert_int_equal(module__escape("a!b", 3, &s), -EINVAL);
}

static void test_toolchain(void **state)
{
	__free_str struct str s = {};

	assert_int_equal(toolchain__version("v0.0.1-go1.24.4.linux-amd64", &s), 0);
	assert_string_equal(s.s, "go1.24.4");
	str__cut(&s, 0);
	assert_int_equal(toolchain__version("v0.0.1-go1.24rc1.linux-arm64", &s), 0);
	assert_string_equal(s.s, "go1.24rc1");
	assert_int_equal(toolchain__version("v0.0.1", &s), -EINVAL);
	assert_int_equal(toolchain__version("v0.0.1-go", &s), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_toolchain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
