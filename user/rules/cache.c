/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about the build cache: what kept it from being of use. */
#include <errno.h>

#include "model/cache/cache.h"
#include "model/effects/effects.h"
#include "rules/flip.h"
#include "rules/rule.h"
#include "util/hash.h"

#define MANY_TRIMMED 20

/* A refused call of the command or of what works for it, below dir. NULL: none. */
static const struct refusal *refused_below(const struct model *m, const struct go_command *c, const char *dir)
{
	for (const struct refusal *r = model__next_refusal(m, NULL); r; r = model__next_refusal(m, r))
		if (rule__is_in(r->path, dir) && model__command_of(m, model__process(m, r->proc)) == c)
			return r;
	return NULL;
}

static int match_cache_unwritable(struct matching *x, const struct go_command *c)
{
	const char *dir = c->roots.dir[ROOT_GOCACHE];
	const struct refusal *r = dir ? refused_below(x->m, c, dir) : NULL;
	struct cache_sum sum;

	if (r)
		return found(x, &(struct found){ PROVEN, c->proc, dir, rule__at(r->ts) },
			     "%s of %s: %s", rec_kind__name(r->kind), r->path, r->err);
	if (!model__cache(x->m, c->p, &sum) || !sum.unwritten.cnt || !sum.unwritten.err)
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, dir ?: "GOCACHE", sum.unwritten.proof },
		     "%llu entries could not be written: %s", (unsigned long long)sum.unwritten.cnt,
		     sum.unwritten.err);
}

static int match_cache_entries_broken(struct matching *x, const struct go_command *c)
{
	const struct cache_ref *at = NULL;
	struct proof proof = {};
	struct cache_use u;
	uint64_t cnt = 0;
	const char *one = NULL, *reason = NULL;
	struct cache_sum sum;

	if (!model__cache(x->m, c->p, &sum))
		return 0;
	for (unsigned int k = 0; k < CACHE_KIND_CNT; k++)
		cnt += sum.by_kind[k][CACHE_BROKEN];
	while (cnt && (at = model__next_use(x->m, c->p, at, &u)))
		if (u.outcome == CACHE_BROKEN) {
			one = one ?: u.package;
			reason = reason ?: u.reason;
			proof__add(&proof, u.ts);
		}
	if (!cnt)
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, c->roots.dir[ROOT_GOCACHE] ?: "GOCACHE", proof },
		     "%llu of the entries that were found could not be used (%s%s%s)", (unsigned long long)cnt,
		     reason ?: "not whole", one ? ", the first one is of " : "", one ?: "");
}

static int match_cache_trimmed(struct matching *x, const struct go_command *c)
{
	struct cache_sum sum;

	if (!model__cache(x->m, c->p, &sum) || sum.trimmed < MANY_TRIMMED)
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, c->roots.dir[ROOT_GOCACHE] ?: "GOCACHE",
					 rule__at(c->p->start) },
		     "%llu entries were removed", (unsigned long long)sum.trimmed);
}

static int match_cacheprog_active(struct matching *x, const struct go_command *c)
{
	const struct effective *e;
	struct cache_sum sum;
	__free_str struct str from = {};

	if (!model__cache(x->m, c->p, &sum) || !sum.cacheprog)
		return 0;
	e = rule__set(c, "GOCACHEPROG");
	if (e)
		rule__origin(&e->won, &from);
	return found(x, &(struct found){ PROVEN, c->proc, "GOCACHEPROG", e ? rule__proof_of(e) : rule__at(c->p->start) },
		     "%s answers look-ups (%s)", e ? e->won.value : "a program", from.s ?: "its value is not known");
}

/* --- the same work again --- */

/* A package that was made: by whom first, under which key. */
struct made {
	const char *package;	/* the model's: strings of one text may be several */
	uint8_t action[GOCACHE_ID_SZ];
	size_t action_sz;
	const struct go_command *by;
	int64_t ts;
	UT_hash_handle hh;
};

/* How many packages of a command were made again, and what is told of them. */
struct again {
	const struct go_command *first, *now;
	uint64_t same_key, other_key;
	const char *package;
	int64_t ns;
	struct proof proof;
};

/* A flag or variable in which two commands differ though what they build need not; NULL: none. */
static const struct effective *needless_difference(const struct go_command *a, const struct go_command *b)
{
	static const char *const names[] = { "-tags", "-trimpath", "-gcflags", "-asmflags", "-ldflags", "-buildmode",
					     "CGO_CFLAGS", "CGO_ENABLED", "CC", "GOEXPERIMENT", "GOAMD64" };
	static const char *const meant[] = { "-race", "-cover", "-msan", "-asan", "GOOS", "GOARCH" };

	for (size_t i = 0; i < ARRAY_SIZE(meant); i++) {
		const struct effective *x = rule__setting(a, meant[i]), *y = rule__setting(b, meant[i]);

		if (!str_eq(x ? x->won.value ?: "" : "", y ? y->won.value ?: "" : ""))
			return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct effective *x = rule__setting(a, names[i]), *y = rule__setting(b, names[i]);

		if (!str_eq(x ? x->won.value ?: "" : "", y ? y->won.value ?: "" : ""))
			return y && y->won.value && *y->won.value ? y : x;
	}
	return NULL;
}

