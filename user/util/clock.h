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

/* How far the clock that files bear may be behind. */
static inline int64_t clock__tick_ns(void)
{
	struct timespec ts = { .tv_nsec = 10 * NSEC_PER_MSEC };

	clock_getres(CLOCK_REALTIME_COARSE, &ts);
	return ts.tv_nsec;
}

/*
 * What is to be added to a time of the boot clock for the time of day that files bear. Taken anew
 * each time, for the time of day can be set; a pause between two readings would be an error.
 */
static inline int64_t clock__real_minus_boot_ns(void)
{
	uint64_t before, real, after, best = UINT64_MAX;
	int64_t diff = 0;

	for (int i = 0; i < 5 && best > 2000; i++) {
		before = clock__ns(CLOCK_BOOTTIME);
		real = clock__ns(CLOCK_REALTIME);
		after = clock__ns(CLOCK_BOOTTIME);
		if (after - before >= best)
			continue;
		best = after - before;
		diff = real - before;
	}
	return diff;
}

/* The clock of the events: since boot, suspended time included. */
static inline uint64_t clock__boot_ns(void)
{
	return clock__ns(CLOCK_BOOTTIME);
}

#endif
