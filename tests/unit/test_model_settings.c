/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The settings of go commands: origins, what they hide, and how sure that is. */
#include <errno.h>
#include <string.h>

#include "feed.h"
#include "model/settings/settings.h"

#define HEAD "{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"start\":\"2026-10-04T12:00:00.000000000Z\"," \
	     "\"host\":{\"arch\":\"x86_64\"}}"
#define GO(proc, version, env, args)								\
	"{\"k\":\"exec\",\"ts\":" #proc "000,\"pid\":7,\"tid\":7,\"proc\":" #proc		\
	",\"exe\":\"/go/bin/go\",\"args\":[" args "],\"cwd\":\"/src/app\",\"env\":{\"HOME\":\"/h\"," \
	"\"PATH\":\"/bin\"" env "}}",								\
	"{\"k\":\"buildinfo\",\"ts\":" #proc "000,\"pid\":7,\"tid\":7,\"proc\":" #proc		\
	",\"exe\":\"/go/bin/go\",\"go\":\"" version "\",\"path\":\"cmd/go\"}",		\
	STAT(proc, "/go/pkg/tool", ",\"type\":\"dir\"")
#define STAT(proc, path, more)									\
	"{\"k\":\"stat\",\"ts\":" #proc "050,\"pid\":7,\"tid\":7,\"proc\":" #proc		\
	",\"as\":\"" path "\",\"path\":\"" path "\"" more "}"
#define READ(proc, path, more)									\
	"{\"k\":\"open\",\"ts\":" #proc "100,\"pid\":7,\"tid\":7,\"proc\":" #proc		\
	",\"as\":\"" path "\",\"path\":\"" path "\",\"flags\":[\"RDONLY\"]" more "}"
#define FILE_(proc, path, text, more)								\
	"{\"k\":\"file\",\"ts\":" #proc "100,\"pid\":7,\"tid\":7,\"proc\":" #proc		\
	",\"path\":\"" path "\",\"text\":\"" text "\"" more "}"
#define TOOL(proc, parent, env)									\
	"{\"k\":\"exec\",\"ts\":" #parent "900,\"pid\":8,\"tid\":8,\"proc\":" #proc ",\"parent\":" #parent \
	",\"exe\":\"/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\"],\"env\":{\"GOROOT\":\"/go\"," \
	"\"GOOS\":\"linux\",\"GOARCH\":\"amd64\"" env "}}"
#define CONF "/h/.config/go/env"
#define GO_ENV FILE_(1, "/go/go.env", "GOPROXY=p\\nGOSUMDB=sum.golang.org\\nGOTOOLCHAIN=auto\\n", "")
#define BUILD "\"go\",\"build\""

static int add(void *ctx, const struct rec *rec)
{
	return model__add(ctx, rec);
}

struct want {
	const char *name, *value;
	enum source source;
	unsigned int line;
	enum confidence confidence;
	size_t shadowed;
	bool changed, disagrees;
};

static void check(struct model *m, uint64_t proc, const struct want *want, size_t n)
{
	const struct command_settings *s = model__command(m, proc)->settings;

	for (size_t i = 0; i < n; i++) {
		const struct effective *e = command_settings__find(s, want[i].name);

		if (!e)
			fail_msg("no %s", want[i].name);
		if (strcmp(e->won.value ?: "NULL", want[i].value ?: "NULL") ||
		    e->won.source != want[i].source || e->won.line != want[i].line ||
		    e->confidence != want[i].confidence || e->shadowed_cnt != want[i].shadowed ||
		    e->is_changed != want[i].changed || e->disagrees != want[i].disagrees)
			fail_msg("%s: '%s' %s:%u %s, %zu shadowed, changed %d, disagrees %d", e->name,
				 e->won.value, source__name(e->won.source), e->won.line,
				 confidence__name(e->confidence), e->shadowed_cnt, e->is_changed,
				 e->disagrees);
	}
}

#define CASE(name, lines_, ...)									\
	static void name(void **state)								\
	{											\
		static const char *const lines[] = { lines_ };					\
		static const struct want want[] = { __VA_ARGS__ };				\
		__free_model struct model *m = model__new(MODEL_ALL);				\
												\
		(void)state;									\
		FEED(lines, add, m);								\
		assert_int_equal(model__finish(m, &(struct pass_end){}), 0);			\
		check(m, 1, want, ARRAY_SIZE(want));						\
	}
