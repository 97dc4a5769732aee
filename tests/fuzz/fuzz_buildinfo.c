/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any file as an executable: whatever comes out whole must be readable. Half of the inputs are put
 * into a sound ELF file, behind the magic, so that what lies behind it is reached without luck.
 */
#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "golang/buildinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t touch(const struct go_module *m)
{
	return strlen(m->path) + strlen(m->version) + strlen(m->sum) + (m->replace ? touch(m->replace) : 0);
}

static volatile size_t sink;

/* A header, one writable segment, and the magic; the file's first bytes, the input follows. */
static size_t put_frame(int fd, size_t n)
{
	static const char magic[14] = "\xff Go buildinf:";
	struct {
		Elf64_Ehdr e;
		Elf64_Phdr p;
		char pad[8];
		char magic[14];
	} __attribute__((packed)) f = {
		.e = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_phoff = sizeof(Elf64_Ehdr), .e_phnum = 1, .e_phentsize = sizeof(Elf64_Phdr),
		},
		.p = { .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_filesz = sizeof(f) + n },
	};

	memcpy(f.magic, magic, sizeof(magic));
	return pwrite(fd, &f, sizeof(f), 0) == sizeof(f) ? sizeof(f) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	struct buildinfo *b = NULL;
	size_t i, at = 0;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(fd, 0))
		return 0;
	if (n && data[n - 1] & 1)
		at = put_frame(fd, n);
	if (pwrite(fd, data, n, at) != (ssize_t)n)
		return 0;
	if (buildinfo__read_fd(fd, &b))
		return 0;
	sink += strlen(b->go) + strlen(b->path) + (b->build_id ? strlen(b->build_id) : 0);
	if (b->has_main)
		sink += touch(&b->main);
	for (i = 0; i < b->dep_cnt; i++)
		sink += touch(&b->deps[i]);
	for (i = 0; i < b->setting_cnt; i++)
		sink += strlen(b->settings[i].key) + strlen(b->settings[i].value);
	buildinfo__free(b);
	return 0;
}
