/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_LOOK_QUEUE_H
#define GOENVBPF_CAPTURE_LOOK_QUEUE_H
/*
 * Requests to look at files, answered one after the other by a relay, which yields to everything.
 *
 * Lifecycle: look_queue__new() → look_queue__start() → look_queue__add() by one thread,
 * look_queue__check() by another → look_queue__finish() → look_queue__free().
 */
#include "capture/inspector.h"

struct look_queue;

struct look_queue_opts {
	void (*begin)(void *ctx);	/* first of all, by each thread */
	/* With the baton, see capture/relay.h: what may hang is between relay__leave() and return. */
	void (*answer)(void *ctx, struct look_at *at);
	/* Nobody will answer it, for it hangs (or others do, and the rest is not waited for). */
	void (*unread)(void *ctx, const struct look_at *at);
	void (*hangs)(void *ctx, const struct look_at *at);	/* as a relay's; NULL: it can wait */
	void *ctx;
	size_t long_at;			/* so many wait that it no longer yields; 0: it always does */
	bool is_patient;		/* nothing is answered before look_queue__wake(), to do many at once */
};

/* NULL: no memory. */
struct look_queue *look_queue__new(const struct look_queue_opts *opts);
int look_queue__start(struct look_queue *q);
/* Not answered yet. */
size_t look_queue__cnt(const struct look_queue *q);
/* Copies what it is given, and keeps who. -ENOMEM. */
int look_queue__add(struct look_queue *q, const struct look_at *at);
/* Has what was added answered, if that waits for it. */
void look_queue__wake(struct look_queue *q);
/* As relay__check(). */
void look_queue__check(struct look_queue *q);
/* Returns when all requests so far are answered, but for what hangs; from now on it yields no more. */
void look_queue__flush(struct look_queue *q);
/* The same, and ends the threads. */
void look_queue__finish(struct look_queue *q);
/* False: a thread was left behind, and all that it uses is left to it. */
bool look_queue__free(struct look_queue *q);

#endif
