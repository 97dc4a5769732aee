/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The build cache of the summary: what each go command found in it, and what making the rest took. */
#include <errno.h>
#include <stdlib.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_COMMANDS	20
#define MAX_ROWS	8	/* of each command; the costliest ones */
#define MAX_NAMES	4	/* in a sentence */
#define NAME_WIDTH	38

static void add_header(struct page *p)
{
	str__addf(p->out, "  %-*s %7s %7s %7s %10s %12s\n", (int)page__column(p, 30), "packages", "hits", "misses", "broken",
		  "hits, size", "time spent");
}

static void add_row(struct page *p, const struct go_command *c, const struct cache_sum *sum)
{
	const uint64_t *n = sum->by_kind[CACHE_PACKAGE];
	__free_str struct str name = {}, label = {}, hit = {}, miss = {}, broken = {}, size = {}, spent = {};

	process__label(c->p, &label);
	text__safes(&name, label.s ?: "");
	str__addf(&name, " (pid %u)", c->p->pid);
	text__count(&hit, n[CACHE_HIT]);
	text__count(&miss, n[CACHE_MISS]);
	text__count(&broken, n[CACHE_BROKEN]);
	str__adds(&size, sum->unsized ? ">" : "");
	text__size(&size, sum->hit_bytes);
	text__duration(&spent, sum->spent_ns);
	str__adds(p->out, "  ");
	label.len = p->out->len;
	text__fit(p->out, name.s ?: "", page__column(p, 30));
	text__pad(p->out, label.len, page__column(p, 30));
	str__addf(p->out, " %7s %7s %7s %10s %12s\n", hit.s ?: "", miss.s ?: "",
		  n[CACHE_BROKEN] ? broken.s ?: "" : "-", n[CACHE_HIT] ? size.s ?: "" : "-",
		  sum->spent_ns ? spent.s ?: "" : "-");
}

/* A sentence below the command's row; text is emptied. */
static void add_line(struct page *p, struct str *text)
{
	if (text->len) {
		str__adds(p->out, "      ");
		page__wrap(p, 6, 6, text->s ?: "");
	}
	str__cut(text, 0);
}

static void add_count(struct str *text, uint64_t n, const char *one, const char *many)
{
	if (!n)
		return;
	str__adds(text, text->len ? ", " : "");
	text__plural(text, n, one, many);
}

static void add_counts(struct page *p, const struct cache_sum *sum)
{
	const uint64_t *n = sum->by_kind[CACHE_PACKAGE];
	__free_str struct str text = {};

	add_count(&text, sum->lookups, "look-up", "look-ups");
	if (sum->lookups > sum->named) {
		str__adds(&text, " (");
		text__count(&text, sum->lookups - sum->named);
		str__adds(&text, " without a package's name)");
	}
	add_count(&text, sum->put, "entry written", "entries written");
	add_count(&text, sum->refreshed, "refreshed", "refreshed");
	add_count(&text, sum->trimmed, "file removed", "files removed");
	add_line(p, &text);
	add_count(&text, n[CACHE_BUILT], "package built without asking (-a)",
		  "packages built without asking (-a)");
	add_count(&text, n[CACHE_ASKED], "package built after asking the program of GOCACHEPROG",
		  "packages built after asking the program of GOCACHEPROG");
	add_count(&text, n[CACHE_UNSEEN], "package built whose look-up was not seen",
		  "packages built whose look-ups were not seen");
	add_count(&text, n[CACHE_GOROOT], "package precompiled in $GOROOT/pkg",
		  "packages precompiled in $GOROOT/pkg");
	add_line(p, &text);
}

static void add_times(struct page *p, const struct cache_sum *sum)
{
	__free_str struct str text = {};

	if (sum->spent_ns > sum->spent_wall_ns + sum->spent_wall_ns / 20) {
		str__adds(&text, "time spent: tools ran side by side, ");
		text__duration(&text, sum->spent_ns);
		str__adds(&text, " of theirs in ");
		text__duration(&text, sum->spent_wall_ns);
		add_line(p, &text);
	}
	if (sum->saved) {
		str__adds(&text, "time saved: ");
		text__duration(&text, sum->saved_ns);
		str__adds(&text, ", which making ");
		text__plural(&text, sum->saved, "of these hits", "of these hits");
		str__adds(&text, " took elsewhere in this record");
		add_line(p, &text);
	}
	if (sum->cacheprog) {
		str__adds(&text, "GOCACHEPROG is set: go asks that program over a pipe, which is not "
			  "seen; its hits and misses are not in these numbers.");
		add_line(p, &text);
	}
}

