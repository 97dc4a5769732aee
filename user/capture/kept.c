/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that one start leaves for the next ones. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "capture/kept.h"
#include "util/cleanup.h"
#include "util/file.h"

static bool is_roots(const struct stat *st, mode_t type, mode_t forbidden)
{
	return (st->st_mode & S_IFMT) == type && !st->st_uid && !(st->st_mode & forbidden);
}

/* Nobody else may put another folder into its place. */
static int check_parent(const char *path)
{
	__free_mem char *parent = strndup(path, strrchr(path, '/') - path);
	struct stat st;

	if (!parent)
		return -ENOMEM;
	if (lstat(parent, &st))
		return -errno;
	return is_roots(&st, S_IFDIR, 022) ? 0 : -EACCES;
}

int kept__open_folder(const char *path, bool is_made)
{
	__close_fd int fd = -1;
	struct stat st;
	int err = check_parent(path);

	if (err)
		return err;
	if (is_made && mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	return is_roots(&st, S_IFDIR, 077) ? steal_fd(&fd) : -EACCES;
}

int kept__open(int folder, const char *name, int flags)
{
	__close_fd int fd = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	return is_roots(&st, S_IFREG, 077) && st.st_nlink == 1 ? steal_fd(&fd) : -EACCES;
}

static int write_file(int folder, const char *name, const struct str *content, size_t size)
{
	__close_fd int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (done < content->len) {
		n = write(fd, content->s + done, content->len - done);
		if (n < 0)
			return -errno;
		done += n;
	}
	return size > content->len && ftruncate(fd, size) ? -errno : 0;
}

int kept__replace(int folder, const char *name, const struct str *content, size_t size)
{
	char part[80];
	int err;

	if (flock(folder, LOCK_EX | LOCK_NB))
		return -errno;
	snprintf(part, sizeof(part), "%s.part", name);
	(void)unlinkat(folder, part, 0);	/* of one who was killed */
	err = write_file(folder, part, content, size);
	if (!err && renameat(folder, part, folder, name))
		err = -errno;
	if (err)
		(void)unlinkat(folder, part, 0);
	(void)flock(folder, LOCK_UN);
	return err;
}

int kept__read_boot(char ret[static KEPT_BOOT_SZ])
{
	__free_str struct str text = {};
	int err = file__read("/proc/sys/kernel/random/boot_id", KEPT_BOOT_SZ - 1, &text);

	if (err || text.len < 36)
		return err ?: -ENOENT;
	memset(ret, 0, KEPT_BOOT_SZ);
	memcpy(ret, text.s, 36);
	return 0;
}
