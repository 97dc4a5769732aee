/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Spans: the record, and below it every program that was seen to start, go commands and their tools
 * among them, each under the program that started it.
 */
#include <errno.h>

#include "model/commands.h"
#include "model/counts.h"
#include "model/failures/failures.h"
#include "model/run.h"
#include "output/export/otlp.h"
#include "output/export/purpose.h"

#define KIND_INTERNAL 1
#define STATUS_OK 1
#define STATUS_ERROR 2

static void add_status(struct otlp *o, unsigned int code, const char *message)
{
	json__key(&o->j, "status");
	json__obj(&o->j);
	json__kuint(&o->j, "code", code);
	if (message)
		json__kstr(&o->j, "message", message);
	json__end(&o->j);
}

/* --- the record --- */

static void add_totals(struct otlp *o, const struct model *m, const struct run *r)
{
	const struct counts *c = model__counts(m);
	struct cache_total sum;

	otlp__bool(o, "goenvbpf.complete", run__is_complete(r));
	otlp__uint(o, "goenvbpf.lost", run__lost(r));
	otlp__uint(o, "goenvbpf.accesses", counts__accesses(c));
	otlp__uint(o, "goenvbpf.accesses.failed", counts__failed_accesses(c));
	if (!model__cache_total(m, &sum))
		return;
	otlp__uint(o, "goenvbpf.cache.hits", sum.hits);
	otlp__uint(o, "goenvbpf.cache.made", sum.made);
	otlp__int(o, "goenvbpf.cache.spent_ns", sum.spent_ns);
	otlp__int(o, "goenvbpf.cache.saved_ns", sum.saved_ns);
}

static int add_root(struct otlp *o)
{
	const struct run *r = model__run(o->job->m);
	uint64_t parent = 0;
	char message[40];
	int err = otlp__item(o, OTLP_SPANS);

	if (err)
		return err;
	for (size_t i = 0; i < OTLP_SPAN_SZ; i++)
		parent = parent << 8 | o->ids.parent[i];
	otlp__trace(o);
	otlp__span(o, "spanId", otlp__span_of(o, 0));
	if (o->ids.is_joined)
		otlp__span(o, "parentSpanId", parent);
	otlp__text(o, "name", r->mode && str_eq(r->mode, "run") ? "goenvbpf run" :
			      r->mode && str_eq(r->mode, "attach") ? "goenvbpf attach" : "goenvbpf watch");
	json__kuint(&o->j, "kind", KIND_INTERNAL);
	otlp__time(o, "startTimeUnixNano", 0);
	otlp__time(o, "endTimeUnixNano", run__last_moment(r));
	otlp__attributes(o);
	otlp__list(o, "process.command_args", r->command, r->command_cnt);
	otlp__int(o, "process.exit.code", r->status);
	add_totals(o, o->job->m, r);
	json__end(&o->j);
	snprintf(message, sizeof(message), "exit status %lld", (long long)r->status);
	if (r->status >= 0)
		add_status(o, r->status ? STATUS_ERROR : STATUS_OK, r->status ? message : NULL);
	otlp__item_end(o);
	return 0;
}

/* --- programs --- */

static void add_name(struct otlp *o, const struct process *p)
{
	__free_str struct str label = {};

	process__label(p, &label);
	otlp__text(o, "name", label.s && label.len ? label.s : "?");
}

static int add_process(struct otlp *o, const struct process *p)
{
	__free_mem const char **words = process__argv(p);
	const char *slash = p->exe ? strrchr(p->exe, '/') : NULL;

	if (!words)
		return -ENOMEM;
	otlp__uint(o, "process.pid", p->pid);
	if (p->ppid)
		otlp__uint(o, "process.parent_pid", p->ppid);
	otlp__str(o, "process.executable.path", p->exe);
	otlp__str(o, "process.executable.name", slash ? slash + 1 : p->exe);
	otlp__list(o, "process.command_args", words, p->arg_cnt);
	otlp__str(o, "process.working_directory", p->cwd);
	if (p->end == PROCESS_EXITED)
		otlp__int(o, "process.exit.code", p->status);
	else if (p->end == PROCESS_KILLED)
		otlp__int(o, "goenvbpf.signal", p->status);
	otlp__uint(o, "goenvbpf.proc", p->proc);
	otlp__str(o, "goenvbpf.role", tool_role__name(p->role));
	otlp__str(o, "goenvbpf.package", tool_role__is_go_tool(p->role) || p->package ? p->package ?: p->subject : NULL);
	if (p->probe)
		otlp__bool(o, "goenvbpf.probe", true);
	if (p->end == PROCESS_RUNS || p->end == PROCESS_REPLACED)
		otlp__str(o, "goenvbpf.end", p->end == PROCESS_RUNS ? "not seen" : "replaced");
	otlp__uint(o, "goenvbpf.accesses", p->accesses);
	otlp__uint(o, "goenvbpf.accesses.failed", p->failed);
	return 0;
}

