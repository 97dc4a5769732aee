/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The report as data: the record as a whole; its parts are in files of their own. */
#include <errno.h>

#include "answers/env.h"
#include "answers/objects.h"
#include "answers/report.h"
#include "model/counts.h"
#include "model/process.h"
#include "model/run.h"

/* --- whether it is all --- */

#define THIS struct loss
static const struct field loss_fields[] = {
	F_STRING("what",	MUST, what, "kind of events"),
	F_COUNT("count",	MUST, count, "how many"),
	F_TIME("since",		MAY, since, "they are later than this,"),
	F_TIME("ts",		MAY, ts, "and earlier than this"),
	{ }
};
#undef THIS

static const struct object loss_object = {
	.name = "loss", .meaning = "Events that were lost, at one place in time.", .fields = loss_fields,
};

#define THIS struct partial
static const struct field partial_fields[] = {
	F_STRING("name",	MUST, name, "the fact that was only partly known"),
	F_COUNT("count",	MUST, count, "lines of the record that say so"),
	{ }
};
#undef THIS

static const struct object partial_object = { .fields = partial_fields };

static const char *exe_of(const struct process *p)
{
	return p ? p->exe : NULL;
}

GET(blind_exe, struct blind, s, exe_of(model__process(a->m, o->proc)))

#define THIS struct blind
static const struct field blind_fields[] = {
	F_STRING("what",	MUST, what, "by which means"),
	F_ID("proc",		MAY, proc, "number of the program image"),
	F_ID("pid",		MAY, pid, "its process"),
	F_GET("exe",		FIELD_STRING, MAY, blind_exe, "its executable"),
	F_TIME("ts",		MAY, ts, "from here on, at the latest"),
	F_BOOL("adopted",	MAY, was_before, "it could so before it was followed"),
	{ }
};
#undef THIS

static const struct object blind_object = {
	.name = "blind", .meaning = "A process that could access files unseen.", .fields = blind_fields,
};

/* --- the record --- */

#define THIS struct tag
static const struct field tag_fields[] = {
	F_STRING("name",	MUST, name, "of the tag"),
	F_STRING("value",	MUST, value, "as it was given to --tag"),
	{ }
};
#undef THIS

static const struct object tag_object = { .fields = tag_fields };

#define THIS struct run
static const struct field record_fields[] = {
	F_STRING("schema",	MAY, schema, "of the record's lines"),
	F_STRING("version",	MAY, version, "of goenvbpf that wrote it"),
	F_STRING("start",	MAY, start, "RFC 3339"),
	F_STRING("mode",	MAY, mode, "run, attach or watch"),
	F_STRING("tier",	MAY, tier, "way of hooking into the kernel"),
	F_STRING("host",	MAY, host, "name of the host"),
	F_STRING("kernel",	MAY, kernel, "its kernel's version"),
	F_STRING("arch",	MAY, arch, "its architecture"),
	F_STRINGS("command",	MUST, command, command_cnt, "that was run"),
	F_ARRAY_MAP("tags",	MUST, tags, tag_cnt, &tag_object, "what --tag said"),
	F_DURATION("duration_ns", MUST, duration, "of the record"),
	F_INT("status",		MAY, status, "exit status of the command"),
	{ }
};

static const struct object record_object = {
	.name = "record", .meaning = "What was observed, where and how.", .fields = record_fields,
};

GET(is_complete, struct run, b, run__is_complete(o))
GET(lost, struct run, u, run__lost(o))
GET(record, struct run, p, o)

static const struct field run_fields[] = {
	F_GET("complete",	FIELD_BOOL, MUST, is_complete, "all was seen, and all of it is here"),
	F_BOOL("cut",		MUST, cut, "the record stops without an end"),
	F_COUNT("bad_lines",	MUST, bad_lines, "lines that could not be read"),
	F_GET("lost",		FIELD_COUNT, MUST, lost, "events known to be missing"),
	F_ARRAY("losses",	MUST, losses, loss_cnt, &loss_object, "where they are missing"),
	F_COUNT("losses_omitted", MUST, losses_cut, "further such places"),
	F_ARRAY_MAP("incomplete", MUST, partials, partial_cnt, &partial_object, "facts that are only partly known"),
	F_ARRAY("blind",	MUST, blinds, blind_cnt, &blind_object, "processes that could access files unseen"),
	F_COUNT("blind_omitted", MUST, blinds_cut, "lines of further such processes"),
	F_GET_OBJECT("record",	MUST, record, &record_object, "what was observed"),
	{ }
};
#undef THIS

