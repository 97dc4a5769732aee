/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_VERDICT_H
#define GOENVBPF_RULES_VERDICT_H
/*
 * The verdict over findings: those that were asked for, as severe as was asked for, without what is
 * suppressed or was there before.
 *
 * Lifecycle: a zeroed struct verdict → verdict__make() → the fields → verdict__free(). Findings are
 * copies whose strings belong to the struct findings that they come from.
 */
#include "rules/rules.h"

struct rule_severity {
	const struct rule *rule;
	enum severity severity;
};

/* What need not be reported, until a day. */
struct suppression {
	const struct rule *rule;
	const char *subject;	/* a pattern as of fnmatch(3) */
	const char *until;	/* "2026-12-31"; NULL: without end */
	const char *reason;
	unsigned int line;
	bool is_over;		/* that day has passed */
};

struct suppressions {
	struct suppression *v;
	size_t cnt;
	char *text;
};

/*
 * Reads "RULE SUBJECT UNTIL REASON…" lines; # begins a comment, UNTIL is a day or "never". today:
 * "2026-11-26". -EINVAL with a sentence in why, -ENOMEM.
 */
int suppressions__parse(const char *text, size_t n, const char *today, struct suppressions *ret,
			struct str *why);
void suppressions__free(struct suppressions *s);

struct verdict_choice {
	const struct rule *const *rules;	/* only these; none: all */
	size_t rule_cnt;
	const struct rule_severity *severities;
	size_t severity_cnt;
	const struct suppressions *suppressions;	/* NULL: none */
	const struct findings *baseline;	/* what was there before does not count; NULL */
	enum severity fail_on;
};

/* X(id, name) */
#define VERDICT_LIST(X)				\
	X(OK,		"ok")			\
	X(FINDINGS,	"findings")		\
	X(INCONCLUSIVE,	"inconclusive")

enum verdict_kind {
#define X(id, name) VERDICT_##id,
	VERDICT_LIST(X)
#undef X
	VERDICT_CNT,
};

const char *verdict_kind__name(unsigned int kind);

struct suppressed {
	struct finding f;
	const struct suppression *by;
};

struct verdict {
	uint32_t kind;		/* enum verdict_kind */
	struct finding *findings;	/* the severest first */
	size_t finding_cnt;
	struct suppressed *suppressed;
	size_t suppressed_cnt;
	struct not_evaluated *open;
	size_t open_cnt;
	uint64_t by_severity[SEVERITY_CNT];
	uint64_t known;		/* findings that the baseline has, too */
	uint64_t omitted;	/* findings beyond those that are kept */
};

int verdict__make(const struct findings *f, const struct verdict_choice *choice, struct verdict *ret);
void verdict__free(struct verdict *v);

#endif
