/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which files are configuration: by name, by what a process was told, by what a go command opens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "capture/configs.h"
#include "util/str.h"

/* Blocks are written with '|' for each NUL. */
static size_t block(const char *text, char *out)
{
	size_t n = strlen(text);

	for (size_t i = 0; i <= n; i++)
		out[i] = text[i] == '|' ? '\0' : text[i];
	return n;
}

static const char *find(const char *exe, const char *args, const char *env, const char *as,
			const char *path)
{
	char args_block[256], env_block[256];
	struct config_source s = { .exe = exe, .args = args_block, .env = env_block };
	struct configs *c = NULL;
	enum config_kind kind;

	s.args_len = block(args, args_block);
	s.env_len = block(env, env_block);
	assert_int_equal(configs__new(&s, &c), 0);
	kind = configs__find(c, as, strlen(as), path, strlen(path));
	configs__put(c);
	return config_kind__name(kind) ?: "";
}

static void test_by_name(void **state)
{
	static const struct {
		const char *path, *what;
	} cases[] = {
		{ "/root/.config/go/env", "go/env" },
		{ "/usr/lib/go/go.env", "go.env" },
		{ "/m/go.mod", "go.mod" },
		{ "/m/go.work", "go.work" },
		{ "/m/vendor/modules.txt", "modules.txt" },
		{ "/m/modules.txt", "" },
		{ "/tmp/go-build1/b001/importcfg", "importcfg" },
		{ "/tmp/go-build1/b001/importcfg.link", "importcfg.link" },
		{ "/tmp/go-build1/b001/vet.cfg", "vet.cfg" },
		{ "/root/.config/go/telemetry/mode", "telemetry/mode" },
		{ "/x/telemetry/mode", "" },
		{ "/m/xgo.mod", "" },
		{ "/m/go.mod.bak", "" },
		{ "/m/go.sum", "" },
		{ "go.mod", "" },	/* no path of a process is relative */
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name = config_kind__name(config__by_name(cases[i].path,
								     strlen(cases[i].path)));

		assert_string_equal(name ?: "", cases[i].what);
		assert_int_equal(configs__find(NULL, "", 0, cases[i].path, strlen(cases[i].path)),
				 config__by_name(cases[i].path, strlen(cases[i].path)));
	}
}

static void test_as_told(void **state)
{
	static const struct {
		const char *args, *env, *as, *path, *what;
	} cases[] = {
		{ "", "GOENV=/x/my.conf|", "/x/my.conf", "/x/my.conf", "go/env" },
		{ "", "GOENV=my.conf|", "my.conf", "/x/my.conf", "go/env" },
		{ "", "GOENV=my.conf|", "../my.conf", "/my.conf", "" },
		{ "", "GOENV=off|", "off", "/x/off", "" },
		{ "", "GOENV=|A=|", "", "/x/", "" },
		/* what is told precedes what a name says: this is not GOROOT's */
		{ "", "GOENV=/x/go.env|", "/x/go.env", "/x/go.env", "go/env" },
		{ "", "GOWORK=/x/dev.conf|", "/x/dev.conf", "/x/dev.conf", "go.work" },
		{ "", "GOWORK=auto|", "auto", "/x/auto", "" },
		{ "", "MYGOENV=/x/my.conf|", "/x/my.conf", "/x/my.conf", "" },
		{ "", "GOENV=/x/cut", "/x/cut", "/x/cut", "" },	/* not ended: who knows how it goes on */
		{ "go|build|-modfile=t.m|", "", "t.m", "/x/t.m", "go.mod" },
		{ "go|build|--modfile|t.m|.|", "", "t.m", "/x/t.m", "go.mod" },
		{ "go|build|-modfile|", "", "t.m", "/x/t.m", "" },
		{ "go|build|-modfiles=t.m|", "", "t.m", "/x/t.m", "" },
		{ "go|build|modfile=t.m|", "", "t.m", "/x/t.m", "" },
		{ "go|", "GOFLAGS=-v -modfile=t.m|", "t.m", "/x/t.m", "go.mod" },
		{ "go|", "GOFLAGS='-modfile=a b.m'|", "a b.m", "/x/a b.m", "go.mod" },
		{ "go|", "GOFLAGS='-modfile=t.m|", "t.m", "/x/t.m", "" },
		/* the command line wins, but both are believed: what is never opened costs nothing */
		{ "go|-modfile=b.m|", "GOFLAGS=-modfile=t.m|", "t.m", "/x/t.m", "go.mod" },
		{ "go|-modfile=b.m|", "GOFLAGS=-modfile=t.m|", "b.m", "/x/b.m", "go.mod" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(find("/bin/sh", cases[i].args, cases[i].env, cases[i].as,
					 cases[i].path), cases[i].what);
}

/* What an env file says (GOWORK=, GOFLAGS=-modfile=) nobody knows when the process starts. */
static void test_by_ending(void **state)
{
	static const struct {
		const char *exe, *path, *what;
	} cases[] = {
		{ "/usr/lib/go/bin/go", "/m/tools.mod", "go.mod" },
		{ "/usr/lib/go/bin/go", "/m/dev.work", "go.work" },
		{ "/root/go/bin/go1.22.1", "/m/tools.mod", "go.mod" },
		{ "/usr/lib/go/bin/go", "/root/go/pkg/mod/cache/download/x/@v/v1.0.0.mod", "" },
		{ "/usr/lib/go/bin/go", "/m/tools.sum", "" },
		{ "/usr/lib/go/bin/gofmt", "/m/tools.mod", "" },
		{ "/usr/bin/make", "/m/driver.mod", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(find(cases[i].exe, "", "", cases[i].path, cases[i].path),
				    cases[i].what);
}

static void test_shared(void **state)
{
	struct config_source s = { .exe = "/bin/go", .env = "GOENV=/e", .env_len = sizeof("GOENV=/e") };
	struct configs *c = NULL;

	assert_int_equal(configs__new(&s, &c), 0);
	assert_ptr_equal(configs__get(c), c);
	configs__put(c);
	assert_int_equal(configs__find(c, "/e", 2, "/e", 2), CONFIG_ENV);
	configs__put(c);
	assert_null(configs__get(NULL));
	configs__put(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_as_told),
		cmocka_unit_test(test_by_ending),
		cmocka_unit_test(test_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
