/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the top view shows, as lines of text. */
#include <errno.h>
#include <stdlib.h>

#include "model/roots.h"
#include "output/status.h"
#include "output/top_page.h"

#define HEAD_ROWS	2
#define MAX_TOOLS	512
#define HASH_SHOWN	6	/* bytes of an action */

struct making {
	struct top_page *page;
	const struct now *n;
	const struct top_choice *choice;
	int64_t time;
	size_t columns;
	struct str name;	/* scratch */
};

#define X(id, name) [TOP_SORT_##id] = name,
static const char *const sort_names[] = { TOP_SORT_LIST(X) };
#undef X
#define X(id, name) [TOP_SHOWN_##id] = name,
static const char *const shown_names[] = { TOP_SHOWN_LIST(X) };
#undef X
#define X(id, name) [TOP_MISSED_##id] = name,
static const char *const missed_names[] = { TOP_MISSED_LIST(X) };
#undef X

/* A row that is empty yet; the last one again when there are no more. */
static struct str *add_row(struct making *k, enum tone tone)
{
	size_t at = k->page->cnt < TOP_MAX_ROWS ? k->page->cnt++ : TOP_MAX_ROWS - 1;

	str__cut(&k->page->text[at], 0);
	k->page->tone[at] = tone;
	return &k->page->text[at];
}

static void add_right(struct str *out, size_t width, const char *text)
{
	size_t have = text__width(text);

	for (; have < width; have++)
		str__addc(out, ' ');
	str__adds(out, text);
}

static void add_count(struct making *k, struct str *out, size_t width, uint64_t n)
{
	str__cut(&k->name, 0);
	text__count(&k->name, n);
	add_right(out, width, k->name.s ?: "");
	str__addc(out, ' ');
}

static void add_time(struct making *k, struct str *out, int64_t ns)
{
	str__cut(&k->name, 0);
	text__duration(&k->name, ns > 0 ? ns : 0);
	add_right(out, 11, k->name.s ?: "");
	str__adds(out, "  ");
}

/* The last column takes what is left of the row. */
static void add_name(struct making *k, struct str *out, const char *name)
{
	size_t have = text__width(out->s ?: "");

	text__fit(out, name, k->columns > have + 8 ? k->columns - have : 8);
}

/* The same of a command line, whose beginning says most. */
static void add_command_line(struct making *k, struct str *out, const char *text)
{
	size_t have = text__width(out->s ?: ""), room = k->columns > have + 8 ? k->columns - have : 8;
	const char *p = text;

	if (text__width(text) <= room) {
		str__adds(out, text);
		return;
	}
	for (room--; room && *p; room--)
		do
			p++;
		while ((*p & 0xc0) == 0x80);
	str__add(out, text, p - text);
	str__adds(out, "…");
}

static bool is_wanted(const struct making *k, const char *text)
{
	return !*k->choice->filter || strstr(text, k->choice->filter);
}

static void add_heading(struct making *k, const char *columns, const char *what, size_t cnt, size_t rows)
{
	struct str *out = add_row(k, TONE_STRONG);

	str__adds(out, columns);
	if (cnt > rows)
		str__addf(out, "%zu/%zu ", rows, cnt);
	str__adds(out, what);
}

static void add_empty(struct making *k, size_t from, size_t rows)
{
	while (k->page->cnt < from + rows && k->page->cnt < TOP_MAX_ROWS)
		add_row(k, TONE_PLAIN);
}

/* --- head --- */

static void add_head(struct making *k)
{
	struct now_counts c;
	struct str *out;

	now__counts(k->n, &c);
	out = add_row(k, c.lost ? TONE_BAD : TONE_STRONG);
	str__adds(out, "goenvbpf  ");
	status__elapsed(out, k->time);
	str__adds(out, "  ");
	status__commands(out, &c);
	str__adds(out, "  ");
	status__lost(out, &c);
	out = add_row(k, TONE_PLAIN);
	str__adds(out, "build cache: ");
	status__cache(out, &c);
	str__adds(out, "; ");
	text__plural(out, c.compiled, "package", "packages");
	str__adds(out, " compiled; ");
	text__plural(out, c.absent, "failed look-up", "failed look-ups");
}

