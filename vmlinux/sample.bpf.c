// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Proves that a vmlinux.h (named with -include) has what BPF programs need; never loaded. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} marks SEC(".maps");

struct inode___6_12 {
	time64_t i_mtime_sec;
} __attribute__((preserve_access_index));

static __u64 file_facts(struct file *file)
{
	struct mount *mount = container_of(BPF_CORE_READ(file, f_path.mnt), struct mount, mnt);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u64 sum = BPF_CORE_READ(inode, i_ino) + BPF_CORE_READ(inode, i_sb, s_dev);

	sum += BPF_CORE_READ(file, f_path.dentry, d_name.len);
	sum += BPF_CORE_READ(mount, mnt_mountpoint, d_name.len) + BPF_CORE_READ(mount, mnt_ns, ns.inum);
	sum += BPF_CORE_READ(inode, i_mode) + BPF_CORE_READ(inode, i_size);
	if (bpf_core_field_exists(((struct inode___6_12 *)0)->i_mtime_sec))
		sum += BPF_CORE_READ((struct inode___6_12 *)inode, i_mtime_sec);
	return sum;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 *mark = bpf_task_storage_get(&marks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 sum = PT_REGS_PARM1_CORE_SYSCALL(regs) + PT_REGS_PARM2_CORE_SYSCALL(regs) + ret;

	sum += BPF_CORE_READ(task, fs, pwd.dentry, d_inode, i_ino);
	sum += BPF_CORE_READ(task, fs, root.mnt, mnt_flags);
	sum += BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	sum += BPF_CORE_READ(task, nsproxy, pid_ns_for_children, level);
	sum += BPF_CORE_READ(task, files, fdt, max_fds) + BPF_CORE_READ(task, cred, uid.val);
	sum += BPF_CORE_READ(task, thread_info.flags) + BPF_CORE_READ(task, signal, group_exit_code);
	sum += BPF_CORE_READ(task, thread_pid, numbers[0].nr) + BPF_CORE_READ(task, mm, env_end);
	sum += BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	sum += BPF_CORE_READ(task, cgroups, dfl_cgrp, self.id);
	sum += file_facts(BPF_CORE_READ(task, mm, exe_file));
	if (mark)
		*mark = sum;
	bpf_ringbuf_output(&ring, &sum, sizeof(sum), BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	__u64 sum = bprm->argc + bprm->envc + bprm->mm->arg_start + bprm->file->f_inode->i_ino;

	bpf_ringbuf_output(&ring, &sum, sizeof(sum), 0);
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_enter")
int on_enter(struct trace_event_raw_sys_enter *ctx)
{
	struct sockaddr_in6 addr6 = {};
	struct sockaddr_in addr = {};
	struct open_how how = {};
	struct statx statx = {};

	bpf_probe_read_user(&addr, sizeof(addr), (void *)ctx->args[1]);
	bpf_probe_read_user(&addr6, sizeof(addr6), (void *)ctx->args[1]);
	bpf_probe_read_user(&how, sizeof(how), (void *)ctx->args[2]);
	bpf_probe_read_user(&statx, sizeof(statx), (void *)ctx->args[4]);
	return addr.sin_port + addr6.sin6_port + how.flags + statx.stx_mtime.tv_nsec + ctx->id;
}

SEC("tracepoint/sched/sched_process_fork")
int on_fork(struct trace_event_raw_sched_process_fork *ctx)
{
	return ctx->child_pid + ctx->parent_pid;
}

SEC("iter/task")
int on_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 row[2] = {};

	if (!task)
		return 0;
	row[0] = task->tgid;
	row[1] = task->real_parent->tgid;
	bpf_seq_write(ctx->meta->seq, row, sizeof(row));
	return 0;
}
