/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The build cache in the model: hits, misses, broken entries, and how they get their names. */
#include <errno.h>
#include <stdio.h>

#include "model_of.h"

#include "model/cache/cache.h"
#include "model/process.h"

/* The action that the build ID of COMPILE begins with, and others. */
#define ACTION	"3f21ab04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define HIT	"c0ffee04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define GONE	"d0ffee04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define INDEX	"e0ffee04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define OUT	"9a01ab04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define OUT2	"9b01ab04c6de00112233445566778899aabbccddeeff00112233445566778899"
#define A(id)	"/c/" "xx/" id "-a"
#define D(id)	"/c/" "xx/" id "-d"

#define COMPILE(ts, pid, proc)									\
	"{\"k\":\"exec\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc	\
	",\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\","	\
	"\"-p\",\"fmt\",\"-buildid\",\"PyGrBMbeABEiM0RVZneI/PyGrBMbeABEiM0RVZneI\"],"		\
	"\"env\":{\"TOOLEXEC_IMPORTPATH\":\"fmt [fmt.test]\"}}"
#define STAT(ts, pid, proc, path, more)								\
	"{\"k\":\"stat\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc	\
	",\"path\":\"" path "\"" more "}"
#define PUT(ts, pid, proc, path)								\
	"{\"k\":\"open\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc	\
	",\"path\":\"" path "\",\"flags\":[\"WRONLY\",\"CREAT\"]}"
#define ENTRY(id, out, size, more)								\
	"{\"k\":\"cache\",\"ts\":9,\"pid\":1,\"tid\":1,\"proc\":1,\"action\":\"" id "\",\"output\":\""	\
	out "\",\"size\":" #size more "}"

/* The use of the action that begins with those two digits; it must be there. */
static struct cache_use use_of(const struct model *m, uint64_t proc, uint8_t first)
{
	const struct cache_ref *at = NULL;
	struct cache_use use;

	do {
		at = model__next_use(m, model__process(m, proc), at, &use);
		assert_non_null(at);
	} while (use.action[0] != first);
	return use;
}

static struct cache_sum sum_of(const struct model *m, uint64_t proc)
{
	struct cache_sum sum;

	assert_true(model__cache(m, model__process(m, proc), &sum));
	return sum;
}

static void test_miss(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, A(ACTION), ENOENT_),
		COMPILE(10, 2, 2),
		"{\"k\":\"exit\",\"ts\":510,\"pid\":2,\"tid\":2,\"proc\":2,\"code\":0}",
		PUT(520, 1, 1, A(ACTION)),
		ENTRY(ACTION, OUT, 77, ",\"content\":\"archive\",\"package\":\"other\""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	struct cache_use use = use_of(m, 1, 0x3f);
	struct cache_sum sum = sum_of(m, 1);

	assert_int_equal(use.outcome, CACHE_MISS);
	assert_int_equal(use.kind, CACHE_PACKAGE);
	assert_string_equal(use.package, "fmt [fmt.test]");	/* the compiler knows better than the archive */
	assert_string_equal(use.reason, "absent");
	assert_true(use.confidence == PROVEN && use.put && use.has_output);
	assert_int_equal(use.work_ns, 500);
	assert_int_equal(use.bytes, 77);
	assert_int_equal(use.action_sz, GOCACHE_ID_SZ);
	assert_int_equal(sum.lookups, 1);
	assert_int_equal(sum.named, 1);
	assert_int_equal(sum.spent_ns, 500);
	assert_int_equal(sum.put, 1);
	assert_int_equal(sum.put_bytes, 77);
	assert_int_equal(sum.by_kind[CACHE_PACKAGE][CACHE_MISS], 1);
}

static void test_hit_and_broken(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, A(HIT), ""),
		STAT(3, 1, 1, A(HIT), ",\"size\":175,\"type\":\"file\""),
		STAT(4, 1, 1, D(OUT), ",\"size\":77,\"type\":\"file\""),
		OPEN(5, 1, 1, A(GONE), ""),
		STAT(6, 1, 1, D(OUT2), ENOENT_),
		ENTRY(HIT, OUT, 77, ",\"content\":\"archive\",\"package\":\"errors\""),
		ENTRY(GONE, OUT2, 5, ",\"broken\":\"absent\""),
		/* the same two, asked by another command, when the first one is of another size */
		GO_EXEC(10, 2, 5, ""),
		OPEN(12, 2, 5, A(HIT), ""),
		STAT(14, 2, 5, D(OUT), ",\"size\":70,\"type\":\"file\""),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(use_of(m, 1, 0xc0).outcome, CACHE_HIT);
	assert_string_equal(use_of(m, 1, 0xc0).package, "errors");
	assert_int_equal(use_of(m, 1, 0xd0).outcome, CACHE_BROKEN);
	assert_string_equal(use_of(m, 1, 0xd0).reason, "absent");
	assert_int_equal(use_of(m, 5, 0xc0).outcome, CACHE_BROKEN);
	assert_string_equal(use_of(m, 5, 0xc0).reason, "size");
	assert_int_equal(sum_of(m, 1).hit_bytes, 77);
	assert_int_equal(sum_of(m, 1).by_kind[CACHE_PACKAGE][CACHE_HIT], 1);
	assert_int_equal(sum_of(m, 5).by_kind[CACHE_PACKAGE][CACHE_BROKEN], 1);
}

