/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_PROCS_H
#define GOENVBPF_CAPTURE_PROCS_H
/*
 * The program images that are followed now, and what is held back until it is known whether one of
 * them is of interest.
 *
 * Lifecycle: procs__new() → procs__add() at fork, exec or adoption, procs__find() at each event,
 * procs__drop() at exit or when replaced → procs__free().
 *
 * A provisional image is of interest when it, or what it descends from, is a Go program. That
 * follows its inheritance: a forked process is what its parent is; an exec'ed image is Go itself or
 * what the image before was.
 */
#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "bpf/event.h"
#include "capture/configs.h"
#include "capture/inspector.h"
#include "record/line.h"

/* A line, or a request to the inspector, that waits for its process's verdict. */
struct held {
	struct held *next;
	enum rec_kind kind;	/* REC_UNKNOWN: a request, text is its path */
	uint64_t redactions;
	struct look_at at;
	size_t len;
	char text[];
};

/* An exec whose argv and environment are still arriving. */
struct pending_exec {
	struct ev_exec *ev;
	char *bytes[BLOB_CNT];
	uint32_t len[BLOB_CNT];
	uint32_t got[BLOB_CNT];
};

struct proc {
	uint64_t key;		/* the programs' number */
	uint64_t id;		/* the record's number: 1, 2, 3, … */
	uint64_t parent;	/* the record's number of the forker, 0: unknown */
	uint64_t prev;		/* the record's number of the image before, 0: none */
	uint32_t pid;
	uint32_t local_pid;	/* in our PID namespace, 0: not there, or not known */
	bool own_root;		/* its paths are not ours: chroot, mount namespace */
	uint32_t mnt_ns;	/* 0: ours */
	bool is_split;		/* its threads do not all see the same */
	bool has_ring;		/* that it is blind was told */
	uint64_t view;		/* stands for mount namespace and root; 0: what we see */
	struct viewer first_viewer;	/* first in its line that saw that */
	/*
	 * Other rights than the owner's of a record that is of his processes alone, or nobody knows whose: what
	 * it does is not told.
	 */
	bool is_foreign;
	bool is_foreigners;	/* so was who started it */
	uint64_t withheld;	/* lines that were not told */
	bool exited;
	bool adopted;		/* it ran before it was followed: its end may have come before that, too */
	bool gone;		/* adopted, and no longer there when somebody looked */
	enum follow follow;
	enum follow own;	/* what its own program says, FOLLOW_MAYBE: not looked at yet */
	uint64_t inherits;	/* key of the undecided image it would follow, 0: none */
	uint64_t ended;		/* ts of a negative verdict */
	struct held *held, **held_tail;
	size_t held_bytes;
	uint64_t held_lost;	/* lines for which there was no room */
	size_t *all_held;	/* bytes of all */
	struct opener *opener;	/* as whom it opens files, NULL: not known */
	char *output;		/* a file that go writes where a program may come to be; NULL */
	struct pause *pause;	/* as pauses.c saw it the last time; NULL: it runs */
	struct configs *configs;	/* files that it was told of, NULL: none */
	struct pending_exec *exec;
	UT_hash_handle hh;
	bool hash_failed;
};

struct procs;

struct procs *procs__new(void);		/* NULL: no memory */
void procs__free(struct procs *ps);

struct proc *procs__find(struct procs *ps, uint64_t key);
/* NULL: no memory. */
struct proc *procs__add(struct procs *ps, uint64_t key, uint32_t pid, enum follow follow);
void procs__drop(struct procs *ps, struct proc *p);
/* Those that are not dropped; from any thread. */
size_t procs__count(const struct procs *ps);
/* What is held back for all of them. */
size_t procs__held_bytes(const struct procs *ps);
/* For iteration in order of arrival; the next one is p->hh.next. */
struct proc *procs__first(struct procs *ps);

/* It has changed its root, or its mount namespace (0: to ours), without an exec; self: it, then. */
void proc__enter_root(struct proc *p, struct viewer self);
void proc__enter_ns(struct proc *p, uint32_t mnt_ns, struct viewer self);

/* Appends to what is held back; false: no memory. */
bool proc__hold_line(struct proc *p, const struct line *l);
bool proc__hold_request(struct proc *p, const struct look_at *at);
/* Gives the held list away. */
struct held *proc__take_held(struct proc *p);
void held__free(struct held *h);

void pause__free(struct pause *p);		/* pauses.c; NULL is fine */
void pending_exec__free(struct pending_exec *e);	/* NULL is fine */

#endif
