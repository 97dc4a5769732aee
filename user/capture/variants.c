/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ways to hook in, in the order of preference. */
#include <stdio.h>
#include <sys/utsname.h>

#include "capture/variants.h"
#include "util/cleanup.h"
#include "util/str.h"

#define KERNEL(major, minor) ((major) << 16 | (minor))

/*
 * The tracing programs of kernels before 5.13 have no task storage. Since 7.0 a program at the end of
 * all calls can be preempted, is skipped for all other tasks of the CPU until it goes on, and what
 * they did is lost: only the classic events keep the CPU. Nothing that can be tried tells it.
 */
static const struct variant variants[] = {
	{ TIER_TRACEPOINT, .since = KERNEL(7, 0) },
	{ TIER_TP_BTF },
	{ TIER_TP_BTF,     .hash = true },
	{ TIER_FEXIT },
	{ TIER_FEXIT,      .hash = true },
	{ TIER_TRACEPOINT },
	{ TIER_TRACEPOINT, .hash = true },
};

static int running_kernel(void)
{
	int major = 0, minor = 0;
	struct utsname uts;

	if (!uname(&uts))
		sscanf(uts.release, "%d.%d", &major, &minor);
	return KERNEL(major, minor);
}

const struct variant *variant__next(const struct variant *v, const char *tier)
{
	bool any = !tier || str_eq(tier, "auto");
	int kernel = running_kernel();

	for (v = v ? v + 1 : variants; v < variants + ARRAY_SIZE(variants); v++)
		if ((any || str_eq(tier, tier__name(v->tier))) && v->since <= kernel)
			return v;
	return NULL;
}