/* An importcfg names the package of an output; a hit whose compiler ran elsewhere saved its time. */
static void test_importcfg_and_time_saved(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""),
		COMPILE(10, 2, 2),
		"{\"k\":\"exit\",\"ts\":510,\"pid\":2,\"tid\":2,\"proc\":2,\"code\":0}",
		GO_EXEC(1000, 3, 3, ""),
		OPEN(1001, 3, 3, A(ACTION), ""),
		OPEN(1002, 3, 3, A(HIT), ""),
		ENTRY(HIT, OUT, 7, ""),
		"{\"k\":\"file\",\"ts\":1,\"pid\":4,\"tid\":4,\"proc\":4,\"path\":\"/tmp/go-build1/b001/importcfg\","
		"\"text\":\"packagefile net/url=" D(OUT) "\\n\"}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	struct cache_sum sum = sum_of(m, 3);

	assert_string_equal(use_of(m, 3, 0xc0).package, "net/url");
	assert_int_equal(use_of(m, 1, 0x3f).outcome, CACHE_UNSEEN);	/* no look-up in the record */
	assert_int_equal(sum.saved, 1);
	assert_int_equal(sum.saved_ns, 500);
	assert_int_equal(sum.spent_ns, 0);
}

/* A module index belongs to the directory that the same thread listed before, or to none. */
static void test_index(void **state)
{
#define NOFOLLOW ",\"flags\":[\"SYMLINK_NOFOLLOW\"],\"size\":1,\"type\":\"file\""
	static const char *const near[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, "/usr/lib/go/src/net/url", ""),
		STAT(3, 1, 1, "/usr/lib/go/src/net/url/url.go", NOFOLLOW),
		OPEN(4, 1, 1, A(INDEX), ""),
		ENTRY(INDEX, OUT, 7, ",\"content\":\"index\""),
	};
	static const char *const far[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, "/usr/lib/go/src/net/url", ""),
		STAT(3, 1, 1, "/usr/lib/go/src/net/url/url.go", NOFOLLOW),
		OPEN(4, 1, 1, "/usr/lib/go/src/net/url/url.go", ""),
		OPEN(5, 1, 1, A(INDEX), ""),
		ENTRY(INDEX, OUT, 7, ",\"content\":\"index\""),
	};
	__free_model struct model *m = MODEL_OF(near), *n = MODEL_OF(far);
	struct cache_use use = use_of(m, 1, 0xe0);

	assert_int_equal(use.kind, CACHE_INDEX);
	assert_string_equal(use.package, "net/url");
	assert_int_equal(use.confidence, LIKELY);
	assert_null(use_of(n, 1, 0xe0).package);
	assert_int_equal(use_of(n, 1, 0xe0).kind, CACHE_INDEX);
	assert_int_equal(sum_of(n, 1).named, 0);
}

/* What the index itself says of its directory counts more than what the thread did before. */
static void test_index_says_its_directory(void **state)
{
#define LISTED(dir)							\
	OPEN(2, 1, 1, dir, ""),						\
	STAT(3, 1, 1, dir "/a.go", NOFOLLOW)
#define FILE_LINE(path, text)						\
	"{\"k\":\"file\",\"ts\":1,\"pid\":1,\"tid\":1,\"proc\":1,\"path\":\"" path "\",\"text\":\"" text "\"}"
#define NET_URL ENTRY(INDEX, OUT, 7, ",\"content\":\"index\",\"dir\":\"net/url\"")
	/* Go's scheduler has moved the work from one thread to the other in between. */
	static const char *const moved[] = {
		GO_EXEC(1, 1, 1, ""),
		FILE_LINE("/usr/lib/go/src/go.mod", "module std\\n"),
		LISTED("/usr/lib/go/src/net/url"),
		LISTED("/usr/lib/go/src/net/http"),
		OPEN(4, 1, 1, A(INDEX), ""),
		NET_URL,
	};
	static const char *const elsewhere[] = {
		GO_EXEC(1, 1, 1, ""),
		LISTED("/usr/lib/go/src/net/http"),
		OPEN(4, 1, 1, A(INDEX), ""),
		NET_URL,
	};
	static const char *const two[] = {
		GO_EXEC(1, 1, 1, ""),
		FILE_LINE("/w/m/go.mod", "module example.com/m\\n"),
		LISTED("/usr/lib/go/src/net/url"),
		LISTED("/w/m/net/url"),
		OPEN(4, 1, 1, A(INDEX), ""),
		NET_URL,
	};
	static const char *const root[] = {
		GO_EXEC(1, 1, 1, ""),
		FILE_LINE("/w/m/go.mod", "module example.com/m\\n"),
		LISTED("/w/m"),
		OPEN(4, 1, 1, A(INDEX), ""),
		ENTRY(INDEX, OUT, 7, ",\"content\":\"index\",\"dir\":\"\""),
	};
	__free_model struct model *m = MODEL_OF(moved), *e = MODEL_OF(elsewhere), *t = MODEL_OF(two),
				  *r = MODEL_OF(root);

	assert_string_equal(use_of(m, 1, 0xe0).package, "net/url");
	assert_int_equal(use_of(m, 1, 0xe0).confidence, PROVEN);
	assert_null(use_of(e, 1, 0xe0).package);
	assert_null(use_of(t, 1, 0xe0).package);
	assert_int_equal(use_of(t, 1, 0xe0).kind, CACHE_INDEX);
	assert_string_equal(use_of(r, 1, 0xe0).package, "example.com/m");
}

#define MOD_M FILE_LINE("/w/m/go.mod", "module example.com/m\\n")
#define MAIN_A A(HIT)
#define MAIN_B A(GONE)
#define OTHER A(ACTION)
#define IS_MAIN(id, out) ENTRY(id, out, 7, ",\"content\":\"archive\",\"package\":\"main\"")
#define IS_SYNC ENTRY(ACTION, OUT2, 7, ",\"content\":\"archive\",\"package\":\"sync\"")

static void assert_package(const struct model *m, uint8_t first, const char *package, bool is_proven)
{
	struct cache_use use = use_of(m, 1, first);

	assert_string_equal(use.package, package);
	assert_int_equal(use.kind, CACHE_PACKAGE);
	assert_int_equal(use.confidence == PROVEN, is_proven);
}

