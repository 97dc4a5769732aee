/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The likely reason of a failure, from what was noted of the process. */
#include "model/failures/store.h"
#include "model/files.h"
#include "model/modules/modules.h"
#include "model/search/search.h"
#include "model/settings/settings.h"
#include "record/kinds.h"

static const char *const reasons[] = {
	[REASON_NONE] = "",
#define X(id, reason_name) [REASON_##id] = reason_name,
	REASON_LIST(X)
#undef X
};

const char *reason__name(enum reason r)
{
	return reasons[r];
}

static bool tell(struct failure *f, enum reason reason, const char *path, int64_t ts)
{
	f->reason = reason;
	f->paths[f->path_cnt++] = path;
	f->confidence = LIKELY;
	proof__add(&f->proof, ts);
	return true;
}

static const struct noted *last_missing(const struct failed *e)
{
	const struct noted *last = NULL;

	for (size_t i = 0; i < FAILED_MAX_MISSING; i++)
		if (e->missing[i].path.len && (!last || e->missing[i].ts > last->ts))
			last = &e->missing[i];
	return last;
}

static bool tell_read(const struct failed *e, struct failure *f)
{
	for (unsigned int i = 0; i < FAILURE_MAX_PATHS; i++) {
		const struct noted *n = &e->read[(e->next_read + i) % FAILURE_MAX_PATHS];

		if (n->path.len)
			tell(f, REASON_READ, n->path.s, n->ts);
	}
	return f->reason;
}

static bool knows_go_mod(const struct gomod *g, unsigned int *ret_line)
{
	static const char *const verbs[] = { "module", "go", "toolchain", "godebug", "require", "exclude", "replace",
					     "retract", "use", "tool", "ignore" };

	*ret_line = g->bad_line;
	for (size_t i = 0; i < g->cnt && !*ret_line; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(verbs) && !str_eq(g->stmts[i].verb, verbs[k]))
			k++;
		if (k == ARRAY_SIZE(verbs))
			*ret_line = g->stmts[i].line;
	}
	return !*ret_line;
}

static bool tell_go_mod(const struct model *m, const struct go_command *c, struct failure *f)
{
	const char *const files[] = { c->settings->modfile, c->settings->workfile };
	enum text_state state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct file_version *v = files[i] ? model__text(m, files[i], c->p->finish, &state) : NULL;

		if (v && !knows_go_mod(&v->gomod, &f->line))
			return tell(f, REASON_GO_MOD, files[i], v->ts);
	}
	return false;
}

static bool tell_no_go_mod(const struct model *m, const struct go_command *c, struct failure *f)
{
	const struct ladder *l = c->settings->modfile ? NULL : model__ladder(m, c->proc, LADDER_GO_MOD);
	struct ladder_verdict v;

	if (!l || !l->cnt)
		return false;
	ladder__judge(m, l, &v);
	return v.surprise == SURPRISE_NOTHING && tell(f, REASON_NO_GO_MOD, l->candidates[0].path, l->candidates[0].ts);
}

static bool tell_module(const struct model *m, const struct go_command *c, struct failure *f)
{
	for (const struct module_set *s = model__next_module_set(m, NULL); s; s = model__next_module_set(m, s))
		for (size_t i = 0; s->c == c && i < s->wanted_cnt && f->path_cnt < FAILURE_MAX_PATHS; i++)
			if (!s->wanted[i].is_had)
				tell(f, REASON_MODULE, s->wanted[i].path, s->wanted[i].ts);
	return f->reason;
}

static bool is_checksum_last(const struct failed *e)
{
	int64_t last = 0;

	for (size_t i = 0; i < FAILURE_MAX_PATHS; i++)
		last = e->read[i].ts > last ? e->read[i].ts : last;
	return e->checksum.path.len && e->checksum.ts > last;
}

static bool requires_any(const struct model *m, const struct go_command *c)
{
	enum text_state state;
	const struct file_version *v = c->settings->modfile ?
				       model__text(m, c->settings->modfile, c->p->finish, &state) : NULL;

	return v && gomod__find(&v->gomod, "require", NULL);
}

static bool tell_of_go(const struct model *m, const struct go_command *c, const struct failed *e, struct failure *f)
{
	const struct noted *missing = last_missing(e);

	if (c->settings->refused)
		return tell(f, REASON_WORD, c->settings->refused, c->p->start);
	if (failure__setting(c, f) || tell_go_mod(m, c, f) || tell_no_go_mod(m, c, f))
		return true;
	if (missing)
		return tell(f, REASON_MISSING, missing->path.s, missing->ts);
	if (tell_module(m, c, f))
		return true;
	if (e->no_sum.path.len && requires_any(m, c))
		return tell(f, REASON_NO_GO_SUM, e->no_sum.path.s, e->no_sum.ts);
	if (is_checksum_last(e))
		return tell(f, REASON_CHECKSUM, e->checksum.path.s, e->checksum.ts);
	if (str_eq(c->settings->verb ?: "", "vet") && e->vetted.path.len)
		return tell(f, REASON_VET, e->vetted.path.s, e->vetted.ts);
	if (c->roles[TOOL_LINK] && e->folder.path.len)
		return tell(f, REASON_FOLDER, e->folder.path.s, e->folder.ts);
	return !c->roles[TOOL_COMPILE] && !c->roles[TOOL_LINK] && tell_read(e, f);
}

bool model__failure(const struct model *m, const struct process *p, struct failure *ret)
{
	const struct failed *e = process__has_failed(p) ? failures__find(m, p->proc) : NULL;
	const struct go_command *c = e ? model__command(m, p->proc) : NULL;
	const struct noted *missing;

	*ret = (struct failure){};
	if (!e)
		return false;
	if (e->call.path.len) {
		ret->call = rec_kind__name(e->kind);
		ret->err = e->err;
		return tell(ret, REASON_CALL, e->call.path.s, e->call.ts);
	}
	if (c)
		return c->settings && tell_of_go(m, c, e, ret);
	missing = last_missing(e);
	return missing && (e->is_missing_last || tool_role__is_c_part(p->role)) &&
	       tell(ret, missing->is_program ? REASON_PROGRAM : REASON_MISSING, missing->path.s, missing->ts);
}
