/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page that a person reads first: 80 columns, the verdict on top. */
#include "model/counts.h"
#include "model/run.h"
#include "output/page.h"
#include "output/summary.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_TEXT	400	/* bytes of a command line */

static void add_cut(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	str__adds(&text, "The record is cut short: it stops ");
	text__duration(&text, r->last_ts);
	str__adds(&text, " after its start, without an end. What is said here did happen; what is "
		  "not said may have happened as well, and what was lost before the cut may not "
		  "have been told. How processes ended that still ran is not known.");
	page__field_str(p, "cut", &text);
}

static void add_losses(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	if (!run__lost(r))
		return;
	text__plural(&text, run__lost(r), "event was", "events were");
	str__adds(&text, " lost: that a look-up is not here does not prove that it was not made.");
	for (size_t i = 0; i < r->loss_cnt && i < 5; i++) {
		const struct loss *l = &r->losses[i];

		str__adds(&text, i ? ", " : " Where: ");
		text__count(&text, l->count);
		str__addc(&text, ' ');
		text__safes(&text, l->what);
		str__addf(&text, " between %.3f and %.3f s", l->since < 0 ? 0 : l->since / 1e9,
			  l->ts < 0 ? 0 : l->ts / 1e9);
	}
	if (r->loss_cnt > 5 || r->losses_cut) {
		str__adds(&text, ", and at ");
		text__plural(&text, r->loss_cnt - 5 + r->losses_cut, "more place", "more places");
	}
	page__field_str(p, "lost", &text);
}

static void add_blind(struct str *text, const struct model *m, const struct blind *b)
{
	text__process(text, m, b->proc);
	str__adds(text, " by ");
	text__safes(text, str_eq(b->what, BLIND_OTHER_USER) ? "running with other rights" : b->what);
	if (b->was_before)
		str__adds(text, " since before it was followed");
	else
		str__addf(text, " from %.3f s", b->ts < 0 ? 0 : b->ts / 1e9);
}

static void add_blinds(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	if (!r->blind_cnt)
		return;
	text__plural(&text, r->blind_cnt, "process", "processes");
	str__adds(&text, " could access files unseen: that an access of theirs is not here does not "
		  "prove that it was not made. Which: ");
	for (size_t i = 0; i < r->blind_cnt && i < 5; i++) {
		str__adds(&text, i ? ", " : "");
		add_blind(&text, p->m, &r->blinds[i]);
	}
	if (r->blind_cnt > 5 || r->blinds_cut) {
		str__adds(&text, ", and ");
		text__count(&text, r->blind_cnt - 5 + r->blinds_cut);
		str__adds(&text, " more");
	}
	page__field_str(p, "blind", &text);
}

/* Of a watch they are no more than that; where the end was to come after theirs, what they did is missing. */
static void add_alive(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	if (!r->alive_cnt || r->end_complete)
		return;
	text__plural(&text, r->alive_cnt + r->alive_omitted, "process", "processes");
	str__adds(&text, " had not ended, and what happened later is not here (--wait waits for them): ");
	for (size_t i = 0; i < r->alive_cnt && i < 5; i++) {
		str__adds(&text, i ? ", " : "");
		text__process(&text, p->m, r->alive[i].proc);
	}
	if (r->alive_cnt > 5 || r->alive_omitted) {
		str__adds(&text, ", and ");
		text__count(&text, r->alive_cnt - 5 + r->alive_omitted);
		str__adds(&text, " more");
	}
	page__field_str(p, "running", &text);
}

static void add_missing(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	for (size_t i = 0; i < r->missing_cnt; i++) {
		str__adds(&text, i ? "; " : "");
		text__safes(&text, r->missing[i].name);
		str__adds(&text, ": ");
		text__safes(&text, r->missing[i].without);
	}
	if (r->missing_cnt)
		page__field_str(p, "without", &text);
}

static void add_partials(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	for (size_t i = 0; i < r->partial_cnt; i++) {
		str__adds(&text, i ? ", " : "");
		text__safes(&text, r->partials[i].name);
		str__adds(&text, " in ");
		text__plural(&text, r->partials[i].count, "line", "lines");
	}
	if (r->partial_cnt)
		page__field_str(p, "partly", &text);
}

