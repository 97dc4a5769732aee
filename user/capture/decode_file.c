/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System calls with a path: one line each, with what was asked and what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/calls.h"
#include "capture/decoder.h"
#include "golang/gocache.h"
#include "util/clock.h"

#define RING_IS_REGISTERED (1 << 4)	/* IORING_ENTER_REGISTERED_RING: it has no descriptor */

/* --- names of flags --- */

struct flag_name {
	uint64_t mask, value;
	const char *name;
};

/* The kernel's own: the C library hides its value on 64-bit machines, where it is the default. */
#if defined(__x86_64__)
#define KERNEL_O_LARGEFILE 0100000
#else
#define KERNEL_O_LARGEFILE 0400000
#endif

#define FLAG(f, n) { f, f, n }

/* What contains the bits of another comes before it. */
static const struct flag_name open_flags[] = {
	{ O_ACCMODE, O_RDONLY, "RDONLY" },
	{ O_ACCMODE, O_WRONLY, "WRONLY" },
	{ O_ACCMODE, O_RDWR, "RDWR" },
	FLAG(O_CREAT, "CREAT"),		FLAG(O_EXCL, "EXCL"),
	FLAG(O_NOCTTY, "NOCTTY"),	FLAG(O_TRUNC, "TRUNC"),
	FLAG(O_APPEND, "APPEND"),	FLAG(O_NONBLOCK, "NONBLOCK"),
	FLAG(O_SYNC, "SYNC"),		FLAG(O_DSYNC, "DSYNC"),
	FLAG(O_ASYNC, "ASYNC"),		FLAG(O_DIRECT, "DIRECT"),
	FLAG(KERNEL_O_LARGEFILE, "LARGEFILE"),
	FLAG(O_TMPFILE, "TMPFILE"),	FLAG(O_DIRECTORY, "DIRECTORY"),
	FLAG(O_NOFOLLOW, "NOFOLLOW"),	FLAG(O_NOATIME, "NOATIME"),
	FLAG(O_CLOEXEC, "CLOEXEC"),	FLAG(O_PATH, "PATH"),
	{},
};

static const struct flag_name at_flags[] = {
	FLAG(AT_SYMLINK_NOFOLLOW, "SYMLINK_NOFOLLOW"),
	FLAG(AT_SYMLINK_FOLLOW, "SYMLINK_FOLLOW"),
	FLAG(AT_NO_AUTOMOUNT, "NO_AUTOMOUNT"),
	FLAG(AT_EMPTY_PATH, "EMPTY_PATH"),
	FLAG(AT_STATX_FORCE_SYNC, "STATX_FORCE_SYNC"),
	FLAG(AT_STATX_DONT_SYNC, "STATX_DONT_SYNC"),
	{},
};

/* The same bit has two meanings. */
static const struct flag_name access_flags[] = {
	FLAG(AT_EACCESS, "EACCESS"),
	FLAG(AT_SYMLINK_NOFOLLOW, "SYMLINK_NOFOLLOW"),
	FLAG(AT_EMPTY_PATH, "EMPTY_PATH"),
	{},
};

static const struct flag_name resolve_flags[] = {
	FLAG(RESOLVE_NO_XDEV, "NO_XDEV"),
	FLAG(RESOLVE_NO_MAGICLINKS, "NO_MAGICLINKS"),
	FLAG(RESOLVE_NO_SYMLINKS, "NO_SYMLINKS"),
	FLAG(RESOLVE_BENEATH, "BENEATH"),
	FLAG(RESOLVE_IN_ROOT, "IN_ROOT"),
	FLAG(0x20, "CACHED"),	/* not in all headers */
	{},
};

static const struct flag_name unlink_flags[] = { FLAG(AT_REMOVEDIR, "REMOVEDIR"), {} };

static const struct flag_name rename_flags[] = {
	FLAG(1, "NOREPLACE"), FLAG(2, "EXCHANGE"), FLAG(4, "WHITEOUT"), {},
};

/* Behind n bytes of an array; how many there are then. */
static size_t add_flag(char *text, size_t n, const char *name)
{
	text[n] = n ? ',' : '[';
	text[n + 1] = '"';
	n = stpcpy(text + n + 2, name) - text;
	text[n] = '"';
	return n + 1;
}

