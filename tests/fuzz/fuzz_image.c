/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as an image of loaded programs: what is found good is read as image__load() reads it. */
#include <stdint.h>

#include "capture/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

static void read_part(const struct image *im, const struct image_part *part)
{
	const uint8_t *p = image__at(im, part);

	for (uint32_t i = 0; i < part->size; i++)
		sink += p[i];
}

static void read_program(const struct image *im, const struct image_program *p)
{
	const struct bpf_insn *insns = image__at(im, &p->insns);
	uint32_t cnt = p->insns.size / sizeof(*insns);

	read_part(im, &p->funcs);
	sink += strlen(p->name) + strlen(p->section);
	for (uint32_t i = 0; i < cnt; i += insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1)
		if (image__means_map(&insns[i]))
			sink += im->head.maps[insns[i].imm].name[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct image *im = calloc(1, sizeof(*im));
	size_t head = n < sizeof(im->head) ? n : sizeof(im->head);

	if (!im)
		return 0;
	memcpy(&im->head, data, head);
	str__add(&im->blob, data + head, n - head);
	if (!image__check(im)) {
		read_part(im, &im->head.types);
		for (uint32_t i = 0; i < im->head.map_cnt; i++)
			read_part(im, &im->head.maps[i].content);
		for (uint32_t i = 0; i < im->head.program_cnt; i++)
			read_program(im, &im->head.programs[i]);
	}
	image__free(im);
	free(im);
	return 0;
}
