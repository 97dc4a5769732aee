/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_DOCTOR_H
#define GOENVBPF_ANSWERS_DOCTOR_H
/* The answer of "goenvbpf doctor": what this host lets us see, and what helps. */
#include "answers/answer.h"

#define CAPABILITIES_MAX 48

struct capability {
	char name[32];
	bool ok;
	char detail[128];
	const char *remedy;	/* when it is not ok */
};

struct diagnosis {
	struct capability list[CAPABILITIES_MAX];
	size_t cnt;
	const char *tier;	/* that would be chosen; NULL: none */
};

extern const struct object doctor_object;	/* of a struct diagnosis */

#endif
