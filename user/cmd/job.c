/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf job: announce a job to the service, as hooks of a runner do. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/tags.h"
#include "record/outfile.h"
#include "service/refusal.h"
#include "util/log.h"
#include "util/request.h"

struct job_options {
	struct capture_options capture;	/* those of it that a client may give */
	uint64_t pid;
};

/* --- talking --- */

static int ask_error(int err)
{
	errno = -err;
	if (err == -EACCES)
		log_error("the service at '%s' is not for this user: it serves root and the members of its group",
			  client__socket());
	else
		log_error("there is no service at '%s' (%m): systemctl start goenvbpf, or goenvbpf service as root",
			  client__socket());
	return EXIT_FAILED;
}

static int not_heard(void)
{
	log_error("the service has ended before it answered: its log says more");
	return EXIT_FAILED;
}

/* The connection, once it has agreed; -1 having said why not. */
static int ask(struct capture_options *o, const char *task, const int fds[static PEER_FD_CNT])
{
	static const char *const none[] = { NULL };
	__close_fd int fd = client__connect();
	__free_str struct str request = {}, why = {};
	uint8_t reply;
	int err;

	if (fd < 0) {
		ask_error(fd);
		return -1;
	}
	client__fill(o, task);
	err = request__encode(observer_groups, o, none, &request);
	if (err) {
		errno = -err;
		log_error("the job cannot be announced (%m)");
		return -1;
	}
	(void)peer__send(fd, &request, fds);	/* who refuses may not read it to its end */
	if (peer__get(fd, &reply, sizeof(reply))) {
		not_heard();
		return -1;
	}
	if (reply == REPLY_READY)
		return steal_fd(&fd);
	refusal__receive(fd, &why);
	log_error("the service refuses job '%s': %s", o->job, why.s ?: "it does not say why");
	return -1;
}

/* --- start --- */

