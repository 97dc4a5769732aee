/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf schema: the JSON Schema of record lines. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "record/schema.h"
#include "util/log.h"

static int schema(const struct call *call)
{
	const char *text;
	size_t len;

	text = schema__text(&len);
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout)) {
		log_error("cannot write the schema to standard output: %m");
		return EXIT_FAILED;
	}
	return EXIT_FINE;
}

const struct verb verb_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of record lines",
	.details =
"Each line of a record is one JSON object; the schema (draft 2020-12) describes every kind. It is "
"strict: a key that it does not name is not written by this version.\n"
"\n"
"Example:\n"
"  goenvbpf schema > schema.json",
	.run = schema,
};
