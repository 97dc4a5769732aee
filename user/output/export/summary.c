/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The summary of a job in Markdown, for what CI systems show of it. They take about 1 MiB and nothing
 * of more, so sections beyond SUMMARY_MAX are left out whole, and that is said.
 */
#include <errno.h>
#include <stdlib.h>

#include "answers/failures.h"
#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/run.h"
#include "output/export/escape.h"
#include "output/export/report.h"
#include "rules/causes.h"

#define SUMMARY_MAX (900u << 10)
#define SLOWEST 10

struct summary {
	const struct export_job *job;
	struct findings *findings;
	struct str *out;
	unsigned int left_out;
	int err;
};

static void add_duration(struct str *out, int64_t ns)
{
	__free_str struct str text = {};

	text__duration(&text, ns);
	str__adds(out, text.s ?: "");
}

/* Command lines, paths: as they are, in the font of code, which has no markup but its own end. */
static void add_code(struct str *out, const char *text)
{
	__free_str struct str safe = {};

	text__safes(&safe, text);
	str__adds(out, "`");
	for (const char *s = safe.s ?: ""; *s; s++)
		str__adds(out, *s == '`' ? "'" : *s == '|' ? "\\|" : (char[]){ *s, 0 });
	str__adds(out, "`");
}

static void add_command(struct str *out, const struct run *r, const char *name)
{
	__free_str struct str line = {};

	for (size_t i = 0; i < r->command_cnt && line.len < 500; i++) {
		str__adds(&line, i ? " " : "");
		text__arg(&line, r->command[i]);
	}
	add_code(out, line.len ? line.s : name);
}

static void add_head(struct summary *s)
{
	const struct run *r = model__run(s->job->m);
	struct cache_total sum;
	struct str *out = s->out;

	str__adds(out, "### ");
	add_command(out, r, s->job->name);
	if (r->status > 0)
		str__addf(out, " failed (exit %lld)", (long long)r->status);
	str__adds(out, "\n\n");
	add_duration(out, r->duration);
	if (model__cache_total(s->job->m, &sum) && sum.hits + sum.made) {
		str__adds(out, ", ");
		text__count(out, sum.hits);
		str__adds(out, " of ");
		text__plural(out, sum.hits + sum.made, "package", "packages");
		str__adds(out, " from the cache");
		if (sum.spent_ns) {
			str__adds(out, ", the others took ");
			add_duration(out, sum.spent_ns);
		}
	}
	str__adds(out, run__is_complete(r) ? ".\n" : ". **The record is not complete.**\n");
}

static void add_failures(struct summary *s)
{
	__free_told_failures struct told_failures *t = failures__tell(s->job->m, s->findings);

	for (size_t i = 0; t && i < t->cnt; i++) {
		str__adds(s->out, i ? "- " : "\n#### What failed\n\n- ");
		add_code(s->out, t->list[i].program.s ?: "");
		if (t->list[i].text.len) {
			str__adds(s->out, ": ");
			escape__markdown(s->out, t->list[i].text.s);
			str__addf(s->out, " (%s)", confidence__name(t->list[i].why.confidence));
		}
		str__addc(s->out, '\n');
	}
}

static void add_findings(struct summary *s)
{
	const struct finding *f = findings__next(s->findings, NULL);

	if (f)
		str__adds(s->out, "\n#### Findings\n\n| | what | do |\n|---|---|---|\n");
	for (; f; f = findings__next(s->findings, f)) {
		str__addf(s->out, "| **%s**, %s | ", severity__name(f->severity), confidence__name(f->confidence));
		escape__markdown(s->out, f->rule->title);
		str__adds(s->out, ": ");
		add_code(s->out, f->subject);
		str__addc(s->out, ' ');
		escape__markdown(s->out, f->detail ?: "");
		str__adds(s->out, " | ");
		escape__markdown(s->out, f->remedy);
		str__adds(s->out, " |\n");
	}
}

static void add_causes(struct summary *s)
{
	__free_causes struct causes *c = NULL;

	if (s->job->old)
		s->err = causes__find(s->job->old, s->job->m, NULL, &c);
	for (size_t i = 0; !s->err && c && i < c->cnt; i++) {
		str__adds(s->out, i ? "- **" : "\n#### Why it was built again\n\n- **");
		str__adds(s->out, cause_kind__name(c->list[i].kind));
		str__addf(s->out, "** (%s), ", confidence__name(c->list[i].confidence));
		text__plural(s->out, c->list[i].package_cnt, "package", "packages");
		str__adds(s->out, ", ");
		add_duration(s->out, c->list[i].ns);
		str__adds(s->out, ": ");
		add_code(s->out, c->list[i].detail ?: "");
		str__addc(s->out, '\n');
	}
}

static int by_work(const void *a, const void *b)
{
	const struct cache_use *x = a, *y = b;

	return x->work_ns < y->work_ns ? 1 : x->work_ns > y->work_ns ? -1 : strcmp(x->package ?: "", y->package ?: "");
}

/* The slowest ones so far, in order; the last one gives way. */
static void keep(struct cache_use *list, size_t *n, const struct cache_use *use)
{
	if (use->kind != CACHE_PACKAGE || use->work_ns <= 0 || !use->package)
		return;
	if (*n < SLOWEST)
		list[(*n)++] = *use;
	else if (by_work(&list[SLOWEST - 1], use) > 0)
		list[SLOWEST - 1] = *use;
	qsort(list, *n, sizeof(*list), by_work);
}

static void add_slowest(struct summary *s)
{
	struct cache_use list[SLOWEST], use;
	size_t n = 0;

	for (const struct go_command *c = model__next_command(s->job->m, NULL); c; c = model__next_command(s->job->m, c))
		for (const struct cache_ref *at = model__next_use(s->job->m, c->p, NULL, &use); at;
		     at = model__next_use(s->job->m, c->p, at, &use))
			keep(list, &n, &use);
	if (n)
		str__adds(s->out, "\n#### Slowest packages\n\n| package | cache | time |\n|---|---|--:|\n");
	for (size_t i = 0; i < n; i++) {
		str__adds(s->out, "| ");
		add_code(s->out, list[i].package);
		str__addf(s->out, " | %s | ", cache_outcome__name(list[i].outcome));
		add_duration(s->out, list[i].work_ns);
		str__adds(s->out, " |\n");
	}
}

/* Whole, or not at all. */
static void add_section(struct summary *s, void (*add)(struct summary *s))
{
	size_t before = s->out->len;

	add(s);
	if (s->out->len <= SUMMARY_MAX)
		return;
	str__cut(s->out, before);
	s->left_out++;
}

static int make(const struct export_job *job, struct str *out)
{
	__free_findings struct findings *f = rules__evaluate(job->m);
	struct summary s = { .job = job, .findings = f, .out = out };

	if (!f)
		return -ENOMEM;
	add_head(&s);
	add_section(&s, add_failures);
	add_section(&s, add_findings);
	add_section(&s, add_causes);
	add_section(&s, add_slowest);
	if (s.left_out)
		str__addf(out, "\n%u section%s left out: there is more than fits.\n", s.left_out, s.left_out > 1 ? "s were" : " was");
	return s.err;
}

REPORT_EXPORTER(summary, make);
