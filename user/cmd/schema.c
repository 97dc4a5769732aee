/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf schema: the JSON Schema of record lines. */
#include <getopt.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "record/schema.h"
#include "util/log.h"

static int run(int argc, char **argv)
{
	const char *text;
	size_t len;

	if (getopt(argc, argv, "+") != -1)
		return EXIT_USAGE;	/* getopt has said what is wrong */
	if (optind < argc)
		return usage_error(&verb_schema, "unexpected argument '%s'", argv[optind]);
	text = schema__text(&len);
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout)) {
		log_error("cannot write the schema to standard output: %m");
		return EXIT_FAILED;
	}
	return EXIT_FINE;
}

const struct verb verb_schema = {
	.name = "schema",
	.synopsis = "schema",
	.summary = "print the JSON Schema of record lines",
	.details = "Each line of a record is one JSON object; the schema (draft 2020-12) describes every kind.\n"
		   "It is strict: a key that it does not name is not written by this version.\n"
		   "\n"
		   "Example:\n"
		   "  goenvbpf schema > schema.json\n",
	.run = run,
};