/* The entry of a program says "main": which one it is, the linker is told, whatever threads did. */
static void test_program_by_importcfg(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/b/main.go", ""),
		OPEN(3, 1, 1, MAIN_A, ""),
		IS_MAIN(HIT, OUT),
		FILE_LINE("/tmp/go-build1/b001/importcfg.link", "packagefile example.com/m/a=" D(OUT) "\\n"),
	};
	/* Before Go 1.16 the compiler is not told more than "main", either. */
	static const char *const made[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/b/main.go", ""),
		OPEN(3, 1, 1, A(ACTION), ENOENT_),
		"{\"k\":\"exec\",\"ts\":4,\"pid\":2,\"tid\":2,\"proc\":2,\"parent\":1,"
		"\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\",\"-o\","
		"\"/tmp/go-build1/b001/_pkg_.a\",\"-p\",\"main\",\"-buildid\",\"PyGrBMbeABEiM0RVZneI/x\"]}",
		FILE_LINE("/tmp/go-build1/b001/importcfg.link",
			  "packagefile example.com/m/a=/tmp/go-build1/b001/_pkg_.a\\n"),
	};
	__free_model struct model *m = MODEL_OF(lines), *n = MODEL_OF(made);

	assert_package(m, 0xc0, "example.com/m/a", true);
	assert_package(n, 0x3f, "example.com/m/a", true);
}

/*
 * Before Go 1.16 a compiler is told the same of a package and of what is made of it for a test: with
 * tests among its files it is the latter, without it may be, where tests are built.
 */
static void test_variants_by_files(void **state)
{
#define VERB(verb) LINE("exec", 1, 1, 1, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"" verb "\"]")
#define MAKES(files)										\
		MOD_M, OPEN(2, 1, 1, "/w/m/a/a_test.go", ""), OPEN(3, 1, 1, A(ACTION), ENOENT_),	\
		"{\"k\":\"exec\",\"ts\":4,\"pid\":2,\"tid\":2,\"proc\":2,\"parent\":1,"	\
		"\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\",\"-o\","	\
		"\"/tmp/go-build1/b002/_pkg_.a\",\"-p\",\"example.com/m/a\",\"-buildid\","		\
		"\"PyGrBMbeABEiM0RVZneI/x\"," files "]}",						\
		FILE_LINE("/tmp/go-build1/b001/importcfg.link",					\
			  "packagefile example.com/m/a=/tmp/go-build1/b002/_pkg_.a\\n")
	static const char *const build[] = { VERB("build"), MAKES("\"./a.go\"") };
	static const char *const test[] = { VERB("test"), MAKES("\"./a.go\"") };
	static const char *const variant[] = { VERB("test"), MAKES("\"./a.go\",\"./a_test.go\"") };
	__free_model struct model *m = MODEL_OF(build), *n = MODEL_OF(test), *v = MODEL_OF(variant);

	assert_package(m, 0x3f, "example.com/m/a", true);
	assert_package(n, 0x3f, "example.com/m/a", false);
	assert_package(v, 0x3f, "example.com/m/a [example.com/m/a.test]", false);
}

/* Without that, by the sources that the thread had read, as long as no thread can be mixed up. */
static void test_program_by_sources(void **state)
{
	static const char *const plain[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/a/main.go", ""), OPEN(3, 1, 1, MAIN_A, ""),
		OPEN(4, 1, 1, "/w/m/b/main.go", ""), OPEN(5, 1, 1, MAIN_B, ""),
		IS_MAIN(HIT, OUT), IS_MAIN(GONE, OUT2),
	};
	/* The work goes from thread 1 to 2, which had read another package's sources. */
	static const char *const moved[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/a/main.go", ""),
		OPEN(3, 2, 1, "/usr/lib/go/src/sync/cond.go", ""),
		OPEN(4, 2, 1, MAIN_A, ""), OPEN(5, 1, 1, OTHER, ""),
		IS_MAIN(HIT, OUT), IS_SYNC,
	};
	/* Two programs at a time: who went on with which one? */
	static const char *const mixed[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/a/main.go", ""), OPEN(3, 2, 1, "/w/m/b/main.go", ""),
		OPEN(4, 1, 1, MAIN_B, ""), OPEN(5, 2, 1, MAIN_A, ""),
		IS_MAIN(HIT, OUT), IS_MAIN(GONE, OUT2),
	};
	/* The thread that read a's sources looks up sync: a is looked up by another one. */
	static const char *const left[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/a/main.go", ""), OPEN(3, 1, 1, OTHER, ""),
		OPEN(4, 2, 1, "/w/m/b/main.go", ""), OPEN(5, 2, 1, MAIN_B, ""), OPEN(6, 1, 1, MAIN_A, ""),
		IS_MAIN(HIT, OUT), IS_MAIN(GONE, OUT2), IS_SYNC,
	};
	/* Both entries behind the same sources: one of them is another one's. */
	static const char *const twins[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/a/main.go", ""), OPEN(3, 1, 1, MAIN_B, ""),
		OPEN(4, 1, 1, "/w/m/a/main.go", ""), OPEN(5, 1, 1, MAIN_A, ""),
		IS_MAIN(HIT, OUT), IS_MAIN(GONE, OUT2),
	};
	__free_model struct model *p = MODEL_OF(plain), *o = MODEL_OF(moved), *x = MODEL_OF(mixed),
				  *l = MODEL_OF(left), *t = MODEL_OF(twins);

	assert_package(p, 0xc0, "example.com/m/a", false);
	assert_package(p, 0xd0, "example.com/m/b", false);
	assert_package(o, 0xc0, "main", false);	/* one directory that is left over is no proof */
	assert_package(o, 0x3f, "sync", true);
	assert_package(x, 0xc0, "main", false);
	assert_package(x, 0xd0, "main", false);
	assert_package(l, 0xc0, "main", false);
	assert_package(l, 0xd0, "example.com/m/b", false);
	assert_package(t, 0xc0, "main", false);
	assert_package(t, 0xd0, "main", false);
}

