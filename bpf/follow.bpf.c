// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which tasks are of interest.
 *
 * State lives in task storage: as cheap to look up as a hash, needs no size and goes away with the
 * task. Kernels before 5.13 do not have it for us, and a program of the last tier gets no task that
 * the verifier trusts: then it is a hash by thread id, kept in step with the tasks here. State is
 * inherited at fork before the child runs, so following never depends on the ring.
 */
#include "ge.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/* All of it is there from the start: tracing programs of 5.10 must not allocate. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TASK_HASH_MAX);
	__type(key, __u32);
	__type(value, struct task_entry);
} task_hash SEC(".maps");

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

/* Processes that user space asks the iterator to take in (attach, watch), by its own pids. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

/* Tasks that the iterator has adopted; user space repeats it until this stands still. */
__u64 adopted_cnt = 0;

/* Verified with one of both maps only: the other one is not even created. */
static struct task_state *find_state(struct task_struct *task)
{
	__u32 tid;

	if (!cfg.hash)
		return bpf_task_storage_get(&tasks, task, NULL, 0);
	tid = BPF_CORE_READ(task, pid);
	return bpf_map_lookup_elem(&task_hash, &tid);
}

/* Not on the stack, which ends at 512 bytes. */
static const struct task_entry new_entry = { .nr = NR_NONE };

static struct task_state *add_entry(__u32 tid)
{
	bpf_map_update_elem(&task_hash, &tid, &new_entry, BPF_ANY);
	return bpf_map_lookup_elem(&task_hash, &tid);
}

/* New ones are zero. */
static __always_inline struct task_state *make_state(struct task_struct *task)
{
	if (cfg.hash)
		return add_entry(BPF_CORE_READ(task, pid));
	return bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static struct task_state *create_state(struct task_struct *task, const struct task_state *init)
{
	struct task_state *s = make_state(task);

	if (!s) {
		emit__count_loss(LOSS_FOLLOW);
		return NULL;
	}
	*s = *init;
	return s;
}

/*
 * Of a task that is just being forked the pass over all tasks may take care as well: NULL, too, when it was the
 * other one, to whom the kernel gives the state when both ask for it at the same time.
 */
static struct task_state *create_once(struct task_struct *task, const struct task_state *init)
{
	struct task_state *s = make_state(task);

	if (!s && !find_state(task))
		emit__count_loss(LOSS_FOLLOW);
	if (!s || s->proc)
		return NULL;
	*s = *init;
	return s;
}

/* A thread is of its process; of the rest of its state the leader may be changing some. */
static void begin_thread(struct task_state *ret, const struct task_state *leader,
			 struct task_struct *task)
{
	ret->proc = leader->proc;
	ret->parent = leader->parent;
	ret->follow = leader->follow;
	share__begin(task, ret);
}

/* A provisional task becomes followed, or not, once user space has said so. */
static __noinline bool settle(struct task_state *s)
{
	__u32 *verdict;

	if (s->follow == FOLLOW_NO)
		return false;
	verdict = bpf_map_lookup_elem(&verdicts, &s->proc);
	if (verdict)
		s->follow = *verdict;
	return s->follow != FOLLOW_NO;
}

__hidden struct task_entry *follow__entry(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&task_hash, &tid);
}

__hidden void follow__see(__u32 tid, __u32 fs_seq, __u32 fd_seq)
{
	struct task_entry *e = bpf_map_lookup_elem(&task_hash, &tid);

	if (!e)
		return;
	e->s.fs_seq = fs_seq;
	e->s.fd_seq = fd_seq;
}

/*
 * When a process moves into the cgroup, its leader alone is reported. What the other threads do
 * next is known by it.
 */
static __noinline struct task_state *follow_leader(void)
{
	struct task_struct *task = cfg.hash ? (void *)bpf_get_current_task() :
					      bpf_get_current_task_btf(), *leader;
	struct task_state *s, *own;

	leader = cfg.hash ? BPF_CORE_READ(task, group_leader) : task->group_leader;
	if (!leader || leader == task)
		return NULL;
	s = find_state(leader);
	if (!s || s->follow != FOLLOW_YES)
		return NULL;
	own = create_state(task, &new_entry.s);
	if (own)	/* of nobody's interest until here */
		begin_thread(own, s, task);
	return own;
}

static __always_inline struct task_state *find_current(void)
{
	if (cfg.hash)
		return (void *)follow__entry();
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL, 0);
}

__hidden struct task_state *follow__own(void)
{
	struct task_state *s = find_current();

	return s && s->follow != FOLLOW_NO ? s : NULL;
}

__hidden struct task_state *follow__get(void)
{
	struct task_state *s = find_current();

	if (!s && cfg.cgroup)
		s = follow_leader();
	return !s || s->follow == FOLLOW_YES || settle(s) ? s : NULL;
}

__hidden void follow__forget(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (cfg.hash)
		bpf_map_delete_elem(&task_hash, &tid);
}

