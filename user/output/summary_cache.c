/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The build cache of the summary: what each go command found in it, and what the misses cost. */
#include <errno.h>
#include <stdlib.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "output/page.h"
#include "output/text.h"

#define MAX_COMMANDS	20
#define MAX_MISSES	8	/* of each command; the dearest ones */
#define NAME_WIDTH	38

static void add_header(struct page *p)
{
	str__addf(p->out, "  %-30s %7s %7s %7s %10s %12s\n", "packages", "hits", "misses", "broken",
		  "hits, size", "time lost");
}

static void add_row(struct page *p, const struct go_command *c, const struct cache_sum *sum)
{
	const uint64_t *n = sum->by_kind[CACHE_PACKAGE];
	__free_str struct str name = {}, label = {}, hit = {}, miss = {}, broken = {}, size = {}, lost = {};

	process__label(c->p, &label);
	text__safes(&name, label.s ?: "");
	str__addf(&name, " (pid %u)", c->p->pid);
	text__count(&hit, n[CACHE_HIT]);
	text__count(&miss, n[CACHE_MISS] + n[CACHE_BUILT]);
	text__count(&broken, n[CACHE_BROKEN]);
	text__size(&size, sum->hit_bytes);
	text__duration(&lost, sum->lost_ns);
	str__adds(p->out, "  ");
	label.len = p->out->len;
	text__fit(p->out, name.s ?: "", 30);
	text__pad(p->out, label.len, 30);
	str__addf(p->out, " %7s %7s %7s %10s %12s\n", hit.s ?: "", miss.s ?: "",
		  n[CACHE_BROKEN] ? broken.s ?: "" : "-", size.s ?: "",
		  sum->lost_ns ? lost.s ?: "" : "-");
}

static void add_count(struct str *text, uint64_t n, const char *one, const char *many)
{
	if (!n)
		return;
	str__adds(text, text->len ? ", " : "");
	text__plural(text, n, one, many);
}

static void add_details(struct page *p, const struct cache_sum *sum)
{
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
	if (text.len) {
		str__adds(p->out, "      ");
		page__wrap(p, 6, 6, text.s ?: "");
	}
	str__cut(&text, 0);
	if (sum->won) {
		str__adds(&text, "time won: ");
		text__duration(&text, sum->won_ns);
		str__adds(&text, ", which compiling ");
		text__plural(&text, sum->won, "of these hits", "of these hits");
		str__adds(&text, " took elsewhere in this record");
		str__adds(p->out, "      ");
		page__wrap(p, 6, 6, text.s ?: "");
	}
	if (sum->cacheprog) {
		str__adds(p->out, "      ");
		page__wrap(p, 6, 6, "GOCACHEPROG is set: go asks that program over a pipe, which is "
			   "not seen; its hits and misses are not in these numbers.");
	}
}

static const char *why(const struct cache_use *use)
{
	if (use->outcome == CACHE_BUILT)
		return "not looked up";
	if (use->outcome == CACHE_BROKEN)
		return use->reason && str_eq(use->reason, "size") ? "output of another size" :
		       "output is gone";
	return use->reason && str_eq(use->reason, "absent") ? "entry absent" : "entry not readable";
}

/* Keeps the dearest ones, dearest first. */
static void keep_dearest(struct cache_use *list, size_t *n, const struct cache_use *use)
{
	size_t i = *n < MAX_MISSES ? (*n)++ : *n;

	if (i == MAX_MISSES && list[i - 1].work_ns >= use->work_ns)
		return;
	if (i == MAX_MISSES)
		i--;
	for (; i && list[i - 1].work_ns < use->work_ns; i--)
		list[i] = list[i - 1];
	list[i] = *use;
}

static int add_misses(struct page *p, const struct process *go)
{
	struct cache_use list[MAX_MISSES], use;
	const struct cache_ref *at = NULL;
	size_t n = 0, all = 0;
	int err;

	for (;;) {
		err = model__next_use(p->m, go, &at, &use);
		if (err)
			return err;
		if (!at)
			break;
		if (use.kind != CACHE_PACKAGE || use.outcome == CACHE_HIT)
			continue;
		all++;
		keep_dearest(list, &n, &use);
	}
	for (size_t i = 0; i < n; i++) {
		__free_str struct str name = {}, time = {};
		size_t from;

		text__safes(&name, list[i].package ?: "(package not known)");
		text__duration(&time, list[i].work_ns);
		str__addf(p->out, "      %10s  ", list[i].work_ns < 0 ? "-" : time.s ?: "");
		from = p->out->len;
		text__fit(p->out, name.s ?: "", NAME_WIDTH);
		text__pad(p->out, from, NAME_WIDTH);
		str__addf(p->out, "  %s\n", why(&list[i]));
	}
	if (all > n)
		str__addf(p->out, "      and %zu cheaper ones (--json has all)\n", all - n);
	return 0;
}

static bool is_worth_a_row(const struct cache_sum *sum)
{
	return sum->lookups || sum->put || sum->trimmed || sum->cacheprog;
}

int summary__cache(struct page *p)
{
	const struct go_command *c;
	struct cache_sum sum;
	size_t shown = 0, left = 0;
	int err;

	for (c = model__next_command(p->m, NULL); c; c = model__next_command(p->m, c)) {
		err = model__cache(p->m, c->p, &sum);
		if (err == -ENOENT || (!err && !is_worth_a_row(&sum)))
			continue;
		if (err)
			return err;
		if (shown == MAX_COMMANDS) {
			left++;
			continue;
		}
		if (!shown++) {
			page__heading(p, "Build cache");
			add_header(p);
		}
		add_row(p, c, &sum);
		add_details(p, &sum);
		err = add_misses(p, c->p);
		if (err)
			return err;
	}
	if (left)
		str__addf(p->out, "  and %zu more commands (--json has all)\n", left);
	return 0;
}