/* --- what stood in its way --- */

typedef bool (*filter_fn)(const struct cache_use *use, uint64_t arg);

static bool is_removed_by(const struct cache_use *use, uint64_t proc)
{
	return use->kind == CACHE_PACKAGE && use->removed_by == proc;
}

static bool is_also_made_by(const struct cache_use *use, uint64_t go)
{
	return use->kind == CACHE_PACKAGE && use->also == go;
}

static bool is_up_to_date(const struct cache_use *use, uint64_t arg)
{
	return use->outcome == CACHE_UP_TO_DATE;
}

/* "fmt, errors and 30 more"; returns how many there are, without the nameless. */
static uint64_t add_names(struct str *text, const struct model *m, const struct process *go,
			  filter_fn filter, uint64_t arg)
{
	const struct cache_ref *at = NULL;
	const char *last = NULL;
	struct cache_use use;
	uint64_t n = 0;

	while ((at = model__next_use(m, go, at, &use))) {
		if (!filter(&use, arg) || !use.package || (last && str_eq(last, use.package)))
			continue;
		last = use.package;
		if (n++ >= MAX_NAMES)
			continue;
		str__adds(text, n > 1 ? ", " : "");
		text__safes(text, use.package);
		str__adds(text, use.confidence == PROVEN ? "" : " (likely)");
	}
	if (n > MAX_NAMES)
		str__addf(text, " and %llu more", (unsigned long long)(n - MAX_NAMES));
	return n;
}

static void add_removal(struct page *p, const struct process *go, const struct cache_removal *r)
{
	__free_str struct str text = {}, names = {};
	uint64_t n = r->by ? add_names(&names, p->m, go, is_removed_by, r->by) : 0;

	text__plural(&text, r->entries, "entry", "entries");
	if (n)
		str__addf(&text, " (of %s)", names.s ?: "");
	str__adds(&text, r->entries == 1 ? " was" : " were");
	str__adds(&text, r->by ? " removed by " : " removed by something that is not in this record");
	if (r->by)
		text__process(&text, p->m, r->by);
	str__adds(&text, " while this command used the cache");
	if (r->tools) {
		str__adds(&text, "; ");
		text__plural(&text, r->tools, "of its tools", "of its tools");
		str__adds(&text, " did not find what go had found before");
	}
	if (r->failed) {
		str__adds(&text, ", ");
		text__plural(&text, r->failed, "failed", "failed");
	}
	add_line(p, &text);
}

static void add_unwritten(struct page *p, const struct process *go, const struct cache_sum *sum)
{
	__free_str struct str text = {};

	if (!sum->unwritten.cnt)
		return;
	text__plural(&text, sum->unwritten.cnt, "file", "files");
	str__adds(&text, " of the cache could not be written (");
	text__safes(&text, sum->unwritten.err ?: "begun, and not finished");
	str__adds(&text, go->end == PROCESS_EXITED && !go->status ?
		  "): go says nothing of it, and makes it all again next time" : ")");
	add_line(p, &text);
}

/* The first other command; with more of them each package still has its own in --json. */
static void add_doubles(struct page *p, const struct process *go, const struct cache_sum *sum)
{
	__free_str struct str text = {}, names = {};
	const struct cache_ref *at = NULL;
	struct cache_use use = {};

	if (!sum->also)
		return;
	while ((at = model__next_use(p->m, go, at, &use)) && !use.also)
		;
	add_names(&names, p->m, go, is_also_made_by, use.also);
	text__plural(&text, sum->also, "package", "packages");
	str__addf(&text, " (%s) %s made by ", names.s ?: "", sum->also == 1 ? "was" : "were");
	text__process(&text, p->m, use.also);
	str__adds(&text, " at the same time, too: ");
	text__duration(&text, sum->also_ns);
	str__adds(&text, " spent twice");
	add_line(p, &text);
}

static void add_up_to_date(struct page *p, const struct process *go, const struct cache_sum *sum)
{
	__free_str struct str text = {};

	if (!sum->by_kind[CACHE_PACKAGE][CACHE_UP_TO_DATE])
		return;
	str__adds(&text, "up to date, so not even looked up: ");
	add_names(&text, p->m, go, is_up_to_date, 0);
	add_line(p, &text);
}

/* --- what was made --- */

