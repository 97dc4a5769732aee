/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_RING_H
#define GOENVBPF_CAPTURE_RING_H
/*
 * The thread that empties the ring.
 *
 * The programs wake nobody; the thread looks every few milliseconds and runs when nobody else wants
 * to: the ring is the buffer. A thread that never gets to run cannot notice that it should hurry,
 * so ring__tick(), called by somebody else, does.
 *
 * Lifecycle: ring__open() maps it, which takes a millisecond for 16 MiB → ring__start() → ring__tick() every
 * so often → ring__stop() when no program writes any more: everything is taken → ring__free().
 */
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"
#include "util/urgency.h"

struct ring;

struct ring_reader {
	int (*event)(void *ctx, void *data, size_t n);	/* always 0 */
	void (*idle)(void *ctx);			/* after each round, may be NULL */
	void *ctx;
};

/* Of size bytes. The map stays the caller's, and there until the ring is freed. */
int ring__open(int map_fd, uint64_t size, struct ring **ret);
int ring__start(struct ring *r, const struct ring_reader *reader);
/* Adjusts the thread's priority to how full the ring is, and will be by the next time. Returns it. */
enum urgency ring__tick(struct ring *r);
/* Has the thread look at once. */
void ring__wake(struct ring *r);
/* Waits until the thread has taken what is there by now, for no longer than so many milliseconds. */
void ring__catch_up(struct ring *r, unsigned int ms);
/* Takes everything that is there and ends the thread. */
void ring__stop(struct ring *r);
/* After ring__stop(): takes what a program that was still running has written since. */
void ring__drain(struct ring *r);
void ring__free(struct ring *r);		/* NULL is fine */

#endif
