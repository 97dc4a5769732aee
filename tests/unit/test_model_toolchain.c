/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The toolchains in the model: switches with their reasons, downloads, mixed versions. */
#include "model_of.h"

#include "model/toolchain/toolchain.h"

#define NEW_GO	"/home/u/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64"
#define GO(ts, proc, exe, env, more)								\
	"{\"k\":\"exec\",\"ts\":" #ts ",\"pid\":7,\"tid\":7,\"proc\":" #proc ",\"exe\":\"" exe	\
	"\",\"args\":[\"go\",\"build\"],\"env\":{" env "},\"cwd\":\"/src/app\"" more "}"
#define MOD(path, text)										\
	"{\"k\":\"file\",\"ts\":3,\"pid\":7,\"tid\":7,\"proc\":1,\"path\":\"" path "\",\"text\":\"" text "\"}"
#define BUILDINFO(proc, exe, version)								\
	"{\"k\":\"buildinfo\",\"ts\":9,\"pid\":7,\"tid\":7,\"proc\":" #proc ",\"exe\":\"" exe	\
	"\",\"go\":\"" version "\",\"path\":\"cmd/go\"}"

static const struct toolchain_switch *only_switch(const struct model *m)
{
	const struct toolchain_switch *s = model__next_switch(m, NULL);

	assert_non_null(s);
	assert_null(model__next_switch(m, s));
	return s;
}

static void test_by_toolchain_line(void **state)
{
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "", ""),
		OPEN(3, 7, 1, "/src/app/go.mod", ""),
		MOD("/src/app/go.mod", "module a\\n\\ngo 1.22\\ntoolchain go1.24.4\\n"),
		GO(5, 2, NEW_GO "/bin/go", "", ",\"prev\":1"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct toolchain_switch *s = only_switch(m);

	assert_int_equal(s->from, 1);
	assert_int_equal(s->to, 2);
	assert_int_equal(s->pick->by.source, SOURCE_GO_MOD);
	assert_string_equal(s->version, "go1.24.4");
	assert_string_equal(s->pick->by.path, "/src/app/go.mod");
	assert_string_equal(s->pick->text, "toolchain go1.24.4");
	assert_int_equal(s->pick->by.line, 4);
}

/* go.work is asked instead of go.mod, and "go 1.24" stands for go1.24.0. */
static void test_by_work_and_go_line(void **state)
{
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "", ""),
		OPEN(3, 7, 1, "/src/app/go.mod", ""),
		OPEN(3, 7, 1, "/src/go.work", ""),
		MOD("/src/app/go.mod", "module a\\ngo 1.24\\n"),
		MOD("/src/go.work", "go 1.24\\n\\nuse ./app\\n"),
		GO(5, 2, "/opt/go1.24/bin/go",
		   "\"GOTOOLCHAIN_INTERNAL_SWITCH_VERSION\":\"go1.24.0\"", ",\"prev\":1"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct toolchain_switch *s = only_switch(m);

	assert_int_equal(s->pick->by.source, SOURCE_GO_WORK);
	assert_string_equal(s->pick->text, "go 1.24");
	assert_int_equal(s->pick->by.line, 1);
}

static void test_by_environment(void **state)
{
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "\"GOTOOLCHAIN\":\"go1.24.4\"", ""),
		OPEN(3, 7, 1, "/src/app/go.mod", ""),
		MOD("/src/app/go.mod", "go 1.24.4\\n"),
		GO(5, 2, NEW_GO "/bin/go", "", ",\"prev\":1"),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(only_switch(m)->pick->by.source, SOURCE_ENVIRONMENT);
	assert_string_equal(only_switch(m)->pick->text, "go1.24.4");
}

#define STAT_ABSENT(path) OPEN(2, 7, 1, path, ENOENT_)
#define NO_WORK STAT_ABSENT("/src/app/go.work"), STAT_ABSENT("/src/go.work"), STAT_ABSENT("/go.work")
#define SWITCHED ",\"prev\":1"
#define ENV_FILE "/home/u/.config/go/env"
#define HOME_ENV "\"HOME\":\"/home/u\""
#define GO_ENV	"/usr/lib/go-1.22/go.env"
#define BY(version) "\"GOTOOLCHAIN_INTERNAL_SWITCH_VERSION\":\"" version "\""

