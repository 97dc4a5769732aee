/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The go commands of the summary: what they were, what they started, how they ended. */
#include "model/commands.h"
#include "model/roots.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_COMMANDS	20	/* shown; the longest ones */

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

static void add_role_count(struct str *text, const char *name, uint64_t n)
{
	if (!n)
		return;
	str__adds(text, text->len ? ", " : "");
	str__adds(text, name);
	str__addc(text, ' ');
	text__count(text, n);
}

static void add_command(struct page *p, const struct go_command *c)
{
	const struct roots *roots = &c->roots;
	__free_str struct str text = {};

	text__args(&text, c->p);
	str__adds(p->out, "  ");
	page__wrap(p, 6, 2, text.s ?: "");
	str__cut(&text, 0);

	str__addf(&text, "pid %u", c->p->pid);
	add_how_it_ended(p, &text, c->p);
	if (c->p->cwd) {
		str__adds(&text, ", in ");
		text__safes(&text, c->p->cwd);
	}
	str__adds(p->out, "      ");
	page__wrap(p, 6, 6, text.s ?: "");
	str__cut(&text, 0);
	for (int i = 0; i < ROOT_CNT; i++) {
		if (i == ROOT_HOME || i == ROOT_WORK || !roots->dir[i])
			continue;
		str__addf(p->out, "      %-12s ", root__name(i));
		text__safes(p->out, roots->dir[i]);
		str__addc(p->out, '\n');
	}
	for (int i = 0; i < TOOL_CNT; i++)
		add_role_count(&text, page__role(i), c->roles[i]);
	add_role_count(&text, PAGE_PROBES, c->probes);
	if (text.len) {
		str__adds(p->out, "      started: ");
		page__wrap(p, 15, 15, text.s ?: "");
	}
	str__cut(&text, 0);
	text__plural(&text, c->accesses, "path access", "path accesses");
	if (c->failed) {
		str__adds(&text, ", ");
		text__count(&text, c->failed);
		str__adds(&text, " of them failed");
	}
	str__adds(p->out, "      ");
	page__wrap(p, 6, 6, text.s ?: "");
}

/* The duration that the shown commands have at least; 0 when all are shown. */
static int64_t shown_from(const struct model *m, size_t n)
{
	int64_t longest[MAX_COMMANDS] = {};
	const struct go_command *c;

	if (n <= MAX_COMMANDS)
		return 0;
	for (c = model__next_command(m, NULL); c; c = model__next_command(m, c)) {
		int64_t d = process__duration(c->p);

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

int summary__commands(struct page *p)
{
	const struct go_command *c;
	size_t n = 0, shown = 0;
	int64_t from;

	for (c = model__next_command(p->m, NULL); c; c = model__next_command(p->m, c))
		n++;
	page__heading(p, "Go commands");
	if (!n)
		str__adds(p->out, "  none were seen\n");
	from = shown_from(p->m, n);
	for (c = model__next_command(p->m, NULL); c && shown < MAX_COMMANDS; c = model__next_command(p->m, c)) {
		if (n > MAX_COMMANDS && process__duration(c->p) < from)
			continue;
		add_command(p, c);
		shown++;
	}
	if (shown < n)
		str__addf(p->out, "  and %zu shorter ones (--json has all)\n", n - shown);
	return 0;
}
