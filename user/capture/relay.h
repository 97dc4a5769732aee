/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_RELAY_H
#define GOENVBPF_CAPTURE_RELAY_H
/*
 * A job that one thread does at a time, and that goes on although that one hangs: a read from a file
 * system whose server does not answer may return never, and no signal ends it.
 *
 * Who does the job holds the baton. It leaves it behind for whatever may hang, and touches nothing
 * meanwhile that others use. When that takes too long, a spare thread goes on with the job; the other
 * one ends what it had begun when it returns, if ever, and is the spare one then.
 *
 * Lifecycle: relay__new() → relay__start(), with the capabilities that the job needs → relay__check()
 * every now and then, by somebody who does not hang → relay__stop() → relay__free().
 */
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

struct relay;

struct relay_opts {
	void (*begin)(void *ctx);	/* first of all, by each thread; NULL: nothing */
	/* One piece of the job, with the baton. While there is none it waits in relay__pause(). */
	void (*work)(void *ctx);
	/* Somebody hangs, in what it said at relay__leave(). By who checks, without the baton. */
	void (*hangs)(void *ctx, void *piece);
	void *ctx;
};

/* NULL: no memory. */
struct relay *relay__new(const struct relay_opts *opts);
int relay__start(struct relay *r);

/*
 * By who works, around what may hang: piece is what it does, where is what it waits for (a device, a
 * user), for relay__is_stuck(). relay__pause(): it waits for work, as long as that takes. No-ops
 * elsewhere than in a relay's threads.
 */
void relay__leave(void *piece, uint64_t where);
void relay__pause(void);
void relay__return(void);
/* So many that nobody should wait there, too, hang there already. */
bool relay__is_stuck(uint64_t where);

/* Takes the work from those who hang. */
void relay__check(struct relay *r);
/* Who hangs at the moment. */
unsigned int relay__hung_cnt(struct relay *r);
/*
 * Yields to everything but who holds something open (between leave and return), who is as others are;
 * false: works as others do.
 */
void relay__set_idle(struct relay *r, bool idle);

/*
 * Lets each end its piece; whoever waits must be woken by the caller. Who hangs is left behind, and
 * left(ctx, piece) is called for each.
 */
void relay__stop(struct relay *r, void (*left)(void *ctx, void *piece));
/* False: somebody was left behind, and all that the job uses is left to it. */
bool relay__free(struct relay *r);

#endif
