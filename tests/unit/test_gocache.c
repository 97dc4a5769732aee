/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The build cache: paths, entries, build IDs, archives, module indexes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "golang/archive.h"
#include "golang/gocache.h"
#include "golang/modindex.h"
#include "golang/own.h"
#include "util/bytes.h"
#include "util/str.h"

#define ID "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
#define OUT "0000ef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"

static void expect_kind(const char *path, enum gocache_kind kind, const char *id)
{
	struct gocache_path p;

	assert_int_equal(gocache__classify("/c/go-build", path, &p), 0);
	assert_int_equal(p.kind, kind);
	assert_string_equal(p.id, id);
}

static void test_paths(void **state)
{
	struct gocache_path p;
	size_t n;

	expect_kind("/c/go-build", GOCACHE_ROOT, "");
	expect_kind("/c/go-build/", GOCACHE_ROOT, "");
	expect_kind("/c/go-build/ab", GOCACHE_SUBDIR, "");
	expect_kind("/c/go-build/AB", GOCACHE_OTHER, "");
	expect_kind("/c/go-build/ab/" ID "-a", GOCACHE_ACTION, ID);
	expect_kind("/c/go-build/ab/" ID "-d", GOCACHE_DATA, ID);
	expect_kind("/c/go-build/ab/" ID "-d/hello", GOCACHE_EXECUTABLE, ID);
	expect_kind("/c/go-build/ab/" ID "-d/hello/x", GOCACHE_OTHER, "");
	expect_kind("/c/go-build/ab/" ID "-x", GOCACHE_OTHER, "");
	expect_kind("/c/go-build/ac/" ID "-a", GOCACHE_OTHER, "");	/* not in its folder */
	expect_kind("/c/go-build/trim.txt", GOCACHE_TRIM, "");
	expect_kind("/c/go-build/trim.txt/x", GOCACHE_OTHER, "");
	expect_kind("/c/go-build/testexpire.txt", GOCACHE_TESTEXPIRE, "");
	expect_kind("/c/go-build/README", GOCACHE_README, "");
	expect_kind("/c/go-build/fuzz/p/F/1", GOCACHE_FUZZ, "");
	assert_int_equal(gocache__classify("/c/go-build", "/c/go-build2/ab", &p), -ENOENT);
	assert_int_equal(gocache__classify("/c/go-build/", "/c", &p), -ENOENT);
	assert_true(gocache__guess("/x/ab/y/ab/" ID "-d/n", &p, &n));
	assert_int_equal(p.kind, GOCACHE_EXECUTABLE);
	assert_string_equal(p.name, "n");
	assert_int_equal(n, strlen("/x/ab/y"));
	assert_false(gocache__guess("/x/ac/" ID "-d", &p, &n));
	assert_false(gocache__guess("", &p, &n));
	assert_true(gocache__is_action("/ab/" ID "-a", 70));
	assert_false(gocache__is_action("/ab/" ID "-d", 70));
	assert_false(gocache__is_action("/ac/" ID "-a", 70));
	assert_false(gocache__is_action("ab/" ID "-a", 69));
	assert_false(gocache__is_action("-a", 2));
}

static void test_entry(void **state)
{
	struct gocache_entry e;
	char text[GOCACHE_ENTRY_LEN + 1];

	snprintf(text, sizeof(text), "v1 %s %s %20d %20lld\n", ID, OUT, 2038, 1795253236571851785LL);
	assert_int_equal(gocache__parse_entry(text, GOCACHE_ENTRY_LEN, &e), 0);
	assert_string_equal(e.action, ID);
	assert_string_equal(e.output, OUT);
	assert_int_equal(e.size, 2038);
	assert_int_equal(e.time, 1795253236571851785LL);
	assert_int_equal(gocache__parse_entry(text, GOCACHE_ENTRY_LEN - 1, &e), -EBADMSG);
	text[5] = 'X';
	assert_int_equal(gocache__parse_entry(text, GOCACHE_ENTRY_LEN, &e), -EBADMSG);
	text[5] = 'a';
	text[140] = '-';
	assert_int_equal(gocache__parse_entry(text, GOCACHE_ENTRY_LEN, &e), -EBADMSG);
	snprintf(text, sizeof(text), "v1 %s %s %20d %20s\n", ID, OUT, 1, "99999999999999999999");
	assert_int_equal(gocache__parse_entry(text, GOCACHE_ENTRY_LEN, &e), -EBADMSG);
}

