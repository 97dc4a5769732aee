/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf diff OLD NEW */
#include <pthread.h>
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

static int print(const struct call *call, const struct diff_answer *d)
{
	const struct diff_options *o = call->options;
	__free_str struct str out = {};
	int err = o->json ? diff__json(d, &out) :
			    diff__text(d, call->operands[0], call->operands[1], text__wants_color(stdout),
				       text__columns(stdout), &out);

	return err ?: print_answer(&out, stdout);
}

/* Each in a thread of its own: that is most of the work. */
struct reading {
	const char *path;
	struct model *m;
	int status;
};

static void *read_one(void *ctx)
{
	struct reading *r = ctx;

	r->status = read_model(r->path, r->path, MODEL_ALL, &r->m);
	return NULL;
}

static int read_both(const struct call *call, struct model **ret_old, struct model **ret_new)
{
	struct reading old = { .path = call->operands[0] }, new = { .path = call->operands[1] };
	pthread_t thread;
	bool has_thread = !pthread_create(&thread, NULL, read_one, &old);

	if (!has_thread)
		read_one(&old);
	read_one(&new);
	if (has_thread)
		pthread_join(thread, NULL);
	*ret_old = old.m;
	*ret_new = new.m;
	return old.status ?: new.status;
}

/* One record: what its commands built again. */
static int diff_within(const struct call *call, const struct causes_choice *choice)
{
	__free_model struct model *m = NULL;
	__free_causes struct causes *c = NULL;
	__free_changes struct changes *changes = NULL;
	int err, status = read_model(call->operands[0], call->operands[0], MODEL_ALL, &m);

	if (status)
		return status;
	err = causes__find_within(m, choice, &c) ?: changes__find(m, m, &changes) ?:
	      print(call, &(struct diff_answer){ c, changes });
	if (!err)
		return EXIT_FINE;
	log_error("diff of '%s' stopped: %s", call->operands[0], strerror(-err));
	return EXIT_FAILED;
}

static int diff(const struct call *call)
{
	const struct diff_options *o = call->options;
	struct causes_choice choice = { .package = o->package };
	__free_model struct model *old = NULL, *new = NULL;
	__free_causes struct causes *c = NULL;
	__free_changes struct changes *changes = NULL;
	int err, status;

	if (call->operand_cnt == 1)
		return diff_within(call, &choice);
	status = read_both(call, &old, &new);
	if (status)
		return status;
	err = causes__find(old, new, &choice, &c) ?: changes__find(old, new, &changes) ?:
	      print(call, &(struct diff_answer){ c, changes });
	if (!err)
		return EXIT_FINE;
	log_error("diff of '%s' and '%s' stopped: %s", call->operands[0], call->operands[1], strerror(-err));
	return EXIT_FAILED;
}

static const struct option_row rows[] = {
	{ "package", OPT_TEXT(struct diff_options, package), .arg = "PATTERN",
	  .help = "only packages whose import path fits (* or ... stands for anything)" },
	{ "json", OPT_FLAG(struct diff_options, json), .help = "one JSON object instead of a page" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_diff = {
	.name = "diff",
	.operands = "[OLD] NEW",
	.min_operands = 1,
	.max_operands = 2,
	.groups = { &group },
	.options_sz = sizeof(struct diff_options),
	.summary = "what changed between two runs, what that rebuilt, and why",
	.details = "OLD and NEW are records written by goenvbpf, plain, gzip or zstd.",
	.notes =
"With one record: packages that one of its commands built though an earlier one had built or used them, and "
"why; and what the record tells of the others: a cache that was made anew, entries removed or damaged before, "
"a flag or variable that made nearly everything new.\n"
"\n"
"Packages that NEW built are traced to the ones whose own inputs differ from OLD: files, flags, "
"variables, the toolchain, the folder, what is stamped into programs; or to what became of the build "
"cache. All others were built because of those.\n"
"\n"
"A cause is proven when the keys that go looked up in both runs follow from the inputs that the "
"records have, so that nothing else can have changed; else likely. What cannot be known is called "
"unknown, with what would tell. Hashes of sources are needed (no --no-hash).\n"
"\n"
"Beside that: settings, toolchains, modules and files read that differ, and what the build cache was "
"worth. Restoring it is observed, or told: --tag restore_ms=N, --tag restored_bytes=N when recording.",
	.run = diff,
};
