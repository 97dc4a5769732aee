/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf schema: the JSON Schema of record lines, or of what a verb says with --json. */
#include <stdio.h>

#include "answers/answer.h"
#include "cmd/cmd.h"
#include "cmd/read.h"
#include "record/schema.h"
#include "rules/policy.h"
#include "util/log.h"

static int no_such_answer(const char *name)
{
	__free_str struct str names = {};

	for (const struct answer_kind *k = answer_kind__next(NULL); k; k = answer_kind__next(k))
		str__addf(&names, "%s%s", names.len ? ", " : "", k->name);
	str__adds(&names, ", policy");
	return usage_error(&verb_schema, "no answer is called '%s'; there are: %s", name, names.s ?: "");
}

static int schema(const struct call *call)
{
	const char *answer = call->operands[0], *text;
	const struct answer_kind *kind;
	__free_str struct str out = {};
	size_t len;
	int err = 0;

	if (answer && str_eq(answer, "policy")) {
		text = policy__schema(&len);
		str__add(&out, text, len);
	} else if (answer) {
		kind = answer_kind__find(answer);
		if (!kind)
			return no_such_answer(answer);
		err = answer__schema(kind, &out);
	} else {
		text = schema__text(&len);
		str__add(&out, text, len);
	}
	err = err ?: print_answer(&out, stdout);
	if (!err)
		return EXIT_FINE;
	log_error("cannot write the schema to standard output: %s", strerror(-err));
	return EXIT_FAILED;
}

const struct verb verb_schema = {
	.name = "schema",
	.operands = "[ANSWER]",
	.max_operands = 1,
	.summary = "print the JSON Schema of record lines, or of a verb's --json",
	.details =
"Each line of a record is one JSON object; the schema (draft 2020-12) describes every kind. With "
"ANSWER, the name of a verb that has --json, it describes what that verb says instead; with policy, the "
"file that check --policy takes. Schemas are "
"strict: a key that they do not name is not written by this version.\n"
"\n"
"Examples:\n"
"  goenvbpf schema > record.schema.json\n"
"  goenvbpf schema env > env.schema.json",
	.run = schema,
};
