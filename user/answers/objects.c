/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What several answers say alike, and the list of answers. */
#include "answers/buildinfo.h"
#include "answers/doctor.h"
#include "answers/env.h"
#include "answers/objects.h"
#include "answers/report.h"
#include "model/process.h"

#define THIS struct process
static const struct field program_fields[] = {
	F_ID("proc",		MUST, proc, "number of the program image in the record"),
	F_ID("pid",		MUST, pid, "its process"),
	F_STRING("name",	MAY, name, "of the tool or program"),
	F_STRING("exe",		MAY, exe, "its executable"),
	{ }
};
#undef THIS

const struct object program_object = {
	.name = "program", .meaning = "Who did something.", .fields = program_fields,
};

struct value sure_value(struct answer *a, const void *data)
{
	return (struct value){ .u = PROVEN };
}

NEXT(next_arg, struct process, process__next_arg(o, item))

#define THIS struct process
static const struct field process_fields[] = {
	F_ID("proc",		MUST, proc, "number of the program image in the record"),
	F_ID("pid",		MUST, pid, "its process"),
	F_STRING_LIST("args",	MUST, next_arg, "its arguments"),
	F_BOOL("args_cut",	MAY, args_cut, "there were more arguments"),
	F_STRING("verb",	MAY, subject, "of a go command"),
	F_STRING("exe",		MAY, exe, "its executable"),
	F_STRING("cwd",		MAY, cwd, "where it worked when it started"),
	{ }
};
#undef THIS

const struct object process_object = {
	.name = "process", .meaning = "One program image of a process.", .fields = process_fields,
};

static const struct answer_kind kinds[] = {
	{ "report", &report_object },
	{ "env", &env_object },
	{ "buildinfo", &buildinfo_object, &buildinfo_error_object },
	{ "doctor", &doctor_object },
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
