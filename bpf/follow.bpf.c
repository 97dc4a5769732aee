// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which tasks are of interest.
 *
 * State lives in task storage: as cheap to look up as a hash, needs no size and goes away with the
 * task. It is inherited at fork before the child runs, so following never depends on the ring.
 */
#include "ge.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/* What user space found programs to be: enum follow by executable (watch). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct ev_exe);
	__type(value, __u32);
} exes SEC(".maps");

/* What user space decided about provisional program images: enum follow by proc (watch). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u32);
} verdicts SEC(".maps");

/* Processes that user space asks the iterator to take in (attach, watch), by pid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

/* Tasks that the iterator has taken in; user space repeats it until this stands still. */
__u64 adopted_cnt = 0;

static __u64 new_proc(void)
{
	struct ev_stats *st = emit__stats();

	/* The first one is PROC_FIRST_KERNEL. */
	return st ? ++st->next_proc << 12 | bpf_get_smp_processor_id() : 0;
}

static struct task_state *create_state(struct task_struct *task, __u64 proc, __u64 parent,
				       __u32 follow)
{
	struct task_state *s;

	s = bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!s) {
		emit__count_loss(LOSS_FOLLOW);
		return NULL;
	}
	s->proc = proc;
	s->parent = parent;
	s->follow = follow;
	return s;
}

/* A provisional task becomes followed, or not, once user space has said so. */
static bool is_followed(struct task_state *s)
{
	__u32 *verdict;

	if (s->follow != FOLLOW_MAYBE)
		return s->follow == FOLLOW_YES;
	verdict = bpf_map_lookup_elem(&verdicts, &s->proc);
	if (verdict)
		s->follow = *verdict;
	return s->follow != FOLLOW_NO;
}

__hidden struct task_state *follow__get(struct task_struct *task)
{
	struct task_state *s = bpf_task_storage_get(&tasks, task, NULL, 0);

	return s && is_followed(s) ? s : NULL;
}

/* --- cgroups --- */

#define CGROUP_DEPTH 32

static bool is_below_cgroup(struct cgroup *cgrp)
{
	int i;

	for (i = 0; i < CGROUP_DEPTH && cgrp; i++) {
		if (BPF_CORE_READ(cgrp, kn, id) == cfg.cgroup)
			return true;
		/* self is the first member: a cgroup and its own subsystem state share an address */
		cgrp = (struct cgroup *)BPF_CORE_READ(cgrp, self.parent);
	}
	return false;
}

/* --- life --- */

static void emit_fork(struct task_struct *child, const struct task_state *s,
		      const struct task_state *cs, bool thread)
{
	struct ev_fork ev = {};

	emit__head(&ev.h, EV_FORK, s);
	if (thread)
		ev.h.flags |= EVF_THREAD;
	ev.child = child->pid;
	ev.child_proc = cs->proc;
	emit__put(&ev.h, sizeof(ev), CLASS_LIFE);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(ge_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *s = follow__get(parent), *cs;
	bool thread = parent->tgid == child->tgid;

	if (!s)
		return 0;
	cs = create_state(child, thread ? s->proc : new_proc(), thread ? s->parent : s->proc,
			  s->follow);
	if (cs)
		emit_fork(child, s, cs, thread);
	return 0;
}

__hidden struct task_state *follow__at_exec(struct task_struct *task, const struct ev_exe *exe)
{
	struct task_state *s = follow__get(task);
	__u32 *known, follow = FOLLOW_MAYBE;

	if (!s && !cfg.watch)
		return NULL;
	if (s && s->follow == FOLLOW_YES) {
		s->proc = new_proc();
		return s;
	}
	known = bpf_map_lookup_elem(&exes, exe);
	if (known)
		follow = *known;
	if (!s)
		return follow == FOLLOW_NO ? NULL : create_state(task, new_proc(), 0, follow);
	/* Still provisional: its ancestor may turn out to be Go, whatever it runs itself. */
	s->proc = new_proc();
	if (follow == FOLLOW_YES)
		s->follow = FOLLOW_YES;
	return s;
}

/* --- taking in what already runs --- */

static void emit_adopt(struct task_struct *leader, const struct task_state *s)
{
	struct ev_adopt ev = {};

	emit__head(&ev.h, EV_ADOPT, s);
	ev.h.pid = ev.h.tid = BPF_CORE_READ(leader, tgid);
	ev.ppid = BPF_CORE_READ(leader, real_parent, tgid);
	ev.parent = s->parent;
	emit__put(&ev.h, sizeof(ev), CLASS_LIFE);
}

/*
 * What moves into the cgroup is followed from there on, and stays so. The hook sees only the leader
 * of a process with threads: user space runs the iterator for the others when it reads of it.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(ge_cgroup, struct cgroup *dst, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	struct task_state *s;

	if (!cfg.cgroup || bpf_task_storage_get(&tasks, task, NULL, 0) || !is_below_cgroup(dst))
		return 0;
	s = create_state(task, new_proc(), 0, FOLLOW_YES);
	if (s)
		emit_adopt(task, s);
	return 0;
}

/*
 * One pass over all tasks: takes in the targets, and whatever has a followed parent or thread
 * group leader. The fork hook is attached before, so a task that this pass misses has a parent that
 * it did not know yet, and the next pass finds it: when a pass takes in nothing, none is left out.
 */
SEC("iter/task")
int ge_adopt(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *leader, *parent;
	struct task_state *s, *ps;
	__u32 tgid;

	if (!task || bpf_task_storage_get(&tasks, task, NULL, 0))
		return 0;
	leader = task->group_leader;
	if (!leader)
		return 0;
	s = bpf_task_storage_get(&tasks, leader, NULL, 0);
	if (!s) {
		tgid = task->tgid;
		parent = leader->real_parent;
		ps = parent ? bpf_task_storage_get(&tasks, parent, NULL, 0) : NULL;
		if (ps && ps->follow != FOLLOW_YES)
			ps = NULL;
		if (!ps && !bpf_map_lookup_elem(&targets, &tgid))
			return 0;
		s = create_state(leader, new_proc(), ps ? ps->proc : 0, FOLLOW_YES);
		if (!s)
			return 0;
		emit_adopt(leader, s);
		adopted_cnt++;
	}
	if (task != leader && create_state(task, s->proc, s->parent, s->follow))
		adopted_cnt++;
	return 0;
}
