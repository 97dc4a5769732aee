/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The records of a folder, each in a few words. */
#include <stdlib.h>

#include "answers/records.h"
#include "model/commands.h"
#include "model/process.h"
#include "model/run.h"

static const char *const outcomes[OUTCOME_CNT] = {
#define X(id, name) [OUTCOME_##id] = name,
	OUTCOME_LIST(X)
#undef X
};

const char *outcome__name(unsigned int outcome)
{
	return outcome < OUTCOME_CNT ? outcomes[outcome] : NULL;
}

PUBLIC_OBJECT(record_entry, struct record_entry, "A record.",
	F_STRING("file",	MUST, file, "its name in the folder"),
	F_STRING("job",		OR_NULL, job, "the job, by the record's tag"),
	F_STRING("host",	OR_NULL, host, "where it was made"),
	F_STRING("start",	OR_NULL, start, "when it began"),
	F_STRING("continues",	MAY, continues, "the record of the same job before this one"),
	F_NAME("outcome",	MUST, outcome, outcome__name, 0, OUTCOME_CNT,
	       "failed: the command, or a go command, did; unfinished: it goes on, or was cut short"),
	F_DURATION("duration",	MUST, duration, "of the record"),
	F_SIZE("bytes",		MUST, bytes, "the file's size"),
	{ F_AT("written",	FIELD_EPOCH, MUST, 0, written, "when the file was last written to") },
	F_COUNT("commands",	MUST, commands, "go commands"),
	F_COUNT("errors",	MUST, errors, "findings that are errors"),
	F_COUNT("warnings",	MUST, warnings, "findings that are warnings"),
	F_COUNT("notes",	MUST, notes, "findings that are notes"),
	F_BOOL("complete",	MUST, is_complete, "all was seen and all of it is there"),
	F_STRING("version",	MUST, version, "of the goenvbpf that has read it"))

PUBLIC_OBJECT(records, struct record_list, "The records of a folder.",
	F_ARRAY("records",	MUST, v, cnt, record_entry, "the latest first"))

static bool has_failed(const struct model *m)
{
	const struct go_command *c = NULL;

	if (model__run(m)->status > 0)
		return true;
	while ((c = model__next_command(m, c)))
		if (process__has_failed(c->p))
			return true;
	return false;
}

enum outcome outcome__of(const struct model *m)
{
	return !model__run(m)->has_end ? OUTCOME_UNFINISHED : has_failed(m) ? OUTCOME_FAILED : OUTCOME_OK;
}

void record_entry__fill(struct record_entry *e, const struct model *m, const struct verdict *v)
{
	const struct run *r = model__run(m);
	const struct go_command *c = NULL;

	e->job = run__tag(r, "job");
	e->continues = run__tag(r, "job_continues");
	e->host = r->host;
	e->start = r->start;
	e->duration = r->duration;
	e->outcome = outcome__of(m);
	e->is_complete = run__is_complete(r);
	while ((c = model__next_command(m, c)))
		e->commands++;
	e->errors = v->by_severity[SEVERITY_ERROR];
	e->warnings = v->by_severity[SEVERITY_WARNING];
	e->notes = v->by_severity[SEVERITY_NOTE];
	e->version = GOENVBPF_VERSION;
}

/* Numbers above 2^53 are strings. */
static uint64_t number(const struct jsonv *line, const char *key)
{
	const struct jsonv *v = jsonv__get(line, key);
	const char *text = jsonv__string(v);

	return text ? strtoull(text, NULL, 10) : (uint64_t)jsonv__int(v, 0);
}

bool record_entry__parse(struct record_entry *e, const struct jsonv *line)
{
	const char *outcome = jsonv__string(jsonv__get(line, "outcome"));

	*e = (struct record_entry){
		.file = jsonv__string(jsonv__get(line, "file")),
		.job = jsonv__string(jsonv__get(line, "job")),
		.host = jsonv__string(jsonv__get(line, "host")),
		.start = jsonv__string(jsonv__get(line, "start")),
		.continues = jsonv__string(jsonv__get(line, "continues")),
		.version = jsonv__string(jsonv__get(line, "version")),
		.duration = (int64_t)number(line, "duration"),
		.bytes = number(line, "bytes"),
		.written = (int64_t)number(line, "written"),
		.commands = number(line, "commands"),
		.errors = number(line, "errors"),
		.warnings = number(line, "warnings"),
		.notes = number(line, "notes"),
		.is_complete = jsonv__bool(jsonv__get(line, "complete"), false),
	};
	while (e->outcome < OUTCOME_CNT && !str_eq(outcomes[e->outcome], outcome ?: ""))
		e->outcome++;
	return e->file && e->version && e->outcome < OUTCOME_CNT;
}
