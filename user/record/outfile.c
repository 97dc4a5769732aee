/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file that a record goes to, with its owner's rights. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "record/outfile.h"
#include "util/cleanup.h"
#include "util/str.h"

#define MAX_LINKS 40	/* as the kernel */
#define READER_WAIT_MS 20

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The folder of a path below dir, and the last name in it. */
static int open_folder(int dir, const char *path, int *ret_dir, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	__free_mem char *folder = slash ? strndup(path, slash - path + 1) : strdup(".");
	int fd;

	if (!folder)
		return -ENOMEM;
	fd = openat(dir, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_dir = fd;
	*ret_name = slash ? slash + 1 : path;
	return 0;
}

/* --- what is written to as it is --- */

/* The descriptor of ours that a name in /proc stands for; -1: it does not. */
static int own_descriptor(int dir, const char *name)
{
	struct stat theirs, ours;
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(name, &end, 10);
	if (!isdigit((unsigned char)*name) || *end || errno || n > INT_MAX)
		return -1;
	/* Also another process's descriptor, when it is the same file under the same number. */
	if (fstatat(dir, name, &theirs, 0) || fstat(n, &ours) || !is_same(&theirs, &ours))
		return -1;
	return n;
}

/*
 * A name in /proc that leads to an open file leads there without its path: ret_dir and ret_name are
 * that name, at the end of whatever links lead to it (/dev/stdout). -ENOENT: path is not such a one.
 */
static int find_magic_link(const char *path, int *ret_dir, char ret_name[static NAME_MAX + 1])
{
	__close_fd int dir = -1;
	char target[PATH_MAX];
	const char *name;
	struct statfs fs;
	int next, err, links;
	ssize_t n;

	err = open_folder(AT_FDCWD, path, &dir, &name);
	for (links = 0; !err && links < MAX_LINKS; links++) {
		if (strlen(name) > NAME_MAX)
			return -ENOENT;
		strcpy(ret_name, name);	/* it may be in target, which is about to change */
		n = readlinkat(dir, ret_name, target, sizeof(target) - 1);
		if (n <= 0 || fstatfs(dir, &fs))
			return -ENOENT;
		if (fs.f_type == PROC_SUPER_MAGIC && isdigit((unsigned char)*ret_name)) {
			*ret_dir = steal_fd(&dir);
			return 0;
		}
		target[n] = '\0';
		err = open_folder(dir, target, &next, &name);
		if (!err) {
			close(dir);
			dir = next;
		}
	}
	return err ?: -ELOOP;
}

static int open_magic_link(struct outfile *f, const char *path)
{
	__close_fd int dir = -1;
	char name[NAME_MAX + 1];
	int fd;

	if (find_magic_link(path, &dir, name))
		return -ENOENT;
	fd = own_descriptor(dir, name);
	if (fd < 0)
		f->fd = openat(dir, name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	else if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	else
		f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return f->fd < 0 ? -errno : 0;
}

bool outfile__is_interrupted(void)
{
	sigset_t pending;

	return !sigpending(&pending) && (sigismember(&pending, SIGINT) ||
	       sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP) ||
	       sigismember(&pending, SIGQUIT));
}

/* A pipe's reader may come later, as with a shell's redirection; who waits can be interrupted. */
static int open_special(struct outfile *f, int dir, const char *name, int flags)
{
	struct stat st;

	flags |= O_WRONLY | O_CLOEXEC | O_NOCTTY;
	while ((f->fd = openat(dir, name, flags | O_NONBLOCK)) < 0 && errno == ENXIO) {
		if (fstatat(dir, name, &st, 0) || !S_ISFIFO(st.st_mode))
			return -ENXIO;
		if (outfile__is_interrupted())
			return -EINTR;
		poll(NULL, 0, READER_WAIT_MS);
	}
	if (f->fd < 0)
		return -errno;
	/* What it was a moment ago, and only that: a file in its place is not ours to write to. */
	if (fstat(f->fd, &st) || S_ISREG(st.st_mode)) {
		close_fd_cleanup(&f->fd);
		f->fd = -1;
		return -EEXIST;
	}
	return fcntl(f->fd, F_SETFL, fcntl(f->fd, F_GETFL) & ~O_NONBLOCK) ? -errno : 0;
}

/* A disk that a name means is rather a slip: only with force. */
static bool is_special(const struct stat *st, bool force)
{
	return S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode) || S_ISSOCK(st->st_mode) ||
	       (S_ISBLK(st->st_mode) && force);
}

/* --- what is made --- */

