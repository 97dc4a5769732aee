/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OTLP/JSON for observability platforms: programs as spans of one trace, findings as logs of the spans
 * that they are about; accesses as logs and the whole in numbers as metrics, when they are asked for.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/run.h"
#include "output/export/otlp.h"
#include "output/text.h"
#include "record/facts.h"
#include "rules/rules.h"

/* Of the data model */
#define SEVERITY_NUMBER_DEBUG 5
#define SEVERITY_NUMBER_INFO 9
#define SEVERITY_NUMBER_WARN 13
#define SEVERITY_NUMBER_ERROR 17

#define MAX_TAGS 100	/* receivers take 128 attributes */

static void *begin(const struct export_job *job)
{
	struct otlp *o = calloc(1, sizeof(*o));

	if (o)
		o->job = job;
	return o;
}

static void free_otlp(void *state)
{
	struct otlp *o = state;

	if (!o)
		return;
	str__free(&o->resource);
	str__free(&o->out);
	str__free(&o->safe);
	free(o);
}

/* --- where it comes from --- */

/* What CI systems call these things, and what the semantic conventions do. */
static const struct {
	const char *tag, *attribute;
} known_tags[] = {
	{ "pipeline",	"cicd.pipeline.name" },
	{ "workflow",	"cicd.pipeline.name" },
	{ "run_id",	"cicd.pipeline.run.id" },
	{ "build_id",	"cicd.pipeline.run.id" },
	{ "run_url",	"cicd.pipeline.run.url.full" },
	{ "build_url",	"cicd.pipeline.run.url.full" },
	{ "job",	"cicd.pipeline.task.name" },
	{ "job_id",	"cicd.pipeline.task.run.id" },
	{ "job_url",	"cicd.pipeline.task.run.url.full" },
	{ "runner",	"cicd.worker.name" },
	{ "repository",	"vcs.repository.name" },
	{ "repo",	"vcs.repository.name" },
	{ "repo_url",	"vcs.repository.url.full" },
	{ "branch",	"vcs.ref.head.name" },
	{ "ref",	"vcs.ref.head.name" },
	{ "commit",	"vcs.ref.head.revision" },
	{ "sha",	"vcs.ref.head.revision" },
	{ "pr",		"vcs.change.id" },
};

static const char *attribute_of(const char *tag)
{
	if (str_has_prefix(tag, "cicd.") || str_has_prefix(tag, "vcs."))
		return tag;
	for (size_t i = 0; i < ARRAY_SIZE(known_tags); i++)
		if (str_eq(known_tags[i].tag, tag))
			return known_tags[i].attribute;
	return NULL;
}

/* Keys are unique: of two tags that mean the same, the second one is a tag like any other. */
static bool is_taken(const struct run *r, size_t before, const char *attribute)
{
	for (size_t i = 0; i < before; i++) {
		const char *other = attribute_of(r->tags[i].name);

		if (other && str_eq(other, attribute))
			return true;
	}
	return false;
}

static bool came_before(const struct run *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(r->tags[i].name, r->tags[n].name))
			return true;
	return false;
}

static void add_tag(struct otlp *o, const struct run *r, size_t n)
{
	const char *attribute = attribute_of(r->tags[n].name);
	__free_str struct str key = {};

	if (came_before(r, n))
		return;
	if (!attribute || is_taken(r, n, attribute)) {
		str__adds(&key, "goenvbpf.tag.");
		attribute = r->tags[n].name;
	}
	text__safes(&key, attribute);
	otlp__str(o, key.s ?: "", r->tags[n].value);
}

static const char *arch_of(const struct run *r)
{
	if (!r->arch)
		return NULL;
	return str_eq(r->arch, "x86_64") ? "amd64" : str_eq(r->arch, "aarch64") ? "arm64" : r->arch;
}

static int make_resource(struct otlp *o)
{
	const struct run *r = model__run(o->job->m);

	o->epoch = run__epoch(r) > 0 ? run__epoch(r) : 0;
	json__init(&o->j, &o->resource);
	json__obj(&o->j);
	otlp__attributes(o);
	otlp__str(o, "service.name", "goenvbpf");
	otlp__str(o, "service.version", r->version);
	otlp__str(o, "host.name", r->host);
	otlp__str(o, "host.arch", arch_of(r));
	otlp__str(o, "os.type", "linux");
	otlp__str(o, "os.version", r->kernel);
	otlp__str(o, "goenvbpf.record", o->job->name);
	otlp__str(o, "goenvbpf.mode", r->mode);
	otlp__str(o, "goenvbpf.hooks", r->tier);
	for (size_t i = 0; i < r->tag_cnt && i < MAX_TAGS; i++)
		add_tag(o, r, i);
	json__end(&o->j);
	json__end(&o->j);
	return str__err(&o->resource);
}

/* --- accesses --- */

static uint64_t span_of_access(struct otlp *o, const struct rec *rec)
{
	const struct process *p;

	if (!rec->proc || rec->proc != o->last_proc) {
		p = otlp__owner(o->job->m, model__process_of(o->job->m, rec));
		o->last_proc = rec->proc;
		o->last_span = otlp__span_of(o, p ? p->proc : 0);
	}
	return o->last_span;
}