/* What "go env -w GOTOOLCHAIN=…" wrote, with the line and the event that it was read by. */
static void test_by_env_file(void **state)
{
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", HOME_ENV, ""),
		OPEN(3, 7, 1, ENV_FILE, ""),
		MOD(ENV_FILE, "GOPROXY=off\\nGOTOOLCHAIN=go1.24.4+path\\nGO111MODULE=on\\nGOWORK=auto\\n"),
		NO_WORK,
		OPEN(4, 7, 1, "/src/app/go.mod", ""),
		MOD("/src/app/go.mod", "go 1.24.4\\n"),
		GO(5, 2, "/opt/go1.24/bin/go", HOME_ENV "," BY("go1.24.4"), SWITCHED),
		BUILDINFO(1, "/usr/lib/go-1.22/bin/go", "go1.22.1"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct toolchain_switch *s = only_switch(m);

	assert_int_equal(s->pick->by.source, SOURCE_ENV_FILE);
	assert_string_equal(s->pick->text, "go1.24.4+path");
	assert_string_equal(s->pick->by.path, ENV_FILE);
	assert_int_equal(s->pick->by.line, 2);
	assert_int_equal(s->pick->confidence, PROVEN);
	/* the command that was told so, by which file, and that it handed over */
	assert_int_equal(s->proof.cnt, 3);
	assert_int_equal(s->proof.ts[0], 1);
	assert_int_equal(s->proof.ts[1], 3);
	assert_int_equal(s->proof.ts[2], 5);
}

static void test_by_go_env(void **state)
{
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "\"GOENV\":\"off\"," HOME_ENV, ""),
		OPEN(3, 7, 1, GO_ENV, ""),
		MOD(GO_ENV, "GOTOOLCHAIN=go1.24.4\\n"),
		MOD(ENV_FILE, "GOTOOLCHAIN=go1.24.4\\n"),	/* that somebody else read */
		GO(5, 2, "/opt/go1.24/bin/go", BY("go1.24.4"), SWITCHED),
		BUILDINFO(1, "/usr/lib/go-1.22/bin/go", "go1.22.1"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct toolchain_switch *s = only_switch(m);

	assert_int_equal(s->pick->by.source, SOURCE_GO_ENV);
	assert_string_equal(s->pick->by.path, GO_ENV);
	assert_int_equal(s->pick->by.line, 1);
}

/* With a version and nothing else go looks for no go.mod: that nobody knows of one leaves no doubt. */
static void test_by_name_alone(void **state)
{
#define NAMED(value)										\
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "\"GOENV\":\"off\",\"GOTOOLCHAIN\":\"" value "\"", ""),	\
		OPEN(3, 7, 1, GO_ENV, ""),							\
		MOD(GO_ENV, "GOPROXY=off\\n"),							\
		GO(5, 2, "/opt/go1.24/bin/go", BY("go1.24.4"), SWITCHED),			\
		BUILDINFO(1, "/usr/lib/go-1.22/bin/go", "go1.22.1")
	static const char *const alone[] = { NAMED("go1.24.4") }, *const least[] = { NAMED("go1.24.4+auto") };
	__free_model struct model *m = MODEL_OF(alone), *n = MODEL_OF(least);

	assert_int_equal(only_switch(m)->pick->confidence, PROVEN);
	assert_int_equal(only_switch(n)->pick->confidence, LIKELY);
}

/* The file names the least version; go.mod asked for a higher one, and that was taken. */
static void test_raised_by_go_mod(void **state)
{
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", HOME_ENV, ""),
		OPEN(3, 7, 1, ENV_FILE, ""),
		MOD(ENV_FILE, "GOTOOLCHAIN=go1.24.4+auto\\nGO111MODULE=on\\nGOWORK=auto\\n"),
		NO_WORK,
		OPEN(4, 7, 1, "/src/app/go.mod", ""),
		MOD("/src/app/go.mod", "module a\\ngo 1.25.1\\n"),
		GO(5, 2, "/opt/go1.25/bin/go", HOME_ENV "," BY("go1.25.1"), SWITCHED),
		BUILDINFO(1, "/usr/lib/go-1.22/bin/go", "go1.22.1"),
	};
	static const char *const unread[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", HOME_ENV, ""),
		OPEN(3, 7, 1, ENV_FILE, ""),
		OPEN(4, 7, 1, "/src/app/go.mod", ""),
		MOD("/src/app/go.mod", "module a\\ngo 1.25.1\\n"),
		GO(5, 2, "/opt/go1.25/bin/go", HOME_ENV "," BY("go1.25.1"), SWITCHED),
		BUILDINFO(1, "/usr/lib/go-1.22/bin/go", "go1.22.1"),
	};
	__free_model struct model *m = MODEL_OF(lines), *n = MODEL_OF(unread);
	const struct toolchain_switch *s = only_switch(m);

	assert_int_equal(s->pick->by.source, SOURCE_GO_MOD);
	assert_string_equal(s->pick->text, "go 1.25.1");
	assert_int_equal(s->pick->by.line, 2);
	assert_int_equal(s->pick->confidence, PROVEN);
	assert_int_equal(s->pick->proof.ts[1], 4);
	/* What the env file says was not captured: it may have named that version, too. */
	assert_int_equal(only_switch(n)->pick->by.source, SOURCE_GO_MOD);
	assert_int_equal(only_switch(n)->pick->confidence, LIKELY);
}