static int create(struct outfile *f, const char *name)
{
	f->fd = openat(f->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	f->is_new = f->fd >= 0;
	return f->fd < 0 ? -errno : 0;
}

static int create_part(struct outfile *f)
{
	uint64_t random;
	int tries, err = -EEXIST;

	for (tries = 0; err == -EEXIST && tries < 16; tries++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -errno;
		free(f->part);
		if (asprintf(&f->part, "%.200s.%012llx.part", f->name,
			     (unsigned long long)(random >> 16)) < 0) {
			f->part = NULL;
			return -ENOMEM;
		}
		err = create(f, f->part);
	}
	return err;
}

static int open_as_owner(struct outfile *f, const char *path, bool force)
{
	struct stat st, end;
	const char *name;
	int err;

	err = open_folder(AT_FDCWD, path, &f->dir_fd, &name);
	if (err)
		return err;
	f->name = strdup(name);
	if (!f->name)
		return -ENOMEM;
	if (fstatat(f->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno != ENOENT ? -errno : f->is_whole ? create_part(f) : create(f, name);
	if (is_special(&st, force))
		return open_special(f, f->dir_fd, name, O_NOFOLLOW);
	if (S_ISLNK(st.st_mode)) {
		err = open_magic_link(f, path);
		if (err != -ENOENT)
			return err;
		if (!fstatat(f->dir_fd, name, &end, 0) && is_special(&end, force))
			return open_special(f, f->dir_fd, name, 0);
	}
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	/* Replacing is for files and links: what a link leads to is left alone. */
	return force && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) ? create_part(f) : -EEXIST;
}

static int open_file(struct outfile *f, const char *path)
{
	struct identity_scope scope;
	int err;

	if (str_eq(path, "-")) {
		f->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
		return f->fd < 0 ? -errno : 0;
	}
	err = identity__enter(f->owner, &scope);
	if (err)
		return err;
	err = open_as_owner(f, path, f->force);
	identity__leave(&scope);
	if (err) {
		free(f->part);	/* not made: nothing to rename */
		f->part = NULL;
		outfile__close(f);
	}
	return err;
}

int outfile__open(struct outfile *f, const char *path, bool force, const struct identity *owner)
{
	*f = (struct outfile){ .fd = -1, .dir_fd = -1, .owner = owner, .force = force };
	return open_file(f, path);
}

int outfile__open_whole(struct outfile *f, const char *path, bool force)
{
	*f = (struct outfile){ .fd = -1, .dir_fd = -1, .is_whole = true, .force = force };
	return open_file(f, path);
}

/* The name still means the file that we write to. */
static bool is_ours(const struct outfile *f, const char *name)
{
	struct stat named, open;

	return !fstatat(f->dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) && !fstat(f->fd, &open) &&
	       is_same(&named, &open);
}

/* Where the file system cannot rename only to what is not there. */
static int move_by_link(const struct outfile *f)
{
	return linkat(f->dir_fd, f->part, f->dir_fd, f->name, 0) || unlinkat(f->dir_fd, f->part, 0);
}

int outfile__keep(struct outfile *f)
{
	struct identity_scope scope;
	int err;

	if (!f->part)
		return 0;
	err = identity__enter(f->owner, &scope);
	if (err)
		return err;
	if (!is_ours(f, f->part))
		err = -ESTALE;
	else if (renameat2(f->dir_fd, f->part, f->dir_fd, f->name, f->force ? 0 : RENAME_NOREPLACE) &&
		 (f->force || errno != EINVAL || move_by_link(f)))
		err = -errno;
	identity__leave(&scope);
	if (err)
		return err;
	free(f->part);
	f->part = NULL;
	return 0;
}

void outfile__discard(struct outfile *f)
{
	const char *name = f->part ?: f->name;
	struct identity_scope scope;

	if (f->is_new && !identity__enter(f->owner, &scope)) {
		if (is_ours(f, name))
			(void)unlinkat(f->dir_fd, name, 0);	/* else an empty file stays */
		identity__leave(&scope);
	}
	f->is_new = false;
	free(f->part);
	f->part = NULL;
}

void outfile__close(struct outfile *f)
{
	struct stat st;

	/*
	 * Better a cut record than none (but nothing where only the whole is of use), but never an empty one in place of a good one. One that cannot
	 * be renamed stays where it is; the error that brought us here is what the caller reports.
	 */
	if (f->part && !f->is_whole && !fstat(f->fd, &st) && st.st_size)
		(void)outfile__keep(f);
	else if (f->part)
		outfile__discard(f);
	close_fd_cleanup(&f->fd);
	close_fd_cleanup(&f->dir_fd);
	free(f->name);
	free(f->part);
	*f = (struct outfile){ .fd = -1, .dir_fd = -1 };
}
