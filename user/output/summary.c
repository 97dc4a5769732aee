/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page that a person reads first: 80 columns, the verdict on top. */
#include <errno.h>

#include "model/commands.h"
#include "model/counts.h"
#include "model/images.h"
#include "model/run.h"
#include "output/summary.h"
#include "output/text.h"

#define PAGE_WIDTH	80
#define MAX_COMMANDS	20	/* shown; the longest ones */
#define MAX_IMAGES	20
#define MAX_ERRORS	6
#define PROBES		"version probes"
#define MAX_TEXT	400	/* bytes of a command line */

struct page {
	const struct model *m;
	struct str *out;
	bool color;
};

static void heading(struct page *p, const char *text)
{
	str__addc(p->out, '\n');
	text__tone(p->out, p->color, TONE_STRONG, text);
	str__addc(p->out, '\n');
}

/* Appends text, broken between words so that lines end at the page's width. */
static void wrap(struct page *p, size_t indent, size_t column, const char *text)
{
	for (bool first = true; *text; first = false) {
		size_t n = strcspn(text, " ");
		__free_str struct str word = {};

		str__add(&word, text, n);
		if (!first && column + 1 + text__width(word.s ?: "") > PAGE_WIDTH) {
			str__addf(p->out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			str__addc(p->out, ' ');
			column++;
		}
		str__adds(p->out, word.s ?: "");
		column += text__width(word.s ?: "");
		text += n + strspn(text + n, " ");
	}
	str__addc(p->out, '\n');
}

/* "  name        text", wrapped below text */
static void field(struct page *p, const char *name, const char *text)
{
	str__addf(p->out, "  %-11s ", name);
	wrap(p, 14, 14, text);
}

/* The same; text is a scratch string that is emptied. */
static void field_str(struct page *p, const char *name, struct str *text)
{
	field(p, name, text->s ?: "");
	str__cut(text, 0);
}

static void add_cut(struct page *p, const struct run *r)
{
	__free_str struct str text = {};

	str__adds(&text, "The record is cut short: it stops ");
	text__duration(&text, r->last_ts);
	str__adds(&text, " after its start, without an end. What is said here did happen; what is "
		  "not said may have happened as well, and what was lost before the cut may not "
		  "have been told. How processes ended that still ran is not known.");
	field_str(p, "cut", &text);
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
	field_str(p, "lost", &text);
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
		field_str(p, "partly", &text);
}

static void add_verdict(struct page *p)
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
	if (r->has_end && !r->end_complete && !run__lost(r))
		field(p, "end", "Capture says that it did not see everything.");
	if (r->bad_lines) {
		text__plural(&text, r->bad_lines, "line of the file is", "lines of the file are");
		str__adds(&text, " not readable and left out");
		field_str(p, "damaged", &text);
	}
	if (c->unknown) {
		text__plural(&text, c->unknown, "line is", "lines are");
		str__adds(&text, " of a kind that this version does not know");
		field_str(p, "unknown", &text);
	}
	add_partials(p, r);
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

static void add_run(struct page *p)
{
	const struct run *r = model__run(p->m);
	__free_str struct str text = {};

	heading(p, "Observed");
	if (r->command_cnt) {
		add_words(&text, r->command, r->command_cnt);
		if (r->status >= 0)
			str__addf(&text, " (exit %lld)", (long long)r->status);
		field_str(p, "command", &text);
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
	field_str(p, "host", &text);
	add_time(&text, r->start ?: "(unknown)");
	field_str(p, "start", &text);
	text__safes(&text, r->mode ?: "(unknown)");
	str__adds(&text, ", by goenvbpf ");
	text__safes(&text, r->version ?: "(unknown)");
	if (r->tier) {
		str__adds(&text, ", hooks ");
		text__safes(&text, r->tier);
	}
	field_str(p, "mode", &text);
	for (size_t i = 0; i < r->tag_cnt; i++) {
		text__safes(&text, r->tags[i].name);
		str__addc(&text, '=');
		text__safes(&text, r->tags[i].value);
		field_str(p, i ? "" : "tags", &text);
	}
}

static void add_how_it_ended(struct page *p, struct str *text, const struct process *proc)
{
	const struct process *next = model__process(p->m, proc->next);
	int64_t duration = process__duration(proc);

	if (duration >= 0) {
		str__adds(text, ", ");
		text__duration(text, duration);
	}
	switch (proc->end) {
	case PROCESS_RUNS:
		str__adds(text, ", end not seen");
		break;
	case PROCESS_EXITED:
		str__addf(text, ", exit %d", proc->status);
		break;
	case PROCESS_KILLED:
		str__addf(text, ", killed by signal %d", proc->status);
		break;
	case PROCESS_REPLACED:
		str__adds(text, next && next->role == TOOL_GO ?
			  ", then another go in the same process (toolchain switch)" :
			  ", then another program in the same process");
		break;
	}
}

static const char *role_name(enum tool_role role)
{
	return role == TOOL_UNKNOWN ? "other programs" : tool_role__name(role);
}

static void add_role_count(struct str *text, const char *name, uint64_t n)
{
	if (!n)
		return;
	str__adds(text, text->len ? ", " : "");
	str__adds(text, name);
	str__addc(text, ' ');
	text__count(text, n);
}

static void add_command(struct page *p, const struct command *c)
{
	const struct roots *roots = model__roots(p->m, c->p);
	const char *arg = process__next_arg(c->p, NULL);
	__free_str struct str text = {};
	size_t left = c->p->arg_cnt;

	for (; arg && text.len < MAX_TEXT; arg = process__next_arg(c->p, arg), left--) {
		str__adds(&text, text.len ? " " : "");
		text__arg(&text, arg);
	}
	if (left || c->p->args_cut)
		str__adds(&text, " (and more arguments)");
	str__adds(p->out, "  ");
	wrap(p, 6, 2, text.s ?: "(arguments unknown)");
	str__cut(&text, 0);

	str__addf(&text, "pid %u", c->p->pid);
	add_how_it_ended(p, &text, c->p);
	if (c->p->cwd) {
		str__adds(&text, ", in ");
		text__safes(&text, c->p->cwd);
	}
	str__adds(p->out, "      ");
	wrap(p, 6, 6, text.s ?: "");
	str__cut(&text, 0);
	for (int i = 0; i < ROOT_CNT; i++) {
		if (i == ROOT_HOME || i == ROOT_WORK || !roots->dir[i])
			continue;
		str__addf(p->out, "      %-12s ", root__name(i));
		text__safes(p->out, roots->dir[i]);
		str__addc(p->out, '\n');
	}
	for (int i = 0; i < TOOL_CNT; i++)
		add_role_count(&text, role_name(i), c->roles[i]);
	add_role_count(&text, PROBES, c->probes);
	if (text.len) {
		str__adds(p->out, "      started: ");
		wrap(p, 15, 15, text.s ?: "");
	}
	str__cut(&text, 0);
	text__plural(&text, c->accesses, "path access", "path accesses");
	if (c->failed) {
		str__adds(&text, ", ");
		text__count(&text, c->failed);
		str__adds(&text, " of them failed");
	}
	str__adds(p->out, "      ");
	wrap(p, 6, 6, text.s ?: "");
}

/* The duration that the shown commands have at least; 0 when all are shown. */
static int64_t shown_from(const struct command *list, size_t n)
{
	int64_t longest[MAX_COMMANDS] = {};

	if (n <= MAX_COMMANDS)
		return 0;
	for (size_t i = 0; i < n; i++) {
		int64_t d = process__duration(list[i].p);

		for (int at = 0; at < MAX_COMMANDS; at++) {
			int64_t smaller = longest[at];

			if (d > smaller) {
				longest[at] = d;
				d = smaller;
			}
		}
	}
	return longest[MAX_COMMANDS - 1];
}

static int add_commands(struct page *p)
{
	__free_mem struct command *list = NULL;
	size_t n, shown = 0;
	int64_t from;
	int err;

	err = model__commands(p->m, &list, &n);
	if (err)
		return err;
	heading(p, "Go commands");
	if (!n)
		str__adds(p->out, "  none were seen\n");
	from = shown_from(list, n);
	for (size_t i = 0; i < n && shown < MAX_COMMANDS; i++) {
		if (n > MAX_COMMANDS && process__duration(list[i].p) < from)
			continue;
		add_command(p, &list[i]);
		shown++;
	}
	if (shown < n)
		str__addf(p->out, "  and %zu shorter ones (--json has all)\n", n - shown);
	return 0;
}

struct role_sum {
	uint64_t runs, failed;
	uint64_t timed;		/* runs whose start and end were seen */
	int64_t ns;
};

static void add_role(struct page *p, const char *name, const struct role_sum *sum)
{
	__free_str struct str runs = {}, failed = {}, time = {};

	if (!sum->runs)
		return;
	text__count(&runs, sum->runs);
	text__count(&failed, sum->failed);
	text__duration(&time, sum->ns);
	str__addf(p->out, "  %-20s %10s %10s %14s\n", name, runs.s ?: "",
		  sum->failed ? failed.s ?: "" : "-", sum->timed ? time.s ?: "" : "-");
}

static void add_programs(struct page *p)
{
	struct role_sum by_role[TOOL_CNT] = {}, probes = {};
	const struct process *proc;
	bool any = false;

	for (proc = model__next_process(p->m, NULL); proc; proc = model__next_process(p->m, proc)) {
		struct role_sum *sum = proc->probe ? &probes : &by_role[proc->role];

		if (!proc->has_exec)
			continue;
		any = true;
		sum->runs++;
		sum->failed += (proc->end == PROCESS_EXITED && proc->status) ||
			       proc->end == PROCESS_KILLED;
		if (process__duration(proc) >= 0) {
			sum->timed++;
			sum->ns += process__duration(proc);
		}
	}
	heading(p, "Programs");
	if (!any) {
		str__adds(p->out, "  none were seen\n");
		return;
	}
	str__addf(p->out, "  %-20s %10s %10s %14s\n", "", "runs", "failed", "time, in all");
	for (int i = 0; i < TOOL_CNT; i++)
		add_role(p, role_name(i), &by_role[i]);
	add_role(p, PROBES, &probes);
}

static int by_count(const void *a, const void *b)
{
	uint64_t x = ((const struct error_count *)a)->count;
	uint64_t y = ((const struct error_count *)b)->count;

	return x > y ? -1 : x < y;
}

static void add_accesses(struct page *p)
{
	const struct counts *c = model__counts(p->m);
	struct error_count errors[COUNTS_MAX_ERRORS];
	__free_str struct str text = {};
	bool first = true;

	heading(p, "Path accesses");
	text__count(&text, counts__accesses(c));
	for (int k = REC_OPEN; k <= REC_CHDIR; k++) {
		if (!c->by_kind[k])
			continue;
		str__adds(&text, first ? ": " : ", ");
		first = false;
		str__adds(&text, rec_kind__name(k));
		str__addc(&text, ' ');
		text__count(&text, c->by_kind[k]);
	}
	field_str(p, "all", &text);
	text__count(&text, counts__failed_accesses(c));
	memcpy(errors, c->errors, sizeof(errors));
	qsort(errors, c->error_cnt, sizeof(errors[0]), by_count);
	for (size_t i = 0; i < c->error_cnt && i < MAX_ERRORS; i++) {
		str__adds(&text, i ? ", " : ": ");
		text__safes(&text, errors[i].err);
		str__addc(&text, ' ');
		text__count(&text, errors[i].count);
	}
	if (c->error_cnt > MAX_ERRORS)
		str__addf(&text, ", and %zu other errors", c->error_cnt - MAX_ERRORS);
	field_str(p, "failed", &text);
}

static void add_images(struct page *p)
{
	size_t shown = 0, left = 0;
	const struct image *i;

	heading(p, "Go executables that ran");
	for (i = model__next_image(p->m, NULL); i; i = model__next_image(p->m, i)) {
		if (!i->go)
			continue;
		if (shown == MAX_IMAGES) {
			left++;
			continue;
		}
		shown++;
		str__adds(p->out, "  ");
		text__safes(p->out, i->exe);
		str__adds(p->out, "\n      ");
		text__safes(p->out, i->go);
		if (i->package) {
			str__adds(p->out, ", ");
			text__safes(p->out, i->package);
		}
		if (i->version) {
			str__addc(p->out, ' ');
			text__safes(p->out, i->version);
		}
		str__adds(p->out, ", ");
		text__plural(p->out, i->runs, "run\n", "runs\n");
	}
	if (!shown)
		str__adds(p->out, "  none has embedded build information in this record\n");
	if (left)
		str__addf(p->out, "  and %zu more (--json has all)\n", left);
}

int summary__text(const struct model *m, const char *name, bool color, struct str *out)
{
	struct page p = { m, out, color };
	int err;

	text__safes(out, name);
	str__adds(out, ": ");
	add_verdict(&p);
	add_run(&p);
	err = add_commands(&p);
	if (err)
		return err;
	add_programs(&p);
	add_accesses(&p);
	add_images(&p);
	return str__err(out);
}