/* The leader has gone through its exit before: its entry is no longer there. */
__hidden void follow__at_exec_by(__u32 old_tid)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct task_entry *old, e;

	if (!cfg.hash || old_tid == tid)
		return;
	old = bpf_map_lookup_elem(&task_hash, &old_tid);
	if (!old)
		return;
	e = *old;
	bpf_map_delete_elem(&task_hash, &old_tid);
	if (bpf_map_update_elem(&task_hash, &tid, &e, BPF_ANY))
		emit__count_loss(LOSS_FOLLOW);
}

/* --- cgroups --- */

#define CGROUP_DEPTH 32

/* One member, for libbpf goes through all types of the kernel for each of ours. */
struct cgroup_root___any {
	int hierarchy_id;
} __attribute__((preserve_access_index));

static bool is_below_cgroup(struct cgroup *cgrp)
{
	struct cgroup_root___any *tree = (void *)BPF_CORE_READ(cgrp, root);
	int i;

	if (BPF_CORE_READ(tree, hierarchy_id) != cfg.cgroup_tree)
		return false;
	for (i = 0; i < CGROUP_DEPTH && cgrp; i++) {
		if (BPF_CORE_READ(cgrp, kn, id) == cfg.cgroup)
			return true;
		/* self comes first: a cgroup and its own subsystem state share an address */
		cgrp = (struct cgroup *)BPF_CORE_READ(cgrp, self.parent);
	}
	return false;
}

/* --- PID namespaces --- */

#define PID_NS_LEVELS 33	/* MAX_PID_NS_LEVEL and the host's */

/* User space may live in a PID namespace, and cannot know what the host calls a process. */
__hidden __u32 follow__local_pid(struct task_struct *leader)
{
	struct pid *pid;
	struct upid upid;
	__u32 i, level;

	if (!cfg.pid_ns)
		return 0;
	pid = BPF_CORE_READ(leader, thread_pid);
	level = BPF_CORE_READ(pid, level);
	for (i = 0; i < PID_NS_LEVELS && i <= level; i++) {
		if (bpf_core_read(&upid, sizeof(upid), &pid->numbers[0] + i))
			return 0;
		if (BPF_CORE_READ(upid.ns, ns.inum) == cfg.pid_ns)
			return upid.nr;
	}
	return 0;
}

/* --- life --- */

static bool is_own_leader(struct task_struct *task)
{
	return BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid);
}

/* Has user space said that the current task is not of interest (itself)? */
static bool is_left_out(void)
{
	struct task_struct *task = cfg.hash ? (void *)bpf_get_current_task() :
					      bpf_get_current_task_btf();

	return find_state(task);
}

static void emit_fork(struct slot *slot, struct task_struct *child, const struct task_state *s,
		      const struct task_state *cs, bool thread)
{
	struct ev_fork *ev = (void *)slot->record;

	emit__head(&ev->h, EV_FORK, s);
	if (thread)
		ev->h.flags |= EVF_THREAD;
	ev->child = BPF_CORE_READ(child, pid);
	ev->child_proc = cs->proc;
	ev->mnt_ns = BPF_CORE_READ(child, nsproxy, mnt_ns, ns.inum);
	emit__put(&ev->h, sizeof(*ev), CLASS_LIFE);
}

static struct task_state *adopt(struct task_struct *leader, __u64 parent);

