/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util/file.h"

#define STEP 4096

int file__read_fd(int fd, size_t max, struct str *ret)
{
	size_t start = ret->len, want;
	ssize_t n;
	char more;

	while (ret->len - start < max) {
		want = max - (ret->len - start);
		if (want > STEP + ret->len)
			want = STEP + ret->len;
		if (!str__room(ret, want))
			return -ENOMEM;
		n = read(fd, ret->s + ret->len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		ret->len += n;
		ret->s[ret->len] = '\0';
	}
	return read(fd, &more, 1) > 0 ? -EFBIG : 0;
}

int file__read(const char *path, size_t max, struct str *ret)
{
	__close_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : file__read_fd(fd, max, ret);
}

int file__write(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;
	ssize_t done;

	while (n) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= done;
	}
	return 0;
}

int file__copy(int from, int to)
{
	char buf[65536];
	ssize_t n;
	int err = 0;

	while (!err && (n = read(from, buf, sizeof(buf))) != 0) {
		if (n > 0)
			err = file__write(to, buf, n);
		else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

int file__read_at(int fd, uint64_t off, void *buf, size_t n, size_t *ret_n)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		got = pread(fd, (char *)buf + have, n - have, off + have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		have += got;
	}
	*ret_n = have;
	return 0;
}

int file__stat_cached(int fd, struct stat *ret)
{
	struct statx x;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &x))
		return -errno;
	*ret = (struct stat){
		.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.st_ino = x.stx_ino, .st_size = x.stx_size, .st_mode = x.stx_mode,
		.st_uid = x.stx_uid, .st_gid = x.stx_gid, .st_nlink = x.stx_nlink,
		.st_mtim = { x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec },
		.st_ctim = { x.stx_ctime.tv_sec, x.stx_ctime.tv_nsec },
	};
	return 0;
}
