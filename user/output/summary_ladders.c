/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary's look-up ladders: on the page those that ended in nothing or in a surprise. */
#include "model/search/search.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_SHOWN	12
#define MAX_CANDIDATES	4

static void add_candidate(struct page *p, const struct ladder *l, const struct candidate *r, bool won)
{
	const struct roots *roots = model__roots(p->m, model__process(p->m, l->proc));
	__free_str struct str text = {};

	str__addf(p->out, "      %-10s", won ? "won" : candidate_result__name(r->result));
	text__path(&text, roots, r->path);
	if (r->target) {
		str__adds(&text, " -> ");
		text__path(&text, roots, r->target);
	}
	if (r->err && r->result == CANDIDATE_REFUSED) {
		str__adds(&text, ": ");
		text__safes(&text, r->err);
	}
	if (r->result >= CANDIDATE_REFUSED)
		str__addf(&text, " at %.3f s", r->ts / 1e9);
	page__wrap(p, 16, 16, text.s ?: "");
}

static void add_ladder(struct page *p, const struct ladder *l, const struct ladder_verdict *v)
{
	__free_str struct str text = {};
	unsigned int shown = 0;

	str__adds(&text, ladder_purpose__title(l->purpose));
	if (*l->key) {
		str__adds(&text, " \"");
		text__safes(&text, l->key);
		str__addc(&text, '"');
	}
	str__adds(&text, ": ");
	str__adds(&text, surprise__title(v->surprise));
	if (v->confidence == LIKELY)
		str__adds(&text, " (likely)");
	str__adds(&text, ", by ");
	text__process(&text, p->m, l->proc);
	if (l->processes > 1) {
		str__adds(&text, " and ");
		text__plural(&text, l->processes - 1, "other", "others");
	}
	str__adds(p->out, "  ");
	page__wrap(p, 4, 2, text.s ?: "");
	for (unsigned int i = 0; i < l->cnt; i++) {
		const struct candidate *r = &l->candidates[i];

		/* Where it was is always said, where it was not is for a few. */
		if (shown >= MAX_CANDIDATES && r->result == CANDIDATE_ABSENT)
			continue;
		add_candidate(p, l, r, r == v->won);
		shown++;
	}
	if (shown < l->cnt + l->omitted)
		str__addf(p->out, "      and %u places more\n", l->cnt + l->omitted - shown);
}

int summary__ladders(struct page *p)
{
	struct ladder_verdict v;
	uint64_t n = 0;

	for (const struct ladder *l = model__next_ladder(p->m, NULL); l; l = model__next_ladder(p->m, l)) {
		ladder__judge(p->m, l, &v);
		if (v.surprise == SURPRISE_NONE)
			continue;
		if (!n)
			page__heading(p, "Looked for, and found nowhere or not where expected");
		if (n++ < MAX_SHOWN)
			add_ladder(p, l, &v);
	}
	page__more(p, n, MAX_SHOWN, "");
	return 0;
}
