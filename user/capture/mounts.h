/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_MOUNTS_H
#define GOENVBPF_CAPTURE_MOUNTS_H
/*
 * The file systems whose executions are reported to us: all that are mounted in our mount
 * namespace, and in those of the processes that are followed, also when they come later.
 *
 * Lifecycle: mounts__new() → mounts__mark() → mounts__free(). One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "capture/procdir.h"

struct mounts;

struct mounts *mounts__new(int fan_fd);		/* fan_fd is borrowed; NULL: no memory */
void mounts__free(struct mounts *m);

/* Marks what is mounted here; when it has changed since. False: nothing can be marked. */
bool mounts__mark(struct mounts *m);
/* The same for another mount namespace, as one of its processes sees it. */
void mounts__mark_seen_by(struct mounts *m, uint32_t mnt_ns, const struct viewer *v);

#endif