int summary__verdict(struct page *p)
{
	const struct run *r = model__run(p->m);
	const struct counts *c = model__counts(p->m);
	bool complete = run__is_complete(r);
	__free_str struct str text = {};

	text__tone(p->out, p->color, complete ? TONE_GOOD : TONE_BAD,
		   complete ? "COMPLETE" : "NOT COMPLETE");
	str__adds(p->out, ": ");
	text__plural(p->out, c->lines, "line", "lines");
	str__adds(p->out, " over ");
	text__duration(p->out, r->duration);
	str__adds(p->out, complete ? ", nothing lost\n" : "\n");
	if (r->cut)
		add_cut(p, r);
	add_losses(p, r);
	add_blinds(p, r);
	add_alive(p, r);
	add_missing(p, r);
	if (r->has_end && !r->end_complete && !run__has_gaps(r) && !r->alive_cnt)
		page__field(p, "end", "Capture says that it did not see everything.");
	if (r->bad_lines) {
		text__plural(&text, r->bad_lines, "line of the file is", "lines of the file are");
		str__adds(&text, " not readable and omitted");
		page__field_str(p, "damaged", &text);
	}
	if (c->unknown) {
		text__plural(&text, c->unknown, "line is", "lines are");
		str__adds(&text, " of a kind that this version does not know");
		page__field_str(p, "unknown", &text);
	}
	add_partials(p, r);
	return 0;
}

static void add_words(struct str *text, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n && text->len < MAX_TEXT; i++) {
		str__adds(text, i ? " " : "");
		text__arg(text, words[i]);
	}
	if (i < n)
		str__addf(text, " (+%zu more arguments)", n - i);
}

/* RFC 3339 without the fraction of the second */
static void add_time(struct str *text, const char *time)
{
	size_t n = strcspn(time, ".");

	text__safe(text, time, n);
	if (time[n])
		text__safes(text, time + n + 1 + strspn(time + n + 1, "0123456789"));
}

static int add_run(struct page *p)
{
	const struct run *r = model__run(p->m);
	__free_str struct str text = {};

	page__heading(p, "Observed");
	if (r->command_cnt) {
		add_words(&text, r->command, r->command_cnt);
		if (r->status >= 0)
			str__addf(&text, " (exit %lld)", (long long)r->status);
		page__field_str(p, "command", &text);
	}
	text__safes(&text, r->host ?: "(unknown)");
	str__adds(&text, ", Linux ");
	text__safes(&text, r->kernel ?: "(unknown)");
	str__adds(&text, ", ");
	text__safes(&text, r->arch ?: "(unknown)");
	if (r->cpus > 0) {
		str__adds(&text, ", ");
		text__plural(&text, r->cpus, "CPU", "CPUs");
	}
	page__field_str(p, "host", &text);
	add_time(&text, r->start ?: "(unknown)");
	page__field_str(p, "start", &text);
	text__safes(&text, r->mode ?: "(unknown)");
	str__adds(&text, ", by goenvbpf ");
	text__safes(&text, r->version ?: "(unknown)");
	if (r->tier) {
		str__adds(&text, ", hooks ");
		text__safes(&text, r->tier);
	}
	page__field_str(p, "mode", &text);
	for (size_t i = 0; i < r->tag_cnt; i++) {
		text__safes(&text, r->tags[i].name);
		str__addc(&text, '=');
		text__safes(&text, r->tags[i].value);
		page__field_str(p, i ? "" : "tags", &text);
	}
	return 0;
}

/* The page from top to bottom. */
static int (*const sections[])(struct page *p) = {
	summary__verdict,
	add_run,
	summary__findings,
	summary__commands,
	summary__settings,
	summary__toolchains,
	summary__cache,
	summary__programs,
	summary__accesses,
	summary__images,
	summary__modules,
	summary__tests,
	summary__embedded,
	summary__outputs,
	summary__refusals,
	summary__connections,
	summary__ladders,
};

int summary__text(const struct model *m, const char *name, bool color, size_t width, struct str *out)
{
	struct page p = { m, out, color, .width = width };
	int err;

	text__safes(out, name);
	str__adds(out, ": ");
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		err = sections[i](&p);
		if (err)
			return err;
	}
	return str__err(out);
}
