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
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "capture/child.h"
#include "cmd/caller.h"
#include "cmd/report.h"
#include "cmd/session.h"
#include "record/outfile.h"
#include "util/log.h"

/* As env(1), timeout(1) and shells have it: the command's own statuses stay apart from ours. */
enum {
	STATUS_FAILED = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

struct run {
	const struct verb *verb;
	const struct capture_options *opts;
	struct caller caller;
	struct child *child;
	struct outfile file;	/* the record */
	int control_fd;		/* socket to the observer */
	pid_t observer;
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

/* A command line that grows. */
struct words {
	char **v;
	size_t cnt;
};

/* In the process that becomes the observer: nothing is freed before that. */
static int add_word(struct words *w, char *word)
{
	char **v = word ? reallocarray(w->v, w->cnt + 2, sizeof(*v)) : NULL;

	if (!v)
		return -ENOMEM;
	w->v = v;
	v[w->cnt++] = word;
	v[w->cnt] = NULL;
	return 0;
}

static int add_option(void *ctx, const struct option_row *row, const char *value)
{
	char *word;

	if (row->local)
		return 0;
	if (asprintf(&word, row->arg ? "--%s=%s" : "--%s", row->name, value) < 0)
		return -ENOMEM;
	return add_word(ctx, word);
}

/* The options that we were given, as the observer wants them. */
static int add_options(struct words *w, const struct run *r)
{
	struct capture_options o = *r->opts;
	char *pid;

	if (asprintf(&pid, "--pid=%d", child__pid(r->child)) < 0)
		return -ENOMEM;
	o.quiet |= !o.output;	/* we print the report */
	return add_word(w, pid) ?: options__each(r->verb->groups, &o, add_option, w);
}

static void __attribute__((noreturn)) be_observer(const struct run *r, int control, char *self,
						  char *const *command)
{
	const char *sudo = caller__elevator();
	struct words w = {};
	int err = 0;

	if (dup2(control, STDIN_FILENO) < 0 || dup2(r->file.fd, STDOUT_FILENO) < 0)
		_exit(EXIT_FAILED);
	if (*sudo)
		err = add_word(&w, "sudo") ?: add_word(&w, "--");
	err = err			      ?:
		      add_word(&w, self)      ?:
		      add_word(&w, "observe") ?:
		      add_options(&w, r)      ?:
						add_word(&w, "--");
	for (; !err && *command; command++)
		err = add_word(&w, *command);
	if (err)
		_exit(EXIT_FAILED);
	execv(*sudo ? sudo : self, w.v);
	log_error("cannot start the observer '%s' (%m)", *sudo ? sudo : self);
	_exit(EXIT_FAILED);
}

static int start_observer(struct run *r, char *const *command)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fds[2];

	if (n <= 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		log_error("cannot start the observer (%m)");
		return STATUS_FAILED;
	}
	self[n] = '\0';
	r->observer = fork();
	if (!r->observer)
		be_observer(r, fds[1], self, command);
	close(fds[1]);
	r->control_fd = fds[0];
	if (r->observer < 0) {
		log_error("cannot start the observer (%m)");
		return STATUS_FAILED;
	}
	return 0;
}

/* A byte from the observer; false when it is gone. */
static bool read_byte(const struct run *r, unsigned char *ret)
{
	ssize_t n;

	do {
		n = read(r->control_fd, ret, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

/* It has said what is wrong, if anything is. */
static int observer_status(struct run *r)
{
	int status;

	while (waitpid(r->observer, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	r->observer = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* When the record is finished; the observer's process ends a little later. */
static int observer_verdict(struct run *r)
{
	unsigned char verdict;

	if (!read_byte(r, &verdict))
		return observer_status(r);
	r->observer = 0;
	return verdict;
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
	dprintf(r->control_fd, "%d\n", status);
	observer = observer_verdict(r);
	keep_record(r);
	if (observer > EXIT_INCONCLUSIVE)
		log_warn("the observer was ended before the command (status %d): the record is cut "
			 "short, what was written before is good", observer);
	if (!r->opts->output && !r->opts->quiet && observer <= EXIT_INCONCLUSIVE)
		(void)report__page_fd(r->file.fd, stderr);
	return r->opts->strict && observer ? EXIT_INCONCLUSIVE : status;
}

static int observe_command(struct run *r, char *const *command)
{
	int status = open_record(r);
	unsigned char ready;

	if (status)
		return status;
	status = start_command(r, command);
	if (!status)
		status = start_observer(r, command);
	if (!status && !read_byte(r, &ready)) {
		(void)observer_status(r);	/* it has said why */
		status = child__has_ended(r->child) ? child__status(r->child) : STATUS_FAILED;
		log_error("'%s' was not started", command[0]);
	}
	if (status) {
		outfile__discard(&r->file);
		return status;
	}
	return run_command(r, command);
}

static void run__free(struct run *r)
{
	close_fd_cleanup(&r->control_fd);
	child__free(r->child);
	if (r->observer > 0)
		(void)observer_status(r);
	outfile__close(&r->file);
	close_fd_cleanup(&r->signal_fd);
	caller__free(&r->caller);
}

static int run(const struct call *call)
{
	struct run r = { .verb = call->verb, .opts = call->options, .file = { .fd = -1, .dir_fd = -1 }, .control_fd = -1,
			 .signal_fd = -1 };
	int status = capture_options__begin(call->verb, r.opts);

	if (status)
		return status;
	if (!caller__elevator()) {
		log_error(
			"observing needs root (or CAP_BPF and CAP_PERFMON), and there is no sudo to "
			"get it: call goenvbpf as root");
		return STATUS_FAILED;
	}
	if (caller__get(&r.caller)) {
		log_error(CALLER_UNCLEAR);
		return STATUS_FAILED;
	}
	r.signal_fd = session__catch_signals(&r.signals);
	status = observe_command(&r, call->operands);
	run__free(&r);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.operands = "-- CMD ARG…",
	.min_operands = 1,
	.missing = "no command was given: goenvbpf run -- go build ./...",
	.max_operands = ANY_OPERANDS,
	.stops = true,
	.groups = { &capture_group },
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
