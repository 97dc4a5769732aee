/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_NEEDS_H
#define GOENVBPF_CAPTURE_NEEDS_H
/*
 * Which capabilities an observer needs, who of its threads what for, and what is not known without.
 *
 * Lifecycle: needs__begin() before there are threads → each gives up what is not its own → the caller's
 * thread, when everything is followed, with NEEDS_WAITING.
 */
#include <stdbool.h>

enum needs_of {
	NEEDS_ALL,		/* of all threads, and to load and attach */
	NEEDS_RING,		/* who decodes: processes in /proc */
	NEEDS_INSPECTOR,	/* who reads files: with their openers' ids; fanotify */
	NEEDS_EARLY,		/* who only reads files with their openers' ids */
	NEEDS_WAITING,		/* who ticks, counts and gives the record its name */
};

/* Gives up what nobody needs, for good, and the way to get more. Logs why not; negative errno. */
int needs__begin(void);
/* The same for the calling thread. A failure leaves it what it has. */
void needs__keep(enum needs_of who);

struct need_missing {
	const char *name;	/* CAP_SYS_PTRACE */
	const char *without;	/* what is not known, or not done, for want of it */
};

/*
 * A capability that this thread has not and that matters, from *i on, which is 0 at first; false: there
 * are no more. adopts: what already runs is to be followed.
 */
bool needs__next_missing(unsigned int *i, bool adopts, struct need_missing *ret);
/* Logs them all. */
void needs__tell_missing(bool adopts);

#endif
