/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs of the summary: runs by role, and the Go executables among them. */
#include "answers/toolchains.h"
#include "model/process.h"
#include "output/page.h"
#include "output/text.h"

#define MAX_IMAGES	20

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

int summary__programs(struct page *p)
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
		sum->failed += process__has_failed(proc);
		if (process__duration(proc) >= 0) {
			sum->timed++;
			sum->ns += process__duration(proc);
		}
	}
	page__heading(p, "Programs");
	if (!any) {
		str__adds(p->out, "  none were seen\n");
		return 0;
	}
	str__addf(p->out, "  %-20s %10s %10s %14s\n", "", "runs", "failed", "time, in all");
	for (int i = 0; i < TOOL_CNT; i++)
		add_role(p, page__role(i), &by_role[i]);
	add_role(p, PAGE_PROBES, &probes);
	return 0;
}

int summary__images(struct page *p)
{
	const struct image *i;
	size_t n = 0;

	page__heading(p, "Go programs that ran");
	for (i = executables__next(p->m, NULL); i; i = executables__next(p->m, i)) {
		if (!i->runs)
			continue;
		if (n++ >= MAX_IMAGES)
			continue;
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
	if (!n)
		page__paragraph(p, 2, TONE_PLAIN, "none, beside the toolchain, has embedded build information in this record");
	page__more(p, n, MAX_IMAGES, "");
	return 0;
}
