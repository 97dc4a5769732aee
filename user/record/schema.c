/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The record's JSON Schema, carried inside the program. */
#include "record/schema.h"

/* The assembler finds the file from where the build runs: the top of the tree. */
__asm__(".pushsection .rodata\n"
	"schema_begin: .incbin \"user/record/schema.json\"\n"
	"schema_end: .byte 0\n"
	".popsection\n");

extern const char schema_begin[], schema_end[];

const char *schema__text(size_t *ret_len)
{
	*ret_len = schema_end - schema_begin;
	return schema_begin;
}