#define LINES(...) __VA_ARGS__

CASE(test_order, LINES(HEAD,
	GO(1, "go1.22.1", ",\"GOFLAGS\":\"\",\"GOPRIVATE\":\"e\",\"GOOS\":\"linux\"", BUILD),
	READ(1, CONF, ""), FILE_(1, CONF, "GOFLAGS=-mod=mod\\nGOPROXY=one\\nGOPROXY=two\\nGOSUMDB=\\nGOPRIVATE=f\\n", ""),
	READ(1, "/go/go.env", ""), GO_ENV),
	{ "GOFLAGS", "-mod=mod", SOURCE_ENV_FILE, 1, PROVEN, 1, true },
	{ "GOPROXY", "two", SOURCE_ENV_FILE, 3, PROVEN, 2, true },
	{ "GOSUMDB", "", SOURCE_DEFAULT, 0, PROVEN, 0, false },
	{ "GOPRIVATE", "e", SOURCE_ENVIRONMENT, 0, PROVEN, 2, true },
	{ "GONOPROXY", "e", SOURCE_DEFAULT, 0, PROVEN, 0, false },
	{ "GOOS", "linux", SOURCE_ENVIRONMENT, 0, PROVEN, 1, false },
	{ "GOTOOLCHAIN", "auto", SOURCE_GO_ENV, 3, PROVEN, 1, false },
	{ "GOROOT", "/go", SOURCE_DEFAULT, 0, PROVEN, 0, false },
	{ "-mod", "mod", SOURCE_ENV_FILE, 1, PROVEN, 0, true })

CASE(test_off, LINES(HEAD, GO(1, "go1.22.1", ",\"GOENV\":\"off\"", BUILD),
	READ(1, CONF, ""), FILE_(1, CONF, "GOFLAGS=-x\\n", ""),
	READ(1, "/go/go.env", ""), GO_ENV),
	{ "GOENV", "", SOURCE_ENVIRONMENT, 0, PROVEN, 1, true },
	{ "GOFLAGS", "", SOURCE_DEFAULT, 0, PROVEN, 0, false })

/* A path; what is not the user's file any more has no effect. */
CASE(test_path, LINES(HEAD, GO(1, "go1.22.1", ",\"GOENV\":\"/e\"", BUILD),
	READ(1, "/e", ""), FILE_(1, "/e", "GOFLAGS=-x\\n", ""), READ(1, "/go/go.env", ""), GO_ENV),
	{ "GOENV", "/e", SOURCE_ENVIRONMENT, 0, PROVEN, 1, true },
	{ "GOFLAGS", "-x", SOURCE_ENV_FILE, 1, PROVEN, 1, true })

CASE(test_goroot_in_file, LINES(HEAD, GO(1, "go1.22.1", "", BUILD),
	READ(1, CONF, ""), FILE_(1, CONF, "GOROOT=/other\\n", ""), READ(1, "/other/go.env", ENOENT_)),
	{ "GOROOT", "/other", SOURCE_ENV_FILE, 1, PROVEN, 1, true },
	{ "GOTOOLDIR", "/other/pkg/tool/linux_amd64", SOURCE_COMPUTED, 0, PROVEN, 0, false })

/* There is none: that is known as well. Before 1.21 there is no go.env to wait for. */
CASE(test_missing, LINES(HEAD, GO(1, "go1.19.8", "", BUILD), READ(1, CONF, ENOENT_)),
	{ "GOPROXY", "https://proxy.golang.org,direct", SOURCE_DEFAULT, 0, PROVEN, 0, false },
	{ "PKG_CONFIG", "pkg-config", SOURCE_DEFAULT, 0, LIKELY, 0, false },
	{ "CGO_ENABLED", "1", SOURCE_DEFAULT, 0, PROVEN, 0, false })

