/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What breaks a policy. */
#include <fnmatch.h>

#include "model/cache/cache.h"
#include "model/effects/effects.h"
#include "model/run.h"
#include "model/search/search.h"
#include "rules/rule.h"

static bool is_listed(const struct policy_list *l, const char *value)
{
	for (size_t i = 0; i < l->cnt; i++)
		if (!fnmatch(l->v[i], value, 0))
			return true;
	return false;
}

/* "policy.json:7: " and what is found */
static int broken(struct matching *x, unsigned int line, const struct found *what, const char *detail)
{
	return found(x, what, "%s:%u: %s", x->policy->name, line, detail);
}

/* --- settings --- */

static const struct policy_setting *row_of(const struct policy *p, const struct effective *e)
{
	const struct policy_setting *any = NULL;

	for (size_t i = 0; i < p->setting_cnt; i++) {
		if (str_eq(p->settings[i].name, e->name))
			return &p->settings[i];
		if (str_eq(p->settings[i].name, "*") && *e->name != '-' && e->is_set)
			any = &p->settings[i];
	}
	return any;
}

static int judge_setting(struct matching *x, const struct go_command *c, const struct effective *e)
{
	const struct policy_setting *row = row_of(x->policy, e);
	const struct process *by = model__process(x->m, e->set_by);
	const struct found what = { e->confidence, c->proc, e->name, rule__proof_of(e) };
	__free_str struct str text = {}, from = {};
	int err = 0;

	/* What go gave to a go command below is judged where go got it. */
	if (!row || (by && by->role == TOOL_GO))
		return 0;
	rule__origin(&e->won, &from);
	if (row->origins.line && !is_listed(&row->origins, source__name(e->won.source))) {
		str__addf(&text, "%s=%s comes from %s, which is not among its origins", e->name, e->won.value ?: "?",
			  from.s ?: "");
		err = broken(x, row->origins.line, &what, text.s ?: "");
	}
	if (err || !row->values.line || !e->won.value || (!e->is_set && !*e->won.value))
		return err;
	if (!rule__is_known(e->won.value))
		return cannot_tell(x, "the value of %s, which is redacted", e->name);
	if (is_listed(&row->values, e->won.value))
		return 0;
	str__cut(&text, 0);
	str__addf(&text, "%s=%s (%s) is not among its values", e->name, e->won.value, from.s ?: "");
	return broken(x, row->values.line, &what, text.s ?: "");
}

static int judge_goflag(struct matching *x, const struct go_command *c, const struct effective *e)
{
	const struct policy_list *l = &x->policy->goflags;
	__free_str struct str flag = {}, text = {};

	if (!l->line || !e->via || !str_eq(e->via, "GOFLAGS"))
		return 0;
	str__adds(&flag, e->name);
	if (e->won.value && !str_eq(e->won.value, "true"))
		str__addf(&flag, "=%s", e->won.value);
	if (is_listed(l, flag.s ?: ""))
		return 0;
	str__addf(&text, "GOFLAGS sets %s", flag.s ?: "");
	return broken(x, l->line, &(struct found){ e->confidence, c->proc, "GOFLAGS", rule__proof_of(e) }, text.s ?: "");
}

static int judge_godebug(struct matching *x, const struct go_command *c)
{
	const struct policy_list *l = &x->policy->godebug;
	const char *value = l->line ? go_command__var(c, "GODEBUG") : NULL;
	int err = 0;

	for (const char *at = value; at && *at && !err; at += *at == ',') {
		size_t n = strcspn(at, ",");
		__free_str struct str key = {}, text = {};

		str__add(&key, at, n);
		str__addf(&text, "GODEBUG sets %s", key.s ?: "");
		if (n && !is_listed(l, key.s ?: ""))
			err = broken(x, l->line, &(struct found){ PROVEN, c->proc, "GODEBUG", rule__at(c->p->start) },
				     text.s ?: "");
		at += n;
	}
	return err;
}

static int judge_toolchain(struct matching *x, const struct go_command *c)
{
	const struct policy_list *l = &x->policy->toolchains;
	__free_str struct str version = {}, text = {};

	if (!l->line || !c->settings->version || c->has_after)
		return 0;	/* another one did the work */
	str__add(&version, c->settings->version, strcspn(c->settings->version, " "));
	if (is_listed(l, version.s ?: ""))
		return 0;
	str__addf(&text, "%s worked", version.s ?: "");
	return broken(x, l->line, &(struct found){ PROVEN, c->proc, c->p->exe, rule__at(c->p->start) }, text.s ?: "");
}

static int judge_command(struct matching *x, const struct go_command *c)
{
	int err = judge_toolchain(x, c) ?: judge_godebug(x, c);

	for (size_t i = 0; i < c->settings->cnt && !err; i++)
		err = judge_setting(x, c, &c->settings->list[i]) ?: judge_goflag(x, c, &c->settings->list[i]);
	return err;
}

/* --- files --- */

