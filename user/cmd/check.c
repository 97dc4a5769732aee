/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf check RECORD */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "answers/check.h"
#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/rules.h"
#include "output/diff.h"
#include "output/findings.h"
#include "output/text.h"
#include "rules/policy.h"
#include "util/file.h"
#include "util/log.h"

#define MAX_SUPPRESSIONS (1u << 20)
#define MAX_POLICY	 (1u << 20)

struct check_options {
	struct texts rules, severities;
	const char *fail_on, *suppress, *baseline, *policy;
	bool json;
};

/* The options, as the verdict takes them. */
struct request {
	struct verdict_choice choice;
	const struct rule **rules;
	struct rule_severity *severities;
	struct suppressions suppressions;
	struct policy policy;
	struct str policy_text;
	bool has_policy;
	struct model *old;		/* of the baseline, whose findings use it */
	struct findings *baseline;
};

static void request__free(struct request *q)
{
	free(q->rules);
	free(q->severities);
	suppressions__free(&q->suppressions);
	policy__free(&q->policy);
	str__free(&q->policy_text);
	findings__free(q->baseline);
	model__free(q->old);
}

static int take_rules(const struct call *call, struct request *q)
{
	const struct check_options *o = call->options;

	q->rules = calloc(o->rules.cnt + 1, sizeof(*q->rules));
	if (!q->rules)
		return EXIT_FAILED;
	for (size_t i = 0; i < o->rules.cnt; i++) {
		q->rules[i] = rule__find(o->rules.v[i]);
		if (!q->rules[i])
			return no_such_rule(call->verb, o->rules.v[i]);
	}
	q->choice.rules = q->rules;
	q->choice.rule_cnt = o->rules.cnt;
	return EXIT_FINE;
}

static int take_severity(const struct call *call, const char *pair, struct rule_severity *ret)
{
	const char *level = strchr(pair, '=') + 1;	/* the option's type sees to that */
	__free_str struct str id = {};

	str__add(&id, pair, level - pair - 1);
	ret->rule = rule__find(id.s ?: "");
	if (!ret->rule)
		return no_such_rule(call->verb, id.s ?: "");
	if (severity__find(level, &ret->severity))
		return usage_error(call->verb, "--severity %s: '%s' is none of error, warning, note",
				   pair, level);
	return EXIT_FINE;
}

static int take_severities(const struct call *call, struct request *q)
{
	const struct check_options *o = call->options;
	int status = EXIT_FINE;

	q->severities = calloc(o->severities.cnt + 1, sizeof(*q->severities));
	if (!q->severities)
		return EXIT_FAILED;
	for (size_t i = 0; i < o->severities.cnt && !status; i++)
		status = take_severity(call, o->severities.v[i], &q->severities[i]);
	q->choice.severities = q->severities;
	q->choice.severity_cnt = o->severities.cnt;
	return status;
}

static void warn_of_ended(const struct suppressions *s, const char *file)
{
	for (size_t i = 0; i < s->cnt; i++)
		if (s->v[i].is_over)
			log_warn("'%s' line %u: ended on %s, %s counts again", file, s->v[i].line,
				 s->v[i].until, s->v[i].rule->id);
}

static int take_suppressions(const char *file, struct request *q)
{
	__free_str struct str text = {}, why = {};
	time_t now = time(NULL);
	struct tm day;
	char today[16];
	int err = file__read(file, MAX_SUPPRESSIONS, &text);

	if (err) {
		log_error("cannot read the suppressions '%s': %s", file, strerror(-err));
		return EXIT_FAILED;
	}
	strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &day));
	err = suppressions__parse(text.s ?: "", text.len, today, &q->suppressions, &why);
	if (err) {
		log_error("the suppressions '%s', %s", file, why.s ?: strerror(-err));
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	warn_of_ended(&q->suppressions, file);
	q->choice.suppressions = &q->suppressions;
	return EXIT_FINE;
}

