/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_RULES_H
#define GOENVBPF_RULES_RULES_H
/*
 * Findings: what a record shows that cost somebody something, or made a result other than a reader
 * of the project would expect. One table of rules is evaluated over a model.
 *
 * Lifecycle: a model after model__finish() → rules__evaluate() → the findings, in the table's order,
 * and what could not be evaluated → findings__free(). Strings are the findings' or the model's: both
 * have to live as long as they are read.
 *
 * What was not captured is never "nothing found": a rule that needs it is in the list of what was
 * not evaluated, unless it found something all the same. Of one that draws conclusions from what is
 * not in the record (EVIDENCE_ABSENCE) nothing is said then.
 */
#include "model/model.h"
#include "model/proof.h"

/* X(id, name), from the least on */
#define SEVERITY_LIST(X)		\
	X(NOTE,		"note")		\
	X(WARNING,	"warning")	\
	X(ERROR,	"error")

enum severity {
#define X(id, name) SEVERITY_##id,
	SEVERITY_LIST(X)
#undef X
	SEVERITY_CNT,
};

const char *severity__name(enum severity s);
int severity__find(const char *name, enum severity *ret);	/* -ENOENT */

/* What a rule rests on. */
enum evidence {
	EVIDENCE_LIFE = 1 << 0,		/* which programs ran, with what, and how they ended */
	EVIDENCE_FILES = 1 << 1,	/* what was done with paths */
	EVIDENCE_ENVIRONMENT = 1 << 2,	/* what programs were given */
	EVIDENCE_NET = 1 << 3,		/* connections, which are recorded when that is asked for */
	EVIDENCE_ABSENCE = 1 << 4,	/* what is not in the record did not happen */
	EVIDENCE_POLICY = 1 << 5,	/* what may be; without a policy there is nothing to tell */
};

struct matching;
struct go_command;

struct rule {
	const char *id;			/* never renamed, never used again for something else */
	enum severity severity;
	unsigned int needs;		/* enum evidence */
	const char *explained_by;	/* ids, each with a blank behind it: what they find says it all */
	const char *title;		/* one line */
	const char *why;		/* why it matters */
	const char *remedy;		/* what to do */
	/* One of them: asked once, or for each go command. 0 or -ENOMEM. */
	int (*match)(struct matching *x);
	int (*match_command)(struct matching *x, const struct go_command *c);
};

struct finding {
	const struct rule *rule;
	enum severity severity;		/* the rule's, or what that is in this case */
	enum confidence confidence;
	const char *subject;		/* what it is about: a setting, a file, a package */
	const char *detail;		/* what was found */
	const char *file;		/* where it is said, absolute; NULL: in none, or not known which */
	unsigned int line;		/* of it, 0: not known */
	const char *remedy;		/* the rule's, or what fits this case better */
	uint64_t proc;			/* of the go command or program; 0: of none alone */
	uint64_t cnt;			/* how often the same was found, in other commands */
	struct proof proof;
	struct finding *next;
};

struct not_evaluated {
	const struct rule *rule;
	const char *missing;		/* what it would take */
	bool was_asked;			/* it was meant to be recorded, so that nothing can be concluded */
	struct not_evaluated *next;
};

struct findings;

struct policy;

/* policy: NULL is fine. NULL: out of memory. */
struct findings *rules__evaluate_with(const struct model *m, const struct policy *policy);
static inline struct findings *rules__evaluate(const struct model *m)
{
	return rules__evaluate_with(m, NULL);
}
void findings__free(struct findings *f);	/* NULL is fine */

/* From NULL to NULL. */
const struct finding *findings__next(const struct findings *f, const struct finding *after);
const struct not_evaluated *findings__next_open(const struct findings *f,
						const struct not_evaluated *after);
/* Findings of the rule beyond those that are kept. */
uint64_t findings__omitted(const struct findings *f);

/* The table: from NULL to NULL, by topic. */
const struct rule *rule__next(const struct rule *r);
const struct rule *rule__find(const char *id);	/* NULL: there is none */

/* What provoked it in a test, and what was found then: made by tests/examples.py. */
struct rule_example {
	const char *rule;
	const char *before;	/* commands that made ready for it; "" */
	const char *commands;
	const char *subject, *detail;
};

const struct rule_example *rule__example(const struct rule *r);	/* NULL: there is none */

DEFINE_CLEANUP(findings, struct findings *, findings__free);
#define __free_findings __cleanup_with(findings)

#endif
