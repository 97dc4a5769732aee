/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What paths are tried for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/ladder.h"
#include "util/cleanup.h"

static const struct {
	const char *path;
	enum ladder_purpose purpose;
	const char *key;
} rows[] = {
	{ "/src/go.work", LADDER_GO_WORK, "" },
	{ "/go.mod", LADDER_GO_MOD, "" },
	{ "/src/cargo.mod", LADDER_NONE, "" },
	{ "/h/.config/go/env", LADDER_GO_ENV, "" },
	{ "/h/.config/cargo/env", LADDER_NONE, "" },
	{ "/usr/lib/go/go.env", LADDER_GOROOT_ENV, "" },
	{ "/src/vendor/modules.txt", LADDER_VENDOR, "" },
	{ "/h/.netrc", LADDER_NETRC, "" },
	{ "/usr/local/bin/gcc", LADDER_PROGRAM, "gcc" },
	{ "/usr/bin/gcc", LADDER_PROGRAM, "gcc" },
	{ "/opt/x/bin/gcc", LADDER_PROGRAM, "gcc" },		/* written with a slash in PATH */
	{ "/usr/bin/sub/gcc", LADDER_NONE, "" },
	{ "/usr/sbin/gcc", LADDER_NONE, "" },
	{ "/lib/x86_64-linux-gnu/libc.so.6", LADDER_LIBRARY, "libc.so.6" },
	{ "/x/p.so", LADDER_LIBRARY, "p.so" },
	{ "/x/a.sol", LADDER_NONE, "" },
	{ "/etc/ld.so.cache", LADDER_NONE, "" },
	{ "/etc/ssl/cert.pem", LADDER_CERTIFICATES, "" },
	{ "/etc/ssl/certs", LADDER_CERTIFICATES, "" },
	{ "/usr/share/zoneinfo/Europe/Berlin", LADDER_TIME_ZONE, "Europe/Berlin" },
	{ "/etc/mime.types", LADDER_MIME, "" },
	{ "/etc/resolv.conf", LADDER_RESOLVER, "" },
	{ "/etc/app/config.yaml", LADDER_CONFIG, "config" },
	{ "/h/config.toml", LADDER_CONFIG, "config" },
	{ "/src/.env", LADDER_CONFIG, ".env" },
	{ "/src/prod.env", LADDER_CONFIG, "prod" },
	{ "/h/.apprc", LADDER_CONFIG, ".apprc" },
	{ "/src/main.go", LADDER_NONE, "" },
	{ "/", LADDER_NONE, "" },
	{ "", LADDER_NONE, "" },
	{ "go.mod", LADDER_NONE, "" },
};

static void test_purposes(void **state)
{
	struct ladder_step s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(ladder__classify(rows[i].path, "/usr/local/bin:/usr/bin::/opt/x/bin/", &s),
				 rows[i].purpose != LADDER_NONE);
		assert_string_equal(ladder_purpose__name(s.purpose), ladder_purpose__name(rows[i].purpose));
		assert_int_equal(s.key_len, strlen(rows[i].key));
		if (s.key_len)
			assert_memory_equal(s.key, rows[i].key, s.key_len);
	}
	assert_false(ladder__classify("/usr/bin/gcc", NULL, &s));
	assert_false(ladder__classify("/usr/bin/gcc", "", &s));
	assert_string_equal(ladder_purpose__title(LADDER_GO_MOD), "the main module");
}

/* What has alternatives, and what has not though it looks like it. */
static void test_alternatives(void **state)
{
	static const struct {
		const char *path, *group;
	} cases[] = {
		{ "/usr/bin/gnm", "nm" },	{ "/usr/bin/nm", "nm" },
		{ "/usr/bin/gstrip", "strip" }, { "/usr/bin/real-ld", "ld" },
		{ "/usr/bin/collect-ld", "ld" }, { "/usr/bin/ld", "ld" },
		{ "/lib/libz.so", "libz" },	{ "/lib/libz.a", "libz" },
		{ "/lib/libc.so.6", NULL },	{ "/usr/bin/gcc", NULL },
		{ "/usr/bin/gnmx", NULL },	{ "/x/p.so", NULL },
		{ "/x/lib.so", NULL },		{ "/etc/app/config.yaml", NULL },
	};
	struct ladder_step s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(ladder__classify(cases[i].path, "/usr/bin", &s));
		assert_int_equal(s.group_len, cases[i].group ? strlen(cases[i].group) : 0);
		if (cases[i].group)
			assert_memory_equal(s.group, cases[i].group, s.group_len);
	}
	assert_false(ladder__classify("/b/_pkg_.a", "/usr/bin", &s));
	assert_false(ladder__classify("/elsewhere/gnm", "/usr/bin", &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_purposes),
		cmocka_unit_test(test_alternatives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
