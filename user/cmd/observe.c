/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf observe: the privileged half of "run", started by it and not meant for people.
 *
 * It may be all that somebody has a right to call. So it takes nothing from its command line but the
 * name of a socket, asks the kernel who is there, and follows a process only for its parent, who owns
 * it. It opens no file for anybody: the record is a descriptor that came with the request.
 *
 * Then: we write a byte when everything is in place, read the command's exit status when it has
 * ended, and write a verdict when the record is finished. If the socket ends before that, the other
 * half is gone.
 */
#include <errno.h>

#include "cmd/caller.h"
#include "cmd/served.h"
#include "util/log.h"

static int refuse(const char *why)
{
	log_error("observe: the request is refused: %s", why);
	return EXIT_FAILED;
}

/* Only for the one who called, or root: a right to observe is not a right of others. */
static bool is_caller(const struct ucred *sender)
{
	struct caller caller;
	uid_t uid;

	if (caller__get(&caller))
		return false;
	uid = caller.is_other ? caller.uid : getuid();
	caller__free(&caller);
	return !sender->uid || sender->uid == uid;
}

static int receive(int fd, struct served *r, struct ucred *sender)
{
	__free_str struct str why = {};

	if (served__receive(fd, r, sender, &why))
		return refuse(why.s ?: "out of memory");
	if (!is_caller(sender))
		return refuse("it comes from another user");
	return r->command.cnt ? 0 : refuse("there is no command");
}

static int follow(int fd, struct session *s, pid_t pid)
{
	int status = session__open(s, s->opts);

	if (!status && capture__follow_child(s->capture, pid))
		status = EXIT_FAILED;
	return status ?: served__finish(fd, s);
}

static int serve(int fd, struct served *r)
{
	struct session s = { .view = stderr, .mode = "run", .opts = &r->opts };
	struct ucred sender;
	int status = receive(fd, r, &sender);
	pid_t pid;

	if (status)
		return status;
	/* The caller's own standard error: sudo may have put something else there. */
	if (dup2(r->fds[PEER_TALK], STDERR_FILENO) < 0)
		return refuse(strerror(errno));
	pid = peer__check_child(r->fds[PEER_CHILD], &sender);
	if (pid < 0)
		return refuse(pid == -ESRCH ? "the process has ended" :
			      "it is not about a process of its sender's that waits to be started");
	status = capture_options__begin(&verb_observe, &r->opts);
	if (status)
		return status;
	s.command = (char *const *)r->command.v;
	s.record_fd = r->fds[PEER_RECORD];
	status = follow(fd, &s, pid);
	session__free(&s);
	return status;
}

static int observe(const struct call *call)
{
	struct served r = SERVED_INIT;
	__close_fd int fd = peer__connect(call->operands[0]);
	int status;

	if (fd == -EINVAL)
		return usage_error(&verb_observe, "it is started by 'goenvbpf run'");
	if (fd < 0)
		return refuse(strerror(-fd));
	status = serve(fd, &r);
	served__free(&r);
	return status;
}

const struct verb verb_observe = {
	.name = "observe",
	.is_privileged = true,
	.operands = "SOCKET",
	.min_operands = 1,
	.max_operands = 1,
	.missing = "it is started by 'goenvbpf run'",
	.is_hidden = true,
	.summary = "the privileged half of 'goenvbpf run', which starts it",
	.run = observe,
};
