/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf timeline RECORD */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/text.h"
#include "output/timeline.h"
#include "util/log.h"

struct timeline_options {
	struct timeline_opts view;
	struct texts kinds;
};

static int timeline(const struct call *call)
{
	const struct timeline_options *o = call->options;
	struct timeline_opts view = o->view;
	const char *record = call->operands[0];
	__free_timeline struct timeline *t = NULL;
	__free_model struct model *m = NULL;
	struct spool spool = {};
	struct sink_of_lines sink;
	const char *path;
	int err;

	view.color = text__wants_color(stdout);
	for (size_t i = 0; i < o->kinds.cnt; i++)
		view.kinds |= 1u << rec_kind__from_name(o->kinds.v[i]);
	path = rereadable(record, &spool);
	if (!path)
		return EXIT_FAILED;
	err = read_model(path, record, MODEL_CORE, &m);
	if (err)
		return err;
	t = timeline__new(&view, stdout, m);
	if (!t)
		return cannot_read(record, -ENOMEM);
	sink = timeline__sink(t);
	err = read_lines(path, record, &sink, 1);
	if (err)
		return err;
	if (!timeline__shown(t))
		log_info("no line of '%s' fits these options", record);
	return EXIT_FINE;
}

/* ", header, exec, …" */
static const char kinds[] =
#define X(id, name, title) ", " #name
	REC_LIST(X);
#undef X

static const struct option_row rows[] = {
	{ "all", OPT_FLAG(struct timeline_options, view.all),
	  .help = "every line of the record, nothing put together" },
	{ "kind", OPT_WORDS(struct timeline_options, kinds, kinds + 2), .arg = "KIND",
	  .help = "all lines of this kind: exec, open, stat, …" },
	{ "path", OPT_TEXTS(struct timeline_options, view.paths), .arg = "GLOB",
	  .help = "all lines whose path fits: whole ('/etc/*'), from a named root ('$GOCACHE/*'), or by "
		  "its last name ('go.mod'); * matches / too" },
	{ "failed", OPT_FLAG(struct timeline_options, view.failed_only),
	  .help = "all lines that tell of a failure" },
	{ "pid", OPT_NUMBERS(struct timeline_options, view.pids, 1, INT_MAX), .arg = "PID",
	  .what = "a process id", .help = "only this process id" },
	{ "proc", OPT_NUMBERS(struct timeline_options, view.procs, 1, UINT64_MAX), .arg = "PROC",
	  .help = "only this program image ('proc' in the record)" },
	{ "whole", OPT_FLAG(struct timeline_options, view.whole),
	  .help = "paths and arguments whole, instead of shortened" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_timeline = {
	.name = "timeline",
	.operands = "RECORD",
	.min_operands = 1,
	.max_operands = 1,
	.groups = { &group },
	.options_sz = sizeof(struct timeline_options),
	.summary = "what happened, in the order of time",
	.details =
"RECORD is a file written by goenvbpf, plain, gzip or zstd; - is standard input.\n"
"\n"
"Shown are accesses to configuration and to the build and module caches, programs that start and "
"end, losses, blind spots and the end. Look-ups of one kind in one directory within 20 ms are one "
"line with '(+N more)'. 'absent' is a look-up that found nothing, 'miss' one of an entry that the "
"build cache does not have.",
	.notes =
"Of options that may be repeated, a line has to fit one: --pid 7 --pid 9 shows both processes.\n"
"\n"
"Examples:\n"
"  goenvbpf timeline build.jsonl.gz\n"
"  goenvbpf timeline build.jsonl.gz --failed --path '*/go/env'",
	.run = timeline,
};
