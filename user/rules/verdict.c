/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which findings count, and what follows from them. */
#include <errno.h>
#include <fnmatch.h>

#include "rules/verdict.h"
#include "util/str.h"

const char *verdict_kind__name(unsigned int kind)
{
	static const char *const names[] = {
#define X(id, name) [VERDICT_##id] = name,
		VERDICT_LIST(X)
#undef X
	};

	return names[kind];
}

static bool is_chosen(const struct verdict_choice *c, const struct rule *r)
{
	for (size_t i = 0; i < c->rule_cnt; i++)
		if (c->rules[i] == r)
			return true;
	return !c->rule_cnt;
}

/* The last one given counts. */
static enum severity severity_of(const struct verdict_choice *c, const struct finding *f)
{
	for (size_t i = c->severity_cnt; i-- > 0;)
		if (c->severities[i].rule == f->rule)
			return c->severities[i].severity;
	return f->severity;
}

static const struct suppression *suppression_of(const struct verdict_choice *c, const struct finding *f)
{
	for (size_t i = 0; c->suppressions && i < c->suppressions->cnt; i++) {
		const struct suppression *s = &c->suppressions->v[i];

		if (s->rule == f->rule && !s->is_over && !fnmatch(s->subject, f->subject, 0))
			return s;
	}
	return NULL;
}

/* It was there before, and was no less severe, nor in fewer commands. */
static bool is_known(const struct verdict_choice *c, const struct finding *f)
{
	const struct finding *k = c->baseline ? findings__next(c->baseline, NULL) : NULL;

	for (; k; k = findings__next(c->baseline, k))
		if (k->rule == f->rule && str_eq(k->subject, f->subject) && k->severity >= f->severity &&
		    k->confidence >= f->confidence && k->cnt >= f->cnt)
			return true;
	return false;
}

static void add(struct verdict *v, const struct verdict_choice *c, const struct finding *f)
{
	const struct suppression *by = suppression_of(c, f);
	struct finding copy = *f;

	if (is_known(c, f)) {
		v->known++;
		return;
	}
	copy.severity = severity_of(c, f);
	if (by) {
		v->suppressed[v->suppressed_cnt++] = (struct suppressed){ copy, by };
		return;
	}
	v->findings[v->finding_cnt++] = copy;
	v->by_severity[copy.severity]++;
}

static int compare_severity(const struct finding *a, const struct finding *b)
{
	return (int)b->severity - (int)a->severity;
}

/* Equally severe ones keep their order: there are few. */
static void sort(struct finding *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct finding one = v[i];
		size_t k = i;

		for (; k && compare_severity(&v[k - 1], &one) > 0; k--)
			v[k] = v[k - 1];
		v[k] = one;
	}
}

static void decide(struct verdict *v, const struct verdict_choice *c)
{
	bool is_open = false;

	for (size_t i = 0; i < v->open_cnt; i++)
		is_open |= v->open[i].was_asked || c->rule_cnt;
	v->kind = is_open ? VERDICT_INCONCLUSIVE : VERDICT_OK;
	for (enum severity s = c->fail_on; s < SEVERITY_CNT; s++)
		if (v->by_severity[s])
			v->kind = VERDICT_FINDINGS;
}

int verdict__make(const struct findings *f, const struct verdict_choice *c, struct verdict *ret)
{
	size_t n = 0, open = 0;

	for (const struct finding *k = findings__next(f, NULL); k; k = findings__next(f, k))
		n++;
	for (const struct not_evaluated *k = findings__next_open(f, NULL); k; k = findings__next_open(f, k))
		open++;
	ret->findings = calloc(n + 1, sizeof(*ret->findings));
	ret->suppressed = calloc(n + 1, sizeof(*ret->suppressed));
	ret->open = calloc(open + 1, sizeof(*ret->open));
	if (!ret->findings || !ret->suppressed || !ret->open)
		return -ENOMEM;
	for (const struct finding *k = findings__next(f, NULL); k; k = findings__next(f, k))
		if (is_chosen(c, k->rule))
			add(ret, c, k);
	for (const struct not_evaluated *k = findings__next_open(f, NULL); k; k = findings__next_open(f, k))
		if (is_chosen(c, k->rule))
			ret->open[ret->open_cnt++] = *k;
	ret->omitted = findings__omitted(f);
	sort(ret->findings, ret->finding_cnt);
	decide(ret, c);
	return 0;
}

void verdict__free(struct verdict *v)
{
	free(v->findings);
	free(v->suppressed);
	free(v->open);
	*v = (struct verdict){};
}
