/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_ELF_H
#define GOENVBPF_GOLANG_ELF_H
/*
 * Just enough of an ELF file to find what Go has put into it: segments, a section by name, bytes by
 * address, Go's build ID note. 32 and 64 bits, either byte order, with or without section headers.
 *
 * Lifecycle: elf__open() on a descriptor that the caller keeps → the readers → elf__close(). Only
 * pread(2) and fstat(2) are used, so the descriptor's offset stays and it may come from anywhere.
 * The file may be hostile: every offset is checked against the file's size, and nothing larger
 * than the limits below is allocated.
 *
 * Errors: -ENOEXEC not an ELF file, -EBADMSG malformed, -ENODATA not there, -ENOMEM, or pread's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

#define ELF_HEAD_SZ	4096		/* read at once: headers and notes are nearly always in it */
#define ELF_MAX_SEGS	4096
#define ELF_MAX_SECTIONS 65535
#define ELF_MAX_NAMES	(1 << 20)	/* bytes of section names */
#define ELF_MAX_NOTES	(64 << 10)	/* bytes of one note segment */
#define ELF_MAX_DYNAMIC	4096		/* entries */
#define ELF_MAX_RELA	(64 << 20)	/* bytes */

struct elf_seg {
	uint32_t type;
	uint32_t flags;
	uint64_t off;
	uint64_t vaddr;
	uint64_t filesz;
};

struct elf_section {
	uint32_t type;
	uint64_t addr;
	uint64_t off;
	uint64_t size;
};

struct elf {
	int fd;
	uint64_t base;		/* where it begins in the file */
	bool is_64;
	bool is_big;
	uint16_t type;		/* ET_EXEC, ET_DYN, … */
	uint16_t machine;
	uint64_t size;		/* of the ELF file, the whole of that file or a part */
	uint64_t shoff;
	uint32_t shnum;		/* 0: no section headers */
	uint32_t shstrndx;
	uint16_t shentsize;
	struct elf_seg *segs;
	uint32_t seg_cnt;
	size_t head_len;
	uint8_t head[ELF_HEAD_SZ];
};

int elf__open(int fd, struct elf *ret);
/* The same of size bytes at off: a member of an archive. Both are the caller's to check. */
int elf__open_at(int fd, uint64_t off, uint64_t size, struct elf *ret);
void elf__close(struct elf *e);		/* the descriptor stays open */

static inline bool elf__has_sections(const struct elf *e)
{
	return e->shnum > 0;
}

/* The first section of that name; -ENODATA when there is none. */
int elf__section(const struct elf *e, const char *name, struct elf_section *ret);

/* How many bytes the file holds from address addr on (in its loadable segment); 0 when none. */
uint64_t elf__avail(const struct elf *e, uint64_t addr);
/* Reads n bytes at address addr; -ENODATA when the file does not hold all of them. */
int elf__read(const struct elf *e, uint64_t addr, void *buf, size_t n);
/* Reads n bytes at file offset off; -EBADMSG when the file ends before. */
int elf__pread(const struct elf *e, uint64_t off, void *buf, size_t n);

/* What the dynamic loader puts (less the load address) at addr; -ENODATA when nothing. */
int elf__relative(const struct elf *e, uint64_t addr, uint64_t *ret_value);

/* Go's build ID note as a string, to be free()d; -ENODATA without one. */
int elf__go_build_id(const struct elf *e, char **ret);

/* Reads a number of 2, 4 or 8 bytes in the byte order given. */
uint64_t elf__num(const void *bytes, unsigned int width, bool is_big);

static inline void elf_cleanup(struct elf *e)
{
	elf__close(e);
}
#define __close_elf __attribute__((cleanup(elf_cleanup)))

#endif