/* Opened, but not in the record: nothing is proven but what the environment says. */
CASE(test_gone, LINES(HEAD, GO(1, "go1.22.1", ",\"GOFLAGS\":\"-v\"", BUILD), READ(1, CONF, ""),
	READ(1, "/go/go.env", ""), GO_ENV, TOOL(2, 1, ",\"GOPROXY\":\"secret\",\"GOFLAGS\":\"-v\",\"GOSUMDB\":\"sum.golang.org\"")),
	{ "GOFLAGS", "-v", SOURCE_ENVIRONMENT, 0, PROVEN, 1, true },
	{ "GOPROXY", "secret", SOURCE_ENV_FILE, 0, LIKELY, 2, true },
	{ "GOSUMDB", "sum.golang.org", SOURCE_GO_ENV, 2, PROVEN, 1, false },
	{ "CGO_CFLAGS", "-O2 -g", SOURCE_DEFAULT, 0, LIKELY, 0, false })

/* The file was written after the command opened it: its text may be another one. */
CASE(test_stale, LINES(HEAD, GO(1, "go1.22.1", "", BUILD), READ(1, CONF, ""),
	FILE_(1, CONF, "GOFLAGS=-x\\n", ",\"mtime\":\"1791115201000000000\"")),
	{ "GOFLAGS", "-x", SOURCE_ENV_FILE, 1, LIKELY, 1, true })

/* What the tools received is what counts, wherever it is from. */
CASE(test_disagree, LINES(HEAD, GO(1, "go1.22.1", "", BUILD), READ(1, CONF, ""),
	FILE_(1, CONF, "GOFLAGS=-x\\n", ""), READ(1, "/go/go.env", ""), GO_ENV,
	TOOL(2, 1, ",\"GOFLAGS\":\"-y\",\"GOPROXY\":\"p\"")),
	{ "GOFLAGS", "-y", SOURCE_UNKNOWN, 0, LIKELY, 2, true, true },
	{ "GOPROXY", "p", SOURCE_GO_ENV, 1, PROVEN, 1, true })

/* Somebody between go and its tool took variables away: that they are missing says nothing. */
static void test_scrubbed(void **state)
{
	static const char *const lines[] = {
		HEAD, GO(1, "go1.22.1", ",\"GOPROXY\":\"p\"", BUILD), READ(1, CONF, ENOENT_),
		"{\"k\":\"exec\",\"ts\":1900,\"pid\":8,\"tid\":8,\"proc\":2,\"parent\":1,"
		"\"exe\":\"/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\"],\"env\":{\"HOME\":\"/h\"}}",
	};
	static const struct want want[] = { { "GOPROXY", "p", SOURCE_ENVIRONMENT, 0, PROVEN, 1, true } };
	__free_model struct model *m = model__new(MODEL_ALL);

	(void)state;
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	check(m, 1, want, 1);
}

CASE(test_command_line, LINES(HEAD,
	GO(1, "go1.22.1", ",\"GOFLAGS\":\"-tags=a '-ldflags=-s -w' -mod=mod\"",
	   "\"go\",\"-C\",\"/x\",\"test\",\"./...\",\"-tags\",\"b\",\"-race\",\"-run\",\"-x\",\"-args\",\"-trimpath\""),
	READ(1, CONF, ENOENT_)),
	{ "-tags", "b", SOURCE_COMMAND_LINE, 0, PROVEN, 1, true },
	{ "-race", "true", SOURCE_COMMAND_LINE, 0, PROVEN, 0, true },
	{ "-ldflags", "-s -w", SOURCE_ENVIRONMENT, 0, PROVEN, 0, true },
	{ "-mod", "mod", SOURCE_ENVIRONMENT, 0, PROVEN, 0, true })

#define NO_FILES READ(1, CONF, ENOENT_), READ(1, "/go/go.env", ENOENT_)
CASE(test_modules, LINES(HEAD, GO(1, "go1.22.1", "", BUILD), NO_FILES,
	STAT(1, "/src/app/go.work", ENOENT_), STAT(1, "/src/go.work", ",\"type\":\"file\""),
	STAT(1, "/src/app/go.mod", ",\"type\":\"file\""), STAT(1, "/elsewhere/go.mod", ",\"type\":\"file\"")),
	{ "GOMOD", "/src/app/go.mod", SOURCE_COMPUTED, 0, PROVEN, 0, false },
	{ "GOWORK", "/src/go.work", SOURCE_DEFAULT, 0, PROVEN, 0, false })

