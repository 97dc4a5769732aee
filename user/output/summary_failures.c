/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first screen: which program failed, and the likely reason. */
#include <errno.h>
#include <stdlib.h>

#include "model/commands.h"
#include "model/effects/effects.h"
#include "model/failures/failures.h"
#include "model/settings/settings.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "rules/rules.h"

#define MAX_CAUSES	4
#define MAX_FAILED	256	/* processes that are looked at for causes */

/* --- which one --- */

struct failed {
	const struct process *list[MAX_FAILED];
	size_t cnt;
};

static bool is_above(const struct model *m, const struct process *p, uint64_t proc)
{
	const struct process *parent = model__process(m, p->parent);

	for (; parent; parent = parent->next ? model__process(m, parent->next) : NULL)
		if (parent->proc == proc)
			return true;
	return false;
}

/* A failure is told by the deepest process: all above it failed because of it, as far as they tell. */
static bool is_deepest(const struct model *m, const struct failed *f, const struct process *p)
{
	for (size_t i = 0; i < f->cnt; i++)
		if (f->list[i] != p && is_above(m, f->list[i], p->proc))
			return false;
	return true;
}

/* Its parent failed, too, up to a go command or the first process: what a script gets over is no cause. */
static bool is_in_chain(const struct model *m, const struct process *p)
{
	for (int i = 0; i < 64; i++) {
		const struct process *parent = model__process(m, p->parent);

		if (!parent)
			return true;
		p = process__last_image(m, parent);
		if (!process__has_failed(p))
			return false;
		if (p->role == TOOL_GO)
			return true;
	}
	return false;
}

/* go tries what its C compiler can do: only what it runs for a package is work. */
static bool is_trial(const struct model *m, const struct process *p)
{
	return tool_role__is_c_part(p->role) && !p->package && model__command_of(m, p);
}

/* --- why --- */

static bool has_error(const struct page *p, uint64_t proc)
{
	const struct finding *k = p->findings ? findings__next(p->findings, NULL) : NULL;

	for (; k; k = findings__next(p->findings, k))
		if (k->proc == proc && k->severity == SEVERITY_ERROR)
			return true;
	return false;
}

static void add_paths(const struct failure *f, struct str *text)
{
	for (size_t i = 0; i < f->path_cnt; i++) {
		str__adds(text, i ? ", " : "");
		text__safes(text, f->paths[i]);
	}
}

static void add_module(struct page *p, const struct process *go, struct str *text)
{
	const struct go_command *c = model__command(p->m, go->proc);
	const struct effective *e = c && c->settings ? command_settings__find(c->settings, "GOPROXY") : NULL;

	str__adds(text, " could not be had");
	if (!e || !e->won.value)
		return;
	str__adds(text, " (GOPROXY=");
	text__safes(text, e->won.value);
	str__addc(text, ')');
}

/* "app/nosuch is not there": what the reason says of its paths. */
static void add_reason(struct page *p, const struct process *of, const struct failure *f, struct str *text)
{
	static const char *const before[REASON_CNT] = {
		[REASON_VET] = "vet found something in ",
		[REASON_READ] = "it stopped after it had read ",
	};
	static const char *const behind[REASON_CNT] = {
		[REASON_MISSING] = " is not there",
		[REASON_PROGRAM] = " could not be run: it is not there, or what it names as its interpreter is not",
		[REASON_NO_GO_MOD] = " is not there, nor is a go.mod in a folder above",
		[REASON_NO_GO_SUM] = " is not there, and go.mod requires modules",
		[REASON_CHECKSUM] = " was compared with go.sum last",
		[REASON_WORD] = " is nothing that go knows",
		[REASON_FOLDER] = " is a folder, where a program was to be written",
	};

	if (f->reason == REASON_CALL)
		str__addf(text, "%s of ", f->call);
	str__adds(text, before[f->reason] ?: "");
	add_paths(f, text);
	if (f->reason == REASON_CALL)
		str__addf(text, " failed: %s", f->err);
	if (f->reason == REASON_GO_MOD)
		str__addf(text, ":%u is no line that go knows", f->line);
	if (f->reason == REASON_SETTING) {
		str__addc(text, '=');
		text__safes(text, f->value);
		str__addf(text, *f->why == '-' ? ", with %s" : str_has_prefix(f->why, "is ") ? " %s" : ": %s", f->why);
	}
	if (f->reason == REASON_MODULE)
		add_module(p, of, text);
	str__adds(text, behind[f->reason] ?: "");
}

/* What it was refused is told by itself, and is more than a guess. */
static bool was_refused(const struct page *p, uint64_t proc)
{
	const struct refusal *r = model__next_refusal(p->m, NULL);

	while (r && r->proc != proc)
		r = model__next_refusal(p->m, r);
	return r;
}

static void add_why(struct page *p, const struct process *of)
{
	__free_str struct str text = {};
	struct failure f;

	if (has_error(p, of->proc) || was_refused(p, of->proc) || !model__failure(p->m, of, &f))
		return;
	add_reason(p, of, &f, &text);
	page__field_str(p, "likely", &text);
}

static void add_failed(struct page *p, const struct process *at, bool is_first)
{
	__free_str struct str text = {};

	text__process(&text, p->m, at->proc);
	if (at->package && !tool_role__is_go_tool(at->role)) {
		str__adds(&text, " for ");
		text__safes(&text, at->package);
	}
	str__addf(&text, at->end == PROCESS_KILLED ? ": killed by signal %d" : ": exit %d", at->status);
	page__field_str(p, is_first ? "failed" : "", &text);
}

int summary__failures(struct page *p)
{
	struct failed *f = calloc(1, sizeof(*f));
	size_t shown = 0;

	if (!f)
		return -ENOMEM;
	for (const struct process *i = model__next_process(p->m, NULL); i; i = model__next_process(p->m, i))
		if ((i->has_exec || !i->next) && process__has_failed(i) && !i->probe && !is_trial(p->m, i) &&
		    f->cnt < MAX_FAILED)	/* the first of many */
			f->list[f->cnt++] = i;
	for (size_t i = 0; i < f->cnt && shown < MAX_CAUSES; i++) {
		const struct process *at = f->list[i];

		if (!is_deepest(p->m, f, at) || !is_in_chain(p->m, at))
			continue;
		if (at->role != TOOL_GO)	/* that a go command failed is told above */
			add_failed(p, at, !shown++);
		add_why(p, at);
	}
	free(f);
	return 0;
}
