/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Look-up ladders: what won, what it hid, and whether that is a surprise. */
#include "model/search/search.h"
#include "model/process.h"
#include "model/run.h"

static const struct {
	const char *name, *title;
} surprises[SURPRISE_CNT] = {
	[SURPRISE_NONE] = { "none", "" },
#define X(id, surprise_name, surprise_title) [SURPRISE_##id] = { surprise_name, surprise_title },
	SURPRISE_LIST(X)
#undef X
};

const char *surprise__name(enum surprise s)
{
	return surprises[s].name;
}

const char *surprise__title(enum surprise s)
{
	return surprises[s].title;
}

const char *candidate_result__name(enum candidate_result r)
{
	static const char *const names[] = {
		[CANDIDATE_ABSENT]  = "absent",
		[CANDIDATE_REFUSED] = "refused",
		[CANDIDATE_UNFIT]   = "directory",
		[CANDIDATE_FOUND]   = "found",
		[CANDIDATE_USED]    = "used",
	};

	return names[r];
}

/* Purposes for which nothing is the usual end. */
static const bool nothing_is_usual[LADDER_CNT] = {
	[LADDER_GO_WORK]    = true,
	[LADDER_GO_ENV]     = true,
	[LADDER_GOROOT_ENV] = true,
	[LADDER_VENDOR]     = true,
	[LADDER_MIME]	    = true,
	[LADDER_RESOLVER]   = true,
	[LADDER_NETRC]	    = true,
};

/* Verbs that need no module. */
static const char *const moduleless[] = {
	"env", "version", "help", "clean", "telemetry", "bug", "doc", "fmt", "tool", "mod init", "work init",
};

static bool needs_module(const struct process *p)
{
	if (!p || p->role != TOOL_GO || !p->subject)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(moduleless); i++)
		if (str_has_prefix(p->subject, moduleless[i]))
			return false;
	return true;
}

/* Programs that are written in Go and are not of its toolchain. */
static bool is_go_program(const struct process *p)
{
	switch (p ? p->role : TOOL_UNKNOWN) {
	case TOOL_TEST: case TOOL_GO_RUN: case TOOL_GOPLS: case TOOL_DLV: case TOOL_DEBUGGEE:
	case TOOL_GO_PROGRAM:
		return true;
	default:
		return false;
	}
}

static size_t dir_len(const char *path)
{
	return strrchr(path, '/') - path;
}

/* dir is a proper parent of below. */
static bool is_parent(const char *dir, size_t n, const char *below)
{
	return below && !strncmp(below, dir, n) && below[n] == '/' && below[n + 1];
}

/* Lists of folders often have some that one user may not enter; the next one is then taken. */
static bool is_on_a_list(enum ladder_purpose purpose)
{
	return purpose == LADDER_PROGRAM || purpose == LADDER_LIBRARY;
}

static enum surprise nothing(const struct ladder *l, const struct process *p)
{
	if (nothing_is_usual[l->purpose] || l->has_alternative)
		return SURPRISE_NONE;
	if (l->purpose == LADDER_GO_MOD)
		return needs_module(p) ? SURPRISE_NOTHING : SURPRISE_NONE;
	/* go asks for it in every build, and few have it. */
	if (l->purpose == LADDER_PROGRAM && str_eq(l->key, "gccgo"))
		return SURPRISE_NONE;
	if (l->purpose == LADDER_CONFIG)
		return is_go_program(p) ? SURPRISE_NOTHING : SURPRISE_NONE;
	return SURPRISE_NOTHING;
}

static enum surprise found(const struct ladder *l, const struct process *p, const struct ladder_verdict *v,
			   unsigned int used)
{
	size_t n = dir_len(v->won->path);

	switch (l->purpose) {
	case LADDER_GO_WORK:
		return is_parent(v->won->path, n, l->cwd) ? SURPRISE_ANCESTOR : SURPRISE_NONE;
	case LADDER_GO_MOD:
		return is_parent(v->won->path, n, l->repository) ? SURPRISE_OUTSIDE : SURPRISE_NONE;
	case LADDER_CONFIG:
		if (!is_go_program(p))
			return SURPRISE_NONE;
		return used > 1 ? SURPRISE_SEVERAL : v->shadowed ? SURPRISE_SHADOWED : SURPRISE_NONE;
	case LADDER_PROGRAM:
		return v->shadowed ? SURPRISE_SHADOWED : SURPRISE_NONE;
	default:
		return SURPRISE_NONE;
	}
}

void ladder__judge(const struct model *m, const struct ladder *l, struct ladder_verdict *ret)
{
	const struct process *p = model__process(m, l->proc);
	const struct candidate *first = NULL, *used = NULL;
	unsigned int used_cnt = 0, there = 0;
	bool refused = false;

	*ret = (struct ladder_verdict){ .confidence = PROVEN };
	for (unsigned int i = 0; i < l->cnt; i++) {
		const struct candidate *r = &l->candidates[i];

		refused |= r->result == CANDIDATE_REFUSED;
		if (r->result < CANDIDATE_FOUND)
			continue;
		there++;
		first = first ?: r;
		if (r->result != CANDIDATE_USED)
			continue;
		used_cnt++;
		used = used ?: r;
	}
	ret->won = used ?: first;
	ret->shadowed = there ? there - 1 : 0;
	if (ret->won)
		ret->surprise = found(l, p, ret, used_cnt);
	else
		ret->surprise = nothing(l, p);
	if (refused && ret->surprise <= SURPRISE_NOTHING && (!ret->won || !is_on_a_list(l->purpose)) &&
	    (l->purpose != LADDER_CONFIG || is_go_program(p)))
		ret->surprise = SURPRISE_REFUSED;
	/* That names alike are one search is our reading; and what was lost may have been a find. */
	if ((l->purpose == LADDER_CONFIG && l->cnt > 1) || (ret->won && !used) ||
	    (!ret->won && (!run__is_complete(model__run(m)) || l->omitted)))
		ret->confidence = LIKELY;
}
