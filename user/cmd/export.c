/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf export RECORD… --format F */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/export/export.h"
#include "record/outfile.h"
#include "util/log.h"

/* "html, summary" and what they are, from the list of exporters */
#define X(id, name, what) ", " name
static const char comma_formats[] = EXPORT_LIST(X);
#undef X
#define FORMATS (comma_formats + 2)

struct export_options {
	const char *format, *output, *baseline, *cluster, *source_root;
	struct texts subjects;
	bool force, schema, accesses, metrics;
};

/* One export: what is read, and where it goes. */
struct work {
	const struct exporter *exporter;
	struct export_job job;
	void *state;
	struct outfile file;
	unsigned int lines;
};

#define LINES_PER_LOOK 1024	/* a look is a system call */

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/*
 * Such a signal is looked for between pieces, so that the file that is begun can be removed; then it
 * does what it always does.
 */
static void hold_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&set, ending[i]);
	sigprocmask(how, &set, NULL);
}

static int write_piece(void *ctx, const void *bytes, size_t n)
{
	const struct outfile *f = ctx;
	const char *at = bytes;

	while (n) {
		ssize_t w = outfile__is_interrupted() ? -1 : write(f->fd, at, n < 1 << 20 ? n : 1 << 20);

		if (w < 0)
			return outfile__is_interrupted() ? -EINTR : -errno;
		at += w;
		n -= w;
	}
	return 0;
}

static int take_line(void *ctx, const struct rec *rec)
{
	struct work *w = ctx;

	if (w->lines++ % LINES_PER_LOOK == 0 && outfile__is_interrupted())
		return -EINTR;
	return w->exporter->record(w->state, rec);
}

static int say_unwritten(const char *output, int err)
{
	if (err == -EEXIST)
		log_error("'%s' is already there: choose another name, or replace it with --force", output);
	else if (err == -EINTR)
		log_error("stopped: nothing was written to '%s'", output);
	else
		log_error("cannot write '%s': %s", output, strerror(-err));
	return EXIT_FAILED;
}

static int read_record(struct work *w, const char *path)
{
	const struct sink_of_lines sinks[] = {
		model__sink(w->job.m),
		{ .line = take_line, .ctx = w },
	};

	return read_lines(path, path, sinks, ARRAY_SIZE(sinks));
}

static int export_record(struct work *w, const char *path, const char *output)
{
	int status, err;

	w->job.name = path;
	w->job.m = model__new(MODEL_ALL);
	w->state = w->job.m ? w->exporter->begin(&w->job) : NULL;
	status = w->state ? read_record(w, path) : cannot_read(path, -ENOMEM);
	if (!status) {
		err = w->exporter->end(w->state);
		status = err ? say_unwritten(output, err) : EXIT_FINE;
	}
	w->exporter->free(w->state);
	model__free(w->job.m);
	w->job.nth++;
	return status;
}

static int hash_file(struct export_subject *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), err;
	const char *slash = strrchr(path, '/');

	s->name = slash ? slash + 1 : path;
	if (fd < 0)
		return -errno;
	err = sha256__fd(fd, s->sha256);
	close(fd);
	return err;
}

/* The files that were named, or else the record itself. The caller frees job.subjects. */
static int take_subjects(struct work *w, const struct call *call)
{
	const struct export_options *o = call->options;
	const char *const *paths = o->subjects.cnt ? o->subjects.v : (const char *const *)call->operands;
	size_t n = o->subjects.cnt ?: 1;
	struct export_subject *subjects = calloc(n, sizeof(*subjects));

	w->job.subjects = subjects;
	w->job.subject_cnt = n;
	for (size_t i = 0; i < n; i++) {
		int err = subjects ? hash_file(&subjects[i], paths[i]) : -ENOMEM;

		if (err) {
			log_error("cannot read '%s', which the statement is to be about: %s", paths[i], strerror(-err));
			return EXIT_FAILED;
		}
	}
	return EXIT_FINE;
}

static int write_schema(struct work *w, const char *cluster)
{
	__free_str struct str text = {};

	return w->exporter->schema(cluster, &text) ?: str__err(&text) ?: write_piece(&w->file, text.s, text.len);
}

static int export_all(struct work *w, const struct call *call, const char *output)
{
	const struct export_options *o = call->options;
	int status = EXIT_FINE, err = 0;

	if (o->schema)
		err = write_schema(w, o->cluster);
	for (size_t i = 0; i < call->operand_cnt && !status; i++)
		status = export_record(w, call->operands[i], output);
	if (status)
		return status;
	err = err ?: outfile__keep(&w->file);
	return err ? say_unwritten(output, err) : EXIT_FINE;
}