/* A guess is dropped when the record, grown, knows better; in older ones, of two threads' listing. */
static void test_guess_is_given_up(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""), MOD_M,
		OPEN(2, 1, 1, "/w/m/a/main.go", ""), OPEN(3, 1, 1, MAIN_A, ""), IS_MAIN(HIT, OUT),
	};
	static const char *const more[] = { OPEN(4, 1, 1, "/w/m/a/main.go", ""), OPEN(5, 1, 1, MAIN_B, ""),
		IS_MAIN(GONE, OUT2) };
	static const char *const listed[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, "/usr/lib/go/src/net/url", ""),
		STAT(3, 1, 1, "/usr/lib/go/src/net/url/url.go", NOFOLLOW),
		OPEN(4, 2, 1, "/usr/lib/go/src/net/http", ""),
		STAT(5, 2, 1, "/usr/lib/go/src/net/http/http.go", NOFOLLOW),
		OPEN(6, 1, 1, A(INDEX), ""),
		ENTRY(INDEX, OUT, 7, ",\"content\":\"index\""),
	};
	__free_model struct model *m = MODEL_OF(lines), *n = MODEL_OF(listed);
	__free_model struct model *both = MODEL_OF_BOTH(lines, more);

	assert_package(m, 0xc0, "example.com/m/a", false);
	assert_package(both, 0xc0, "main", false);
	assert_int_equal(use_of(n, 1, 0xe0).kind, CACHE_INDEX);
	assert_null(use_of(n, 1, 0xe0).package);
}

#define VET(ts, proc, dir, package)								\
	"{\"k\":\"exec\",\"ts\":" #ts ",\"pid\":" #proc ",\"tid\":" #proc ",\"proc\":" #proc	\
	",\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/vet\",\"args\":[\"vet\",\""	\
	"/tmp/go-build1/" dir "/vet.cfg\"],\"env\":{\"TOOLEXEC_IMPORTPATH\":\"" package "\"}}"
#define VET_OUT(ts, tid, dir) OPEN(ts, tid, 1, "/tmp/go-build1/" dir "/vet.out", "")
#define PUT_BY(ts, tid, path)									\
	"{\"k\":\"open\",\"ts\":" #ts ",\"pid\":1,\"tid\":" #tid ",\"proc\":1,\"path\":\"" path		\
	"\",\"flags\":[\"WRONLY\",\"CREAT\"]}"

/* vet is told its package, and not what it was looked up by: its result is put there, at once. */
static void test_vet(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, A(HIT), ENOENT_), VET(4, 4, "b001", "net/url"), OPEN(5, 2, 1, A(GONE), ENOENT_),
		VET(6, 5, "b002", "os"), VET_OUT(7, 1, "b001"), PUT_BY(8, 1, A(HIT)),
		/* it is read again, to compute the key of another one */
		VET_OUT(9, 1, "b001"), OPEN(10, 1, 1, A(INDEX), ENOENT_), VET(11, 6, "b003", "io"),
		/* two at a time */
		VET_OUT(14, 2, "b002"), VET_OUT(15, 1, "b003"), PUT_BY(16, 1, A(INDEX)), PUT_BY(17, 2, A(GONE)),
		/* one that finds something: nothing is put */
		OPEN(22, 1, 1, A(OUT), ENOENT_), VET(24, 7, "b004", "fmt"), LINE("exit", 25, 7, 7, "\"code\":1"),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(use_of(m, 1, 0xc0).kind, CACHE_VET);
	assert_string_equal(use_of(m, 1, 0xc0).package, "net/url");
	assert_int_equal(use_of(m, 1, 0xc0).confidence, PROVEN);
	assert_int_equal(use_of(m, 1, 0xc0).tool, 4);
	assert_string_equal(use_of(m, 1, 0xd0).package, "os");
	assert_int_equal(use_of(m, 1, 0xd0).confidence, LIKELY);
	assert_string_equal(use_of(m, 1, 0xe0).package, "io");
	assert_null(use_of(m, 1, 0x9a).package);
	/* that of the last one is known, but not what it was looked up by */
	assert_int_equal(use_of(m, 1, 0).tool, 7);
	assert_string_equal(use_of(m, 1, 0).package, "fmt");
}

/* The key of a compiler's output is computed from the package's action. */
static void test_subkey(void **state)
{
	uint8_t id[GOCACHE_ID_SZ], sub[GOCACHE_ID_SZ];
	char line[512], hex[2 * GOCACHE_ID_SZ + 1];
	const char *lines[] = { GO_EXEC(1, 1, 1, ""), OPEN(2, 1, 1, A(HIT), ""), line,
		ENTRY(HIT, OUT, 7, ",\"content\":\"archive\",\"package\":\"errors\"") };
	struct cache_use use;

	assert_true(gocache__bytes(HIT, sizeof(id), id));
	gocache__subkey(id, "stdout", sub);
	for (size_t i = 0; i < sizeof(sub); i++)
		snprintf(hex + 2 * i, 3, "%02x", sub[i]);
	snprintf(line, sizeof(line), "{\"k\":\"open\",\"ts\":3,\"pid\":1,\"tid\":9,\"proc\":1,\"path\":"
		 "\"/c/xx/%s-a\",\"flags\":[\"RDONLY\"]}", hex);
	__free_model struct model *m = MODEL_OF(lines);

	use = use_of(m, 1, sub[0]);
	assert_int_equal(use.kind, CACHE_STDOUT);
	assert_string_equal(use.package, "errors");
	assert_int_equal(use.confidence, PROVEN);
}

