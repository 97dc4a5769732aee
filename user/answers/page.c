/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The review page's data. */
#include <stdlib.h>

#include "answers/diff.h"
#include "answers/env.h"
#include "answers/objects.h"
#include "answers/page.h"
#include "answers/report.h"
#include "model/critical.h"
#include "model/process.h"
#include "rules/rules.h"

/* --- processes --- */

static const char *const ends[] = {
	[PROCESS_RUNS] = "runs",
	[PROCESS_EXITED] = "exited",
	[PROCESS_KILLED] = "killed",
	[PROCESS_REPLACED] = "replaced",
};

static const char *end_name(unsigned int end)
{
	return ends[end];
}

struct process_row {
	const struct process *p;
	char *label;
};

static const void *open_row(struct answer *a, const void *item)
{
	struct process_row *r = answer__own(a, calloc(1, sizeof(*r)), free);
	struct str label = {};

	if (!r)
		return NULL;
	r->p = item;
	process__label(item, &label);
	r->label = answer__own(a, str__steal(&label), free);
	return r->label ? r : NULL;
}

GET(row_process, struct process_row, p, o->p)
GET(row_label, struct process_row, s, o->label)
NEXT(next_arg, struct process, process__next_arg(o, item))

OBJECT(process_life, struct process, NULL,
	F_ID("proc",		MUST, proc, "number of the program image in the record"),
	F_ID("pid",		MUST, pid, "its process"),
	F_ID("parent",		MAY, parent, "proc of the process that started it"),
	F_ID("after",		MAY, prev, "proc of the program that ran in this process before"),
	F_ID("go",		MAY, go, "proc of the go command that it is or works for"),
	F_NAME("role",		MUST, role, tool_role__name, 0, TOOL_CNT, "what it is to a build"),
	F_STRING("exe",		MAY, exe, "its executable"),
	F_STRING_LIST("args",	MUST, next_arg, "its arguments"),
	F_BOOL("args_cut",	MAY, args_cut, "there were more arguments"),
	F_STRING("cwd",		MAY, cwd, "where it worked when it started"),
	F_STRING("package",	MAY, package, "the package that it works on"),
	F_BOOL("probe",		MAY, probe, "it was only asked for its version"),
	F_BOOL("program",	MAY, has_exec, "it began as a program; else as a copy of its parent"),
	F_BOOL("was_running",	MAY, was_running, "it ran when the record began"),
	F_TIME("start",		MAY, start, "when it started"),
	F_TIME("finish",	MAY, finish, "when it ended"),
	F_NAME("end",		MUST, end, end_name, 0, ARRAY_SIZE(ends), "how it ended"),
	F_INT("status",		MAY, status, "its exit status, or the signal that killed it"),
	F_COUNT("threads",	MUST, threads, "started beside the first one"),
	F_COUNT("accesses",	MUST, accesses, "accesses of paths"),
	F_COUNT("failed",	MUST, failed, "those that failed"))

OPENED_OBJECT(process_row, struct process_row, open_row, "A program image of a process, and its life.",
	F_GET("label",		FIELD_STRING, MUST, row_label, "what a person calls it"),
	F_GET_INLINE(MUST, row_process, process_life))

/* --- what a build waited for --- */

OBJECT(critical_step, struct critical_step, "A tool that a go command's duration rests on.",
	F_ID("proc",		MUST, proc, "of the tool"),
	F_ID("go",		MUST, go, "proc of the go command"))

/* --- all of it --- */

struct page_answer {
	const struct page_data *d;
	struct critical_step *steps;
	size_t step_cnt;
};

static const void *open_page(struct answer *a, const void *data)
{
	struct page_answer *p = answer__own(a, calloc(1, sizeof(*p)), free);

	if (!p)
		return NULL;
	p->d = data;
	a->err = critical__find(a->m, &p->steps, &p->step_cnt);
	return !a->err && answer__own(a, p->steps, free) ? p : NULL;
}

GET(tool_version, void, s, GOENVBPF_VERSION)
GET(whole, struct page_answer, p, o)
GET(name, struct page_answer, s, o->d->name)
GET(baseline, struct page_answer, s, o->d->baseline)
GET(difference, struct page_answer, p, o->d->diff)
NEXT(next_process, void, model__next_process(a->m, item))
NEXT(next_rule, void, rule__next(item))

PUBLIC_OPENED_OBJECT(page, struct page_answer, open_page, "What the review page shows.",
	F_GET("version",	FIELD_STRING, MUST, tool_version, "of goenvbpf that made the page"),
	F_GET("name",		FIELD_STRING, MUST, name, "of the record"),
	F_GET("baseline",	FIELD_STRING, MAY, baseline, "of the record that it is compared with"),
	F_GET_OBJECT("report",	MUST, whole, report, "the report, with every setting"),
	F_GET_OBJECT("diff",	MAY, difference, diff, "what changed since the baseline"),
	F_LIST("processes",	MUST, next_process, process_row, "in the order of their start"),
	F_ARRAY("critical",	MUST, steps, step_cnt, critical_step, "what go commands waited for, from the first tool to the last"),
	F_LIST("rules",		MUST, next_rule, rule, "what is looked for"))

int page__json(const struct model *m, const struct page_data *data, struct str *out)
{
	static const struct env_view choice = {};

	return answer__json(&(struct answer){ .m = m, .choice = &choice }, &page_object, data, out);
}
