/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What several answers say alike, and the list of answers. */
#include "answers/buildinfo.h"
#include "answers/check.h"
#include "answers/diff.h"
#include "answers/doctor.h"
#include "answers/records.h"
#include "answers/env.h"
#include "answers/objects.h"
#include "answers/report.h"
#include "model/process.h"

PUBLIC_OBJECT(program, struct process, "Who did something.",
	F_ID("proc",		MUST, proc, "number of the program image in the record"),
	F_ID("pid",		MUST, pid, "its process"),
	F_STRING("name",	MAY, name, "of the tool or program"),
	F_STRING("exe",		MAY, exe, "its executable"))

struct value sure_value(struct answer *a, const void *data)
{
	return (struct value){ .u = PROVEN };
}

NEXT(next_arg, struct process, process__next_arg(o, item))

PUBLIC_OBJECT(process, struct process, "One program image of a process.",
	F_ID("proc",		MUST, proc, "number of the program image in the record"),
	F_ID("pid",		MUST, pid, "its process"),
	F_STRING_LIST("args",	MUST, next_arg, "its arguments"),
	F_BOOL("args_cut",	MAY, args_cut, "there were more arguments"),
	F_STRING("verb",	MAY, subject, "of a go command"),
	F_STRING("exe",		MAY, exe, "its executable"),
	F_STRING("cwd",		MAY, cwd, "where it worked when it started"))

static const struct answer_kind kinds[] = {
	{ "report", &report_object },
	{ "env", &env_object },
	{ "check", &check_object },
	{ "diff", &diff_object },
	{ "buildinfo", &buildinfo_object, &buildinfo_error_object },
	{ "doctor", &doctor_object },
	{ "records", &records_object },
};

const struct answer_kind *answer_kind__next(const struct answer_kind *k)
{
	k = k ? k + 1 : kinds;
	return k < kinds + ARRAY_SIZE(kinds) ? k : NULL;
}

const struct answer_kind *answer_kind__find(const char *name)
{
	for (const struct answer_kind *k = kinds; k; k = answer_kind__next(k))
		if (str_eq(k->name, name))
			return k;
	return NULL;
}
