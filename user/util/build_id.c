/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the linker made of this program's content. */
#include <errno.h>
#include <link.h>
#include <string.h>

#include "util/build_id.h"

#define PADDED(n) (((size_t)(n) + 3) & ~(size_t)3)

static const ElfW(Nhdr) *find_note(const char *p, const char *end)
{
	while (end - p >= (ptrdiff_t)sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)p;

		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof(ELF_NOTE_GNU))
			return note;
		p += sizeof(*note) + PADDED(note->n_namesz) + PADDED(note->n_descsz);
	}
	return NULL;
}

/* The first one is the program itself: no other is asked. */
static int take_own(struct dl_phdr_info *info, size_t size, void *ctx)
{
	const ElfW(Nhdr) *note = NULL;

	for (int i = 0; i < info->dlpi_phnum && !note; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const char *p = (const char *)(info->dlpi_addr + ph->p_vaddr);

		if (ph->p_type == PT_NOTE)
			note = find_note(p, p + ph->p_memsz);
	}
	if (!note || !note->n_descsz || note->n_descsz > BUILD_ID_MAX)
		return -ENOENT;
	memcpy(ctx, (const char *)(note + 1) + PADDED(note->n_namesz), note->n_descsz);
	return 1;
}

int build_id__own(unsigned char ret[static BUILD_ID_MAX])
{
	memset(ret, 0, BUILD_ID_MAX);
	return dl_iterate_phdr(take_own, ret) == 1 ? 0 : -ENOENT;
}