/* The parent is the current task. */
static __always_inline void on_fork(struct task_struct *child)
{
	struct task_state *s = follow__get(), *cs, init = {};
	struct slot *slot;
	bool thread;

	if (!s) {
		/*
		 * Born in the cgroup (CLONE_INTO_CGROUP), of somebody outside: who will not move
		 * into it.
		 */
		if (cfg.cgroup && is_own_leader(child) &&
		    is_below_cgroup(BPF_CORE_READ(child, cgroups, dfl_cgrp)) && !is_left_out())
			adopt(child, 0);
		return;
	}
	slot = emit__slot();
	if (!slot) {
		emit__count_loss(LOSS_FOLLOW);
		return;
	}
	thread = BPF_CORE_READ(child, tgid) == bpf_get_current_pid_tgid() >> 32;
	init.proc = thread ? s->proc : emit__unique(slot);
	init.parent = thread ? s->parent : s->proc;
	init.follow = s->follow;
	share__begin(child, &init);
	cs = create_once(child, &init);
	if (cs)
		emit_fork(slot, child, s, cs, thread);
	emit__done(slot);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(ge_fork, struct task_struct *parent, struct task_struct *child)
{
	on_fork(child);
	return 0;
}

/*
 * Where programs can be preempted: one that is, is skipped for all others on its CPU, and then its
 * second copy is not. It has nothing to do where the first has run.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(ge_fork_again, struct task_struct *parent, struct task_struct *child)
{
	if (!find_state(child))
		on_fork(child);
	return 0;
}

/* The classic event tells the child's id, but not whether it is a thread. */
SEC("raw_tp/sched_process_fork")
int BPF_PROG(ge_fork_raw, struct task_struct *parent, struct task_struct *child)
{
	on_fork(child);
	return 0;
}

/* The current task's, which nobody followed until now. */
static struct task_state *create_current(struct slot *slot, __u32 follow)
{
	struct task_state init = { .proc = emit__unique(slot), .follow = follow };

	share__begin((void *)bpf_get_current_task(), &init);
	if (cfg.hash)
		return create_state((void *)bpf_get_current_task(), &init);
	return create_state(bpf_get_current_task_btf(), &init);
}

__hidden struct task_state *follow__at_exec(const struct ev_exe *exe, struct slot *slot)
{
	struct task_state *s = follow__own();
	__u32 *known, follow = FOLLOW_MAYBE;

	if (!s && !cfg.watch)
		return NULL;
	if (s)
		s->has_ring = 0;
	if (s && s->follow == FOLLOW_YES) {
		s->proc = emit__unique(slot);
		return s;
	}
	known = bpf_map_lookup_elem(&exes, exe);
	if (known)
		follow = *known;
	if (!s)
		return follow == FOLLOW_NO ? NULL : create_current(slot, follow);
	/* Still provisional: its ancestor may turn out to be Go, whatever it runs itself. */
	s->proc = emit__unique(slot);
	if (follow == FOLLOW_YES)
		s->follow = FOLLOW_YES;
	return s;
}

/* --- taking in what already runs --- */

static void emit_adopt(struct slot *slot, struct task_struct *leader, const struct task_state *s)
{
	const struct cred *cred = BPF_CORE_READ(leader, cred);
	struct mm_struct *mm = BPF_CORE_READ(leader, mm);
	struct ev_adopt *ev = (void *)slot->record;
	struct inode___any *exe;

	emit__head(&ev->h, EV_ADOPT, s);
	ev->h.pid = ev->h.tid = BPF_CORE_READ(leader, tgid);
	ev->ppid = BPF_CORE_READ(leader, real_parent, tgid);
	ev->parent = s->parent;
	ev->local_pid = follow__local_pid(leader);
	ev->uid = BPF_CORE_READ(cred, euid.val);
	ev->rights = ev->uid != BPF_CORE_READ(cred, uid.val) || has_file_capabilities(cred) ? EV_SETID : 0;
	exe = (void *)BPF_CORE_READ(mm, exe_file, f_inode);
	ev->exe_ino = BPF_CORE_READ(exe, i_ino);
	ev->args_at = BPF_CORE_READ(mm, arg_start);
	emit__put(&ev->h, sizeof(*ev), CLASS_LIFE);
}

/* Follows a process from now on that already runs. */
static struct task_state *adopt(struct task_struct *leader, __u64 parent)
{
	struct task_state *s, init = { .parent = parent, .follow = FOLLOW_YES };
	struct slot *slot = emit__slot();

	if (!slot) {
		emit__count_loss(LOSS_FOLLOW);
		return NULL;
	}
	init.proc = emit__unique(slot);
	share__begin(leader, &init);
	s = create_once(leader, &init);
	if (s)
		emit_adopt(slot, leader, s);
	emit__done(slot);
	return s;
}

/*
 * What moves into the cgroup is followed from there on, and stays so. The hook sees only the leader
 * of a process with threads: user space runs the iterator for the others when it reads of it.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(ge_cgroup, struct cgroup *dst, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	if (cfg.cgroup && !find_state(task) && is_below_cgroup(dst))
		adopt(task, 0);
	return 0;
}

static struct task_state *adopt_leader(struct task_struct *leader)
{
	struct task_struct *parent = leader->real_parent;
	struct task_state *s, *ps = parent ? find_state(parent) : NULL;
	__u32 pid = cfg.pid_ns ? follow__local_pid(leader) : leader->tgid;

	if (ps && ps->follow != FOLLOW_YES)
		ps = NULL;
	if (!ps && !bpf_map_lookup_elem(&targets, &pid))
		return NULL;
	/* It has ended and waits for its parent to ask: nothing is left of it that could be told. */
	if (!BPF_CORE_READ(leader, signal, live.counter))
		return NULL;
	s = adopt(leader, ps ? ps->proc : 0);
	if (s)
		adopted_cnt++;
	return s;
}

/* The iterator takes nobody in, but forgets whom others had: user space uses the programs anew. */
__u32 is_sweeping = 0;

static void forget(struct task_struct *task)
{
	if (!cfg.hash)
		bpf_task_storage_delete(&tasks, task);
}

#define PF_EXITING 0x00000004	/* include/linux/sched.h */

/*
 * One pass over all tasks: takes in the targets, and whatever has a followed parent or thread
 * group leader. The fork hook is attached before, so a task that this pass misses has a parent that
 * it did not know yet, and the next pass finds it: when a pass takes in nothing, none is left out.
 */
SEC("iter/task")
int ge_adopt(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *leader;
	struct task_state *s, init = {};

	if (!task)
		return 0;
	if (is_sweeping) {
		forget(task);
		return 0;
	}
	if (find_state(task))
		return 0;
	/* What is ending has left the hash on purpose. */
	if (cfg.hash && task->flags & PF_EXITING)
		return 0;
	leader = task->group_leader;
	if (!leader)
		return 0;
	s = find_state(leader) ?: adopt_leader(leader);
	if (!s || task == leader)
		return 0;
	begin_thread(&init, s, task);
	if (create_once(task, &init))
		adopted_cnt++;
	return 0;
}
