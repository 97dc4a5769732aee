// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * System calls with a path, seen at their exit.
 *
 * At entry a path's page may not be there yet and cannot be read; at exit the kernel has just read
 * it itself, and the arguments are still in the registers. So one hook per call is enough, no state
 * is kept between two, and none can get lost. Only the classic events do not show the registers:
 * there the arguments of a followed task are kept from the entry on.
 */
#include "arch.h"
#include "ge.h"

/* enum call_id by system call number: of the machine, and of 32-bit programs on it. */
const volatile __u8 calls[EV_NR_MAX] = {};
const volatile __u8 compat_calls[EV_NR_MAX] = {};

/* For whatever a byte can be: no bound to check. */
static const struct call_desc descs[256] = { CALL_LIST(CALL_DESC) };

#define AT_FDCWD	-100
#define AT_REMOVEDIR	0x200
#define AT_EMPTY_PATH	0x1000

/* No argument reads as 0: nobody sets that one. */
static __always_inline __u64 arg(const struct call *c, unsigned char n)
{
	return c->args[n & ARG_NONE];
}

/* --- strings --- */

/*
 * Reads the path at ptr to off, which is at most EV_PATH_MAX. Its length without NUL; what is
 * missing is flagged.
 */
static __u32 read_path(struct ev_file *ev, __u32 off, __u64 ptr, __u32 second)
{
	long n;

	if (!ptr) {
		ev->h.flags |= EVF_NO_PATH << second;
		return 0;
	}
	/* 6.1 does not carry a bound from one register to its copy. */
	barrier_var(off);
	if (off > EV_PATH_MAX)
		return 0;
	/* One more than fits tells a path of exactly the maximum from one that is too long. */
	n = bpf_probe_read_user_str(ev->data + off, EV_PATH_MAX + 1, (void *)ptr);
	if (n < 0) {
		ev->h.flags |= EVF_BAD_PATH << second;
		/* The call failed for the same reason: nothing is missing. */
		if (ev->ret != -14 /* EFAULT */)
			emit__count_loss(LOSS_READ);
		return 0;
	}
	if (n > EV_PATH_MAX) {
		ev->h.flags |= EVF_LONG_PATH << second;
		return EV_PATH_MAX - 1;
	}
	return n ? n - 1 : 0;	/* old kernels do not count the NUL of an empty string */
}

static __always_inline int dirfd_of(const struct call *c, unsigned char n)
{
	return n == ARG_NONE ? AT_FDCWD : (int)arg(c, n);
}

/* The base that the kernel resolved the path at off against; 0 for an absolute one. */
static __always_inline __u64 base_of(struct slot *slot, struct task_state *s, __u32 off, __u32 len,
				     unsigned char dir)
{
	const struct ev_file *ev = (void *)slot->record;
	int fd = dirfd_of(&slot->call, dir);

	if (off > EV_PATH_MAX || (len && ev->data[off] == '/'))
		return 0;
	return fd == AT_FDCWD ? path__cwd(slot, s) : path__id(slot->id, BASE_FD, fd);
}

/* --- results --- */

#define NSEC_PER_SEC 1000000000LL

/* struct statx is the same everywhere. */
enum { STATX_MODE = 28, STATX_SIZE = 40, STATX_MTIME = 112, STATX_NSEC = 120 };

/* From the mode to the change time's fraction: on the stack, where the kernel checks least. */
static __noinline void read_stat(struct ev_file *ev, __u64 buf)
{
	char st[STAT_MTIME + 16 - STAT_MODE] __attribute__((aligned(8)));

	if (bpf_probe_read_user(st, sizeof(st), (void *)(buf + STAT_MODE))) {
		ev->h.flags |= EVF_BAD_BUF;
		return;
	}
	ev->h.flags |= EVF_STAT;
	ev->st_mode = *(__u32 *)st;
	ev->size = *(__s64 *)(st + STAT_SIZE - STAT_MODE);
	ev->mtime = *(__s64 *)(st + STAT_MTIME - STAT_MODE) * NSEC_PER_SEC +
		    *(__s64 *)(st + STAT_MTIME - STAT_MODE + 8);
}

static __noinline void read_statx(struct ev_file *ev, __u64 buf)
{
	char st[STATX_NSEC + 8] __attribute__((aligned(8)));

	if (bpf_probe_read_user(st, sizeof(st), (void *)buf)) {
		ev->h.flags |= EVF_BAD_BUF;
		return;
	}
	ev->h.flags |= EVF_STAT;
	ev->st_mode = *(__u16 *)(st + STATX_MODE);
	ev->size = *(__s64 *)(st + STATX_SIZE);
	ev->mtime = *(__s64 *)(st + STATX_MTIME) * NSEC_PER_SEC + *(__u32 *)(st + STATX_NSEC);
}

