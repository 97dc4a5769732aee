/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What runs were, in numbers: for the node exporter's text files, or a push gateway. */
#include <errno.h>
#include <stdlib.h>

#include "model/counts.h"
#include "model/run.h"
#include "output/export/escape.h"
#include "output/export/prometheus.h"
#include "output/export/report.h"

static void add_head(struct str *out, const char *name, const char *suffix, const char *type, const char *meaning)
{
	str__addf(out, "# HELP goenvbpf_%s%s %s\n# TYPE goenvbpf_%s%s %s\n", name, suffix, meaning, name, suffix, type);
}

static void add_number(struct str *out, double value)
{
	str__addf(out, " %.15g\n", value);
}

static void add_value(struct str *out, const char *name, const char *meaning, double value)
{
	add_head(out, name, "", "gauge", meaning);
	str__addf(out, "goenvbpf_%s", name);
	add_number(out, value);
}

static void add_counts(struct str *out, const struct run *r, const struct counts *c)
{
	add_value(out, "record_complete", "1: all was seen, and all of it is in the record.", run__is_complete(r));
	add_value(out, "record_lost_events", "Events known to be missing.", run__lost(r));
	add_value(out, "duration_seconds", "Of the record.", r->duration / 1e9);
	if (r->status >= 0)
		add_value(out, "exit_status", "Of the command.", r->status);
	add_value(out, "accesses", "Accesses of paths.", counts__accesses(c));
	add_value(out, "accesses_failed", "Those that failed.", counts__failed_accesses(c));
}

void prometheus__figures(struct str *out, const struct figures *f, bool is_total)
{
	const char *suffix = is_total ? "_total" : "", *last = "";

	for (struct figure x = {}; figure__next(f, &x); last = x.name) {
		if (x.of_cache && !f->with_cache && !is_total)
			continue;
		if (!str_eq(x.name, last))
			add_head(out, x.name, suffix, is_total ? "counter" : "gauge", x.meaning);
		str__addf(out, "goenvbpf_%s%s", x.name, suffix);
		if (x.outcome)
			str__addf(out, "{outcome=\"%s\"}", x.outcome);
		if (x.rule)
			str__addf(out, "{rule=\"%s\",severity=\"%s\"}", x.rule->id, severity__name(x.severity));
		add_number(out, x.is_seconds ? x.value / 1e9 : x.value);
	}
}

static int make(const struct export_job *job, struct str *out)
{
	__free_findings struct findings *found = rules__evaluate(job->m);
	const struct run *r = model__run(job->m);
	struct figures f = {};

	if (!found)
		return -ENOMEM;
	figures__add(&f, job->m, found);
	add_head(out, "record_info", "", "gauge", "What was observed.");
	str__adds(out, "goenvbpf_record_info{host=");
	escape__label(out, r->host ?: "");
	str__adds(out, ",mode=");
	escape__label(out, r->mode ?: "");
	str__adds(out, ",version=");
	escape__label(out, r->version ?: "");
	str__adds(out, "} 1\n");
	add_counts(out, r, model__counts(job->m));
	prometheus__figures(out, &f, false);
	return 0;
}

REPORT_EXPORTER(prometheus, make);
