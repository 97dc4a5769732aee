// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Program images: their start with whole argv and environment, and their end.
 *
 * sched_process_exec fires when the new image is complete and has not run: argv and the environment
 * were just copied to its stack, so reading them neither faults nor races with the program.
 */
#include "ge.h"

static void read_exe(struct task_struct *task, struct ev_exe *exe)
{
	struct inode___any *inode = (void *)BPF_CORE_READ(task, mm, exe_file, f_inode);

	exe->ino = BPF_CORE_READ(inode, i_ino);
	exe->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	exe->ctime = inode_ctime(inode);
	exe->size = BPF_CORE_READ(inode, i_size);
	exe->pad = 0;
}

/* --- argv and environment, in pieces --- */

__noinline int put_piece(__u32 slot_id, __u32 i)
{
	struct slot *slot = emit__slot_of(slot_id);
	__u32 off = i * EV_BLOB_MAX, len;
	struct ev_blob *ev;

	if (!slot || off >= slot->span.len)
		return 1;
	ev = (void *)slot->record;
	len = slot->span.len - off;
	if (len > EV_BLOB_MAX)
		len = EV_BLOB_MAX;
	emit__head(&ev->h, EV_BLOB, follow__own());
	ev->which = slot->span.which;
	ev->off = off;
	ev->len = len;
	ev->pad = 0;
	if (bpf_probe_read_user(ev->data, len, (void *)(slot->span.ptr + off)))
		emit__count_loss(LOSS_READ);
	else
		emit__put(&ev->h, sizeof(*ev) + len, CLASS_LIFE);
	return 0;
}

DEFINE_LOOP(put_pieces, put_piece)

static void put_blob(struct slot *slot, __u32 which, __u64 start, __u32 len)
{
	slot->span.ptr = start;
	slot->span.len = len;
	slot->span.which = which;
	put_pieces(slot->id);
}

/* --- exec --- */

/* Copies a kernel string behind what is there; its length without NUL. */
static __u32 add_string(struct ev_exec *ev, __u32 off, const char *text)
{
	long n;

	if (off > EV_PATH_MAX)
		return 0;
	n = bpf_probe_read_kernel_str(ev->data + off, EV_PATH_MAX, text);
	return n > 0 && n <= EV_PATH_MAX ? n - 1 : 0;
}

static void fill_names(struct ev_exec *ev, struct linux_binprm *bprm)
{
	const char *file = BPF_CORE_READ(bprm, filename), *interp = BPF_CORE_READ(bprm, interp);

	ev->file_len = add_string(ev, 0, file);
	ev->interp_len = file == interp ? 0 : add_string(ev, ev->file_len, interp);
}

/* As whom it will open files. */
static void fill_rights(struct ev_exec *ev, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct group_info *groups = BPF_CORE_READ(cred, group_info);
	__u32 n = BPF_CORE_READ(groups, ngroups), off = (__u32)ev->file_len + ev->interp_len;

	ev->uid = BPF_CORE_READ(cred, euid.val);
	ev->gid = BPF_CORE_READ(cred, egid.val);
	ev->group_cnt = ev->rights = 0;
	if (ev->uid != BPF_CORE_READ(cred, uid.val) || ev->gid != BPF_CORE_READ(cred, gid.val) ||
	    has_file_capabilities(cred))
		ev->rights = EV_SETID;
	if (n > EV_GROUPS_MAX || off > 2 * EV_PATH_MAX) {
		ev->rights |= EV_MANY_GROUPS;
		return;
	}
	if (!bpf_probe_read_kernel(ev->data + off, n * sizeof(__u32), &groups->gid))
		ev->group_cnt = n;
	else
		ev->rights |= EV_MANY_GROUPS;
}

static void fill_task(struct ev_exec *ev, __u32 slot, struct task_struct *task)
{
	struct inode___any *root = (void *)BPF_CORE_READ(task, fs, root.dentry, d_inode);

	ev->exe_path = path__id(slot, BASE_EXE, 0);
	ev->cwd = path__id(slot, BASE_CWD, 0);
	ev->root = 0;
	if (BPF_CORE_READ(root, i_ino) != cfg.root_ino ||
	    BPF_CORE_READ(root, i_sb, s_dev) != cfg.root_dev)
		ev->root = path__id(slot, BASE_ROOT, 0);
	ev->cgroup = bpf_get_current_cgroup_id();
	ev->mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	ev->local_pid = cfg.pid_ns ? follow__local_pid(BPF_CORE_READ(task, group_leader)) : 0;
	ev->ppid = BPF_CORE_READ(task, real_parent, tgid);
}

