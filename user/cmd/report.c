/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf report RECORD */
#include <getopt.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/report.h"
#include "output/summary.h"
#include "output/text.h"
#include "util/log.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ },
};

/* name: what to call the record. */
static int report_file(const char *path, const char *name, bool json, FILE *to)
{
	__free_model struct model *m = NULL;
	__free_str struct str out = {};
	int err = read_model(path, name, MODEL_ALL, &m);

	if (err)
		return err;
	err = json ? summary__json(m, &out) : summary__text(m, name, text__wants_color(to), &out);
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
	return report_file(path, "this run", false, out);
}

static int report(int argc, char **argv)
{
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option != 'j')
			return option_error(&verb_report, option, argv);
		json = true;
	}
	if (argc - optind != 1)
		return usage_error(&verb_report, argc == optind ? "no record was named" :
				   "only one record can be reported");
	return report_file(argv[optind], argv[optind], json, stdout);
}

const struct verb verb_report = {
	.name = "report",
	.synopsis = "report RECORD [--json]",
	.summary = "the summary of a record: what ran, and whether all of it was seen",
	.details =
"RECORD is a file written by goenvbpf, plain or gzip; - is standard input.\n"
"\n"
"  --json   one JSON object instead of a page\n"
"\n"
"The first line is the verdict. A record that is cut short, from which events\n"
"were lost, or with processes that had an io_uring (what goes through it is not\n"
"seen) is reported as far as it goes, with what cannot be said.\n",
	.run = report,
};
