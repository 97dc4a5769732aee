/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Build information from ELF files made here byte by byte: every layout, and what must be refused. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "golang/buildinfo.h"
#include "util/str.h"

#define BASE	 0x400000	/* address of file offset 0 */
#define BLOB	 0x1000		/* offset of the writable segment */
#define MARK_A	 "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
#define MARK_B	 "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"
#define MOD_TEXT "path\texample.com/m\nmod\texample.com/m\tv1.2.3\th1:abc=\n"

/* One ELF file being made. */
struct maker {
	bool is_64, is_big;
	bool no_sections;	/* e_shnum = 0 */
	bool renamed;		/* the section has another name */
	bool no_note;
	uint32_t blob_flags;	/* PF_* of the second segment, default RW */
	uint64_t blob_at;	/* offset of the blob in its segment */
	struct str data;	/* the second segment */
	struct str dynamic;	/* PT_DYNAMIC, placed behind it */
	struct str file;
};

static void put(struct maker *m, struct str *s, uint64_t v, unsigned int width)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		str__addc(s, (char)(v >> 8 * (m->is_big ? width - 1 - i : i)));
}

static unsigned int word(const struct maker *m)
{
	return m->is_64 ? 8 : 4;
}

static void pad_to(struct str *s, size_t n)
{
	while (s->len < n)
		str__addc(s, '\0');
}

static void put_segment(struct maker *m, uint32_t type, uint32_t flags, uint64_t off, uint64_t n)
{
	put(m, &m->file, type, 4);
	if (m->is_64)
		put(m, &m->file, flags, 4);
	put(m, &m->file, off, word(m));
	put(m, &m->file, BASE + off, word(m));
	put(m, &m->file, BASE + off, word(m));
	put(m, &m->file, n, word(m));
	put(m, &m->file, n, word(m));
	if (!m->is_64)
		put(m, &m->file, flags, 4);
	put(m, &m->file, 16, word(m));
}

static void put_section(struct maker *m, uint32_t name, uint32_t type, uint64_t off, uint64_t n)
{
	put(m, &m->file, name, 4);
	put(m, &m->file, type, 4);
	put(m, &m->file, 0, word(m));
	put(m, &m->file, BASE + off, word(m));
	put(m, &m->file, off, word(m));
	put(m, &m->file, n, word(m));
	put(m, &m->file, 0, 4);
	put(m, &m->file, 0, 4);
	put(m, &m->file, 16, word(m));
	put(m, &m->file, 0, word(m));
}

#define NOTE_AT	 0x200
#define NAMES_AT 0x300
#define TABLE_AT 0x400
static const char names[] = "\0.go.buildinfo\0.shstrtab\0.other";

static void put_header(struct maker *m)
{
	const unsigned int ehdr = m->is_64 ? 64 : 52, phdr = m->is_64 ? 56 : 32, shdr = m->is_64 ? 64 : 40;

	str__adds(&m->file, "\x7f" "ELF");
	put(m, &m->file, m->is_64 ? ELFCLASS64 : ELFCLASS32, 1);
	put(m, &m->file, m->is_big ? ELFDATA2MSB : ELFDATA2LSB, 1);
	put(m, &m->file, EV_CURRENT, 1);
	pad_to(&m->file, EI_NIDENT);
	put(m, &m->file, ET_EXEC, 2);
	put(m, &m->file, m->is_64 ? EM_X86_64 : EM_386, 2);
	put(m, &m->file, EV_CURRENT, 4);
	put(m, &m->file, BASE, word(m));
	put(m, &m->file, ehdr, word(m));
	put(m, &m->file, m->no_sections ? 0 : TABLE_AT, word(m));
	put(m, &m->file, 0, 4);
	put(m, &m->file, ehdr, 2);
	put(m, &m->file, phdr, 2);
	put(m, &m->file, 4, 2);
	put(m, &m->file, shdr, 2);
	put(m, &m->file, m->no_sections ? 0 : 3, 2);
	put(m, &m->file, m->no_sections ? 0 : 2, 2);
}

