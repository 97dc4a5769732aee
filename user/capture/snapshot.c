/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is in a file at one moment. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "capture/snapshot.h"
#include "util/clock.h"
#include "util/file.h"

#define TRIES 3		/* of reading what somebody writes */
#define FRESH_NS (20 * (int64_t)NSEC_PER_MSEC)	/* a tick is 1 to 10 ms */

/* --- opening --- */

/* Their root, which takes rights that they need not have; AT_FDCWD: it is ours. */
static int open_root(const struct file_name *name)
{
	int fd;

	if (!name->own_root)
		return AT_FDCWD;
	fd = procdir__open_root(&name->self);
	return fd == -ESRCH ? procdir__open_root(&name->first_viewer) : fd;
}

/*
 * Names the file without opening it. No links of /proc on the way: they would lead to our own
 * descriptors, and nowhere by the rights of who follows them.
 */
static int name_file(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	int fd;

	if (root != AT_FDCWD)
		how.resolve |= RESOLVE_IN_ROOT;
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/* Without O_NOATIME where that is for its owner alone. */
static int open_quietly(const char *path)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

static bool is_same_file(int fd, const struct stat *st)
{
	struct stat now;

	return !fstat(fd, &now) && now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* The very file that named names. */
static int reopen(int named, int root, const char *path, const struct stat *st)
{
	__close_fd int fd = -1;
	char by_number[32];

	snprintf(by_number, sizeof(by_number), "/proc/self/fd/%d", named);
	fd = open_quietly(by_number);
	if (fd != -ENOENT || root != AT_FDCWD)
		return steal_fd(&fd);
	fd = open_quietly(path);	/* there is no /proc of ours */
	return fd < 0 || is_same_file(fd, st) ? steal_fd(&fd) : -ENOENT;
}

static int open_named(int root, const char *path, struct stat *ret_st)
{
	__close_fd int named = name_file(root, path);
	struct statfs fs;

	if (named < 0)
		return named;
	if (!fstatfs(named, &fs) && fs.f_type == PROC_SUPER_MAGIC)
		return -ENXIO;
	if (fstat(named, ret_st))
		return -errno;
	if (S_ISDIR(ret_st->st_mode))
		return -EISDIR;
	return S_ISREG(ret_st->st_mode) ? reopen(named, root, path, ret_st) : -ENXIO;
}

/* Everybody may read it but its group, and whether they are in that is not known. */
static bool is_closed_to_groups(const struct stat *st, const struct opener *who)
{
	return !who->knows_groups && who->identity.uid && who->identity.uid != st->st_uid &&
	       !(st->st_mode & S_IRGRP);
}

int file_name__open(const struct file_name *name, const struct opener *who, struct stat *ret_st)
{
	__close_fd int root = open_root(name);
	struct identity_scope scope;
	int fd;

	if (root < 0 && root != AT_FDCWD)
		return root;
	fd = opener__enter(who, &scope);
	if (fd)
		return fd;
	fd = open_named(root, name->path, ret_st);
	identity__leave(&scope);
	if (fd >= 0 && is_closed_to_groups(ret_st, who)) {
		close(fd);
		return -EACCES;
	}
	return fd;
}

/* --- folders --- */

static int open_dir(int root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME,
				.resolve = RESOLVE_NO_MAGICLINKS };
	struct statfs fs;
	int fd;

	if (root != AT_FDCWD)
		how.resolve |= RESOLVE_IN_ROOT;
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0 && errno == EPERM) {
		how.flags &= ~O_NOATIME;
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	}
	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &fs) && fs.f_type != PROC_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENXIO;
}

static int list(int fd, size_t max, int (*fn)(void *ctx, const char *name), void *ctx)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	int err = 0;

	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	while (!err && max-- && (e = readdir(dir)))
		if (e->d_type == DT_REG || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN)
			err = fn(ctx, e->d_name);
	closedir(dir);
	return err;
}

int file_name__list(const struct file_name *dir, const struct opener *who, size_t max,
		    int (*fn)(void *ctx, const char *name), void *ctx)
{
	__close_fd int root = open_root(dir);
	struct identity_scope scope;
	int fd, err;

	if (root < 0 && root != AT_FDCWD)
		return root;
	err = opener__enter(who, &scope);
	if (err)
		return err;
	fd = open_dir(root, dir->path);
	identity__leave(&scope);
	return fd < 0 ? fd : list(fd, max, fn, ctx);
}

/* --- reading --- */

