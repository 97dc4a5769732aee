/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_VARIANTS_H
#define GOENVBPF_CAPTURE_VARIANTS_H
/* The ways to hook in, in the order of preference; which of them works is found out by loading. */
#include "capture/hooks.h"

/* A tier, and where the states of tasks are kept with it. */
struct variant {
	enum tier tier;
	bool hash;		/* not in task storage */
	int since;		/* preferred from that kernel on; 0: as it comes */
};

/* The next one of the tier ("auto" or NULL: of any), the first after NULL; NULL: no more. */
const struct variant *variant__next(const struct variant *v, const char *tier);

#endif