static void make(struct maker *m)
{
	static const char id[] = "aaaa/bbbb/cccc/dddd";
	size_t dyn_at = BLOB + m->data.len;

	put_header(m);
	put_segment(m, PT_LOAD, PF_R | PF_X, 0, BLOB);
	put_segment(m, PT_LOAD, m->blob_flags ?: PF_R | PF_W, BLOB, m->data.len + m->dynamic.len);
	put_segment(m, PT_NOTE, PF_R, NOTE_AT, m->no_note ? 0 : 16 + sizeof(id) - 1);
	put_segment(m, m->dynamic.len ? PT_DYNAMIC : PT_NULL, PF_R, dyn_at, m->dynamic.len);
	pad_to(&m->file, NOTE_AT);
	put(m, &m->file, 4, 4);
	put(m, &m->file, sizeof(id) - 1, 4);
	put(m, &m->file, 4, 4);
	str__add(&m->file, "Go\0", 4);
	str__add(&m->file, id, sizeof(id));
	pad_to(&m->file, NAMES_AT);
	str__add(&m->file, names, sizeof(names));
	pad_to(&m->file, TABLE_AT);
	if (!m->no_sections) {
		put_section(m, 0, SHT_NULL, 0, 0);
		put_section(m, m->renamed ? 25 : 1, SHT_PROGBITS, BLOB + m->blob_at,
			    m->data.len - m->blob_at);
		put_section(m, 15, SHT_STRTAB, NAMES_AT, sizeof(names));
	}
	pad_to(&m->file, BLOB);
	str__add(&m->file, m->data.s, m->data.len);
	if (m->dynamic.len)
		str__add(&m->file, m->dynamic.s, m->dynamic.len);
	assert_int_equal(str__err(&m->file), 0);
}

static void put_varint(struct str *s, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		str__addc(s, (char)(v | 0x80));
	str__addc(s, (char)v);
}

static void put_blob_header(struct maker *m, unsigned int flags)
{
	str__adds(&m->data, "\xff Go buildinf:");
	put(m, &m->data, word(m), 1);
	put(m, &m->data, flags | m->is_big, 1);
}

/* What Go 1.18 and newer write. */
static void inline_blob(struct maker *m, const char *go, const char *mod, size_t n)
{
	put_blob_header(m, 2);
	pad_to(&m->data, m->blob_at + 32);
	put_varint(&m->data, strlen(go));
	str__adds(&m->data, go);
	put_varint(&m->data, n ? n + 32 : 0);
	if (n) {
		str__add(&m->data, MARK_A, 16);
		str__add(&m->data, mod, n);
		str__add(&m->data, MARK_B, 16);
	}
}

/*
 * What Go up to 1.17 writes: two string headers, then the strings. With relocate the addresses are
 * left to relocations, as some linkers do.
 */
static void pointer_blob(struct maker *m, const char *go, const char *mod, bool relocate)
{
	const uint64_t at = BASE + BLOB, w = word(m), headers = at + 32, text = headers + 4 * w;
	const uint64_t mod_n = strlen(mod) + 32, go_n = strlen(go);
	const uint64_t slots[4] = { at + 16, at + 16 + w, headers, headers + 2 * w };
	const uint64_t targets[4] = { headers, headers + 2 * w, text, text + go_n };
	uint64_t rela;
	int i;

	put_blob_header(m, 0);
	put(m, &m->data, relocate ? 0 : targets[0], w);
	put(m, &m->data, relocate ? 0 : targets[1], w);
	pad_to(&m->data, 32);
	put(m, &m->data, relocate ? 0 : targets[2], w);
	put(m, &m->data, go_n, w);
	put(m, &m->data, relocate ? 0 : targets[3], w);
	put(m, &m->data, mod_n, w);
	str__adds(&m->data, go);
	str__add(&m->data, MARK_A, 16);
	str__adds(&m->data, mod);
	str__add(&m->data, MARK_B, 16);
	if (!relocate)
		return;
	rela = BASE + BLOB + m->data.len;
	for (i = 0; i < 4; i++) {
		put(m, &m->data, slots[i], w);
		put(m, &m->data, 8, w);	/* relative, no symbol */
		put(m, &m->data, targets[i], w);
	}
	put(m, &m->dynamic, DT_RELA, w);
	put(m, &m->dynamic, rela, w);
	put(m, &m->dynamic, DT_RELASZ, w);
	put(m, &m->dynamic, 4 * 3 * w, w);
	put(m, &m->dynamic, DT_NULL, w);
	put(m, &m->dynamic, 0, w);
}

