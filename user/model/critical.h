/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_CRITICAL_H
#define GOENVBPF_MODEL_CRITICAL_H
/*
 * What a go command waited for: from its end back, the tool that ended last before the next one began.
 * That is told by times alone. Which package needed which is not asked, so the chain is likely.
 */
#include "model/model.h"

struct critical_step {
	uint64_t go, proc;	/* the go command, and the tool that it started */
};

/* Of all go commands, each from its first tool to its last: the caller frees *ret. 0 or -ENOMEM. */
int critical__find(const struct model *m, struct critical_step **ret, size_t *ret_cnt);

#endif
