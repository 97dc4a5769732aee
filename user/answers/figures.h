/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_FIGURES_H
#define GOENVBPF_ANSWERS_FIGURES_H
/*
 * A record in numbers that can be added up: those of several records are the sums, number by number. What
 * has such numbers and does not know what they are (service/metrics.h) takes them for an array.
 *
 * Lifecycle: a zeroed struct figures → figures__add() for each record → figure__next().
 */
#include "answers/records.h"
#include "rules/rules.h"

#define FIGURES_RULES_MAX 128	/* a test counts the rules */

struct figures {
	uint64_t records[OUTCOME_CNT];
	uint64_t commands, commands_failed;	/* of go */
	uint64_t with_cache;			/* records that tell what became of packages */
	uint64_t hits, made, spent_ns, saved_ns;
	uint64_t findings[FIGURES_RULES_MAX][SEVERITY_CNT];	/* by the rule's place in the table */
};

void figures__add(struct figures *f, const struct model *m, const struct findings *found);

/* One number, with the name, unit and labels that it has wherever it is written. */
struct figure {
	const char *name;		/* "go_commands" */
	const char *meaning;		/* a sentence */
	bool is_seconds;		/* the value is in ns */
	bool of_cache;			/* not known unless with_cache */
	const char *outcome;		/* a label; NULL: it has none */
	const struct rule *rule;	/* with severity: labels; NULL */
	enum severity severity;
	uint64_t value;
	unsigned int at;		/* the iteration's */
};

/* The next one into *x, which begins zeroed; those of one name follow each other. False: there are no more. */
bool figure__next(const struct figures *f, struct figure *x);

#endif