/* It is done for every open: without printf. All names together have room. */
static void add_flags(struct line *l, const char *key, const struct flag_name *names, uint64_t v)
{
	char hex[20], text[512];
	size_t n = 0;

	for (; names->name; names++) {
		if ((v & names->mask) != names->value)
			continue;
		n = add_flag(text, n, names->name);
		v &= ~names->mask;
	}
	if (v) {
		snprintf(hex, sizeof(hex), "0X%llX", (unsigned long long)v);
		n = add_flag(text, n, hex);
	}
	if (!n)
		text[n++] = '[';
	text[n++] = ']';
	line__raw(l, key, text, n);
}

/* --- parts of a line --- */

/* The kernel did what was asked, as far as is known. */
static bool has_succeeded(const struct ev_file *ev)
{
	return ev->ret >= 0 && !(ev->notes & EVN_ANSWERED);
}

struct path_arg {
	const char *as_key, *path_key;
	const char *as;
	size_t n;
	uint64_t dir;
	unsigned int second;	/* shifts the flags */
};

/* Which directory it was relative to may be unknown for a reason that the result gives. */
static bool is_explained(const struct ev_file *ev)
{
	return ev->ret == -EBADF || ev->ret == -ENOTDIR || ev->ret == -EFAULT;
}

/* Where the call led to, which is not what its arguments say by themselves. */
static void add_arrival(struct decoder *d, const struct ev_file *ev)
{
	const char *text;
	size_t n;

	if (ev->h.flags & EVF_BAD_PATH)
		line__incomplete(&d->line, "as");
	else if (call__desc(ev->call)->path != ARG_NONE)
		line__bytes(&d->line, "as", ev->data, ev->path_len);
	/* Where a root is, is told from outside: nobody in another one calls it so. */
	if ((ev->call == CALL_CHROOT && d->own_root) || ev->notes & EVN_CHANGED ||
	    paths__get_dir(d->paths, ev->dir, &text, &n)) {
		line__incomplete(&d->line, "path");
		return;
	}
	str__add(&d->path, text, n);
	line__bytes(&d->line, "path", text, n);
}

/*
 * The directory that it was relative to is no longer what the call began with: another thread may
 * have changed it meanwhile, or this very call has renamed it, of which only ".." can lead to the
 * name.
 */
static bool is_moved(const struct ev_file *ev, const struct path_arg *a)
{
	if (a->n && a->as[0] == '/')
		return false;
	if (ev->notes & EVN_CHANGED << a->second)
		return true;
	return call__desc(ev->call)->kind == KIND_RENAME && ev->ret >= 0 &&
	       ev->notes & EVN_AFTER << a->second && paths__leads_up(a->as, a->n);
}

static int join(struct decoder *d, const struct ev_file *ev, const struct path_arg *a)
{
	str__cut(&d->path, 0);
	if (is_moved(ev, a))
		return -ESTALE;
	if (ev->call == CALL_OPENAT2 && ev->resolve & RESOLVE_IN_ROOT)
		return paths__join_in_root(d->paths, a->dir, a->as, a->n, &d->path);
	return paths__join(d->paths, a->dir, a->as, a->n, &d->path);
}

static void add_path_arg(struct decoder *d, const struct ev_file *ev, const struct path_arg *a)
{
	const struct ev_hdr *h = &ev->h;
	struct line *l = &d->line;

	if (h->flags & EVF_BAD_PATH << a->second) {
		if (ev->ret != -EFAULT) {
			line__incomplete(l, a->as_key);
			line__incomplete(l, a->path_key);
		}
		return;
	}
	if (!(h->flags & EVF_NO_PATH << a->second) && call__desc(ev->call)->path != ARG_NONE)
		line__bytes(l, a->as_key, a->as, a->n);
	if (h->flags & EVF_LONG_PATH << a->second) {
		line__incomplete(l, a->as_key);
		line__incomplete(l, a->path_key);
		return;
	}
	/* An empty path, or none, means nothing, unless it stands for the descriptor. */
	if (!a->n && (ev->ret == -ENOENT || ev->ret == -EFAULT))
		return;
	if (!join(d, ev, a))
		line__bytes(l, a->path_key, d->path.s, d->path.len);
	else if (!is_explained(ev))
		line__incomplete(l, a->path_key);
}

static void add_first(struct decoder *d, const struct ev_file *ev)
{
	add_path_arg(d, ev, &(struct path_arg){ "as", "path", ev->data, ev->path_len, ev->dir, 0 });
}