/* --- commands --- */

static int64_t duration(const struct making *k, int64_t start, int64_t finish)
{
	return (finish < 0 ? k->time : finish) - start;
}

static int by_choice(const void *x, const void *y, void *ctx)
{
	const struct now_command *a = *(const struct now_command *const *)x;
	const struct now_command *b = *(const struct now_command *const *)y;
	const struct making *k = ctx;
	int64_t da = duration(k, a->start, a->finish), db = duration(k, b->start, b->finish);

	if (k->choice->sort == TOP_SORT_LONGEST && da != db)
		return da < db ? 1 : -1;
	if (k->choice->sort == TOP_SORT_MISSES && a->misses != b->misses)
		return a->misses < b->misses ? 1 : -1;
	return a->start < b->start ? 1 : a->start > b->start ? -1 : 0;
}

static bool is_shown(const struct making *k, const struct now_command *c)
{
	switch (k->choice->shown) {
	case TOP_SHOWN_RUNNING:
		return c->end == PROCESS_RUNS;
	case TOP_SHOWN_FAILED:
		return now_command__has_failed(c);
	default:
		return true;
	}
}

static void add_outcome(const struct now_command *c, struct str *out)
{
	size_t from = out->len;

	switch (c->end) {
	case PROCESS_EXITED:
		if (c->status)
			str__addf(out, "exit %d", c->status);
		else
			str__adds(out, "ok");
		break;
	case PROCESS_KILLED:
		str__addf(out, "signal %d", c->status);
		break;
	case PROCESS_REPLACED:
		str__adds(out, "handed on");	/* to another Go */
		break;
	default:
		str__adds(out, "running");
	}
	text__pad(out, from, 10);
}

static void add_command(struct making *k, const struct now_command *c)
{
	struct str *out = add_row(k, now_command__has_failed(c) ? TONE_BAD :
				     c->end == PROCESS_RUNS ? TONE_GOOD : TONE_PLAIN);

	str__addf(out, "%7u ", c->pid);
	add_time(k, out, duration(k, c->start, c->finish));
	add_outcome(c, out);
	add_count(k, out, 6, c->hits);
	add_count(k, out, 6, c->misses);
	add_count(k, out, 6, c->compiled);
	str__addc(out, ' ');
	str__cut(&k->name, 0);
	text__safes(&k->name, c->text);
	add_command_line(k, out, k->name.s ?: "");
}

static void add_commands(struct making *k, size_t rows)
{
	const struct now_command *list[NOW_MAX_COMMANDS], *c;
	size_t cnt = 0, from = k->page->cnt;
	char what[96];

	for (c = now__next_command(k->n, NULL); c; c = now__next_command(k->n, c))
		if (is_shown(k, c) && is_wanted(k, c->text))
			list[cnt++] = c;
	qsort_r(list, cnt, sizeof(*list), by_choice, k);
	snprintf(what, sizeof(what), "%sgo command, %s", shown_names[k->choice->shown],
		 sort_names[k->choice->sort]);
	add_heading(k, "    pid        time  outcome     hits misses  built  ", what, cnt, rows - 1);
	for (size_t i = 0; i < cnt && i < rows - 1; i++)
		add_command(k, list[i]);
	add_empty(k, from, rows);
}

/* --- tools --- */

static void add_tool(struct making *k, const struct process *p)
{
	struct str *out = add_row(k, TONE_PLAIN);
	size_t from;

	str__addf(out, "%7u ", p->pid);
	add_time(k, out, k->time - p->start);
	from = out->len;
	text__safes(out, p->name ?: "?");
	text__pad(out, from, 10);
	str__cut(&k->name, 0);
	text__safes(&k->name, p->subject ?: "");
	add_name(k, out, k->name.s ?: "");
}

