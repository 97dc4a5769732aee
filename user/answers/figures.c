/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record in numbers that can be added up. */
#include "answers/figures.h"
#include "model/cache/cache.h"
#include "model/commands.h"

/* In the order of output; findings, which are as many as there are rules, come behind. */
static const struct row {
	const char *name;
	size_t at;		/* in struct figures */
	const char *outcome;
	bool is_seconds, of_cache;
	const char *meaning;
} rows[] = {
#define AT(member) offsetof(struct figures, member)
#define X(id, name) { "records", AT(records[OUTCOME_##id]), name, .meaning = "Records by outcome." },
	OUTCOME_LIST(X)
#undef X
	{ "go_commands", AT(commands), .meaning = "Go commands that ran." },
	{ "go_commands_failed", AT(commands_failed), .meaning = "Those that failed." },
	{ "packages", AT(hits), "hit", .of_cache = true, .meaning = "Packages by what became of them." },
	{ "packages", AT(made), "made", .of_cache = true, .meaning = "Packages by what became of them." },
	{ "compile_seconds", AT(spent_ns), .is_seconds = true, .of_cache = true,
	  .meaning = "Sum of the times of all tools that made packages." },
	{ "compile_saved_seconds", AT(saved_ns), .is_seconds = true, .of_cache = true,
	  .meaning = "What packages that were there had taken elsewhere in the same record." },
#undef AT
};

void figures__add(struct figures *f, const struct model *m, const struct findings *found)
{
	struct cache_total sum;
	unsigned int nth = 0;

	f->records[outcome__of(m)]++;
	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c)) {
		f->commands++;
		f->commands_failed += process__has_failed(c->p);
	}
	if (model__cache_total(m, &sum)) {
		f->with_cache++;
		f->hits += sum.hits;
		f->made += sum.made;
		f->spent_ns += sum.spent_ns;
		f->saved_ns += sum.saved_ns;
	}
	for (const struct rule *r = rule__next(NULL); r && nth < FIGURES_RULES_MAX; r = rule__next(r), nth++)
		for (const struct finding *x = findings__next(found, NULL); x; x = findings__next(found, x))
			f->findings[nth][x->severity] += x->rule == r;
}

/* Of a rule: the severity that it has, and another one that a case had. */
static bool next_finding(const struct figures *f, struct figure *x)
{
	unsigned int nth, s;

	x->outcome = NULL;
	x->is_seconds = x->of_cache = false;
	while (x->rule || x->at == ARRAY_SIZE(rows)) {
		nth = (x->at - ARRAY_SIZE(rows)) / SEVERITY_CNT;
		s = (x->at - ARRAY_SIZE(rows)) % SEVERITY_CNT;
		if (!s)
			x->rule = nth < FIGURES_RULES_MAX ? rule__next(x->rule) : NULL;
		if (!x->rule)
			return false;
		x->at++;
		x->name = "findings";
		x->meaning = "Findings by rule and severity.";
		x->severity = s;
		x->value = f->findings[nth][s];
		if (x->value || x->severity == x->rule->severity)
			return true;
	}
	return false;
}

bool figure__next(const struct figures *f, struct figure *x)
{
	const struct row *r;

	if (x->at >= ARRAY_SIZE(rows))
		return next_finding(f, x);
	r = &rows[x->at];
	*x = (struct figure){
		.name = r->name, .meaning = r->meaning, .is_seconds = r->is_seconds, .of_cache = r->of_cache,
		.outcome = r->outcome, .value = *(const uint64_t *)((const char *)f + r->at), .at = x->at + 1,
	};
	return true;
}
