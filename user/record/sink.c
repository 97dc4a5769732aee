/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a record's bytes go: compressing, writing. */
#include <errno.h>
#include <poll.h>

#include "record/sink.h"

static int write_all(void *ctx, const void *data, size_t n)
{
	struct sink *s = ctx;
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

static enum compression compression_of(const struct record_opts *opts)
{
	enum compression named = opts->path ? compression__of_path(opts->path) : COMPRESSION_NONE;

	return opts->compression ?: named;
}

int sink__open(struct sink *s, const struct record_opts *opts)
{
	enum compression c = compression_of(opts);
	int err = 0;

	*s = (struct sink){ .fd = opts->fd, .file = { .fd = -1, .dir_fd = -1 } };
	if (opts->fd < 0 && opts->path) {
		err = outfile__open(&s->file, opts->path, opts->force, opts->owner);
		s->fd = s->file.fd;
	}
	if (!err && s->fd >= 0 && c) {
		s->squeezer = squeezer__new(c, write_all, s);
		err = s->squeezer ? 0 : -ENOMEM;
		if (err)
			sink__discard(s);
	}
	if (err)
		sink__close(s);
	return err;
}

int sink__write(struct sink *s, const char *data, size_t n)
{
	if (s->fd < 0)
		return 0;
	if (!s->squeezer)
		return write_all(s, data, n);
	s->dirty = true;
	return squeezer__put(s->squeezer, data, n, SQUEEZE_PUT);
}

int sink__flush(struct sink *s)
{
	int err;

	if (!s->squeezer || !s->dirty)
		return 0;
	err = squeezer__put(s->squeezer, NULL, 0, SQUEEZE_FLUSH);
	if (!err)
		s->dirty = false;
	return err;
}

int sink__finish(struct sink *s)
{
	int err = s->squeezer ? squeezer__put(s->squeezer, NULL, 0, SQUEEZE_END) : 0;

	return err ?: outfile__keep(&s->file);
}

void sink__discard(struct sink *s)
{
	outfile__discard(&s->file);
}

void sink__close(struct sink *s)
{
	outfile__close(&s->file);
	squeezer__free(s->squeezer);
	s->squeezer = NULL;
	s->fd = -1;
}
