/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Modules: where the model says that they came from. */
#include "model_of.h"

#include "model/modules/modules.h"

#define CACHE "/home/u/go/pkg/mod/"
#define DL CACHE "cache/download/"

static const struct module_set *set_of(const struct model *m, uint64_t go)
{
	for (const struct module_set *s = model__next_module_set(m, NULL); s; s = model__next_module_set(m, s))
		if (s->go == go)
			return s;
	fail_msg("no modules of process %d", (int)go);
	return NULL;
}

static const struct module_use *find(const struct module_set *s, const char *path)
{
	for (const struct module_use *u = module_set__next(s, NULL); u; u = module_set__next(s, u))
		if (str_eq(u->path, path))
			return u;
	return NULL;
}

static void test_module_cache(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		LINE("stat", 20, 100, 1, "\"path\":\"" CACHE "github.com/!burnt/x@v1.2.3\",\"type\":\"dir\""),
		OPEN(21, 100, 1, CACHE "github.com/!burnt/x@v1.2.3/a.go", ""),
		LINE("exec", 22, 101, 2, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\",\"args\":[\"compile\"]"),
		OPEN(23, 101, 2, CACHE "github.com/!burnt/x@v1.2.3/sub/b.go", ""),
		OPEN(24, 101, 2, CACHE "github.com/!burnt/x@v1.2.3/sub/c.go", ENOENT_),
		OPEN(25, 100, 1, "/usr/lib/go/src/fmt/print.go", ""),
		OPEN(26, 100, 1, DL "sumdb/sum.golang.org/lookup/x@v1", ""),
		/* a test that go runs reads for itself */
		LINE("exec", 27, 102, 3, "\"parent\":1,\"exe\":\"/tmp/go-build1/b001/x.test\",\"args\":[\"/tmp/go-build1/b001/x.test\"]"),
		OPEN(28, 102, 3, CACHE "github.com/other/x@v1.0.0/a.go", ""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct module_set *s = set_of(m, 1);
	const struct module_use *u = find(s, "github.com/Burnt/x");

	assert_non_null(u);
	assert_string_equal(u->version, "v1.2.3");
	assert_string_equal(u->dir, CACHE "github.com/!burnt/x@v1.2.3");
	assert_int_equal(u->origin, MODULE_CACHE);
	assert_int_equal(u->reads, 2);
	assert_int_equal(u->read.cnt, 2);
	assert_int_equal(u->read.ts[1], 23);
	assert_int_equal(s->cache_reads, 2);
	assert_int_equal(s->std_reads, 1);
	assert_int_equal(s->sumdb, 1);
	assert_null(find(s, "github.com/other/x"));
}

static void test_download(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		LINE("rename", 20, 100, 1, "\"path\":\"" DL "a.b/c/@v/v1.0.0.info9.tmp\",\"path2\":\"" DL "a.b/c/@v/v1.0.0.info\""),
		LINE("rename", 21, 100, 1, "\"path\":\"" DL "a.b/c/@v/v1.0.0.zip9.tmp\",\"path2\":\"" DL "a.b/c/@v/v1.0.0.zip\""),
		LINE("open", 22, 100, 1, "\"path\":\"" DL "a.b/c/@v/v1.0.0.partial\",\"flags\":[\"WRONLY\",\"CREAT\"]"),
		LINE("unlink", 23, 100, 1, "\"path\":\"" DL "a.b/c/@v/v1.0.0.partial\""),
		/* begun and not ended; left from before; a failure is no download */
		LINE("open", 24, 100, 1, "\"path\":\"" DL "a.b/d/@v/v1.0.0.partial\",\"flags\":[\"WRONLY\",\"CREAT\"]"),
		STAT_FILE(25, 100, 1, DL "a.b/e/@v/v1.0.0.partial"), STAT_NONE(26, 100, 1, DL "a.b/f/@v/v1.0.0.partial"),
		LINE("rename", 27, 100, 1, "\"path\":\"x\",\"path2\":\"" DL "a.b/f/@v/v1.0.0.zip\",\"err\":\"EACCES\""),
		LINE("rename", 28, 100, 1, "\"path\":\"x\",\"path2\":\"" DL
		     "golang.org/toolchain/@v/v0.0.1-go1.24.4.linux-amd64.zip\""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct module_set *s = set_of(m, 1);

	assert_int_equal(find(s, "a.b/c")->downloads, DOWNLOADED_INFO | DOWNLOADED_ZIP);
	assert_int_equal(find(s, "a.b/c")->download.ts[1], 21);
	assert_int_equal(find(s, "a.b/c")->extraction, EXTRACTION_DONE);
	assert_int_equal(find(s, "a.b/d")->extraction, EXTRACTION_LEFT);
	assert_int_equal(find(s, "a.b/d")->partial.ts[0], 24);
	assert_int_equal(find(s, "a.b/e")->extraction, EXTRACTION_FOUND);
	assert_int_equal(find(s, "a.b/f")->extraction, EXTRACTION_NONE);
	assert_int_equal(find(s, "a.b/f")->downloads, 0);
	assert_true(find(s, "golang.org/toolchain")->is_toolchain);
}

/* The place of the cache is named by go's own file only: the folders in it tell. */
static void test_cache_elsewhere(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		STAT_FILE(20, 100, 1, "/ci/mod/cache/download/a.b/c/@v/v1.0.0.info"),
		OPEN(21, 100, 1, "/ci/mod/a.b/c@v1.0.0/c.go", ""),
	};
	__free_model struct model *m = MODEL_OF(lines);

	assert_int_equal(find(set_of(m, 1), "a.b/c")->reads, 1);
}

#define VENDOR_TXT "# a.b/c v1.0.0\\n## explicit\\na.b/c/sub\\n# a.b/c/nested v2.0.0\\na.b/c/nested\\n"

static void test_vendor(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		OPEN(20, 100, 1, "/src/app/go.mod", ""), OPEN(21, 100, 1, "/src/app/vendor/modules.txt", ""),
		LINE("file", 21, 100, 1, "\"path\":\"/src/app/vendor/modules.txt\",\"text\":\"" VENDOR_TXT "\""),
		OPEN(22, 100, 1, "/src/app/vendor/a.b/c/sub/x.go", ""), OPEN(23, 100, 1, "/src/app/vendor/a.b/c/nested/x.go", ""),
		GO_EXEC(30, 101, 2, ",\"env\":{\"HOME\":\"/home/u\",\"GOFLAGS\":\"-mod=vendor\"}"),
		LINE("exec", 31, 101, 3, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"build\",\"-mod=vendor\"],\"env\":{}"),
		OPEN(32, 101, 3, "/src/app/vendor/modules.txt", ""),
		LINE("exec", 41, 102, 4, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"mod\",\"vendor\"],\"env\":{}"),
		OPEN(42, 102, 4, "/src/app/vendor/modules.txt", ""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct module_set *s = set_of(m, 1);
	enum confidence sure;

	assert_true(module_set__is_auto_vendor(s, &sure));
	assert_int_equal(sure, LIKELY);
	assert_int_equal(s->vendor_read.ts[0], 21);
	assert_int_equal(find(s, "a.b/c/sub")->origin, MODULE_VENDOR);
	assert_string_equal(module_set__vendored(s, find(s, "a.b/c/sub")), "a.b/c v1.0.0");
	assert_string_equal(module_set__vendored(s, find(s, "a.b/c/nested")), "a.b/c/nested v2.0.0");
	assert_true(module_set__is_vendor_asked(set_of(m, 3)));
	assert_false(module_set__is_auto_vendor(set_of(m, 3), &sure));
	assert_null(set_of(m, 4)->vendor);
}

/* The module itself lies below a folder that is called vendor: only its own is one. */
static void test_below_vendor(void **state)
{
	static const char *const lines[] = {
		LINE("exec", 10, 100, 1, "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"build\"],"
		     "\"cwd\":\"/vendor/app\",\"env\":{\"HOME\":\"/home/u\",\"PWD\":\"/vendor/app\"}"),
		OPEN(20, 100, 1, "/vendor/app/go.mod", ""), OPEN(21, 100, 1, "/vendor/app/x/x.go", ""),
		OPEN(22, 100, 1, "/vendor/app/vendor/modules.txt", ""), OPEN(23, 100, 1, "/vendor/app/vendor/a.b/c/x.go", ""),
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct module_set *s = set_of(m, 1);

	assert_string_equal(s->vendor, "/vendor/app/vendor/modules.txt");
	assert_int_equal(find(s, "a.b/c")->origin, MODULE_VENDOR);
	assert_null(find(s, "app/x"));
}

static void test_folders(void **state)
{
	static const char *const lines[] = {
		GO_EXEC(10, 100, 1, ""),
		STAT_NONE(11, 100, 1, "/src/app/cmd/go.work"), STAT_FILE(12, 100, 1, "/src/app/go.work"),
		OPEN(13, 100, 1, "/src/app/go.work", ""),
		LINE("file", 13, 100, 1, "\"path\":\"/src/app/go.work\",\"text\":\"go 1.22\\n\\nuse (\\n\\t.\\n\\t./tools\\n)\\n\""),
		OPEN(14, 100, 1, "/src/app/go.mod", ""),
		LINE("file", 14, 100, 1, "\"path\":\"/src/app/go.mod\",\"text\":\"module a.b/app\\n\\nreplace a.b/lib => ../lib\\n\""),
		OPEN(15, 100, 1, "/src/lib/go.mod", ""), OPEN(16, 100, 1, "/src/lib/lib.go", ""),
		OPEN(17, 100, 1, "/src/app/tools/go.mod", ""),
		LINE("file", 17, 100, 1, "\"path\":\"/src/app/tools/go.mod\",\"text\":\"module a.b/tools\\n\""),
		OPEN(18, 100, 1, "/src/app/tools/t.go", ""), OPEN(19, 100, 1, "/src/app/cmd/main.go", ""),
		/* a folder whose line was not seen */
		OPEN(20, 100, 1, "/far/go.mod", ""), OPEN(21, 100, 1, "/far/far.go", ""),
		COMPLETE,
	};
	__free_model struct model *m = MODEL_OF(lines);
	const struct module_set *s = set_of(m, 1);
	struct module_file file;

	assert_string_equal(s->main_path, "a.b/app");
	assert_int_equal(find(s, "a.b/lib")->origin, MODULE_REPLACED);
	assert_string_equal(find(s, "a.b/lib")->dir, "/src/lib");
	assert_string_equal(find(s, "a.b/lib")->declared_in, "/src/app/go.mod");
	assert_int_equal(find(s, "a.b/lib")->line, 3);
	assert_int_equal(find(s, "a.b/lib")->reads, 2);
	assert_int_equal(find(s, "a.b/tools")->origin, MODULE_WORKSPACE);
	assert_int_equal(find(s, "a.b/tools")->line, 5);
	assert_int_equal(find(s, "a.b/tools")->reads, 2);
	assert_int_equal(find(s, "/far")->origin, MODULE_FOLDER);
	assert_int_equal(find(s, "/far")->reads, 1);
	module_set__go_work(s, &file);
	assert_string_equal(file.path, "/src/app/go.work");
	assert_int_equal(file.above, 1);
	assert_int_equal(file.confidence, LIKELY);
	module_set__go_mod(s, &file);
	assert_string_equal(file.path, "/src/app/go.mod");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_module_cache),
		cmocka_unit_test(test_download),
		cmocka_unit_test(test_cache_elsewhere),
		cmocka_unit_test(test_vendor),
		cmocka_unit_test(test_below_vendor),
		cmocka_unit_test(test_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
