/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf env RECORD */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/env.h"
#include "output/text.h"
#include "util/log.h"

static const struct option options[] = {
	{ "process", required_argument, NULL, 'p' },
	{ "changed", no_argument,	NULL, 'c' },
	{ "all",     no_argument,	NULL, 'a' },
	{ "json",    no_argument,	NULL, 'j' },
	{ },
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

static int env(int argc, char **argv)
{
	struct env_view view = {};
	bool json = false;
	char *end = NULL;
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			errno = 0;
			view.proc = strtoull(optarg, &end, 10);
			if (errno || *end || !view.proc || *optarg == '-')
				return usage_error(&verb_env, "'%s' is no number of a process",
						   optarg);
			break;
		case 'c':
			view.changed = true;
			break;
		case 'a':
			view.all = true;
			break;
		case 'j':
			json = true;
			break;
		default:
			return option_error(&verb_env, option, argv);
		}
	}
	if (view.all && view.changed)
		return usage_error(&verb_env, "--all and --changed exclude each other");
	if (argc - optind != 1)
		return usage_error(&verb_env, argc == optind ? "no record was named" :
				   "only one record can be looked into");
	view.color = text__wants_color(stdout);
	return show(argv[optind], &view, json);
}

const struct verb verb_env = {
	.name = "env",
	.synopsis = "env RECORD [--process PROC] [--changed | --all] [--json]",
	.summary = "effective Go settings of each go command, and where they come from",
	.details =
"RECORD is a file written by goenvbpf, plain or gzip; - is standard input.\n"
"\n"
"  --process PROC   only the go command with this number (\"proc\" in the record)\n"
"  --changed        only the settings that are not default\n"
"  --all            every setting with its origin, the defaults too\n"
"  --json           one JSON object instead of text\n"
"\n"
"Each value has its origin: environment, env file (with line), go.env of the\n"
"toolchain, go.mod or go.work, command line, or default, and what it hides.\n"
"It is known in two ways that are compared: by Go's rules, from the command's\n"
"environment and the files that it opened; and by the environment that its tools\n"
"received. What events of the record do not prove is marked [likely] or\n"
"[not evaluated]. Secrets are [redacted] in records, and so they are here.\n",
	.run = env,
};
