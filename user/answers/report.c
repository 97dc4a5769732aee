/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The report as data: the record as a whole; its parts are in files of their own. */
#include <errno.h>

#include "answers/env.h"
#include "answers/failures.h"
#include "answers/objects.h"
#include "answers/report.h"
#include "model/cache/cache.h"
#include "model/counts.h"
#include "model/process.h"
#include "model/run.h"
#include "rules/rules.h"

/* --- whether it is all --- */

OBJECT(loss, struct loss, "Events that were lost, at one place in time.",
	F_STRING("what",	MUST, what, "kind of events"),
	F_COUNT("count",	MUST, count, "how many"),
	F_TIME("since",		MAY, since, "they are later than this,"),
	F_TIME("ts",		MAY, ts, "and earlier than this"))

OBJECT(partial, struct partial, NULL,
	F_STRING("name",	MUST, name, "the fact that was only partly known"),
	F_COUNT("count",	MUST, count, "lines of the record that say so"))

static const char *exe_of(const struct process *p)
{
	return p ? p->exe : NULL;
}

GET(blind_exe, struct blind, s, exe_of(model__process(a->m, o->proc)))

OBJECT(blind, struct blind, "A process that could access files unseen.",
	F_STRING("what",	MUST, what, "by which means"),
	F_ID("proc",		MAY, proc, "number of the program image"),
	F_ID("pid",		MAY, pid, "its process"),
	F_GET("exe",		FIELD_STRING, MAY, blind_exe, "its executable"),
	F_TIME("ts",		MAY, ts, "from here on, at the latest"),
	F_BOOL("adopted",	MAY, was_before, "it could so before it was followed"))

GET(alive_exe, struct alive_process, s, exe_of(model__process(a->m, o->proc)))

OBJECT(alive, struct alive_process, "A process that had not ended.",
	F_ID("proc",		MUST, proc, "number of the program image"),
	F_ID("pid",		MUST, pid, "its process"),
	F_GET("exe",		FIELD_STRING, MAY, alive_exe, "its executable"))

/* --- the record --- */

OBJECT(tag, struct tag, NULL,
	F_STRING("name",	MUST, name, "of the tag"),
	F_STRING("value",	MUST, value, "as it was given to --tag"))

OBJECT(missing, struct missing, "A capability that the observer did not have.",
	F_STRING("name",	MUST, name, "of the capability"),
	F_STRING("without",	MUST, without, "what is not known for want of it"))

OBJECT(record, struct run, "What was observed, where and how.",
	F_STRING("schema",	MAY, schema, "of the record's lines"),
	F_STRING("version",	MAY, version, "of goenvbpf that wrote it"),
	F_STRING("start",	MAY, start, "RFC 3339"),
	F_STRING("mode",	MAY, mode, "run, attach or watch"),
	F_STRING("tier",	MAY, tier, "way of hooking into the kernel"),
	F_STRING("host",	MAY, host, "name of the host"),
	F_STRING("kernel",	MAY, kernel, "its kernel's version"),
	F_STRING("arch",	MAY, arch, "its architecture"),
	F_STRINGS("command",	MUST, command, command_cnt, "that was run"),
	F_ARRAY_MAP("tags",	MUST, tags, tag_cnt, tag, "what --tag said"),
	F_ARRAY("missing",	MAY, missing, missing_cnt, missing, "capabilities that the observer did not have"),
	F_DURATION("duration_ns", MUST, duration, "of the record"),
	F_INT("status",		MAY, status, "exit status of the command"))

GET(is_complete, struct run, b, run__is_complete(o))
GET(lost, struct run, u, run__lost(o))
GET(record, struct run, p, o)

OBJECT(run, struct run, NULL,
	F_GET("complete",	FIELD_BOOL, MUST, is_complete, "all was seen, and all of it is here"),
	F_BOOL("cut",		MUST, cut, "the record stops without an end"),
	F_COUNT("bad_lines",	MUST, bad_lines, "lines that could not be read"),
	F_GET("lost",		FIELD_COUNT, MUST, lost, "events known to be missing"),
	F_ARRAY("losses",	MUST, losses, loss_cnt, loss, "where they are missing"),
	F_COUNT("losses_omitted", MUST, losses_cut, "further such places"),
	F_ARRAY_MAP("incomplete", MUST, partials, partial_cnt, partial, "facts that are only partly known"),
	F_ARRAY("blind",	MUST, blinds, blind_cnt, blind, "processes that could access files unseen"),
	F_ARRAY("alive",	MUST, alive, alive_cnt, alive, "processes that had not ended when the record did"),
	F_COUNT("alive_omitted", MUST, alive_omitted, "further such processes"),
	F_COUNT("blind_omitted", MUST, blinds_cut, "lines of further such processes"),
	F_GET_OBJECT("record",	MUST, record, record, "what was observed"))

