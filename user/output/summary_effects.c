/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary: findings; what was put into place, what was refused, and where programs connected to. */
#include <errno.h>

#include "model/effects/effects.h"
#include "model/images.h"
#include "output/findings.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "record/kinds.h"

#define MAX_SHOWN 12

static void add_open(struct page *p, const struct findings *f)
{
	const struct not_evaluated *n = findings__next_open(f, NULL);
	__free_str struct str text = {};
	uint64_t cnt = 0;

	for (; n; n = findings__next_open(f, n))
		cnt += n->was_asked;
	if (!cnt)
		return;
	text__plural(&text, cnt, "rule", "rules");
	str__adds(&text, " could not be evaluated: goenvbpf check says which, and what is missing");
	page__field_str(p, "not told", &text);
}

int summary__findings(struct page *p)
{
	__free_findings struct findings *own = p->findings ? NULL : rules__evaluate(p->m);
	const struct findings *f = p->findings ?: own;
	struct verdict v = {};
	int err = f ? verdict__make(f, &(struct verdict_choice){}, &v) : -ENOMEM;

	if (!err && (v.finding_cnt || v.kind == VERDICT_INCONCLUSIVE))
		page__heading(p, "Findings");
	for (size_t i = 0; !err && i < v.finding_cnt && i < MAX_SHOWN; i++)
		findings__add(p, &v.findings[i]);
	if (!err) {
		page__more(p, v.finding_cnt, MAX_SHOWN, " findings");
		add_open(p, f);
	}
	verdict__free(&v);
	return err;
}

/* ": go1.26.10, example.org/shop v1.2.3+dirty, build ID tmk7…" of the last file that was put there */
static void add_embedded(struct page *p, const char *path, struct str *text)
{
	const struct image *last = NULL;

	for (const struct image *i = model__next_image(p->m, NULL); i; i = model__next_image(p->m, i))
		if (i->go && str_eq(i->exe, path) && (!last || i->looked_at >= last->looked_at))
			last = i;
	if (!last)
		return;
	str__adds(text, ": ");
	text__safes(text, last->go);
	if (last->package) {
		str__adds(text, ", ");
		text__safes(text, last->package);
	}
	if (last->version) {
		str__addc(text, ' ');
		text__safes(text, last->version);
	}
	if (!last->build_id)
		return;
	str__adds(text, ", build ID ");
	text__safe(text, last->build_id, strcspn(last->build_id, "/") < 8 ? strcspn(last->build_id, "/") : 8);
	str__adds(text, "…");
}

int summary__outputs(struct page *p)
{
	uint64_t cnt = 0;

	for (const struct output *o = model__next_output(p->m, NULL); o; o = model__next_output(p->m, o)) {
		__free_str struct str text = {};

		if (!cnt)
			page__heading(p, "Put into place");
		if (cnt++ >= MAX_SHOWN)
			continue;
		text__safes(&text, o->path);
		if (o->was_up_to_date)
			str__adds(&text, " (up to date)");
		add_embedded(p, o->path, &text);
		page__paragraph(p, 2, TONE_PLAIN, text.s ?: "");
	}
	page__more(p, cnt, MAX_SHOWN, "");
	return 0;
}

int summary__refusals(struct page *p)
{
	uint64_t cnt = 0;

	for (const struct refusal *r = model__next_refusal(p->m, NULL); r; r = model__next_refusal(p->m, r)) {
		__free_str struct str text = {};

		if (!cnt)
			page__heading(p, "Refused");
		if (cnt++ >= MAX_SHOWN)
			continue;
		text__process(&text, p->m, r->proc);
		str__addf(&text, ": %s ", rec_kind__name(r->kind));
		text__safes(&text, r->path);
		str__addc(&text, ' ');
		text__safes(&text, r->err);
		page__paragraph(p, 2, TONE_PLAIN, text.s ?: "");
	}
	page__more(p, cnt, MAX_SHOWN, "");
	return 0;
}

static void add_connection(struct page *p, const struct connection *c)
{
	__free_str struct str text = {};
	bool is_v6 = strchr(c->addr, ':');

	text__process(&text, p->m, c->proc);
	str__adds(&text, ": ");
	str__adds(&text, is_v6 ? "[" : "");
	text__safes(&text, c->addr);
	str__addf(&text, "%s:%u", is_v6 ? "]" : "", c->port);
	if (c->cnt > 1)
		str__addf(&text, ", %llu times", (unsigned long long)c->cnt);
	if (c->err && !str_eq(c->err, "EINPROGRESS")) {
		str__adds(&text, ", ");
		text__safes(&text, c->err);
	}
	page__paragraph(p, 2, TONE_PLAIN, text.s ?: "");
}

int summary__connections(struct page *p)
{
	uint64_t cnt = 0;

	for (const struct connection *c = model__next_connection(p->m, NULL); c; c = model__next_connection(p->m, c)) {
		if (!*c->addr)
			continue;
		if (!cnt)
			page__heading(p, "Connections");
		if (cnt++ < MAX_SHOWN)
			add_connection(p, c);
	}
	page__more(p, cnt, MAX_SHOWN, "");
	return 0;
}
