/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tests: what their results rest on. */
#include "model_of.h"

#include "golang/gocache.h"
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

/* --- results from the cache --- */

#define TEST_OF(ts, pid, proc) GO_TEST(ts, pid, proc, ",\"./...\"")
#define KEY1 "3f21ab04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define KEY2 "4f21ab04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define LOOKS_UP(ts, pid, proc, id) OPEN(ts, pid, proc, "/c/xx/" id "-a", "")
#define RESULT(id, package)									\
	LINE("cache", 24, 100, 1, "\"action\":\"" id "\",\"output\":\"" id "\",\"size\":9,"		\
	     "\"content\":\"test_output\",\"package\":\"" package "\"")
#define INPUTS(id)										\
	LINE("cache", 24, 100, 1, "\"action\":\"" id "\",\"output\":\"" id "\",\"size\":9,"		\
	     "\"content\":\"test_log\"")

static void test_cached(void **state)
{
	static const char *const lines[] = {
		HEADER,
		TEST_OF(10, 100, 1), LOOKS_UP(11, 100, 1, KEY1), LOOKS_UP(12, 100, 1, KEY2), EXIT(19, 100, 1, 0),
		GO_TEST(20, 101, 2, ""), EXIT(21, 101, 2, 0),		/* nothing to test */
		TEST_OF(30, 102, 3), LOOKS_UP(31, 102, 3, KEY1), EXIT(32, 102, 3, 1),		/* failed */
		GO_TEST(40, 103, 4, ",\"-c\""), EXIT(41, 103, 4, 0),	/* only built */
		GO_EXEC(50, 104, 5, ""), LOOKS_UP(51, 104, 5, KEY1), EXIT(52, 104, 5, 0),	/* go build */
		INPUTS(KEY1), RESULT(KEY2, "example.org/app/v"),
	};
	static const char *const nameless[] = {
		HEADER, TEST_OF(10, 100, 1), LOOKS_UP(11, 100, 1, KEY1), EXIT(19, 100, 1, 0), INPUTS(KEY1),
	};
	__free_model struct model *m = MODEL_OF(lines), *n = MODEL_OF(nameless);
	const struct test_cached *c = model__next_cached_test(m, NULL);
	const struct cached_package *p = c ? test_cached__next(c, NULL) : NULL;

	assert_non_null(c);
	assert_int_equal(c->go, 1);
	assert_true(c->is_all);
	assert_int_equal(c->proof.ts[0], 19);
	assert_non_null(p);
	assert_string_equal(p->path, "example.org/app/v");
	assert_int_equal(p->proof.ts[0], 12);
	assert_null(test_cached__next(c, p));
	assert_null(model__next_cached_test(m, c));
	assert_int_equal(test_cached__confidence(c), PROVEN);
	/* Something was found; of which package, and so whether it was of all, is not known. */
	c = model__next_cached_test(n, NULL);
	assert_non_null(c);
	assert_int_equal(test_cached__confidence(c), LIKELY);
}

/* --- why it ran --- */

#define GO_IS(version) LINE("buildinfo", 9, 100, 1, "\"exe\":\"/usr/lib/go/bin/go\",\"go\":\"" version "\",\"path\":\"cmd/go\"")
#define LINKS(ts, proc, go, work, id)								\
	LINE("exec", ts, proc, proc, "\"parent\":" #go ",\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/link\","	\
	     "\"args\":[\"link\",\"-o\",\"/tmp/go-build" work "/b001/w.test\",\"-buildid\",\"" id "/x/x/" id "\"],"	\
	     "\"env\":{\"TOOLEXEC_IMPORTPATH\":\"example.org/app/w.test\"}")
#define RUNS(ts, proc, go, work, more)								\
	LINE("exec", ts, proc, proc, "\"parent\":" #go ",\"exe\":\"/tmp/go-build" work "/b001/w.test\","	\
	     "\"args\":[\"/tmp/go-build" work "/b001/w.test\"," more "],\"cwd\":\"/src/app/w\"")
#define LOGS(work) "\"-test.testlogfile=/tmp/go-build" work "/b001/testlog.txt\",\"-test.paniconexit0\",\"-test.timeout=10m0s\""
#define READS(ts, proc, path) OPEN(ts, proc, proc, "/src/app/w/" path, "")
#define MOD(go) OPEN(11, 100, go, "/src/app/go.mod", "")