static int read_bytes(const char *bytes, size_t n, struct buildinfo **ret)
{
	int fd = memfd_create("elf", MFD_CLOEXEC), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	err = buildinfo__read_fd(fd, ret);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), n);	/* the offset was left alone */
	close(fd);
	return err;
}

static int read_made(struct maker *m, struct buildinfo **ret)
{
	int err;

	make(m);
	err = read_bytes(m->file.s, m->file.len, ret);
	return err;
}

static void free_made(struct maker *m)
{
	str__free(&m->data);
	str__free(&m->dynamic);
	str__free(&m->file);
}

static void expect_all(struct maker *m, enum buildinfo_format format)
{
	struct buildinfo *b = NULL;

	assert_int_equal(read_made(m, &b), 0);
	assert_string_equal(b->go, "go1.99");
	assert_string_equal(b->path, "example.com/m");
	assert_true(b->has_main);
	assert_string_equal(b->main.version, "v1.2.3");
	assert_string_equal(b->main.sum, "h1:abc=");
	assert_int_equal(b->format, format);
	if (m->no_note)
		assert_null(b->build_id);
	else
		assert_string_equal(b->build_id, "aaaa/bbbb/cccc/dddd");
	buildinfo__free(b);
	free_made(m);
}

static void expect_error(struct maker *m, int err)
{
	struct buildinfo *b = NULL;

	assert_int_equal(read_made(m, &b), err);
	assert_null(b);
	free_made(m);
}

static void test_inline(void **state)
{
	int i;

	for (i = 0; i < 4; i++) {
		struct maker m = { .is_64 = i & 1, .is_big = i & 2 };

		inline_blob(&m, "go1.99", MOD_TEXT, strlen(MOD_TEXT));
		expect_all(&m, BUILDINFO_INLINE);
	}
}

static void test_pointer(void **state)
{
	int i;

	for (i = 0; i < 8; i++) {
		struct maker m = { .is_64 = i & 1, .is_big = i & 2 };

		pointer_blob(&m, "go1.99", MOD_TEXT, i & 4);
		expect_all(&m, BUILDINFO_POINTER);
	}
}

static void test_no_section_headers(void **state)
{
	struct maker m = { .is_64 = true, .no_sections = true, .no_note = true };

	/* Far behind the start, past several chunks; a misaligned magic before it is not taken. */
	pad_to(&m.data, 7);
	str__adds(&m.data, "\xff Go buildinf:");
	m.blob_at = 300 * 1024 + 16;
	pad_to(&m.data, m.blob_at);
	inline_blob(&m, "go1.99", MOD_TEXT, strlen(MOD_TEXT));
	expect_all(&m, BUILDINFO_INLINE);
}

static void test_renamed_section(void **state)
{
	struct maker go = { .is_64 = true, .renamed = true };
	struct maker other = { .is_64 = true, .renamed = true, .no_note = true };

	inline_blob(&go, "go1.99", MOD_TEXT, strlen(MOD_TEXT));
	expect_all(&go, BUILDINFO_INLINE);
	/* A file with sections and without Go's note is no Go program: it is not searched. */
	inline_blob(&other, "go1.99", MOD_TEXT, strlen(MOD_TEXT));
	expect_error(&other, -ENODATA);
}

