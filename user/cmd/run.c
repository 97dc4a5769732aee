/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf run: start a command under observation.
 *
 * Two processes: this one is the command's parent, with the caller's rights and nothing else, and
 * waits for it; the observer ("goenvbpf observe") is started beside it, through sudo if need be.
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
#include "cmd/caller.h"
#include "cmd/observer.h"
#include "cmd/redaction_key.h"
#include "cmd/report.h"
#include "cmd/session.h"
#include "output/text.h"
#include "record/outfile.h"
#include "util/log.h"
#include "util/request.h"

/* As env(1), timeout(1) and shells have it: the command's own statuses stay apart from ours. */
enum {
	STATUS_FAILED = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

struct run {
	const struct capture_options *opts;
	struct caller caller;
	struct child *child;
	struct outfile file;	/* the record */
	struct observer observer;
	struct str key;		/* of redaction, for the observer; empty: none */
	int signal_fd;
	struct child_signals signals;	/* what the command gets */
};

/* --- the record's file --- */

static int open_record(struct run *r)
{
	const char *name = r->opts->output;
	int err;

	if (name)
		err = outfile__open(&r->file, name, r->opts->force, &r->caller.identity);
	else
		err = r->file.fd = session__open_spool(&r->caller.identity);
	if (err >= 0)
		return 0;
	session__output_error(name, err);
	return STATUS_FAILED;
}

static void keep_record(struct run *r)
{
	const char *name = r->opts->output;
	struct stat st;
	int err;

	/* The observer was killed before it wrote anything: never nothing in place of a record. */
	if (r->file.part && !fstat(r->file.fd, &st) && !st.st_size) {
		outfile__discard(&r->file);
		log_error("nothing was recorded: '%s' is what it was before", name);
		return;
	}
	err = outfile__keep(&r->file);
	errno = -err;
	if (err)
		log_error("cannot replace '%s' (%m): the record is beside it, in '%s'", name,
			  r->file.part);
}

/* --- the observer --- */

/* The options that we were given, as the observer wants them. */
static int make_request(const struct run *r, char *const *command, struct str *ret)
{
	struct capture_options o = *r->opts;

	o.quiet |= !o.output;	/* we print the report */
	o.compress = o.output ? compression__name(compression__of_path(o.output)) : NULL;
	o.status &= text__is_screen(STDERR_FILENO);	/* sudo may take TERM away */
	o.key = r->key.s;
	return request__encode(observer_groups, &o, (const char *const *)command, ret);
}

/* 0 or an exit status. */
static int observer_error(struct run *r, int err)
{
	struct signalfd_siginfo info = {};

	if (child__has_ended(r->child))
		return child__status(r->child);
	if (err == -EINTR && read(r->signal_fd, &info, sizeof(info)) == sizeof(info))
		return 128 + info.ssi_signo;
	errno = -err;
	if (err != -ECHILD)	/* else it has said why */
		log_error("cannot start the observer (%m)");
	return STATUS_FAILED;
}

static int start_observer(struct run *r, char *const *command)
{
	int fds[PEER_FD_CNT] = {
		[PEER_RECORD] = r->file.fd,
		[PEER_CHILD] = child__poll_fd(r->child),
		[PEER_TALK] = STDERR_FILENO,
	};
	__free_str struct str request = {};
	int err = make_request(r, command, &request), status;

	err = err ?: observer__start(&r->observer);
	err = err ?: observer__wait_ready(&r->observer, &request, fds, r->signal_fd);
	if (!err)
		return 0;
	status = observer_error(r, err);
	log_error("'%s' was not started", command[0]);
	return status;
}

/* Its exit status; above EXIT_INCONCLUSIVE: it was ended before the command. */
static int finish_observer(struct run *r, int status)
{
	struct peer_verdict verdict = { .status = EXIT_FAILED };
	int err = observer__finish(&r->observer, status, r->signal_fd, &verdict);

	if (err == -EINTR) {
		log_warn("the observer does not answer, and a signal says not to wait for it: the record "
			 "may be cut short, what was written before is good");
		return EXIT_FAILED;
	}
	if (verdict.record_err)
		session__cut_error(r->opts->output, verdict.record_err);
	if (verdict.status > EXIT_INCONCLUSIVE)
		log_warn("the observer was ended before the command (status %d): the record is cut "
			 "short, what was written before is good", verdict.status);
	return verdict.status;
}

/* --- the command --- */

/*
 * Keys reach the whole foreground group, the command with us; what was sent to us alone is for the
 * command.
 */
static void pass_signal(const struct run *r)
{
	struct signalfd_siginfo info;

	if (read(r->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_code != SI_KERNEL)
		kill(child__pid(r->child), info.ssi_signo);
}

static void wait_for_command(const struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = child__poll_fd(r->child), .events = POLLIN },
		{ .fd = r->signal_fd, .events = POLLIN },
	};

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0 || !fds[0].revents)
		if (fds[1].revents)
			pass_signal(r);
}

