/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Everything was made anew: an edit, or a setting that is part of every key? */
#include "model/cache/cache.h"
#include "rules/flip.h"
#include "rules/rule.h"

#define NEARLY_ALL_LEAST 20

/* Settings that are part of every package's key, with a value that changes nothing; platforms last. */
static const struct {
	const char *name, *nothing;
} of_all[] = {
	{ "-race", "false" }, { "-msan", "false" }, { "-asan", "false" }, { "-trimpath", "false" },
	{ "-linkshared", "false" }, { "-compiler", "gc" }, { "GOEXPERIMENT", NULL }, { "GOAMD64", "v1" },
	{ "GOARM64", "v8.0" }, { "GOARM", NULL }, { "GO386", "sse2" }, { "GOFIPS140", "off" },
	{ "GOOS", NULL }, { "GOARCH", NULL },
};

bool flip__is_platform(const struct effective *e)
{
	return str_eq(e->name, "GOOS") || str_eq(e->name, "GOARCH");
}

static void add(struct flip *f, const struct effective *e)
{
	if (f->candidate_cnt < FLIP_CANDIDATES_MAX)
		f->candidates[f->candidate_cnt++] = e;
}

/* Code of programs is the default; the other modes but archives compile with -shared. */
static bool is_other_mode(const struct effective *e)
{
	return !str_eq(e->won.value, "default") && !str_eq(e->won.value, "exe") &&
	       !str_eq(e->won.value, "archive");
}

/* "all=-N" is for every package. */
static bool is_for_all(const struct effective *e)
{
	return (str_eq(e->name, "-gcflags") || str_eq(e->name, "-asmflags")) && str_has_prefix(e->won.value, "all=");
}

static void find_candidates(const struct go_command *c, struct flip *f)
{
	for (size_t i = 0; i < c->settings->cnt; i++) {
		const struct effective *e = &c->settings->list[i];

		if (e->is_set && e->won.value && is_for_all(e))
			add(f, e);
	}
	if (rule__set(c, "-buildmode") && is_other_mode(rule__set(c, "-buildmode")))
		add(f, rule__set(c, "-buildmode"));
	for (size_t i = 0; i < ARRAY_SIZE(of_all); i++) {
		const struct effective *e = rule__set(c, of_all[i].name);

		if (e && !str_eq(e->won.value, of_all[i].nothing ?: ""))
			add(f, e);
	}
}

bool go_command__forces_work(const struct go_command *c)
{
	const char *godebug = go_command__var(c, "GODEBUG");

	return rule__set(c, "-a") || (godebug && strstr(godebug, "gocacheverify"));
}

bool go_command__flip(const struct model *m, const struct go_command *c, struct flip *ret)
{
	struct flip f = {};
	struct cache_sum sum;

	if (!c->settings || !c->roles[TOOL_COMPILE] || !model__cache(m, c->p, &sum) || go_command__forces_work(c))
		return false;
	for (unsigned int o = 0; o < CACHE_OUTCOME_CNT; o++)
		f.made += cache_outcome__is_made(o) && o != CACHE_BUILT ? sum.by_kind[CACHE_PACKAGE][o] : 0;
	f.hits = sum.by_kind[CACHE_PACKAGE][CACHE_HIT];
	f.indexes = sum.by_kind[CACHE_INDEX][CACHE_HIT];
	f.wall_ns = sum.spent_wall_ns;
	if (f.made < NEARLY_ALL_LEAST || f.hits * 10 > f.made || f.indexes * 2 < f.made || !sum.had_outputs)
		return false;
	find_candidates(c, &f);
	*ret = f;
	return true;
}