static const struct object run_object = { .fields = run_fields };

/* --- its lines --- */

#define THIS struct error_count
static const struct field error_fields[] = {
	F_STRING("err",		MUST, err, "name of the error"),
	F_COUNT("count",	MUST, count, "accesses that ended so"),
	{ }
};
#undef THIS

static const struct object error_object = { .fields = error_fields };

GET(all_accesses, struct counts, u, counts__accesses(o))
GET(failed_accesses, struct counts, u, counts__failed_accesses(o))
GET(accesses, struct counts, p, o)

#define THIS struct counts
static const struct field access_fields[] = {
	F_GET("all",		FIELD_COUNT, MUST, all_accesses, "accesses of paths"),
	F_GET("failed",		FIELD_COUNT, MUST, failed_accesses, "those that failed"),
	F_ARRAY_MAP("errors",	MUST, errors, error_cnt, &error_object, "by error"),
	{ }
};

static const struct object access_object = {
	.name = "accesses", .meaning = "How paths were accessed.", .fields = access_fields,
};

static const struct field counts_fields[] = {
	F_TABLE("events",	MUST, by_kind, FIELD_COUNT, rec_kind__name, REC_UNKNOWN + 1, REC_CNT, "lines by kind"),
	F_COUNT("unknown",	MUST, unknown, "lines of kinds that this version does not know"),
	F_GET_OBJECT("accesses", MUST, accesses, &access_object, "accesses of paths, in all"),
	{ }
};
#undef THIS

static const struct object counts_object = { .fields = counts_fields };

/* --- all of it --- */

struct report {
	const struct run *run;
	const struct counts *counts;
	uint64_t roles[TOOL_CNT], probes;
};

static const void *open_report(struct answer *a, const void *data)
{
	struct report *r = answer__own(a, calloc(1, sizeof(*r)), free);

	if (!r)
		return NULL;
	r->run = model__run(a->m);
	r->counts = model__counts(a->m);
	for (const struct process *p = model__next_process(a->m, NULL); p; p = model__next_process(a->m, p)) {
		if (p->has_exec && p->probe)
			r->probes++;
		else if (p->has_exec)
			r->roles[p->role]++;
	}
	return r;
}

NEXT(next_command, void, model__next_command(a->m, item))
/* Until there are rules, nothing is found, and that is said below. */
NEXT(next_finding, void, NULL)
NEXT(next_not_evaluated, void, item ? NULL : "findings")
GET(whole, struct report, p, o)

#define THIS struct report
static const struct field report_fields[] = {
	F_INLINE_POINTER(run, &run_object),
	F_LIST("commands",	MUST, next_command, &command_object, "the go commands, in the order of their start"),
	ROLES("roles",		roles, "programs that ran, by role"),
	F_COUNT("probes",	MUST, probes, "those that were only asked for their version"),
	F_INLINE_POINTER(counts, &counts_object),
	F_GET_INLINE(MUST, whole, &toolchains_part),
	F_GET_INLINE(MUST, whole, &search_part),
	F_GET_INLINE(MUST, whole, &modules_part),
	F_GET_INLINE(MUST, whole, &tests_part),
	F_GET_INLINE(MUST, whole, &programs_part),
	F_STRING_LIST("findings", MUST, next_finding, "what is worth to be mended"),
	F_STRING_LIST("not_evaluated", MUST, next_not_evaluated, "what this answer does not tell"),
	{ }
};
#undef THIS

const struct object report_object = {
	.name = "report", .meaning = "All that a record tells.", .fields = report_fields, .open = open_report,
};

int report__json(const struct model *m, struct str *out)
{
	static const struct env_view choice = { .changed = true };

	return answer__json(&(struct answer){ .m = m, .choice = &choice }, &report_object, NULL, out);
}