/* --- its lines --- */

OBJECT(error, struct error_count, NULL,
	F_STRING("err",		MUST, err, "name of the error"),
	F_COUNT("count",	MUST, count, "accesses that ended so"))

GET(all_accesses, struct counts, u, counts__accesses(o))
GET(failed_accesses, struct counts, u, counts__failed_accesses(o))
GET(accesses, struct counts, p, o)

OBJECT(accesses, struct counts, "How paths were accessed.",
	F_GET("all",		FIELD_COUNT, MUST, all_accesses, "accesses of paths"),
	F_GET("failed",		FIELD_COUNT, MUST, failed_accesses, "those that failed"),
	F_ARRAY_MAP("errors",	MUST, errors, error_cnt, error, "by error"))

OBJECT(counts, struct counts, NULL,
	F_TABLE("events",	MUST, by_kind, FIELD_COUNT, rec_kind__name, REC_UNKNOWN + 1, REC_CNT, "lines by kind"),
	F_COUNT("unknown",	MUST, unknown, "lines of kinds that this version does not know"),
	F_GET_OBJECT("accesses", MUST, accesses, accesses, "accesses of paths, in all"))

/* --- all of it --- */

OBJECT(cache_total, struct cache_total, "What all go commands did with packages.",
	F_COUNT("hit",		MUST, hits, "packages that were there"),
	F_COUNT("made",		MUST, made, "packages that were compiled or linked"),
	F_DURATION("spent_ns",	MUST, spent_ns, "sum of the times of all tools that made packages"),
	F_DURATION("saved_ns",	MUST, saved_ns, "what hits took elsewhere in this record"))

struct report {
	struct cache_total cache;
	bool has_cache;
	const struct run *run;
	const struct counts *counts;
	uint64_t roles[TOOL_CNT], probes;
	const struct findings *findings;
	const struct told_failures *failures;
};

static void free_findings(void *f)
{
	findings__free(f);
}

static void free_failures(void *t)
{
	told_failures__free(t);
}

static const void *open_report(struct answer *a, const void *data)
{
	struct report *r = answer__own(a, calloc(1, sizeof(*r)), free);

	if (!r)
		return NULL;
	r->findings = answer__own(a, rules__evaluate(a->m), free_findings);
	if (!r->findings)
		return NULL;
	r->failures = answer__own(a, failures__tell(a->m, r->findings), free_failures);
	if (!r->failures)
		return NULL;
	r->run = model__run(a->m);
	r->counts = model__counts(a->m);
	r->has_cache = model__cache_total(a->m, &r->cache);
	for (const struct process *p = model__next_process(a->m, NULL); p; p = model__next_process(a->m, p)) {
		if (p->has_exec && p->probe)
			r->probes++;
		else if (p->has_exec)
			r->roles[p->role]++;
	}
	return r;
}

NEXT(next_command, void, model__next_command(a->m, item))
static const void *next_failure(struct answer *a, const void *data, const void *item)
{
	const struct told_failures *t = ((const struct report *)data)->failures;
	const struct told_failure *next = item ? (const struct told_failure *)item + 1 : t->list;

	return next < t->list + t->cnt ? next : NULL;
}

NEXT(next_finding, struct report, findings__next(o->findings, item))
NEXT(next_not_evaluated, struct report, findings__next_open(o->findings, item))
GET(whole, struct report, p, o)
GET(cache, struct report, p, o->has_cache ? &o->cache : NULL)

PUBLIC_OPENED_OBJECT(report, struct report, open_report, "All that a record tells.",
	F_INLINE_POINTER(run, run),
	F_LIST("commands",	MUST, next_command, command, "the go commands, in the order of their start"),
	F_GET_OBJECT("cache",	MAY, cache, cache_total, "what they did with packages, in all"),
	ROLES("roles",		roles, "programs that ran, by role"),
	F_COUNT("probes",	MUST, probes, "those that were only asked for their version"),
	F_INLINE_POINTER(counts, counts),
	F_GET_INLINE(MUST, whole, toolchains_part),
	F_GET_INLINE(MUST, whole, search_part),
	F_GET_INLINE(MUST, whole, modules_part),
	F_GET_INLINE(MUST, whole, tests_part),
	F_GET_INLINE(MUST, whole, programs_part),
	F_GET_INLINE(MUST, whole, effects_part),
	F_LIST("failed",	MUST, next_failure, failed, "programs that failed, by the order of their start"),
	F_LIST("findings",	MUST, next_finding, finding, "what is worth to be mended"),
	F_LIST("not_evaluated",	MUST, next_not_evaluated, not_evaluated, "rules of which nothing can be said"))

int report__json(const struct model *m, struct str *out)
{
	static const struct env_view choice = { .changed = true };

	return answer__json(&(struct answer){ .m = m, .choice = &choice }, &report_object, NULL, out);
}