static int take_policy(const char *file, struct request *q)
{
	__free_str struct str why = {};
	int err = file__read(file, MAX_POLICY, &q->policy_text);

	if (err) {
		log_error("cannot read the policy '%s': %s", file, strerror(-err));
		return EXIT_FAILED;
	}
	q->has_policy = true;
	err = policy__parse(file, q->policy_text.s ?: "", q->policy_text.len, &q->policy, &why);
	if (!err)
		return EXIT_FINE;
	log_error("the policy '%s', %s", file, why.s ?: strerror(-err));
	return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static const struct policy *policy_of(const struct request *q)
{
	return q->has_policy ? &q->policy : NULL;
}

static int take_baseline(const char *file, struct request *q)
{
	int status = read_model(file, file, MODEL_ALL, &q->old);

	if (status)
		return status;
	q->baseline = rules__evaluate_with(q->old, policy_of(q));
	q->choice.baseline = q->baseline;
	return q->baseline ? EXIT_FINE : EXIT_FAILED;
}

static int take_options(const struct call *call, struct request *q)
{
	const struct check_options *o = call->options;
	int status = take_rules(call, q);

	if (!status)
		status = take_severities(call, q);
	if (!status && o->suppress)
		status = take_suppressions(o->suppress, q);
	if (!status && o->policy)
		status = take_policy(o->policy, q);
	if (!status && o->baseline)
		status = take_baseline(o->baseline, q);
	q->choice.fail_on = SEVERITY_WARNING;
	if (o->fail_on)
		(void)severity__find(o->fail_on, &q->choice.fail_on);	/* the option's type sees to that */
	return status;
}

static int print(const struct call *call, const struct model *m, const struct verdict *v)
{
	const struct check_options *o = call->options;
	__free_str struct str out = {};
	int err = o->json ? check__json(v, &out) :
			    check__text(m, v, call->operands[0], text__wants_color(stdout), text__columns(stdout), &out);

	return err ?: print_answer(&out, stdout);
}

static int judge(const struct call *call, const struct model *m, const struct request *q)
{
	static const int statuses[] = {
		[VERDICT_OK] = EXIT_FINE,
		[VERDICT_FINDINGS] = EXIT_FAILED,
		[VERDICT_INCONCLUSIVE] = EXIT_INCONCLUSIVE,
	};
	__free_findings struct findings *f = rules__evaluate_with(m, policy_of(q));
	struct verdict v = {};
	int status, err = f ? verdict__make(f, &q->choice, &v) : -ENOMEM;

	err = err ?: print(call, m, &v);
	status = err ? EXIT_FAILED : statuses[v.kind];
	verdict__free(&v);
	if (err)
		log_error("check of '%s' stopped: %s", call->operands[0], strerror(-err));
	return status;
}

/* Why packages were built again since the baseline; no part of the verdict. */
static int print_causes(const struct request *q, struct model *m)
{
	__free_str struct str out = {};
	int err = diff__add_section(q->old, m, text__wants_color(stdout), text__columns(stdout), &out);

	err = err ?: print_answer(&out, stdout);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static int check(const struct call *call)
{
	__free_model struct model *m = NULL;
	struct request q = {};
	int status = take_options(call, &q);

	if (!status)
		status = read_model(call->operands[0], call->operands[0], MODEL_ALL, &m);
	if (!status)
		status = judge(call, m, &q);
	if (q.old && m && !((const struct check_options *)call->options)->json)
		status = print_causes(&q, m) ?: status;
	request__free(&q);
	return status;
}

static const struct option_row rows[] = {
	{ "rule", OPT_TEXTS(struct check_options, rules), .arg = "ID",
	  .help = "only this rule" },
	{ "severity", OPT_PAIRS(struct check_options, severities), .arg = "ID=LEVEL",
	  .help = "take a rule for an error, a warning or a note" },
	{ "fail-on", OPT_WORD(struct check_options, fail_on, "error, warning, note"), .arg = "LEVEL",
	  .help = "findings from this severity on are a failure (warning)" },
	{ "suppress", OPT_TEXT(struct check_options, suppress), .arg = "FILE",
	  .help = "findings that need not be reported, see below" },
	{ "baseline", OPT_TEXT(struct check_options, baseline), .arg = "RECORD",
	  .help = "report only what is new or worse since that record, and why packages were built again" },
	{ "policy", OPT_TEXT(struct check_options, policy), .arg = "FILE",
	  .help = "what builds may use, as JSON ('goenvbpf schema policy'); what breaks it is an error" },
	{ "json", OPT_FLAG(struct check_options, json), .help = "one JSON object instead of text" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_check = {
	.name = "check",
	.operands = "RECORD",
	.min_operands = 1,
	.max_operands = 1,
	.groups = { &group },
	.options_sz = sizeof(struct check_options),
	.summary = "a verdict: what went wrong or other than expected, and what to do",
	.details = "RECORD is a file written by goenvbpf, plain, gzip or zstd; - is standard input.",
	.notes =
"Exit status: 0 nothing found, 1 findings from --fail-on on, 2 wrong usage, 3 inconclusive: evidence "
"was lost, so that a rule could not be evaluated. A rule that needs what was not asked for (--net) "
"makes it inconclusive only when --rule names it.\n"
"\n"
"A finding is proven when no other reading of the record is left, else likely. 'goenvbpf rules' lists "
"the rules.\n"
"\n"
"The suppression file has a line for each: RULE SUBJECT UNTIL REASON. SUBJECT is a pattern (* for "
"all), UNTIL a day like 2026-12-31, or never; # begins a comment:\n"
"  local-replace example.org/lib 2026-12-31 both are developed together\n"
"\n"
"A policy allows what it does not name. Each finding of policy-violated says which line it breaks:\n"
"  {\n"
"    \"settings\": {\"GOPROXY\": {\"origins\": [\"environment\", \"go.env\"]}},\n"
"    \"toolchains\": [\"go1.26.*\"],\n"
"    \"goflags\": [\"-trimpath\"],\n"
"    \"max_misses\": 20,\n"
"    \"forbidden_files\": [\"netrc\", \"go.work above the repository\"],\n"
"    \"required_tags\": [\"service_name\", \"build_commit\"]\n"
"  }",
	.run = check,
};
