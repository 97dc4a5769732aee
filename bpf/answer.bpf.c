// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who answered a system call: the kernel, or a seccomp filter or tracer in its place.
 *
 * Both can end a call before the kernel's function is entered, with any result, and the exit is
 * reported like every other. What a filter does with a call, only the filter knows: but the kernel
 * keeps a list of the calls that it always lets pass (5.11), which for most filters are all that we
 * record. A tracer that skips a call gives it the number -1, and then it is none of ours; but for
 * the way of emulators, PTRACE_SYSEMU, which shows in the task.
 */
#include "arch.h"
#include "ge.h"

#define SIGSYS_BIT (1UL << (31 - 1))

/*
 * Both parts of it in one type, for libbpf goes through all types of the kernel for each of ours.
 */
struct seccomp_filter___any {
	struct {
		unsigned long allow_native[1];
		unsigned long allow_compat[1];
	} cache;
} __attribute__((preserve_access_index));

__hidden bool answer__is_doubtful(void)
{
	struct task_struct *task;

	if (cfg.hash) {
		task = (void *)bpf_get_current_task();
		return BPF_CORE_READ(task, seccomp.mode) || BPF_CORE_READ(task, ptrace);
	}
	task = bpf_get_current_task_btf();
	return task->seccomp.mode || task->ptrace;
}

/* Does the filter let all calls of that number pass, whatever their arguments are? */
static bool is_let_pass(struct task_struct *task, __u64 nr, bool compat)
{
	struct seccomp_filter___any *filter = (void *)BPF_CORE_READ(task, seccomp.filter);
	unsigned long word = 0, *list;

	if (!bpf_core_field_exists(filter->cache))
		return false;
	if (compat && !bpf_core_field_exists(filter->cache.allow_compat))
		return false;
	list = compat ? filter->cache.allow_compat : filter->cache.allow_native;
	if (bpf_probe_read_kernel(&word, sizeof(word), list + nr / 64))
		return false;
	return word >> (nr & 63) & 1;
}

/* The filter has sent a signal, for which it took the call back: its "result" is its number. */
static bool is_taken_back(struct task_struct *task, __u64 nr, __s64 ret)
{
	return (__u64)ret == nr && BPF_CORE_READ(task, pending.signal.sig[0]) & SIGSYS_BIT;
}

__hidden __u32 answer__notes(__u64 nr, __s64 ret, bool compat)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (BPF_CORE_READ(task, ptrace) && is_emulated(task))
		return EVN_TRACER;
	if (!BPF_CORE_READ(task, seccomp.mode) || is_let_pass(task, nr, compat))
		return 0;
	return is_taken_back(task, nr, ret) ? EVN_SECCOMP : EVN_MAYBE;
}
