/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Look-up ladders: what the model makes of attempts. */
#include <stdio.h>

#include "model_of.h"

#include "model/search/search.h"

static const struct ladder *find(const struct model *m, enum ladder_purpose purpose, const char *key)
{
	for (const struct ladder *l = model__next_ladder(m, NULL); l; l = model__next_ladder(m, l))
		if (l->purpose == purpose && str_eq(l->key, key))
			return l;
	return NULL;
}

static size_t count(const struct model *m)
{
	size_t n = 0;

	for (const struct ladder *l = model__next_ladder(m, NULL); l; l = model__next_ladder(m, l))
		n++;
	return n;
}

static void assert_verdict(const struct model *m, const struct ladder *l, const char *won, enum surprise surprise,
			   enum confidence confidence)
{
	struct ladder_verdict v;

	assert_non_null(l);
	ladder__judge(m, l, &v);
	if (won) {
		assert_non_null(v.won);
		assert_string_equal(v.won->path, won);
	} else {
		assert_null(v.won);
	}
	assert_string_equal(surprise__name(v.surprise), surprise__name(surprise));
	assert_int_equal(v.confidence, confidence);
}

/* Three folders; the last one has a link, which the program follows by itself. */
static void test_config_with_link(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""),
		OPEN(20, 5, 1, "/work/config.yaml", ENOENT_),
		OPEN(21, 5, 1, "/home/u/.config/app/config.toml", ENOENT_),
		LINE("readlink", 22, 5, 1, "\"path\":\"/etc/app/config.yaml\",\"target\":\"../real/c.yaml\""),
		OPEN(23, 5, 1, "/etc/real/c.yaml", ""),
		APP_INFO(10, 5, 1, ""),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct ladder *l = find(m, LADDER_CONFIG, "config");

	assert_verdict(m, l, "/etc/app/config.yaml", SURPRISE_NONE, LIKELY);
	assert_int_equal(l->cnt, 3);
	assert_int_equal(l->candidates[0].result, CANDIDATE_ABSENT);
	assert_int_equal(l->candidates[0].ts, 20);
	assert_string_equal(l->candidates[1].path, "/home/u/.config/app/config.toml");
	assert_int_equal(l->candidates[2].result, CANDIDATE_USED);
	assert_int_equal(l->candidates[2].ts, 23);
	assert_string_equal(l->candidates[2].target, "../real/c.yaml");
	assert_int_equal(count(m), 1);
}

/* A link whose target is not there is no find. */
static void test_dangling_link(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""),
		LINE("readlink", 22, 5, 1, "\"path\":\"/etc/app/config.yaml\",\"target\":\"/gone/c.yaml\""),
		OPEN(23, 5, 1, "/gone/c.yaml", ENOENT_),
		APP_INFO(10, 5, 1, ""),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_verdict(m, find(m, LADDER_CONFIG, "config"), NULL, SURPRISE_NOTHING, PROVEN);
}

static void test_config_shadowed_several_nothing(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""),
		STAT_FILE(20, 5, 1, "/work/a.yaml"), STAT_FILE(21, 5, 1, "/etc/a.yaml"),
		OPEN(22, 5, 1, "/etc/a.yaml", ""),
		OPEN(23, 5, 1, "/work/b.json", ""), OPEN(24, 5, 1, "/etc/b.json", ""),
		OPEN(25, 5, 1, "/work/c.ini", ENOENT_), OPEN(26, 5, 1, "/etc/c.ini", ENOENT_),
		OPEN(27, 5, 1, "/work/d.env", ",\"err\":\"EACCES\""), OPEN(28, 5, 1, "/etc/d.env", ""),
		OPEN(29, 5, 1, "/work/e.yml", ENOENT_), LINE("stat", 30, 5, 1, "\"path\":\"/etc/e.yml\",\"type\":\"dir\""),
		LINE("stat", 31, 5, 1, "\"path\":\"/srv/model.config\",\"type\":\"dir\""),
		LINE("open", 31, 5, 1, "\"path\":\"/work/out.json\",\"flags\":[\"WRONLY\",\"CREAT\"]"),
		APP_INFO(10, 5, 1, ""),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);
	struct ladder_verdict v;

	assert_verdict(m, find(m, LADDER_CONFIG, "a"), "/etc/a.yaml", SURPRISE_SHADOWED, LIKELY);
	ladder__judge(m, find(m, LADDER_CONFIG, "a"), &v);
	assert_int_equal(v.shadowed, 1);
	assert_verdict(m, find(m, LADDER_CONFIG, "b"), "/work/b.json", SURPRISE_SEVERAL, LIKELY);
	assert_verdict(m, find(m, LADDER_CONFIG, "c"), NULL, SURPRISE_NOTHING, LIKELY);
	assert_verdict(m, find(m, LADDER_CONFIG, "d"), "/etc/d.env", SURPRISE_REFUSED, LIKELY);
	assert_verdict(m, find(m, LADDER_CONFIG, "e"), NULL, SURPRISE_NOTHING, LIKELY);
	assert_int_equal(find(m, LADDER_CONFIG, "e")->candidates[1].result, CANDIDATE_UNFIT);
	assert_null(find(m, LADDER_CONFIG, "model"));
	assert_null(find(m, LADDER_CONFIG, "out"));
}

