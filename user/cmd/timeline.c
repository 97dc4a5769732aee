/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf timeline RECORD */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/text.h"
#include "output/timeline.h"
#include "util/log.h"

enum { OPT_ALL = 256, OPT_FAILED, OPT_WHOLE, OPT_PID, OPT_PROC, OPT_KIND, OPT_PATH };

static const struct option options[] = {
	{ "all",    no_argument,       NULL, OPT_ALL },
	{ "failed", no_argument,       NULL, OPT_FAILED },
	{ "whole",  no_argument,       NULL, OPT_WHOLE },
	{ "pid",    required_argument, NULL, OPT_PID },
	{ "proc",   required_argument, NULL, OPT_PROC },
	{ "kind",   required_argument, NULL, OPT_KIND },
	{ "path",   required_argument, NULL, OPT_PATH },
	{ },
};

/* A positive number; 0 when it is none. */
static uint64_t number(const char *s)
{
	unsigned long long v;
	char *end;

	if (*s < '0' || *s > '9')
		return 0;
	errno = 0;
	v = strtoull(s, &end, 10);
	return errno || *end ? 0 : v;
}

static int take_kind(struct timeline_opts *opts, const char *name)
{
	enum rec_kind kind = rec_kind__from_name(name);

	if (kind == REC_UNKNOWN)
		return usage_error(&verb_timeline, "--kind '%s': no lines are called that", name);
	opts->kinds |= 1u << kind;
	return 0;
}

static int take_option(struct timeline_opts *opts, int option, char **argv)
{
	switch (option) {
	case OPT_ALL:
		opts->all = true;
		return 0;
	case OPT_FAILED:
		opts->failed_only = true;
		return 0;
	case OPT_WHOLE:
		opts->whole = true;
		return 0;
	case OPT_PATH:
		opts->path = optarg;
		return 0;
	case OPT_KIND:
		return take_kind(opts, optarg);
	case OPT_PROC:
		opts->proc = number(optarg);
		return opts->proc ? 0 :
		       usage_error(&verb_timeline, "--proc '%s' is not a number above 0", optarg);
	case OPT_PID:
		opts->pid = number(optarg) <= INT_MAX ? (uint32_t)number(optarg) : 0;
		return opts->pid ? 0 :
		       usage_error(&verb_timeline, "--pid '%s' is not a process id", optarg);
	default:
		return option_error(&verb_timeline, option, argv);
	}
}

static int timeline(int argc, char **argv)
{
	struct timeline_opts opts = { .color = text__wants_color(stdout) };
	__free_timeline struct timeline *t = NULL;
	__free_model struct model *m = NULL;
	struct spool spool = {};
	struct sink_of_lines sink;
	const char *path;
	int err, option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		err = take_option(&opts, option, argv);
		if (err)
			return err;
	}
	if (argc - optind != 1)
		return usage_error(&verb_timeline, argc == optind ? "no record was named" :
				   "only one record can be shown");
	path = rereadable(argv[optind], &spool);
	if (!path)
		return EXIT_FAILED;
	err = read_model(path, argv[optind], MODEL_CORE, &m);
	if (err)
		return err;
	t = timeline__new(&opts, stdout, m);
	if (!t)
		return cannot_read(argv[optind], -ENOMEM);
	sink = timeline__sink(t);
	err = read_lines(path, argv[optind], &sink, 1);
	if (err)
		return err;
	if (!timeline__shown(t))
		log_info("no line of '%s' fits these options", argv[optind]);
	return EXIT_FINE;
}

const struct verb verb_timeline = {
	.name = "timeline",
	.synopsis = "timeline RECORD [--all] [--failed] [--whole] [--pid N] [--proc N]\n"
		    "                         [--kind K]... [--path GLOB]",
	.summary = "what happened, in the order of time",
	.details =
"RECORD is a file written by goenvbpf, plain or gzip; - is standard input.\n"
"\n"
"Shown are accesses to configuration and to the build and module caches, programs\n"
"that start and end, losses, blind spots and the end. Look-ups of one kind in one\n"
"directory within 20 ms are one line with '(+N more)'. 'absent' is a look-up that\n"
"found nothing, 'miss' one of an entry that the build cache does not have.\n"
"\n"
"  --all        every line of the record, nothing put together\n"
"  --kind K     all lines of this kind: exec, open, stat, ... (may be repeated)\n"
"  --path GLOB  all lines whose path fits: whole ('/etc/*'), from a named root\n"
"               ('$GOCACHE/*'), or by its last name ('go.mod'); * matches / too\n"
"  --failed     all lines that tell of a failure\n"
"  --pid N      only this process id\n"
"  --proc N     only this program image ('proc' in the record)\n"
"  --whole      paths and arguments whole, instead of shortened\n"
"\n"
"Examples:\n"
"  goenvbpf timeline build.jsonl.gz\n"
"  goenvbpf timeline build.jsonl.gz --failed --path '*/go/env'\n",
	.run = timeline,
};
