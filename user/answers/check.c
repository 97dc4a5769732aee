/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Findings and the verdict over them, as data. */
#include "answers/check.h"
#include "answers/objects.h"

static const char *severity_name(unsigned int s)
{
	return severity__name(s);
}

GET(finding_rule, struct finding, s, o->rule->id)
GET(finding_title, struct finding, s, o->rule->title)
GET(finding_severity, struct finding, u, o->severity)

PUBLIC_OBJECT(finding, struct finding, "What cost somebody something, or made a result other than expected.",
	F_GET("rule",		FIELD_STRING, MUST, finding_rule, "the rule's id; goenvbpf rules explains it"),
	F_GET_NAME("severity",	MUST, finding_severity, severity_name, 0, SEVERITY_CNT, "how bad that is"),
	CONFIDENCE(MUST, confidence),
	F_GET("title",		FIELD_STRING, MUST, finding_title, "of the rule"),
	F_STRING("subject",	MUST, subject, "what it is about: a setting, a file, a package"),
	F_STRING("detail",	MUST, detail, "what was found"),
	F_STRING("remedy",	MUST, remedy, "what to do"),
	F_ID("proc",		MAY, proc, "number of the command or program that it was found in first"),
	F_COUNT("count",	MUST, cnt, "commands in which the same was found"),
	PROOF_IN(MUST, proof))

PUBLIC_OBJECT(rule, struct rule, "What is looked for.",
	F_STRING("id",		MUST, id, "its name"),
	F_NAME("severity",	MUST, severity, severity_name, 0, SEVERITY_CNT, "how bad what it finds is"),
	F_STRING("title",	MUST, title, "what it finds"),
	F_STRING("why",		MUST, why, "why that matters"),
	F_STRING("remedy",	MUST, remedy, "what to do"))

GET(open_rule, struct not_evaluated, s, o->rule->id)
GET(open_not_asked, struct not_evaluated, b, !o->was_asked)

PUBLIC_OBJECT(not_evaluated, struct not_evaluated, "A rule that could not be evaluated.",
	F_GET("rule",		FIELD_STRING, MUST, open_rule, "the rule's id"),
	F_STRING("missing",	MUST, missing, "what it would take"),
	F_GET("not_asked",	FIELD_BOOL, MAY, open_not_asked, "it was not meant to be recorded"))

GET(reason, struct suppressed, s, o->by->reason)
GET(until, struct suppressed, s, o->by->until)
GET(suppressed_finding, struct suppressed, p, &o->f)

OBJECT(suppressed, struct suppressed, "A finding that need not be reported.",
	F_GET_INLINE(MUST, suppressed_finding, finding),
	F_GET("reason",		FIELD_STRING, MUST, reason, "why"),
	F_GET("until",		FIELD_STRING, MAY, until, "the last day of that"))

PUBLIC_OBJECT(check, struct verdict, "The verdict over a record.",
	F_NAME("verdict",	MUST, kind, verdict_kind__name, 0, VERDICT_CNT, "ok, findings, or inconclusive: evidence is missing"),
	F_ARRAY("findings",	MUST, findings, finding_cnt, finding, "the severest first"),
	F_ARRAY("not_evaluated", MUST, open, open_cnt, not_evaluated, "rules of which nothing can be said"),
	F_ARRAY("suppressed",	MUST, suppressed, suppressed_cnt, suppressed, "findings that need not be reported"),
	F_COUNT("known",	MUST, known, "findings that the baseline has, too"),
	F_COUNT("omitted",	MUST, omitted, "findings beyond the first ones of their rule"))

int check__json(const struct verdict *v, struct str *out)
{
	return answer__json(&(struct answer){}, &check_object, v, out);
}