static const char *why(const struct cache_use *use)
{
	static const struct {
		const char *reason, *text;
	} reasons[] = {
		{ "absent",	   "entry absent" },
		{ "size",	   "output of another size" },
		{ "malformed",	   "entry malformed" },
		{ "unusable",	   "entry not usable" },
		{ "inputs",	   "see Tests" },
		{ "gocacheverify", "gocacheverify=1" },
	};

	switch (use->outcome) {
	case CACHE_BUILT:
		return use->kind == CACHE_VET ? "never looked up" : "built with -a";
	case CACHE_ASKED:
		return "asked GOCACHEPROG";
	case CACHE_UNSEEN:
		return "look-up not seen";
	default:
		break;
	}
	if (use->outcome == CACHE_BROKEN && use->reason && str_eq(use->reason, "absent"))
		return "output is gone";
	for (size_t i = 0; use->reason && i < ARRAY_SIZE(reasons); i++)
		if (str_eq(use->reason, reasons[i].reason))
			return reasons[i].text;
	return use->reason ? "entry not readable" : "look-up not known";
}

/* Packages that had to be made, and whatever else tools ran for. */
static bool is_row(const struct cache_use *use)
{
	return use->work_ns >= 0 ||
	       (use->kind == CACHE_PACKAGE && cache_outcome__is_made(use->outcome));
}

/* Keeps the costliest ones, costliest first. */
static void keep_costliest(struct cache_use *list, size_t *n, const struct cache_use *use)
{
	size_t i = *n < MAX_ROWS ? (*n)++ : *n;

	if (i == MAX_ROWS && list[i - 1].work_ns >= use->work_ns)
		return;
	if (i == MAX_ROWS)
		i--;
	for (; i && list[i - 1].work_ns < use->work_ns; i--)
		list[i] = list[i - 1];
	list[i] = *use;
}

static void add_use(struct page *p, const struct cache_use *use)
{
	__free_str struct str name = {}, time = {};
	size_t from;

	if (use->kind != CACHE_PACKAGE)
		str__addf(&name, "%s ", cache_kind__name(use->kind));
	text__safes(&name, use->package ?: "(package not known)");
	if (use->package && use->confidence != PROVEN)
		str__adds(&name, " (likely)");
	text__duration(&time, use->work_ns);
	str__addf(p->out, "      %10s  ", use->work_ns < 0 ? "-" : time.s ?: "");
	from = p->out->len;
	text__fit(p->out, name.s ?: "", page__column(p, NAME_WIDTH));
	text__pad(p->out, from, page__column(p, NAME_WIDTH));
	str__addf(p->out, "  %s\n", why(use));
}

static void add_made(struct page *p, const struct process *go)
{
	struct cache_use list[MAX_ROWS], use;
	const struct cache_ref *at = NULL;
	size_t n = 0, all = 0;

	while ((at = model__next_use(p->m, go, at, &use))) {
		if (!is_row(&use))
			continue;
		all++;
		keep_costliest(list, &n, &use);
	}
	for (size_t i = 0; i < n; i++)
		add_use(p, &list[i]);
	if (all > n)
		str__addf(p->out, "      and %zu cheaper ones (--json has all)\n", all - n);
}

static bool is_worth_a_row(const struct cache_sum *sum)
{
	return sum->lookups || sum->put || sum->trimmed || sum->cacheprog || sum->unwritten.cnt ||
	       sum->spent_ns || sum->by_kind[CACHE_PACKAGE][CACHE_UP_TO_DATE];
}

int summary__cache(struct page *p)
{
	const struct cache_removal *r;
	const struct go_command *c;
	struct cache_sum sum;
	size_t shown = 0, left = 0;

	for (c = model__next_command(p->m, NULL); c; c = model__next_command(p->m, c)) {
		if (!model__cache(p->m, c->p, &sum) || !is_worth_a_row(&sum))
			continue;
		if (shown == MAX_COMMANDS) {
			left++;
			continue;
		}
		if (!shown++) {
			page__heading(p, "Build cache");
			add_header(p);
		}
		add_row(p, c, &sum);
		add_counts(p, &sum);
		add_up_to_date(p, c->p, &sum);
		add_times(p, &sum);
		add_unwritten(p, c->p, &sum);
		for (r = model__next_removal(p->m, c->p, NULL); r; r = model__next_removal(p->m, c->p, r))
			add_removal(p, c->p, r);
		add_doubles(p, c->p, &sum);
		add_made(p, c->p);
	}
	if (left)
		str__addf(p->out, "  and %zu more commands (--json has all)\n", left);
	return 0;
}
