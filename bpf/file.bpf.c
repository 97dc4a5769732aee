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

#define X(id, name, k, p, d, p2, d2, f, m, b, e)						\
	[CALL_##id] = { .kind = KIND_##k, .path = p, .dir = d, .path2 = p2, .dir2 = d2,	\
			.flags = f, .mode = m, .buf = b, .epoch = EPOCH_##e },
static const struct call_desc descs[CALL_CNT] = { CALL_LIST(X) };
#undef X

#define AT_FDCWD	-100
#define AT_REMOVEDIR	0x200
#define AT_EMPTY_PATH	0x1000

struct call {
	struct task_state *s;
	struct call_args args;
	__s64 ret;
	__u32 id;
	bool compat;
};

/* No argument (-1) reads as 0: it lands on the last slot, which stays empty. */
static __always_inline __u64 arg(const struct call *c, signed char n)
{
	return c->args.v[n & (CALL_ARGS - 1)];
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

/* The base that the kernel resolved the path against; 0 for an absolute one. */
static __u64 base_of(const struct ev_file *ev, __u32 off, __u32 len, int dirfd)
{
	if (off > EV_PATH_MAX || (len && ev->data[off] == '/'))
		return 0;
	return path__id(dirfd == AT_FDCWD ? BASE_CWD : BASE_FD, dirfd);
}

static __always_inline int dirfd_of(const struct call *c, signed char n)
{
	return n < 0 ? AT_FDCWD : (int)arg(c, n);
}

/* --- results --- */

#define NSEC_PER_SEC 1000000000LL

/* struct statx is the same everywhere. */
enum { STATX_MODE = 28, STATX_SIZE = 40, STATX_MTIME = 112, STAT_BYTES = 128 };

static __noinline void read_stat(struct ev_file *ev, const struct call *c, __u64 buf)
{
	/* Behind what is sent: the stack is too small for it, 512 bytes for all calls together. */
	char *st = ev->data + EV_PATH_MAX;
	bool statx = c->id == CALL_STATX;

	if (c->ret || c->compat)	/* three layouts of the past: not worth it */
		return;
	if (bpf_probe_read_user(st, STAT_BYTES, (void *)buf)) {
		ev->h.flags |= EVF_BAD_BUF;
		return;
	}
	ev->h.flags |= EVF_STAT;
	if (statx) {
		ev->st_mode = *(__u16 *)(st + STATX_MODE);
		ev->size = *(__s64 *)(st + STATX_SIZE);
		ev->mtime = *(__s64 *)(st + STATX_MTIME) * NSEC_PER_SEC +
			    *(__u32 *)(st + STATX_MTIME + 8);
		return;
	}
	ev->st_mode = *(__u32 *)(st + STAT_MODE);
	ev->size = *(__s64 *)(st + STAT_SIZE);
	ev->mtime = *(__s64 *)(st + STAT_MTIME) * NSEC_PER_SEC + *(__s64 *)(st + STAT_MTIME + 8);
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

struct argv {
	__u64 ptr;
	__u32 off;
	__u32 compat;
};

/* What this CPU reads right now. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct argv);
} argvs SEC(".maps");

__noinline int read_arg(__u32 i)
{
	__u32 zero = 0, size, off;
	struct argv *a = bpf_map_lookup_elem(&argvs, &zero);
	struct ev_file *ev = emit__scratch_top();
	__u64 text = 0;
	long n;

	if (!a || !ev)
		return 1;
	size = a->compat ? 4 : 8;
	off = a->off;
	if (bpf_probe_read_user(&text, size, (void *)(a->ptr + i * size))) {
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
	a->off = off + (n ? n : 1);
	return 0;
cut:
	ev->h.flags |= EVF_CUT_ARGS;
	return 1;
}

DEFINE_LOOP(read_args_of, read_arg)

static void read_argv(struct ev_file *ev, const struct call *c, __u64 ptr)
{
	__u32 zero = 0;
	struct argv *a = bpf_map_lookup_elem(&argvs, &zero);

	if (!ptr || !a)
		return;
	a->ptr = ptr;
	a->off = ev->path_len;
	a->compat = c->compat;
	if (!read_args_of())
		ev->h.flags |= EVF_CUT_ARGS;
	ev->path2_len = a->off - ev->path_len;
}

/* --- events --- */

static bool is_fstat_like(const struct call *c, const struct call_desc *d, const struct ev_file *ev)
{
	if (d->kind != KIND_STAT || ev->path_len)
		return false;
	return d->path < 0 || arg(c, d->flags) & AT_EMPTY_PATH;
}

/*
 * A chdir that succeeded has moved the very directory that its path was relative to: what can be
 * told is where it led to.
 */
static bool has_arrived(const struct call *c, const struct call_desc *d, const struct ev_file *ev)
{
	return d->kind == KIND_CHDIR && !c->ret && !(ev->path_len && ev->data[0] == '/');
}

static void fill_file(struct ev_file *ev, const struct call *c, const struct call_desc *d)
{
	if (d->path2 >= 0) {
		ev->path2_len = read_path(ev, ev->path_len, arg(c, d->path2), 1);
		ev->dir2 = base_of(ev, ev->path_len, ev->path2_len, dirfd_of(c, d->dir2));
	}
	/* The text of a symbolic link is resolved by whoever follows it. */
	if (has_arrived(c, d, ev)) {
		ev->h.flags |= EVF_ARRIVED;
		ev->dir = path__id(c->id == CALL_CHROOT ? BASE_ROOT : BASE_CWD, 0);
	} else if (d->kind != KIND_SYMLINK && !(ev->h.flags & EVF_BAD_PATH))
		ev->dir = base_of(ev, 0, ev->path_len, dirfd_of(c, d->dir));
	ev->flags = arg(c, d->flags);
	ev->mode = arg(c, d->mode);
	ev->at_flags = arg(c, d->flags);
	switch (d->kind) {
	case KIND_STAT:
		read_stat(ev, c, arg(c, d->buf));
		break;
	case KIND_READLINK:
		read_target(ev, c, arg(c, d->buf));
		break;
	case KIND_OPEN:
		if (d->buf >= 0)
			read_open_how(ev, arg(c, d->buf));
		break;
	case KIND_EXEC:
		read_argv(ev, c, arg(c, d->buf));
		break;
	}
}

static void put_file(const struct call *c, const struct call_desc *d)
{
	struct ev_file *ev = emit__scratch();
	struct ev_stats *st;

	if (!ev) {
		emit__count_loss(LOSS_FILE);
		return;
	}
	emit__head(&ev->h, EV_FILE, c->s);
	if (c->compat)
		ev->h.flags |= EVF_COMPAT;
	ev->ret = c->ret;
	ev->dir = ev->dir2 = 0;
	ev->st_mode = 0;
	ev->call = c->id;
	ev->path_len = ev->path2_len = ev->pad = 0;
	if (d->path >= 0)
		ev->path_len = read_path(ev, 0, arg(c, d->path), 0);
	if (!cfg.all && is_fstat_like(c, d, ev)) {
		st = emit__stats();
		if (st)
			st->fstat++;
	} else {
		fill_file(ev, c, d);
		emit__put(&ev->h, sizeof(*ev) + (__u32)ev->path_len + ev->path2_len, CLASS_FILE);
	}
	emit__scratch_done();
}

/* Not inlined: its stack would add to that of path__id(). */
static __noinline void put_connect(const struct call *c)
{
	struct ev_connect *ev;
	__u32 len = c->args.v[2];

	if (!cfg.net)
		return;
	ev = emit__scratch();
	if (!ev) {
		emit__count_loss(LOSS_FILE);
		return;
	}
	emit__head(&ev->h, EV_CONNECT, c->s);
	ev->ret = c->ret;
	__builtin_memset(ev->addr, 0, sizeof(ev->addr));
	barrier_var(len);	/* or the bound is lost on the way to the helper */
	if (len > sizeof(ev->addr))
		len = sizeof(ev->addr);
	ev->addr_len = len;
	if (bpf_probe_read_user(ev->addr, len, (void *)c->args.v[1]))
		ev->h.flags |= EVF_BAD_BUF;
	ev->family = *(__u16 *)ev->addr;
	emit__put(&ev->h, sizeof(*ev), CLASS_FILE);
	emit__scratch_done();
}

static bool moves_paths(const struct call *c, const struct call_desc *d)
{
	if (c->ret < 0 || d->epoch == EPOCH_NEVER)
		return false;
	return d->epoch == EPOCH_ALWAYS || arg(c, d->flags) & AT_REMOVEDIR;
}

static __always_inline void on_call(struct call *c)
{
	const struct call_desc *d;

	if (c->id >= CALL_CNT)
		return;
	d = &descs[c->id];
	if (moves_paths(c, d))
		path__new_epoch();
	c->s = follow__get();
	if (!c->s || d->kind == KIND_NONE || (d->kind == KIND_EXEC && c->ret >= 0))
		return;
	if (d->kind < KIND_CONNECT)
		put_file(c, d);
	else if (d->kind == KIND_CONNECT)
		put_connect(c);
	else
		ring__put(c->s, c->ret);
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
	struct call c = { .ret = ret, .id = id, .compat = compat };

	read_args(regs, compat, &c.args);
	on_call(&c);
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

	if (id)
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
		if (id)							\
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
 * Without the arguments, because nobody followed the task when it entered. What it did is lost, but
 * not what it means for paths: that a removal was of a directory has to be assumed.
 */
static void on_unknown(__u32 id, __s64 ret)
{
	if (id >= CALL_CNT)
		return;
	if (ret >= 0 && descs[id].epoch != EPOCH_NEVER)
		path__new_epoch();
	if (descs[id].kind == KIND_NONE || (descs[id].kind == KIND_EXEC && ret >= 0))
		return;
	if (follow__get())
		emit__count_unseen(LOSS_FILE);
}

static __noinline void on_pair(__u64 nr, __s64 ret, __u32 id, bool compat)
{
	struct call c = { .ret = ret, .id = id, .compat = compat };
	struct task_entry *e = follow__entry();
	int i;

	if (!e || e->nr != nr) {
		on_unknown(id, ret);
		return;
	}
	for (i = 0; i < 6; i++)
		c.args.v[i] = e->args[i];
	e->nr = NR_NONE;
	on_call(&c);
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
