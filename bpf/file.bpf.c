// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The record of a system call: its paths, and what lies behind its other pointers. */
#include "arch.h"
#include "ge.h"

#define AT_EMPTY_PATH	0x1000
#define CLONE_NEWNS	0x20000
#define RESOLVE_IN_ROOT	0x10
#define OPEN_TMPFILE	020000000	/* the bit that O_TMPFILE has for itself */
#define OPEN_HOW_SIZE	24		/* of its first version; no kernel takes less */

static __always_inline __u64 arg(const struct call *c, unsigned char n)
{
	return arg_of(c->args, n);
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
		/*
		 * The call failed for the same reason, or the kernel did not ask: nothing is
		 * missing.
		 */
		if (ev->ret != -EFAULT && !ev->notes)
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

/* Does an absolute path begin at the directory descriptor? */
static __always_inline bool is_in_root(const struct ev_file *ev)
{
	return ev->call == CALL_OPENAT2 && ev->resolve & RESOLVE_IN_ROOT;
}

/*
 * The base that the kernel resolved the path at off against, the first or second one; 0 for an
 * absolute one.
 */
static __always_inline __u64 base_of(struct slot *slot, __u32 off, __u32 len, unsigned char dir,
				     __u32 second)
{
	struct ev_file *ev = (void *)slot->record;
	int fd = dirfd_of(&slot->call, dir);
	enum path_base base = BASE_FD;
	__u64 id;

	if (off > EV_PATH_MAX || (len && ev->data[off] == '/' && !is_in_root(ev)))
		return 0;
	if (fd == AT_FDCWD)
		base = ev->ret < 0 ? BASE_CWD : BASE_CWD_BEFORE;
	slot->call.uses |= (fd == AT_FDCWD ? USES_CWD : USES_FD) << second;
	slot->call.fd = fd;
	id = path__id(slot->id, base, fd);
	if (!path__is_old(slot))
		slot->call.fresh = id;
	if (id == slot->call.fresh)
		ev->notes |= EVN_AFTER << second;
	return id;
}

/* --- results --- */

/* struct statx is the same everywhere. */
enum { STATX_MODE = 28, STATX_SIZE = 40, STATX_CTIME = 96, STATX_MTIME = 112, STATX_NSEC = 120 };

/* From the mode to the seconds of the last time: on the stack, where the kernel checks least. */
__hidden void file__read_stat(struct ev_file *ev, __u64 buf)
{
	char st[STAT_CTIME + 8 - STAT_MODE] __attribute__((aligned(8)));

	if (bpf_probe_read_user(st, sizeof(st), (void *)(buf + STAT_MODE))) {
		ev->h.flags |= EVF_BAD_BUF;
		return;
	}
	ev->h.flags |= EVF_STAT;
	ev->st_mode = *(__u32 *)st;
	ev->size = *(__s64 *)(st + STAT_SIZE - STAT_MODE);
	ev->mtime = *(__s64 *)(st + STAT_MTIME - STAT_MODE) * NSEC_PER_SEC +
		    *(__s64 *)(st + STAT_MTIME - STAT_MODE + 8);
	ev->ctime = *(__s64 *)(st + STAT_CTIME - STAT_MODE);
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
	ev->ctime = *(__s64 *)(st + STATX_CTIME);
}

static void read_result(struct ev_file *ev, __u32 id, __u64 buf)
{
	if (id == CALL_STATX)
		read_statx(ev, buf);
	else
		file__read_stat(ev, buf);
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

/* Who waits for a FIFO's other end leaves the text of its path to other threads for long. */
static void read_fifo_name(struct ev_file *ev, int fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 off = ev->path_len, len;
	struct dentry *dentry;

	if (BPF_CORE_READ(task, signal, nr_threads) < 2 || off > EV_PATH_MAX)
		return;
	dentry = share__fifo(fd);
	if (!dentry)
		return;
	len = BPF_CORE_READ(dentry, d_name.len) & (WALK_NAME - 1);
	if (!bpf_probe_read_kernel(ev->data + off, len, BPF_CORE_READ(dentry, d_name.name)))
		ev->path2_len = len;
}

/* openat2 keeps its flags in a structure of that size. */
static void read_open_how(struct ev_file *ev, __u64 how, __u64 size)
{
	__u64 v[OPEN_HOW_SIZE / 8] = {};

	if (size < OPEN_HOW_SIZE || bpf_probe_read_user(v, sizeof(v), (void *)how))
		ev->h.flags |= EVF_BAD_BUF;
	ev->flags = v[0];
	ev->mode = v[1];
	ev->resolve = v[2];
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
 * told is where it led to. So it is for a file opened below a root of its own, where links and ".."
 * mean something else than they do to everybody; but one without a name has none to tell.
 */
static bool has_arrived(const struct call *c, const struct call_desc *d, const struct ev_file *ev)
{
	if (c->ret < 0 || c->notes & EVN_ANSWERED)
		return false;
	if (d->kind == KIND_OPEN)
		return is_in_root(ev) && !(ev->flags & OPEN_TMPFILE);
	return d->kind == KIND_CHDIR && !(ev->path_len && ev->data[0] == '/');
}

static __always_inline void fill_arrival(struct slot *slot)
{
	struct ev_file *ev = (void *)slot->record;
	const struct call *c = &slot->call;

	slot->call.uses = c->id == CALL_OPENAT2 ? 0 : USES_CWD;
	/* To whom changes its root, it has a path in the old one: by the directory where it is. */
	if (c->id == CALL_CHROOT) {
		ev->dir = path__id(slot->id, BASE_CWD_BEFORE, 0);
		if (ev->dir && path__is_old(slot))
			return;
	}
	ev->h.flags |= EVF_ARRIVED;
	if (c->id == CALL_OPENAT2)
		ev->dir = path__id(slot->id, BASE_FD, c->ret);
	else
		ev->dir = path__id(slot->id, c->id == CALL_CHROOT ? BASE_ROOT : BASE_CWD, 0);
}

static __always_inline void fill_bases(struct slot *slot, const struct call_desc *d)
{
	struct ev_file *ev = (void *)slot->record;
	struct call *c = &slot->call;

	ev->dir = ev->dir2 = c->fresh = 0;
	c->uses = 0;
	if (d->path2 != ARG_NONE) {
		ev->path2_len = read_path(ev, ev->path_len, arg(c, d->path2), 1);
		ev->dir2 = base_of(slot, ev->path_len, ev->path2_len, d->dir2, 1);
	}
	if (has_arrived(c, d, ev)) {
		fill_arrival(slot);
		return;
	}
	/* The text of a symbolic link is resolved by whoever follows it. */
	if (d->kind != KIND_SYMLINK && !(ev->h.flags & EVF_BAD_PATH))
		ev->dir = base_of(slot, 0, ev->path_len, d->dir, 0);
	/*
	 * Known from here on: what its next call is relative to, and by which name it may be
	 * renamed.
	 */
	if (c->id == CALL_CHDIR && c->ret >= 0)
		(void)path__id(slot->id, BASE_CWD, 0);
}

/* Behind the look at the bases: or what changes in between would not show. */
static __always_inline void note_changes(struct slot *slot)
{
	struct ev_file *ev = (void *)slot->record;
	__u32 both = share__changed(slot->id), uses = slot->call.uses;

	both |= both << 1;
	uses &= both;
	if (uses & (USES_CWD | USES_FD))
		ev->notes |= EVN_CHANGED;
	if (uses & (USES_CWD | USES_FD) << 1)
		ev->notes |= EVN_CHANGED2;
}

static __always_inline void fill_flags(struct ev_file *ev, const struct call *c,
				       const struct call_desc *d)
{
	ev->at_flags = ev->flags = arg(c, d->flags);
	ev->mode = arg(c, d->mode);
	if (c->id == CALL_OPENAT2)
		read_open_how(ev, arg(c, d->buf), c->args[3]);
}

/* What is in a buffer that the kernel did not write is nobody's business. */
static __always_inline void fill_rest(struct slot *slot, const struct call_desc *d)
{
	struct ev_file *ev = (void *)slot->record;
	struct call *c = &slot->call;
	__u64 buf = arg(c, d->buf);

	switch (d->kind) {
	case KIND_STAT:
		/* Of 32-bit programs there are three layouts of the past: not worth it. */
		if (!c->ret && !c->notes && (!c->compat || c->id == CALL_STATX))
			read_result(ev, c->id, buf);
		break;
	case KIND_READLINK:
		if (!c->notes)
			read_target(ev, c, buf);
		break;
	case KIND_OPEN:
		if (c->ret >= 0 && !c->notes)
			read_fifo_name(ev, c->ret);
		break;
	case KIND_EXEC:
		read_argv(ev, slot, buf);
		break;
	}
}

static __always_inline void put_path(struct slot *slot, struct task_state *s,
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
	ev->notes = c->notes;
	fill_flags(ev, c, d);
	if (d->path != ARG_NONE)
		ev->path_len = read_path(ev, 0, arg(c, d->path), 0);
	if (!cfg.all && is_fstat_like(c, d, ev)) {
		emit__count_fstat();
		return;
	}
	fill_bases(slot, d);
	note_changes(slot);
	if (d->kind == KIND_CHDIR)
		share__tell(slot->id);
	fill_rest(slot, d);
	if (is_read(d, ev->ret, ev->flags) && !is_in_root(ev) && !(c->notes & EVN_ANSWERED))
		(void)opened__add(ev, arg(c, d->path), EV_PATH_MAX);
	emit__put(&ev->h, sizeof(*ev) + (__u32)ev->path_len + ev->path2_len, CLASS_FILE);
}

static __always_inline void put_connect(struct slot *slot, struct task_state *s)
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
	ev->notes = c->notes;
	emit__put(&ev->h, sizeof(*ev), CLASS_FILE);
}

static __always_inline struct ev_file *begin_bare(struct slot *slot, struct task_state *s)
{
	struct ev_file *ev = (void *)slot->record;

	__builtin_memset(ev, 0, sizeof(*ev));
	emit__head(&ev->h, EV_FILE, s);
	if (slot->call.compat)
		ev->h.flags |= EVF_COMPAT;
	ev->ret = slot->call.ret;
	ev->call = slot->call.id;
	ev->notes = slot->call.notes;
	return ev;
}

/*
 * What a task does through an io_uring never is a system call of its own. That there is a ring is
 * all that can be seen, and has to be told.
 */
static __always_inline void put_ring(struct slot *slot, struct task_state *s)
{
	struct ev_file *ev = begin_bare(slot, s);

	ev->mode = slot->call.args[0];
	ev->flags = slot->call.args[3];
	emit__put(&ev->h, sizeof(*ev), CLASS_FILE);
}

/* A task is in another mount namespace now. */
static __always_inline void put_ns(struct slot *slot, struct task_state *s)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct ev_file *ev;

	if (slot->call.id == CALL_UNSHARE && !(slot->call.args[0] & CLONE_NEWNS))
		return;
	ev = begin_bare(slot, s);
	if (BPF_CORE_READ(task, signal, nr_threads) > 1)
		ev->h.flags |= EVF_THREAD;
	ev->mode = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	emit__put(&ev->h, sizeof(*ev), CLASS_FILE);
}

__noinline int file__put(__u32 slot_id)
{
	struct slot *slot = emit__slot_of(slot_id);
	struct task_state *s = follow__own();
	const struct call_desc *d;

	if (!slot || !s) {	/* never: both were there a moment ago */
		emit__count_unseen(LOSS_FILE);
		return 0;
	}
	d = desc_of(slot->call.id);
	if (d->kind < KIND_CONNECT)
		put_path(slot, s, d);
	else if (d->kind == KIND_CONNECT)
		put_connect(slot, s);
	else if (d->kind == KIND_RING)
		put_ring(slot, s);
	else if (d->kind == KIND_NS)
		put_ns(slot, s);
	else {
		share__tell(slot_id);
		(void)share__changed(slot_id);	/* its own change is none to itself */
	}
	return 0;
}