/* To us they are something else than to them. */
static bool is_by_descriptor(const char *path)
{
	return str_has_prefix(path, "/dev/fd/") || str_has_prefix(path, "/dev/std") ||
	       str_has_prefix(path, "/proc/self/") || str_has_prefix(path, "/proc/thread-self/");
}

static int64_t ns_of(const struct timespec *ts)
{
	return ts->tv_sec * (int64_t)NSEC_PER_SEC + ts->tv_nsec;
}

struct file_state file_state__of(const struct stat *st)
{
	return (struct file_state){
		.dev = st->st_dev, .ino = st->st_ino, .size = st->st_size,
		.mtime = ns_of(&st->st_mtim), .ctime = ns_of(&st->st_ctim),
	};
}

int64_t file_state__age(const struct file_state *s)
{
	return (int64_t)clock__ns(CLOCK_REALTIME) - s->ctime;
}

bool file_state__is_fresh(const struct file_state *s)
{
	return file_state__age(s) < FRESH_NS;
}

const char *file_state__doubt(const struct file_state *s, uint64_t boot_ts)
{
	int64_t opened = boot_ts + clock__real_minus_boot_ns();

	if (s->ctime > opened)
		return "changed after it was opened";
	return s->ctime + clock__tick_ns() > opened ? "may have changed after it was opened" : NULL;
}

/* The empty file of those who want none: GOENV=/dev/null. */
static bool is_null_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static int read_text(int fd, size_t max, struct snapshot *s)
{
	struct stat st;
	int err;

	str__cut(&s->text, 0);
	err = file__read_fd(fd, max, &s->text);
	if (err && err != -EFBIG)
		return err;
	if (fstat(fd, &st))
		return -errno;
	if (memcmp(&s->state, &(struct file_state[]){ file_state__of(&st) }, sizeof(s->state))) {
		s->state = file_state__of(&st);
		return -EAGAIN;
	}
	return err;
}

/* Below another root the kernel tells us a path that nobody there knows. */
static void find_target(const struct file_name *name, int fd, struct str *out)
{
	char by_number[32], path[4096];
	ssize_t n;

	if (name->own_root)
		return;
	snprintf(by_number, sizeof(by_number), "/proc/self/fd/%d", fd);
	n = readlink(by_number, path, sizeof(path) - 1);
	if (n <= 0 || n == sizeof(path) - 1 || path[0] != '/')
		return;
	path[n] = '\0';
	if (!str_eq(path, name->path) && !str_has_suffix(path, " (deleted)"))
		str__adds(out, path);
}

static int take(const struct file_name *name, const struct opener *who, size_t max,
		struct snapshot *s)
{
	__close_fd int fd = -1;
	struct stat st = {};
	int err, i;

	if (is_by_descriptor(name->path))
		return -ENXIO;
	fd = file_name__open(name, who, &st);
	/* What they may not read they may not be told of, either. */
	if (fd == -EISDIR || fd == -EACCES || fd == -EPERM)
		return fd;
	s->has_state = st.st_mode;
	s->state = file_state__of(&st);
	if (is_null_device(&st))
		return 0;
	if (fd < 0)
		return fd;
	find_target(name, fd, &s->leads_to);
	for (i = 0; i < TRIES; i++) {
		err = i && lseek(fd, 0, SEEK_SET) < 0 ? -errno : read_text(fd, max, s);
		if (err != -EAGAIN)
			return err;
	}
	return -ESTALE;
}

void snapshot__take(const struct file_name *name, const struct opener *who, size_t max,
		    struct snapshot *ret)
{
	*ret = (struct snapshot){};
	ret->err = take(name, who, max, ret);
	ret->taken = clock__boot_ns();
	if (ret->err && ret->err != -EFBIG)
		str__cut(&ret->text, 0);
}

void snapshot__free(struct snapshot *s)
{
	str__free(&s->text);
	str__free(&s->leads_to);
}

const char *snapshot__why(const struct snapshot *s)
{
	switch (s->err) {
	case 0:
		return NULL;
	case -ENOENT:
	case -ENOTDIR:
	case -ESRCH:
		return "gone before it could be read";
	case -ENXIO:
		return "not a regular file";
	case -ESTALE:
		return "changed while it was read";
	case -EFBIG:
		return "too large";
	case -EPERM:
		return "opened by another user's process";
	case -EACCES:
		return "not readable for the process that opened it";
	case -ETIMEDOUT:
		return "the file system does not answer";
	case -EAGAIN:
		return "too much was waiting to be read";
	default:
		return "could not be read";
	}
}