static void read_result(struct ev_file *ev, __u32 id, __u64 buf)
{
	if (id == CALL_STATX)
		read_statx(ev, buf);
	else
		read_stat(ev, buf);
}

/* A link's target: ret bytes, not ended by NUL. */
static void read_target(struct ev_file *ev, const struct call *c, __u64 buf)
{
	__u32 off = ev->path_len, n = c->ret;

	if (c->ret <= 0 || off > EV_PATH_MAX)
		return;
	if (n > EV_PATH_MAX)
		n = EV_PATH_MAX;
	if (bpf_probe_read_user(ev->data + off, n, (void *)buf))
		ev->h.flags |= EVF_BAD_BUF;
	else
		ev->path2_len = n;
}

/* openat2 keeps its flags in a structure. */
static void read_open_how(struct ev_file *ev, __u64 how)
{
	__u64 v[2] = {};

	if (bpf_probe_read_user(v, sizeof(v), (void *)how))
		ev->h.flags |= EVF_BAD_BUF;
	ev->flags = v[0];
	ev->mode = v[1];
}

/* --- arguments of an exec that failed --- */

__noinline int read_arg(__u32 slot_id, __u32 i)
{
	struct slot *slot = emit__slot_of(slot_id);
	struct ev_file *ev;
	__u32 size, off;
	__u64 text = 0;
	long n;

	if (!slot)
		return 1;
	ev = (void *)slot->record;
	size = slot->call.compat ? 4 : 8;
	off = slot->span.off;
	if (bpf_probe_read_user(&text, size, (void *)(slot->span.ptr + i * size))) {
		ev->h.flags |= EVF_CUT_ARGS;
		return 1;
	}
	if (!text)
		return 1;
	if (off > EV_PATH_MAX + EV_ARGS_MAX)
		goto cut;
	n = bpf_probe_read_user_str(ev->data + off, EV_PATH_MAX, (void *)text);
	if (n < 0 || n >= EV_PATH_MAX)
		goto cut;
	/* Old kernels do not count, and may not write, the NUL of an empty string. */
	if (!n)
		ev->data[off] = '\0';
	slot->span.off = off + (n ? n : 1);
	return 0;
cut:
	ev->h.flags |= EVF_CUT_ARGS;
	return 1;
}

DEFINE_LOOP(read_args_of, read_arg)

static void read_argv(struct ev_file *ev, struct slot *slot, __u64 ptr)
{
	if (!ptr)
		return;
	slot->span.ptr = ptr;
	slot->span.off = ev->path_len;
	if (!read_args_of(slot->id))
		ev->h.flags |= EVF_CUT_ARGS;
	ev->path2_len = slot->span.off - ev->path_len;
}

/* --- events --- */

/* A stat of a descriptor by way of the calls that take a path. */
static bool is_fstat_like(const struct call *c, const struct call_desc *d, const struct ev_file *ev)
{
	return d->kind == KIND_STAT && !ev->path_len && arg(c, d->flags) & AT_EMPTY_PATH;
}

/*
 * A chdir that succeeded has moved the very directory that its path was relative to: what can be
 * told is where it led to.
 */
static bool has_arrived(const struct call *c, const struct call_desc *d, const struct ev_file *ev)
{
	return d->kind == KIND_CHDIR && !c->ret && !(ev->path_len && ev->data[0] == '/');
}

static __always_inline void fill_bases(struct slot *slot, struct task_state *s,
				       const struct call_desc *d)
{
	struct ev_file *ev = (void *)slot->record;
	struct call *c = &slot->call;

	ev->dir = ev->dir2 = 0;
	if (d->path2 != ARG_NONE) {
		ev->path2_len = read_path(ev, ev->path_len, arg(c, d->path2), 1);
		ev->dir2 = base_of(slot, s, ev->path_len, ev->path2_len, d->dir2);
	}
	/* The text of a symbolic link is resolved by whoever follows it. */
	if (has_arrived(c, d, ev)) {
		ev->h.flags |= EVF_ARRIVED;
		ev->dir = path__id(slot->id, c->id == CALL_CHROOT ? BASE_ROOT : BASE_CWD, 0);
	} else if (d->kind != KIND_SYMLINK && !(ev->h.flags & EVF_BAD_PATH))
		ev->dir = base_of(slot, s, 0, ev->path_len, d->dir);
}

