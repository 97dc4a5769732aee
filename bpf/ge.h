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

/* The state of a followed task, NULL for all others. Settles a provisional one when it can. */
struct task_state *follow__get(struct task_struct *task) __hidden;
/* At exec: state of the task, made now when its new program or cgroup makes it interesting. */
struct task_state *follow__at_exec(struct task_struct *task, const struct ev_exe *exe) __hidden;

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

/* --- emit.bpf.c: the ring, and the books about it --- */

struct ev_stats *emit__stats(void) __hidden;
/* Room for one record, private until emit__put(). NULL when nested too deep, which is counted. */
void *emit__scratch(void) __hidden;
void emit__scratch_done(void) __hidden;
#define SCRATCH_SIZE (2 * (EV_PATH_MAX + EV_ARGS_MAX))

/* Fills the header's common part. */
void emit__head(struct ev_hdr *h, __u32 kind, const struct task_state *s) __hidden;
/* Copies len bytes to the ring. 0, or -1 when they were lost, which is counted. */
int emit__put(struct ev_hdr *h, __u32 len, enum ev_class class) __hidden;
void emit__count_loss(enum ev_loss what) __hidden;

#endif
