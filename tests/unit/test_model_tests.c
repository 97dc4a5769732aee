/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tests: what their results rest on. */
#include "model_of.h"

#include "model/run.h"
#include "model/tests/tests.h"

#define HEADER "{\"k\":\"header\",\"start\":\"1970-01-01T00:01:40.5Z\"}"	/* 100.5 s */
#define GO_TEST(ts, pid, proc, more)								\
	LINE("exec", ts, pid, proc, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"test\"" more "],"	\
	     "\"env\":{\"HOME\":\"/home/u\"},\"cwd\":\"/src/app\"")
#define TEST_EXEC(ts, pid, proc, parent)							\
	LINE("exec", ts, pid, proc, "\"parent\":" #parent ",\"exe\":\"/tmp/go-build1/b001/w.test\","	\
	     "\"args\":[\"/tmp/go-build1/b001/w.test\",\"-test.testlogfile=/tmp/go-build1/b001/testlog.txt\","	\
	     "\"-test.paniconexit0\"],\"cwd\":\"/src/app/w\"")
#define LOG(ts, pid, proc) LINE("open", ts, pid, proc, "\"path\":\"/tmp/go-build1/b001/testlog.txt\",\"flags\":[\"RDWR\",\"CREAT\"]")
#define LOOK(ts, pid, proc, path, mtime)							\
	LINE("stat", ts, pid, proc, "\"path\":\"" path "\",\"type\":\"file\",\"size\":1,\"mtime\":\"" mtime "\"")

static const struct test_input *find(const struct test_run *t, const char *path)
{
	for (const struct test_input *i = test_run__next(t, NULL); i; i = test_run__next(t, i))
		if (str_eq(i->path, path))
			return i;
	return NULL;
}

