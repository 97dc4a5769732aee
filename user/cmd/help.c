/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf help [VERB]: from the verbs' tables. */
#include <stdio.h>

#include "cmd/help_page.h"
#include "cmd/read.h"
#include "util/json.h"
#include "util/log.h"

struct help_options {
	bool json;
};

static void add_overview(struct str *out)
{
	help_page__prose(out,
"goenvbpf watches Go builds and Go programs from the kernel and tells, with evidence, which "
"configuration, caches and toolchains they really used.\n\nVerbs:");
	for (const struct verb *const *v = verb__all(); *v; v++)
		if (!(*v)->is_hidden)
			str__addf(out, "  %-10s %s\n", (*v)->name, (*v)->summary);
	help_page__prose(out,
"\n"
"Without a verb, goenvbpf watches all Go processes of this host until Ctrl-C. 'goenvbpf help "
"VERB' tells more about one of them.\n"
"\n"
"Exit status: 0 fine, 1 failed, 2 wrong usage, 3 inconclusive (evidence was lost); run gives its "
"command's, 128+N when signal N ended it, 125 when goenvbpf itself failed, 126 when the command "
"cannot be executed, 127 when there is none.");
}

/* --- for programs --- */

static void json_option(void *ctx, const struct option_group *group, const struct option_row *row)
{
	struct json *j = ctx;

	json__obj(j);
	json__kstr(j, "name", row->name);
	if (row->letter)
		json__kstr(j, "letter", (char []){ row->letter, '\0' });
	if (group->title)
		json__kstr(j, "group", group->title);
	if (row->arg)
		json__kstr(j, "argument", row->arg);
	json__kbool(j, "repeatable", row->many);
	json__kstr(j, "help", row->help);
	if (row->words)
		json__kstr(j, "words", row->words);
	json__end(j);
}

static void json_verb(struct json *j, const struct verb *v)
{
	__free_str struct str synopsis = {};

	help_page__synopsis(&synopsis, v);
	json__obj(j);
	json__kstr(j, "name", v->name);
	json__kstr(j, "summary", v->summary);
	json__kstr(j, "synopsis", synopsis.s);
	if (v->operands)
		json__kstr(j, "operands", v->operands);
	if (v->details)
		json__kstr(j, "details", v->details);
	if (v->notes)
		json__kstr(j, "notes", v->notes);
	json__key(j, "options");
	json__arr(j);
	options__each_row(v->groups, json_option, j);
	json__end(j);
	if (v->settings) {
		const struct option_group *const groups[] = { v->settings, NULL };

		json__key(j, "settings");
		json__arr(j);
		options__each_row(groups, json_option, j);
		json__end(j);
	}
	json__end(j);
}

/* All verbs, or one: what completion and manual pages are made of. */
static void add_json(struct str *out, const struct verb *only)
{
	struct json j;

	json__init(&j, out);
	json__obj(&j);
	json__key(&j, "verbs");
	json__arr(&j);
	for (const struct verb *const *v = verb__all(); *v; v++)
		if (only ? *v == only : !(*v)->is_hidden)
			json_verb(&j, *v);
	json__end(&j);
	json__end(&j);
	str__addc(out, '\n');
}

/* --- the verb --- */

static int print(const struct str *out)
{
	int err = str__err(out) ?: print_answer(out, stdout);

	if (!err)
		return EXIT_FINE;
	log_error("cannot write the help to standard output: %s", strerror(-err));
	return EXIT_FAILED;
}

int help__verb(const struct verb *verb)
{
	__free_str struct str out = {};

	help_page__verb(&out, verb);
	return print(&out);
}

static int help(const struct call *call)
{
	const struct help_options *o = call->options;
	const struct verb *v = call->operand_cnt ? verb__find(call->operands[0]) : NULL;
	__free_str struct str out = {};

	if (call->operand_cnt && !v)
		return verb__unknown(call->operands[0]);
	if (o->json)
		add_json(&out, v);
	else if (v)
		help_page__verb(&out, v);
	else
		add_overview(&out);
	return print(&out);
}

static const struct option_row rows[] = {
	{ "json", OPT_FLAG(struct help_options, json),
	  .help = "one object: verbs, each with its options, for completion and the like" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_help = {
	.name = "help",
	.operands = "[VERB]",
	.max_operands = 1,
	.groups = { &group },
	.options_sz = sizeof(struct help_options),
	.summary = "all verbs, or one of them",
	.run = help,
};
