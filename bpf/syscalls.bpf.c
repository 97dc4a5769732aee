// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * System calls, seen at their exit: which of them are recorded, and where their arguments are.
 *
 * At entry a path's page may not be there yet and cannot be read; at exit the kernel has just read
 * it itself, and the arguments are still in the registers. So one hook per call is enough, no state
 * is kept between two, and none can get lost. Only to classic events before 5.15 nobody shows the
 * registers: there the arguments of a followed task are kept from the entry on.
 */
#include "arch.h"
#include "ge.h"

#define AT_REMOVEDIR	0x200

const volatile struct call_ids calls[EV_NR_MAX] = {};

const volatile struct call_desc descs[256] = { CALL_LIST(CALL_DESC) };

/* flags: the third argument, where the only call has them that asks for them here */
static __always_inline bool moves_paths(const struct call_desc *d, __s64 ret, __u64 flags)
{
	if (ret < 0 || d->epoch == EPOCH_NEVER)
		return false;
	return d->epoch == EPOCH_ALWAYS || flags & AT_REMOVEDIR;
}

/*
 * The state of the current task when the call is to be recorded. An exec that succeeded has a hook
 * of its own; it returns 0, and what returns more was not answered by the kernel.
 */
static __always_inline struct task_state *recorder_of(const struct call_desc *d, __s64 ret)
{
	struct task_state *s;

	if (d->kind == KIND_NONE || (d->kind == KIND_EXEC && !ret) ||
	    (d->kind >= KIND_RING && ret < 0))
		return NULL;
	s = follow__get();
	if (s && d->kind == KIND_RING) {
		if (s->has_ring)
			return NULL;
		s->has_ring = 1;
	}
	if (s && !cfg.all && d->kind == KIND_STAT && d->path == ARG_NONE) {	/* fstat */
		emit__count_fstat();
		return NULL;
	}
	return s;
}

/* enum call_id of a number, CALL_NONE for most of them. */
static __always_inline __u32 call_of(__u64 nr, bool maybe_compat, bool *ret_compat)
{
	/* -1 is a call that a tracer or seccomp has cancelled. */
	if (nr >= EV_NR_MAX || !(calls[nr].native | calls[nr].compat))
		return CALL_NONE;
	*ret_compat = maybe_compat && is_compat();
	return *ret_compat ? calls[nr].compat : calls[nr].native;
}

/* --- from the registers --- */

/* is_run: the kernel's function has run, so nobody else answered. */
static __noinline void on_registers(struct pt_regs *regs, long ret, __u32 id, bool compat,
				    bool is_run)
{
	const struct call_desc *d = desc_of(id);
	struct task_state *s = recorder_of(d, ret);
	struct slot *slot = s ? emit__slot() : NULL;

	if (s && !slot)
		emit__count_unseen(LOSS_FILE);
	if (!slot)
		goto out;
	read_args(regs, compat, slot->call.args);
	slot->call.ret = ret;
	slot->call.regs = (__u64)regs;
	slot->call.id = id;
	slot->call.compat = compat;
	slot->call.notes = is_run ? 0 : answer__notes(call_nr(regs), ret, compat);
	file__put(slot->id);
	emit__done(slot);
out:
	/* Behind the record of what did it: its own paths are still known by their old names. */
	if (moves_paths(d, ret, third_arg(regs)))
		path__new_epoch();
}

/*
 * Most calls have one path that is not long. Their records are built on the stack: what the kernel
 * checks before it copies to the memory of a map is a tenth of all that an event costs. False when
 * the call is not such a one after all.
 */
static __noinline bool put_plain(struct pt_regs *regs, long ret, __u32 id, bool is_run)
{
	const struct call_desc *d = desc_of(id);
	struct task_state *s = follow__get();
	union short_file f;
	__u64 args[CALL_ARGS] = {};
	__u32 len;
	long n;

	if (!s)
		return true;
	if (!is_run && answer__is_doubtful() && answer__notes(call_nr(regs), ret, false))
		return false;
	read_four_args(regs, args);
	n = bpf_probe_read_user_str(f.ev.data, SHORT_PATH, (void *)arg_of(args, d->path));
	if (n <= 1 || n >= SHORT_PATH)
		return false;
	f.ev.dir = 0;
	if (f.ev.data[0] != '/') {
		if (d->dir != ARG_NONE && (int)args[0] != AT_FDCWD)
			return false;
		f.ev.dir = path__known_cwd(s);
		if (!f.ev.dir)
			return false;
	}
	if (!share__is_same(s))
		return false;
	if (d->kind == KIND_OPEN && ret >= 0 && share__has_slept(s) && share__fifo(ret))
		return false;
	emit__head(&f.ev.h, EV_FILE, s);
	f.ev.ret = ret;
	f.ev.dir2 = 0;
	f.ev.at_flags = f.ev.flags = arg_of(args, d->flags);
	f.ev.mode = arg_of(args, d->mode);
	f.ev.st_mode = 0;
	f.ev.call = id;
	f.ev.path_len = n - 1;
	f.ev.path2_len = f.ev.notes = 0;
	if (d->kind == KIND_STAT && !ret)
		file__read_stat(&f.ev, arg_of(args, d->buf));
	if (is_read(d, ret, f.ev.flags) &&
	    !opened__add(&f.ev, arg_of(args, d->path), SHORT_PATH - sizeof(struct ev_state)))
		return false;
	len = sizeof(f.ev) + (__u32)n - 1 + f.ev.path2_len;
	emit__put_short(&f, len);
	return true;
}

