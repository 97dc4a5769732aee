/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the Go linker has embedded into an executable: version, modules, settings, build ID. */
#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "golang/buildinfo.h"
#include "golang/elf.h"
#include "golang/modinfo.h"
#include "util/str.h"

#define MAGIC		"\xff Go buildinf:"
#define MAGIC_LEN	14
#define HEADER_LEN	32
#define ALIGN		16
#define FLAG_BIG	1
#define FLAG_INLINE	2
#define VARINT_MAX	10
/* modinfo stands between two marks of 16 bytes, with which it is found in a process's memory. */
#define MARK_LEN	16

#define SCAN_CHUNK	(128u << 10)
#define SCAN_MAX	(64u << 20)

struct owner {
	struct buildinfo info;	/* what callers see; first */
	struct modinfo mod;
	size_t text_n;
	char *go;
	char *build_id;
};

/* The aligned magic among n bytes that were read from address at; its offset, or -ENODATA. */
static long find_magic(const uint8_t *bytes, size_t n, uint64_t at)
{
	const uint8_t *p = bytes;

	while ((p = memmem(p, n - (p - bytes), MAGIC, MAGIC_LEN))) {
		if (!((at + (p - bytes)) % ALIGN))
			return p - bytes;
		p++;
	}
	return -ENODATA;
}

/* Searches size bytes from address at on. Chunks end at aligned addresses: none cuts the magic. */
static int search(const struct elf *e, uint64_t at, uint64_t size, uint64_t *ret_addr)
{
	uint64_t avail = elf__avail(e, at), skip = -at % ALIGN, n;
	__free_mem uint8_t *buf = NULL;
	long found;
	int err;

	if (size > avail)
		size = avail;
	if (size > SCAN_MAX)
		size = SCAN_MAX;
	if (size < skip + HEADER_LEN)
		return -ENODATA;
	size -= skip;
	buf = malloc(size < SCAN_CHUNK ? size : SCAN_CHUNK);
	if (!buf)
		return -ENOMEM;
	for (at += skip; size; at += n, size -= n) {
		n = size < SCAN_CHUNK ? size : SCAN_CHUNK;
		err = elf__read(e, at, buf, n);
		if (err)
			return err;
		found = find_magic(buf, n, at);
		if (found < 0)
			continue;
		*ret_addr = at + found;
		return 0;
	}
	return -ENODATA;
}

/* The linker writes the header at the start of its section: looked at before anything is searched. */
static int search_section(const struct elf *e, const struct elf_section *s, uint64_t *ret_addr)
{
	uint8_t head[MAGIC_LEN];

	if (!(s->addr % ALIGN) && s->size >= HEADER_LEN &&
	    !elf__read(e, s->addr, head, sizeof(head)) && !memcmp(head, MAGIC, MAGIC_LEN)) {
		*ret_addr = s->addr;
		return 0;
	}
	return search(e, s->addr, s->size, ret_addr);
}

/* All writable segments: in a PIE the first one holds only what is made read-only after relocation. */
static int search_writable(const struct elf *e, uint64_t *ret_addr)
{
	uint64_t left = SCAN_MAX, n;
	const struct elf_seg *s;
	int err;

	for (s = e->segs; s < e->segs + e->seg_cnt && left; s++, left -= n) {
		n = 0;
		if (s->type != PT_LOAD || (s->flags & (PF_W | PF_X)) != PF_W)
			continue;
		n = s->filesz < left ? s->filesz : left;
		err = search(e, s->vaddr, n, ret_addr);
		if (err != -ENODATA)
			return err;
	}
	return -ENODATA;
}

/*
 * Without the section, writable segments are searched, as Go did until 1.26: but only when
 * the section headers are gone or Go's build ID says that it is worth reading, since most files
 * that come here are no Go programs at all.
 */
static int locate(const struct elf *e, bool is_go, uint64_t *ret_addr)
{
	struct elf_section section;
	int err;

	err = elf__section(e, ".go.buildinfo", &section);
	if (!err)
		return search_section(e, &section, ret_addr);
	if (err != -ENODATA && err != -EBADMSG)
		return err;
	if (err == -ENODATA && elf__has_sections(e) && !is_go)
		return -ENODATA;
	return search_writable(e, ret_addr);
}

