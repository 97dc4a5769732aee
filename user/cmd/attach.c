/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf attach: follow what already runs. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cmd/caller.h"
#include "cmd/front.h"
#include "cmd/half.h"
#include "cmd/session.h"
#include "util/log.h"

#define EXIT_INTERRUPTED (128 + SIGINT)

/* Whoever attaches to it wants to know its settings. */
static void tell_texts(const struct session *s, pid_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (!geteuid() && !s->caller.is_other && !s->opts->texts && !stat(path, &st) && st.st_uid)
		log_info("process %d is another user's: what its configuration files say is recorded with "
			 "--texts all only", pid);
}

/* Until they have all ended, or Ctrl-C. */
static int follow_processes(struct session *s)
{
	const struct numbers *pids = &s->opts->pids;
	__free_mem int *fds = calloc(pids->cnt, sizeof(*fds));
	size_t i;

	if (!fds)
		return EXIT_FAILED;
	/* Open until this program ends: the number of a process that is held is not reused. */
	for (i = 0; i < pids->cnt; i++) {
		fds[i] = syscall(SYS_pidfd_open, (pid_t)pids->v[i], 0);
		if (fds[i] < 0) {
			log_error("cannot attach to process %d (%m)", (pid_t)pids->v[i]);
			return EXIT_FAILED;
		}
		tell_texts(s, pids->v[i]);
		if (capture__follow_process(s->capture, pids->v[i]))
			return EXIT_FAILED;
		log_info("following process %d and all that it starts, until it ends or Ctrl-C",
			 (pid_t)pids->v[i]);
	}
	for (i = 0; i < pids->cnt; i++)
		if (!session__wait(s, fds[i]))
			return 0;
	session__wait_for_rest(s, -1);
	return 0;
}

static int follow_cgroup(struct session *s)
{
	if (capture__follow_cgroup(s->capture))
		return EXIT_FAILED;
	log_info("following the cgroup '%s', until Ctrl-C", s->opts->cgroup);
	session__wait(s, -1);
	return 0;
}

static int follow(void *ctx, const struct front *front)
{
	struct session s = {
		.record_fd = -1, .view = stdout, .report = true, .mode = "attach", .front = front,
	};
	const struct capture_options *opts = ctx;
	int status = session__open(&s, opts);

	if (!status)
		status = opts->cgroup ? follow_cgroup(&s) : follow_processes(&s);
	if (!status)
		status = session__close(&s, -1);
	session__free(&s);
	return status;
}

/* --- by the service --- */

/* The service follows one process, and writes a record; views and control groups are for who is root. */
static bool is_for_service(const struct capture_options *o)
{
	return o->pids.cnt == 1 && !o->timeline && !o->cgroup && half__has_service(o);
}

/* Until the process has ended, or a signal. 0, an exit status, or a negative number: the service does not. */
static int ask_service(const struct capture_options *o)
{
	__close_fd int target = syscall(SYS_pidfd_open, (pid_t)o->pids.v[0], 0);
	struct half h = HALF_INIT;
	int status, err;

	if (target < 0)
		return -1;	/* it is said by who tries */
	status = half__begin(&h, o) ?: half__open_record(&h);
	if (!status) {
		err = half__start(&h, target, NULL, false);
		if (err)
			outfile__discard(&h.file);
		if (err && err != -EINTR && caller__elevator())
			status = -1;
		else if (err)
			status = err == -EINTR ? EXIT_INTERRUPTED : EXIT_FAILED;
		else
			log_info("following process %d and all that it starts, until it ends or Ctrl-C",
				 (pid_t)o->pids.v[0]);
	}
	if (!status) {
		observer__wait(&h.observer, h.signal_fd);
		status = half__finish(&h, -1);
	}
	half__free(&h);
	return status;
}

static int attach(const struct call *call)
{
	const struct capture_options *opts = call->options;
	int status = capture_options__begin(call->verb, opts);

	if (status)
		return status;
	if (opts->wait && opts->cgroup)
		return usage_error(call->verb, "--wait is for --pid: a control group has no end to wait for");
	if (is_for_service(opts)) {
		status = ask_service(opts);
		if (status >= 0)
			return status;
	}
	if (!caller__is_privileged())
		return caller__elevate(call->argv);
	return front__run(follow, (void *)opts);
}

static const struct option_row rows[] = {
	{ "pid", OPT_NUMBERS(struct capture_options, pids, 1, 1 << 30), .arg = "PID",
	  .what = "a process id", .needed = true, .one_of = 1,
	  .help = "the process, its threads and descendants; ends with the process or Ctrl-C" },
	{ "cgroup", OPT_TEXT(struct capture_options, cgroup), .arg = "PATH",
	  .needed = true, .one_of = 1,
	  .help = "the directory of a control group (of any hierarchy): all its processes, those "
		  "below it, and whatever joins later; ends with Ctrl-C" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_attach = {
	.name = "attach",
	.is_privileged = true,
	.groups = { &group, &wait_group, &service_group, &capture_group },
	.options_sz = sizeof(struct capture_options),
	.summary = "follow processes that already run, and all that they start",
	.details =
"Descendants are adopted without a gap: none is omitted that was started meanwhile. Without -o the "
"report is printed at the end.",
	.run = attach,
};