/* Files that ask for another version explain nothing; another program is no switch. */
static void test_unknown(void **state)
{
	static const char *const other[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "\"GOTOOLCHAIN\":\"auto\"", ""),
		OPEN(3, 7, 1, "/src/app/go.mod", ""),
		MOD("/src/app/go.mod", "go 1.24\\n"),
		GO(5, 2, NEW_GO "/bin/go", "", ",\"prev\":1"),
	};
	static const char *const none[] = {
		GO(1, 1, "/usr/bin/sh", "", ""),
		GO(5, 2, "/usr/lib/go-1.22/bin/go", "", ",\"prev\":1"),
	};
	__free_model struct model *m = MODEL_OF(other), *n = MODEL_OF(none);

	assert_null(only_switch(m)->pick);
	assert_null(model__next_switch(n, NULL));
}

static void test_download(void **state)
{
#define MAKE(ts, path) "{\"k\":\"mkdir\",\"ts\":" #ts ",\"pid\":7,\"tid\":7,\"proc\":1,\"path\":\"" path "\"}"
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "", ""),
		OPEN(2, 7, 1, NEW_GO "/VERSION", ""),			/* only read */
		MAKE(3, NEW_GO),
		MAKE(4, NEW_GO "/bin"),
		MAKE(5, "/home/u/go/pkg/mod/golang.org/toolchain@nothing"),
		MAKE(6, "/home/u/go/pkg/mod/golang.org/x/tools@v0.1.0"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct toolchain_download *d = model__next_download(m, NULL);

	assert_non_null(d);
	assert_string_equal(d->version, "go1.24.4");
	assert_int_equal(d->writes, 2);
	assert_int_equal(d->ts, 3);
	assert_null(model__next_download(m, d));
}

static void test_mixed_versions(void **state)
{
#define TOOL "/opt/go1.19/pkg/tool/linux_amd64/compile"
	static const char *const lines[] = {
		GO(1, 1, "/usr/lib/go-1.22/bin/go", "", ""),
		BUILDINFO(1, "/usr/lib/go-1.22/bin/go", "go1.22.1"),
		"{\"k\":\"exec\",\"ts\":2,\"pid\":8,\"tid\":8,\"proc\":2,\"parent\":1,\"exe\":\"" TOOL "\",\"args\":[\"compile\"],\"env\":{}}",
		"{\"k\":\"buildinfo\",\"ts\":3,\"pid\":8,\"tid\":8,\"proc\":2,\"exe\":\"" TOOL "\",\"go\":\"go1.19.8\",\"path\":\"cmd/compile\"}",
	};
	static const char *const later[] = {
		"{\"k\":\"exec\",\"ts\":4,\"pid\":9,\"tid\":9,\"proc\":3,\"parent\":1,\"exe\":\"" TOOL "\",\"ino\":5,\"args\":[\"compile\"],\"env\":{}}",
		"{\"k\":\"buildinfo\",\"ts\":5,\"pid\":9,\"tid\":9,\"proc\":3,\"exe\":\"" TOOL "\",\"ino\":5,\"go\":\"go1.23.4\",\"path\":\"cmd/compile\"}",
	};
	__free_model struct model *m = MODEL_OF(lines), *both = MODEL_OF_BOTH(lines, later);
	const char *const *versions;

	assert_int_equal(model__go_versions(m, model__process(m, 1), &versions), 2);
	assert_string_equal(versions[0], "go1.22.1");
	assert_string_equal(versions[1], "go1.19.8");
	assert_int_equal(model__go_versions(m, model__process(m, 2), &versions), 0);
	/* The tool was replaced. */
	assert_int_equal(model__go_versions(both, model__process(both, 1), &versions), 3);
	assert_string_equal(versions[1], "go1.19.8");
	assert_string_equal(versions[2], "go1.23.4");
	assert_string_equal(model__image_of(both, model__process(both, 2))->go, "go1.19.8");
	assert_string_equal(model__image_of(both, model__process(both, 3))->go, "go1.23.4");
	assert_int_equal(toolchain__goroot_len(TOOL), strlen("/opt/go1.19"));
	assert_int_equal(toolchain__goroot_len("/opt/go/bin/go"), strlen("/opt/go"));
	assert_int_equal(toolchain__goroot_len("/usr/bin/gcc"), 0);
}