static int found_again(struct matching *x, const struct again *a)
{
	const struct effective *e = a->other_key > a->same_key ? needless_difference(a->first, a->now) : NULL;
	uint64_t cnt = e ? a->other_key : a->same_key;

	if (!cnt)
		return 0;
	return found(x, &(struct found){ e ? LIKELY : PROVEN, a->now->proc, a->package, a->proof },
		     "%llu package%s compiled again that process %llu had made (%lld ms): %s%s%s%s",
		     (unsigned long long)cnt, cnt == 1 ? " was" : "s were", (unsigned long long)a->first->proc,
		     (long long)a->ns / 1000000,
		     e ? "the commands differ in " : "under the same key, side by side or after they were removed",
		     e ? e->name : "", e && e->won.value ? "=" : "", e && e->won.value ? e->won.value : "");
}

static bool is_comparable(const struct go_command *a, const struct go_command *b)
{
	return a->settings->version && b->settings->version && str_eq(a->settings->version, b->settings->version);
}

static int see_made(struct made **all, const struct go_command *c, const struct cache_use *u, struct again *again)
{
	struct made *k;

	HASH_FIND_STR(*all, u->package, k);
	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k)
			return -ENOMEM;
		*k = (struct made){ .package = u->package, .action_sz = u->action_sz, .by = c, .ts = u->ts };
		memcpy(k->action, u->action, sizeof(k->action));
		HASH_ADD_KEYPTR(hh, *all, k->package, strlen(k->package), k);
		return 0;
	}
	if (k->by == c || !is_comparable(k->by, c) || (again->first && again->first != k->by))
		return 0;
	again->first = k->by;
	again->now = c;
	again->package = again->package ?: k->package;
	again->ns += u->work_ns > 0 ? u->work_ns : 0;
	proof__add(&again->proof, k->ts);
	proof__add(&again->proof, u->ts);
	if (k->action_sz && u->action_sz && !memcmp(k->action, u->action, k->action_sz < u->action_sz ? k->action_sz : u->action_sz))
		again->same_key++;
	else
		again->other_key++;
	return 0;
}

static int match_work_repeated(struct matching *x)
{
	struct made *all = NULL;
	int err = 0;

	for (const struct go_command *c = model__next_command(x->m, NULL); c && !err;
	     c = model__next_command(x->m, c)) {
		const struct cache_ref *at = NULL;
		struct again again = {};
		struct cache_use u;

		if (!c->settings || !c->roles[TOOL_COMPILE] || go_command__forces_work(c))
			continue;
		while (!err && (at = model__next_use(x->m, c->p, at, &u)))
			if (u.kind == CACHE_PACKAGE && u.package && u.tool && u.work_ns > 0 &&
			    cache_outcome__is_made(u.outcome) && !strchr(u.package, ' '))
				err = see_made(&all, c, &u, &again);
		if (!err && again.first)
			err = found_again(x, &again);
	}
	hash_free(&all, free);
	return err;
}

/* --- everything again --- */

/* A platform alone is meant to be another one. */
static int match_rebuild_all(struct matching *x, const struct go_command *c)
{
	__free_str struct str from = {}, others = {};
	const struct effective *e;
	struct flip f;

	if (!go_command__flip(x->m, c, &f) || !f.candidate_cnt || flip__is_platform(f.candidates[0]))
		return 0;
	e = f.candidates[0];
	rule__origin(&e->won, &from);
	for (size_t i = 1; i < f.candidate_cnt; i++)
		str__addf(&others, ", or %s=%s", f.candidates[i]->name, f.candidates[i]->won.value);
	return found(x, &(struct found){ LIKELY, c->proc, e->name, rule__proof_of(e),
					 .is_note = e->won.source == SOURCE_COMMAND_LINE && !e->via },
		     "%llu of %llu packages were made anew, in %.1f s: %s=%s (%s%s)%s", (unsigned long long)f.made,
		     (unsigned long long)(f.made + f.hits), f.wall_ns > 0 ? f.wall_ns / 1e9 : 0.0, e->name,
		     e->won.value, from.s ?: "", e->via ? ", by GOFLAGS" : "", others.s ?: "");
}

#define USES (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_cache[] = {
	{ "cache-unwritable", SEVERITY_ERROR, USES, NULL,
	  "The build cache cannot be written",
	  "go stops, or says nothing and compiles everything each time.",
	  "give GOCACHE to the user who builds: chown -R, or another folder; see that there is room",
	  .match_command = match_cache_unwritable },
	{ "cache-entries-broken", SEVERITY_WARNING, USES, NULL,
	  "Entries of the build cache are broken",
	  "An entry was found, and what it points at is missing or of another size: something removes or "
	  "cuts files of the cache. Each is made again.",
	  "look for what cleans the cache by age or size; go clean -cache begins anew",
	  .match_command = match_cache_entries_broken },
	{ "cache-trimmed", SEVERITY_NOTE, USES, NULL,
	  "go removed entries of the build cache",
	  "Once a day go removes what was not used for five days; builds that come back to it start anew.",
	  "nothing, unless it is restored from elsewhere with old times",
	  .match_command = match_cache_trimmed },
	{ "cacheprog-active", SEVERITY_NOTE, USES, NULL,
	  "Another program is the build cache",
	  "GOCACHEPROG answers look-ups over a pipe: what it found cannot be seen.",
	  "unset GOCACHEPROG unless it is meant",
	  .match_command = match_cacheprog_active },
	{ "work-repeated", SEVERITY_WARNING, USES, NULL,
	  "The same packages were compiled more than once",
	  "Commands that run side by side, or with flags that need not differ, share nothing.",
	  "run them one after the other, with equal flags and variables",
	  .match = match_work_repeated },
	{ "rebuild-all-by-setting", SEVERITY_WARNING, USES | EVIDENCE_ENVIRONMENT, NULL,
	  "Everything was compiled again because of one setting",
	  "The cache had the same packages for another value of it.",
	  "keep flags and variables equal between builds that share a cache",
	  .match_command = match_rebuild_all },
	{}
};
