/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What go commands waited for. */
#include <errno.h>
#include <stdlib.h>

#include "model/commands.h"
#include "model/critical.h"

/* A tool that a go command started itself and that did some work. */
static bool is_candidate(const struct model *m, const struct process *p)
{
	return p->has_exec && !p->probe && p->start >= 0 && p->finish > p->start && p->parent &&
	       model__command(m, p->parent);
}

/* By the go command, then the one that ended last first. */
static int by_end(const void *a, const void *b)
{
	const struct process *x = *(const struct process *const *)a, *y = *(const struct process *const *)b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if (x->finish != y->finish)
		return x->finish > y->finish ? -1 : 1;
	return x->proc < y->proc ? -1 : x->proc > y->proc;
}

static void turn_round(struct critical_step *first, struct critical_step *end)
{
	for (; first < --end; first++) {
		struct critical_step s = *first;

		*first = *end;
		*end = s;
	}
}

static size_t pick(const struct process *const *tools, size_t n, struct critical_step *to)
{
	uint64_t go = 0;
	int64_t before = 0;
	size_t cnt = 0, from = 0;

	for (size_t i = 0; i < n; i++) {
		if (tools[i]->parent != go) {
			turn_round(to + from, to + cnt);
			go = tools[i]->parent;
			before = INT64_MAX;
			from = cnt;
		}
		if (tools[i]->finish > before)
			continue;
		to[cnt++] = (struct critical_step){ .go = go, .proc = tools[i]->proc };
		before = tools[i]->start;
	}
	turn_round(to + from, to + cnt);
	return cnt;
}

int critical__find(const struct model *m, struct critical_step **ret, size_t *ret_cnt)
{
	__free_mem const struct process **tools = NULL;
	size_t n = 0;

	*ret = NULL;
	*ret_cnt = 0;
	for (const struct process *p = model__next_process(m, NULL); p; p = model__next_process(m, p))
		n += is_candidate(m, p);
	tools = calloc(n + 1, sizeof(*tools));
	*ret = calloc(n + 1, sizeof(**ret));
	if (!tools || !*ret) {
		free(*ret);
		*ret = NULL;
		return -ENOMEM;
	}
	n = 0;
	for (const struct process *p = model__next_process(m, NULL); p; p = model__next_process(m, p))
		if (is_candidate(m, p))
			tools[n++] = p;
	qsort(tools, n, sizeof(*tools), by_end);
	*ret_cnt = pick(tools, n, *ret);
	return 0;
}
