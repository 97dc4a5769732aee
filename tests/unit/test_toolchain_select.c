/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The order of versions, and which toolchain go selects. tests/oracle/toolchain.py asks real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golang/gover.h"
#include "golang/toolchain_select.h"
#include "util/str.h"

/* Each is smaller than all that follow. */
static const char *const ordered[] = {
	"", "1", "1.2", "1.5", "1.19rc1", "1.19", "1.19.1", "1.20", "1.21", "1.21rc1", "1.21rc2", "1.21.0",
	"1.21.1", "1.21.10", "1.22", "1.22alpha1", "1.22beta1", "1.22rc1", "1.22.0", "1.99999999999", "2",
};

static int sign(size_t i, size_t k)
{
	return i < k ? -1 : i > k;
}

static void test_order(void **state)
{
	size_t i, k;

	/* A prerelease of 1.19 has no patch version, and the language is its release. */
	for (i = 0; i < ARRAY_SIZE(ordered); i++)
		for (k = 0; k < ARRAY_SIZE(ordered); k++)
			assert_int_equal(gover__compare(ordered[i], ordered[k]), sign(i, k));
	assert_int_equal(gover__compare("1.20", "1.20.0"), 0);
	assert_int_equal(gover__compare("1", "1.0.0"), 0);
	assert_int_equal(gover__compare("go1.21", "1.x"), 0);
}

