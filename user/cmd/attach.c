/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf attach: follow what already runs. */
#include <sys/syscall.h>

#include "cmd/caller.h"
#include "cmd/session.h"
#include "util/log.h"

static int check(const struct capture_options *opts, char *const *rest)
{
	if (rest[0])
		return usage_error(&verb_attach, "'%s' is not an option", rest[0]);
	if (!opts->pid == !opts->cgroup)
		return usage_error(&verb_attach, "needs either --pid PID or --cgroup PATH");
	return 0;
}

/* Until the process ends, or Ctrl-C. */
static int follow_process(struct session *s)
{
	__close_fd int pidfd = syscall(SYS_pidfd_open, s->opts->pid, 0);

	if (pidfd < 0) {
		log_error("cannot attach to process %ld (%m)", s->opts->pid);
		return EXIT_FAILED;
	}
	if (capture__follow_process(s->capture, s->opts->pid))
		return EXIT_FAILED;
	log_info("following process %ld and all that it starts, until it ends or Ctrl-C",
		 s->opts->pid);
	session__wait(s, pidfd);
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

static int attach(int argc, char **argv)
{
	struct session s = { .record_fd = -1, .view = stdout, .report = true, .mode = "attach" };
	struct capture_options opts;
	int status, next;

	status = capture_options__parse(&verb_attach, argc, argv, &opts, &next);
	if (!status)
		status = check(&opts, argv + next);
	if (status)
		return status;
	if (!caller__is_privileged())
		return caller__elevate(argv);
	status = session__open(&s, &opts);
	if (!status)
		status = opts.pid ? follow_process(&s) : follow_cgroup(&s);
	if (!status)
		status = session__close(&s, -1);
	session__free(&s);
	return status;
}

const struct verb verb_attach = {
	.name = "attach",
	.synopsis = "attach [CAPTURE OPTIONS] --pid PID | --cgroup PATH",
	.summary = "follow processes that already run, and all that they start",
	.details =
"  --pid PID      the process, its threads and descendants; ends with the process or Ctrl-C\n"
"  --cgroup PATH  the directory of a control group (of any hierarchy): all its processes, those\n"
"                 below it, and whatever joins later; ends with Ctrl-C\n"
"\n"
"Descendants are taken in without a gap: none is left out that was started meanwhile.\n"
"\n",
	.more = capture_options_help,
	.run = attach,
};
