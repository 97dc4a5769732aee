/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The record's JSON Schema, carried inside the program. */
#include "record/schema.h"
#include "util/embed.h"

EMBED(schema, "user/record/schema.json");

const char *schema__text(size_t *ret_len)
{
	*ret_len = schema_end - schema_begin;
	return schema_begin;
}
