/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ARCH_H
#define GOENVBPF_ARCH_H
/*
 * A system call's number and arguments, read at its exit.
 *
 * Both architectures keep them for restarting: x86 overwrites only ax, whose old value is the
 * number and stays in orig_ax; arm64 overwrites x0 but keeps it in orig_x0.
 */
#include "ge.h"

#if defined(__TARGET_ARCH_x86)

#define TS_COMPAT 0x0002	/* arch/x86/include/asm/thread_info.h */

#define COMPAT_WORD thread_info.status
#define COMPAT_MASK TS_COMPAT

/* As debuggers read it, too, so in all kernels: to relocate it would cost time at each start. */
struct x86_regs {
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
};

static __always_inline __s64 call_nr(struct pt_regs *pt_regs)
{
	const struct x86_regs *regs = (void *)pt_regs;

	return regs->orig_ax;
}

/*
 * Are those another task's registers of a call without a path? It is in one as long as the result
 * is what it was at the entry.
 */
static __always_inline bool is_in_other_call(void *regs)
{
	struct x86_regs r = {};

	if (bpf_probe_read_kernel(&r, sizeof(r), regs) || r.ax != (__u64)-ENOSYS ||
	    r.orig_ax > INT_MAX)
		return false;
	return r.orig_ax >= EV_NR_MAX || !(calls[r.orig_ax].native | calls[r.orig_ax].compat);
}

/* Was the task's last call one that closes the descriptor and makes it another file's? */
static __always_inline bool is_in_dup_to(void *regs, int fd)
{
	struct x86_regs r = {};
	__u32 id;

	if (bpf_probe_read_kernel(&r, sizeof(r), regs) || r.orig_ax >= EV_NR_MAX)
		return false;
	id = calls[r.orig_ax].native;
	return (id == CALL_DUP2 || id == CALL_DUP3) && (int)r.si == fd;
}

/* Does a tracer run the task's calls in the kernel's place? Its mark has moved with 5.11. */
static __always_inline bool is_emulated(struct task_struct *task)
{
	if (bpf_core_field_exists(task->thread_info.syscall_work))
		return BPF_CORE_READ(task, thread_info.syscall_work) & 1UL << 3;
	return BPF_CORE_READ(task, thread_info.flags) & 1UL << 6;
}

/* Are functions of system calls called for 32-bit programs, too? */
#define FUNCTIONS_ARE_SHARED false

static __always_inline void read_four_args(struct pt_regs *pt_regs, __u64 *ret)
{
	const struct x86_regs *regs = (void *)pt_regs;

	ret[0] = regs->di;
	ret[1] = regs->si;
	ret[2] = regs->dx;
	ret[3] = regs->r10;
}

static __always_inline void read_args(struct pt_regs *pt_regs, bool compat, __u64 *ret)
{
	const struct x86_regs *regs = (void *)pt_regs;

	if (compat) {
		ret[0] = (__u32)regs->bx;
		ret[1] = (__u32)regs->cx;
		ret[2] = (__u32)regs->dx;
		ret[3] = (__u32)regs->si;
		ret[4] = (__u32)regs->di;
		ret[5] = (__u32)regs->bp;
		return;
	}
	read_four_args(pt_regs, ret);
	ret[4] = regs->r8;
	ret[5] = regs->r9;
}

/* The third argument, for whoever needs no other. */
static __always_inline __u64 third_arg(struct pt_regs *pt_regs)
{
	const struct x86_regs *regs = (void *)pt_regs;

	return regs->dx;
}

/* struct stat as the 64-bit call fills it */
enum { STAT_MODE = 24, STAT_SIZE = 48, STAT_MTIME = 88, STAT_CTIME = 104 };

#elif defined(__TARGET_ARCH_arm64)

#define TIF_32BIT_MASK (1UL << 22)	/* arch/arm64/include/asm/thread_info.h */

#define COMPAT_WORD thread_info.flags
#define COMPAT_MASK TIF_32BIT_MASK

static __always_inline __s64 call_nr(struct pt_regs *regs)
{
	/* Without its sign, which 6.1 loses the bound over; -1 stays out of every table. */
	return (__u32)regs->syscallno;
}

static __always_inline bool is_in_dup_to(void *pt_regs, int fd)
{
	const struct pt_regs *r = pt_regs;
	/* Word by word: all of it is too much for the stack below so many calls. */
	__u32 nr = BPF_CORE_READ(r, syscallno);

	barrier_var(nr);	/* else what is compared and what is looked up are read apart */
	return nr < EV_NR_MAX && calls[nr].native == CALL_DUP3 &&
	       (int)BPF_CORE_READ(r, user_regs.regs[1]) == fd;
}

/* Whether a call is still under way does not show in them. */
static __always_inline bool is_in_other_call(void *regs)
{
	return false;
}

static __always_inline bool is_emulated(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.flags) & 1UL << 12;	/* TIF_SYSCALL_EMU */
}

#define FUNCTIONS_ARE_SHARED true

static __always_inline void read_four_args(struct pt_regs *regs, __u64 *ret)
{
	ret[0] = regs->orig_x0;
	ret[1] = regs->user_regs.regs[1];
	ret[2] = regs->user_regs.regs[2];
	ret[3] = regs->user_regs.regs[3];
}

static __always_inline void read_args(struct pt_regs *regs, bool compat, __u64 *ret)
{
	read_four_args(regs, ret);
	ret[4] = regs->user_regs.regs[4];
	ret[5] = regs->user_regs.regs[5];
}

static __always_inline __u64 third_arg(struct pt_regs *regs)
{
	return regs->user_regs.regs[2];
}

enum { STAT_MODE = 16, STAT_SIZE = 48, STAT_MTIME = 88, STAT_CTIME = 104 };

#else
#error "arch.h: registers of this architecture are not described"
#endif

/* Is the current task in a system call of a 32-bit program? */
static __always_inline bool is_compat(void)
{
	struct task_struct *task;

	if (!cfg.hash) {
		task = bpf_get_current_task_btf();
		return task->COMPAT_WORD & COMPAT_MASK;
	}
	task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, COMPAT_WORD) & COMPAT_MASK;
}

#endif
