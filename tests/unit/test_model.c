/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The model: what it makes of lines of a record. */
#include <stdio.h>

#include <malloc.h>

#include "model_of.h"

#include "model/commands.h"
#include "model/counts.h"
#include "model/images.h"
#include "model/pool.h"
#include "model/process.h"
#include "model/roots.h"
#include "model/run.h"

static void assert_label(const struct process *p, const char *label)
{
	__free_str struct str s = {};

	assert_non_null(p);
	process__label(p, &s);
	assert_string_equal(s.s, label);
}

static void test_header_and_end(void **state)
{
	static const char *const lines[] = {
		"{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"mode\":\"run\",\"start\":\"2026-10-04T12:00:01Z\","
		"\"host\":{\"name\":\"h\",\"kernel\":\"6.1\",\"arch\":\"arm64\",\"cpus\":4},"
		"\"command\":[\"go\",\"test\"],\"tags\":{\"a\":\"b\"},\"hooks\":{\"tier\":\"fexit\"}}",
		"{\"k\":\"end\",\"ts\":99,\"seen\":7,\"sent\":7,\"lost\":{\"file\":0},\"complete\":true,"
		"\"duration\":123,\"status\":3,\"redactions\":2,\"fstat\":5}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct run *r = model__run(m);

	assert_string_equal(r->mode, "run");
	assert_string_equal(r->host, "h");
	assert_string_equal(r->tier, "fexit");
	assert_int_equal(r->cpus, 4);
	assert_int_equal(r->command_cnt, 2);
	assert_string_equal(r->command[1], "test");
	assert_int_equal(r->tag_cnt, 1);
	assert_string_equal(r->tags[0].value, "b");
	assert_int_equal(r->duration, 123);
	assert_int_equal(r->status, 3);
	assert_int_equal(r->redactions, 2);
	assert_true(run__is_complete(r));
	for (int i = 0; i < 2; i++) {
		const struct pass_end bad = { .cut = i == 0, .bad_lines = i };
		__free_model struct model *worse = model__new(MODEL_CORE);

		FEED(lines, model_of_add, worse);
		assert_int_equal(model__finish(worse, &bad), 0);
		assert_false(run__is_complete(model__run(worse)));
	}
}

/* Each of the ways in which a record is not complete, alone. */
static void test_not_complete(void **state)
{
	static const char *const none[] = { "{\"k\":\"header\"}" };
	static const char *const said[] = { "{\"k\":\"end\",\"ts\":1,\"complete\":false,\"lost\":{}}" };
	static const char *const counted[] = {
		"{\"k\":\"end\",\"ts\":1,\"complete\":true,\"lost\":{\"file\":2,\"life\":3}}",
	};
	static const char *const told[] = {
		"{\"k\":\"lost\",\"ts\":5,\"what\":\"file\",\"count\":7,\"since\":2}",
		"{\"k\":\"end\",\"ts\":9,\"complete\":true,\"lost\":{}}",
	};
	__free_model struct model *a = MODEL_OF(none), *b = MODEL_OF(said), *c = MODEL_OF(counted);
	__free_model struct model *d = MODEL_OF(told);

	assert_false(run__is_complete(model__run(a)));
	assert_false(run__is_complete(model__run(b)));
	assert_int_equal(run__lost(model__run(b)), 0);
	assert_false(run__is_complete(model__run(c)));
	assert_int_equal(run__lost(model__run(c)), 5);
	assert_false(run__is_complete(model__run(d)));
	assert_int_equal(run__lost(model__run(d)), 7);
	assert_int_equal(model__run(d)->losses[0].since, 2);
	assert_int_equal(model__run(d)->losses[0].ts, 5);
}

static void test_processes(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ",\"ppid\":7"),
		"{\"k\":\"fork\",\"ts\":20,\"pid\":100,\"tid\":101,\"proc\":1,\"child\":102,\"thread\":true}",
		"{\"k\":\"fork\",\"ts\":30,\"pid\":100,\"tid\":100,\"proc\":1,\"child\":200,\"child_proc\":2}",
		"{\"k\":\"exec\",\"ts\":40,\"pid\":200,\"tid\":200,\"proc\":3,\"parent\":1,\"prev\":2,\"ppid\":100,"
		"\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\",\"-p\",\"fmt\"],\"env\":{}}",
		OPEN(50, 200, 3, "/x", ENOENT_),
		OPEN(51, 200, 3, "/y", ""),
		"{\"k\":\"exit\",\"ts\":90,\"pid\":200,\"tid\":200,\"proc\":3,\"code\":2}",
		"{\"k\":\"exit\",\"ts\":95,\"pid\":100,\"tid\":100,\"proc\":1,\"signal\":15}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct process *go = model__process(m, 1), *forked = model__process(m, 2);
	const struct process *compile = model__process(m, 3);

	assert_label(go, "go build");
	assert_int_equal(go->role, TOOL_GO);
	assert_int_equal(go->threads, 1);
	assert_int_equal(go->ppid, 7);
	assert_int_equal(go->arg_cnt, 3);
	assert_string_equal(process__next_arg(go, process__next_arg(go, NULL)), "build");
	assert_int_equal(go->end, PROCESS_KILLED);
	assert_int_equal(go->status, 15);
	assert_int_equal(go->go, 1);

	assert_label(forked, "go build");
	assert_false(forked->has_exec);
	assert_int_equal(forked->end, PROCESS_REPLACED);
	assert_int_equal(forked->next, 3);

	assert_label(compile, "compile fmt");
	assert_int_equal(compile->go, 1);
	assert_int_equal(compile->parent, 1);
	assert_int_equal(process__duration(compile), 50);
	assert_int_equal(compile->end, PROCESS_EXITED);
	assert_int_equal(compile->status, 2);
	assert_int_equal(compile->accesses, 2);
	assert_int_equal(compile->failed, 1);
	assert_null(model__process(m, 4));
}

