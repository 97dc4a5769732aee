/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary's Go programs: what is embedded in them, and what contradicts it. */
#include "model/programs/programs.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_SHOWN 20

/* Test binaries are built and run by one command, from sources that change all the time. */
static bool is_worth_a_line(const struct program *pr, const struct program_fact *f)
{
	return pr->role != TOOL_TEST || f->kind == CONTRADICTION_GODEBUG;
}

static void add_fact(struct page *p, const struct program *pr, const struct program_fact *f)
{
	__free_str struct str text = {};

	if (f->subject && !str_eq(f->subject, pr->exe)) {
		text__safes(&text, f->subject);
		str__adds(&text, ": ");
	}
	if (f->embedded) {
		str__adds(&text, "embedded \"");
		text__safes(&text, f->embedded);
		str__adds(&text, "\", ");
	}
	if (f->seen) {
		str__adds(&text, "here \"");
		text__safes(&text, f->seen);
		str__adds(&text, "\": ");
	}
	str__adds(&text, contradiction__title(f->kind));
	text__proof(&text, &f->proof, f->confidence);
	str__adds(p->out, "      - ");
	page__wrap(p, 8, 8, text.s ?: "");
}

int summary__embedded(struct page *p)
{
	const struct program *shown = NULL;
	unsigned int n = 0;

	for (const struct program *pr = model__next_program(p->m, NULL); pr; pr = model__next_program(p->m, pr)) {
		for (unsigned int i = 0; i < pr->fact_cnt; i++) {
			if (!is_worth_a_line(pr, &pr->facts[i]))
				continue;
			if (!n++)
				page__heading(p, "Programs beside what is embedded in them");
			if (n > MAX_SHOWN)
				continue;
			if (shown != pr) {
				str__adds(p->out, "  ");
				text__safes(p->out, pr->exe);
				str__addc(p->out, '\n');
			}
			shown = pr;
			add_fact(p, pr, &pr->facts[i]);
		}
	}
	if (n > MAX_SHOWN)
		str__addf(p->out, "  and %u more (--json has all)\n", n - MAX_SHOWN);
	return 0;
}

static void add_facts_json(struct json *j, const struct program *pr)
{
	json__key(j, "contradictions");
	json__arr(j);
	for (unsigned int i = 0; i < pr->fact_cnt; i++) {
		const struct program_fact *f = &pr->facts[i];

		json__obj(j);
		json__kstr(j, "kind", contradiction__name(f->kind));
		json__kknown(j, "subject", f->subject);
		json__kknown(j, "embedded", f->embedded);
		json__kknown(j, "seen", f->seen);
		if (f->proc)
			json__kuint(j, "proc", f->proc);
		json__proof(j, &f->proof, f->confidence);
		json__end(j);
	}
	json__end(j);
	if (pr->facts_left_out)
		json__kuint(j, "contradictions_left_out", pr->facts_left_out);
}

void summary__embedded_json(const struct model *m, struct json *j)
{
	json__key(j, "programs");
	json__arr(j);
	for (const struct program *pr = model__next_program(m, NULL); pr; pr = model__next_program(m, pr)) {
		json__obj(j);
		json__kstr(j, "exe", pr->exe);
		json__kstr(j, "role", tool_role__name(pr->role));
		json__kstr(j, "go", pr->go);
		json__kknown(j, "package", pr->package);
		json__kknown(j, "module", pr->module);
		json__kknown(j, "version", pr->version);
		json__kknown(j, "build_id", pr->build_id);
		json__key(j, "settings");
		json__obj(j);
		for (unsigned int i = 0; i < pr->setting_cnt; i++) {
			json__key_bytes(j, pr->settings[i].key, strlen(pr->settings[i].key));
			json__str(j, pr->settings[i].value);
		}
		json__end(j);
		json__kuint(j, "deps", pr->deps);
		json__kuint(j, "replaced", pr->replaced);
		json__kuint(j, "runs", pr->runs);
		json__kuint(j, "accesses", pr->accesses);
		json__kuint(j, "failed", pr->failed);
		add_facts_json(j, pr);
		json__end(j);
	}
	json__end(j);
}
