/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf report RECORD */
#include <stdio.h>

#include "answers/report.h"
#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/report.h"
#include "output/diff.h"
#include "output/summary.h"
#include "output/text.h"
#include "util/log.h"

struct report_options {
	bool json;
	bool full;
	const char *baseline;
};

/* Why packages were built again since that record. */
static int add_causes(const char *baseline, struct model *m, FILE *to, struct str *out)
{
	__free_model struct model *old = NULL;

	return read_model(baseline, baseline, MODEL_ALL, &old) ?:
	       diff__add_section(old, m, text__wants_color(to), text__columns(to), out);
}

/* name: what to call the record. */
static int report_file(const char *path, const char *name, const struct report_options *o, FILE *to)
{
	__free_model struct model *m = NULL;
	__free_str struct str out = {};
	int err = read_model(path, name, MODEL_ALL, &m);

	if (err)
		return err;
	if (o->json)
		err = report__json(m, &out);
	else
		err = o->full ? summary__text(m, name, text__wants_color(to), text__columns(to), &out) :
				first__text(m, name, text__wants_color(to), text__columns(to), &out);
	if (!err && o->baseline)
		err = add_causes(o->baseline, m, to, &out);
	if (err > 0)
		return err;
	err = err ?: print_answer(&out, to);
	if (!err)
		return EXIT_FINE;
	log_error("report of '%s' stopped: %s", name, strerror(-err));
	return EXIT_FAILED;
}

int report__page_fd(int fd, FILE *out)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return report_file(path, "this run", &(struct report_options){}, out);
}

static int report(const struct call *call)
{
	const struct report_options *o = call->options;

	if (o->json && o->baseline)
		return usage_error(call->verb, "--baseline is for the page: 'goenvbpf diff --json' has the causes");
	return report_file(call->operands[0], call->operands[0], o, stdout);
}

static const struct option_row rows[] = {
	{ "full", OPT_FLAG(struct report_options, full),
	  .help = "everything: commands, toolchains, caches, programs, paths, modules, look-ups" },
	{ "baseline", OPT_TEXT(struct report_options, baseline), .arg = "OLD",
	  .help = "say why packages were built again since that record, too" },
	{ "json", OPT_FLAG(struct report_options, json), .help = "one JSON object instead of a page" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_report = {
	.name = "report",
	.operands = "RECORD",
	.min_operands = 1,
	.max_operands = 1,
	.groups = { &group },
	.options_sz = sizeof(struct report_options),
	.summary = "the summary of a record: what ran, and whether all of it was seen",
	.details = "RECORD is a file written by goenvbpf, plain, gzip or zstd; - is standard input.",
	.notes =
"The first screen says how it ended, what was found and what to do. A record that is cut short, from "
"which events were lost, or with processes that were out of sight (what goes through an io_uring is not seen) is "
"reported as far as it goes, with what cannot be said.",
	.run = report,
};