/* A pid that is used again is another process; a line without proc belongs to who has the pid now. */
static void test_recycled_pid(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		"{\"k\":\"exit\",\"ts\":20,\"pid\":100,\"tid\":100,\"proc\":1,\"code\":0}",
		"{\"k\":\"exec\",\"ts\":30,\"pid\":100,\"tid\":100,\"proc\":9,\"exe\":\"/bin/sh\",\"args\":[\"sh\"]}",
		"{\"k\":\"exit\",\"ts\":40,\"pid\":100,\"tid\":100,\"code\":5}",
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(model__process(m, 1)->status, 0);
	assert_int_equal(model__process(m, 9)->status, 5);
	assert_label(model__process(m, 9), "sh");
	assert_int_equal(model__process(m, 9)->go, 0);
}

static void test_buildinfo_gives_the_role(void **state)
{
	static const char *const lines[] = {
		"{\"k\":\"exec\",\"ts\":1,\"pid\":5,\"tid\":5,\"proc\":1,\"exe\":\"/opt/dlv\",\"dev\":\"1:2\",\"ino\":3,"
		"\"args\":[\"dlv\"]}",
		"{\"k\":\"buildinfo\",\"ts\":2,\"pid\":5,\"tid\":5,\"proc\":1,\"exe\":\"/opt/dlv\",\"dev\":\"1:2\",\"ino\":3,"
		"\"go\":\"go1.24.1\",\"path\":\"github.com/go-delve/delve/cmd/dlv\",\"main\":{\"version\":\"v1.2.3\"}}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct image *i = model__next_image(m, NULL);

	assert_int_equal(model__process(m, 1)->role, TOOL_DLV);
	assert_string_equal(i->go, "go1.24.1");
	assert_string_equal(i->version, "v1.2.3");
	assert_int_equal(i->runs, 1);
	assert_null(model__next_image(m, i));
}

static const char *dir_of(const struct model *m, uint64_t proc, enum root root)
{
	return model__roots(m, model__process(m, proc))->dir[root];
}

static void test_roots_predicted(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		"{\"k\":\"exec\",\"ts\":1,\"pid\":6,\"tid\":6,\"proc\":2,\"exe\":\"/opt/go/bin/go\",\"args\":[\"go\"],"
		"\"env\":{\"HOME\":\"/h\",\"XDG_CACHE_HOME\":\"/xdg/\",\"GOPATH\":\"/p1:/p2\",\"GOMODCACHE\":\"\"}}",
		"{\"k\":\"exec\",\"ts\":1,\"pid\":7,\"tid\":7,\"proc\":3,\"exe\":\"/opt/go/bin/go\",\"args\":[\"go\"],"
		"\"env\":{\"HOME\":\"/h\",\"GOCACHE\":\"relative\",\"GOROOT\":\"/other\"}}",
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_string_equal(dir_of(m, 1, ROOT_GOROOT), "/usr/lib/go");
	assert_string_equal(dir_of(m, 1, ROOT_GOCACHE), "/home/u/.cache/go-build");
	assert_string_equal(dir_of(m, 1, ROOT_GOMODCACHE), "/home/u/go/pkg/mod");
	assert_null(dir_of(m, 1, ROOT_MODULE));
	assert_string_equal(dir_of(m, 2, ROOT_GOCACHE), "/xdg/go-build");
	assert_string_equal(dir_of(m, 2, ROOT_GOMODCACHE), "/p1/pkg/mod");
	assert_string_equal(dir_of(m, 3, ROOT_GOROOT), "/other");
	assert_null(dir_of(m, 3, ROOT_GOCACHE));	/* go refuses it, and takes no other */
}

static void test_roots_corrected(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 5, 1, ""),
		/* a go.mod that is not above the working directory says nothing, nor does one that is absent */
		OPEN(2, 5, 1, "/elsewhere/go.mod", ""),
		OPEN(3, 5, 1, "/src/app/cmd/go.mod", ENOENT_),
		OPEN(4, 5, 1, "/src/app/go.mod", ""),
		OPEN(5, 5, 1, "/src/go.mod", ""),
		OPEN(6, 5, 1, "/var/ci/3f/" HEX64 "-a", ENOENT_),
		"{\"k\":\"mkdir\",\"ts\":7,\"pid\":5,\"tid\":5,\"proc\":1,\"path\":\"/tmp/go-build12/b001\"}",
		"{\"k\":\"exec\",\"ts\":8,\"pid\":6,\"tid\":6,\"proc\":2,\"parent\":1,"
		"\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/asm\",\"args\":[\"asm\"],\"env\":{\"GOMODCACHE\":\"/mods\"}}",
		/* what a test binary is given is its own affair */
		"{\"k\":\"exec\",\"ts\":9,\"pid\":7,\"tid\":7,\"proc\":3,\"parent\":1,\"exe\":\"/x/a.test\","
		"\"args\":[\"a.test\",\"-test.v\"],\"env\":{\"GOMODCACHE\":\"/fake\"}}",
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_string_equal(dir_of(m, 1, ROOT_MODULE), "/src/app");
	assert_string_equal(dir_of(m, 1, ROOT_GOCACHE), "/var/ci");
	assert_string_equal(dir_of(m, 1, ROOT_WORK), "/tmp/go-build12");
	assert_string_equal(dir_of(m, 2, ROOT_GOMODCACHE), "/mods");
	assert_ptr_equal(model__roots(m, model__process(m, 3)), model__roots(m, model__process(m, 1)));
	assert_int_equal(model__process(m, 3)->role, TOOL_TEST);
}