/* What the format has to do with it. EXIT_FINE, or usage_error()'s. */
static int check_format(const struct call *call, const struct exporter *e, const char *output)
{
	const struct export_options *o = call->options;

	if (o->schema && !e->schema)
		return usage_error(call->verb, "--format %s has no schema to write: only what is loaded into "
				   "an engine has one", o->format);
	if (o->schema && call->operand_cnt)
		return usage_error(call->verb, "--schema writes what comes before the records: leave out '%s'",
				   call->operands[0]);
	if (!o->schema && !call->operand_cnt)
		return usage_error(call->verb, "no RECORD was given");
	if (call->operand_cnt > 1 && !e->takes_many)
		return usage_error(call->verb, "--format %s is made of one record: '%s' is a second one",
				   o->format, call->operands[1]);
	if (o->accesses && !e->takes_accesses)
		return usage_error(call->verb, "--accesses changes nothing in --format %s", o->format);
	if (o->metrics && !e->takes_metrics)
		return usage_error(call->verb, "--metrics changes nothing in --format %s", o->format);
	if (o->source_root && !e->has_places)
		return usage_error(call->verb, "--source-root changes nothing in --format %s, which names no files "
				   "of a repository", o->format);
	if (o->subjects.cnt && !e->has_subjects)
		return usage_error(call->verb, "--format %s is about no file but the record: --subject is for in-toto",
				   o->format);
	if (e->has_subjects && !o->subjects.cnt && str_eq(call->operands[0], "-"))
		return usage_error(call->verb, "standard input has no content to name: say with --subject FILE what "
				   "the statement is about");
	if (e->is_large && !o->schema && str_eq(output, "-") && isatty(STDOUT_FILENO))
		return usage_error(call->verb, "what --format %s makes is not for a terminal: give it a file, -o FILE",
				   o->format);
	return EXIT_FINE;
}

/* Without symbolic links, as the kernel names files. */
static int take_root(const char *folder, char **ret)
{
	if (!folder)
		return EXIT_FINE;
	*ret = realpath(folder, NULL);
	if (*ret)
		return EXIT_FINE;
	log_error("'%s' is no folder (%m)", folder);
	return EXIT_FAILED;
}

static int export(const struct call *call)
{
	const struct export_options *o = call->options;
	const char *output = o->output ?: "-";
	struct work w = { .exporter = exporter__find(o->format), .file = { .fd = -1, .dir_fd = -1 } };
	int err, status = check_format(call, w.exporter, output);
	__free_mem char *root = NULL;

	if (status)
		return status;
	status = take_root(o->source_root, &root);
	if (status)
		return status;
	w.job = (struct export_job){ .old_name = o->baseline, .accesses = o->accesses, .metrics = o->metrics,
				     .root = root, .write = write_piece, .ctx = &w.file };
	hold_signals(SIG_BLOCK);
	err = outfile__open_whole(&w.file, output, o->force);
	status = err ? say_unwritten(output, err) : EXIT_FINE;
	if (!status && o->baseline)
		status = read_model(o->baseline, o->baseline, MODEL_ALL, &w.job.old);
	if (!status && w.exporter->has_subjects)
		status = take_subjects(&w, call);
	status = status ?: export_all(&w, call, output);
	free((void *)w.job.subjects);
	model__free(w.job.old);
	outfile__close(&w.file);
	hold_signals(SIG_UNBLOCK);
	return status;
}

static const struct option_row rows[] = {
	{ "format", OPT_WORD(struct export_options, format, FORMATS), .arg = "FORMAT", .one_of = 1, .needed = true,
	  .help = FORMATS },
	{ "output", OPT_TEXT(struct export_options, output), .letter = 'o', .arg = "FILE",
	  .help = "where it goes; - is standard output, which is the default" },
	{ "force", OPT_FLAG(struct export_options, force), .with = "output",
	  .help = "replace a file that is there" },
	{ "baseline", OPT_TEXT(struct export_options, baseline), .arg = "OLD",
	  .help = "a record to compare with: what changed, and why it was built again" },
	{ "accesses", OPT_FLAG(struct export_options, accesses),
	  .help = "with every access, where a format has findings alone" },
	{ "metrics", OPT_FLAG(struct export_options, metrics),
	  .help = "otlp: with the record in numbers, as sums to be added up" },
	{ "source-root", OPT_TEXT(struct export_options, source_root), .arg = "DIR",
	  .help = "sarif, codequality: the repository's folder, which files are named from; else the module's" },
	{ "subject", OPT_TEXTS(struct export_options, subjects), .arg = "FILE",
	  .help = "in-toto: what was built, by its content; else the record itself" },
	{ "schema", OPT_FLAG(struct export_options, schema),
	  .help = "no RECORD: what the engine needs before it takes the format" },
	{ "cluster", OPT_TEXT(struct export_options, cluster), .arg = "NAME", .with = "schema",
	  .help = "for tables on all servers of a cluster" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_export = {
	.name = "export",
	.operands = "RECORD…",
	.max_operands = ANY_OPERANDS,
	.groups = { &group },
	.options_sz = sizeof(struct export_options),
	.summary = "a record for others to read: a page for a browser, findings for CI",
	.details = "RECORD is a file written by goenvbpf, plain, gzip or zstd; - is standard input. Rows (csv, "
		   "clickhouse) and otlp can be of several; the other formats are made of one.",
	.notes =
"Formats:\n"
#define X(id, name, what) "  " name ": " what "\n"
EXPORT_LIST(X)
#undef X
"\n"
"The page (html) is one file that needs no network and no server. It has all that the record has, with "
"the same redactions: give it to whom you would give the record. Of more than 1,000,000 events the "
"oldest are shown together, which the page says.\n"
"\n"
"Each line of otlp is a request: with resourceSpans for /v1/traces, with resourceLogs for /v1/logs, "
"with resourceMetrics for /v1/metrics (--metrics: go commands, failures, packages that were in the cache or made, "
"compile time, findings by rule, lost events; each the sum over this record, delta). Every "
"program that was seen to start is a span, below the record's own. If the first one was given a "
"TRACEPARENT, they are part of that trace. Tags become attributes: branch is vcs.ref.head.name, others "
"are goenvbpf.tag.NAME.\n"
"\n"
"A file has its name only once it is whole; what is stopped leaves none.",
	.run = export,
};
