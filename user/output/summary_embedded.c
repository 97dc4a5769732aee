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
	page__more(p, n, MAX_SHOWN, "");
	return 0;
}
