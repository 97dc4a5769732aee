/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first screen: which program failed, and the likely reason. */
#include <errno.h>

#include "answers/failures.h"
#include "output/page.h"

#define MAX_CAUSES	4

static void add_failed(struct page *p, const struct told_failure *t, bool is_first)
{
	const struct process *at = t->p;
	__free_str struct str text = {};

	text__safes(&text, t->program.s ?: "");
	str__addf(&text, " (pid %u)", at->pid);
	if (at->package && !tool_role__is_go_tool(at->role)) {
		str__adds(&text, " for ");
		text__safes(&text, at->package);
	}
	str__addf(&text, at->end == PROCESS_KILLED ? ": killed by signal %d" : ": exit %d", at->status);
	page__field_str(p, is_first ? "failed" : "", &text);
}

int summary__failures(struct page *p)
{
	__free_told_failures struct told_failures *t = failures__tell(p->m, p->findings);
	size_t shown = 0;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < t->cnt && shown < MAX_CAUSES; i++) {
		const struct told_failure *f = &t->list[i];
		__free_str struct str text = {};

		if (f->p->role != TOOL_GO)	/* that a go command failed is told above */
			add_failed(p, f, !shown++);
		text__safes(&text, f->text.s ?: "");
		if (text.len)
			page__field_str(p, "likely", &text);
	}
	return 0;
}