static void add_log_head(struct otlp *o, int64_t ts, unsigned int severity, const char *severity_text, const char *event)
{
	otlp__time(o, "timeUnixNano", ts);
	otlp__time(o, "observedTimeUnixNano", ts);
	json__kuint(&o->j, "severityNumber", severity);
	json__kstr(&o->j, "severityText", severity_text);
	json__kstr(&o->j, "eventName", event);
	otlp__trace(o);
}

static void add_body(struct otlp *o, const char *text)
{
	json__key(&o->j, "body");
	json__obj(&o->j);
	otlp__text(o, "stringValue", text);
	json__end(&o->j);
}

static int add_access(struct otlp *o, const struct rec *rec)
{
	const char *call = rec__str(rec, "call"), *second = rec__str(rec, "path2");
	bool has_failed = rec->err && !err__is_absent(rec->err);
	int err = otlp__item(o, OTLP_LOGS);

	if (err)
		return err;
	add_log_head(o, rec->ts, has_failed ? SEVERITY_NUMBER_WARN : SEVERITY_NUMBER_DEBUG,
		     has_failed ? "warning" : "debug", "goenvbpf.access");
	otlp__span(o, "spanId", span_of_access(o, rec));
	add_body(o, rec->path ?: "");
	otlp__attributes(o);
	otlp__str(o, "goenvbpf.kind", rec_kind__name(rec->kind));
	otlp__str(o, "goenvbpf.call", call);
	otlp__str(o, "file.path", rec->path);
	otlp__str(o, "goenvbpf.path2", second);
	otlp__str(o, "error.type", rec->err);
	otlp__uint(o, "process.pid", rec->pid);
	otlp__uint(o, "thread.id", rec->tid);
	json__end(&o->j);
	otlp__item_end(o);
	return 0;
}

static int record(void *state, const struct rec *rec)
{
	struct otlp *o = state;
	int err = o->resource.len ? 0 : make_resource(o);

	if (err)
		return err;
	otlp_ids__see(&o->ids, o->job->m, rec);
	if (!o->job->accesses || rec->ts < 0 || !kind__is_access(rec->kind))
		return 0;
	return add_access(o, rec);
}

/* --- findings --- */

static const unsigned int severities[] = {
	[SEVERITY_NOTE] = SEVERITY_NUMBER_INFO,
	[SEVERITY_WARNING] = SEVERITY_NUMBER_WARN,
	[SEVERITY_ERROR] = SEVERITY_NUMBER_ERROR,
};

static void add_finding_body(struct otlp *o, const struct finding *f)
{
	__free_str struct str text = {};

	str__addf(&text, "%s. %s", f->rule->title, f->subject ?: "");
	if (f->detail && *f->detail)
		str__addf(&text, ": %s", f->detail);
	add_body(o, text.s ?: "");
}

static int add_finding(struct otlp *o, const struct finding *f)
{
	const struct process *p = f->proc ? otlp__owner(o->job->m, model__process(o->job->m, f->proc)) : NULL;
	int64_t ts = f->proof.cnt ? f->proof.ts[0] : model__run(o->job->m)->last_ts;
	int err = otlp__item(o, OTLP_LOGS);

	if (err)
		return err;
	add_log_head(o, ts, severities[f->severity], severity__name(f->severity), "goenvbpf.finding");
	otlp__span(o, "spanId", otlp__span_of(o, p ? p->proc : 0));
	add_finding_body(o, f);
	otlp__attributes(o);
	otlp__str(o, "goenvbpf.rule", f->rule->id);
	otlp__str(o, "goenvbpf.severity", severity__name(f->severity));
	otlp__str(o, "goenvbpf.confidence", confidence__name(f->confidence));
	otlp__str(o, "goenvbpf.subject", f->subject);
	otlp__str(o, "goenvbpf.detail", f->detail);
	otlp__str(o, "goenvbpf.remedy", f->remedy);
	if (f->cnt)
		otlp__uint(o, "goenvbpf.also_in_commands", f->cnt);
	json__end(&o->j);
	otlp__item_end(o);
	return 0;
}

static int add_findings(struct otlp *o, const struct findings *f)
{
	int err = 0;

	for (const struct finding *x = findings__next(f, NULL); x && !err; x = findings__next(f, x))
		err = add_finding(o, x);
	return err;
}

static int end(void *state)
{
	struct otlp *o = state;
	__free_findings struct findings *found = rules__evaluate(o->job->m);
	int err = !found ? -ENOMEM : o->resource.len ? 0 : make_resource(o);

	if (err)
		return err;
	otlp_ids__decide(&o->ids, o->job->m);
	err = add_findings(o, found) ?: otlp__spans(o);
	if (!err && o->job->metrics)
		err = otlp__metrics(o, found);
	return err ?: otlp__flush(o);
}

const struct exporter export_otlp = {
	.takes_many = true,
	.takes_accesses = true,
	.takes_metrics = true,
	.begin = begin,
	.record = record,
	.end = end,
	.free = free_otlp,
};
