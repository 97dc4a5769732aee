/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf: watch all Go programs of this host. */
#include "cmd/caller.h"
#include "cmd/front.h"
#include "cmd/session.h"
#include "output/top.h"
#include "util/log.h"

static int follow_go(void *opts, const struct front *front)
{
	struct session s = {
		.record_fd = -1, .view = stdout, .report = true, .mode = "watch", .front = front,
	};
	int status = session__open(&s, opts);

	if (!status && !capture__follow_go(s.capture)) {
		log_info("watching all Go programs of this host, until Ctrl-C");
		session__wait(&s, -1);
		status = session__close(&s, -1);
	} else {
		status = EXIT_FAILED;
	}
	session__free(&s);
	return status;
}

/* An observer that was killed has left the terminal as it was then. */
static int watch_top(struct capture_options *opts)
{
	struct termios before, after;
	int status;

	if (!top__is_possible()) {
		log_error("--top needs a terminal, in the foreground, as standard input and output");
		return EXIT_FAILED;
	}
	(void)tcgetattr(STDIN_FILENO, &before);
	status = front__run(follow_go, opts);
	if (!tcgetattr(STDIN_FILENO, &after) && (after.c_lflag != before.c_lflag || after.c_iflag != before.c_iflag))
		top__rescue(&before);
	return status;
}

static int watch(const struct call *call)
{
	struct capture_options opts = *(const struct capture_options *)call->options;
	int status = capture_options__begin(call->verb, &opts);

	if (status)
		return status;
	if (call->operand_cnt)
		return usage_error(&verb_watch, "'%s' is not an option; to run a command: "
				   "goenvbpf run -- %s", call->operands[0], call->operands[0]);
	if (opts.top && str_eq(opts.output ?: "", "-"))
		return usage_error(&verb_watch, "--top has standard output for itself: name a file for the record");
	if (!caller__is_privileged())
		return caller__elevate(call->argv);
	/* Somebody who asks for nothing else wants to see something. */
	if (!opts.output && !opts.quiet && !opts.top)
		opts.timeline = true;
	if (opts.top)
		return watch_top(&opts);
	return front__run(follow_go, &opts);
}

static const struct option_row rows[] = {
	{ "top", OPT_FLAG(struct capture_options, top), .one_of = 2,
	  .help = "show what is going on, on the whole terminal: commands, what compiles, misses; q ends" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_watch = {
	.name = "watch",
	.is_privileged = true,
	.max_operands = ANY_OPERANDS,	/* none, but it says more about them */
	.groups = { &group, &capture_group },
	.options_sz = sizeof(struct capture_options),
	.summary = "watch all Go programs of this host, until Ctrl-C",
	.details =
"Every Go program that runs or starts is followed, with all that it starts. Programs are told by "
"what their files embed, not by name. Without -o the timeline is shown while it happens and the "
"report at the end.",
	.run = watch,
};