static void add_second(struct decoder *d, const struct ev_file *ev)
{
	add_path_arg(d, ev, &(struct path_arg){ "as2", "path2", ev->data + ev->path_len,
						ev->path2_len, ev->dir2, 1 });
}

static void add_mode(struct line *l, uint64_t mode)
{
	char text[16];

	snprintf(text, sizeof(text), "%04o", (unsigned int)mode & 07777);
	line__str(l, "mode", text);
}

static const char *type_name(uint32_t mode)
{
	static const char *const names[] = {
		[S_IFREG >> 12] = "file", [S_IFDIR >> 12] = "dir",   [S_IFLNK >> 12] = "symlink",
		[S_IFCHR >> 12] = "char", [S_IFBLK >> 12] = "block", [S_IFIFO >> 12] = "fifo",
		[S_IFSOCK >> 12] = "socket",
	};
	uint32_t type = (mode & S_IFMT) >> 12;

	return type < ARRAY_SIZE(names) ? names[type] : NULL;
}

/* --- one function per kind, called between begin and put --- */

/* Another thread has written over the text while the call waited, unless a link led to the FIFO. */
static bool is_overwritten(const struct ev_file *ev)
{
	const char *name = ev->data + ev->path_len;
	size_t n = ev->path2_len;

	return n && !(ev->h.flags & EVF_STAT) && (ev->path_len < n || memcmp(name - n, name, n) ||
		     (ev->path_len > n && name[-(ssize_t)n - 1] != '/'));
}

static void add_open(struct decoder *d, const struct ev_file *ev)
{
	struct line *l = &d->line;
	uint64_t flags = ev->call == CALL_CREAT ? O_CREAT | O_WRONLY | O_TRUNC : ev->flags;

	if (ev->h.flags & EVF_ARRIVED) {
		add_arrival(d, ev);
	} else if (is_overwritten(ev)) {
		line__incomplete(l, "as");
		line__incomplete(l, "path");
	} else {
		add_first(d, ev);
	}
	if (ev->h.flags & EVF_BAD_BUF)
		line__incomplete(l, "flags");
	else
		add_flags(l, "flags", open_flags, flags);
	if (ev->call == CALL_OPENAT2 && ev->resolve && !(ev->h.flags & EVF_BAD_BUF))
		add_flags(l, "resolve", resolve_flags, ev->resolve);
	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
		add_mode(l, ev->mode);
	if (has_succeeded(ev))
		line__int(l, "fd", ev->ret);
}

/* Set back since it was made: for a cache entry that decides how long it stays. */
#define AGED_S (5 * 24 * 3600)

static void add_age(struct decoder *d, const struct ev_file *ev)
{
	if (ev->ctime - ev->mtime / (int64_t)NSEC_PER_SEC < AGED_S || !gocache__is_action(d->path.s ?: "", d->path.len))
		return;
	line__time(&d->line, "ctime", ev->ctime * (int64_t)NSEC_PER_SEC);
}

static void add_stat(struct decoder *d, const struct ev_file *ev)
{
	struct line *l = &d->line;

	add_first(d, ev);
	if (ev->at_flags)
		add_flags(l, "flags", at_flags, ev->at_flags);
	if (ev->h.flags & EVF_STAT) {
		line__int(l, "size", ev->size);
		line__time(l, "mtime", ev->mtime);
		line__str(l, "type", type_name(ev->st_mode));
		add_age(d, ev);
	} else if (ev->h.flags & EVF_BAD_BUF || (has_succeeded(ev) && ev->notes & EVN_MAYBE)) {
		line__incomplete(l, "size");
	}
}

static void add_access(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	add_mode(&d->line, ev->mode);
	if (ev->flags)
		add_flags(&d->line, "flags", access_flags, ev->flags);
}

static void add_readlink(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	if (ev->h.flags & EVF_BAD_BUF || (has_succeeded(ev) && ev->notes & EVN_MAYBE))
		line__incomplete(&d->line, "target");
	else if (has_succeeded(ev))
		line__bytes(&d->line, "target", ev->data + ev->path_len, ev->path2_len);
}

static void add_mkdir(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	add_mode(&d->line, ev->mode);
}

static void add_unlink(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	if (ev->flags)
		add_flags(&d->line, "flags", unlink_flags, ev->flags);
}

static void add_rename(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	add_second(d, ev);
	if (ev->flags)
		add_flags(&d->line, "flags", rename_flags, ev->flags);
}

static void add_link(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	add_second(d, ev);
	if (ev->flags)
		add_flags(&d->line, "flags", at_flags, ev->flags);
}