static void test_trim_refresh_and_program(void **state)
{
	static const char *const lines[] = {
		"{\"k\":\"exec\",\"ts\":1,\"pid\":1,\"tid\":1,\"proc\":1,\"exe\":\"/usr/lib/go/bin/go\","
		"\"args\":[\"go\",\"build\"],\"env\":{\"GOCACHEPROG\":\"/bin/prog\"}}",
		OPEN(2, 1, 1, A(HIT), ""),
		"{\"k\":\"utimes\",\"ts\":3,\"pid\":1,\"tid\":1,\"proc\":1,\"path\":\"" A(HIT) "\"}",
		"{\"k\":\"unlink\",\"ts\":4,\"pid\":1,\"tid\":1,\"proc\":1,\"path\":\"" A(GONE) "\"}",
		"{\"k\":\"unlink\",\"ts\":5,\"pid\":1,\"tid\":1,\"proc\":1,\"path\":\"" D(OUT) "\"}",
		"{\"k\":\"unlink\",\"ts\":6,\"pid\":1,\"tid\":1,\"proc\":1,\"path\":\"" D(OUT2) "\",\"err\":\"EROFS\"}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	struct cache_sum sum = sum_of(m, 1);

	assert_int_equal(sum.trimmed, 2);
	assert_int_equal(sum.refreshed, 1);
	assert_int_equal(sum.put, 0);
	assert_true(sum.cacheprog);
}

/* Nothing that a record says may lead astray: bad digits, entries that no process owns. */
static void test_hostile(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""),
		ENTRY("zz", "zz", 7, ",\"content\":\"archive\",\"package\":\"x\""),
		OPEN(2, 1, 1, "-a", ""),
		OPEN(2, 1, 1, "", ""),
		STAT(3, 1, 1, "a", ",\"flags\":[\"SYMLINK_NOFOLLOW\"]"),
		STAT(3, 7, 0, D(OUT), ""),
		"{\"k\":\"file\",\"ts\":1,\"pid\":4,\"tid\":4,\"path\":\"/importcfg\",\"text\":\"packagefile a=b-d\"}",
		"{\"k\":\"file\",\"ts\":1,\"pid\":4,\"tid\":4,\"path\":\"/go.mod\",\"text\":\"module\"}",
		"{\"k\":\"cache\",\"ts\":1}",
	};
	__free_model struct model *m = MODEL_OF(lines);
	struct cache_sum sum;

	assert_false(model__cache(m, model__process(m, 1), &sum));
}

/* --- what came of it --- */

#define TOOL(ts, proc, name, more)								\
	LINE("exec", ts, proc, proc, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/" name	\
	     "\",\"args\":[\"" name "\"," more "],\"env\":{\"TOOLEXEC_IMPORTPATH\":\"fmt\"}")
#define DONE(ts, proc) LINE("exit", ts, proc, proc, "\"code\":0")
#define BUILD_ID "\"-buildid\",\"PyGrBMbeABEiM0RVZneI/PyGrBMbeABEiM0RVZneI\""
#define COMPILES TOOL(10, 2, "compile", "\"-p\",\"fmt\"," BUILD_ID), DONE(510, 2)
#define GO(more_args, more_env)									\
	LINE("exec", 1, 1, 1, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"build\"" more_args	\
	     "],\"env\":{\"HOME\":\"/home/u\"" more_env "},\"cwd\":\"/w/m\"")

static struct cache_use made(const char *const *lines, size_t n)
{
	__free_model struct model *m = model_of(lines, n, NULL, 0);
	struct cache_use use = use_of(m, 1, 0x3f);

	/* strings are the model's */
	use.package = NULL;
	use.reason = use.reason ? strdup(use.reason) : NULL;
	return use;
}

static void assert_made(const char *const *lines, size_t n, enum cache_outcome outcome,
			const char *reason)
{
	struct cache_use use = made(lines, n);

	assert_int_equal(use.outcome, outcome);
	assert_int_equal(use.work_ns, 500);
	if (reason)
		assert_string_equal(use.reason, reason);
	else
		assert_null(use.reason);
	free((char *)use.reason);
}
#define ASSERT_MADE(lines, outcome, reason) assert_made(lines, ARRAY_SIZE(lines), outcome, reason)

/* What was compiled is no hit; only -a builds without asking. */
static void test_made_is_no_hit(void **state)
{
#define VERIFY ",\"GODEBUG\":\"http2debug=1,gocacheverify=1\""
	static const char *const missed[] = { GO("", ""), OPEN(2, 1, 1, A(ACTION), ENOENT_), COMPILES };
	static const char *const verify[] = { GO("", VERIFY), OPEN(2, 1, 1, A(ACTION), ""), COMPILES };
	static const char *const late[] = { GO("", VERIFY), COMPILES, OPEN(600, 1, 1, A(ACTION), "") };
	static const char *const opened[] = { GO("", ""), OPEN(2, 1, 1, A(ACTION), ""), COMPILES };
	static const char *const malformed[] = {
		GO("", ""), OPEN(2, 1, 1, A(ACTION), ""), COMPILES,
		"{\"k\":\"cache\",\"ts\":3,\"action\":\"" ACTION "\",\"broken\":\"malformed\"}",
	};
	static const char *const all[] = { GO(",\"-a\"", ""), COMPILES };
	static const char *const flags[] = { GO("", ",\"GOFLAGS\":\"-a\""), COMPILES };
	static const char *const program[] = { GO("", ",\"GOCACHEPROG\":\"[redacted]\""), COMPILES };
	static const char *const unseen[] = { GO("", ""), COMPILES };

	ASSERT_MADE(missed, CACHE_MISS, "absent");
	ASSERT_MADE(verify, CACHE_MISS, "gocacheverify");
	ASSERT_MADE(late, CACHE_MISS, "gocacheverify");
	ASSERT_MADE(opened, CACHE_BROKEN, "unusable");
	ASSERT_MADE(malformed, CACHE_BROKEN, "malformed");
	ASSERT_MADE(all, CACHE_BUILT, NULL);
	ASSERT_MADE(flags, CACHE_BUILT, NULL);
	ASSERT_MADE(program, CACHE_ASKED, NULL);
	ASSERT_MADE(unseen, CACHE_UNSEEN, NULL);
}