static void test_places(void **state)
{
	static const char *const lines[] = { GO_EXEC(1, 5, 1, "") };
	static const struct {
		const char *path;
		enum place place;
	} cases[] = {
		{ "/src/app/go.mod",                              PLACE_CONFIG },
		{ "/src/app/nogo.mod",                            PLACE_OTHER },
		{ "/home/u/.config/go/env",                       PLACE_CONFIG },
		{ "/usr/lib/go/go.env",                           PLACE_CONFIG },
		{ "/usr/lib/go/VERSION",                          PLACE_CONFIG },
		{ "/src/app/VERSION",                             PLACE_OTHER },
		{ "/usr/lib/go/src/testdata/a.json",              PLACE_OTHER },
		{ "/etc/app/config.yaml",                         PLACE_CONFIG },
		{ "/src/app/main.go",                             PLACE_OTHER },
		{ "/home/u/.cache/go-build/trim.txt",             PLACE_BUILD_CACHE },
		{ "/home/u/.cache/go-builder/trim.txt",           PLACE_OTHER },
		{ "/restored/3f/" HEX64 "-d",                     PLACE_BUILD_CACHE },
		{ "/home/u/go/pkg/mod/golang.org/x/a@v1/go.mod",  PLACE_MODULE_CACHE },
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct roots *r = model__roots(m, model__process(m, 1));

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (roots__place(r, cases[i].path) != cases[i].place)
			fail_msg("%s is in place %d", cases[i].path, roots__place(r, cases[i].path));
}

static void test_cache_entry(void **state)
{
	static const struct {
		const char *path;
		char which;	/* 0: no entry */
	} cases[] = {
		{ "/c/3f/" HEX64 "-a",       'a' },
		{ "/3f/" HEX64 "-d",         'd' },
		{ "/c/3f/" HEX64 "-d/prog",  'd' },
		{ "/c/3f/" HEX64 "-a/prog",  0 },
		{ "/c/3f/" HEX64 "-ab",      0 },
		{ "/c/3e/" HEX64 "-a",       0 },	/* not its directory */
		{ "/c/3f/" HEX64 "-b",       0 },
		{ "/c/3f/" HEX64,            0 },
		{ "/c/3f/" HEX64 "0-a",      0 },
		{ "3f/" HEX64 "-a",          0 },
		{ "/c/3f/3f21-a",            0 },
		{ "",                        0 },
		{ "/",                       0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char which = 0;
		const char *hash = cache_entry__hash(cases[i].path, &which);

		if (which != cases[i].which || !hash != !cases[i].which)
			fail_msg("'%s' gives '%c'", cases[i].path, which ?: '0');
		if (hash)
			assert_memory_equal(hash, HEX64, CACHE_HASH_LEN);
	}
}

static void test_counts(void **state)
{
	static const char *const lines[] = {
		OPEN(1, 5, 1, "/a", ""),
		OPEN(2, 5, 1, "/b", ENOENT_),
		OPEN(3, 5, 1, "/c", ",\"err\":\"EACCES\""),
		"{\"k\":\"stat\",\"ts\":4,\"pid\":5,\"tid\":5,\"proc\":1,\"path\":\"/d\",\"err\":\"ENOENT\"}",
		"{\"k\":\"exec_failed\",\"ts\":5,\"pid\":5,\"tid\":5,\"proc\":1,\"err\":\"ENOENT\"}",
		"{\"k\":\"hologram\",\"ts\":6}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct counts *c = model__counts(m);

	assert_int_equal(c->lines, 5);
	assert_int_equal(c->unknown, 1);
	assert_int_equal(counts__accesses(c), 4);
	assert_int_equal(counts__failed_accesses(c), 3);
	assert_int_equal(c->failed_by_kind[REC_EXEC_FAILED], 1);
	assert_int_equal(c->error_cnt, 2);
	assert_string_equal(c->errors[0].err, "ENOENT");
	assert_int_equal(c->errors[0].count, 2);	/* of accesses: that of the exec is none */
}

static void test_commands(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 5, 1, ""),
		"{\"k\":\"exec\",\"ts\":20,\"pid\":6,\"tid\":6,\"proc\":2,\"parent\":1,\"exe\":\"/bin/sh\",\"args\":[\"sh\"]}",
		GO_EXEC(30, 7, 3, ",\"parent\":2"),
		"{\"k\":\"exec\",\"ts\":40,\"pid\":8,\"tid\":8,\"proc\":4,\"parent\":3,\"exe\":\"/usr/bin/gcc-12\",\"args\":[\"gcc\"]}",
		OPEN(50, 8, 4, "/x.h", ENOENT_),
		/* started before the first one, told later */
		GO_EXEC(5, 9, 5, ""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct go_command *first = model__next_command(m, NULL);
	const struct go_command *second = model__next_command(m, first), *third = model__next_command(m, second);

	assert_int_equal(first->proc, 5);
	assert_int_equal(second->proc, 1);
	assert_int_equal(third->proc, 3);
	assert_null(model__next_command(m, third));
	assert_int_equal(second->roles[TOOL_UNKNOWN], 1);
	assert_int_equal(second->roles[TOOL_CC], 0);
	assert_int_equal(third->roles[TOOL_CC], 1);
	assert_int_equal(third->accesses, 1);
	assert_int_equal(third->failed, 1);
	assert_int_equal(second->accesses, 0);
	assert_ptr_equal(model__command_of(m, model__process(m, 4)), third);
	assert_null(model__command(m, 2));
}

/* A hostile argument list is cut, and says so. */
static void test_long_args(void **state)
{
	__free_str struct str line = {};
	__free_model struct model *m = NULL;
	const char *lines[1];

	str__adds(&line, "{\"k\":\"exec\",\"ts\":1,\"pid\":5,\"tid\":5,\"proc\":1,\"exe\":\"/x\",\"args\":[\"a\"");
	for (int i = 0; i < 2 * PROCESS_MAX_ARGS / 8; i++)
		str__adds(&line, ",\"1234567\"");
	str__adds(&line, "]}");
	lines[0] = line.s;
	m = MODEL_OF(lines);
	assert_true(model__process(m, 1)->args_cut);
	assert_int_equal(model__process(m, 1)->arg_cnt, 1 + (PROCESS_MAX_ARGS - 2) / 8);
}

/* Of a process that was ending when it was adopted only its number is known. */
static void test_nothing_known(void **state)
{
	static const char *const lines[] = {
		LINE("exec", 5, 7, 1, "\"adopted\":true,\"args\":[],\"env\":{},\"env_names\":[],"
		     "\"incomplete\":[\"exe\",\"args\",\"env\",\"cwd\",\"fd\"]"),
		LINE("exec", 6, 8, 2, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[],\"incomplete\":[\"args\"]"),
		OPEN(7, 8, 2, "/src/app/go.mod", ""),
		EXIT(8, 7, 1, 0),
		EXIT(9, 8, 2, 0),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(model__process(m, 1)->arg_cnt, 0);
	assert_int_equal(model__process(m, 1)->end, PROCESS_EXITED);
	assert_int_equal(model__process(m, 2)->role, TOOL_GO);
	assert_non_null(model__command(m, 2));
}

static void test_labels(void **state)
{
	static const struct {
		const char *exe, *args, *label;
		enum tool_role role;
	} cases[] = {
#define TOOLS "/usr/lib/go/pkg/tool/linux_amd64/"
		{ "/usr/lib/go/bin/go", "\"go\",\"-C\",\"dir\",\"vet\"", "go vet", TOOL_GO },
		{ "/opt/bin/gofmt", "\"gofmt\",\"-l\"", "gofmt", TOOL_GOFMT },
		{ "/home/u/go", "\"go\"", "go", TOOL_UNKNOWN },	/* a name proves nothing */
		{ TOOLS "compile", "\"compile\",\"-V=full\"", "compile -V", TOOL_COMPILE },
		{ TOOLS "compile", "\"compile\",\"-o\",\"x\",\"-p\",\"fmt\"", "compile fmt", TOOL_COMPILE },
		{ TOOLS "asm", "\"asm\",\"-p\",\"runtime\"", "asm runtime", TOOL_ASM },
		{ TOOLS "cgo", "\"cgo\",\"-importpath\",\"net\"", "cgo net", TOOL_CGO },
		{ TOOLS "link", "\"link\"", "link", TOOL_LINK },
		{ TOOLS "buildid", "\"buildid\"", "buildid", TOOL_BUILDID },
		{ "/usr/bin/compile", "\"compile\",\"-p\",\"fmt\"", "compile", TOOL_UNKNOWN },
		{ "/x/a.test", "\"a.test\",\"-test.v\"", "a.test", TOOL_TEST },
		{ "/x/a.test", "\"a.test\"", "a.test", TOOL_UNKNOWN },
		{ "/tmp/go-build1/b001/exe/hello", "\"hello\"", "hello", TOOL_GO_RUN },
		{ "/usr/bin/x86_64-linux-gnu-gcc-12", "\"gcc\"", "x86_64-linux-gnu-gcc-12", TOOL_CC },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", "\"cc1\"", "cc1", TOOL_CC1 },
		{ "/usr/bin/cc1000", "\"cc1000\"", "cc1000", TOOL_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str line = {}, label = {};
		__free_model struct model *m = NULL;
		const char *lines[1];

		str__addf(&line, "{\"k\":\"exec\",\"ts\":1,\"pid\":5,\"tid\":5,\"proc\":1,"
			  "\"exe\":\"%s\",\"args\":[%s]}", cases[i].exe, cases[i].args);
		lines[0] = line.s;
		m = MODEL_OF(lines);
		process__label(model__process(m, 1), &label);
		if (!str_eq(label.s, cases[i].label) || model__process(m, 1)->role != cases[i].role)
			fail_msg("%s is '%s', %s", cases[i].exe, label.s,
				 tool_role__name(model__process(m, 1)->role));
	}
}

/* A timeline that runs for days forgets processes that ended, and never those that run. */
static void test_forgets(void **state)
{
	enum { PROCESSES = 100000 };
	struct model *core = model__new(MODEL_CORE), *all = model__new(MODEL_ALL);
	size_t kept = 0, kept_all = 0;

	for (int i = 1; i <= PROCESSES; i++) {
		char exec[256], exit[256];
		const char *lines[] = { exec, exit };

		snprintf(exec, sizeof(exec), "{\"k\":\"exec\",\"ts\":%d000000,\"pid\":%d,\"tid\":1,\"proc\":%d,"
			 "\"exe\":\"/bin/true\",\"args\":[\"true\"]}", i, i % 30000, i);
		snprintf(exit, sizeof(exit), "{\"k\":\"exit\",\"ts\":%d000001,\"pid\":%d,\"tid\":1,\"proc\":%d,"
			 "\"code\":0}", i, i % 30000, i);
		/* the first one goes on running */
		feed(lines, i == 1 ? 1 : 2, model_of_add, core);
		feed(lines, i == 1 ? 1 : 2, model_of_add, all);
		(void)model__retire(core, i * 1000000LL);
	}
	for (const struct process *p = model__next_process(core, NULL); p; p = model__next_process(core, p))
		kept++;
	for (const struct process *p = model__next_process(all, NULL); p; p = model__next_process(all, p))
		kept_all++;
	assert_int_equal(kept_all, PROCESSES);
	assert_true(kept >= 2 && kept <= 40000);
	assert_non_null(model__process(core, 1));
	assert_non_null(model__process(core, PROCESSES));
	assert_null(model__process(core, 2));
	model__free(core);
	model__free(all);
}

static void test_pool(void **state)
{
	struct pool *p = pool__new();
	const char *a = pool__get(p, "abc");

	assert_ptr_equal(a, pool__get_n(p, "abcdef", 3));
	assert_ptr_not_equal(a, pool__get(p, "abd"));
	assert_string_equal(pool__get(p, ""), "");
	assert_null(pool__get(p, NULL));
	pool__free(p);
	pool__free(NULL);
}

/* One go command with a tool, a program that it built, its files; all names are new. */
static void one_build(struct model *m, int i)
{
	static const char *const forms[] = {
		"{\"k\":\"exec\",\"ts\":%d000000,\"pid\":%d,\"proc\":%d1,\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"build\"],"
		"\"env\":{\"HOME\":\"/home/u\",\"PWD\":\"/ci/%d\"},\"cwd\":\"/ci/%d\"}",
		"{\"k\":\"open\",\"ts\":%d000001,\"pid\":%d,\"proc\":%d1,\"path\":\"/ci/%d/go.mod\",\"as\":\"/ci/%d/go.mod\"}",
		"{\"k\":\"file\",\"ts\":%d000001,\"pid\":%d,\"proc\":%d1,\"path\":\"/ci/%d/go.mod\",\"text\":\"module m%d\"}",
		"{\"k\":\"mkdir\",\"ts\":%d000002,\"pid\":%d,\"proc\":%d1,\"path\":\"/tmp/go-build%d/b00%d\"}",
		"{\"k\":\"exec\",\"ts\":%d000003,\"pid\":1%d,\"proc\":%d2,\"parent\":%d1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\","
		"\"args\":[\"compile\",\"-o\",\"/tmp/go-build%d\"],\"env\":{\"GOROOT\":\"/usr/lib/go\",\"GOOS\":\"linux\",\"GOARCH\":\"amd64\"}}",
		"{\"k\":\"exit\",\"ts\":%d000004,\"pid\":1%d,\"proc\":%d2,\"code\":0,\"x\":[%d,%d]}",
		"{\"k\":\"exec\",\"ts\":%d000005,\"pid\":2%d,\"proc\":%d3,\"parent\":%d1,\"exe\":\"/tmp/go-build%d/b001/exe/gen\",\"args\":[\"gen\"],\"env\":{}}",
		"{\"k\":\"exit\",\"ts\":%d000006,\"pid\":2%d,\"proc\":%d3,\"code\":0,\"x\":[%d,%d]}",
		"{\"k\":\"exit\",\"ts\":%d000007,\"pid\":%d,\"proc\":%d1,\"code\":0,\"x\":[%d,%d]}",
	};
	char text[1024];
	const char *line = text;

	for (size_t k = 0; k < ARRAY_SIZE(forms); k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), forms[k], i, i, i, i, i);
#pragma GCC diagnostic pop
		feed(&line, 1, model_of_add, m);
	}
	(void)model__retire(m, i * 1000000LL);
}

/* AddressSanitizer's own count: mallinfo2() says nothing about its allocator. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes() :
							  mallinfo2().uordblks;
}

/* A watch that sees ten thousand go commands keeps no more of them than one that sees few. */
static void test_flat(void **state)
{
	__free_model struct model *m = model__new(MODEL_CORE);
	size_t peaks[2] = {}, used;

	for (int i = 100000; i < 112000; i++) {
		one_build(m, i);
		used = allocated();
		if (i > 102000 && used > peaks[i >= 107000])
			peaks[i >= 107000] = used;
	}
	assert_true(peaks[1] >= 1 && peaks[1] <= peaks[0] + peaks[0] / 50);
}

/* Nobody has written such a record: images that come from each other. The walks over them end all the same. */
static void test_ring_of_images(void **state)
{
	static const char *const lines[] = {
		"{\"k\":\"exec\",\"ts\":1,\"pid\":10,\"tid\":10,\"proc\":2,\"prev\":3,\"file\":\"go\",\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"build\"],\"env\":{}}",
		"{\"k\":\"exec\",\"ts\":2,\"pid\":10,\"tid\":10,\"proc\":3,\"prev\":2,\"file\":\"go\",\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"build\"],\"env\":{}}",
		"{\"k\":\"exec\",\"ts\":3,\"pid\":10,\"tid\":10,\"proc\":2,\"prev\":3,\"file\":\"go\",\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"build\"],\"env\":{}}",
	};
	__free_model struct model *m = model__new(MODEL_ALL);

	feed(lines, ARRAY_SIZE(lines), model_of_add, m);
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
	assert_int_equal(process__last_image(m, model__process(m, 2))->proc, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_and_end),
		cmocka_unit_test(test_not_complete),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_ring_of_images),
		cmocka_unit_test(test_recycled_pid),
		cmocka_unit_test(test_buildinfo_gives_the_role),
		cmocka_unit_test(test_roots_predicted),
		cmocka_unit_test(test_roots_corrected),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_cache_entry),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_long_args),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_forgets),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