static bool is_below_root(const char *root, const struct roots *roots, const char *path)
{
	for (unsigned int r = 0; r < ROOT_CNT; r++) {
		const char *dir = roots->dir[r];
		size_t n = strlen(root__name(r));

		if (strncmp(root, root__name(r), n) || (root[n] && root[n] != '/'))
			continue;
		if (!dir)
			return false;
		return rule__is_in(path, dir) && (!root[n] || str_has_prefix(path + strlen(dir), root + n));
	}
	return rule__is_in(path, root);
}

static int judge_root(struct matching *x, const struct source_read *r)
{
	const struct policy_list *l = &x->policy->roots;
	const struct roots *roots = model__roots(x->m, model__process(x->m, r->proc));

	for (size_t i = 0; i < l->cnt; i++)
		if (is_below_root(l->v[i], roots, r->path))
			return 0;
	return broken(x, l->line, &(struct found){ PROVEN, r->go, r->path, rule__at(r->ts) },
		      "was read, and lies in none of the roots");
}

/* The words that stand for files which no pattern can tell. */
static bool is_forbidden(const struct model *m, const struct source_read *r, const char *pattern)
{
	const struct ladder *l;

	if (str_eq(pattern, "netrc"))
		return path__is_named(r->path, ".netrc") || path__is_named(r->path, "_netrc");
	if (!str_eq(pattern, "go.work above the repository"))
		return !fnmatch(pattern, r->path, 0);
	if (!str_has_suffix(r->path, ".work"))
		return false;
	l = model__ladder(m, r->go, LADDER_GO_WORK);
	return l && l->repository && !rule__is_in(r->path, l->repository);
}

static int judge_file(struct matching *x, const struct source_read *r)
{
	const struct policy_list *l = &x->policy->forbidden;
	__free_str struct str text = {};

	for (size_t i = 0; i < l->cnt; i++)
		if (is_forbidden(x->m, r, l->v[i])) {
			str__addf(&text, "was read, and is forbidden (%s)", l->v[i]);
			return broken(x, l->line, &(struct found){ PROVEN, r->go, r->path, rule__at(r->ts) },
				      text.s ?: "");
		}
	return 0;
}

static int judge_files(struct matching *x)
{
	uint64_t omitted = model__source_reads_omitted(x->m);
	int err = 0;

	if (!x->policy->roots.line && !x->policy->forbidden.line)
		return 0;
	for (const struct source_read *r = model__next_source_read(x->m, NULL); r && !err;
	     r = model__next_source_read(x->m, r)) {
		if (x->policy->roots.line)
			err = judge_root(x, r);
		err = err ?: judge_file(x, r);
	}
	if (!err && omitted)
		err = cannot_tell(x, "%llu files that were read, beyond those that are kept", (unsigned long long)omitted);
	return err;
}

/* --- limits and tags --- */

static int judge_limits(struct matching *x)
{
	uint64_t made = 0;
	int64_t ns = 0;
	struct cache_sum sum;
	__free_str struct str text = {};
	int err = 0;

	for (const struct go_command *c = model__next_command(x->m, NULL); c; c = model__next_command(x->m, c)) {
		if (!model__cache(x->m, c->p, &sum))
			continue;
		for (unsigned int o = 0; o < CACHE_OUTCOME_CNT; o++)
			made += cache_outcome__is_made(o) ? sum.by_kind[CACHE_PACKAGE][o] : 0;
		ns += sum.spent_ns;
	}
	if (x->policy->misses_line && made > x->policy->max_misses) {
		str__addf(&text, "%llu packages were compiled, %.0f may be", (unsigned long long)made,
			  x->policy->max_misses);
		err = broken(x, x->policy->misses_line, &(struct found){ PROVEN, 0, "max_misses", rule__at(0) },
			     text.s ?: "");
	}
	if (!err && x->policy->seconds_line && ns / 1e9 > x->policy->max_compile_seconds) {
		str__cut(&text, 0);
		str__addf(&text, "compiling took %.1f s, it may take %g s", ns / 1e9, x->policy->max_compile_seconds);
		err = broken(x, x->policy->seconds_line, &(struct found){ PROVEN, 0, "max_compile_seconds", rule__at(0) },
			     text.s ?: "");
	}
	return err;
}

static int judge_tags(struct matching *x)
{
	const struct policy_list *l = &x->policy->tags;
	const struct run *r = model__run(x->m);
	int err = 0;

	for (size_t i = 0; i < l->cnt && !err; i++) {
		if (!*(run__tag(r, l->v[i]) ?: ""))
			err = broken(x, l->line, &(struct found){ PROVEN, 0, l->v[i], rule__at(0) },
				     "the record does not have this tag");
	}
	return err;
}

static int match_policy(struct matching *x)
{
	int err = judge_tags(x) ?: judge_limits(x) ?: judge_files(x);

	for (const struct go_command *c = model__next_command(x->m, NULL); c && !err; c = model__next_command(x->m, c))
		if (c->settings)
			err = judge_command(x, c);
	return err;
}

const struct rule rules_policy[] = {
	{ "policy-violated", SEVERITY_ERROR, EVIDENCE_LIFE | EVIDENCE_FILES | EVIDENCE_ENVIRONMENT | EVIDENCE_POLICY,
	  NULL,
	  "The policy is broken",
	  "What was given to check as --policy does not allow this.",
	  "change the build, or the line of the policy that is named",
	  .match = match_policy },
	{}
};