static void add_command(struct otlp *o, const struct model *m, const struct go_command *c)
{
	struct cache_sum sum;

	otlp__str(o, "goenvbpf.go.version", go_command__version(m, c));
	if (!model__cache(m, c->p, &sum))
		return;
	otlp__uint(o, "goenvbpf.cache.hits", sum.by_kind[CACHE_PACKAGE][CACHE_HIT]);
	otlp__uint(o, "goenvbpf.cache.misses", sum.by_kind[CACHE_PACKAGE][CACHE_MISS]);
	otlp__uint(o, "goenvbpf.cache.put", sum.put);
	otlp__int(o, "goenvbpf.cache.spent_ns", sum.spent_ns);
	otlp__int(o, "goenvbpf.cache.saved_ns", sum.saved_ns);
}

static void add_purpose(struct otlp *o, const struct purpose *p)
{
	otlp__str(o, "goenvbpf.cache.kind", cache_kind__name(p->use.kind));
	otlp__str(o, "goenvbpf.cache.outcome", cache_outcome__name(p->use.outcome));
	otlp__str(o, "goenvbpf.cache.reason", p->use.reason);
	otlp__str(o, "goenvbpf.cache.package", p->use.package);
}

static void add_failure(struct otlp *o, const struct model *m, const struct process *p)
{
	struct failure f;

	if (!model__failure(m, p, &f))
		return;
	otlp__str(o, "goenvbpf.failure", reason__name(f.reason));
	otlp__list(o, "goenvbpf.failure.paths", f.paths, f.path_cnt);
	otlp__str(o, "error.type", f.err);
}

static void add_end(struct otlp *o, const struct process *p)
{
	char message[40];

	snprintf(message, sizeof(message), "%s %d", p->end == PROCESS_KILLED ? "killed by signal" : "exit status",
		 p->status);
	if (process__has_failed(p))
		add_status(o, STATUS_ERROR, message);
	else if (p->end == PROCESS_EXITED)
		add_status(o, STATUS_OK, NULL);
}

/* What has no end in the record ends with it; nothing begins or ends outside of it. */
static void add_times(struct otlp *o, const struct run *r, const struct process *p)
{
	int64_t last = run__last_moment(r), start = p->start < last ? p->start : last;

	otlp__time(o, "startTimeUnixNano", start);
	otlp__time(o, "endTimeUnixNano", p->finish >= start && p->finish <= last ? p->finish : last);
}

static int add_program(struct otlp *o, const struct process *p, struct purpose *purposes)
{
	const struct model *m = o->job->m;
	const struct process *parent = otlp__owner(m, p->parent < p->proc ? model__process(m, p->parent) : NULL);
	const struct purpose *purpose = hash_find(purposes, tool, &p->proc);
	const struct go_command *c = model__command(m, p->proc);
	int err = otlp__item(o, OTLP_SPANS);

	if (err)
		return err;
	otlp__trace(o);
	otlp__span(o, "spanId", otlp__span_of(o, p->proc));
	otlp__span(o, "parentSpanId", otlp__span_of(o, parent ? parent->proc : 0));
	add_name(o, p);
	json__kuint(&o->j, "kind", KIND_INTERNAL);
	add_times(o, model__run(m), p);
	otlp__attributes(o);
	err = add_process(o, p);
	if (c)
		add_command(o, m, c);
	if (purpose)
		add_purpose(o, purpose);
	add_failure(o, m, p);
	json__end(&o->j);
	add_end(o, p);
	otlp__item_end(o);
	return err;
}

int otlp__spans(struct otlp *o)
{
	const struct model *m = o->job->m;
	struct purpose *purposes = NULL;
	int err = purposes__find(m, &purposes) ?: add_root(o);

	for (const struct process *p = model__next_process(m, NULL); p && !err; p = model__next_process(m, p))
		if (otlp__has_span(p))
			err = add_program(o, p, purposes);
	hash_free(&purposes, free);
	return err;
}
