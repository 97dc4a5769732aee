/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Descriptors that go with a message from one process to another. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/fds.h"

union control {
	struct cmsghdr head;	/* for its alignment */
	char bytes[CMSG_SPACE(FDS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

void fds__close(int *fds, size_t fd_cnt)
{
	for (size_t i = 0; i < fd_cnt; i++) {
		close_fd_cleanup(&fds[i]);
		fds[i] = -1;
	}
}

void fds__drop(struct fds *fds)
{
	fds__close(fds->fd, fds->cnt);
	fds->cnt = 0;
}

int fds__send(int sock, const void *data, size_t n, const int *fds, size_t fd_cnt)
{
	union control control = {};
	struct iovec iov = { (void *)data, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (fd_cnt) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(fd_cnt * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(fd_cnt * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, fd_cnt * sizeof(int));
	}
	do {
		sent = sendmsg(sock, &m, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return (size_t)sent == n ? 0 : -EPROTO;
}

/* The kernel has installed them already: what there is no room for is closed again. */
static size_t take_fds(const struct cmsghdr *c, int *fds, size_t room)
{
	size_t cnt = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (size_t i = 0; i < cnt; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
		if (i < room)
			fds[i] = fd;
		else
			close(fd);
	}
	return cnt;
}

/* False when it is not exactly what is expected; the descriptors are taken in any case. */
static bool take_control(struct msghdr *m, int *fds, size_t fd_cnt, struct ucred *sender)
{
	bool has_sender = !sender, is_good = !(m->msg_flags & MSG_CTRUNC);
	size_t got = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			size_t room = got < fd_cnt ? fd_cnt - got : 0;

			got += take_fds(c, room ? fds + got : NULL, room);
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && sender &&
			   c->cmsg_len == CMSG_LEN(sizeof(*sender))) {
			memcpy(sender, CMSG_DATA(c), sizeof(*sender));
			has_sender = true;
		} else {
			is_good = false;
		}
	}
	return is_good && has_sender && got <= fd_cnt;
}

int fds__receive(int sock, void *data, size_t n, int *fds, size_t fd_cnt, struct ucred *sender)
{
	union control control;
	struct iovec iov = { data, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	for (size_t i = 0; i < fd_cnt; i++)
		fds[i] = -1;
	do {
		got = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (!got)
		return -EPIPE;
	return take_control(&m, fds, fd_cnt, sender) && (size_t)got == n && !(m.msg_flags & MSG_TRUNC) ? 0 : -EPROTO;
}
