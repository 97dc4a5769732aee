/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf report RECORD */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "output/summary.h"
#include "output/text.h"
#include "util/log.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ },
};

/* A line on a terminal for records that take long, and nothing of it afterwards. */
struct progress {
	bool on, drawn;
	uint64_t lines;
	time_t last;
};

static void progress__step(struct progress *p)
{
	time_t now;

	if (!p->on || ++p->lines % 65536)
		return;
	now = time(NULL);
	if (now == p->last)
		return;
	p->last = now;
	p->drawn = true;
	fprintf(stderr, "\r%llu lines read", (unsigned long long)p->lines);
}

static void progress__clear(const struct progress *p)
{
	if (p->drawn)
		fprintf(stderr, "\r\033[K");
}

static int read_all(struct reader *r, struct model *m)
{
	struct progress progress = { .on = isatty(STDERR_FILENO), .last = time(NULL) };
	struct rec rec;
	int err;

	while ((err = reader__next(r, &rec)) > 0) {
		err = model__add(m, &rec);
		if (err)
			break;
		progress__step(&progress);
	}
	progress__clear(&progress);
	if (reader__is_cut(r))
		model__set_cut(m);
	model__set_bad_lines(m, reader__bad_lines(r));
	return err;
}

static int print(const struct model *m, const char *record, bool json, FILE *to)
{
	__free_str struct str out = {};
	int err;

	err = json ? summary__json(m, &out) :
		     summary__text(m, record, text__wants_color(to), &out);
	if (err)
		return err;
	errno = 0;
	if (fwrite(out.s, 1, out.len, to) != out.len || fflush(to))
		return errno ? -errno : -EIO;
	return 0;
}

/* name: what to call the record. */
static int report_file(const char *path, const char *name, bool json, FILE *to)
{
	__free_reader struct reader *r = NULL;
	__free_model struct model *m = NULL;
	int err;

	err = reader__open(path, &r);
	if (err)
		return cannot_read(name, err);
	m = model__new(MODEL_ALL);
	err = m ? read_all(r, m) : -ENOMEM;
	err = err ?: print(m, name, json, to);
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
