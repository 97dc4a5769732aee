/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_CAPTURE_H
#define GOENVBPF_CAPTURE_CAPTURE_H
/*
 * One capture: from the kernel into a record.
 *
 * Lifecycle: capture__open() loads and attaches and writes the record's header → one of the
 * capture__follow_…() → the caller waits for what it waits for, calling capture__tick() every
 * CAPTURE_TICK_MS → capture__close() detaches, drains, writes the record's end and tells the
 * totals → capture__free(). The record stays the caller's, who finishes it.
 *
 * A thread of its own takes events out of the ring, another looks at files; both yield to what is
 * observed until the ring is half full. The caller's thread only ticks.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/record.h"
#include "util/fds.h"
#include "util/identity.h"

#define CAPTURE_TICK_MS 20

struct capture;

struct capture_tag {
	const char *key;
	const char *value;
};

struct capture_opts {
	struct record *record;
	/* Whose the record is: nothing is read for it that is closed to that user. NULL: root, all. */
	const struct identity *owner;
	const char *mode;		/* "run", "attach", "watch" */
	char *const *command;		/* NULL-terminated, or NULL */
	const struct capture_tag *tags;
	size_t tag_cnt;
	uint64_t ring_size;		/* bytes, 0: the default */
	const char *hooks;		/* tier, NULL: auto */
	const char *cgroup;		/* directory of the cgroup to follow, or NULL */
	bool all;
	bool net;
	bool no_hash;			/* what is built from is not hashed */
	bool watch;			/* find Go programs by themselves */
	bool adopt;			/* something that already runs will be followed */
	pid_t front;			/* another process of ours, which only waits for us; 0: none */
	bool only_own;			/* of owner's own processes alone: see decode_foreign.c */
	struct prepared *prepared;	/* taken, whatever comes; NULL: nothing was */
};

/*
 * What takes most of the time of a start, done ahead of it, by the process that will open the capture:
 * programs that are loaded as these options ask for. A capture that asks for something else loads its own.
 */
struct prepared;
/* used: what was prepared before, by a process that is gone; NULL, or taken whatever comes. */
int capture__prepare(const struct capture_opts *opts, struct fds *used, struct prepared **ret);
/*
 * What is loaded, as descriptors that stay its own: who has copies of them can have the next one prepared at a tenth
 * of the price. None: that is not possible.
 */
void prepared__leave(const struct prepared *p, struct fds *ret);
void prepared__free(struct prepared *p);	/* of one that no capture took; NULL is fine */

struct capture_totals {
	uint64_t seen, sent;		/* events */
	uint64_t lost_file, lost_life, lost_follow, lost_read;
	uint64_t blind;			/* lines that say what was out of sight */
	uint64_t fstat;			/* fstat-like calls, counted only */
	uint64_t duration;		/* ns */
	uint64_t alive;			/* processes that were followed and had not ended */
	bool balanced;			/* seen = sent + lost holds */
	bool complete;			/* nothing was lost or out of sight, nobody who counts is alive */
};

/* Logs what is wrong; negative errno. */
int capture__open(const struct capture_opts *opts, struct capture **ret);

/* A child of ours that waits to exec: it and all that descends from it. */
int capture__follow_child(struct capture *c, pid_t pid);
/* A process that runs, and its descendants. */
int capture__follow_process(struct capture *c, pid_t pid);
/* All of opts.cgroup. */
int capture__follow_cgroup(struct capture *c);
/* All Go programs that run (opts.watch: later ones are found by themselves). */
int capture__follow_go(struct capture *c);

/* When all is followed: gives up what is not needed to wait and to close, for the calling thread. */
void capture__settle(struct capture *c);

/*
 * Until those that ran already were looked at, a few seconds at most: for who may be one of them, and will end
 * as soon as he is told that they are followed.
 */
void capture__catch_up(struct capture *c);
void capture__tick(struct capture *c);
/* Followed processes that have not ended, by what the ring holds: it is looked at soon. 0 also when that is not known, because events were lost. */
size_t capture__alive(struct capture *c);

/*
 * status: exit status to record in the end line, -1: none. is_over: the process that it is about has
 * ended by itself, so that whoever lives on makes the record incomplete.
 */
int capture__close(struct capture *c, int status, bool is_over, struct capture_totals *ret);
void capture__free(struct capture *c);

DEFINE_CLEANUP(capture, struct capture *, capture__free);
#define __free_capture __cleanup_with(capture)

#endif
