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
		assert_int_equal(model__next_use(m, model__process(m, proc), &at, &use), 0);
		assert_non_null(at);
	} while (use.action[0] != first);
	return use;
}

static struct cache_sum sum_of(const struct model *m, uint64_t proc)
{
	struct cache_sum sum;

	assert_int_equal(model__cache(m, model__process(m, proc), &sum), 0);
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
	assert_string_equal(use.package, "fmt");	/* the compiler knows better than the archive */
	assert_string_equal(use.reason, "absent");
	assert_true(use.proven && use.put && use.has_output);
	assert_int_equal(use.work_ns, 500);
	assert_int_equal(use.bytes, 77);
	assert_int_equal(use.action_sz, GOCACHE_ID_SZ);
	assert_int_equal(sum.lookups, 1);
	assert_int_equal(sum.named, 1);
	assert_int_equal(sum.lost_ns, 500);
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

/* An importcfg names the package of an output; a hit whose compiler ran elsewhere won its time. */
static void test_importcfg_and_time_won(void **state)
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
	assert_int_equal(use_of(m, 1, 0x3f).outcome, CACHE_BUILT);	/* never asked for */
	assert_int_equal(sum.won, 1);
	assert_int_equal(sum.won_ns, 500);
	assert_int_equal(sum.lost_ns, 0);
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
	assert_false(use.proven);
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
	assert_true(use_of(m, 1, 0xe0).proven);
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
	assert_int_equal(use.proven, is_proven);
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
	assert_package(o, 0xc0, "example.com/m/a", false);
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
#define VET_CFG(ts, tid, dir) PUT(ts, tid, 1, "/tmp/go-build1/" dir "/vet.cfg")

/* vet is told its package, and not what it was looked up by: that is the only one that waits. */
static void test_vet(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(1, 1, 1, ""),
		OPEN(2, 1, 1, A(HIT), ENOENT_), VET_CFG(3, 1, "b001"), VET(4, 4, "b001", "net/url"),
		PUT(5, 1, 1, A(HIT)),
		/* two at a time, and the threads change places */
		OPEN(12, 1, 1, A(GONE), ENOENT_), OPEN(13, 2, 1, A(INDEX), ENOENT_),
		VET_CFG(14, 2, "b002"), VET_CFG(15, 1, "b003"),
		VET(16, 5, "b002", "os"), VET(17, 6, "b003", "io"), PUT(18, 1, 1, A(GONE)), PUT(19, 1, 1, A(INDEX)),
		/* and one again */
		OPEN(22, 1, 1, A(OUT), ENOENT_), VET_CFG(23, 1, "b004"), VET(24, 7, "b004", "fmt"), PUT(25, 1, 1, A(OUT)),
		/* whose thread says otherwise */
		OPEN(32, 1, 1, A(OUT2), ENOENT_), VET_CFG(33, 2, "b005"), VET(34, 8, "b005", "log"), PUT(35, 1, 1, A(OUT2)),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(use_of(m, 1, 0xc0).kind, CACHE_VET);
	assert_string_equal(use_of(m, 1, 0xc0).package, "net/url");
	assert_true(use_of(m, 1, 0xc0).proven);
	assert_null(use_of(m, 1, 0xd0).package);
	assert_null(use_of(m, 1, 0xe0).package);
	assert_string_equal(use_of(m, 1, 0x9a).package, "fmt");
	assert_null(use_of(m, 1, 0x9b).package);
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
	assert_true(use.proven);
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

	assert_int_equal(model__cache(m, model__process(m, 1), &sum), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_miss),
		cmocka_unit_test(test_hit_and_broken),
		cmocka_unit_test(test_importcfg_and_time_won),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_index_says_its_directory),
		cmocka_unit_test(test_program_by_importcfg),
		cmocka_unit_test(test_program_by_sources),
		cmocka_unit_test(test_guess_is_given_up),
		cmocka_unit_test(test_vet),
		cmocka_unit_test(test_subkey),
		cmocka_unit_test(test_trim_refresh_and_program),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