static void test_only_writable_segment(void **state)
{
	struct maker m = { .is_64 = true, .no_sections = true, .blob_flags = PF_R | PF_W | PF_X };

	inline_blob(&m, "go1.99", MOD_TEXT, strlen(MOD_TEXT));
	expect_error(&m, -ENOMSG);
	m = (struct maker){ .is_64 = true, .no_sections = true, .blob_flags = PF_R | PF_W | PF_X, .no_note = true };
	inline_blob(&m, "go1.99", MOD_TEXT, strlen(MOD_TEXT));
	expect_error(&m, -ENODATA);
}

static void test_without_modules(void **state)
{
	struct maker m = { .is_64 = true };
	struct buildinfo *b = NULL;

	inline_blob(&m, "go1.99", NULL, 0);
	assert_int_equal(read_made(&m, &b), 0);
	assert_string_equal(b->go, "go1.99");
	assert_string_equal(b->path, "");
	assert_false(b->has_modinfo);
	assert_false(b->has_main);
	assert_int_equal(b->dep_cnt + b->setting_cnt, 0);
	buildinfo__free(b);
	free_made(&m);
}

static void test_large(void **state)
{
	struct maker m = { .is_64 = true };
	struct buildinfo *b = NULL;
	struct str text = {};
	int i;

	/* Go 1.21 and older cut such lists at 64 KiB. */
	for (i = 0; i < 20000; i++)
		str__addf(&text, "dep\texample.com/d%d\tv0.0.%d\th1:%040d=\n", i, i, i);
	inline_blob(&m, "go1.99", text.s, text.len);
	assert_int_equal(read_made(&m, &b), 0);
	assert_int_equal(b->dep_cnt, 20000);
	assert_string_equal(b->deps[19999].path, "example.com/d19999");
	assert_string_equal(b->deps[19999].version, "v0.0.19999");
	buildinfo__free(b);
	free_made(&m);
	str__free(&text);
}

static void test_settings(void **state)
{
	static const char text[] = "build\t-tags=a,b\nbuild\t-ldflags=\"-X main.v=1 -s\"\nbuild\t\"a b\"=c\n"
				   "build\t-tags=last\n";
	struct maker m = { .is_64 = true };
	struct buildinfo *b = NULL;

	inline_blob(&m, "go1.99", text, strlen(text));
	assert_int_equal(read_made(&m, &b), 0);
	assert_int_equal(b->setting_cnt, 4);
	assert_string_equal(b->settings[0].key, "-tags");
	assert_null(b->settings[0].quoted);
	assert_string_equal(b->settings[1].quoted, "-ldflags=\"-X main.v=1 -s\"");
	assert_string_equal(buildinfo__setting(b, "-ldflags"), "-X main.v=1 -s");
	assert_string_equal(buildinfo__setting(b, "a b"), "c");
	assert_string_equal(buildinfo__setting(b, "-tags"), "last");
	assert_null(buildinfo__setting(b, "vcs"));
	buildinfo__free(b);
	free_made(&m);
}

