/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The go commands of a record. */
#include <errno.h>
#include <stdlib.h>

#include "model/commands.h"

static int by_proc(const void *a, const void *b)
{
	uint64_t x = ((const struct command *)a)->p->proc;
	uint64_t y = ((const struct command *)b)->p->proc;

	return x < y ? -1 : x > y;
}

static int by_start(const void *a, const void *b)
{
	const struct process *x = ((const struct command *)a)->p;
	const struct process *y = ((const struct command *)b)->p;

	return x->start != y->start ? (x->start < y->start ? -1 : 1) : by_proc(a, b);
}

static bool is_command(const struct process *p)
{
	return p->role == TOOL_GO && p->has_exec;
}

int model__commands(const struct model *m, struct command **ret, size_t *ret_cnt)
{
	__free_mem struct command *list = NULL;
	const struct process *p;
	size_t n = 0, i = 0;

	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p))
		n += is_command(p);
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p))
		if (is_command(p))
			list[i++].p = p;
	qsort(list, n, sizeof(*list), by_proc);
	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		struct process key_process = { .proc = p->go };
		struct command key = { .p = &key_process };
		struct command *c = bsearch(&key, list, n, sizeof(*list), by_proc);

		if (!c)
			continue;
		c->accesses += p->accesses;
		c->failed += p->failed;
		if (!p->has_exec || p == c->p)
			continue;
		if (p->probe)
			c->probes++;
		else
			c->roles[p->role]++;
	}
	qsort(list, n, sizeof(*list), by_start);
	*ret = STEAL(list);
	*ret_cnt = n;
	return 0;
}
