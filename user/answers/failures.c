/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which programs failed and why, in words and as data. */
#include <stdlib.h>

#include "answers/failures.h"
#include "answers/objects.h"
#include "model/commands.h"
#include "model/settings/settings.h"

#define MAX_FAILED	256	/* processes that are looked at for causes */

/* --- which one --- */

struct candidates {
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
static bool is_deepest(const struct model *m, const struct candidates *f, const struct process *p)
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

static bool has_error(const struct findings *f, uint64_t proc)
{
	const struct finding *k = f ? findings__next(f, NULL) : NULL;

	for (; k; k = findings__next(f, k))
		if (k->proc == proc && k->severity == SEVERITY_ERROR)
			return true;
	return false;
}

static void add_paths(const struct failure *f, struct str *text)
{
	for (size_t i = 0; i < f->path_cnt; i++)
		str__addf(text, "%s%s", i ? ", " : "", f->paths[i]);
}

static void add_module(const struct model *m, const struct process *go, struct str *text)
{
	const struct go_command *c = model__command(m, go->proc);
	const struct effective *e = c && c->settings ? command_settings__find(c->settings, "GOPROXY") : NULL;

	str__adds(text, " could not be had");
	if (e && e->won.value)
		str__addf(text, " (GOPROXY=%s)", e->won.value);
}

/* "app/nosuch is not there": what the reason says of its paths. */
static void add_reason(const struct model *m, const struct process *of, const struct failure *f, struct str *text)
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
		str__adds(text, f->value);
		str__addf(text, *f->why == '-' ? ", with %s" : str_has_prefix(f->why, "is ") ? " %s" : ": %s", f->why);
	}
	if (f->reason == REASON_MODULE)
		add_module(m, of, text);
	str__adds(text, behind[f->reason] ?: "");
}

/* --- all --- */

static const struct refusal *refusal_of(const struct model *m, uint64_t proc)
{
	const struct refusal *r = model__next_refusal(m, NULL);

	while (r && r->proc != proc)
		r = model__next_refusal(m, r);
	return r;
}

/* What it was refused is told by itself, and is more than a guess; so is a finding. */
static int tell(const struct model *m, const struct findings *f, const struct process *p, struct told_failure *t)
{
	t->p = p;
	t->refused = refusal_of(m, p->proc);
	process__label(p, &t->program);
	if (!t->refused && !has_error(f, p->proc) && model__failure(m, p, &t->why))
		add_reason(m, p, &t->why, &t->text);
	return str__err(&t->program) ?: str__err(&t->text);
}

static void find_failed(const struct model *m, struct candidates *c)
{
	for (const struct process *p = model__next_process(m, NULL); p; p = model__next_process(m, p))
		if ((p->has_exec || !p->next) && process__has_failed(p) && !p->probe && !is_trial(m, p) &&
		    c->cnt < MAX_FAILED)	/* the first of many */
			c->list[c->cnt++] = p;
}

struct told_failures *failures__tell(const struct model *m, const struct findings *f)
{
	__free_told_failures struct told_failures *t = calloc(1, sizeof(*t));
	__free_mem struct candidates *c = calloc(1, sizeof(*c));

	if (!t || !c)
		return NULL;
	find_failed(m, c);
	t->list = calloc(c->cnt + 1, sizeof(*t->list));
	if (!t->list)
		return NULL;
	for (size_t i = 0; i < c->cnt; i++)
		if (is_deepest(m, c, c->list[i]) && is_in_chain(m, c->list[i]) &&
		    tell(m, f, c->list[i], &t->list[t->cnt++]))
			return NULL;
	return STEAL(t);
}

void told_failures__free(struct told_failures *t)
{
	if (!t)
		return;
	for (size_t i = 0; t->list && i < t->cnt; i++) {
		str__free(&t->list[i].text);
		str__free(&t->list[i].program);
	}
	free(t->list);
	free(t);
}

/* --- as data --- */

static const char *name_of(unsigned int reason)
{
	return reason__name(reason);
}

static const void *next_path(struct answer *a, const void *data, const void *item)
{
	const struct told_failure *t = data;
	size_t i = 0;

	while (item && i < t->why.path_cnt && t->why.paths[i] != item)
		i++;
	i += item != NULL;
	return i < t->why.path_cnt ? t->why.paths[i] : NULL;
}

GET(proc, struct told_failure, u, o->p->proc)
GET(pid, struct told_failure, u, o->p->pid)
GET(program, struct told_failure, s, o->program.s)
GET(package, struct told_failure, s, o->p->package)
GET(code, struct told_failure, i, o->p->end == PROCESS_EXITED ? o->p->status : -1)
GET(killed_by, struct told_failure, i, o->p->end == PROCESS_KILLED ? o->p->status : -1)
GET(reason, struct told_failure, u, o->why.reason)
GET(text, struct told_failure, s, o->text.s)
GET(confidence, struct told_failure, u, o->why.confidence)

OBJECT(why, struct told_failure, "Why a program failed, as far as that can be told.",
	F_GET_NAME("reason",	MUST, reason, name_of, REASON_NONE + 1, REASON_CNT, "what kind of reason"),
	F_GET("detail",		FIELD_STRING, MUST, text, "in words"),
	F_STRING_LIST("subjects", MUST, next_path, "paths, modules or names that it is about"),
	CONFIDENCE_OF(MUST, confidence),
	PROOF_IN(MUST, why.proof))

GET(why, struct told_failure, p, o->why.reason ? o : NULL)

PUBLIC_OBJECT(failed, struct told_failure, "A program that failed, with none below it that did.",
	F_GET("proc",		FIELD_ID, MUST, proc, "number of the program image"),
	F_GET("pid",		FIELD_ID, MUST, pid, "its process"),
	F_GET("program",	FIELD_STRING, MUST, program, "what it is"),
	F_GET("package",	FIELD_STRING, MAY, package, "that it worked for"),
	F_GET("code",		FIELD_INT, MAY, code, "exit status"),
	F_GET("signal",		FIELD_INT, MAY, killed_by, "that ended it"),
	F_OBJECT_POINTER("refused", MAY, refused, refusal, "the first thing that the host refused it"),
	F_GET_OBJECT("why",	MAY, why, why, "the likely reason; absent: a finding or a refusal says more, or nothing tells"))
