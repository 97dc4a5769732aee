/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The privileged half of a run, as its other half sees it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cmd/caller.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/observer.h"
#include "service/refusal.h"
#include "util/log.h"

#define STATUS_GONE 255	/* of a worker that has ended without a word */
#define GRACE_MS 900	/* a run ends within a second of a signal */

static void __attribute__((noreturn)) be_observer(char *self, char *name)
{
	char *sudo = (char *)caller__elevator();
	char *argv[] = { "sudo", "--", self, "observe", name, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* What the command reads is not for sudo, which may hand it on to us, nor what it writes from us. */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
		log_error("the observer needs /dev/null, which cannot be opened: %m. In a container or chroot, mount /dev");
		_exit(EXIT_FAILED);
	}
	/* We may do it all ourselves: as another process, with nothing of ours, and without a new program. */
	if (!*sudo && !syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0))
		_exit(verb__run(&verb_observe, 2, argv + 3));
	execv(*sudo ? sudo : self, *sudo ? argv : argv + 2);
	log_error("cannot start the observer '%s' (%m)", *sudo ? sudo : self);
	_exit(EXIT_FAILED);
}

int observer__start(struct observer *o)
{
	char self[4096], name[PEER_NAME_SZ];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	*o = (struct observer)OBSERVER_INIT;
	if (n < 0) {
		log_error("the observer needs /proc, which cannot be read: %m. In a container or chroot, mount it");
		return -ECHILD;
	}
	self[n] = '\0';
	o->listen_fd = peer__listen(name);
	if (o->listen_fd < 0)
		return o->listen_fd;
	o->pid = fork();
	if (!o->pid)
		be_observer(self, name);
	if (o->pid < 0)
		return -errno;
	o->pidfd = syscall(SYS_pidfd_open, o->pid, 0);
	return o->pidfd < 0 ? -errno : 0;
}

int observer__ask_service(struct observer *o)
{
	int fd = client__connect();

	if (fd < 0)
		return fd;
	*o = (struct observer)OBSERVER_INIT;
	o->is_service = true;
	o->fd = fd;
	return 0;
}

/*
 * Until fd is readable; the observer's end and a signal are told, in this order, when it is not. Keys
 * reach the observer, too, and it knows better what they mean: so it gets a moment to answer them.
 */
static int wait_for(const struct observer *o, int fd, int signal_fd, bool is_last)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = o->pidfd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};

	int timeout = -1, n;

	while ((n = poll(fds, ARRAY_SIZE(fds), timeout)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && (fds[0].revents || fds[1].revents))
			break;
		if (n > 0 && timeout < 0) {
			timeout = GRACE_MS;
			fds[2].fd = -1;
			if (is_last)	/* nobody waits any longer for what the command left behind */
				(void)shutdown(fd, SHUT_WR);
		}
	}
	return fds[0].revents ? 0 : fds[1].revents ? -ECHILD : -EINTR;
}

static int accept_it(struct observer *o, int signal_fd)
{
	int err;

	for (;;) {
		err = wait_for(o, o->listen_fd, signal_fd, false);
		if (err)
			return err;
		o->fd = peer__accept(o->listen_fd);
		if (o->fd >= 0)
			return 0;
		if (o->fd != -EAGAIN && o->fd != -ECONNABORTED)
			return o->fd;
	}
}

int observer__wait_ready(struct observer *o, const struct str *request,
			 const int fds[static PEER_FD_CNT], int signal_fd)
{
	int err = o->is_service ? 0 : accept_it(o, signal_fd);
	uint8_t reply;

	close_fd_cleanup(&o->listen_fd);
	o->listen_fd = -1;
	if (!err && peer__send(o->fd, request, fds) && !o->is_service)
		err = -ECHILD;	/* it has refused it before it came to its end */
	err = err ?: wait_for(o, o->fd, signal_fd, false);
	if (!err && peer__get(o->fd, &reply, sizeof(reply)))
		err = o->is_service ? -ECONNREFUSED : -ECHILD;
	if (err || reply == REPLY_READY)
		return err;
	refusal__receive(o->fd, &o->why);
	return -ECONNREFUSED;
}

void observer__wait(const struct observer *o, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = o->fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	bool is_told = false;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			return;
		if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		if (is_told)
			return;
		is_told = true;
		(void)shutdown(o->fd, SHUT_WR);
	}
}

/* The status of a process that has ended. */
static int wait_for_end(struct observer *o)
{
	int status;

	while (waitpid(o->pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	o->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int observer__finish(struct observer *o, int status, int signal_fd, struct peer_verdict *ret)
{
	int err;

	if (status >= 0)	/* its end is told by what follows */
		(void)peer__put(o->fd, &status, sizeof(status));
	err = wait_for(o, o->fd, signal_fd, true);
	if (!err)
		err = peer__get(o->fd, ret, sizeof(*ret));
	if (err == -EINTR)
		return err;
	if (err) {
		*ret = (struct peer_verdict){ .status = o->is_service ? STATUS_GONE : wait_for_end(o) };
		return -ECHILD;
	}
	o->pid = 0;	/* its process ends a little later: nobody has to wait for that */
	return 0;
}

void observer__free(struct observer *o)
{
	/* Without the socket it ends by itself, but sudo may still be asking for a password. */
	if (o->pid > 0 && o->fd < 0)
		(void)kill(o->pid, SIGTERM);
	close_fd_cleanup(&o->listen_fd);
	close_fd_cleanup(&o->fd);
	close_fd_cleanup(&o->pidfd);
	str__free(&o->why);
	*o = (struct observer)OBSERVER_INIT;
}
