/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the summary's topics say alike: who did it, when, and how sure that is. */
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_ARGS 400	/* bytes of a command line */

void text__proof(struct str *out, const struct proof *p, enum confidence c)
{
	if (c == PROVEN && !p->cnt)
		return;
	str__adds(out, " (");
	if (c == LIKELY)
		str__adds(out, "likely");
	if (p->cnt)
		str__addf(out, "%sat %.3f s", c == LIKELY ? ", " : "", p->ts[0] / 1e9);
	str__addc(out, ')');
}

void text__args(struct str *out, const struct process *p)
{
	const char *arg = process__next_arg(p, NULL);

	if (!arg)
		str__adds(out, "(arguments unknown)");
	for (; arg && out->len < MAX_ARGS; arg = process__next_arg(p, arg)) {
		str__adds(out, out->len ? " " : "");
		text__arg(out, arg);
	}
	if (arg || p->args_cut)
		str__adds(out, " (and more arguments)");
}

void text__process(struct str *out, const struct model *m, uint64_t proc)
{
	const struct process *p = model__process(m, proc);
	__free_str struct str label = {};

	if (!p) {
		str__adds(out, "an unknown process");
		return;
	}
	process__label(p, &label);
	text__safes(out, label.s ?: "");
	str__addf(out, " (pid %u)", p->pid);
}