static void test_valid(void **state)
{
	static const char *const bad[] = {
		"", "go1.21", "1.", "1.21.", "01.2", "1.021", "1.21rc1x", "1.21.1rc1", "1.21 ", "1.21RC1", "x",
	};
	char version[GOVER_MAX], big[2 * GOVER_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(gover__is_valid(bad[i]));
	assert_true(gover__is_valid("1.21rc"));
	assert_true(gover__is_lang("1.21"));
	assert_false(gover__is_lang("1.20"));
	assert_false(gover__is_lang("1.21.0"));
	assert_false(gover__is_lang("1.21rc1"));
	assert_true(gover__of_toolchain("go1.22.5-acme", version));
	assert_string_equal(version, "1.22.5");
	assert_true(gover__of_toolchain("go1.26.1 X:nodwarf5", version));
	assert_string_equal(version, "1.26.1");
	assert_false(gover__of_toolchain("go1.22/5", version));
	assert_false(gover__of_toolchain("1.22.5", version));
	assert_false(gover__of_toolchain("devel go1.22", version));
	memset(big, '1', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_false(gover__is_valid(big));
	memcpy(big, "go", 2);
	assert_false(gover__of_toolchain(big, version));
}

struct line_row {
	const char *text, *key, *value;
	unsigned int line;
};

static void test_look_up(void **state)
{
	static const struct line_row lines[] = {
		{ "module m\n\n  go\t1.22 // x\r\ngo 1.28", "go", "1.22", 3 },
		{ "go 1.22\n", "toolchain", NULL, 0 },
		{ "go1.22\ngod 1\ngo 1.21", "go", "1.21", 3 },
		{ "go (\n1.22\n)\n", "go", "(", 1 },
		{ "// go 1.22\n", "go", NULL, 0 },
		{ "go //1.22\n", "go", "", 1 },
		{ "go", "go", NULL, 0 },
		{ "", "go", NULL, 0 },
		{ "\xef\xbb\xbfgo 1.22\n", "go", NULL, 0 },
	};
	const char *value;
	unsigned int line;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		const bool has_one = gover__look_up(lines[i].text, strlen(lines[i].text), lines[i].key, &value, &n,
						    &line);

		assert_int_equal(has_one, lines[i].value != NULL);
		if (!has_one)
			continue;
		assert_int_equal(n, strlen(lines[i].value));
		assert_memory_equal(value, lines[i].value, n);
		assert_int_equal(line, lines[i].line);
	}
}

#define MAX_WORDS 6

struct row {
	const char *local, *gotoolchain, *go111module, *work, *mod;
	const char *argv[MAX_WORDS];
	enum toolchain_action action;
	enum toolchain_reason reason;
	const char *name;
	unsigned int line;
	const char *lacks;
};

#define BUILD { "build" }
#define L TOOLCHAIN_LOCAL
#define S TOOLCHAIN_SWITCH
#define R TOOLCHAIN_REFUSED
#define BY(id) TOOLCHAIN_BY_##id

static const struct row rows[] = {
	{ "go1.26.1", "auto", "", NULL, "go 1.26\n", BUILD, L, BY(NONE), "go1.26.1" },
	{ "go1.26.1", "auto", "", NULL, "\ngo 1.28\n", BUILD, S, BY(GO_LINE), "go1.28.0", 2 },
	{ "go1.26.1", "auto", "", NULL, "go 1.28rc1\n", BUILD, S, BY(GO_LINE), "go1.28rc1", 1 },
	{ "go1.26.1", "auto", "", NULL, "go 1.26.2\n", BUILD, S, BY(GO_LINE), "go1.26.2", 1 },
	{ "go1.26.1", "path", "", NULL, "go 1.21\ntoolchain go1.28.0\n", BUILD, S, BY(TOOLCHAIN_LINE), "go1.28.0",
	  2 },
	{ "go1.26.1", "auto", "", NULL, "go 1.29.1\ntoolchain go1.28.0\n", BUILD, S, BY(GO_LINE), "go1.29.1", 1 },
	{ "go1.26.1", "auto", "", NULL, "go 1.21\ntoolchain go1.22.0\n", BUILD, L, BY(NONE), "go1.26.1" },
	{ "go1.26.1", "auto", "", NULL, "go 1.28\ntoolchain default\n", BUILD, L, BY(NONE), "go1.26.1", 0,
	  "1.28" },
	{ "go1.26.1", "auto", "", NULL, "toolchain local\n", BUILD, R, BY(NONE), NULL },
	{ "go1.26.1", "auto", "", "go 1.28\n", "go 1.29\n", BUILD, S, BY(GO_LINE), "go1.28.0", 1 },
	/* local, a name, a name and more. */
	{ "go1.26.1", "local", "", NULL, "go 1.28\n", BUILD, L, BY(NONE), "go1.26.1", 0, "1.28" },
	{ "go1.26.1", "local+auto", "", NULL, "go 1.28\n", BUILD, S, BY(GO_LINE), "go1.28.0", 1 },
	{ "go1.26.1", "go1.22.5", "", NULL, "go 1.28\n", BUILD, S, BY(GOTOOLCHAIN), "go1.22.5", 0, "1.28" },
	{ "go1.26.1", "go1.26.1", "", NULL, "go 1.28\n", BUILD, L, BY(GOTOOLCHAIN), "go1.26.1", 0, "1.28" },
	{ "go1.26.1", "go1.22.5+auto", "", NULL, "go 1.22\n", BUILD, S, BY(GOTOOLCHAIN), "go1.22.5" },
	{ "go1.26.1", "go1.22.5+auto", "", NULL, "go 1.23\n", BUILD, S, BY(GO_LINE), "go1.23.0", 1 },
	{ "go1.26.1", "go1.22.5-acme", "", NULL, NULL, BUILD, S, BY(GOTOOLCHAIN), "go1.22.5-acme" },
	{ "go1.26.1", "bash", "", NULL, NULL, BUILD, R, BY(NONE), "bash" },
	{ "go1.26.1", "go1.22.5+x", "", NULL, NULL, BUILD, R, BY(GOTOOLCHAIN), "go1.22.5" },
	{ "go1.26.1", "go2.1", "", NULL, NULL, BUILD, R, BY(GOTOOLCHAIN), "go2.1" },
	{ "go1.26.1", "", "", NULL, "go 1.28\n", BUILD, L, BY(NOT_SET), "go1.26.1", 0, "1.28" },
	/* An equal toolchain line: taken by 1.21 only. */
	{ "go1.21.1", "auto", "", NULL, "toolchain go1.21.1-acme\n", BUILD, S, BY(TOOLCHAIN_LINE),
	  "go1.21.1-acme", 1 },
	{ "go1.22.1", "auto", "", NULL, "toolchain go1.22.1-acme\n", BUILD, L, BY(NONE), "go1.22.1" },
	/* Where nothing is selected. */
	{ "go1.19.8", "go1.22.5", "", NULL, "go 1.28\n", BUILD, L, BY(TOO_OLD), "go1.19.8" },
	{ "go1.26.1", "auto", "off", NULL, "go 1.28\n", BUILD, L, BY(MODULES_OFF), "go1.26.1", 0, "1.28" },
	{ "go1.26.1", "go1.22.5", "auto", NULL, NULL, BUILD, L, BY(MODULES_OFF), "go1.26.1" },
	{ "go1.26.1", "auto", "auto", NULL, "go 1.28\n", BUILD, S, BY(GO_LINE), "go1.28.0", 1 },
	{ "go1.26.1", "auto", "auto", "go 1.28\n", NULL, BUILD, L, BY(MODULES_OFF), "go1.26.1", 0, "1.28" },
	{ "go1.27.1", "auto", "auto", "go 1.28\n", NULL, BUILD, S, BY(GO_LINE), "go1.28.0", 1 },
	{ "go1.26.1", "go1.22.5", "", NULL, NULL, { "env", "GOTOOLCHAIN" }, L, BY(EXEMPT), "go1.26.1" },
	{ "go1.26.1", "go1.22.5", "", NULL, NULL, { "env", "-C", ".", "GOMOD" }, L, BY(EXEMPT), "go1.26.1" },
	{ "go1.22.1", "go1.23.0", "", NULL, NULL, { "env", "GOMOD" }, S, BY(GOTOOLCHAIN), "go1.23.0" },
	{ "go1.26.1", "go1.22.5", "", NULL, NULL, { "env", "GOMOD", "GOPATH" }, S, BY(GOTOOLCHAIN), "go1.22.5" },
	{ "go1.26.1", "go1.22.5", "", NULL, NULL, { "version" }, S, BY(GOTOOLCHAIN), "go1.22.5" },
	/* A package with its version. */
	{ "go1.24.1", "auto", "", NULL, "go 1.28\n", { "install", "p@v1" }, L, BY(NONE), "go1.24.1" },
	{ "go1.25.1", "auto", "", NULL, "go 1.28\n", { "install", "p@v1" }, S, BY(GO_LINE), "go1.28.0", 1 },
	{ "go1.24.1", "auto", "", NULL, "go 1.28\n", { "run", "x", "p@v1" }, S, BY(GO_LINE), "go1.28.0", 1 },
	{ "go1.26.1 X:nodwarf5", "auto", "", NULL, "go 1.26.1\n", BUILD, L, BY(NONE), "go1.26.1 X:nodwarf5" },
};

static void select_one(const struct row *r, const char *invoked, struct toolchain_choice *ret)
{
	const char *argv[MAX_WORDS + 1] = { "go" };
	struct toolchain_facts facts = {
		.local = r->local, .gotoolchain = r->gotoolchain, .go111module = r->go111module,
		.invoked_for = invoked, .argv = argv, .argc = 1,
	};

	for (size_t i = 0; i < MAX_WORDS && r->argv[i]; i++)
		argv[facts.argc++] = r->argv[i];
	if (r->work)
		facts.work = (struct toolchain_file){ "/go.work", r->work, strlen(r->work) };
	if (r->mod)
		facts.mod = (struct toolchain_file){ "/m/go.mod", r->mod, strlen(r->mod) };
	assert_int_equal(toolchain__select(&facts, ret), 0);
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		__free_toolchain_choice struct toolchain_choice c = {};

		print_message("row %zu: %s %s\n", i, r->local, r->gotoolchain);
		select_one(r, NULL, &c);
		assert_int_equal(c.action, r->action);
		assert_int_equal(c.error != NULL, r->action == TOOLCHAIN_REFUSED);
		assert_true(c.is_certain);
		if (c.error)
			continue;
		assert_int_equal(c.reason, r->reason);
		assert_string_equal(c.name, r->name);
		assert_int_equal(c.line, r->line);
		if (r->line)
			assert_string_equal(c.file, r->work ? "/go.work" : "/m/go.mod");
		assert_string_equal(c.lacks ?: "", r->lacks ?: "");
	}
}

