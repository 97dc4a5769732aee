/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf observe: the privileged half of "run", started by it and not meant for people.
 *
 * Standard input is a socket to the other half: we write a byte when everything is in place, read
 * the command's exit status (a number and a newline) when it has ended, and write our own as a byte
 * when the record is finished; if the socket ends without a status, the other half is gone.
 * Standard output is the record's file, opened by the caller.
 */
#include <errno.h>
#include <stdlib.h>

#include "cmd/session.h"
#include "util/log.h"

/* -1: the other half is gone. */
static int read_status(void)
{
	char text[16];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text) - 1);

	if (n <= 0)
		return -1;
	text[n] = '\0';
	return atoi(text);
}

static int observe(const struct call *call)
{
	struct session s = { .record_fd = STDOUT_FILENO, .view = stderr, .mode = "run",
			     .command = call->operands };
	const struct capture_options *opts = call->options;
	unsigned char verdict;
	int status = capture_options__begin(call->verb, opts);

	if (status)
		return status;
	if (opts->pids.cnt != 1)
		return usage_error(&verb_observe, "it is started by 'goenvbpf run'");
	status = session__open(&s, opts);
	if (!status && capture__follow_child(s.capture, opts->pids.v[0]))
		status = EXIT_FAILED;
	if (!status && write(STDIN_FILENO, "", 1) != 1)
		status = EXIT_FAILED;
	if (!status) {
		session__wait(&s, STDIN_FILENO);
		status = session__close(&s, read_status());
		/* The kernel takes 15 ms to close fanotify: nobody has to wait for that. */
		verdict = status;
		(void)!write(STDIN_FILENO, &verdict, 1);
	}
	session__free(&s);
	return status;
}

static const struct option_row rows[] = {
	{ "pid", OPT_NUMBERS(struct capture_options, pids, 1, 1 << 30), .arg = "PID",
	  .what = "a process id", .needed = true, .help = "the process that becomes CMD" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_observe = {
	.name = "observe",
	.operands = "-- CMD ARG…",
	.min_operands = 1,
	.max_operands = ANY_OPERANDS,
	.stops = true,
	.is_hidden = true,
	.groups = { &group, &capture_group },
	.options_sz = sizeof(struct capture_options),
	.summary = "the privileged half of 'goenvbpf run', which starts it",
	.run = observe,
};