static void test_inputs(void **state)
{
	static const char *const lines[] = {
		HEADER, GO_TEST(10, 100, 1, ""), OPEN(11, 100, 1, "/src/app/go.mod", ""),
		TEST_EXEC(20, 101, 2, 1),
		OPEN(21, 101, 2, "/sys/kernel/mm/x", ""), OPEN(22, 101, 2, "/src/app/early.json", ""),
		LOG(23, 101, 2),
		OPEN(24, 101, 2, "/src/app/w/data.txt", ""), STAT_NONE(25, 101, 2, "/src/app/w/none"),
		OPEN(26, 101, 2, "/etc/hostname", ""),
		LINE("open", 27, 101, 2, "\"path\":\"/src/app/w/out\",\"flags\":[\"WRONLY\",\"CREAT\"]"),
		OPEN(28, 101, 2, "/src/app/w/out", ""),
		LINE("fork", 29, 101, 2, "\"child\":102,\"child_proc\":3"),
		LINE("exec", 30, 102, 4, "\"prev\":3,\"parent\":2,\"exe\":\"/bin/cat\",\"args\":[\"cat\"]"),
		OPEN(31, 102, 4, "/src/app/w/child.txt", ""), OPEN(32, 102, 4, "/usr/share/locale/x", ""),
		OPEN(33, 102, 4, "/src/app/w/w.go", ""),
		EXIT(34, 101, 2, 0),
		OPEN(40, 200, 9, "/src/app/w/other", ""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct test_run *t = model__next_test(m, NULL);

	assert_non_null(t);
	assert_null(model__next_test(m, t));
	assert_int_equal(t->go, 1);
	assert_string_equal(t->dir, "/src/app/w");
	assert_string_equal(t->root, "/src/app");
	assert_int_equal(t->log_ts, 23);
	assert_int_equal(t->inside, 6);
	assert_int_equal(t->outside, 1);
	assert_int_equal(t->missing, 1);
	assert_int_equal(t->children, 2);
	assert_int_equal(t->early, 1);
	assert_false(test_input__is_unseen(t, find(t, "/src/app/w/data.txt")));
	assert_true(test_input__is_unseen(t, find(t, "/src/app/early.json")));
	assert_true(test_input__is_unseen(t, find(t, "/src/app/w/child.txt")));
	assert_false(test_input__is_unseen(t, find(t, "/src/app/w/w.go")));
	assert_true(test_input__is_unseen(t, find(t, "/etc/hostname")));
	assert_false(test_input__is_unseen(t, find(t, "/src/app/w/none")));
	assert_true(find(t, "/src/app/w/none")->absent);
	assert_true(find(t, "/src/app/w/out")->written);
	assert_null(find(t, "/usr/share/locale/x"));
	assert_null(find(t, "/src/app/w/other"));
	assert_null(model__next_cached_test(m, NULL));
}

/* The record starts at 100.5 s: the first file is 2 s old exactly, the second one is younger. */
static void test_too_new(void **state)
{
	static const char *const lines[] = {
		HEADER, GO_TEST(10, 100, 1, ""), OPEN(11, 100, 1, "/src/app/go.mod", ""),
		TEST_EXEC(20, 101, 2, 1), LOG(23, 101, 2),
		OPEN(24, 101, 2, "/src/app/w/old", ""), OPEN(25, 101, 2, "/src/app/w/new", ""), OPEN(26, 101, 2, "/src/app/w/not", ""),
		EXIT(30, 101, 2, 0),
		LOOK(1000000000, 100, 1, "/src/app/w/old", "99500000000"), LOOK(1000000001, 100, 1, "/src/app/w/new", "99500000002"),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct test_run *t = model__next_test(m, NULL);

	assert_int_equal(run__epoch(model__run(m)), 100500000000);
	assert_false(find(t, "/src/app/w/old")->too_new);
	assert_int_equal(find(t, "/src/app/w/old")->seen_ts, 1000000000);
	assert_true(find(t, "/src/app/w/new")->too_new);
	assert_int_equal(find(t, "/src/app/w/new")->mtime, 99500000002);
	assert_int_equal(find(t, "/src/app/w/not")->seen_ts, -1);
	assert_int_equal(t->too_new, 1);
}

/* The second go test looks before it runs the test again, and finds another time. */
static void test_changed(void **state)
{
	static const char *const lines[] = {
		HEADER, GO_TEST(10, 100, 1, ""), OPEN(11, 100, 1, "/src/app/go.mod", ""),
		TEST_EXEC(20, 101, 2, 1), LOG(23, 101, 2),
		OPEN(24, 101, 2, "/src/app/w/a", ""), OPEN(25, 101, 2, "/src/app/w/b", ""), EXIT(30, 101, 2, 0),
		LOOK(31, 100, 1, "/src/app/w/a", "1000"), LOOK(32, 100, 1, "/src/app/w/b", "1000"), EXIT(33, 100, 1, 0),
		GO_TEST(40, 110, 3, ""), OPEN(41, 110, 3, "/src/app/go.mod", ""),
		LOOK(42, 110, 3, "/src/app/w/a", "2000"), LOOK(43, 110, 3, "/src/app/w/b", "1000"),
		TEST_EXEC(50, 111, 4, 3), LOG(53, 111, 4),
		OPEN(54, 111, 4, "/src/app/w/a", ""), OPEN(55, 111, 4, "/src/app/w/b", ""), EXIT(60, 111, 4, 0),
		LOOK(61, 110, 3, "/src/app/w/a", "2000"), LOOK(62, 110, 3, "/src/app/w/b", "1000"), EXIT(63, 110, 3, 0),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct test_run *first = model__next_test(m, NULL), *second = model__next_test(m, first);

	assert_int_equal(first->changed, 0);
	assert_non_null(second);
	assert_int_equal(second->changed, 1);
	assert_true(find(second, "/src/app/w/a")->changed);
	assert_int_equal(find(second, "/src/app/w/a")->old_mtime, 1000);
	assert_int_equal(find(second, "/src/app/w/a")->old_ts, 31);
	assert_int_equal(find(second, "/src/app/w/a")->mtime, 2000);
	assert_false(find(second, "/src/app/w/b")->changed);
}

static void test_cached(void **state)
{
	static const char *const lines[] = {
		HEADER,
		GO_TEST(10, 100, 1, ""), EXIT(11, 100, 1, 0),		/* cached */
		GO_TEST(20, 101, 2, ""), EXIT(21, 101, 2, 1),		/* failed */
		GO_TEST(30, 102, 3, ",\"-c\""), EXIT(31, 102, 3, 0),	/* only built */
		GO_EXEC(40, 103, 4, ""), EXIT(41, 103, 4, 0),		/* go build */
		GO_TEST(50, 104, 5, ""),				/* not ended */
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct test_cached *c = model__next_cached_test(m, NULL);

	assert_non_null(c);
	assert_int_equal(c->go, 1);
	assert_int_equal(c->proof.ts[0], 11);
	assert_null(model__next_cached_test(m, c));
}

/* What the linker said of programs whose main packages are HEX64 and HEX64_4: see gocache__subkey(). */
#define HEX64_4 "4f21ab04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define LINKED	"9e/9e1b322f53a333ed2e348e7ddd83e85f8c350e82696f14f53cac3355896119ad"
#define LINKED_4 "57/573ad1fbf69a792124d4d1c40d603ed4a53aafff546ff53ff3fd0b3fd7facbee"
#define AT(ts, tid, path, flag)									\
	"{\"k\":\"open\",\"ts\":" #ts ",\"pid\":100,\"tid\":" #tid ",\"proc\":1,\"path\":\"" path "\",\"flags\":[\"" flag "\"]}"
#define READS(ts, tid, path) AT(ts, tid, path, "RDONLY")
#define MAKES(ts, path) AT(ts, 100, path, "CREAT")
#define KEY1 "3f/" HEX64
#define KEY2 "4f/" HEX64_4
#define LOOKS_UP(ts, tid, id) READS(ts, tid, "/c/" id "-a")
#define MAIN1 "/tmp/go-build7/b001/_testmain.go"
#define MAIN2 "/tmp/go-build7/b042/_testmain.go"
#define MOD_FILE LINE("file", 12, 100, 1, "\"path\":\"/src/app/go.mod\",\"text\":\"module example.org/app\\n\"")
/* Two packages' tests are read, and their mains written */
#define TWO_PACKAGES										\
	HEADER, GO_TEST(10, 100, 1, ""), OPEN(12, 100, 1, "/src/app/go.mod", ""), MOD_FILE,	\
	READS(13, 100, "/src/app/w/w.go"),							\
	READS(14, 100, "/src/app/w/w_test.go"), MAKES(15, MAIN1),				\
	READS(16, 100, "/src/app/v/v_test.go"), READS(17, 100, "/src/app/v/x_test.go"), MAKES(18, MAIN2)

static const struct cached_package *only_package(const struct model *m)
{
	const struct cached_package *p = model__next_cached_package(m, 1, NULL);

	assert_non_null(p);
	assert_null(model__next_cached_package(m, 1, p));
	return p;
}

/* One of two packages comes from the cache, the other one runs. */
static void test_cached_package(void **state)
{
	static const char *const lines[] = {
		TWO_PACKAGES,
		READS(20, 101, MAIN1), LOOKS_UP(21, 101, KEY1),
		READS(22, 100, MAIN2), LOOKS_UP(23, 100, KEY2),
		LOOKS_UP(30, 105, LINKED_4), LOOKS_UP(31, 105, LINKED_4),
		LINE("exec", 40, 110, 2, "\"parent\":1,\"exe\":\"/tmp/w.test\",\"args\":[\"/tmp/w.test\",\"-test.timeout=1s\",\"-test.paniconexit0\"],\"cwd\":\"/src/app/w\""),
		EXIT(50, 100, 1, 0),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct cached_package *p = only_package(m);
	__free_str struct str path = {};

	assert_string_equal(p->dir, "/src/app/v");
	assert_int_equal(p->proof.cnt, 2);
	assert_int_equal(p->proof.ts[0], 23);
	assert_int_equal(p->proof.ts[1], 30);
	assert_true(cached_package__path(m, 1, p, &path));
	assert_string_equal(path.s, "example.org/app/v");
	assert_non_null(model__next_cached_test(m, NULL));
	assert_null(model__next_cached_package(m, 2, NULL));
}

/* A goroutine goes on with another thread between the file and the look-up, and back. */
static void test_cached_package_of_other_thread(void **state)
{
	static const char *const lines[] = {
		TWO_PACKAGES,
		READS(20, 101, MAIN1), LOOKS_UP(21, 102, KEY1), READS(22, 101, MAIN2), LOOKS_UP(23, 101, KEY2),
		LOOKS_UP(30, 102, LINKED),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_string_equal(only_package(m)->dir, "/src/app/w");
}

/* Two goroutines at a time, which change their threads: nobody knows whose result it was. */
static void test_cached_package_in_doubt(void **state)
{
	static const char *const lines[] = {
		TWO_PACKAGES,
		READS(20, 101, MAIN1), READS(21, 102, MAIN2), LOOKS_UP(22, 101, KEY2), LOOKS_UP(23, 102, KEY1),
		LOOKS_UP(30, 102, LINKED), LOOKS_UP(31, 102, LINKED_4),
	};
	/* The first one is not looked up before the second one's thread waits for its own. */
	static const char *const late[] = {
		TWO_PACKAGES,
		READS(20, 101, MAIN1), LOOKS_UP(21, 101, "4a/4a" "21ab04c6de00112233445566778899aabbccddeeff00112233445566778899"),
		READS(22, 102, MAIN2), LOOKS_UP(23, 103, KEY1), LOOKS_UP(24, 102, KEY2), LOOKS_UP(30, 102, LINKED),
	};
	__free_model struct model *m = MODEL_OF(lines), *n = MODEL_OF(late);

	assert_null(model__next_cached_package(m, 1, NULL));
	assert_null(model__next_cached_package(n, 1, NULL));
}

/* The result says its package itself; that of a test which ran nevertheless was too old. */
static void test_result_tells_its_package(void **state)
{
#define RESULT(id, package)									\
	LINE("cache", 24, 101, 1, "\"action\":\"" id "\",\"output\":\"" id "\",\"size\":9,"		\
	     "\"content\":\"test_output\",\"package\":\"" package "\"")
	static const char *const lines[] = {
		TWO_PACKAGES,
		READS(20, 101, MAIN1), LOOKS_UP(21, 101, KEY1), LOOKS_UP(22, 101, LINKED),
		LOOKS_UP(23, 101, "8f/" HEX64), LOOKS_UP(24, 101, KEY2),
		RESULT(HEX64, "example.org/app/w"), RESULT(HEX64_4, "example.org/app/v"),
		LINE("exec", 40, 110, 2, "\"parent\":1,\"exe\":\"/tmp/w.test\",\"args\":[\"/tmp/w.test\",\"-test.timeout=1s\",\"-test.paniconexit0\"],\"cwd\":\"/src/app/w\""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct cached_package *p = only_package(m);

	assert_string_equal(p->path, "example.org/app/v");
	assert_string_equal(p->dir, "/src/app/v");
	assert_int_equal(p->proof.cnt, 1);
	assert_int_equal(p->proof.ts[0], 24);
}

/* No result: nobody asks what the linker said; or it is a main that no test was read for. */
static void test_no_cached_package(void **state)
{
	static const char *const ran[] = {
		TWO_PACKAGES,
		READS(20, 101, MAIN1), LOOKS_UP(21, 101, KEY1), LOOKS_UP(22, 101, KEY2), EXIT(50, 100, 1, 1),
	};
	static const char *const other[] = {
		HEADER, GO_TEST(10, 100, 1, ""),
		MAKES(15, MAIN1), READS(20, 101, MAIN1), LOOKS_UP(21, 101, KEY1), LOOKS_UP(30, 101, LINKED),
	};
	__free_model struct model *m = MODEL_OF(ran), *n = MODEL_OF(other);

	assert_null(model__next_cached_package(m, 1, NULL));
	assert_null(model__next_cached_test(m, NULL));
	assert_null(model__next_cached_package(n, 1, NULL));
}

static void test_start_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "2026-10-04T12:00:01.250000000Z", 1791115201250000000 },
		{ "2026-10-04T14:00:01+02:00",	    1791115201000000000 },
		{ "2026-10-04T11:30:01-00:30",	    1791115201000000000 },
		{ "1970-01-01T00:00:01.1234567891Z", 1123456789 },
		{ "yesterday",			    0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run r = { .start = cases[i].text };

		assert_int_equal(run__epoch(&r), cases[i].ns);
	}
	assert_int_equal(run__epoch(&(struct run){}), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inputs),
		cmocka_unit_test(test_too_new),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_cached),
		cmocka_unit_test(test_cached_package),
		cmocka_unit_test(test_cached_package_of_other_thread),
		cmocka_unit_test(test_cached_package_in_doubt),
		cmocka_unit_test(test_result_tells_its_package),
		cmocka_unit_test(test_no_cached_package),
		cmocka_unit_test(test_start_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
