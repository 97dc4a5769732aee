/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is in a file at one moment. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "capture/snapshot.h"
#include "util/clock.h"
#include "util/file.h"

#define TRIES 3		/* of reading what somebody writes */

int file_name__open(const struct file_name *name, int flags)
{
	int fd;

	if (!name->own_root) {
		fd = open(name->path, flags);
		return fd < 0 ? -errno : fd;
	}
	fd = procdir__open_below_root(&name->self, name->path, flags);
	return fd == -ESRCH ? procdir__open_below_root(&name->first_viewer, name->path, flags) : fd;
}

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

static struct file_state state_of(const struct stat *st)
{
	return (struct file_state){
		.dev = st->st_dev, .ino = st->st_ino, .size = st->st_size,
		.mtime = ns_of(&st->st_mtim), .ctime = ns_of(&st->st_ctim),
	};
}

/* From a descriptor that only names it; without O_NOATIME where that is for its owner alone. */
static int reopen(int named)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", named);
	fd = open(path, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = open(path, flags);
	return fd < 0 ? -errno : fd;
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
	if (memcmp(&s->state, &(struct file_state[]){ state_of(&st) }, sizeof(s->state))) {
		s->state = state_of(&st);
		return -EAGAIN;
	}
	return err;
}

static int take(const struct file_name *name, size_t max, struct snapshot *s)
{
	__close_fd int named = -1, fd = -1;
	struct stat st;
	int err, i;

	if (is_by_descriptor(name->path))
		return -ENXIO;
	named = file_name__open(name, O_PATH | O_CLOEXEC);
	if (named < 0)
		return named;
	if (fstat(named, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	s->has_state = true;
	s->state = state_of(&st);
	if (is_null_device(&st))
		return 0;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	fd = reopen(named);
	if (fd == -ENOENT)	/* no /proc of ours */
		fd = file_name__open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return fd;
	for (i = 0; i < TRIES; i++) {
		err = i && lseek(fd, 0, SEEK_SET) < 0 ? -errno : read_text(fd, max, s);
		if (err != -EAGAIN)
			return err;
	}
	return -ESTALE;
}

void snapshot__take(const struct file_name *name, size_t max, struct snapshot *ret)
{
	*ret = (struct snapshot){};
	ret->err = take(name, max, ret);
	ret->taken = clock__boot_ns();
	if (ret->err && ret->err != -EFBIG)
		str__cut(&ret->text, 0);
}

void snapshot__free(struct snapshot *s)
{
	str__free(&s->text);
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
	case -EAGAIN:
		return "too much was waiting to be read";
	default:
		return "could not be read";
	}
}
