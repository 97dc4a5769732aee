/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf rules [ID] */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/rules.h"
#include "output/findings.h"
#include "output/text.h"
#include "util/log.h"
#include "util/nearest.h"

int no_such_rule(const struct verb *verb, const char *id)
{
	struct nearest nearest = { .name = id };

	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r))
		nearest__try(&nearest, r->id);
	if (nearest.best)
		return usage_error(verb, "no rule is called '%s'; did you mean '%s'?", id, nearest.best);
	return usage_error(verb, "no rule is called '%s'; 'goenvbpf rules' lists them", id);
}

static int rules(const struct call *call)
{
	const struct rule *r = call->operands[0] ? rule__find(call->operands[0]) : NULL;
	bool color = text__wants_color(stdout);
	size_t width = text__columns(stdout);
	__free_str struct str out = {};
	int err;

	if (call->operands[0] && !r)
		return no_such_rule(call->verb, call->operands[0]);
	err = r ? rule__text(r, color, width, &out) : rules__text(color, width, &out);
	err = err ?: print_answer(&out, stdout);
	if (!err)
		return EXIT_FINE;
	log_error("cannot write the rules to standard output: %s", strerror(-err));
	return EXIT_FAILED;
}

const struct verb verb_rules = {
	.name = "rules",
	.operands = "[ID]",
	.max_operands = 1,
	.summary = "the rules of check, or one of them: why, what to do, an example",
	.details =
"Lists the rules that check and report evaluate, with their severity. With ID it says of one rule why "
"it matters, what to do, and what provokes it.",
	.run = rules,
};
