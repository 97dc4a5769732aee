/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_FDS_H
#define GOENVBPF_UTIL_FDS_H
/*
 * Descriptors that go with a message from one process to another.
 */
#include <stddef.h>
#include <sys/socket.h>

#define FDS_MAX 40

/* Some that belong together. */
struct fds {
	int fd[FDS_MAX];
	size_t cnt;
};

/* One message of n bytes with fd_cnt descriptors, which stay the caller's. -errno. */
int fds__send(int sock, const void *data, size_t n, const int *fds, size_t fd_cnt);

/*
 * One message of exactly n bytes; fds gets room for fd_cnt descriptors, which are the caller's whatever
 * comes back, close-on-exec, -1 where there is none. sender, unless NULL: who the kernel says has sent it,
 * which the socket must ask for (SO_PASSCRED). -EPIPE: nobody is there any more; -EPROTO: another length,
 * other things with it, or no sender.
 */
int fds__receive(int sock, void *data, size_t n, int *fds, size_t fd_cnt, struct ucred *sender);

void fds__close(int *fds, size_t fd_cnt);
void fds__drop(struct fds *fds);	/* closes them, and has none any more */

#endif
