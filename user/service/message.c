/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the service and its workers tell each other. */
#include "service/message.h"
#include "util/fds.h"

int message__send(int fd, const struct message *m, const int *fds, size_t fd_cnt)
{
	return fds__send(fd, m, sizeof(*m), fds, fd_cnt);
}

int message__receive(int fd, struct message *ret, int *fds, size_t fd_cnt)
{
	return fds__receive(fd, ret, sizeof(*ret), fds, fd_cnt, NULL);
}
