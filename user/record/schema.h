/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_SCHEMA_H
#define GOENVBPF_RECORD_SCHEMA_H
/*
 * The record's JSON Schema (draft 2020-12): schema.json, the file beside this one, as it was at build
 * time. It describes what this version writes, strictly; readers are laxer.
 */
#include <stddef.h>

const char *schema__text(size_t *ret_len);	/* NUL-terminated */

#endif