static void test_invoked(void **state)
{
	static const struct row r = { "go1.28.0", "auto", "", NULL, "go 1.29\n", BUILD };
	__free_toolchain_choice struct toolchain_choice c = {}, other = {};

	select_one(&r, "go1.28.0", &c);
	assert_int_equal(c.action, TOOLCHAIN_LOCAL);
	assert_int_equal(c.reason, TOOLCHAIN_BY_INVOKED);
	assert_string_equal(c.lacks, "1.29");
	select_one(&r, "go1.27.0", &other);
	assert_int_equal(other.action, TOOLCHAIN_REFUSED);
}

static void test_later(void **state)
{
	static const struct {
		const char *argv[MAX_WORDS], *gotoolchain;
		bool may;
	} commands[] = {
		{ { "get", "p" }, "auto", true },	{ { "get", "p" }, "local", false },
		{ { "mod", "tidy" }, "path", true },	{ { "mod", "init" }, "auto", false },
		{ { "build" }, "auto", false },		{ { "install", "p@v1" }, "auto", true },
		{ { "install", "-p", "2", "p@v1" }, "auto", true },
		{ { "install", "-nosuch", "x", "p@v1" }, "auto", true },
		{ { "run", "-nosuch", "x", "p@v1" }, "auto", false },
		{ { "install", "./p@v1" }, "auto", false },
		{ { "install", "go@1.22" }, "auto", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct row r = { "go1.26.1", commands[i].gotoolchain, "" };
		__free_toolchain_choice struct toolchain_choice c = {};

		memcpy(r.argv, commands[i].argv, sizeof(r.argv));
		select_one(&r, NULL, &c);
		assert_int_equal(c.may_switch_later, commands[i].may);
	}
}

static void test_certainty(void **state)
{
	static const char *const argv[] = { "go", "build" };
	struct toolchain_facts facts = {
		.local = "go1.26.1", .gotoolchain = "auto", .mod = { "/m/go.mod", NULL, 0 },
		.argv = argv, .argc = 2,
	};
	__free_toolchain_choice struct toolchain_choice text = {}, setting = {}, fixed = {}, mode = {},
						      devel = {};

	assert_int_equal(toolchain__select(&facts, &text), 0);
	assert_false(text.is_certain);
	assert_true(text.rests_on_files);
	facts.gotoolchain = "go1.22.5";
	assert_int_equal(toolchain__select(&facts, &fixed), 0);
	assert_true(fixed.is_certain);
	assert_false(fixed.rests_on_files);
	facts.go111module = "auto";
	assert_int_equal(toolchain__select(&facts, &mode), 0);
	assert_true(mode.rests_on_files);
	facts.go111module = NULL;
	facts.gotoolchain = NULL;
	assert_int_equal(toolchain__select(&facts, &setting), 0);
	assert_false(setting.is_certain);
	facts.local = "devel go1.28-abc";
	facts.gotoolchain = "auto";
	facts.mod = (struct toolchain_file){ "/m/go.mod", "go 1.28\n", 8 };
	assert_int_equal(toolchain__select(&facts, &devel), 0);
	assert_int_equal(devel.action, TOOLCHAIN_LOCAL);
	assert_false(devel.is_certain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	  cmocka_unit_test(test_valid),
		cmocka_unit_test(test_look_up),	  cmocka_unit_test(test_rows),
		cmocka_unit_test(test_invoked),	  cmocka_unit_test(test_later),
		cmocka_unit_test(test_certainty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