/* What a program that is not Go's looks for is kept, but is no surprise. */
static void test_not_a_go_program(void **state)
{
	static const char *const lines[] = {
		LINE("exec", 10, 5, 1, "\"exe\":\"/usr/bin/python3\",\"args\":[\"python3\"]"),
		OPEN(25, 5, 1, "/usr/bin/pyvenv.cfg", ENOENT_),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_verdict(m, find(m, LADDER_CONFIG, "pyvenv"), NULL, SURPRISE_NONE, PROVEN);
}

static void test_go_files(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		OPEN(20, 100, 1, "/home/u/.config/go/env", ENOENT_),
		STAT_NONE(21, 100, 1, "/src/app/cmd/go.work"), STAT_NONE(22, 100, 1, "/src/app/go.work"),
		STAT_FILE(23, 100, 1, "/src/go.work"),
		STAT_NONE(24, 100, 1, "/src/app/cmd/go.mod"), STAT_FILE(25, 100, 1, "/src/app/go.mod"),
		OPEN(26, 100, 1, "/src/go.work", ""), OPEN(27, 100, 1, "/src/app/go.mod", ""),
		/* of a dependency, and of a folder below: not the search for the main module */
		STAT_NONE(28, 100, 1, "/home/u/go/pkg/mod/a@v1/go.mod"), STAT_NONE(29, 100, 1, "/src/app/cmd/x/go.mod"),
		OPEN(30, 100, 1, "/src/app/cmd/data.json", ENOENT_),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_verdict(m, model__ladder(m, 1, LADDER_GO_ENV), NULL, SURPRISE_NONE, PROVEN);
	assert_verdict(m, model__ladder(m, 1, LADDER_GO_WORK), "/src/go.work", SURPRISE_ANCESTOR, PROVEN);
	assert_int_equal(model__ladder(m, 1, LADDER_GO_WORK)->cnt, 3);
	assert_verdict(m, model__ladder(m, 1, LADDER_GO_MOD), "/src/app/go.mod", SURPRISE_NONE, PROVEN);
	assert_int_equal(model__ladder(m, 1, LADDER_GO_MOD)->cnt, 2);
	assert_int_equal(count(m), 3);
}

/* A go.mod above the repository is not the project's; none at all is a surprise only to a build. */
static void test_go_mod_not_expected(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		STAT_NONE(20, 100, 1, "/src/app/cmd/go.mod"), STAT_NONE(21, 100, 1, "/src/app/go.mod"),
		OPEN(22, 100, 1, "/src/go.mod", ""),
		LINE("stat", 23, 100, 1, "\"path\":\"/src/app/.git\",\"type\":\"dir\""),
		GO_EXEC(30, 101, 2, ""),
		STAT_NONE(31, 101, 2, "/src/app/cmd/go.mod"),
		LINE("exec", 40, 102, 3, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"env\"],\"cwd\":\"/x\""),
		STAT_NONE(41, 102, 3, "/x/go.mod"),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_verdict(m, model__ladder(m, 1, LADDER_GO_MOD), "/src/go.mod", SURPRISE_OUTSIDE, PROVEN);
	assert_verdict(m, model__ladder(m, 2, LADDER_GO_MOD), NULL, SURPRISE_NOTHING, PROVEN);
	assert_verdict(m, model__ladder(m, 3, LADDER_GO_MOD), NULL, SURPRISE_NONE, PROVEN);
}

#define SH(ts, pid, proc) LINE("exec", ts, pid, proc, "\"exe\":\"/bin/sh\",\"args\":[\"sh\"],\"env\":{\"PATH\":\"/a:/b/:/c\"}")

/* A shell stats; execvp() tries; Go looks in the parent and runs in the child. */
static void test_programs(void **state)
{
	static const char *const lines[] = {
		SH(10, 5, 1),
		STAT_NONE(11, 5, 1, "/a/gcc"), STAT_FILE(12, 5, 1, "/b/gcc"), STAT_FILE(13, 5, 1, "/elsewhere/gcc"),
		LINE("fork", 14, 5, 1, "\"child\":6,\"child_proc\":2"),
		LINE("exec_failed", 15, 6, 2, "\"file\":\"/a/make\",\"path\":\"/a/make\",\"err\":\"ENOENT\""),
		LINE("exec_failed", 16, 6, 2, "\"file\":\"/b/make\",\"path\":\"/b/make\",\"err\":\"EACCES\""),
		LINE("exec", 17, 6, 3, "\"prev\":2,\"parent\":1,\"file\":\"/c/make\",\"exe\":\"/c/make\",\"args\":[\"make\"]"),
		LINE("exec", 18, 7, 4, "\"parent\":1,\"file\":\"/b/gcc\",\"exe\":\"/usr/bin/gcc-12\",\"args\":[\"gcc\"]"),
		STAT_NONE(19, 5, 1, "/a/git"), STAT_NONE(20, 5, 1, "/b/git"), STAT_NONE(21, 5, 1, "/c/git"),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct ladder *gcc = find(m, LADDER_PROGRAM, "gcc"), *make = find(m, LADDER_PROGRAM, "make");

	assert_verdict(m, gcc, "/b/gcc", SURPRISE_NONE, PROVEN);
	assert_int_equal(gcc->cnt, 2);
	assert_int_equal(gcc->candidates[1].result, CANDIDATE_USED);
	assert_int_equal(gcc->candidates[1].ts, 18);
	assert_verdict(m, make, "/c/make", SURPRISE_NONE, PROVEN);
	assert_int_equal(make->cnt, 3);
	assert_int_equal(make->candidates[1].result, CANDIDATE_REFUSED);
	assert_string_equal(make->candidates[1].err, "EACCES");
	assert_verdict(m, find(m, LADDER_PROGRAM, "git"), NULL, SURPRISE_NOTHING, PROVEN);
}

/* Alike ladders are kept once, trivial ones not at all. */
static void test_kept_once(void **state)
{
	static const char *const lines[] = {
		SH(10, 5, 1), OPEN(11, 5, 1, "/lib/libc.so.6", ""), OPEN(12, 5, 1, "/l/libx.so", ENOENT_),
		OPEN(13, 5, 1, "/lib/libx.so", ""), OPEN(14, 5, 1, "/etc/ld.so.preload", ENOENT_), EXIT(19, 5, 1, 0),
		SH(20, 5, 2), OPEN(21, 5, 2, "/lib/libc.so.6", ""), OPEN(22, 5, 2, "/l/libx.so", ENOENT_),
		OPEN(23, 5, 2, "/lib/libx.so", ""), EXIT(29, 5, 2, 0),
		SH(30, 5, 3), OPEN(32, 5, 3, "/l/libx.so", ENOENT_), EXIT(39, 5, 3, 0),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct ladder *l = find(m, LADDER_LIBRARY, "libx.so");

	assert_int_equal(count(m), 2);
	assert_verdict(m, l, "/lib/libx.so", SURPRISE_NONE, PROVEN);
	assert_int_equal(l->processes, 2);
	/* without an end line it is not sure that nothing was found */
	l = model__next_ladder(m, l);
	assert_verdict(m, l, NULL, SURPRISE_NOTHING, LIKELY);
	assert_int_equal(l->proc, 3);
	assert_int_equal(model__ladders_left_out(m), 0);
}

static void test_certificates_and_zones(void **state)
{
	static const char *const lines[] = {
		APP_EXEC(10, 5, 1, ""),
		OPEN(11, 5, 1, "/etc/ssl/certs/ca-certificates.crt", ENOENT_),
		OPEN(12, 5, 1, "/etc/pki/tls/certs/ca-bundle.crt", ""),
		OPEN(13, 5, 1, "/usr/share/zoneinfo/Europe/Berlin", ENOENT_),
		OPEN(14, 5, 1, "/usr/share/lib/zoneinfo/Europe/Berlin", ENOENT_),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_verdict(m, find(m, LADDER_CERTIFICATES, ""), "/etc/pki/tls/certs/ca-bundle.crt", SURPRISE_NONE, PROVEN);
	assert_verdict(m, find(m, LADDER_TIME_ZONE, "Europe/Berlin"), NULL, SURPRISE_NOTHING, PROVEN);
}

/* What a hostile program can make us keep is bounded. */
static void test_bounds(void **state)
{
	__free_model struct model *m = model__new(MODEL_ALL);
	static const char *const exec[] = { APP_EXEC(10, 5, 1, "") };
	const char *one;
	char line[256];

	FEED(exec, model_of_add, m);
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), OPEN(20, 5, 1, "/d%d/config.yaml", ENOENT_), i);
		one = line;
		feed(&one, 1, model_of_add, m);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), OPEN(20, 5, 1, "/d/c%d.yaml", ENOENT_), i);
		one = line;
		feed(&one, 1, model_of_add, m);
	}
	assert_int_equal(find(m, LADDER_CONFIG, "config")->cnt, LADDER_MAX_CANDIDATES);
	assert_int_equal(find(m, LADDER_CONFIG, "config")->omitted, 36);
	assert_int_equal(count(m), 256);
	assert_int_equal(model__ladders_left_out(m), 745);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_with_link),
		cmocka_unit_test(test_dangling_link),
		cmocka_unit_test(test_config_shadowed_several_nothing),
		cmocka_unit_test(test_not_a_go_program),
		cmocka_unit_test(test_go_files),
		cmocka_unit_test(test_go_mod_not_expected),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_kept_once),
		cmocka_unit_test(test_certificates_and_zones),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
