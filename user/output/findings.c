/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Findings, the verdict over them and the rules, as text. */
#include "model/process.h"
#include "output/findings.h"
#include "output/page.h"

static enum tone tone_of(enum severity s)
{
	return s == SEVERITY_ERROR ? TONE_BAD : s == SEVERITY_WARNING ? TONE_WARN : TONE_STRONG;
}

/* Words that follow a label in the column of the page's fields. */
static void add_labelled(struct page *p, const char *label, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, text);
	page__field_str(p, label, &safe);
}

void findings__add(struct page *p, const struct finding *f)
{
	__free_str struct str what = {}, head = {};

	str__addf(&head, "%s %s", severity__name(f->severity), f->rule->id);
	text__tone(p->out, p->color, tone_of(f->severity), head.s ?: "");
	str__addf(p->out, " (%s)\n", confidence__name(f->confidence));
	page__paragraph(p, 2, TONE_STRONG, f->rule->title);
	if (*f->subject == '/')
		text__path(&what, model__roots(p->m, model__process(p->m, f->proc)), f->subject);
	else
		text__safes(&what, f->subject);
	str__adds(&what, what.len ? ": " : "");
	text__safes(&what, f->detail);
	if (f->cnt > 1)
		str__addf(&what, " (in %llu commands)", (unsigned long long)f->cnt);
	page__field_str(p, "what", &what);
	add_labelled(p, "do", f->remedy);
}

void findings__add_open(struct page *p, const struct not_evaluated *open, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		__free_str struct str text = {};
		uint64_t alike = 0;
		size_t before = 0;

		while (before < i && !str_eq(open[before].missing, open[i].missing))
			before++;
		if (before < i)
			continue;
		text__safes(&text, open[i].missing);
		str__adds(&text, ": ");
		for (size_t k = i; k < n; k++)
			alike += str_eq(open[k].missing, open[i].missing);
		if (alike > 8)
			text__plural(&text, alike, "rule", "rules");
		for (size_t k = i, shown = 0; k < n && alike <= 8; k++)
			if (str_eq(open[k].missing, open[i].missing))
				str__addf(&text, "%s%s", shown++ ? ", " : "", open[k].rule->id);
		page__field_str(p, i ? "" : "not told", &text);
	}
}

/* "2 errors, 1 note" */
static void add_counts(struct str *out, const struct verdict *v)
{
	const char *sep = "";

	for (unsigned int s = SEVERITY_CNT; s-- > 0;) {
		__free_str struct str many = {};

		if (!v->by_severity[s])
			continue;
		str__addf(&many, "%ss", severity__name(s));
		str__adds(out, sep);
		text__plural(out, v->by_severity[s], severity__name(s), many.s ?: "");
		sep = ", ";
	}
	if (!*sep)
		str__adds(out, "nothing found");
}

static void add_suppressed(struct page *p, const struct verdict *v)
{
	for (size_t i = 0; i < v->suppressed_cnt; i++) {
		const struct suppressed *s = &v->suppressed[i];
		__free_str struct str text = {};

		str__addf(&text, "%s %s: ", s->f.rule->id, s->f.subject);
		str__addf(&text, "%s%s%s", s->by->reason, s->by->until ? ", until " : "", s->by->until ?: "");
		add_labelled(p, i ? "" : "suppressed", text.s ?: "");
	}
}

int check__text(const struct model *m, const struct verdict *v, const char *name, bool color,
		size_t width, struct str *out)
{
	static const char *const words[] = {
		[VERDICT_OK] = "OK", [VERDICT_FINDINGS] = "FINDINGS", [VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
	};
	struct page p = { .m = m, .out = out, .color = color, .width = width };

	text__safes(out, name);
	str__adds(out, ": ");
	text__tone(out, color, v->kind == VERDICT_OK ? TONE_GOOD : TONE_BAD, words[v->kind]);
	str__adds(out, ": ");
	add_counts(out, v);
	if (v->known) {
		str__adds(out, ", ");
		text__plural(out, v->known, "is in the baseline, too", "are in the baseline, too");
	}
	str__addc(out, '\n');
	for (size_t i = 0; i < v->finding_cnt; i++) {
		str__addc(out, '\n');
		findings__add(&p, &v->findings[i]);
	}
	if (v->omitted) {
		str__adds(out, "\nand ");
		text__plural(out, v->omitted, "more finding", "more findings");
		str__adds(out, " of these rules\n");
	}
	if (v->suppressed_cnt || v->open_cnt)
		str__addc(out, '\n');
	add_suppressed(&p, v);
	findings__add_open(&p, v->open, v->open_cnt);
	return str__err(out);
}

int rules__text(bool color, size_t width, struct str *out)
{
	struct page p = { .out = out, .color = color, .width = width };

	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r)) {
		size_t from = out->len;

		str__adds(out, r->id);
		text__pad(out, from, 34);
		str__adds(out, severity__name(r->severity));
		text__pad(out, from, 44);
		page__wrap(&p, 44, 44, r->title);
	}
	return str__err(out);
}

static void add_example(struct page *p, const struct rule_example *e)
{
	__free_str struct str found = {};

	if (!e)
		return;
	str__addf(&found, "%s: %s", e->subject, e->detail);
	str__addc(p->out, '\n');
	if (*e->before)
		page__field(p, "before", e->before);
	page__field(p, "example", e->commands);
	page__field(p, "found", found.s ?: "");
}

int rule__text(const struct rule *r, bool color, size_t width, struct str *out)
{
	struct page p = { .out = out, .color = color, .width = width };

	text__tone(out, color, TONE_STRONG, r->id);
	str__addf(out, " (%s)\n", severity__name(r->severity));
	page__paragraph(&p, 2, TONE_PLAIN, r->title);
	str__addc(out, '\n');
	page__field(&p, "why", r->why);
	page__field(&p, "do", r->remedy);
	add_example(&p, rule__example(r));
	return str__err(out);
}