CASE(test_no_module, LINES(HEAD, GO(1, "go1.22.1", "", BUILD), NO_FILES,
	STAT(1, "/src/app/go.mod", ENOENT_), STAT(1, "/src/go.mod", ENOENT_), STAT(1, "/go.mod", ENOENT_),
	STAT(1, "/bin/gcc", ENOENT_)),
	{ "GOMOD", "/dev/null", SOURCE_COMPUTED, 0, PROVEN, 0, false },
	{ "CGO_ENABLED", "0", SOURCE_DEFAULT, 0, PROVEN, 0, false })

/* -C is done after the settings were read, and before the module is looked for. */
CASE(test_chdir, LINES(HEAD, GO(1, "go1.24.1", "", "\"go\",\"-C\",\"/x\",\"build\""), NO_FILES,
	"{\"k\":\"chdir\",\"ts\":1200,\"pid\":7,\"tid\":7,\"proc\":1,\"as\":\"/x\",\"path\":\"/x\"}",
	STAT(1, "/x/go.mod", ",\"type\":\"file\"")),
	{ "GOMOD", "/x/go.mod", SOURCE_COMPUTED, 0, PROVEN, 0, false })

/* What is not there may have been lost. */
CASE(test_lost, LINES(HEAD, GO(1, "go1.22.1", "", BUILD), READ(1, CONF, ENOENT_),
	STAT(1, "/src/app/go.mod", ENOENT_), "{\"k\":\"lost\",\"ts\":1300,\"what\":\"file\",\"count\":3}"),
	{ "GOMOD", "/dev/null", SOURCE_COMPUTED, 0, LIKELY, 0, false },
	{ "GOFLAGS", "", SOURCE_DEFAULT, 0, LIKELY, 0, false })

static void test_switch(void **state)
{
	static const char *const lines[] = {
		HEAD, GO(1, "go1.22.1", ",\"GOTOOLCHAIN\":\"auto\"", BUILD), NO_FILES,
		STAT(1, "/src/app/go.work", ENOENT_), STAT(1, "/src/go.work", ENOENT_), STAT(1, "/go.work", ENOENT_),
		STAT(1, "/src/app/go.mod", ",\"type\":\"file\""), READ(1, "/src/app/go.mod", ""),
		FILE_(1, "/src/app/go.mod", "module m\\n\\ngo 1.24\\n", ""),
		"{\"k\":\"exec\",\"ts\":2000,\"pid\":7,\"tid\":7,\"proc\":2,\"prev\":1,\"exe\":\"/new/bin/go\","
		"\"args\":[\"go\",\"build\"],\"cwd\":\"/src/app\",\"env\":{\"HOME\":\"/h\",\"PATH\":\"/bin\","
		"\"GOTOOLCHAIN\":\"auto\",\"GOROOT\":\"/new\",\"GOTOOLCHAIN_INTERNAL_SWITCH_VERSION\":\"go1.24.0\"}}",
		"{\"k\":\"buildinfo\",\"ts\":2000,\"pid\":7,\"tid\":7,\"proc\":2,\"exe\":\"/new/bin/go\","
		"\"go\":\"go1.24.0\",\"path\":\"cmd/go\"}",
		READ(2, CONF, ENOENT_),
	};
	static const struct want want[] = {
		{ "GOVERSION", "go1.24.0", SOURCE_GO_MOD, 3, PROVEN, 1, true },
		{ "GOROOT", "/new", SOURCE_COMPUTED, 0, PROVEN, 1, false },
		{ "GOTOOLCHAIN", "auto", SOURCE_ENVIRONMENT, 0, PROVEN, 1, true },
	};
	__free_model struct model *m = model__new(MODEL_ALL);

	(void)state;
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	check(m, 2, want, ARRAY_SIZE(want));
}

