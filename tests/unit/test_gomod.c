/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* go.mod, go.work, modules.txt and importcfg. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/gomod.h"
#include "golang/importcfg.h"

static const char go_mod[] =
	"// Deprecated: no\n"
	"module \"example.com/m\" // the path\n"
	"\n"
	"go 1.22.1\r\n"
	"toolchain go1.24.4\n"
	"godebug default=go1.21\n"
	"godebug (\n"
	"\tpanicnil=1 // comment\n"
	"\thttp2client=0\n"
	")\n"
	"require example.com/a v1.0.0 // indirect\n"
	"replace (\n"
	"\texample.com/a => ./local\n"
	"\texample.com/b v1.2.0 => `example.com/fork` v1.3.0\n"
	")\n"
	"replace \"unterminated\n"
	"retract [v1.0.0, v1.1.0]\n"
	"use ( ./x )\n"
	"go 9.9\n";

static void test_gomod(void **state)
{
	const struct gomod_stmt *s;
	struct gomod_replace r;
	struct gomod g;

	assert_int_equal(gomod__parse(go_mod, strlen(go_mod), &g), 0);
	assert_string_equal(gomod__word(&g, "module"), "example.com/m");
	assert_int_equal(gomod__find(&g, "module", NULL)->cnt, 1);
	assert_string_equal(gomod__word(&g, "go"), "1.22.1");
	assert_int_equal(gomod__find(&g, "go", NULL)->line, 4);
	assert_string_equal(gomod__word(&g, "toolchain"), "go1.24.4");
	assert_null(gomod__word(&g, "tool"));
	s = gomod__find(&g, "godebug", NULL);
	assert_string_equal(s->words[0], "default=go1.21");
	s = gomod__find(&g, "godebug", s);
	assert_string_equal(s->words[0], "panicnil=1");
	assert_int_equal(s->cnt, 1);
	assert_int_equal(s->line, 8);
	s = gomod__find(&g, "godebug", gomod__find(&g, "godebug", s));
	assert_null(s);
	s = gomod__find(&g, "replace", NULL);
	assert_int_equal(gomod__replace(s, &r), 0);
	assert_string_equal(r.path, "example.com/a");
	assert_null(r.version);
	assert_string_equal(r.new_path, "./local");
	assert_null(r.new_version);
	assert_int_equal(r.line, 13);
	s = gomod__find(&g, "replace", s);
	assert_int_equal(gomod__replace(s, &r), 0);
	assert_string_equal(r.version, "v1.2.0");
	assert_string_equal(r.new_path, "example.com/fork");
	assert_string_equal(r.new_version, "v1.3.0");
	assert_null(gomod__find(&g, "replace", s));
	assert_int_equal(g.bad_line, 16);
	assert_int_equal(gomod__find(&g, "retract", NULL)->cnt, 5);
	assert_int_equal(gomod__replace(gomod__find(&g, "go", NULL), &r), -EINVAL);
	gomod__free(&g);
}

static void test_gowork(void **state)
{
	static const char text[] = "go 1.22\nuse (\n\t./a\n\t\"../b c\"\n)\nuse .";
	const struct gomod_stmt *s = NULL;
	static const char *const dirs[] = { "./a", "../b c", "." };
	struct gomod g;
	size_t i;

	assert_int_equal(gomod__parse(text, strlen(text), &g), 0);
	for (i = 0; i < 3; i++) {
		s = gomod__find(&g, "use", s);
		assert_string_equal(s->words[0], dirs[i]);
	}
	assert_int_equal(s->line, 6);
	assert_int_equal(g.bad_line, 0);
	gomod__free(&g);
	assert_int_equal(gomod__parse("", 0, &g), 0);
	assert_int_equal(g.cnt, 0);
	gomod__free(&g);
	assert_int_equal(gomod__parse(text, GOMOD_MAX_TEXT + 1, &g), -EFBIG);
}

static void test_modules_txt(void **state)
{
	static const char work[] = "## workspace\n# a v1\n## explicit; go 1.22\na\na/b\n# c v2\nc\n";
	struct modules_txt m;

	modules_txt__parse(work, strlen(work), &m);
	assert_true(m.is_workspace);
	assert_int_equal(m.modules, 2);
	assert_int_equal(m.explicit, 1);
	modules_txt__parse(work + 13, strlen(work) - 13, &m);
	assert_false(m.is_workspace);
	assert_int_equal(m.modules, 2);
	modules_txt__parse("# a", 3, &m);
	assert_int_equal(m.modules, 1);
	modules_txt__parse("", 0, &m);
	assert_int_equal(m.modules, 0);
}

static void test_importcfg(void **state)
{
	static const char text[] = "# import config\npackagefile fmt=/c/ab/x-d\nimportmap a=vendor/a\n"
				   "packagefile bad\npackagefile =x\npackagefilex=y\n"
				   "modinfo \"a=b\"\npackagefile m/p=$WORK/b002/_pkg_.a=x";
	struct importcfg c;

	assert_int_equal(importcfg__parse(text, strlen(text), &c), 0);
	assert_int_equal(c.package_cnt, 2);
	assert_string_equal(c.packages[0].path, "fmt");
	assert_string_equal(c.packages[0].file, "/c/ab/x-d");
	assert_string_equal(c.packages[1].path, "m/p");
	assert_string_equal(c.packages[1].file, "$WORK/b002/_pkg_.a=x");
	assert_int_equal(c.map_cnt, 1);
	assert_string_equal(c.maps[0].to, "vendor/a");
	importcfg__free(&c);
	assert_int_equal(importcfg__parse("", 0, &c), 0);
	importcfg__free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gomod),
		cmocka_unit_test(test_gowork),
		cmocka_unit_test(test_modules_txt),
		cmocka_unit_test(test_importcfg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
