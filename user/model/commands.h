/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_COMMANDS_H
#define GOENVBPF_MODEL_COMMANDS_H
/*
 * The go commands of a record, each with what worked for it. Computed when asked for, from the
 * processes; a go command that another one started is a command of its own.
 */
#include "model/process.h"

struct command {
	const struct process *p;
	/* programs that it started, directly or not: those at work by role, and the others */
	uint64_t roles[TOOL_CNT], probes;
	uint64_t accesses, failed;	/* of all of them together, and its own */
};

/* In the order of their start; *ret is the caller's (free()), its members are the model's. */
int model__commands(const struct model *m, struct command **ret, size_t *ret_cnt);

#endif