static const struct image *image_at(const struct model *m, const char *exe)
{
	const struct image *i = model__next_image(m, NULL);

	while (i && strcmp(i->exe, exe))
		i = model__next_image(m, i);
	return i;
}

#define GCC "/usr/bin/x86_64-linux-gnu-gcc-12"
#define CC1 "/usr/lib/gcc/x86_64-linux-gnu/12/cc1"
#define RUN(ts, proc, exe, name, more)								\
	"{\"k\":\"exec\",\"ts\":" #ts ",\"pid\":8,\"tid\":8,\"proc\":" #proc ",\"exe\":\"" exe	\
	"\",\"args\":[\"" name "\"],\"env\":{}" more "}"
#define LOOK(ts, proc, path, more)								\
	"{\"k\":\"stat\",\"ts\":" #ts ",\"pid\":8,\"tid\":8,\"proc\":" #proc ",\"path\":\"" path "\"" more "}"

/* What gcc ran is its version; what it only looked for is likely to be. */
static void test_gcc(void **state)
{
	static const char *const asked[] = {
		RUN(1, 1, GCC, "gcc", ""),
		LOOK(2, 1, "/opt/gcc/x86_64-linux-gnu/11/cc1", ENOENT_),
		LOOK(3, 1, CC1, ""),
	};
	static const char *const ran[] = { RUN(4, 2, CC1, "cc1", ",\"parent\":1") };
	static const char *const other[] = {
		RUN(1, 1, "/usr/bin/make", "make", ""),
		LOOK(2, 1, CC1, ""),
		RUN(3, 2, CC1, "cc1", ",\"parent\":1"),
	};
	__free_model struct model *m = MODEL_OF(asked), *n = MODEL_OF(other);
	__free_model struct model *both = MODEL_OF_BOTH(asked, ran);

	assert_string_equal(image_at(m, GCC)->cc.version, "12");
	assert_int_equal(image_at(m, GCC)->cc.confidence, LIKELY);
	assert_int_equal(image_at(m, GCC)->cc.ts, 3);
	assert_string_equal(image_at(both, GCC)->cc.version, "12");
	assert_int_equal(image_at(both, GCC)->cc.confidence, PROVEN);
	assert_int_equal(image_at(both, GCC)->cc.ts, 4);
	assert_string_equal(image_at(both, CC1)->cc.version, "12");
	assert_null(image_at(n, "/usr/bin/make")->cc.version);
	assert_int_equal(image_at(n, CC1)->cc.confidence, PROVEN);
}

static void test_clang(void **state)
{
#define CLANG "/usr/lib/llvm-14/bin/clang"
#define HEADERS "/usr/lib/llvm-14/lib/clang/14.0.6"
	static const char *const lines[] = {
		RUN(1, 1, CLANG, "clang", ""),
		LOOK(2, 1, HEADERS, ""),
		OPEN(3, 8, 1, HEADERS "/include/stddef.h", ""),
	};
	__free_model struct model *m = model_of(lines, 2, NULL, 0), *n = MODEL_OF(lines);

	assert_string_equal(image_at(m, CLANG)->cc.version, "14.0.6");
	assert_int_equal(image_at(m, CLANG)->cc.confidence, LIKELY);
	assert_string_equal(image_at(n, CLANG)->cc.version, "14.0.6");
	assert_int_equal(image_at(n, CLANG)->cc.confidence, PROVEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_toolchain_line),
		cmocka_unit_test(test_by_work_and_go_line),
		cmocka_unit_test(test_by_environment),
		cmocka_unit_test(test_by_env_file),
		cmocka_unit_test(test_by_go_env),
		cmocka_unit_test(test_by_name_alone),
		cmocka_unit_test(test_raised_by_go_mod),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_download),
		cmocka_unit_test(test_mixed_versions),
		cmocka_unit_test(test_gcc),
		cmocka_unit_test(test_clang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