static __always_inline void on_exit_of(struct pt_regs *regs, long ret, __u32 id, bool compat,
				       bool is_run)
{
	bool plain = !compat && desc_of(id)->plain;

	if (!plain || !put_plain(regs, ret, id, is_run))
		on_registers(regs, ret, id, compat, is_run);
}

/*
 * Runs at the end of every system call of every task: so most of them must leave after a look into
 * a table, before anything is set up.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(ge_sys_exit, struct pt_regs *regs, long ret)
{
	bool compat = false;
	__u32 id = call_of(call_nr(regs), true, &compat);

	if (id)
		on_exit_of(regs, ret, id, compat, false);
	return 0;
}

/*
 * One of the next kind for each call: attached to it, they leave all other calls alone. The work is
 * in one body, so that the verifier goes through it once.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} bodies SEC(".maps");

#define FEXIT_BODY(name)						\
	SEC("fexit")							\
	int BPF_PROG(name, struct pt_regs *regs, long ret)		\
	{								\
		bool compat = false;					\
		__u32 id;						\
									\
		id = call_of(call_nr(regs), FUNCTIONS_ARE_SHARED, &compat); \
		if (id)							\
			on_exit_of(regs, ret, id, compat, true);	\
		return 0;						\
	}
FEXIT_BODY(ge_fexit)
/*
 * The kernel can be built without these calls, and then their functions are described by the stub
 * whose parameter has another name. Since 6.12 (28ead3eaabc1) that forbids to jump from one to the
 * other: they get bodies of their own.
 */
FEXIT_BODY(ge_fd_execveat)
FEXIT_BODY(ge_fd_connect)
FEXIT_BODY(ge_fd_io_uring_setup)
FEXIT_BODY(ge_fd_io_uring_enter)

#define X(id, name, ...)					\
	SEC("fexit")						\
	int ge_fx_##name(void *ctx)				\
	{							\
		bpf_tail_call(ctx, &bodies, 0);			\
		return 0;					\
	}
CALL_LIST(X)
#undef X

SEC("tp/raw_syscalls/sys_exit")
int ge_exit_regs(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	__s64 ret = ctx->ret;
	bool compat = false;
	__u32 id = call_of(ctx->id, true, &compat);

	if (id)
		on_exit_of(regs, ret, id, compat, false);
	return 0;
}

/* --- in a pair --- */

static bool is_dup(__u64 nr)
{
	return nr < EV_NR_MAX && (desc_of(calls[nr].native)->kind == KIND_DUP ||
				  desc_of(calls[nr].compat)->kind == KIND_DUP);
}

SEC("tp/raw_syscalls/sys_enter")
int ge_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	struct task_entry *e;
	__u64 nr = ctx->id;

	if (nr >= EV_NR_MAX || !(calls[nr].native | calls[nr].compat))
		return 0;
	e = follow__entry();
	if (!e)
		return 0;
	bpf_core_read(e->args, sizeof(e->args), &ctx->args);
	e->nr = nr;
	if (is_dup(nr))
		share__in_dup(1);
	share__begin((void *)bpf_get_current_task(), &e->s);
	return 0;
}

/*
 * What a task did that nobody followed when it entered is lost, but not what it means for paths:
 * that a removal was of a directory has to be assumed.
 */
static __noinline void on_pair(__u64 nr, __s64 ret, __u32 id, bool compat)
{
	const struct call_desc *d = desc_of(id);
	struct task_entry *e = follow__entry();
	bool is_known = e && e->nr == nr;
	struct task_state *s;
	struct slot *slot;
	int i;

	s = recorder_of(d, ret);
	if (!s || !e)
		goto out;
	slot = is_known ? emit__slot() : NULL;
	e->nr = NR_NONE;
	if (!slot) {
		emit__count_unseen(LOSS_FILE);
		goto out;
	}
	for (i = 0; i < 6; i++)
		slot->call.args[i] = e->args[i];
	slot->call.ret = ret;
	slot->call.id = id;
	slot->call.compat = compat;
	slot->call.regs = 0;
	slot->call.notes = 0;	/* it was seen behind filter and tracer */
	file__put(slot->id);
	emit__done(slot);
out:
	if (is_known && is_dup(nr))	/* it is counted by now */
		share__in_dup(-1);
	if (moves_paths(d, ret, is_known ? e->args[2] : AT_REMOVEDIR))
		path__new_epoch();
}

SEC("tp/raw_syscalls/sys_exit")
int ge_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	__s64 ret = ctx->ret;
	__u64 nr = ctx->id;
	bool compat = false;
	__u32 id = call_of(nr, true, &compat);

	if (id)
		on_pair(nr, ret, id, compat);
	return 0;
}
