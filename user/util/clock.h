/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_CLOCK_H
#define GOENVBPF_UTIL_CLOCK_H
/*
 * Time in nanoseconds.
 */
#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL

static inline uint64_t clock__ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* The clock of the events: since boot, suspended time included. */
static inline uint64_t clock__boot_ns(void)
{
	return clock__ns(CLOCK_BOOTTIME);
}

#endif
