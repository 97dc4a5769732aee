/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_EARLY_H
#define GOENVBPF_CAPTURE_EARLY_H
/*
 * Configuration that does not live long, read when it is opened.
 *
 * The consumer of the events comes when nobody else wants the CPU, the file inspector after it: tens
 * of milliseconds later at best, on a busy machine seconds. Then importcfg is gone with its tool,
 * and go/env is what the next command made of it. So the programs put a copy of the few records
 * that tell of such a file into a ring of its own, and wake the thread here, which does nothing but
 * read that file, and at once. The text waits for the inspector. Nothing is lost with a copy
 * that is: the inspector reads by itself what is not here.
 *
 * Lifecycle: early__new() → early__start() before the hooks are attached → early__take() by one
 * other thread → early__free().
 */
#include <stdbool.h>
#include <stdint.h>

#include "capture/snapshot.h"

struct early;

/* owner: of the record, NULL: root. NULL: no memory, or no descriptor. */
struct early *early__new(const struct identity *owner);
int early__start(struct early *e, int map_fd);
/*
 * What was read when that program image (the programs' number) opened a file at that time of the boot
 * clock; false: nothing. For each event once. own_root: it sees another root than we.
 */
bool early__take(struct early *e, uint64_t proc, uint64_t boot_ts, bool own_root,
		 struct snapshot *ret);
/* NULL is fine. A thread that hangs in a file system is left behind. */
void early__free(struct early *e);

/* For ring_buffer__new(): reads what one record of the ring tells of. ctx is what it is kept in. */
int early__event(void *ctx, void *data, size_t n);

#endif