static __always_inline void fill_rest(struct slot *slot, const struct call_desc *d)
{
	struct ev_file *ev = (void *)slot->record;
	struct call *c = &slot->call;
	__u64 buf = arg(c, d->buf);

	ev->at_flags = ev->flags = arg(c, d->flags);
	ev->mode = arg(c, d->mode);
	switch (d->kind) {
	case KIND_STAT:
		/* Of 32-bit programs there are three layouts of the past: not worth it. */
		if (!c->ret && (!c->compat || c->id == CALL_STATX))
			read_result(ev, c->id, buf);
		break;
	case KIND_READLINK:
		read_target(ev, c, buf);
		break;
	case KIND_OPEN:
		if (d->buf != ARG_NONE)
			read_open_how(ev, buf);
		break;
	case KIND_EXEC:
		read_argv(ev, slot, buf);
		break;
	}
}

static __always_inline void put_file(struct slot *slot, struct task_state *s,
				     const struct call_desc *d)
{
	struct ev_file *ev = (void *)slot->record;
	struct call *c = &slot->call;

	emit__head(&ev->h, EV_FILE, s);
	if (c->compat)
		ev->h.flags |= EVF_COMPAT;
	ev->ret = c->ret;
	ev->st_mode = 0;
	ev->call = c->id;
	ev->path_len = ev->path2_len = 0;
	if (d->path != ARG_NONE)
		ev->path_len = read_path(ev, 0, arg(c, d->path), 0);
	if (!cfg.all && is_fstat_like(c, d, ev)) {
		emit__count_fstat();
		return;
	}
	fill_bases(slot, s, d);
	fill_rest(slot, d);
	emit__put(&ev->h, sizeof(*ev) + (__u32)ev->path_len + ev->path2_len, CLASS_FILE);
}

/* Not inlined: its stack would add to that of path__id(). */
static __noinline void put_connect(struct slot *slot, struct task_state *s)
{
	struct ev_connect *ev = (void *)slot->record;
	const struct call *c = &slot->call;
	__u32 len = c->args[2];

	emit__head(&ev->h, EV_CONNECT, s);
	ev->ret = c->ret;
	__builtin_memset(ev->addr, 0, sizeof(ev->addr));
	barrier_var(len);	/* or the bound is lost on the way to the helper */
	if (len > sizeof(ev->addr))
		len = sizeof(ev->addr);
	ev->addr_len = len;
	if (bpf_probe_read_user(ev->addr, len, (void *)c->args[1]))
		ev->h.flags |= EVF_BAD_BUF;
	ev->family = *(__u16 *)ev->addr;
	emit__put(&ev->h, sizeof(*ev), CLASS_FILE);
}

/* In a register from here on: or its address is computed again for each of its fields. */
static __always_inline const struct call_desc *desc_of(__u32 id)
{
	const struct call_desc *d = &descs[(__u8)id];

	barrier_var(d);
	return d;
}

/* flags: the third argument, where the only call has them that asks for them here */
static __always_inline bool moves_paths(const struct call_desc *d, __s64 ret, __u64 flags)
{
	if (ret < 0 || d->epoch == EPOCH_NEVER)
		return false;
	return d->epoch == EPOCH_ALWAYS || flags & AT_REMOVEDIR;
}

/* The state of the current task when the call is to be recorded. */
static __always_inline struct task_state *recorder_of(const struct call_desc *d, __s64 ret)
{
	struct task_state *s;

	if (d->kind == KIND_NONE || (d->kind == KIND_EXEC && ret >= 0) ||
	    (d->kind == KIND_CONNECT && !cfg.net))
		return NULL;
	s = follow__get();
	if (s && !cfg.all && d->kind == KIND_STAT && d->path == ARG_NONE) {	/* fstat */
		emit__count_fstat();
		return NULL;
	}
	return s;
}

/* Records the call whose arguments are in the slot, and gives the slot back. */
static __always_inline void put_call(struct slot *slot, struct task_state *s,
				     const struct call_desc *d)
{
	if (d->kind == KIND_CONNECT)
		put_connect(slot, s);
	else
		put_file(slot, s, d);
	emit__done(slot);
}

/* enum call_id of a number, CALL_NONE for most of them. */
static __always_inline __u32 call_of(__u64 nr, bool *ret_compat)
{
	/* -1 is a call that a tracer or seccomp has cancelled. */
	if (nr >= EV_NR_MAX || !(calls[nr] | compat_calls[nr]))
		return CALL_NONE;
	*ret_compat = is_compat();
	return *ret_compat ? compat_calls[nr] : calls[nr];
}

/* --- fexit, tp_btf: from the registers --- */