/* Files, and their lines that have no effect. */
static void test_ignored(void **state)
{
	static const char *const lines[] = {
		HEAD, GO(1, "go1.22.1", "", BUILD), READ(1, CONF, ""),
		FILE_(1, CONF, "# c\\n\\nexport A=1\\nGOENV=/x\\nGOVERSION=1\\nGOPROXY=a\\nGOPROXY=b\\nX\\nGOAUTH=off\\nQ=1", ""),
	};
	static const unsigned int want[] = { 3, 4, 5, 6, 8, 9, 10 };
	__free_model struct model *m = model__new(MODEL_ALL);
	const struct command_settings *s;

	(void)state;
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	s = model__command(m, 1)->settings;
	assert_int_equal(s->ignored_cnt, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_int_equal(s->ignored[i].line, want[i]);
	assert_string_equal(s->ignored[0].text, "export A=1");
	assert_int_equal(s->file_cnt, 2);
	assert_int_equal(s->files[0].state, FILE_READ);
	assert_int_equal(s->files[1].state, FILE_NOT_SEEN);
	assert_string_equal(s->version, "go1.22.1");
}

/* A file of lines that all set the same is searched a bounded number of times. */
static void test_many_lines(void **state)
{
	__free_model struct model *m = model__new(MODEL_ALL);
	const struct command_settings *s;
	__free_str struct str line = {};
	const char *lines[] = { HEAD, GO(1, "go1.22.1", "", BUILD), READ(1, CONF, ""), NULL };

	(void)state;
	str__adds(&line, "{\"k\":\"file\",\"ts\":1100,\"pid\":7,\"tid\":7,\"proc\":1,\"path\":\"" CONF "\",\"text\":\"");
	for (int i = 0; i < 100000; i++)
		str__addf(&line, "CC=%d\\n", i);
	str__adds(&line, "\"}");
	lines[ARRAY_SIZE(lines) - 1] = line.s;
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	s = model__command(m, 1)->settings;
	assert_int_equal(s->ignored_cnt, SETTINGS_MAX_IGNORED);
	assert_true(s->ignored_cut);
	assert_string_equal(command_settings__find(s, "CC")->won.value, "99999");
	assert_int_equal(command_settings__find(s, "CC")->won.line, 100000);
}

static void test_no_command(void **state)
{
	static const char *const lines[] = {
		HEAD, GO(1, "go1.22.1", "", BUILD), TOOL(2, 1, ""),
	};
	__free_model struct model *m = model__new(MODEL_ALL);

	(void)state;
	FEED(lines, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	assert_null(model__command(m, 2));
}

#define PROGRAM(proc, more, exe, env)								\
	"{\"k\":\"exec\",\"ts\":" #proc "000,\"pid\":" #proc ",\"tid\":" #proc ",\"proc\":" #proc more	\
	",\"exe\":\"" exe "\",\"args\":[\"x\"],\"env\":{" env "},\"cwd\":\"/w\"}"
#define GO_OF(proc, more, env) PROGRAM(proc, more, "/go/bin/go", "\"HOME\":\"/h\"" env)
#define ARM ",\"GOARCH\":\"arm64\""

static uint64_t setter(const char *const *lines, size_t n, uint64_t proc, const char *name)
{
	__free_model struct model *m = model__new(MODEL_ALL);
	const struct effective *e;

	feed(lines, n, add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	e = command_settings__find(model__command(m, proc)->settings, name);
	return e ? e->set_by : 99;
}

/* Who started the command with a variable that it was not given itself; and who wrote the line. */
static void test_set_by(void **state)
{
	static const char *const make[] = {
		HEAD, PROGRAM(1, "", "/bin/bash", "\"HOME\":\"/h\""),
		PROGRAM(2, ",\"parent\":1", "/usr/bin/make", "\"HOME\":\"/h\""),
		PROGRAM(3, ",\"parent\":2", "/bin/sh", "\"HOME\":\"/h\"" ARM),
		GO_OF(4, ",\"parent\":3", ARM),
	};
	/* The one that is known to have had it first was given it by nobody knows whom. */
	static const char *const given[] = {
		HEAD, PROGRAM(2, "", "/usr/bin/make", "\"HOME\":\"/h\"" ARM), GO_OF(4, ",\"parent\":2", ARM),
	};
	static const char *const other_value[] = {
		HEAD, PROGRAM(2, "", "/usr/bin/make", "\"GOARCH\":\"386\""), GO_OF(4, ",\"parent\":2", ARM),
	};
	static const char *const same_process[] = {
		HEAD, PROGRAM(2, "", "/usr/bin/env", "\"HOME\":\"/h\""), GO_OF(4, ",\"prev\":2", ARM),
	};
	static const char *const forked[] = {
		HEAD, PROGRAM(2, "", "/bin/sh", "\"HOME\":\"/h\""),
		"{\"k\":\"fork\",\"ts\":2100,\"pid\":2,\"tid\":2,\"proc\":2,\"child\":3,\"child_proc\":3}",
		GO_OF(4, ",\"parent\":3", ARM),
	};
	static const char *const partly[] = {
		HEAD, PROGRAM(2, ",\"incomplete\":[\"env\"]", "/usr/bin/make", ""), GO_OF(4, ",\"parent\":2", ARM),
	};

	assert_int_equal(setter(make, ARRAY_SIZE(make), 4, "GOARCH"), 2);
	assert_int_equal(setter(make, ARRAY_SIZE(make), 4, "GOOS"), 0);
	assert_int_equal(setter(given, ARRAY_SIZE(given), 4, "GOARCH"), 0);
	assert_int_equal(setter(other_value, ARRAY_SIZE(other_value), 4, "GOARCH"), 2);
	assert_int_equal(setter(same_process, ARRAY_SIZE(same_process), 4, "GOARCH"), 2);
	assert_int_equal(setter(forked, ARRAY_SIZE(forked), 4, "GOARCH"), 2);
	assert_int_equal(setter(partly, ARRAY_SIZE(partly), 4, "GOARCH"), 0);
}

#define WRITE(ts, proc)										\
	"{\"k\":\"open\",\"ts\":" #ts ",\"pid\":" #proc ",\"tid\":" #proc ",\"proc\":" #proc	\
	",\"path\":\"" CONF "\",\"flags\":[\"WRONLY\",\"CREAT\",\"TRUNC\"]}"
#define ENV_W(proc, what) "{\"k\":\"exec\",\"ts\":" #proc "000,\"pid\":" #proc ",\"tid\":" #proc ",\"proc\":" #proc \
	",\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"env\",\"-w\",\"" what "\"],\"env\":{\"HOME\":\"/h\"},\"cwd\":\"/w\"}"

static void test_written_by(void **state)
{
	static const char *const lines[] = {
		HEAD, ENV_W(2, "GOFLAGS=-v"), WRITE(2500, 2),
		ENV_W(3, "GOPROXY=off"), READ(3, CONF, ""), FILE_(3, CONF, "GOFLAGS=-v\\n", ""), WRITE(3500, 3),
		GO(4, "go1.22.1", "", BUILD), READ(4, CONF, ""), FILE_(4, CONF, "GOFLAGS=-v\\nGOPROXY=off\\n", ""),
	};
	/* An editor wrote the file; what was in it before is not known. */
	static const char *const unknown[] = {
		HEAD, PROGRAM(2, "", "/usr/bin/vi", "\"HOME\":\"/h\""), WRITE(2500, 2),
		GO(4, "go1.22.1", "", BUILD), READ(4, CONF, ""), FILE_(4, CONF, "GOFLAGS=-v\\n", ""),
	};

	assert_int_equal(setter(lines, ARRAY_SIZE(lines), 4, "GOFLAGS"), 2);
	assert_int_equal(setter(lines, ARRAY_SIZE(lines), 4, "GOPROXY"), 3);
	assert_int_equal(setter(unknown, ARRAY_SIZE(unknown), 4, "GOFLAGS"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_by),	     cmocka_unit_test(test_written_by),
		cmocka_unit_test(test_order),	     cmocka_unit_test(test_off),
		cmocka_unit_test(test_path),	     cmocka_unit_test(test_goroot_in_file),
		cmocka_unit_test(test_missing),	     cmocka_unit_test(test_gone),
		cmocka_unit_test(test_stale),	     cmocka_unit_test(test_disagree),
		cmocka_unit_test(test_scrubbed),     cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_modules),	     cmocka_unit_test(test_no_module),
		cmocka_unit_test(test_switch),	     cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_chdir),	     cmocka_unit_test(test_lost),
		cmocka_unit_test(test_no_command),   cmocka_unit_test(test_many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
