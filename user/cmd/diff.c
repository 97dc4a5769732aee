/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf diff OLD NEW */
#include <stdio.h>

#include "answers/diff.h"
#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/diff.h"
#include "output/text.h"
#include "util/log.h"

struct diff_options {
	const char *package;
	bool json;
};

static int print(const struct call *call, const struct causes *c)
{
	const struct diff_options *o = call->options;
	__free_str struct str out = {};
	int err = o->json ? diff__json(c, &out) :
			    diff__text(c, call->operands[0], call->operands[1], text__wants_color(stdout), &out);

	return err ?: print_answer(&out, stdout);
}

static int diff(const struct call *call)
{
	const struct diff_options *o = call->options;
	struct causes_choice choice = { .package = o->package };
	__free_model struct model *old = NULL, *new = NULL;
	__free_causes struct causes *c = NULL;
	int err, status = read_model(call->operands[0], call->operands[0], MODEL_ALL, &old);

	if (!status)
		status = read_model(call->operands[1], call->operands[1], MODEL_ALL, &new);
	if (status)
		return status;
	err = causes__find(old, new, &choice, &c) ?: print(call, c);
	if (!err)
		return EXIT_FINE;
	log_error("diff of '%s' and '%s' stopped: %s", call->operands[0], call->operands[1], strerror(-err));
	return EXIT_FAILED;
}

static const struct option_row rows[] = {
	{ "package", OPT_TEXT(struct diff_options, package), .arg = "PATTERN",
	  .help = "only packages whose import path fits (* stands for anything)" },
	{ "json", OPT_FLAG(struct diff_options, json), .help = "one JSON object instead of a page" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_diff = {
	.name = "diff",
	.operands = "OLD NEW",
	.min_operands = 2,
	.max_operands = 2,
	.groups = { &group },
	.options_sz = sizeof(struct diff_options),
	.summary = "what changed between two runs, what that rebuilt, and why",
	.details = "OLD and NEW are records written by goenvbpf, plain, gzip or zstd.",
	.notes =
"Packages that NEW built are traced to the ones whose own inputs differ from OLD: files, flags, "
"variables, the toolchain, the folder, what is stamped into programs; or to what became of the build "
"cache. All others were built because of those.\n"
"\n"
"A cause is proven when the keys that go looked up in both runs follow from the inputs that the "
"records have, so that nothing else can have changed; else likely. What cannot be known is called "
"unknown, with what would tell. Hashes of sources are needed (no --no-hash).",
	.run = diff,
};
