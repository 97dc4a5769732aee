/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first screen: how it ended, what was found and what to do, and in a line each what was used. */
#include <errno.h>
#include <stdlib.h>

#include "answers/toolchains.h"
#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/counts.h"
#include "model/images.h"
#include "model/run.h"
#include "model/toolchain/toolchain.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/summary.h"
#include "output/text.h"
#include "rules/rules.h"

#define MAX_COMMANDS	8
#define MAX_TOOLCHAINS	4

/* --- how it ended --- */

/* "go build .          ok   1.36 s", the end at the page's right edge */
static void add_row(struct page *p, const char *command, const char *end, enum tone tone, int64_t duration)
{
	__free_str struct str tail = {};
	size_t from = p->out->len, width;

	str__adds(&tail, end);
	if (duration >= 0) {
		str__adds(&tail, "   ");
		text__duration(&tail, duration);
	}
	width = page__width(p);
	width -= (tail.len < width / 2 ? tail.len : width / 2) + 2;
	text__fit(p->out, command, width);
	text__pad(p->out, from, width + 2);
	text__tone(p->out, p->color, tone, tail.s ?: "");
	str__addc(p->out, '\n');
}

static void add_end(struct page *p, const char *command, const struct process *proc)
{
	__free_str struct str end = {};

	if (proc->end == PROCESS_EXITED && proc->status)
		str__addf(&end, "FAILED (exit %d)", proc->status);
	else if (proc->end == PROCESS_KILLED)
		str__addf(&end, "FAILED (signal %d)", proc->status);
	else
		str__adds(&end, proc->end == PROCESS_EXITED ? "ok" : "not ended");
	add_row(p, command, end.s ?: "", process__has_failed(proc) ? TONE_BAD : TONE_GOOD, process__duration(proc));
}

/* Of what run was given: the shell that it may be, not the go commands below. */
static bool add_run(struct page *p)
{
	const struct run *r = model__run(p->m);
	const struct process *first = model__next_process(p->m, NULL);
	const struct process *last = first ? process__last_image(p->m, first) : NULL;
	bool is_timed = first && first->start >= 0 && last->finish >= 0;
	__free_str struct str command = {}, end = {};

	if (!r->command_cnt)
		return false;
	for (size_t i = 0; i < r->command_cnt && command.len < 2 * page__width(p); i++) {
		str__adds(&command, i ? " " : "");
		text__arg(&command, r->command[i]);
	}
	if (r->status > 0)
		str__addf(&end, "FAILED (exit %lld)", (long long)r->status);
	else
		str__adds(&end, r->status ? "not ended" : "ok");
	add_row(p, command.s ?: "", end.s ?: "", r->status > 0 ? TONE_BAD : TONE_GOOD,
		is_timed ? last->finish - first->start : -1);
	return true;
}

/* Those that failed first, then the slowest. */
static int by_weight(const void *a, const void *b)
{
	const struct process *x = (*(const struct go_command *const *)a)->p;
	const struct process *y = (*(const struct go_command *const *)b)->p;
	int64_t dx = process__duration(x), dy = process__duration(y);

	if (process__has_failed(x) != process__has_failed(y))
		return process__has_failed(y) - process__has_failed(x);
	if (dx != dy)
		return dx < dy ? 1 : -1;
	return x->proc < y->proc ? -1 : x->proc > y->proc;
}

static int add_commands(struct page *p, bool has_run)
{
	const struct go_command **all, *c;
	size_t n = 0, shown = 0;

	for (c = model__next_command(p->m, NULL); c; c = model__next_command(p->m, c))
		n++;
	c = model__next_command(p->m, NULL);
	if (!n || (has_run && n == 1 && c->p == process__last_image(p->m, model__next_process(p->m, NULL))))
		return 0;	/* it is what was run, and told */
	all = malloc(n * sizeof(struct go_command *));
	if (!all)
		return -ENOMEM;
	n = 0;
	for (c = model__next_command(p->m, NULL); c; c = model__next_command(p->m, c))
		all[n++] = c;
	qsort(all, n, sizeof(struct go_command *), by_weight);
	for (; shown < n && shown < MAX_COMMANDS; shown++) {
		__free_str struct str command = {};

		str__addc(&command, ' ');
		text__args(&command, all[shown]->p);
		add_end(p, command.s ?: "", all[shown]->p);
	}
	page__more(p, n, shown, " go commands");
	free(all);
	return 0;
}

/* --- what was used --- */

static void add_cache(struct page *p)
{
	__free_str struct str text = {};
	struct cache_total sum;

	if (!model__cache_total(p->m, &sum) || sum.hits + sum.made == 0)
		return;
	text__count(&text, sum.hits);
	str__adds(&text, " of ");
	text__plural(&text, sum.hits + sum.made, "package", "packages");
	str__adds(&text, " from the cache");
	if (sum.spent_ns) {
		str__adds(&text, sum.made == 1 ? ", the other one took " :
				 sum.made ? ", the others took " : ", links took ");
		text__duration(&text, sum.spent_ns);
	}
	page__field_str(p, "cache", &text);
}

static void add_toolchains(struct page *p)
{
	__free_str struct str text = {};
	size_t shown = 0;

	for (const struct image *i = model__next_image(p->m, NULL); i; i = model__next_image(p->m, i)) {
		if (image__role(i) != TOOL_GO || shown == MAX_TOOLCHAINS)
			continue;
		text__safes(&text, image__version(i) ?: "of an unknown version");
		str__addc(&text, ' ');
		text__safe(&text, i->exe, toolchain__goroot_len(i->exe) ?: strlen(i->exe));
		page__field_str(p, shown++ ? "" : "toolchain", &text);
	}
}

static void add_record(struct page *p, const char *name)
{
	__free_str struct str text = {};

	str__adds(&text, run__is_complete(model__run(p->m)) ? "complete, " : "NOT COMPLETE, ");
	text__plural(&text, model__counts(p->m)->lines, "line", "lines");
	str__adds(&text, " (");
	text__safes(&text, name);
	str__adds(&text, "); report --full has everything, env the settings, timeline each look-up");
	page__field_str(p, "record", &text);
}

int first__text(const struct model *m, const char *name, bool color, size_t width, struct str *out)
{
	__free_findings struct findings *f = rules__evaluate(m);
	struct page p = { m, out, color, .width = width, .is_first = true, .findings = f };
	bool failed = model__run(m)->status > 0, has_run = add_run(&p);
	int err = f ? add_commands(&p, has_run) : -ENOMEM;

	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c))
		failed |= process__has_failed(c->p);
	/* What was not seen may be what matters. */
	if (!err && (!run__is_complete(model__run(m)) || model__run(m)->missing_cnt)) {
		str__addc(out, '\n');
		err = summary__verdict(&p);
	}
	if (!err && failed)
		err = summary__failures(&p) ?: summary__refusals(&p);
	err = err ?: summary__findings(&p) ?: summary__settings(&p) ?: summary__tests(&p) ?: summary__outputs(&p);
	if (err)
		return err;
	str__addc(out, '\n');
	add_cache(&p);
	add_toolchains(&p);
	add_record(&p, name);
	return str__err(out);
}