static void put_exec(struct slot *slot, __u32 old_tid, struct linux_binprm *bprm)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u64 args = BPF_CORE_READ(mm, arg_start), env = BPF_CORE_READ(mm, env_start), prev = 0;
	struct ev_exec *ev = (void *)slot->record;
	struct task_state *s = follow__own();

	read_exe(task, &ev->exe);
	if (s)
		prev = s->proc;
	s = follow__at_exec(&ev->exe, slot);
	if (!s)
		return;
	s->exec_id = BPF_CORE_READ(task, self_exec_id);
	/* Announces paths, which must come first. */
	fill_task(ev, slot->id, task);
	fill_names(ev, bprm);
	fill_rights(ev, task);
	emit__head(&ev->h, EV_EXEC, s);
	ev->parent = s->parent;
	ev->prev = prev;
	ev->old_tid = old_tid;
	ev->args_len = BPF_CORE_READ(mm, arg_end) - args;
	ev->env_len = BPF_CORE_READ(mm, env_end) - env;
	emit__put(&ev->h, sizeof(*ev) + (__u32)ev->file_len + ev->interp_len +
			  ev->group_cnt * (__u32)sizeof(__u32), CLASS_LIFE);
	put_blob(slot, BLOB_ARGS, args, BPF_CORE_READ(mm, arg_end) - args);
	put_blob(slot, BLOB_ENV, env, BPF_CORE_READ(mm, env_end) - env);
}

static __noinline void on_exec(__u32 old_tid, struct linux_binprm *bprm)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_state *s;
	struct slot *slot;

	follow__at_exec_by(old_tid);
	s = follow__get();
	if (s ? s->exec_id == (__u32)BPF_CORE_READ(task, self_exec_id) : !cfg.watch)
		return;
	slot = emit__slot();
	if (!slot) {
		emit__count_unseen(LOSS_LIFE);
		return;
	}
	put_exec(slot, old_tid, bprm);
	emit__done(slot);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(ge_exec, struct task_struct *task, __s32 old_pid, struct linux_binprm *bprm)
{
	on_exec(old_pid, bprm);
	return 0;
}

/* As ge_fork_again. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(ge_exec_again, struct task_struct *task, __s32 old_pid, struct linux_binprm *bprm)
{
	on_exec(old_pid, bprm);
	return 0;
}

/* The classic event has only the file's name, so the last tier takes the raw one, too. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(ge_exec_raw, struct task_struct *task, __s32 old_pid, struct linux_binprm *bprm)
{
	on_exec(old_pid, bprm);
	return 0;
}

/* --- exit --- */

#define SIGNAL_GROUP_EXIT 0x00000004	/* include/linux/sched/signal.h */

/*
 * The exit of a thread is the process's only when no thread is left: the leader may go first, and
 * when another thread execs, it always does. Two last threads can both see 0; user space takes the
 * first.
 */
static void emit_exit(struct slot *slot, const struct task_state *s, struct signal_struct *sig)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct ev_exit *ev = (void *)slot->record;

	emit__head(&ev->h, EV_EXIT, s);
	if (BPF_CORE_READ(sig, flags) & SIGNAL_GROUP_EXIT)
		ev->status = BPF_CORE_READ(sig, group_exit_code);
	else
		ev->status = BPF_CORE_READ(task, group_leader, exit_code);
	emit__put(&ev->h, sizeof(*ev), CLASS_LIFE);
}

static __noinline void on_exit(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct signal_struct *sig = BPF_CORE_READ(task, signal);
	struct task_state *s = follow__get();
	struct slot *slot;

	if (s && BPF_CORE_READ(sig, live.counter) == 0) {
		slot = emit__slot();
		if (slot) {
			emit_exit(slot, s, sig);
			emit__done(slot);
		} else
			emit__count_unseen(LOSS_LIFE);
	}
	follow__forget();
}

SEC("tp_btf/sched_process_exit")
int ge_exit(void *ctx)
{
	on_exit();
	return 0;
}

/* It cannot be preempted. */
SEC("tp/sched/sched_process_exit")
int ge_exit_classic(void *ctx)
{
	on_exit();
	return 0;
}
