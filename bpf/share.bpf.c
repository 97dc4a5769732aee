// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What threads change for each other while a call is under way: the working directory, and
 * descriptors.
 *
 * Arguments are read at a call's exit, and what a path was relative to is looked up there. While
 * the call was blocked another thread may have changed it. That cannot be undone, but it can be
 * told: the kernel counts the changes of a working directory itself (fs_struct.seq), those of
 * descriptors are counted here, and a task whose last call saw another count may have been in this
 * one when it changed. Most are not, they wait for the one who changes it (futex, epoll). So that
 * one looks at all threads, and those that are in a call of another kind will begin their next one
 * behind the change.
 */
#include "arch.h"
#include "ge.h"

/* What a task has seen by being in no call that is of interest, by thread id. */
struct sight {
	__u64 fs;
	__u32 fs_seq;
	__u32 fd_seq;
};

/* All of it is there from the start, as task_hash is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct sight);
} sights SEC(".maps");

/* Descriptors of directories that a call put in the place of others, where threads share them. */
__u32 dup_cnt = 0;
/* Calls that may be doing so now. */
__u32 dup_busy = 0;

__hidden void share__in_dup(int by)
{
	ATOMIC_ADD(&dup_busy, by);
}

/*
 * The first member of whatever it is: a seqcount, since 6.17 a seqlock. Added in an instruction of its
 * own: of one that reads, too, libbpf expects that the field is as large as it was.
 */
static __always_inline __u32 *fs_seq(struct fs_struct *fs)
{
	__u64 offset = bpf_core_field_offset(struct fs_struct, seq);

	barrier_var(offset);
	return (void *)fs + offset;
}

static __u32 fs_seq_of(struct fs_struct *fs)
{
	__u32 seq = 0;

	bpf_probe_read_kernel(&seq, sizeof(seq), fs_seq(fs));
	return seq;
}

__hidden void share__begin(struct task_struct *task, struct task_state *s)
{
	s->fs_seq = fs_seq_of(BPF_CORE_READ(task, fs));
	s->fd_seq = dup_cnt;
}

__hidden bool share__is_same(struct task_state *s)
{
	struct fs_struct *fs;
	__u32 seq;

	if (cfg.hash)
		return false;
	fs = bpf_get_current_task_btf()->fs;
	barrier_var(fs);
	seq = *(volatile __u32 *)fs_seq(fs);
	if (seq == s->fs_seq)
		return true;
	if (fs->users > 1)
		return false;
	s->fs_seq = seq;
	return true;
}

/* Changes that the call itself has made, of which each counts twice: begun and done. */
static __u32 own_changes(const struct call *c)
{
	if (c->ret < 0 || c->notes & EVN_ANSWERED)
		return 0;
	return c->id == CALL_CHDIR || c->id == CALL_FCHDIR || c->id == CALL_CHROOT ? 2 : 0;
}

/* Without a call for each pointer: most calls find nothing changed. */
static bool is_as_before(const struct task_state *s, __u32 fs_was)
{
	struct fs_struct *fs;

	if (cfg.hash)
		return false;
	fs = bpf_get_current_task_btf()->fs;
	barrier_var(fs);
	return *(volatile __u32 *)fs_seq(fs) == fs_was && dup_cnt == s->fd_seq;
}

/* --- the others --- */

/* The task whose place in its process's list that is. */
static struct task_struct *task_at(__u64 node)
{
	return (void *)(node - bpf_core_field_offset(struct task_struct, thread_node));
}

static bool begin_scan(struct slot *slot, struct task_struct *task)
{
	struct signal_struct *sig = BPF_CORE_READ(task, signal);

	if (!slot->call.regs)
		return false;
	slot->scan.regs = slot->call.regs - (__u64)BPF_CORE_READ(task, stack);
	slot->scan.first = (__u64)sig + bpf_core_field_offset(struct signal_struct, thread_head);
	slot->scan.task = (__u64)BPF_CORE_READ(sig, thread_head.next);
	slot->scan.has_found = false;
	return true;
}

/* The next thread, NULL: there is no more. */
static struct task_struct *next_thread(struct scan *scan)
{
	struct task_struct *task;

	if (!scan->task || scan->task == scan->first)
		return NULL;
	task = task_at(scan->task);
	scan->task = (__u64)BPF_CORE_READ(task, thread_node.next);
	return task;
}

/*
 * Is a thread about to put something in the place of the descriptor? It may be done, and not
 * counted yet.
 */
__weak int look_for_dup(__u32 slot_id, __u32 i)
{
	struct slot *slot = emit__slot_of(slot_id);
	struct task_struct *task = slot ? next_thread(&slot->scan) : NULL;

	if (!task)
		return 1;
	slot->scan.has_found = is_in_dup_to(BPF_CORE_READ(task, stack) + slot->scan.regs,
					    slot->call.fd);
	return slot->scan.has_found;
}

DEFINE_LOOP(look_for_dups, look_for_dup)