static void test_build_id(void **state)
{
	char hex[GOCACHE_PREFIX_LEN + 1];
	const char *element;
	size_t n;

	assert_int_equal(gocache__action_prefix("AAECAwQFBgcICQoLDA0O/x", hex), 0);
	assert_string_equal(hex, "000102030405060708090a0b0c0d0e");
	assert_int_equal(gocache__action_prefix("____________________", hex), 0);
	assert_string_equal(hex, "ffffffffffffffffffffffffffffff");
	assert_int_equal(gocache__action_prefix("-___________________/a/b/c", hex), 0);
	assert_string_equal(hex, "fbffffffffffffffffffffffffffff");
	assert_int_equal(gocache__action_prefix("short/x", hex), -EINVAL);
	assert_int_equal(gocache__action_prefix("AAECAwQFBgcICQoLDA0+", hex), -EINVAL);
	assert_int_equal(gocache__action_prefix("", hex), -EINVAL);
	element = build_id__element("a/bb/ccc/d", 2, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(element, "ccc", 3);
	assert_null(build_id__element("a/b", 2, &n));
}

static void test_subkey(void **state)
{
	static const char action[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	/* sha256("subkey:" action "stdout"), as cmd/go/internal/cache has it */
	static const char want[] = "6f280e72989302b6afbed8b2c8c06aea3997b4ce7b0d456a391c674bfc772f8d";
	uint8_t id[GOCACHE_ID_SZ], sub[GOCACHE_ID_SZ], expected[GOCACHE_ID_SZ];

	assert_true(gocache__bytes(action, sizeof(id), id));
	assert_int_equal(id[31], 0x1f);
	assert_true(gocache__bytes(want, sizeof(expected), expected));
	gocache__subkey(id, "stdout", sub);
	assert_memory_equal(sub, expected, sizeof(sub));
	assert_false(gocache__bytes("0g", 1, id));
	assert_false(gocache__bytes("0", 1, id));
}

static void test_content(void **state)
{
	assert_int_equal(gocache__content("!<arch>\n__.PKG", 14), GOCACHE_CONTENT_ARCHIVE);
	assert_int_equal(gocache__content("go index v2\n", 12), GOCACHE_CONTENT_INDEX);
	assert_int_equal(gocache__content("\x7f" "ELF", 4), GOCACHE_CONTENT_ELF);
	assert_int_equal(gocache__content("# test log\n", 11), GOCACHE_CONTENT_TEST_LOG);
	assert_int_equal(gocache__content("!<arch", 6), GOCACHE_CONTENT_OTHER);
	assert_int_equal(gocache__content("true", 4), GOCACHE_CONTENT_CC_FLAG);
	assert_int_equal(gocache__content("true!", 5), GOCACHE_CONTENT_OTHER);
	assert_int_equal(gocache__content("/usr/bin/gcc\0stat \"gcc\"", 24), GOCACHE_CONTENT_CC);
	assert_int_equal(gocache__content("", 0), GOCACHE_CONTENT_OTHER);
}

/* The package that a text names: what a tool said, or what a test did. */
static void test_text(void **state)
{
	static const struct {
		const char *text, *tool, *test;
	} cases[] = {
		{ "# net/url\n./a.go:1: no\n", "net/url", NULL },
		{ "# a.org/b [a.org/b.test]\n", "a.org/b", NULL },
		{ "# a\nok  \ta/b\t0.1s\n", "a", "a/b" },
		{ "ok  \ta/b\t0.1s\tcoverage: 1%\n", NULL, "a/b" },
		{ "ok  \ta\t1s\nok  \tb\t0.1s [no tests to run]\n", NULL, "b" },
		{ "ok  \ta/b\t0.1s", NULL, NULL },		/* cut */
		{ "ok  \ta/b\n", NULL, NULL },
		{ "ok  \ta b\t1s\n", NULL, NULL },
		{ "ok  \t\t1s\n", NULL, NULL },
		{ "ok  \ta\t1s\nFAIL\n", NULL, NULL },
		{ "# net/url", NULL, NULL },
		{ "# \n", NULL, NULL },
		{ "#include <a>\n", NULL, NULL },
		{ "\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text, *got;
		size_t len = strlen(text), n;

		got = gocache__tool_package(text, len, &n);
		assert_int_equal(!got, !cases[i].tool);
		assert_true(!got || (n == strlen(cases[i].tool) && !memcmp(got, cases[i].tool, n)));
		got = gocache__test_package(text, len, &n);
		assert_int_equal(!got, !cases[i].test);
		assert_true(!got || (n == strlen(cases[i].test) && !memcmp(got, cases[i].test, n)));
	}
	assert_null(gocache__test_package("ok  \ta\0b\t1s\n", 12, &(size_t){ 0 }));
}

static void put_member(struct str *s, const char *name, const char *data, size_t n)
{
	str__addf(s, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", name, 0, 0, 0, 0644, n);
	str__add(s, data, n);
	if (n & 1)
		str__addc(s, '\0');
}

static void put32(struct str *s, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		str__addc(s, (char)(v >> 8 * i));
}

/* A symbol's record; its last bytes (ABI, type, flags, size, align) do not matter here. */
static void put_symbol(struct str *s, uint32_t len, uint32_t at, size_t size)
{
	put32(s, len);
	put32(s, at);
	str__add(s, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", size - 8);
}

#define NAME "go:cuinfo.packagename.example.com/p"

#define IMPORTS "math/bitsos"

/*
 * An object as the compiler writes it: header, names side by side, blocks. The first block is of two imports; the symbol is one of the
 * block number `block`; a name of the same prefix that no symbol of it has comes before.
 */
static void make_object(struct str *out, const char *magic, const char *dot, bool has_symbol)
{
	const bool is_old = !memcmp(magic, "\0go115ld", 8);
	const size_t block = is_old ? 4 : 6, size = is_old ? 20 : 21;
	const size_t start = out->len, names = 20 + 4 * (block + 2), at = names + strlen("example.com/p.F:*[");
	const size_t imported = at + strlen(NAME "type:int"), imports = imported + strlen(IMPORTS);
	const size_t table = imports + 2 * 16;
	size_t i;

	str__add(out, magic, 8);
	str__add(out, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	put32(out, imports);
	for (i = 1; i <= block; i++)
		put32(out, table);
	put32(out, table + 2 * size);
	str__adds(out, "example.com/p.F:*[");
	str__addf(out, "go%s%stype:int" IMPORTS, dot, &NAME[3]);
	put_symbol(out, strlen("math/bits"), imported, 16);
	put_symbol(out, strlen("os"), imported + strlen("math/bits"), 16);
	assert_int_equal(out->len - start, table);
	put_symbol(out, strlen("example.com/p.F"), names, size);
	put_symbol(out, has_symbol ? strlen(NAME) : 5, at, size);
}

static void make_archive_of(struct str *out, const char *lines, const char *magic, const char *dot,
			    bool has_symbol)
{
	__free_str struct str object = {};

	str__adds(&object, lines);
	str__adds(&object, "$$  // cgo\n[[\"!\"]]\n$$\n");
	str__adds(&object, "\n!\n");
	make_object(&object, magic, dot, has_symbol);
	str__adds(out, "!<arch>\n");
	put_member(out, "__.PKGDEF", lines, strlen(lines));
	put_member(out, "_cgo.o", "odd", 3);
	put_member(out, "_go_.o", object.s, object.len);
}

static void make_archive(struct str *out, const char *lines, const char *dot, bool has_symbol)
{
	make_archive_of(out, lines, "\0go120ld", dot, has_symbol);
}

static int read_archive(const struct str *s, struct go_archive *ret)
{
	int fd = memfd_create("a", MFD_CLOEXEC), err;

	assert_int_equal(write(fd, s->s, s->len), s->len);
	err = archive__read_fd(fd, ret);
	close(fd);
	return err;
}

static void expect_archive(const char *lines, const char *dot, bool has_ref, const char *package,
			   const char *build_id)
{
	__free_archive struct go_archive a = {};
	__free_str struct str s = {};

	make_archive(&s, lines, dot, has_ref);
	assert_int_equal(read_archive(&s, &a), 0);
	assert_string_equal(a.goos, "linux");
	assert_string_equal(a.goarch, "amd64");
	assert_string_equal(a.version, "go1.22.1");
	assert_true(a.has_imports);
	assert_int_equal(a.imports.len, sizeof("math/bits\0os"));
	assert_memory_equal(a.imports.s, "math/bits\0os", a.imports.len);
	if (build_id)
		assert_string_equal(a.build_id, build_id);
	else
		assert_null(a.build_id);
	if (package)
		assert_string_equal(a.package, package);
	else
		assert_null(a.package);
}

static void test_archive(void **state)
{
	static const char lines[] = "go object linux amd64 go1.22.1 X:a\nbuild id \"A/C\"\n\n";
	struct go_archive a;
	__free_str struct str s = {};
	size_t n;

	expect_archive(lines, ":", true, "example.com/p", "A/C");
	expect_archive(lines, ".", true, "example.com/p", "A/C");
	expect_archive(lines, ":", false, NULL, "A/C");
	expect_archive("go object linux amd64 go1.22.1\n\n", ":", true, "example.com/p", NULL);
	make_archive(&s, lines, ":", true);
	for (n = 0; n < s.len; n++) {	/* cut anywhere: no error but these, and nothing leaks */
		struct str cut = { .s = s.s, .len = n };
		int err = read_archive(&cut, &a);

		assert_true(!err || err == -ENODATA || err == -EBADMSG);
		if (!err)
			archive__free(&a);
	}
	str__cut(&s, 0);
	str__adds(&s, "!<arch>\n");
	put_member(&s, "hello.o", "hello", 5);
	assert_int_equal(read_archive(&s, &a), -ENODATA);
}

static void put64(struct str *out, uint64_t v)
{
	put32(out, v);
	put32(out, v >> 32);
}

static void put_section(struct str *out, uint32_t name, uint32_t type, uint64_t off, uint64_t size)
{
	put32(out, name);
	put32(out, type);
	put64(out, 0);
	put64(out, 0);
	put64(out, off);
	put64(out, size);
	for (int i = 0; i < 3; i++)
		put64(out, 0);
}

/* A relocatable object of 64 bits with one section of that name. */
static void make_elf(struct str *out, const char *section, const char *text, size_t n)
{
	const size_t names = 64 + n, tables = names + strlen(section) + 2;

	str__add(out, "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0\x3e\0\1\0\0\0", 24);
	put64(out, 0);
	put64(out, 0);
	put64(out, tables);
	put32(out, 0);
	str__add(out, "\x40\0\0\0\0\0\x40\0\3\0\2\0", 12);
	str__add(out, text, n);
	str__add(out, "", 1);
	str__add(out, section, strlen(section) + 1);
	put_section(out, 0, 0, 0, 0);
	put_section(out, 1, 1, 64, n);			/* PROGBITS */
	put_section(out, 0, 3, names, tables - names);	/* STRTAB */
}

static void expect_cc(const char *member, const char *section, const char *text, size_t n, const char *cc)
{
	static const char lines[] = "go object linux amd64 go1.22.1 X:a\nbuild id \"A/C\"\n\n";
	__free_archive struct go_archive a = {};
	__free_str struct str s = {}, elf = {};

	make_archive(&s, lines, ":", true);
	make_elf(&elf, section, text, n);
	put_member(&s, "_x000.o", "no ELF file", 11);
	put_member(&s, member, elf.s, elf.len);
	assert_int_equal(read_archive(&s, &a), 0);
	assert_string_equal(a.package, "example.com/p");
	assert_string_equal(a.cc ?: "none", cc ?: "none");
}

/* Which C compiler made the objects that are packed beside those of Go. */
static void test_cc(void **state)
{
	static const char gcc[] = "\0GCC: (Debian 12.2.0-14) 12.2.0";
	char large[1000];

	expect_cc("_x001.o", ".comment", gcc, sizeof(gcc), gcc + 1);
	expect_cc("_x001.o", ".comment", "clang version 14.0.6", 21, "clang version 14.0.6");
	expect_cc("_x001.o", ".comment", "", 1, NULL);
	expect_cc("_x001.o", ".comment", "GCC\n", 5, NULL);
	expect_cc("_x001.o", ".note", gcc, sizeof(gcc), NULL);
	expect_cc("other.o", ".comment", gcc, sizeof(gcc), NULL);
	memset(large, 'x', sizeof(large));
	large[999] = '\0';
	large[256] = '\0';
	expect_cc("_x001.o", ".comment", large, sizeof(large), large);
	large[256] = 'x';	/* no compiler: what is kept is bounded */
	large[999] = 'x';
	expect_cc("_x001.o", ".comment", large, sizeof(large), NULL);
}

static void test_formats(void **state)
{
	static const char lines[] = "go object linux amd64 go1.22.1\nbuild id \"A/C\"\n\n";
	static const char *const magics[] = {
		"\0go115ld", "\0go116ld", "\0go117ld", "\0go118ld", "\0go120ld", "\0go199ld",
	};

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		const bool is_known = i + 1 < ARRAY_SIZE(magics);
		__free_archive struct go_archive a = {};
		__free_str struct str s = {};

		make_archive_of(&s, lines, magics[i], i < 4 ? "." : ":", true);
		assert_int_equal(read_archive(&s, &a), 0);
		assert_string_equal(a.package ?: "", is_known ? "example.com/p" : "");
	}
}

/* Millions of records that name places all over the file: bounded, and no name is made up. */
static void test_hostile_object(void **state)
{
	static const char lines[] = "go object linux amd64 go1.22.1\nbuild id \"A/C\"\n\n!\n";
	const size_t records = 200000, header = 20 + 4 * 8;
	struct timespec before, after;
	__free_archive struct go_archive a = {};
	__free_str struct str s = {}, object = {};

	str__adds(&object, lines);
	str__add(&object, "\0go120ld", 8);
	str__add(&object, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	for (size_t i = 0; i < 7; i++)
		put32(&object, header);
	put32(&object, header + 21 * records);
	for (size_t i = 0; i < records; i++)
		put_symbol(&object, 100, (i * 7919 * 4096) % (21 * records), 21);
	str__adds(&s, "!<arch>\n");
	put_member(&s, "__.PKGDEF", lines, strlen(lines));
	put_member(&s, "_go_.o", object.s, object.len);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	assert_int_equal(read_archive(&s, &a), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_null(a.package);
	print_message("%zu bytes: %ld ms\n", s.len, (after.tv_sec - before.tv_sec) * 1000 +
		      (after.tv_nsec - before.tv_nsec) / 1000000);
	/* Linear: some 0.1 s for each MB where nothing is near anything. */
	assert_true(after.tv_sec - before.tv_sec < 4);
}

/* "go index v2", strings at 24 + pad, one package whose directory stands at 1 of them */
static int read_index(uint32_t packages, uint32_t strings, const char *bytes, size_t n, char *ret)
{
	uint8_t file[256] = "go index v2\n";
	int fd = memfd_create("index", 0), err;

	assert_true(fd >= 0 && 24 + n <= sizeof(file));
	put_le32(file + 12, strings);
	put_le32(file + 16, packages);
	put_le32(file + 20, 1);
	memcpy(file + 24, bytes, n);
	assert_int_equal(write(fd, file, 24 + n), 24 + n);
	err = modindex__read_dir(fd, ret);
	close(fd);
	return err;
}

static void test_modindex(void **state)
{
	static const char strings[] = "\0\7net/url\3abc\xff";
	char dir[MODINDEX_MAX_DIR];
	int fd;

	assert_int_equal(read_index(1, 24, strings, sizeof(strings) - 1, dir), 0);
	assert_string_equal(dir, "net/url");
	assert_int_equal(read_index(1, 23, strings, sizeof(strings) - 1, dir), 0);
	assert_string_equal(dir, "");
	assert_int_equal(read_index(2, 24, strings, sizeof(strings) - 1, dir), -ENODATA);
	assert_int_equal(read_index(0, 24, strings, sizeof(strings) - 1, dir), -ENODATA);
	assert_int_equal(read_index(1, 24, strings, 5, dir), -EBADMSG);		/* cut */
	assert_int_equal(read_index(1, 24, strings, 1, dir), -EBADMSG);
	assert_int_equal(read_index(1, UINT32_MAX, strings, 5, dir), -EBADMSG);
	assert_int_equal(read_index(1, 24, "\0\3a\0b", 5, dir), -EBADMSG);
	assert_int_equal(read_index(1, 24, "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 11, dir), -EBADMSG);
	fd = memfd_create("other", 0);
	assert_int_equal(write(fd, "go index v2\n", 12), 12);
	assert_int_equal(modindex__read_dir(fd, dir), -ENODATA);
	close(fd);
	assert_int_equal(modindex__read_dir(-1, dir), -EBADF);
}

/* What is go's own is told by whole names: "dev", "go-builder" and "me@vault" are people's. */
static void test_own(void **state)
{
	static const char *const own[] = {
		"/tmp/go-build123", "/tmp/go-build123/b001/exe/a.out", "/h/.cache/go-build/trim.txt", "/h/.cache/go-build",
		"/h/.config/go/telemetry/local/x.v1.count", "/bin/app-go-tmp-umask", "/go-builder/go-build7/b001",
	};
	static const char *const others[] = {
		"/home/dev/bin/app", "/src/go-builder/app", "/src/go-build-tools/app", "/src/go-build7x/app",
		"/src/telemetry/app", "/src/go-tmp-umask",
	};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		assert_true(go_own__is(own[i]));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(go_own__is(others[i]));
	assert_int_equal(go_own__work_len("/tmp/go-build123/b001"), strlen("/tmp/go-build123"));
	assert_int_equal(go_own__work_len("/go-builder/go-build7"), strlen("/go-builder/go-build7"));
	assert_int_equal(go_own__work_len("/tmp/go-build"), 0);
	assert_int_equal(go_own__package_len("/tmp/go-build1/b045/x.go"), strlen("/tmp/go-build1/b045"));
	assert_int_equal(go_own__package_len("/tmp/go-build1/b"), 0);
	assert_int_equal(go_own__package_len("/tmp/go-build1/b12x/y"), 0);
	assert_true(go_own__is_module("/h/go/pkg/mod/golang.org/x/text@v0.3.0/a.go"));
	assert_false(go_own__is_module("/home/me@vault/a.go"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_subkey),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_cc),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_hostile_object),
		cmocka_unit_test(test_modindex),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
