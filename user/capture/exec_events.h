/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_EXEC_EVENTS_H
#define GOENVBPF_CAPTURE_EXEC_EVENTS_H
/*
 * An open descriptor of everything that is executed on this host, from fanotify. These are
 * notifications, not permissions: nothing ever waits for us.
 *
 * While an event waits, its file system cannot be unmounted and a file that was deleted keeps its
 * room. So they are taken at once, by a thread that does not yield, and closed when take() returns.
 *
 * Lifecycle: exec_events__new() → exec_events__start() → exec_events__mark() and
 * exec_events__settle() by another thread, exec_events__check() by a third → exec_events__free().
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "capture/snapshot.h"

struct exec_events;

struct exec_event {
	uint32_t pid;		/* in our PID namespace; 0: not there */
	int fd;			/* borrowed */
	struct stat st;		/* of fd; as the kernel has it, no server was asked */
};

/*
 * take: by the thread, with the baton of a relay (capture/relay.h), which it may leave behind. NULL:
 * no memory. There are none, for good, where fanotify is refused.
 */
struct exec_events *exec_events__new(void (*take)(void *ctx, const struct exec_event *ev), void *ctx);
int exec_events__start(struct exec_events *e);
bool exec_events__are_there(const struct exec_events *e);

/* What is executed from what they see mounted will be reported, too. mnt_ns 0: our own namespace. */
void exec_events__mark(struct exec_events *e, uint32_t mnt_ns, const struct file_name *name);
/* Returns when what has queued up is taken, but for what hangs. */
void exec_events__settle(struct exec_events *e);
/* As relay__check(). */
void exec_events__check(struct exec_events *e);
/* False: a thread hangs, and ctx is left to it. */
bool exec_events__free(struct exec_events *e);

#endif