/* Reads a string of n bytes at address at, NUL-terminated; the file is known to hold it. */
static int read_text(const struct elf *e, uint64_t at, uint64_t n, uint64_t max, char **ret)
{
	__free_mem char *text = NULL;
	int err;

	if (n > max || (n && elf__avail(e, at) < n))
		return -EBADMSG;
	text = malloc(n + 1);
	if (!text)
		return -ENOMEM;
	err = n ? elf__read(e, at, text, n) : 0;
	if (err)
		return err;
	text[n] = '\0';
	*ret = STEAL(text);
	return 0;
}

/* An unsigned varint; returns how many bytes it took, -EBADMSG when it does not end. */
static int read_varint(const struct elf *e, uint64_t at, uint64_t *ret)
{
	uint64_t avail = elf__avail(e, at), v = 0;
	uint8_t buf[VARINT_MAX];
	unsigned int n = avail < VARINT_MAX ? avail : VARINT_MAX, i;
	int err;

	err = elf__read(e, at, buf, n);
	if (err)
		return err == -ENODATA ? -EBADMSG : err;
	for (i = 0; i < n; i++) {
		if (i == VARINT_MAX - 1 && buf[i] > 1)
			return -EBADMSG;	/* above 64 bits */
		v |= (uint64_t)(buf[i] & 0x7f) << (7 * i);
		if (buf[i] & 0x80)
			continue;
		*ret = v;
		return i + 1;
	}
	return -EBADMSG;
}

static int read_inline_string(const struct elf *e, uint64_t *at, uint64_t max, char **ret, size_t *ret_n)
{
	uint64_t n = 0;
	int took, err;

	took = read_varint(e, *at, &n);
	if (took < 0)
		return took;
	err = read_text(e, *at + took, n, max, ret);
	if (err)
		return err;
	*at += took + n;
	*ret_n = n;
	return 0;
}

/* Some linkers leave the word zero and the address to the dynamic loader's relocations. */
static int read_pointer(const struct elf *e, uint64_t at, unsigned int width, bool is_big,
			uint64_t *ret)
{
	uint8_t word[8];
	int err;

	err = elf__read(e, at, word, width);
	if (err)
		return err == -ENODATA ? -EBADMSG : err;
	*ret = elf__num(word, width, is_big);
	if (*ret)
		return 0;
	err = elf__relative(e, at, ret);
	return err == -ENODATA ? 0 : err;
}

/* at holds the address of a Go string header: address and length of the bytes. */
static int read_pointed_string(const struct elf *e, uint64_t at, unsigned int width, bool is_big,
			       uint64_t max, char **ret, size_t *ret_n)
{
	uint64_t header, bytes, n;
	uint8_t len[8];
	int err;

	err = read_pointer(e, at, width, is_big, &header);
	if (err)
		return err;
	if (!elf__avail(e, header))	/* in .bss: built without modules, the string is empty */
		return read_text(e, 0, 0, max, ret);
	err = read_pointer(e, header, width, is_big, &bytes);
	if (err)
		return err;
	err = elf__read(e, header + width, len, width);
	if (err)
		return err == -ENODATA ? -EBADMSG : err;
	n = elf__num(len, width, is_big);
	err = read_text(e, bytes, n, max, ret);
	if (err)
		return err;
	*ret_n = n;
	return 0;
}

