/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Descriptors that the kernel takes seconds to close, left to a process that has nothing else to do. */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include "capture/leave.h"
#include "util/cleanup.h"

static bool is_kept(int fd, int *const fds[], int cnt, int other)
{
	if (fd == other)
		return true;
	for (int i = 0; i < cnt; i++)
		if (*fds[i] == fd)
			return true;
	return false;
}

/* Nobody may wait for a pipe that we would hold open. */
static void close_others(int *const fds[], int cnt, int other)
{
	int fd, highest = other;

	for (int i = 0; i < cnt; i++)
		highest = *fds[i] > highest ? *fds[i] : highest;
	for (fd = 0; fd <= highest; fd++)
		if (!is_kept(fd, fds, cnt, other))
			close(fd);
	if (syscall(SYS_close_range, highest + 1, ~0U, 0))
		for (fd = highest + 1; fd < sysconf(_SC_OPEN_MAX); fd++)
			close(fd);
}

/* Closing them is what its end does, when it is the last one to have them: so after its parent. */
static void __attribute__((noreturn)) be_last(int *const fds[], int cnt, int parent)
{
	char byte;

	close_others(fds, cnt, parent);
	setsid();
	if (chdir("/"))
		_exit(1);
	while (read(parent, &byte, 1) > 0)
		;
	_exit(0);
}

void leave_closing(int *const fds[], int cnt)
{
	__close_fd int ours = -1, parents = -1;
	int pipe_fds[2];

	if (!pipe2(pipe_fds, O_CLOEXEC)) {
		parents = pipe_fds[0];
		ours = pipe_fds[1];
		if (!fork()) {
			close(steal_fd(&ours));
			be_last(fds, cnt, parents);
		}
	}
	for (int i = 0; i < cnt; i++)
		if (*fds[i] >= 0)
			close(steal_fd(fds[i]));
}