/* What came until the command ended was meant for it. */
static void forget_signals(const struct run *r)
{
	struct pollfd fd = { .fd = r->signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;

	while (poll(&fd, 1, 0) > 0 && read(r->signal_fd, &info, sizeof(info)) == sizeof(info))
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
		.change = r->caller.by_sudo, .uid = r->caller.uid, .gid = r->caller.gid,
		.name = r->caller.name, .home = *r->caller.home ? r->caller.home : NULL,
	};
	int err = child__start(command, &user, &r->signals, &r->child);

	if (!err)
		return 0;
	if (err == -ENOENT || err == -EACCES)
		return start_error(command[0], err);
	errno = -err;
	log_error("no process can be started for '%s' (%m)", command[0]);
	return STATUS_FAILED;
}

static void show_record(const struct run *r)
{
	if (!r->opts->output)
		(void)report__page_fd(r->file.fd, stderr);
	else if (r->file.is_new)
		log_info("next: goenvbpf report %s", r->opts->output);
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
	observer = finish_observer(r, status);
	keep_record(r);
	if (observer <= EXIT_INCONCLUSIVE && !r->opts->quiet)
		show_record(r);
	return r->opts->strict && observer ? EXIT_INCONCLUSIVE : status;
}

static int observe_command(struct run *r, char *const *command)
{
	int status = open_record(r);

	if (status)
		return status;
	status = start_command(r, command);
	if (!status)
		status = start_observer(r, command);
	if (status) {
		outfile__discard(&r->file);
		return status;
	}
	return run_command(r, command);
}

static void run__free(struct run *r)
{
	observer__free(&r->observer);
	child__free(r->child);
	outfile__close(&r->file);
	close_fd_cleanup(&r->signal_fd);
	redaction_key__wipe(&r->key);
	caller__free(&r->caller);
}

static int run(const struct call *call)
{
	struct run r = { .opts = call->options, .file = { .fd = -1, .dir_fd = -1 },
			 .observer = { .pidfd = -1, .listen_fd = -1, .fd = -1 }, .signal_fd = -1 };
	int status = capture_options__begin(call->verb, r.opts);

	if (status)
		return status;
	if (!caller__elevator()) {
		log_error("observing needs root (or CAP_BPF and CAP_PERFMON), and there is no sudo "
			  "to get it: call goenvbpf as root");
		return STATUS_FAILED;
	}
	if (caller__get(&r.caller)) {
		log_error(CALLER_UNCLEAR);
		return STATUS_FAILED;
	}
	if (r.opts->redaction_key &&
	    redaction_key__read(r.opts->redaction_key, &r.caller.identity, &r.key)) {
		run__free(&r);
		return STATUS_FAILED;
	}
	r.signal_fd = session__catch_signals(&r.signals);
	status = observe_command(&r, call->operands);
	run__free(&r);
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
	.groups = { &status_group, &wait_group, &capture_group },
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