/* The two strings of the blob at address at. */
static int read_strings(const struct elf *e, uint64_t at, struct owner *o, char **ret_mod,
			size_t *ret_mod_n)
{
	uint8_t header[HEADER_LEN];
	unsigned int width;
	size_t go_n = 0;
	bool is_big;
	int err;

	err = elf__read(e, at, header, sizeof(header));
	if (err)
		return err == -ENODATA ? -EBADMSG : err;
	if (header[15] & FLAG_INLINE) {
		o->info.format = BUILDINFO_INLINE;
		at += HEADER_LEN;
		err = read_inline_string(e, &at, BUILDINFO_MAX_VERSION, &o->go, &go_n);
		if (!err)
			err = read_inline_string(e, &at, BUILDINFO_MAX_TEXT, ret_mod, ret_mod_n);
	} else {
		o->info.format = BUILDINFO_POINTER;
		width = header[14];
		is_big = header[15] & FLAG_BIG;
		if (width != 4 && width != 8)
			return -EBADMSG;
		err = read_pointed_string(e, at + 16, width, is_big, BUILDINFO_MAX_VERSION, &o->go,
					  &go_n);
		if (!err)
			err = read_pointed_string(e, at + 16 + width, width, is_big,
						  BUILDINFO_MAX_TEXT, ret_mod, ret_mod_n);
	}
	if (err)
		return err;
	if (!go_n)	/* Go's own reader takes such a file for no Go program */
		return -ENODATA;
	return memchr(o->go, '\0', go_n) ? -EBADMSG : 0;
}

/* Takes text over: parses what is between the marks. */
static int parse_mod(struct owner *o, char *text, size_t n)
{
	int err;

	o->info.has_modinfo = n > 2 * MARK_LEN && text[n - MARK_LEN - 1] == '\n';
	n = o->info.has_modinfo ? n - 2 * MARK_LEN : 0;
	memmove(text, text + (n ? MARK_LEN : 0), n);
	text[n] = '\0';
	err = modinfo__parse(text, n, &o->mod);
	if (err)
		return err;
	o->info.path = o->mod.path;
	o->info.has_main = o->mod.has_main;
	o->info.main = o->mod.main;
	o->info.deps = o->mod.deps;
	o->info.dep_cnt = o->mod.dep_cnt;
	o->info.settings = o->mod.settings;
	o->info.setting_cnt = o->mod.setting_cnt;
	return 0;
}

static int read_elf(const struct elf *e, struct owner *o)
{
	__free_mem char *mod = NULL;
	size_t mod_n = 0;
	uint64_t at;
	int err;

	err = elf__go_build_id(e, &o->build_id);
	if (err && err != -ENODATA)
		return err;
	err = locate(e, o->build_id, &at);
	if (err)
		return err == -ENODATA && o->build_id ? -ENOMSG : err;
	err = read_strings(e, at, o, &mod, &mod_n);
	if (err)
		return err;
	o->info.go = o->go;
	o->info.build_id = o->build_id;
	o->text_n = mod_n;
	return parse_mod(o, STEAL(mod), mod_n);
}

int buildinfo__read_fd(int fd, struct buildinfo **ret)
{
	__free_buildinfo struct buildinfo *b = NULL;
	struct owner *o;
	struct elf e;
	int err;

	err = elf__open(fd, &e);
	if (err)
		return err;
	o = calloc(1, sizeof(*o));
	b = o ? &o->info : NULL;
	err = o ? read_elf(&e, o) : -ENOMEM;
	elf__close(&e);
	if (err)
		return err;
	*ret = STEAL(b);
	return 0;
}

void buildinfo__free(struct buildinfo *b)
{
	struct owner *o = (struct owner *)b;

	if (!o)
		return;
	modinfo__free(&o->mod);
	free(o->go);
	free(o->build_id);
	free(o);
}

size_t buildinfo__size(const struct buildinfo *b)
{
	const struct owner *o = (const struct owner *)b;

	/* Its text twice, for what was quoted, and each module perhaps with a replacement. */
	return sizeof(*o) + 2 * o->text_n + b->setting_cnt * sizeof(*b->settings) +
	       2 * b->dep_cnt * sizeof(*b->deps);
}

const char *buildinfo__strerror(int err)
{
	switch (err) {
	case -ENOEXEC:
		return "not an ELF file";
	case -ENODATA:
		return "no Go build information";
	case -ENOMSG:
		return "a Go program without its build information";
	case -EBADMSG:
		return "malformed file";
	default:
		return strerror(err < 0 ? -err : err);
	}
}

const char *buildinfo_format__name(enum buildinfo_format format)
{
	return format == BUILDINFO_INLINE ? "inline" : "pointer";
}

const char *buildinfo__setting(const struct buildinfo *b, const char *key)
{
	size_t i = b->setting_cnt;

	while (i--)
		if (str_eq(b->settings[i].key, key))
			return b->settings[i].value;
	return NULL;
}
