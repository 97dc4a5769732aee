/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_SOURCES_H
#define GOENVBPF_CAPTURE_SOURCES_H
/*
 * What builds were made from: the hash of each file that a go command, a compiler or a C compiler read,
 * one line for each state of it.
 *
 * A queue of its own (look_queue.h) does it, and yields to everything; what is left at the end it has
 * some seconds for. A file is read with the rights of who opened it (opener.h), and the hash is that of one state:
 * change time and size are the same before and after. What could not be hashed is a line that says so.
 *
 * Lifecycle: sources__new() → sources__ask() and sources__wake() from one thread, sources__check() from another → sources__finish() (every request has its
 * line) → sources__free().
 */
#include <stdint.h>

#include "capture/inspector.h"

struct sources;

struct sources_opts {
	struct record *record;
	uint64_t boot_ns;		/* the record's start on the boot clock */
	const struct identity *owner;	/* of the record; NULL: root, for whom all is read */
	const char *kept;		/* folder of hashes that all observers have (hash_store.h); NULL: none */
	size_t queue_max;		/* requests that may wait; 0: 131072 */
	uint64_t size_max;		/* larger files are not hashed; 0: 256 MiB */
	uint64_t finish_ns;		/* for what is left; 0: five seconds */
};

int sources__new(const struct sources_opts *opts, struct sources **ret);
/* Copies what it is given, and keeps who. -EAGAIN: too much is waiting; -ENOMEM. */
int sources__ask(struct sources *s, const struct look_at *at);
/* Begins with what was asked so far: to wake a thread for each file takes longer than most answers. */
void sources__wake(struct sources *s);
/* As inspector__check(). NULL is fine, as with finish and free. */
void sources__check(struct sources *s);
void sources__finish(struct sources *s);
void sources__free(struct sources *s);

/* The line, but for its end, of a file that nobody will hash; err as in struct snapshot. */
void sources__begin_unread(struct line *line, const struct look_at *at, int err);

#endif