/* They come in the order of their start: so those that run longest come first. */
static void add_tools(struct making *k, size_t rows)
{
	const struct process *list[MAX_TOOLS], *p;
	size_t cnt = 0, from = k->page->cnt;
	bool is_newest = k->choice->sort == TOP_SORT_NEWEST;

	for (p = now__next_tool(k->n, NULL); p && cnt < MAX_TOOLS; p = now__next_tool(k->n, p))
		if (is_wanted(k, p->subject ?: ""))
			list[cnt++] = p;
	add_heading(k, "    pid        time  tool      ",
		    is_newest ? "package at work, newest" : "package at work, longest", cnt, rows - 1);
	for (size_t i = 0; i < cnt && i < rows - 1; i++)
		add_tool(k, list[is_newest ? cnt - 1 - i : i]);
	add_empty(k, from, rows);
}

/* --- misses --- */

static void name_miss(struct making *k, const struct now_miss *m)
{
	const struct process *p = model__process(now__model(k->n), m->proc);

	str__cut(&k->name, 0);
	if (m->is_made) {
		text__safes(&k->name, m->what);
	} else if (m->is_entry) {
		str__adds(&k->name, "entry ");
		str__addhex(&k->name, m->action, HASH_SHOWN);
		str__adds(&k->name, "…");
	} else {
		text__path(&k->name, model__roots(now__model(k->n), p), m->what);
	}
}

static void add_miss(struct making *k, const struct now_miss *m, const char *name)
{
	struct str *out = add_row(k, m->is_entry ? TONE_WARN : TONE_PLAIN);
	__free_str struct str state = {};
	size_t from;

	str__addf(out, "%7u ", m->pid);
	str__addf(out, "%9.3f s  ", m->ts / 1e9);
	from = out->len;
	text__safes(out, m->is_entry ? "miss" : m->err);
	text__pad(out, from, 10);
	if (m->is_made && m->took < 0)
		str__adds(&state, "in the making");
	else if (m->is_made)
		text__duration(&state, m->took);
	if (m->times > 1)
		str__addf(&state, "%s%llu times", state.len ? ", " : "", (unsigned long long)m->times);
	from = out->len;
	str__adds(out, state.s ?: "");
	text__pad(out, from, m->is_entry || state.len ? 14 : 0);
	add_name(k, out, name);
}

static bool is_missed(const struct making *k, const struct now_miss *m)
{
	return k->choice->missed == TOP_MISSED_BOTH || m->is_entry == (k->choice->missed == TOP_MISSED_CACHE);
}

static void add_misses(struct making *k, size_t rows)
{
	size_t from = k->page->cnt;
	const struct now_miss *m;

	add_heading(k, "    pid          at  why       ", missed_names[k->choice->missed], 0, rows);
	for (m = now__next_miss(k->n, NULL); m && k->page->cnt < from + rows; m = now__next_miss(k->n, m)) {
		__free_str struct str name = {};

		if (!is_missed(k, m))
			continue;
		name_miss(k, m);
		str__adds(&name, k->name.s ?: "");
		if (is_wanted(k, name.s ?: ""))
			add_miss(k, m, name.s ?: "");
	}
}

int top_page__make(struct top_page *page, const struct now *n, uint64_t boot_ns,
		   const struct top_choice *choice, size_t rows, size_t columns)
{
	struct making k = { .page = page, .n = n, .choice = choice, .columns = columns,
			    .time = now__time(n, boot_ns) };
	size_t third, err = 0;

	page->cnt = 0;
	rows = rows < TOP_MAX_ROWS ? rows : TOP_MAX_ROWS;
	third = rows > HEAD_ROWS ? (rows - HEAD_ROWS) / 3 : 0;
	add_head(&k);
	/* Each part has its place, whatever there is to show: what moves all the time cannot be read. */
	if (third > 1) {
		add_commands(&k, third);
		add_tools(&k, third);
		add_misses(&k, rows - HEAD_ROWS - 2 * third);
	}
	for (size_t i = 0; i < page->cnt; i++)
		err |= str__err(&page->text[i]) != 0;
	err |= str__err(&k.name) != 0;
	str__free(&k.name);
	return err ? -ENOMEM : 0;
}

void top_page__free(struct top_page *page)
{
	for (size_t i = 0; i < TOP_MAX_ROWS; i++)
		str__free(&page->text[i]);
}