/* What go test asks for before it runs what LINKS() makes of that ID with the flags of LOGS(). */
static const char *key_line(char *buf, size_t sz, int ts, int proc, const char *id, const char *err)
{
	uint8_t key[GOCACHE_ID_SZ];
	char hex[2 * GOCACHE_ID_SZ + 1];

	gocache__test_key("go1.22.1", id, "\"-test.timeout=10m0s\"", key);
	for (size_t i = 0; i < sizeof(key); i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	snprintf(buf, sz, "{\"k\":\"open\",\"ts\":%d,\"pid\":%d,\"tid\":%d,\"proc\":%d,\"path\":"
		 "\"/c/xx/%s-a\"%s}", ts, proc, proc, proc, hex, err);
	return buf;
}

#define ID1 "PyGrBMbeABEiM0RVZneI"
#define ID2 "QyGrBMbeABEiM0RVZneI"

static const struct test_reason *reason_of(const struct model *m, enum test_why why)
{
	const struct test_run *last = NULL, *t;

	for (t = model__next_test(m, NULL); t; t = model__next_test(m, t))
		last = t;
	assert_non_null(last);
	for (unsigned int i = 0; i < last->reason_cnt; i++)
		if (last->reasons[i].why == why)
			return &last->reasons[i];
	fail_msg("%u other reasons: %s", last->reason_cnt,
		 last->reason_cnt ? test_why__name(last->reasons[0].why) : "none");
	return NULL;
}

static unsigned int reasons_of_last(const struct model *m)
{
	const struct test_run *last = NULL, *t;

	for (t = model__next_test(m, NULL); t; t = model__next_test(m, t))
		last = t;
	return last->reason_cnt;
}

static void test_not_asked(void **state)
{
	static const char *const count[] = { HEADER, TEST_OF(10, 100, 1), MOD(1),
		RUNS(20, 2, 1, "1", "\"-test.paniconexit0\",\"-test.timeout=10m0s\",\"-test.count=1\"") };
	static const char *const flag[] = { HEADER, TEST_OF(10, 100, 1), MOD(1),
		RUNS(20, 2, 1, "1", "\"-test.paniconexit0\",\"-test.run=X\",\"-test.cpuprofile=c.out\"") };
	static const char *const local[] = { HEADER, GO_TEST(10, 100, 1, ""), GO_IS("go1.22.1"), MOD(1),
		RUNS(20, 2, 1, "1", "\"-test.paniconexit0\",\"-test.timeout=10m0s\"") };
	static const char *const old[] = { HEADER, TEST_OF(10, 100, 1), GO_IS("go1.24.1"), MOD(1),
		RUNS(20, 2, 1, "1", "\"-test.coverprofile=c.out\",\"-test.timeout=10m0s\"") };
	__free_model struct model *c = MODEL_OF(count), *f = MODEL_OF(flag), *l = MODEL_OF(local),
				  *o = MODEL_OF(old);

	assert_int_equal(reason_of(c, TEST_WHY_COUNT)->confidence, PROVEN);
	assert_string_equal(reason_of(f, TEST_WHY_FLAG)->detail, "-test.cpuprofile");
	assert_int_equal(reason_of(l, TEST_WHY_LOCAL)->confidence, PROVEN);
	assert_string_equal(reason_of(o, TEST_WHY_FLAG)->detail, "-test.coverprofile");
	assert_int_equal(reasons_of_last(c), 1);
}

/* Nothing is kept under this binary: it is another one, or the first one that anybody has seen. */
static void test_nothing_kept(void **state)
{
#define IS_BINARY(proc, work, content)								\
	LINE("buildinfo", 50, proc, proc, "\"exe\":\"/tmp/go-build" work "/b001/w.test\",\"go\":\"go1.22.1\","	\
	     "\"path\":\"example.org/app/w.test\",\"build_id\":\"a/b/b/" content "\"")
	static char absent[400], absent2[400], again[400];
#define FIRST_RUN(code) HEADER, TEST_OF(10, 1, 1), GO_IS("go1.22.1"), OPEN(11, 1, 1, "/src/app/go.mod", ""), absent,	\
		LINKS(15, 2, 1, "1", ID1), EXIT(16, 2, 2, 0), RUNS(20, 3, 1, "1", LOGS("1")), EXIT(25, 3, 3, code), EXIT(29, 1, 1, code)
#define SECOND_RUN(id, flags) TEST_OF(30, 4, 4), OPEN(31, 4, 4, "/src/app/go.mod", "")
	const char *const first[] = { FIRST_RUN(0) };
	const char *const other[] = { FIRST_RUN(0), SECOND_RUN(,), absent2, LINKS(35, 5, 4, "2", ID2), EXIT(36, 5, 5, 0),
		RUNS(40, 6, 4, "2", LOGS("2")), EXIT(45, 6, 6, 0) };
	const char *const known[] = { IS_BINARY(3, "1", "c1"), IS_BINARY(6, "2", "c2") };
	const char *const same[] = { IS_BINARY(3, "1", "c1"), IS_BINARY(6, "2", "c1") };
	const char *const failed[] = { FIRST_RUN(1), SECOND_RUN(,), again, LINKS(35, 5, 4, "2", ID1), EXIT(36, 5, 5, 0),
		RUNS(40, 6, 4, "2", LOGS("2")), EXIT(45, 6, 6, 0) };

	key_line(absent, sizeof(absent), 12, 1, ID1, ENOENT_ ",\"flags\":[\"RDONLY\"]");
	key_line(absent2, sizeof(absent2), 32, 4, ID2, ENOENT_ ",\"flags\":[\"RDONLY\"]");
	key_line(again, sizeof(again), 32, 4, ID1, ENOENT_ ",\"flags\":[\"RDONLY\"]");
	__free_model struct model *f = MODEL_OF(first), *o = MODEL_OF(other), *d = MODEL_OF(failed),
				  *k = MODEL_OF_BOTH(other, known), *s = MODEL_OF_BOTH(other, same);

	assert_int_equal(reason_of(f, TEST_WHY_FIRST)->confidence, LIKELY);
	assert_string_equal(model__next_test(f, NULL)->package, "example.org/app/w");
	assert_int_equal(reason_of(o, TEST_WHY_BINARY)->confidence, LIKELY);
	assert_int_equal(reason_of(k, TEST_WHY_BINARY)->confidence, PROVEN);
	/* what was linked anew may come to the same */
	assert_int_equal(reason_of(s, TEST_WHY_FIRST)->confidence, LIKELY);
	assert_int_equal(reasons_of_last(o), 1);
	assert_int_equal(reason_of(d, TEST_WHY_FAILED)->confidence, PROVEN);
}

/* Something is kept, and what it rests on has changed since, also since a run from the cache. */
static void test_input_changed(void **state)
{
	static char found[400], found2[400];
#define KEPT HEADER, TEST_OF(10, 1, 1), GO_IS("go1.22.1"), OPEN(11, 1, 1, "/src/app/go.mod", ""), found,		\
		LOOK(13, 1, 1, "/src/app/w/a", "1000"), LOOKS_UP(14, 1, 1, KEY2), EXIT(19, 1, 1, 0),		\
		RESULT(KEY2, "example.org/app/w")
#define RUNS_AGAIN(mtime) TEST_OF(30, 4, 4), OPEN(31, 4, 4, "/src/app/go.mod", ""), found2,			\
		LOOK(33, 4, 4, "/src/app/w/a", mtime), LINKS(35, 5, 4, "2", ID1), EXIT(36, 5, 5, 0),		\
		RUNS(40, 6, 4, "2", LOGS("2")),									\
		LINE("open", 41, 6, 6, "\"path\":\"/tmp/go-build2/b001/testlog.txt\",\"flags\":[\"RDWR\",\"CREAT\"]"),	\
		READS(42, 6, "a"), EXIT(45, 6, 6, 0)
	const char *const changed[] = { KEPT, RUNS_AGAIN("2000") };
	const char *const young[] = { KEPT, RUNS_AGAIN("99000000000") };
	const char *const variable[] = { KEPT, RUNS_AGAIN("1000") };

	key_line(found, sizeof(found), 12, 1, ID1, ",\"flags\":[\"RDONLY\"]");
	key_line(found2, sizeof(found2), 32, 4, ID1, ",\"flags\":[\"RDONLY\"]");
	__free_model struct model *c = MODEL_OF(changed), *y = MODEL_OF(young), *v = MODEL_OF(variable);

	assert_string_equal(reason_of(c, TEST_WHY_INPUT)->detail, "/src/app/w/a");
	assert_int_equal(reason_of(c, TEST_WHY_INPUT)->confidence, PROVEN);
	assert_int_equal(reason_of(c, TEST_WHY_INPUT)->proof.ts[1], 33);
	assert_int_equal(reason_of(c, TEST_WHY_INPUT)->proof.ts[2], 13);
	assert_int_equal(reasons_of_last(c), 1);
	assert_string_equal(reason_of(y, TEST_WHY_TOO_NEW)->detail, "/src/app/w/a");
	assert_int_equal(reason_of(v, TEST_WHY_VARIABLE)->confidence, LIKELY);
	assert_int_equal(reasons_of_last(v), 1);
	assert_non_null(model__next_cached_test(c, NULL));
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
		cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_nothing_kept),
		cmocka_unit_test(test_input_changed),
		cmocka_unit_test(test_start_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