static bool is_being_replaced(struct slot *slot, struct task_struct *task)
{
	if (!(slot->call.uses & (USES_FD | USES_FD << 1)) ||
	    BPF_CORE_READ(task, files, count.counter) < 2 || !begin_scan(slot, task))
		return false;
	look_for_dups(slot->id);
	return slot->scan.has_found;
}

/* --- changes --- */

__noinline __u32 share__changed(__u32 slot_id)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 tid = bpf_get_current_pid_tgid(), fs_was, fd_was, fs_seq, fd_seq, ret = 0;
	struct slot *slot = emit__slot_of(slot_id);
	struct task_state *s = follow__own();
	struct sight *sight = NULL;
	struct fs_struct *fs;

	if (!slot || !s)	/* never: both were there a moment ago */
		return USES_CWD | USES_FD;
	fs_was = s->fs_seq + own_changes(&slot->call);
	fd_was = s->fd_seq;
	/*
	 * Before the count is read: between both it may be counted. And while it is 0, too: the
	 * first one may not be counted yet.
	 */
	if (is_being_replaced(slot, task) || *(volatile __u32 *)&dup_busy)
		ret = USES_FD;
	fd_seq = *(volatile __u32 *)&dup_cnt;
	if (is_as_before(s, fs_was)) {
		s->fs_seq = fs_was;
		return ret;
	}
	fs = BPF_CORE_READ(task, fs);
	fs_seq = fs_seq_of(fs);
	if (!cfg.hash)
		sight = bpf_map_lookup_elem(&sights, &tid);
	if (sight && sight->fs == (__u64)fs) {
		fs_was = sight->fs_seq + own_changes(&slot->call);
		fd_was = sight->fd_seq;
	}
	if (fs_seq != fs_was && BPF_CORE_READ(fs, users) > 1)
		ret |= USES_CWD;
	if (fd_seq != fd_was && BPF_CORE_READ(task, files, count.counter) > 1)
		ret |= USES_FD;
	if (sight)
		bpf_map_delete_elem(&sights, &tid);
	s->fs_seq = fs_seq;
	s->fd_seq = fd_seq;
	return ret;
}

/* Whoever is in a call of another kind begins its next one behind all changes so far. */
__weak int look_at_thread(__u32 slot_id, __u32 i)
{
	struct slot *slot = emit__slot_of(slot_id);
	struct task_struct *task = slot ? next_thread(&slot->scan) : NULL;
	struct sight sight = {};
	struct fs_struct *fs;
	__u32 tid;

	if (!task)
		return 1;
	if (!is_in_other_call(BPF_CORE_READ(task, stack) + slot->scan.regs))
		return 0;
	tid = BPF_CORE_READ(task, pid);
	fs = BPF_CORE_READ(task, fs);
	sight.fs = (__u64)fs;
	sight.fs_seq = fs_seq_of(fs);
	sight.fd_seq = dup_cnt;
	if (cfg.hash)
		follow__see(tid, sight.fs_seq, sight.fd_seq);
	else	/* full: then its next path is incomplete */
		bpf_map_update_elem(&sights, &tid, &sight, BPF_ANY);
	return 0;
}

DEFINE_LOOP(look_at_threads, look_at_thread)

static bool is_of_type(struct file *file, __u32 type)
{
	return file && (BPF_CORE_READ(file, f_inode, i_mode) & 0170000) == type;
}

__noinline int share__tell(__u32 slot_id)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct slot *slot = emit__slot_of(slot_id);
	__u32 id = slot ? slot->call.id : CALL_NONE;

	if (!slot || slot->call.ret < 0)
		return 0;
	if (id == CALL_DUP2 || id == CALL_DUP3) {
		if (BPF_CORE_READ(task, files, count.counter) < 2 ||
		    !is_of_type(file_of(task, slot->call.ret), 0040000))
			return 0;
		ATOMIC_ADD(&dup_cnt, 1);
	} else if (BPF_CORE_READ(task, fs, users) < 2)
		return 0;
	if (begin_scan(slot, task))
		look_at_threads(slot_id);
	return 0;
}

/*
 * Nobody counts what threads write over the text of a path. But only a call that waits gives them
 * the time; of those that open something and can wait for ever, the name of what was opened tells.
 */
__hidden bool share__has_slept(struct task_state *s)
{
	struct task_struct *task;
	__u64 sleeps;

	if (cfg.hash) {
		task = (void *)bpf_get_current_task();
		return BPF_CORE_READ(task, signal, nr_threads) > 1;
	}
	task = bpf_get_current_task_btf();
	sleeps = task->nvcsw;
	if (sleeps == s->sleeps)
		return false;
	s->sleeps = sleeps;
	return task->signal->nr_threads > 1;
}

__hidden struct dentry *share__fifo(int fd)
{
	struct file *file = file_of((void *)bpf_get_current_task(), fd);
	struct dentry *dentry;

	if (!is_of_type(file, 0010000))
		return NULL;
	dentry = BPF_CORE_READ(file, f_path.dentry);
	return BPF_CORE_READ(dentry, d_name.len) ? dentry : NULL;	/* a pipe has no name */
}
