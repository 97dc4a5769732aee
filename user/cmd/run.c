/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf run: start a command under observation.
 *
 * Two processes: this one is the command's parent, with the caller's rights and nothing else, and
 * waits for it; the observer ("goenvbpf observe") is started beside it, through sudo if need be, unless a service does that.
 * So the command's environment is untouched, its fate does not hang on the observer's, and the
 * record is opened with the caller's rights.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "capture/child.h"
#include "cmd/half.h"
#include "util/log.h"

/* As env(1), timeout(1) and shells have it: the command's own statuses stay apart from ours. */
enum {
	STATUS_FAILED = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

struct run {
	struct half half;
	struct child *child;
};

/* --- the observer --- */

/* 0 or an exit status. */
static int observer_error(struct run *r, int err)
{
	struct signalfd_siginfo info = {};

	if (child__has_ended(r->child))
		return child__status(r->child);
	if (err == -EINTR && read(r->half.signal_fd, &info, sizeof(info)) == sizeof(info))
		return 128 + info.ssi_signo;
	errno = -err;
	if (err != -ECHILD)	/* else it has said why */
		log_error("cannot start the observer (%m)");
	return STATUS_FAILED;
}

static int start_observer(struct run *r, char *const *command)
{
	int err = half__start(&r->half, child__poll_fd(r->child), command, caller__elevator()), status;

	if (!err)
		return 0;
	status = observer_error(r, err);
	log_error("'%s' was not started", command[0]);
	return status;
}

/* --- the command --- */

/*
 * Keys reach the whole foreground group, the command with us; what was sent to us alone is for the
 * command.
 */
static void pass_signal(const struct run *r)
{
	struct signalfd_siginfo info;

	if (read(r->half.signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_code != SI_KERNEL)
		kill(child__pid(r->child), info.ssi_signo);
}

static void wait_for_command(const struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = child__poll_fd(r->child), .events = POLLIN },
		{ .fd = r->half.signal_fd, .events = POLLIN },
	};

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0 || !fds[0].revents)
		if (fds[1].revents)
			pass_signal(r);
}

/* What came until the command ended was meant for it. */
static void forget_signals(const struct run *r)
{
	struct pollfd fd = { .fd = r->half.signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;

	while (poll(&fd, 1, 0) > 0 && read(r->half.signal_fd, &info, sizeof(info)) == sizeof(info))
		;
}

static int start_error(const char *command, int err)
{
	errno = -err;
	if (err == -ENOENT) {
		log_error("cannot run '%s': there is no such command", command);
		return STATUS_NOT_FOUND;
	}
	log_error("cannot run '%s' (%m)", command);
	return STATUS_NOT_EXECUTABLE;
}

/* Of a command that was found, or has a path of its own. */
static int exec_error(const char *command, int err)
{
	if (err != -ENOENT || (strchr(command, '/') && access(command, F_OK)))
		return start_error(command, err);
	/* It is there: what is not is what its first line, or its ELF header, asks for. */
	log_error("cannot run '%s': its interpreter is missing", command);
	return STATUS_NOT_EXECUTABLE;
}

static int start_command(struct run *r, char *const *command)
{
	struct child_user user = {
		.change = r->half.caller.is_other, .uid = r->half.caller.uid, .gid = r->half.caller.gid,
		.name = r->half.caller.name, .home = *r->half.caller.home ? r->half.caller.home : NULL,
	};
	int err = child__start(command, &user, &r->half.signals, &r->child);

	if (!err)
		return 0;
	if (err == -ENOENT || err == -EACCES)
		return start_error(command[0], err);
	errno = -err;
	log_error("no process can be started for '%s' (%m)", command[0]);
	return STATUS_FAILED;
}

/* Between the release of the command and its end nothing of ours may fail it. */
static int run_command(struct run *r, char *const *command)
{
	int err = child__release(r->child), status, observer;

	if (err)
		status = exec_error(command[0], err);
	else
		wait_for_command(r);
	if (!err)
		status = child__status(r->child);
	forget_signals(r);
	observer = half__finish(&r->half, status);
	return r->half.opts->strict && observer ? EXIT_INCONCLUSIVE : status;
}

static int observe_command(struct run *r, char *const *command)
{
	int status = half__open_record(&r->half) ? STATUS_FAILED : 0;

	if (status)
		return status;
	status = start_command(r, command);
	if (!status)
		status = start_observer(r, command);
	if (status) {
		outfile__discard(&r->half.file);
		return status;
	}
	return run_command(r, command);
}

static int run(const struct call *call)
{
	const struct capture_options *opts = call->options;
	struct run r = { .half = HALF_INIT };
	int status = capture_options__begin(call->verb, opts);

	if (status)
		return status;
	if (!caller__elevator() && !half__has_service(opts)) {
		log_error("observing needs root (or CAP_BPF and CAP_PERFMON), and there is no sudo "
			  "to get it, nor a service (goenvbpf help service): call goenvbpf as root");
		return STATUS_FAILED;
	}
	status = half__begin(&r.half, opts) ? STATUS_FAILED : observe_command(&r, call->operands);
	child__free(r.child);
	half__free(&r.half);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.is_privileged = true,
	.operands = "-- CMD ARG…",
	.min_operands = 1,
	.missing = "no command was given: goenvbpf run -- go build ./...",
	.max_operands = ANY_OPERANDS,
	.stops = true,
	.groups = { &status_group, &wait_group, &service_group, &capture_group },
	.options_sz = sizeof(struct capture_options),
	.summary = "start CMD, watch it and all that it starts, exit with its status",
	.details =
"CMD runs as the caller, also under sudo; without sudo its environment stays untouched and only "
"the observer is started through it. Without -o the report is printed at the end, to standard "
"error: standard output is CMD's alone, unless the record was sent there.\n"
"\n"
"Exit status: CMD's, 128+N when signal N ended it; 127 not found, 126 not executable, 125 when "
"goenvbpf itself failed and CMD was not started; 2 wrong usage; with "
"--strict 3 when evidence was lost or out of sight.",
	.run = run,
};
