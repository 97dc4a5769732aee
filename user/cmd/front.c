/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The process that somebody waits for, in front of the one that observes. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/front.h"
#include "cmd/peer.h"
#include "cmd/session.h"
#include "util/clock.h"
#include "util/log.h"

#define AGAIN_NS (300 * NSEC_PER_MSEC)	/* one key may reach us by two ways */

/* Without the status that it would have sent. */
static int wait_for_end(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int wait_for(pid_t pid, int fd, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint64_t first = 0, now;
	int status;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			return peer__get(fd, &status, sizeof(status)) ? wait_for_end(pid) : status;
		if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		now = clock__ns(CLOCK_MONOTONIC);
		if (first && now - first > AGAIN_NS) {
			log_warn("process %d is still finishing the record", pid);
			return 128 + (int)info.ssi_signo;
		}
		first = first ?: now;
		if (info.ssi_code <= 0)		/* a key reaches it, too */
			(void)kill(pid, (int)info.ssi_signo);
	}
}

static void __attribute__((noreturn)) observe(int (*session)(void *ctx, const struct front *f),
					       void *ctx, const struct front *front)
{
	int status = session(ctx, front);

	fflush(NULL);
	(void)peer__put(front->fd, &status, sizeof(status));
	exit(status);
}

int front__run(int (*session)(void *ctx, const struct front *front), void *ctx)
{
	__close_fd int signal_fd = session__catch_signals(NULL), fd = -1;
	const pid_t self = getpid();
	int fds[2];
	pid_t pid;

	if (signal_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		log_error("cannot start observing (%m)");
		return EXIT_FAILED;
	}
	fflush(NULL);
	pid = fork();
	fd = fds[pid == 0];
	close(fds[pid != 0]);
	if (pid < 0) {
		log_error("cannot start observing (%m)");
		return EXIT_FAILED;
	}
	if (!pid)
		observe(session, ctx, &(struct front){ .pid = self, .fd = steal_fd(&fd) });
	return wait_for(pid, fd, signal_fd);
}