static __noinline void on_registers(struct pt_regs *regs, long ret, __u32 id, bool compat)
{
	const struct call_desc *d = desc_of(id);
	struct task_state *s;
	struct slot *slot;

	if (moves_paths(d, ret, third_arg(regs)))
		path__new_epoch();
	s = recorder_of(d, ret);
	if (!s)
		return;
	slot = emit__slot();
	if (!slot) {
		emit__count_unseen(LOSS_FILE);
		return;
	}
	read_args(regs, compat, slot->call.args);
	slot->call.ret = ret;
	slot->call.id = id;
	slot->call.compat = compat;
	put_call(slot, s, d);
}

/* --- the ordinary case of it --- */

static __always_inline bool is_plain(__u32 id, bool compat)
{
	return !compat && desc_of(id)->plain;
}

/*
 * Most calls have one path that is not long. Their records are built on the stack: what the
 * kernel checks before it copies to memory of maps is a tenth of all that an event costs. False when
 * the call is not such a one after all.
 */
static __noinline bool put_plain(struct pt_regs *regs, long ret, __u32 id)
{
	const struct call_desc *d = desc_of(id);
	struct task_state *s = follow__get();
	union short_file f;
	struct call c;
	__u32 len;
	long n;

	if (!s)
		return true;
	read_args(regs, false, c.args);
	c.args[6] = c.args[ARG_NONE] = 0;
	n = bpf_probe_read_user_str(f.ev.data, SHORT_PATH, (void *)arg(&c, d->path));
	if (n <= 1 || n >= SHORT_PATH)
		return false;
	f.ev.dir = 0;
	if (f.ev.data[0] != '/') {
		if (dirfd_of(&c, d->dir) != AT_FDCWD)
			return false;
		f.ev.dir = path__known_cwd(s);
		if (!f.ev.dir)
			return false;
	}
	emit__head(&f.ev.h, EV_FILE, s);
	f.ev.ret = ret;
	f.ev.dir2 = 0;
	f.ev.at_flags = f.ev.flags = arg(&c, d->flags);
	f.ev.mode = arg(&c, d->mode);
	f.ev.st_mode = 0;
	f.ev.call = id;
	f.ev.path_len = n - 1;
	f.ev.path2_len = f.ev.pad = 0;
	if (d->kind == KIND_STAT && !ret)
		read_result(&f.ev, id, arg(&c, d->buf));
	len = sizeof(f.ev) + (__u32)n - 1;
	emit__put_short(&f, len);
	return true;
}

/*
 * Runs at the end of every system call of every task: so most of them must leave after a look into
 * a table, before anything is set up.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(ge_sys_exit, struct pt_regs *regs, long ret)
{
	bool compat = false;
	__u32 id = call_of(call_nr(regs), &compat);

	if (id && !(is_plain(id, compat) && put_plain(regs, ret, id)))
		on_registers(regs, ret, id, compat);
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
		__u32 id = call_of(call_nr(regs), &compat);		\
									\
		if (id && !(is_plain(id, compat) && put_plain(regs, ret, id)))	\
			on_registers(regs, ret, id, compat);		\
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

#define X(id, name, ...)					\
	SEC("fexit")						\
	int ge_fx_##name(void *ctx)				\
	{							\
		bpf_tail_call(ctx, &bodies, 0);			\
		return 0;					\
	}
CALL_LIST(X)
#undef X

/* --- tracepoint: in a pair --- */

SEC("tp/raw_syscalls/sys_enter")
int ge_enter_tp(struct trace_event_raw_sys_enter *ctx)
{
	struct task_entry *e;
	__u64 nr = ctx->id;

	if (nr >= EV_NR_MAX || !(calls[nr] | compat_calls[nr]))
		return 0;
	e = follow__entry();
	if (!e)
		return 0;
	bpf_core_read(e->args, sizeof(e->args), &ctx->args);
	e->nr = nr;
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

	if (moves_paths(d, ret, is_known ? e->args[2] : AT_REMOVEDIR))
		path__new_epoch();
	s = recorder_of(d, ret);
	if (!s || !e)
		return;
	slot = is_known ? emit__slot() : NULL;
	e->nr = NR_NONE;
	if (!slot) {
		emit__count_unseen(LOSS_FILE);
		return;
	}
	for (i = 0; i < 6; i++)
		slot->call.args[i] = e->args[i];
	slot->call.ret = ret;
	slot->call.id = id;
	slot->call.compat = compat;
	put_call(slot, s, d);
}

SEC("tp/raw_syscalls/sys_exit")
int ge_exit_tp(struct trace_event_raw_sys_exit *ctx)
{
	__s64 ret = ctx->ret;
	__u64 nr = ctx->id;
	bool compat = false;
	__u32 id = call_of(nr, &compat);

	if (id)
		on_pair(nr, ret, id, compat);
	return 0;
}