/* A size beside a number of packages is theirs alone. */
static void test_sizes(void **state)
{
	static const char *const lines[] = {
		GO("", ""), OPEN(2, 1, 1, A(HIT), ""), OPEN(3, 1, 1, A(INDEX), ""), OPEN(4, 1, 1, A(GONE), ""),
		ENTRY(HIT, OUT, 77, ",\"content\":\"archive\",\"package\":\"errors\""),
		ENTRY(INDEX, OUT2, 1000, ",\"content\":\"index\",\"dir\":\"x\""),
	};
	static const char *const more[] = {
		FILE_LINE("/tmp/go-build1/b001/importcfg", "packagefile net/url=" D(GONE) "\\n"),
		ENTRY(GONE, GONE, 0, ""),
	};
	__free_model struct model *m = MODEL_OF(lines), *n = MODEL_OF_BOTH(lines, more);

	assert_int_equal(sum_of(m, 1).hit_bytes, 77);
	assert_int_equal(sum_of(m, 1).unsized, 0);
	assert_int_equal(sum_of(n, 1).by_kind[CACHE_PACKAGE][CACHE_HIT], 2);
	assert_int_equal(sum_of(n, 1).hit_bytes, 77);
	assert_int_equal(sum_of(n, 1).unsized, 1);
}

/* Every tool that go runs for a package counts, what these start and probes do not. */
static void test_all_tools_count(void **state)
{
	static const char *const lines[] = {
		GO("", ""), OPEN(2, 1, 1, A(ACTION), ENOENT_),
		TOOL(3, 7, "compile", "\"-V=full\""), DONE(9, 7),
		TOOL(10, 2, "cgo", "\"-importpath\",\"fmt\""),
		LINE("exec", 11, 3, 3, "\"parent\":2,\"exe\":\"/usr/bin/gcc\",\"args\":[\"gcc\",\"-E\"],"
		     "\"env\":{\"TOOLEXEC_IMPORTPATH\":\"fmt\"}"), DONE(90, 3), DONE(110, 2),
		/* two at a time: 120 to 220 and 170 to 270 */
		LINE("exec", 120, 4, 4, "\"parent\":1,\"exe\":\"/usr/bin/gcc\",\"args\":[\"gcc\",\"-c\"],"
		     "\"env\":{\"TOOLEXEC_IMPORTPATH\":\"fmt\"}"),
		LINE("exec", 170, 5, 5, "\"parent\":1,\"exe\":\"/usr/bin/gcc\",\"args\":[\"gcc\",\"-c\"],"
		     "\"env\":{\"TOOLEXEC_IMPORTPATH\":\"fmt\"}"),
		DONE(220, 4), DONE(270, 5),
		TOOL(300, 6, "compile", "\"-p\",\"fmt\"," BUILD_ID), DONE(400, 6),
	};
	__free_model struct model *m = MODEL_OF(lines);
	struct cache_use use = use_of(m, 1, 0x3f);

	assert_int_equal(use.tools, 4);
	assert_int_equal(use.work_ns, 400);
	assert_int_equal(use.wall_ns, 350);
	assert_int_equal(sum_of(m, 1).spent_ns, 400);
	assert_int_equal(sum_of(m, 1).spent_wall_ns, 350);
	assert_int_equal(use.tool, 6);
}

