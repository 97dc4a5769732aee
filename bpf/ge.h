/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GE_H
#define GOENVBPF_GE_H
/*
 * What the BPF files share. A map is defined in one file; the others reach it through that file's
 * functions, declared here in the order in which an event meets them.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "event.h"

#ifndef true	/* an anonymous enum in the kernel, left out of our type headers */
#define true 1
#define false 0
#endif

extern const volatile struct ev_config cfg;

/* --- follow.bpf.c: which tasks are of interest --- */

/*
 * The state of the current task when it is followed, NULL for all others. Settles a provisional one
 * when it can.
 */
struct task_state *follow__get(void) __hidden;
/* The same with its pending call; only where the hash is in use. */
struct task_entry *follow__entry(void) __hidden;
/* At exec: state of the task, made now when its new program or cgroup makes it interesting. */
struct task_state *follow__at_exec(const struct ev_exe *exe) __hidden;
/* At exec, first: a thread that replaces its process takes over the leader's id. */
void follow__at_exec_by(__u32 old_tid) __hidden;
/* At exit, last: the task's id may be given to another one. */
void follow__forget(void) __hidden;

/* --- path.bpf.c: what a relative path is relative to --- */

enum path_base {
	BASE_CWD,		/* of the current task */
	BASE_ROOT,		/* of the current task, seen from the mount tree's root */
	BASE_FD,		/* an open descriptor */
	BASE_EXE,		/* the program file */
};

/*
 * The id of the path, announced in the ring before this returns; 0 when there is none. Not hidden
 * like the others: a global function is verified once, not at each of its calls, and this is the
 * largest by far.
 */
__u64 path__id(enum path_base base, int fd);
/* Some directory's path may have changed: all announcements so far are void. */
void path__new_epoch(void) __hidden;

/* --- ring.bpf.c: what will not be seen --- */

/* A task has set up an io_uring, or was refused. */
void ring__put(const struct task_state *s, __s64 ret) __hidden;

/* --- emit.bpf.c: the ring, and the books about it --- */

struct ev_stats *emit__stats(void) __hidden;
/* Room for one record, private until emit__put(). NULL when nested too deep, which is counted. */
void *emit__scratch(void) __hidden;
/* The one that was got last. */
void *emit__scratch_top(void) __hidden;
void emit__scratch_done(void) __hidden;
#define SCRATCH_SIZE (2 * (EV_PATH_MAX + EV_ARGS_MAX))

/*
 * Long loops. bpf_loop() came with 5.17, and an older verifier follows every turn of a plain loop.
 * But a global function is verified once, whoever calls it: a loop over one, in another one, is
 * two short loops for the verifier and LOOP_MAX turns at run time. What a turn works on cannot be
 * passed, so it lies in a map. step() tells by a value other than 0 that it was the last turn.
 */
#define LOOP_HALF 64
#define LOOP_MAX (LOOP_HALF * LOOP_HALF)

#define DEFINE_LOOP(name, step)						\
	__noinline int name##_half(__u32 from)				\
	{								\
		__u32 i;						\
									\
		for (i = 0; i < LOOP_HALF; i++)				\
			if (step(from + i))				\
				return 1;				\
		return 0;						\
	}								\
									\
	/* 0 when all turns were taken and more would be needed. */	\
	static int name(void)						\
	{								\
		__u32 i;						\
									\
		for (i = 0; i < LOOP_MAX; i += LOOP_HALF)		\
			if (name##_half(i))				\
				return 1;				\
		return 0;						\
	}

/* Fills the header's common part. */
void emit__head(struct ev_hdr *h, __u32 kind, const struct task_state *s) __hidden;
/* Copies len bytes to the ring. 0, or -1 when they were lost, which is counted. */
int emit__put(struct ev_hdr *h, __u32 len, enum ev_class class) __hidden;
void emit__count_loss(enum ev_loss what) __hidden;
/* The same of an event that is not even built: it is seen and lost at once. */
void emit__count_unseen(enum ev_loss what) __hidden;

#endif