/* What is followed: a control group's folder, or a process. */
static int open_target(const struct job_options *o)
{
	pid_t pid = o->pid ? (pid_t)o->pid : getppid();
	int fd;

	if (o->capture.cgroup) {
		fd = open(o->capture.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			log_error("'%s' is not the folder of a control group (%m)", o->capture.cgroup);
		return fd;
	}
	fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		log_error("there is no process %d (%m)", pid);
	return fd;
}

static int start(struct job_options *o)
{
	__close_fd int target = open_target(o), fd = -1;
	const int fds[PEER_FD_CNT] = {
		[PEER_RECORD] = STDERR_FILENO, [PEER_CHILD] = target, [PEER_TALK] = STDERR_FILENO,
	};
	struct texts given = o->capture.tags;
	char name[JOB_NAME_MAX + 8];

	if (target < 0)
		return EXIT_FAILED;
	snprintf(name, sizeof(name), "job=%s", o->capture.job);
	if (tags__copy(&given, &o->capture.tags) || tags__add(&o->capture.tags, name) ||
	    tags__add_ci(&o->capture.tags))
		log_error("out of memory");
	else
		fd = ask(&o->capture, TASK_JOB_START, fds);
	free(o->capture.tags.v);
	o->capture.tags = given;
	if (fd < 0)
		return EXIT_FAILED;
	if (!o->capture.quiet)
		log_info("job '%s' is recorded from now on", o->capture.job);
	return EXIT_FINE;
}

/* --- stop --- */

static int tell(const struct capture_options *o, const struct job_verdict *v)
{
	if (v->err) {
		log_error("there is no job '%s' of this user, and no record of one", o->job);
		return EXIT_FAILED;
	}
	if (v->session.record_err)
		session__cut_error(v->file, v->session.record_err);
	if (v->copy_err) {
		errno = -v->copy_err;
		log_error("the record '%s' is in the service's folder, but could not be copied (%m)", v->file);
		return EXIT_FAILED;
	}
	if (v->had_ended)
		log_info("job '%s' had ended already", o->job);
	if (v->part > 1)
		log_warn("job '%s' has %llu records: this is the last", o->job, (unsigned long long)v->part);
	if (!o->quiet && o->output)
		log_info("next: goenvbpf report %s", o->output);
	else if (!o->quiet)
		log_info("next, as root: goenvbpf records; its record is '%s'", v->file);
	return v->session.status > EXIT_INCONCLUSIVE ? EXIT_FAILED : v->session.status;
}

static int stop(struct capture_options *o)
{
	struct outfile file = { .fd = -1, .dir_fd = -1 };
	struct job_verdict verdict;
	__close_fd int fd = -1;
	int fds[PEER_FD_CNT] = { STDERR_FILENO, STDERR_FILENO, STDERR_FILENO };
	int err = o->output ? outfile__open(&file, o->output, o->force, NULL) : 0, status = EXIT_FAILED;

	if (err) {
		session__output_error(o->output, err);
		return EXIT_FAILED;
	}
	o->has_record = o->output;
	if (o->output)
		fds[PEER_RECORD] = file.fd;
	fd = ask(o, TASK_JOB_STOP, fds);
	if (fd >= 0)
		status = peer__get(fd, &verdict, sizeof(verdict)) ? not_heard() : tell(o, &verdict);
	if (o->output && status == EXIT_FAILED)
		outfile__discard(&file);
	else if (o->output && (err = outfile__keep(&file)))
		session__output_error(o->output, err);
	outfile__close(&file);
	return err ? EXIT_FAILED : status;
}

static int job(const struct call *call)
{
	struct job_options o = *(const struct job_options *)call->options;
	const char *what = call->operands[0];
	bool is_start = str_eq(what, "start");
	int status = capture_options__begin(call->verb, &o.capture);

	if (status)
		return status;
	if (!is_start && !str_eq(what, "stop"))
		return usage_error(call->verb, "'%s' is neither start nor stop", what);
	if (!job__is_name(call->operands[1]))
		return usage_error(call->verb, "'%.100s' is no name of a job: it has " JOB_NAME_RULE,
				   call->operands[1]);
	if (is_start && o.capture.output)
		return usage_error(call->verb, "-o is for stop: the record is in the service's folder until then");
	if (!is_start && (o.pid || o.capture.cgroup))
		return usage_error(call->verb, "--pid and --cgroup are for start");
	if (o.capture.output && !str_has_suffix(o.capture.output, ".zst") && !str_eq(o.capture.output, "-"))
		return usage_error(call->verb, "'%s': the service's records are zstd: name a file that ends in "
				   ".jsonl.zst", o.capture.output);
	if (tags__find(&o.capture.tags, "job"))
		return usage_error(call->verb, "--tag job=…: that tag is the job's name");
	o.capture.job = call->operands[1];
	/* The process that called the hook ends with it: who called that is the runner. */
	return is_start ? start(&o) : stop(&o.capture);
}

static const struct option_row rows[] = {
	{ "pid", OPT_NUMBER(struct job_options, pid, 1, 1 << 30), .arg = "PID", .one_of = 1,
	  .help = "start: follow this process and what descends from it (the one that calls goenvbpf); the job "
		  "ends with it" },
	{ "cgroup", OPT_TEXT(struct job_options, capture.cgroup), .arg = "PATH", .one_of = 1,
	  .help = "start: follow the control group with this folder; the job ends when it is removed" },
	{ "output", OPT_TEXT(struct job_options, capture.output), .letter = 'o', .arg = "FILE",
	  .help = "stop: write a copy of the record: FILE.jsonl.zst" },
	{ "force", OPT_FLAG(struct job_options, capture.force), .with = "output", .help = "replace FILE if it exists" },
	{ "tag", OPT_PAIRS(struct job_options, capture.tags), .arg = "KEY=VALUE",
	  .help = "start: keep this in the record, beside what the runner's variables say" },
	{ "all", OPT_FLAG(struct job_options, capture.all), .help = "start: record fstat-like calls, too" },
	{ "net", OPT_FLAG(struct job_options, capture.net), .help = "start: record connections, too" },
	{ "no-hash", OPT_FLAG(struct job_options, capture.no_hash),
	  .help = "start: do not record what sources contain" },
	{ "quiet", OPT_FLAG(struct job_options, capture.quiet), .letter = 'q', .help = "say nothing but errors" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_job = {
	.name = "job",
	.operands = "start|stop NAME",
	.min_operands = 2,
	.max_operands = 2,
	.missing = "start or stop, and the job's name: goenvbpf job start nightly",
	.groups = { &group },
	.options_sz = sizeof(struct job_options),
	.summary = "announce a job to the service, which keeps a record of it",
	.details =
"For hooks of a CI runner, and scripts: between start and stop the service records what descends from the "
"process that called (in a hook: --pid $PPID, the runner), or what is in a control group, into a file of its own folder. "
"stop -o FILE writes a copy. Of a job that has ended by itself, as when the runner was killed, stop gives the "
"record all the same.\n"
"\n"
"What the variables of GitHub Actions, GitLab, Buildkite, Jenkins, Buildbot and Woodpecker say about the job (repository, "
"ref, commit, run, attempt, runner) is kept as tags.\n"
"\n"
"Exit status: 0 fine; 1 there is no service, it refuses, or there is no such job; 2 wrong usage.",
	.run = job,
};