/* as is the link's text, which nothing resolves yet; as2 and path2 are where the link is. */
static void add_symlink(struct decoder *d, const struct ev_file *ev)
{
	if (!(ev->h.flags & (EVF_BAD_PATH | EVF_NO_PATH)))
		line__bytes(&d->line, "as", ev->data, ev->path_len);
	add_second(d, ev);
}

/* A relative one that succeeded has the path that it led to, links resolved. */
static void add_chdir(struct decoder *d, const struct ev_file *ev)
{
	if (ev->h.flags & EVF_ARRIVED)
		add_arrival(d, ev);
	else
		add_first(d, ev);
}

static void add_chmod(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	add_mode(&d->line, ev->mode);
	if (ev->flags)
		add_flags(&d->line, "flags", at_flags, ev->flags);
}

static void add_utimes(struct decoder *d, const struct ev_file *ev)
{
	add_first(d, ev);
	if (ev->flags)
		add_flags(&d->line, "flags", at_flags, ev->flags);
}

static void add_exec_failed(struct decoder *d, const struct ev_file *ev)
{
	struct path_arg a = { "file", "path", ev->data, ev->path_len, ev->dir, 0 };

	add_path_arg(d, ev, &a);
	line__args(&d->line, ev->data + ev->path_len, ev->path2_len);
	if (ev->h.flags & EVF_CUT_ARGS)
		line__incomplete(&d->line, "args");
}

/* One that was inherited shows when it is used. */
static void add_ring(struct decoder *d, const struct ev_file *ev)
{
	line__str(&d->line, "what", "io_uring");
	if (ev->call == CALL_IO_URING_SETUP)
		line__int(&d->line, "fd", ev->ret);
	else if (!(ev->flags & RING_IS_REGISTERED))
		line__int(&d->line, "fd", ev->mode);
}

static void (*const adders[])(struct decoder *, const struct ev_file *) = {
	[KIND_OPEN]     = add_open,
	[KIND_STAT]     = add_stat,
	[KIND_ACCESS]   = add_access,
	[KIND_READLINK] = add_readlink,
	[KIND_MKDIR]    = add_mkdir,
	[KIND_UNLINK]   = add_unlink,
	[KIND_RENAME]   = add_rename,
	[KIND_LINK]     = add_link,
	[KIND_SYMLINK]  = add_symlink,
	[KIND_TRUNCATE] = add_first,
	[KIND_UTIMES]   = add_utimes,
	[KIND_CHMOD]    = add_chmod,
	[KIND_CHDIR]    = add_chdir,
	[KIND_EXEC]     = add_exec_failed,
	[KIND_RING]     = add_ring,
};

/*
 * Without an exec: from now on a path may be another file's than ours. When it is one of several
 * threads that does so, each sees its own.
 */
static void enter_ns(struct decoder *d, struct proc *p, const struct ev_file *ev)
{
	proc__enter_ns(p, ev->mode == d->mnt_ns ? 0 : ev->mode,
		       (struct viewer){ p->local_pid, ev->h.ts });
	if (ev->h.flags & EVF_THREAD)
		p->is_split = true;
}

void decode__file(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_file *ev = (const void *)h;
	const struct call_desc *desc = call__desc(ev->call);
	struct proc *p = decoder__proc(d, h);

	if (!p)
		return;
	if (desc->kind == KIND_NS) {
		enter_ns(d, p, ev);
		return;
	}
	if (desc->kind >= ARRAY_SIZE(adders) || !adders[desc->kind]) {
		d->lost++;
		return;
	}
	/* A ring that was refused hides nothing. */
	if (desc->kind == KIND_RING && (p->has_ring || !has_succeeded(ev)))
		return;
	p->has_ring |= desc->kind == KIND_RING;
	d->own_root = p->own_root;
	str__cut(&d->path, 0);
	decoder__begin(d, call__rec_kind(ev->call), h, p);
	line__str(&d->line, "call", call__name(ev->call));
	adders[desc->kind](d, ev);
	decoder__add_outcome(d, ev->ret, ev->notes);
	decoder__put(d, p);
	decode__beside(d, p, ev);
	if (!has_succeeded(ev))
		return;
	decode__used(d, p, ev);
	/* chroot and chdir into another root: from now on its paths are its own. */
	if (ev->call == CALL_CHROOT)
		proc__enter_root(p, (struct viewer){ p->local_pid, h->ts });
}
