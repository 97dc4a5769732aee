/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a record's bytes go: creating the file safely, compressing, writing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "record/sink.h"

#define OUT_SZ (64 * 1024)

static int create_private(const char *path, const struct record_opts *opts, int *ret_fd)
{
	__close_fd int fd = -1;
	int err;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* The file belongs to the person who asked, also when root writes it for them. */
	if ((opts->uid != (uid_t)-1 || opts->gid != (gid_t)-1) &&
	    fchown(fd, opts->uid, opts->gid)) {
		err = -errno;
		unlink(path);
		return err;
	}
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int create_part(struct sink *s, const struct record_opts *opts)
{
	uint64_t random;
	int tries, err = -EEXIST;

	for (tries = 0; err == -EEXIST && tries < 16; tries++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -errno;
		free(s->part);
		if (asprintf(&s->part, "%s.%012llx.part", opts->path,
			     (unsigned long long)(random >> 16)) < 0) {
			s->part = NULL;
			return -ENOMEM;
		}
		err = create_private(s->part, opts, &s->fd);
	}
	if (err) {
		free(s->part);	/* not ours: nothing to rename */
		s->part = NULL;
	}
	return err;
}

/* Replacing is for files: renaming over a device or a directory is not what --force means. */
static int open_path(struct sink *s, const struct record_opts *opts)
{
	struct stat st;
	bool special;

	s->own_fd = true;
	s->path = strdup(opts->path);
	if (!s->path)
		return -ENOMEM;
	if (!opts->force)
		return create_private(opts->path, opts, &s->fd);
	special = !lstat(opts->path, &st) && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode);
	if (!special)
		return create_part(s, opts);
	free(s->path);
	s->path = NULL;
	s->fd = open(opts->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

static int start_gzip(struct sink *s)
{
	s->buf = malloc(OUT_SZ);
	if (!s->buf)
		return -ENOMEM;
	/*
	 * 15 + 16: the largest window, gzip's frame. Level 2 costs what level 1 does and saves a
	 * byte of 30 per event; from level 4 on the price is half as much again.
	 */
	if (deflateInit2(&s->z, 2, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(s->buf);
		s->buf = NULL;
		return -ENOMEM;
	}
	s->gzip = true;
	return 0;
}

int sink__open(struct sink *s, const struct record_opts *opts)
{
	bool gz_name = opts->path && str_has_suffix(opts->path, ".gz");
	int err = 0;

	*s = (struct sink){ .fd = -1 };
	if (opts->fd >= 0)
		s->fd = opts->fd;
	else if (opts->path && str_eq(opts->path, "-"))
		s->fd = STDOUT_FILENO;
	else if (opts->path)
		err = open_path(s, opts);
	if (!err && s->fd >= 0 && (opts->gzip || gz_name)) {
		err = start_gzip(s);
		if (err)
			sink__discard(s);
	}
	if (err)
		sink__close(s);
	return err;
}

static int write_all(struct sink *s, const void *data, size_t n)
{
	const char *p = data;
	ssize_t done;

	while (n) {
		done = write(s->fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		/* Standard output may be a pipe that somebody else made non-blocking. */
		if (done < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = s->fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (done < 0)
			return -errno;
		p += done;
		n -= done;
		__atomic_add_fetch(&s->bytes, done, __ATOMIC_RELAXED);
	}
	return 0;
}

static int squeeze(struct sink *s, const char *data, size_t n, int how)
{
	int err, st;

	s->z.next_in = (unsigned char *)data;
	s->z.avail_in = n;
	do {
		s->z.next_out = s->buf;
		s->z.avail_out = OUT_SZ;
		st = deflate(&s->z, how);
		if (st == Z_STREAM_ERROR)
			return -EINVAL;
		err = write_all(s, s->buf, OUT_SZ - s->z.avail_out);
		if (err)
			return err;
	} while (!s->z.avail_out);
	return 0;
}

int sink__write(struct sink *s, const char *data, size_t n)
{
	size_t part;
	int err;

	if (s->fd < 0)
		return 0;
	if (!s->gzip)
		return write_all(s, data, n);
	for (; n; data += part, n -= part) {
		part = n < (1u << 30) ? n : 1u << 30;	/* zlib counts in unsigned int */
		err = squeeze(s, data, part, Z_NO_FLUSH);
		if (err)
			return err;
	}
	s->dirty = true;
	return 0;
}

int sink__flush(struct sink *s)
{
	int err;

	if (!s->gzip || !s->dirty)
		return 0;
	err = squeeze(s, NULL, 0, Z_SYNC_FLUSH);
	if (!err)
		s->dirty = false;
	return err;
}

static int give_name(struct sink *s)
{
	if (!s->part)
		return 0;
	if (rename(s->part, s->path))
		return -errno;
	free(s->part);
	s->part = NULL;
	return 0;
}

int sink__finish(struct sink *s)
{
	int err;

	if (s->gzip) {
		err = squeeze(s, NULL, 0, Z_FINISH);
		if (err)
			return err;
	}
	return give_name(s);
}

void sink__discard(struct sink *s)
{
	if (s->path)
		unlink(s->part ?: s->path);
	free(s->part);
	s->part = NULL;
}

void sink__close(struct sink *s)
{
	/* After a write error: better a cut record than none, but never an empty one for a good one. */
	if (s->part && s->bytes)
		(void)give_name(s);	/* the error that brought us here is what the caller reports */
	if (s->part)
		unlink(s->part);
	if (s->gzip)
		deflateEnd(&s->z);
	if (s->own_fd && s->fd >= 0)
		close(s->fd);
	free(s->buf);
	free(s->path);
	free(s->part);
	s->buf = NULL;
	s->path = s->part = NULL;
	s->gzip = false;
	s->fd = -1;
}
