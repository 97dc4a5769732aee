/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_PRIVILEGES_H
#define GOENVBPF_UTIL_PRIVILEGES_H
/*
 * What this program may do that others may not, and how it gives that up. Capabilities are those of
 * one thread, and a thread begins with those of its maker: what nobody needs goes before there are
 * any threads.
 */
#include <stdbool.h>
#include <stdint.h>

#include <linux/capability.h>

#include "util/identity.h"

#define CAP_BIT(cap) (1ULL << (cap))

bool privileges__have(unsigned int cap);
/* Leaving SCHED_IDLE needs CAP_SYS_NICE or a nice limit that admits 0, see sched(7). */
bool privileges__may_leave_idle(void);

/* Gives up all capabilities of the calling thread but these, for good. 0 or negative errno. */
int privileges__keep(uint64_t caps);
/* No program that this thread and those that it makes start can get more than we have. */
int privileges__no_new(void);
/* Becomes that user for good, and everybody's threads with it, without any capability. */
int privileges__become(const struct identity *id);

#endif