static void test_not_elf(void **state)
{
	struct buildinfo *b = NULL;
	int fd;

	assert_int_equal(read_bytes("", 0, &b), -ENOEXEC);
	assert_int_equal(read_bytes("#!/bin/sh\nexit 0\n", 17, &b), -ENOEXEC);
	assert_int_equal(read_bytes("\x7f" "ELF", 4, &b), -ENOEXEC);
	assert_int_equal(read_bytes("\x7f" "ELF\7\1\1\0\0\0\0\0\0\0\0\0", 16, &b), -EBADMSG);
	assert_int_equal(read_bytes("\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16, &b), -EBADMSG);
	fd = open("/", O_RDONLY | O_CLOEXEC);
	assert_int_equal(buildinfo__read_fd(fd, &b), -EISDIR);
	close(fd);
	assert_int_equal(buildinfo__read_fd(-1, &b), -EBADF);
	assert_null(b);
}

static void test_bad_lengths(void **state)
{
	static const uint64_t bad[] = { 1000, BUILDINFO_MAX_TEXT + 1, INT64_MAX, UINT64_MAX };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct maker m = { .is_64 = true };

		put_blob_header(&m, 2);
		pad_to(&m.data, 32);
		put_varint(&m.data, bad[i]);
		str__adds(&m.data, "go1.99");
		expect_error(&m, -EBADMSG);
	}
	{
		struct maker m = { .is_64 = true };

		put_blob_header(&m, 2);
		pad_to(&m.data, 32);
		str__adds(&m.data, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
		expect_error(&m, -EBADMSG);
	}
	{
		struct maker m = { .is_64 = true };

		inline_blob(&m, "", NULL, 0);
		expect_error(&m, -ENODATA);	/* as Go says it */
	}
}

static void test_bad_pointers(void **state)
{
	static const uint64_t bad[] = { 0x10, BASE + BLOB + 0x100000, UINT64_MAX - 3, 1ULL << 63 };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct maker m = { .is_64 = true };
		struct buildinfo *b = NULL;
		int err;

		put_blob_header(&m, 0);
		put(&m, &m.data, bad[i], 8);
		put(&m, &m.data, bad[i], 8);
		pad_to(&m.data, 64);
		err = read_made(&m, &b);
		assert_true(err == -ENODATA || err == -EBADMSG);
		free_made(&m);
	}
}

static void test_bad_modinfo(void **state)
{
	static const char *const bad[] = {
		"mod\tonly-one-column\n",
		"dep\ta\tb\tc\td\n",
		"=>\ta\tb\tc\n",
		"dep\ta\tb\n=>\ta\tb\n",
		"dep\ta\tb\n=>\ta\tb\tc\n=>\ta\tb\tc\n",
		"build\tnovalue\n",
		"build\t=x\n",
		"build\ta b=c\n",
		"build\ta=b c\n",
		"build\ta=\"b\n",
		"build\ta=\"b\"c\n",
		"build\ta=\"\\q\"\n",
		"build\t\"a\"\n",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct maker m = { .is_64 = true };

		inline_blob(&m, "go1.99", bad[i], strlen(bad[i]));
		expect_error(&m, -EBADMSG);
	}
}

/* Whatever single byte of the headers is damaged, and wherever the file ends, nothing else breaks. */
static void test_damage(void **state)
{
	struct maker m = { .is_64 = true };
	struct buildinfo *b = NULL;
	size_t i, k;
	int err;

	pointer_blob(&m, "go1.99", MOD_TEXT, true);
	make(&m);
	for (i = 0; i < m.file.len; i += i < 0x600 || i >= BLOB ? 1 : 64) {
		for (k = 0; k < 3; k++) {
			char old = m.file.s[i];

			m.file.s[i] = "\x00\x7f\xff"[k];
			err = read_bytes(m.file.s, m.file.len, &b);
			assert_true(err == 0 || err == -ENOEXEC || err == -ENODATA || err == -ENOMSG || err == -EBADMSG);
			if (!err)
				buildinfo__free(b);
			m.file.s[i] = old;
		}
		err = read_bytes(m.file.s, i, &b);
		assert_true(err == -ENOEXEC || err == -ENODATA || err == -ENOMSG || err == -EBADMSG);
	}
	free_made(&m);
}

static void test_strerror(void **state)
{
	assert_string_equal(buildinfo__strerror(-ENODATA), "no Go build information");
	assert_string_equal(buildinfo__strerror(-ENOEXEC), "not an ELF file");
	assert_string_equal(buildinfo__strerror(-EACCES), "Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inline),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_no_section_headers),
		cmocka_unit_test(test_renamed_section),
		cmocka_unit_test(test_only_writable_segment),
		cmocka_unit_test(test_without_modules),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_not_elf),
		cmocka_unit_test(test_bad_lengths),
		cmocka_unit_test(test_bad_pointers),
		cmocka_unit_test(test_bad_modinfo),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_strerror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
