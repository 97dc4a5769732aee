/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Just enough of an ELF file to find what Go has put into it. */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "golang/elf.h"

/* Where the fields that we need lie, by class; widths of the address-sized ones follow from it. */
struct layout {
	uint8_t addr_sz;
	uint8_t ehdr_sz, phdr_sz, shdr_sz;
	uint8_t e_phoff, e_shoff, e_phentsize;	/* phnum, shentsize, shnum, shstrndx come next */
	uint8_t p_flags, p_offset, p_vaddr, p_filesz;
	uint8_t s_addr, s_offset, s_size, s_link;
};

#define LAYOUT(bits, bytes)								\
	{										\
		.addr_sz = bytes,							\
		.ehdr_sz = sizeof(Elf##bits##_Ehdr),					\
		.phdr_sz = sizeof(Elf##bits##_Phdr),					\
		.shdr_sz = sizeof(Elf##bits##_Shdr),					\
		.e_phoff = offsetof(Elf##bits##_Ehdr, e_phoff),				\
		.e_shoff = offsetof(Elf##bits##_Ehdr, e_shoff),				\
		.e_phentsize = offsetof(Elf##bits##_Ehdr, e_phentsize),			\
		.p_flags = offsetof(Elf##bits##_Phdr, p_flags),				\
		.p_offset = offsetof(Elf##bits##_Phdr, p_offset),			\
		.p_vaddr = offsetof(Elf##bits##_Phdr, p_vaddr),				\
		.p_filesz = offsetof(Elf##bits##_Phdr, p_filesz),			\
		.s_addr = offsetof(Elf##bits##_Shdr, sh_addr),				\
		.s_offset = offsetof(Elf##bits##_Shdr, sh_offset),			\
		.s_size = offsetof(Elf##bits##_Shdr, sh_size),				\
		.s_link = offsetof(Elf##bits##_Shdr, sh_link),				\
	}

static const struct layout layouts[2] = {
	[0] = LAYOUT(32, 4),
	[1] = LAYOUT(64, 8),
};

static const struct layout *layout(const struct elf *e)
{
	return &layouts[e->is_64];
}

uint64_t elf__num(const void *bytes, unsigned int width, bool is_big)
{
	const uint8_t *b = bytes;
	uint64_t v = 0;
	unsigned int i;

	for (i = 0; i < width; i++)
		v = v << 8 | b[is_big ? i : width - 1 - i];
	return v;
}

static uint64_t num(const struct elf *e, const void *bytes, unsigned int width)
{
	return elf__num(bytes, width, e->is_big);
}

static uint64_t addr(const struct elf *e, const uint8_t *bytes)
{
	return num(e, bytes, layout(e)->addr_sz);
}

int elf__pread(const struct elf *e, uint64_t off, void *buf, size_t n)
{
	uint8_t *p = buf;
	uint64_t end;
	ssize_t got;

	if (__builtin_add_overflow(off, n, &end) || end > e->size)
		return -EBADMSG;
	if (end <= e->head_len) {
		memcpy(buf, e->head + off, n);
		return 0;
	}
	while (n) {
		got = pread(e->fd, p, n, e->base + off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)	/* cut while we read */
			return -EBADMSG;
		p += got;
		off += got;
		n -= got;
	}
	return 0;
}

static int file_size(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENOEXEC;
	*ret = st.st_size;
	return 0;
}

static int read_head(struct elf *e)
{
	ssize_t got;

	do {
		got = pread(e->fd, e->head, sizeof(e->head), e->base);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	e->head_len = (uint64_t)got < e->size ? (uint64_t)got : e->size;
	return 0;
}

static int read_ident(struct elf *e)
{
	const uint8_t *h = e->head;

	if (e->head_len < EI_NIDENT || memcmp(h, ELFMAG, SELFMAG))
		return -ENOEXEC;
	if ((h[EI_CLASS] != ELFCLASS32 && h[EI_CLASS] != ELFCLASS64) ||
	    (h[EI_DATA] != ELFDATA2LSB && h[EI_DATA] != ELFDATA2MSB))
		return -EBADMSG;
	e->is_64 = h[EI_CLASS] == ELFCLASS64;
	e->is_big = h[EI_DATA] == ELFDATA2MSB;
	if (e->head_len < layout(e)->ehdr_sz)
		return -EBADMSG;
	e->type = num(e, h + offsetof(Elf64_Ehdr, e_type), 2);
	e->machine = num(e, h + offsetof(Elf64_Ehdr, e_machine), 2);
	return 0;
}

static int read_segs(struct elf *e, uint64_t phoff, uint32_t phentsize, uint32_t phnum)
{
	const struct layout *l = layout(e);
	__free_mem uint8_t *raw = NULL;
	const uint8_t *p;
	uint32_t i;
	int err;

	if (phnum > ELF_MAX_SEGS || (phnum && phentsize != l->phdr_sz))
		return -EBADMSG;
	raw = malloc((size_t)phnum * phentsize + 1);
	e->segs = calloc(phnum + 1, sizeof(*e->segs));	/* never NULL, not even without segments */
	if (!raw || !e->segs)
		return -ENOMEM;
	err = elf__pread(e, phoff, raw, (size_t)phnum * phentsize);
	if (err)
		return err;
	for (i = 0, p = raw; i < phnum; i++, p += phentsize)
		e->segs[i] = (struct elf_seg){
			.type = num(e, p, 4),
			.flags = num(e, p + l->p_flags, 4),
			.off = addr(e, p + l->p_offset),
			.vaddr = addr(e, p + l->p_vaddr),
			.filesz = addr(e, p + l->p_filesz),
		};
	e->seg_cnt = phnum;
	return 0;
}

static void parse_section(const struct elf *e, const uint8_t *p, struct elf_section *ret)
{
	const struct layout *l = layout(e);

	*ret = (struct elf_section){
		.type = num(e, p + offsetof(Elf64_Shdr, sh_type), 4),
		.addr = addr(e, p + l->s_addr),
		.off = addr(e, p + l->s_offset),
		.size = addr(e, p + l->s_size),
	};
}

/*
 * Numbers that do not fit into the file header's 16 bits are in section 0. A table that lies
 * outside the file counts as none: tools that remove the section headers often leave e_shoff.
 */
static void read_section_count(struct elf *e, uint32_t shnum, uint32_t shstrndx)
{
	const struct layout *l = layout(e);
	uint8_t first[sizeof(Elf64_Shdr)];
	uint64_t cnt = shnum;

	if (!e->shoff || e->shentsize != l->shdr_sz || elf__pread(e, e->shoff, first, l->shdr_sz))
		return;
	if (!cnt)
		cnt = addr(e, first + l->s_size);
	if (shstrndx == SHN_XINDEX)
		shstrndx = num(e, first + l->s_link, 4);
	if (cnt > ELF_MAX_SECTIONS || shstrndx >= cnt ||
	    cnt * e->shentsize > e->size - e->shoff)
		return;
	e->shnum = cnt;
	e->shstrndx = shstrndx;
}

int elf__open(int fd, struct elf *ret)
{
	uint64_t size = 0;
	int err;

	memset(ret, 0, offsetof(struct elf, head));
	err = file_size(fd, &size);
	return err ?: elf__open_at(fd, 0, size, ret);
}

int elf__open_at(int fd, uint64_t off, uint64_t size, struct elf *ret)
{
	const struct layout *l;
	const uint8_t *h = ret->head;
	int err;

	memset(ret, 0, offsetof(struct elf, head));
	ret->fd = fd;
	ret->base = off;
	ret->size = size;
	err = read_head(ret);
	if (err)
		return err;
	err = read_ident(ret);
	if (err)
		return err;
	l = layout(ret);
	ret->shoff = addr(ret, h + l->e_shoff);
	ret->shentsize = num(ret, h + l->e_phentsize + 4, 2);
	err = read_segs(ret, addr(ret, h + l->e_phoff), num(ret, h + l->e_phentsize, 2),
			num(ret, h + l->e_phentsize + 2, 2));
	if (err) {
		elf__close(ret);
		return err;
	}
	read_section_count(ret, num(ret, h + l->e_phentsize + 6, 2),
			   num(ret, h + l->e_phentsize + 8, 2));
	return 0;
}

void elf__close(struct elf *e)
{
	free(e->segs);
	e->segs = NULL;
	e->seg_cnt = 0;
}

int elf__section(const struct elf *e, const char *name, struct elf_section *ret)
{
	__free_mem uint8_t *table = NULL;
	__free_mem char *names = NULL;
	size_t want = strlen(name) + 1;
	struct elf_section strtab;
	uint32_t i, at;
	int err;

	if (!e->shnum)
		return -ENODATA;
	table = malloc((size_t)e->shnum * e->shentsize);
	if (!table)
		return -ENOMEM;
	err = elf__pread(e, e->shoff, table, (size_t)e->shnum * e->shentsize);
	if (err)
		return err;
	parse_section(e, table + (size_t)e->shstrndx * e->shentsize, &strtab);
	if (strtab.type != SHT_STRTAB || strtab.size > ELF_MAX_NAMES)
		return -EBADMSG;
	if (strtab.size < want)
		return -ENODATA;
	names = malloc(strtab.size);
	if (!names)
		return -ENOMEM;
	err = elf__pread(e, strtab.off, names, strtab.size);
	if (err)
		return err;
	for (i = 0; i < e->shnum; i++) {
		at = num(e, table + (size_t)i * e->shentsize, 4);
		if (at > strtab.size - want || memcmp(names + at, name, want))
			continue;
		parse_section(e, table + (size_t)i * e->shentsize, ret);
		return 0;
	}
	return -ENODATA;
}

static const struct elf_seg *seg_of(const struct elf *e, uint64_t vaddr)
{
	const struct elf_seg *s;

	for (s = e->segs; s < e->segs + e->seg_cnt; s++)
		if (s->type == PT_LOAD && vaddr >= s->vaddr && vaddr - s->vaddr < s->filesz)
			return s;
	return NULL;
}

/* What the header promises, cut to what the file has. */
static uint64_t seg_avail(const struct elf *e, const struct elf_seg *s, uint64_t vaddr)
{
	uint64_t skip = vaddr - s->vaddr, avail = s->filesz - skip, off;

	if (__builtin_add_overflow(s->off, skip, &off) || off >= e->size)
		return 0;
	return avail < e->size - off ? avail : e->size - off;
}

uint64_t elf__avail(const struct elf *e, uint64_t vaddr)
{
	const struct elf_seg *s = seg_of(e, vaddr);

	return s ? seg_avail(e, s, vaddr) : 0;
}

int elf__read(const struct elf *e, uint64_t vaddr, void *buf, size_t n)
{
	const struct elf_seg *s = seg_of(e, vaddr);

	if (!s || seg_avail(e, s, vaddr) < n)
		return -ENODATA;
	return elf__pread(e, s->off + (vaddr - s->vaddr), buf, n);
}

/* One note of owner Go, type 4, among the n bytes: its description's place, NULL without. */
static const uint8_t *find_go_note(const struct elf *e, const uint8_t *p, size_t n, size_t *ret_len)
{
	const size_t head = 12, owner = 4;
	uint64_t namesz, descsz, desc, next;

	while (n >= head) {
		namesz = num(e, p, 4);
		descsz = num(e, p + 4, 4);
		desc = head + ((namesz + 3) & ~3ULL);
		next = desc + ((descsz + 3) & ~3ULL);
		if (desc + descsz > n)
			return NULL;
		if (namesz == owner && num(e, p + 8, 4) == 4 && !memcmp(p + head, "Go\0", owner)) {
			*ret_len = descsz;
			return p + desc;
		}
		if (next >= n)
			return NULL;
		p += next;
		n -= next;
	}
	return NULL;
}

static int build_id_at(const struct elf *e, uint64_t off, uint64_t size, char **ret)
{
	__free_mem uint8_t *raw = NULL;
	const uint8_t *id;
	size_t len = 0;
	char *copy;
	int err;

	if (!size || size > ELF_MAX_NOTES)
		return -ENODATA;
	raw = malloc(size);
	if (!raw)
		return -ENOMEM;
	err = elf__pread(e, off, raw, size);
	if (err)
		return err;
	id = find_go_note(e, raw, size, &len);
	if (!id || !len || memchr(id, '\0', len))
		return -ENODATA;
	copy = strndup((const char *)id, len);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

int elf__go_build_id(const struct elf *e, char **ret)
{
	const struct elf_seg *s;
	struct elf_section note;
	int err;

	for (s = e->segs; s < e->segs + e->seg_cnt; s++) {
		if (s->type != PT_NOTE)
			continue;
		err = build_id_at(e, s->off, s->filesz, ret);
		if (!err || err == -ENOMEM)
			return err;
	}
	/* Some linkers leave the note without a segment of its own. */
	if (elf__section(e, ".note.go.buildid", &note))
		return -ENODATA;
	return build_id_at(e, note.off, note.size, ret);
}

/* The dynamic section's table of relocations with addends: where it is and how long. */
static int find_rela(const struct elf *e, uint64_t *ret_addr, uint64_t *ret_size)
{
	const unsigned int w = layout(e)->addr_sz;
	uint64_t table = 0, size = 0, tag, value, n, i;
	const struct elf_seg *s = e->segs;
	uint8_t entry[16];

	while (s < e->segs + e->seg_cnt && s->type != PT_DYNAMIC)
		s++;
	if (s == e->segs + e->seg_cnt)
		return -ENODATA;
	n = s->filesz / (2 * w);
	for (i = 0; i < n && i < ELF_MAX_DYNAMIC; i++) {
		if (elf__pread(e, s->off + i * 2 * w, entry, 2 * w))
			return -ENODATA;
		tag = addr(e, entry);
		value = addr(e, entry + w);
		if (tag == DT_NULL)
			break;
		if (tag == DT_RELA)
			table = value;
		else if (tag == DT_RELASZ)
			size = value;
	}
	if (!table || !size)
		return -ENODATA;
	*ret_addr = table;
	*ret_size = size;
	return 0;
}

int elf__relative(const struct elf *e, uint64_t vaddr, uint64_t *ret_value)
{
	const unsigned int w = layout(e)->addr_sz, entry = 3 * w;
	const unsigned int symbol_shift = e->is_64 ? 32 : 8;
	const size_t chunk = ELF_HEAD_SZ / entry * entry;
	uint64_t table, left, size, n, i;
	uint8_t buf[ELF_HEAD_SZ];
	int err;

	err = find_rela(e, &table, &size);
	if (err)
		return err;
	left = elf__avail(e, table);
	if (left > size)
		left = size;
	if (left > ELF_MAX_RELA)
		return -ENODATA;
	for (; left >= entry; table += n, left -= n) {
		n = left < chunk ? left / entry * entry : chunk;
		err = elf__read(e, table, buf, n);
		if (err)
			return err;
		for (i = 0; i < n; i += entry) {
			/* A symbol would need the dynamic loader: only relative ones are known here. */
			if (addr(e, buf + i) != vaddr || addr(e, buf + i + w) >> symbol_shift)
				continue;
			*ret_value = addr(e, buf + i + 2 * w);
			return 0;
		}
	}
	return -ENODATA;
}
