/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a record's bytes go: compressing, writing. */
#include <errno.h>
#include <poll.h>

#include "record/sink.h"

#define OUT_SZ (64 * 1024)

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

	*s = (struct sink){ .fd = opts->fd, .file = { .fd = -1, .dir_fd = -1 } };
	if (opts->fd < 0 && opts->path) {
		err = outfile__open(&s->file, opts->path, opts->force, opts->owner);
		s->fd = s->file.fd;
	}
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

int sink__finish(struct sink *s)
{
	int err;

	if (s->gzip) {
		err = squeeze(s, NULL, 0, Z_FINISH);
		if (err)
			return err;
	}
	return outfile__keep(&s->file);
}

void sink__discard(struct sink *s)
{
	outfile__discard(&s->file);
}

void sink__close(struct sink *s)
{
	outfile__close(&s->file);
	if (s->gzip)
		deflateEnd(&s->z);
	free(s->buf);
	s->buf = NULL;
	s->gzip = false;
	s->fd = -1;
}
