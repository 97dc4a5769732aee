/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf env RECORD */
#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/env.h"
#include "output/text.h"
#include "util/log.h"

struct env_options {
	struct env_view view;
	bool json;
};

static int show(const char *path, const struct env_view *view, bool json)
{
	__free_model struct model *m = NULL;
	__free_str struct str out = {};
	int err = read_model(path, path, MODEL_ALL, &m);

	if (err)
		return err;
	err = json ? env__json(m, view, &out) : env__text(m, view, &out);
	if (err == -ENOENT) {
		log_error("process %llu of '%s' is no go command; 'goenvbpf report' lists them",
			  (unsigned long long)view->proc, path);
		return EXIT_FAILED;
	}
	err = err ?: print_answer(&out, stdout);
	if (!err)
		return EXIT_FINE;
	log_error("settings of '%s' stopped: %s", path, strerror(-err));
	return EXIT_FAILED;
}

static int env(const struct call *call)
{
	const struct env_options *o = call->options;
	struct env_view view = o->view;

	view.color = text__wants_color(stdout);
	return show(call->operands[0], &view, o->json);
}

static const struct option_row rows[] = {
	{ "process", OPT_NUMBER(struct env_options, view.proc, 1, UINT64_MAX), .arg = "PROC",
	  .what = "the number of a process",
	  .help = "only the go command with this number (\"proc\" in the record)" },
	{ "changed", OPT_FLAG(struct env_options, view.changed), .one_of = 1,
	  .help = "only the settings that are not default" },
	{ "all", OPT_FLAG(struct env_options, view.all), .one_of = 1,
	  .help = "every setting with its origin, the defaults too" },
	{ "json", OPT_FLAG(struct env_options, json), .help = "one JSON object instead of text" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_env = {
	.name = "env",
	.operands = "RECORD",
	.min_operands = 1,
	.max_operands = 1,
	.groups = { &group },
	.options_sz = sizeof(struct env_options),
	.summary = "effective Go settings of each go command, and where they come from",
	.details = "RECORD is a file written by goenvbpf, plain, gzip or zstd; - is standard input.",
	.notes =
"Each value has its origin: environment, env file (with line), go.env of the toolchain, go.mod or "
"go.work, command line, or default, and what it hides. It is known in two ways that are compared: "
"by Go's rules, from the command's environment and the files that it opened; and by the "
"environment that its tools received. What events of the record do not prove is marked [likely] "
"or [not evaluated]. Secrets are [redacted] in records, and so they are here.",
	.run = env,
};
