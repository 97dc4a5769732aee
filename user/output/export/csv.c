/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Accesses and the lives of processes as RFC 4180 has it, a line of the record each, as they come. A
 * field that a spreadsheet would take for a formula begins with an apostrophe.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/process.h"
#include "output/export/export.h"
#include "output/text.h"

struct csv {
	const struct export_job *job;
	struct str out;
};

static void *begin(const struct export_job *job)
{
	struct csv *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->job = job;
	if (!job->nth)
		str__adds(&c->out, "ts,pid,tid,proc,process,kind,call,path,path2,err,record\r\n");
	return c;
}

static void free_csv(void *state)
{
	struct csv *c = state;

	if (c)
		str__free(&c->out);
	free(c);
}

static void add_field(struct str *out, const char *text)
{
	__free_str struct str safe = {};

	str__addc(out, ',');
	if (!text || !*text)
		return;
	text__safes(&safe, text);
	str__addc(out, '"');
	if (strchr("=+-@", *text))
		str__addc(out, '\'');
	for (const char *s = safe.s ?: ""; *s; s++) {
		if (*s == '"')
			str__addc(out, '"');
		str__addc(out, *s);
	}
	str__addc(out, '"');
}

static int record(void *state, const struct rec *rec)
{
	const struct process *p = model__process_of(((struct csv *)state)->job->m, rec);
	struct csv *c = state;
	__free_str struct str label = {};

	if (rec->ts < 0 || rec->kind == REC_UNKNOWN || rec->kind == REC_HEADER || rec->kind == REC_END)
		return 0;
	if (p)
		process__label(p, &label);
	str__addf(&c->out, "%lld,%u,%u,%llu", (long long)rec->ts, rec->pid, rec->tid, (unsigned long long)rec->proc);
	add_field(&c->out, label.s);
	add_field(&c->out, rec_kind__name(rec->kind));
	add_field(&c->out, rec__str(rec, "call"));
	add_field(&c->out, rec->path ?: rec__str(rec, "exe"));
	add_field(&c->out, rec__str(rec, "path2"));
	add_field(&c->out, rec->err);
	add_field(&c->out, c->job->name);
	str__adds(&c->out, "\r\n");
	return export_job__flush_if_long(c->job, &c->out);
}

static int end(void *state)
{
	struct csv *c = state;

	return export_job__flush(c->job, &c->out);
}

const struct exporter export_csv = {
	.takes_many = true,
	.begin = begin,
	.record = record,
	.end = end,
	.free = free_csv,
};
