/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a run was, in numbers: for the node exporter's text files, or a push gateway. */
#include <errno.h>
#include <stdlib.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/counts.h"
#include "model/run.h"
#include "output/export/escape.h"
#include "output/export/report.h"
#include "rules/rules.h"

static void add_head(struct str *out, const char *name, const char *meaning)
{
	str__addf(out, "# HELP goenvbpf_%s %s\n# TYPE goenvbpf_%s gauge\n", name, meaning, name);
}

static void add_value(struct str *out, const char *name, const char *meaning, double value)
{
	add_head(out, name, meaning);
	str__addf(out, "goenvbpf_%s %.9g\n", name, value);
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

static void add_cache(struct str *out, const struct model *m)
{
	struct cache_total sum;

	if (!model__cache_total(m, &sum))
		return;
	add_head(out, "packages", "Packages by what became of them.");
	str__addf(out, "goenvbpf_packages{outcome=\"hit\"} %llu\n", (unsigned long long)sum.hits);
	str__addf(out, "goenvbpf_packages{outcome=\"made\"} %llu\n", (unsigned long long)sum.made);
	add_value(out, "compile_seconds", "Sum of the times of all tools that made packages.", sum.spent_ns / 1e9);
}

static void add_commands(struct str *out, const struct model *m)
{
	uint64_t all = 0, failed = 0;

	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c), all++)
		failed += process__has_failed(c->p);
	add_value(out, "go_commands", "Go commands that ran.", all);
	add_value(out, "go_commands_failed", "Those that failed.", failed);
}

static void add_findings(struct str *out, const struct findings *f)
{
	add_head(out, "findings", "Findings by rule and severity.");
	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r)) {
		uint64_t n[SEVERITY_CNT] = { 0 };

		for (const struct finding *x = findings__next(f, NULL); x; x = findings__next(f, x))
			if (x->rule == r)
				n[x->severity]++;
		for (int s = 0; s < SEVERITY_CNT; s++)
			if (n[s] || s == (int)r->severity)
				str__addf(out, "goenvbpf_findings{rule=\"%s\",severity=\"%s\"} %llu\n", r->id,
					  severity__name(s), (unsigned long long)n[s]);
	}
}

static int make(const struct export_job *job, struct str *out)
{
	__free_findings struct findings *f = rules__evaluate(job->m);
	const struct run *r = model__run(job->m);

	if (!f)
		return -ENOMEM;
	add_head(out, "record_info", "What was observed.");
	str__adds(out, "goenvbpf_record_info{host=");
	escape__label(out, r->host ?: "");
	str__adds(out, ",mode=");
	escape__label(out, r->mode ?: "");
	str__adds(out, ",version=");
	escape__label(out, r->version ?: "");
	str__adds(out, "} 1\n");
	add_counts(out, r, model__counts(job->m));
	add_commands(out, job->m);
	add_cache(out, job->m);
	add_findings(out, f);
	return 0;
}

REPORT_EXPORTER(prometheus, make);