/* Before 1.16 there is no such variable: a package's tools work in the same folder. */
static void test_tools_by_folder(void **state)
{
	static const char *const lines[] = {
		GO("", ""), OPEN(2, 1, 1, A(ACTION), ENOENT_),
		LINE("exec", 10, 2, 2, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/asm\","
		     "\"args\":[\"asm\",\"-o\",\"/tmp/go-build1/b002/x.o\"]"), DONE(110, 2),
		LINE("exec", 110, 3, 3, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/asm\","
		     "\"args\":[\"asm\",\"-o\",\"/tmp/go-build1/b003/x.o\"]"), DONE(210, 3),
		LINE("exec", 300, 4, 4, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\","
		     "\"args\":[\"compile\",\"-o\",\"/tmp/go-build1/b002/_pkg_.a\",\"-p\",\"fmt\"," BUILD_ID "]"),
		DONE(400, 4),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(use_of(m, 1, 0x3f).work_ns, 200);
}

/* "p" and "p [p.test]" are two packages; of an entry that a test found, it may be the other one. */
static void test_variants(void **state)
{
#define ERRORS ENTRY(HIT, OUT, 7, ",\"content\":\"archive\",\"package\":\"example.com/m\"")
#define TESTS LINE("exec", 1, 1, 1, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"test\",\".\"]")
	static const char *const build[] = { GO("", ""), OPEN(2, 1, 1, A(HIT), ""), ERRORS };
	static const char *const test[] = { TESTS, OPEN(2, 1, 1, A(HIT), ""), ERRORS };
	static const char *const own[] = {
		TESTS, MOD_M, OPEN(2, 1, 1, "/w/m/a.go", ""), OPEN(3, 1, 1, "/w/m/a_test.go", ""),
		OPEN(4, 1, 1, A(HIT), ""), ERRORS,
	};
	static const char *const std[] = {
		TESTS, OPEN(2, 1, 1, A(HIT), ""),
		ENTRY(HIT, OUT, 7, ",\"content\":\"archive\",\"package\":\"errors\""),
	};
	__free_model struct model *b = MODEL_OF(build), *t = MODEL_OF(test), *o = MODEL_OF(own),
				  *s = MODEL_OF(std);

	assert_package(b, 0xc0, "example.com/m", true);
	assert_package(t, 0xc0, "example.com/m", false);
	assert_package(o, 0xc0, "example.com/m [example.com/m.test]", false);
	assert_package(s, 0xc0, "errors", true);
}

/* --- without the cache --- */

static struct cache_use use_of_package(const struct model *m, const char *package)
{
	const struct cache_ref *at = NULL;
	struct cache_use use;

	while ((at = model__next_use(m, model__process(m, 1), at, &use)))
		if (str_eq(use.package ?: "", package))
			return use;
	fail_msg("no use of %s", package);
	return use;
}

static void test_precompiled(void **state)
{
#define ARCHIVES "/usr/lib/go/pkg/linux_amd64/"
	static const char *const lines[] = {
		GO("", ""), OPEN(2, 1, 1, ARCHIVES "internal/cpu.a", ""), OPEN(3, 1, 1, ARCHIVES "fmt.a", ""),
		OPEN(4, 1, 1, ARCHIVES "os.a", ""), OPEN(5, 1, 1, ARCHIVES "net.a", ENOENT_),
		OPEN(6, 1, 1, "/srv/pkg/linux_amd64/x.a", ""), OPEN(7, 1, 1, A(ACTION), ENOENT_), COMPILES,
		"{\"k\":\"file\",\"ts\":11,\"pid\":2,\"tid\":2,\"proc\":2,\"path\":\"/tmp/go-build1/b001/importcfg\","
		"\"text\":\"packagefile os=" ARCHIVES "os.a\\n\"}",
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(sum_of(m, 1).by_kind[CACHE_PACKAGE][CACHE_GOROOT], 2);
	assert_int_equal(use_of_package(m, "internal/cpu").outcome, CACHE_GOROOT);
	assert_int_equal(use_of_package(m, "internal/cpu").confidence, LIKELY);
	assert_int_equal(use_of_package(m, "os").confidence, PROVEN);
	/* it was compiled: the archive was not good enough */
	assert_int_equal(use_of_package(m, "fmt").outcome, CACHE_MISS);
	assert_int_equal(use_of_package(m, "os").action_sz, 0);
}

static void test_up_to_date(void **state)
{
#define READS_MAIN MOD_M, OPEN(2, 1, 1, "/w/m/main.go", "")
#define ENDS LINE("exit", 900, 1, 1, "\"code\":0")
	static const char *const named[] = { GO(",\"-o\",\"../bin/x\",\".\"", ""), READS_MAIN,
		OPEN(3, 1, 1, "/w/bin/x", ""), ENDS };
	static const char *const folder[] = { GO(",\"-o=../bin/\",\"./...\"", ""), READS_MAIN,
		OPEN(3, 1, 1, "/w/bin/m", ""), ENDS };
	static const char *const plain[] = { GO("", ""), READS_MAIN, OPEN(3, 1, 1, "/w/m/m", ""), ENDS };
	static const char *const linked[] = { GO("", ""), READS_MAIN, OPEN(3, 1, 1, "/w/m/m", ""),
		PUT(4, 1, 1, "/w/m/m"), ENDS };
	static const char *const other[] = { GO("", ""), READS_MAIN, OPEN(3, 1, 1, "/w/m/n", ""), ENDS };
	static const char *const failed[] = { GO("", ""), READS_MAIN, OPEN(3, 1, 1, "/w/m/m", ""),
		LINE("exit", 900, 1, 1, "\"code\":1") };
	static const char *const said[] = { GO(",\"-n\"", ""), READS_MAIN, OPEN(3, 1, 1, "/w/m/m", ""), ENDS };
	static const struct {
		const char *const *lines;
		size_t cnt;
		const char *file;
	} cases[] = {
		{ named,  ARRAY_SIZE(named),  "/w/bin/x" },	{ folder, ARRAY_SIZE(folder), "/w/bin/m" },
		{ plain,  ARRAY_SIZE(plain),  "/w/m/m" },	{ linked, ARRAY_SIZE(linked), NULL },
		{ other,  ARRAY_SIZE(other),  NULL },		{ failed, ARRAY_SIZE(failed), NULL },
		{ said,	  ARRAY_SIZE(said),   NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_model struct model *m = model_of(cases[i].lines, cases[i].cnt, NULL, 0);
		const struct cache_ref *at = NULL;
		struct cache_use use;

		at = model__next_use(m, model__process(m, 1), at, &use);
		assert_int_equal(at != NULL, cases[i].file != NULL);
		if (!at)
			continue;
		assert_int_equal(use.outcome, CACHE_UP_TO_DATE);
		assert_string_equal(use.package, "example.com/m");
		assert_string_equal(use.file, cases[i].file);
	}
}

/* --- what stands in the way --- */

#define STAMP(ts, path) LINE("utimes", ts, 1, 1, "\"path\":\"" path "\"")

static void test_unwritten(void **state)
{
#define REFUSED(err) ",\"flags\":[\"RDWR\",\"CREAT\"],\"err\":\"" err "\"}"
#define PUT_FAILS(ts, path, err)								\
	"{\"k\":\"open\",\"ts\":" #ts ",\"pid\":1,\"tid\":1,\"proc\":1,\"path\":\"" path "\"" REFUSED(err)
	static const char *const refused[] = { GO("", ""), COMPILES, PUT_FAILS(600, D(OUT), "EACCES"),
		PUT_FAILS(601, D(OUT2), "ENOSPC"), ENDS };
	static const char *const full[] = { GO("", ""), COMPILES, PUT(600, 1, 1, D(OUT)), ENDS };
	static const char *const half[] = { GO("", ""), COMPILES, PUT(600, 1, 1, D(OUT)), STAMP(601, D(OUT)),
		PUT(602, 1, 1, A(ACTION)), LINE("unlink", 603, 1, 1, "\"path\":\"" A(ACTION) "\""), ENDS };
	static const char *const fine[] = { GO("", ""), COMPILES, PUT(600, 1, 1, D(OUT)), STAMP(601, D(OUT)),
		PUT(602, 1, 1, A(ACTION)), STAMP(603, A(ACTION)), ENDS };
	static const char *const killed[] = { GO("", ""), COMPILES, PUT(600, 1, 1, D(OUT)),
		LINE("exit", 900, 1, 1, "\"signal\":9") };
	__free_model struct model *r = MODEL_OF(refused), *f = MODEL_OF(full), *h = MODEL_OF(half),
				  *o = MODEL_OF(fine), *k = MODEL_OF(killed);

	assert_int_equal(sum_of(r, 1).unwritten.cnt, 2);
	assert_string_equal(sum_of(r, 1).unwritten.err, "EACCES");
	assert_int_equal(sum_of(r, 1).unwritten.proof.ts[0], 600);
	assert_int_equal(sum_of(f, 1).unwritten.cnt, 1);
	assert_null(sum_of(f, 1).unwritten.err);
	assert_int_equal(sum_of(h, 1).unwritten.cnt, 1);
	assert_int_equal(sum_of(h, 1).trimmed, 0);
	assert_int_equal(sum_of(h, 1).put, 0);
	assert_int_equal(sum_of(o, 1).unwritten.cnt, 0);
	assert_int_equal(sum_of(o, 1).put, 1);
	assert_int_equal(sum_of(k, 1).unwritten.cnt, 0);
}

static void test_removed_in_use(void **state)
{
#define CLEANS LINE("exec", 5, 8, 8, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"clean\",\"-cache\"]")
#define REMOVES(ts, path) LINE("unlink", ts, 8, 8, "\"path\":\"" path "\"")
#define IN_VAIN TOOL(20, 2, "compile", "\"-p\",\"fmt\"," BUILD_ID), OPEN(21, 2, 2, D(OUT), ENOENT_),	\
		LINE("exit", 22, 2, 2, "\"code\":1")
	static const char *const used[] = { GO("", ""), OPEN(2, 1, 1, A(HIT), ""), OPEN(3, 1, 1, A(GONE), ENOENT_),
		CLEANS, REMOVES(6, A(HIT)), REMOVES(7, A(GONE)), REMOVES(8, D(OUT)), IN_VAIN,
		ENTRY(HIT, OUT, 7, ",\"content\":\"archive\",\"package\":\"errors\""), ENDS };
	static const char *const before[] = { CLEANS, REMOVES(6, A(HIT)), LINE("exit", 9, 8, 8, "\"code\":0"),
		GO("", ""), OPEN(12, 1, 1, A(HIT), ""), ENDS };
	static const char *const own[] = { GO("", ""), OPEN(2, 1, 1, A(HIT), ""),
		LINE("unlink", 3, 1, 1, "\"path\":\"" A(HIT) "\""), ENDS };
	static const char *const alone[] = { GO("", ""), IN_VAIN, ENDS };
	__free_model struct model *u = MODEL_OF(used), *b = MODEL_OF(before), *o = MODEL_OF(own),
				  *a = MODEL_OF(alone);
	const struct cache_removal *r = model__next_removal(u, model__process(u, 1), NULL);

	assert_non_null(r);
	assert_int_equal(r->by, 8);
	assert_int_equal(r->entries, 1);
	assert_int_equal(r->tools, 1);
	assert_int_equal(r->failed, 1);
	assert_null(model__next_removal(u, model__process(u, 1), r));
	assert_int_equal(use_of(u, 1, 0xc0).removed_by, 8);
	assert_int_equal(use_of(u, 1, 0xd0).removed_by, 0);
	assert_null(model__next_removal(b, model__process(b, 1), NULL));
	assert_null(model__next_removal(o, model__process(o, 1), NULL));
	r = model__next_removal(a, model__process(a, 1), NULL);
	assert_non_null(r);
	assert_int_equal(r->by, 0);
	assert_int_equal(r->tools, 1);
}

/* Two commands side by side make the same package; one after the other is no waste of both. */
static void test_made_twice(void **state)
{
#define SECOND(ts) LINE("exec", ts, 11, 11, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"vet\"]")
#define COMPILES_TOO(ts) LINE("exec", ts, 12, 12, "\"parent\":11,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\","	\
		"\"args\":[\"compile\",\"-p\",\"fmt\"," BUILD_ID "],\"env\":{\"TOOLEXEC_IMPORTPATH\":\"fmt\"}")
	static const char *const both[] = { GO("", ""), SECOND(5), COMPILES_TOO(8), COMPILES,
		DONE(600, 12), DONE(700, 11), ENDS };
	static const char *const after[] = { GO("", ""), COMPILES, ENDS, SECOND(1000), COMPILES_TOO(1008),
		DONE(1600, 12), DONE(1700, 11) };
	__free_model struct model *b = MODEL_OF(both), *a = MODEL_OF(after);

	assert_int_equal(use_of(b, 1, 0x3f).also, 11);
	assert_int_equal(use_of(b, 11, 0x3f).also, 1);
	assert_int_equal(sum_of(b, 1).also, 1);
	assert_int_equal(sum_of(b, 1).also_ns, 500);
	assert_int_equal(use_of(a, 1, 0x3f).also, 0);
	assert_int_equal(sum_of(a, 11).also, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_miss),
		cmocka_unit_test(test_hit_and_broken),
		cmocka_unit_test(test_importcfg_and_time_saved),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_index_says_its_directory),
		cmocka_unit_test(test_program_by_importcfg),
		cmocka_unit_test(test_variants_by_files),
		cmocka_unit_test(test_program_by_sources),
		cmocka_unit_test(test_guess_is_given_up),
		cmocka_unit_test(test_vet),
		cmocka_unit_test(test_subkey),
		cmocka_unit_test(test_trim_refresh_and_program),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_made_is_no_hit),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_all_tools_count),
		cmocka_unit_test(test_tools_by_folder),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_precompiled),
		cmocka_unit_test(test_up_to_date),
		cmocka_unit_test(test_unwritten),
		cmocka_unit_test(test_removed_in_use),
		cmocka_unit_test(test_made_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
