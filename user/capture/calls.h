/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_CALLS_H
#define GOENVBPF_CAPTURE_CALLS_H
/*
 * The recorded system calls on this machine: numbers, names, kinds.
 */
#include <stdbool.h>

#include "bpf/event.h"
#include "record/kinds.h"

#if defined(__x86_64__)
#define CALL_FUNCTION_PREFIX "__x64_sys_"
#elif defined(__aarch64__)
#define CALL_FUNCTION_PREFIX "__arm64_sys_"
#endif

/* Fills the table that the programs filter by: EV_NR_MAX entries. */
void calls__fill(struct call_ids *table, bool net);

const char *call__name(enum call_id id);	/* "openat" */
/* Its function in the kernel, after CALL_FUNCTION_PREFIX: "newstat" */
const char *call__function(enum call_id id);
enum rec_kind call__rec_kind(enum call_id id);
const struct call_desc *call__desc(enum call_id id);

#endif
