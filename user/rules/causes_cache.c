/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The inputs are the same, and what was kept of the package was not there. */
#include <errno.h>

#include "model/run.h"
#include "record/facts.h"
#include "rules/causes_store.h"
#include "rules/flip.h"

#define TRIM_AGE_NS (5LL * 24 * 3600 * 1000000000LL)	/* go removes what was not used for so long */

static int add(struct comparison *x, struct node *n, enum cause_kind kind, const char *detail,
	       enum confidence confidence)
{
	return node__add(x, n, &(struct own_cause){ .kind = kind, .detail = detail, .confidence = confidence });
}

/* --- removed --- */

/* In that time; of the entry, or of what it pointed at. */
static const struct entry_removal *find_removal(const struct model *m, const struct node *n, int64_t from,
						int64_t to)
{
	const struct cache_use *old = n->then ? &n->then->use : NULL;
	const struct entry_removal *r = model__entry_removal(m, n->now->use.action, from, to);

	if (r || !old || !old->has_output)
		return r;
	return model__entry_removal(m, old->output, from, to);
}

/* By go itself, as it cleans up; by go clean; by anybody. */
static int add_removal(struct comparison *x, struct node *n, const struct model *m,
		       const struct entry_removal *r)
{
	const struct process *p = model__process(m, r->proc);
	__free_str struct str text = {}, label = {};

	if (p && p->role == TOOL_GO && !str_eq(p->subject ?: "", "clean"))
		return add(x, n, CAUSE_TRIMMED, "go removed it as not used for days", PROVEN);
	if (p)
		process__label(p, &label);
	str__addf(&text, "removed by %s", label.s ?: "a process that is not in the record");
	return add(x, n, CAUSE_CACHE_REMOVED, text.s ?: "removed", PROVEN);
}

/*
 * Before the new run looked for it; or in the old one, after that had used it: what was removed before
 * was written again. 1: it was said.
 */
static int add_seen(struct comparison *x, struct node *n)
{
	int64_t used = n->then ? n->then->use.ts : INT64_MIN, asked = n->now->use.ts;
	const struct model *m = x->new.m;
	const struct entry_removal *r;
	int err;

	r = find_removal(m, n, x->old.is_before ? used : INT64_MIN, asked);
	if (!r && n->then && !x->old.is_before) {
		m = x->old.m;
		r = find_removal(m, n, used, INT64_MAX);
	}
	err = r ? add_removal(x, n, m, r) : 0;
	return err ?: r != NULL;
}

bool node__is_kept(const struct comparison *x, const struct node *n)
{
	const char *old = n->then->c->roots.dir[ROOT_GOCACHE], *new = n->now->c->roots.dir[ROOT_GOCACHE];
	const struct cache_use *u = &n->then->use;

	if (!old || !new || !str_eq(old, new) || !u->action_sz || (u->outcome != CACHE_HIT && !u->put))
		return false;
	return !model__entry_removal(x->old.m, u->action, u->ts, INT64_MAX) &&
	       !model__entry_removal(x->new.m, u->action, x->old.is_before ? u->ts : INT64_MIN, INT64_MAX) &&
	       (x->old.is_before || !model__makes_cache(x->new.m, new, INT64_MAX));
}

static int add_missing(struct comparison *x, struct node *n)
{
	int64_t then = run__epoch(model__run(x->old.m));

	if (x->old.is_before)
		return add(x, n, CAUSE_CACHE_REMOVED, "removed since an earlier command used it", LIKELY);
	if (then && run__epoch(model__run(x->new.m)) - then > TRIM_AGE_NS)
		return add(x, n, CAUSE_TRIMMED, "more than five days passed between the runs", LIKELY);
	return add(x, n, CAUSE_CACHE_REMOVED, "removed between the runs, or not restored", LIKELY);
}

/* --- never there --- */

/* 1: it was said. */
static int add_other_cache(struct comparison *x, struct node *n)
{
	const char *old = n->then->c->roots.dir[ROOT_GOCACHE], *new = n->now->c->roots.dir[ROOT_GOCACHE];
	int err;

	if (!old || !new || str_eq(old, new))
		return 0;
	err = node__add(x, n, &(struct own_cause){ CAUSE_CACHE_ABSENT, "another build cache", old, new, PROVEN });
	return err ?: 1;
}

/* 1: it was said. */
static int add_never(struct comparison *x, struct node *n)
{
	const char *new = n->now->c->roots.dir[ROOT_GOCACHE];
	int err;

	if (n->now->use.also && x->old.is_before)
		err = add(x, n, CAUSE_CACHE_ABSENT, "another command made the same at that time", PROVEN);
	else if (new && !x->old.is_before && model__makes_cache(x->new.m, new, n->now->use.ts))
		err = node__add(x, n, &(struct own_cause){
			CAUSE_CACHE_ABSENT, "the build cache was made anew", NULL, NULL, PROVEN });
	else if (n->then->use.outcome != CACHE_HIT && !n->then->use.put && !n->then->use.has_output)
		err = add(x, n, CAUSE_CACHE_ABSENT, "the old run did not write it", LIKELY);
	else
		return 0;
	return err ?: 1;
}

static int add_reason(struct comparison *x, struct node *n, const char *reason)
{
	if (str_eq(reason, "gocacheverify"))
		return add(x, n, CAUSE_ENVIRONMENT, "GODEBUG", PROVEN);
	if (str_eq(reason, "size") || str_eq(reason, "malformed"))
		return add(x, n, CAUSE_CACHE_REMOVED, "what was kept is damaged", PROVEN);
	return add(x, n, CAUSE_UNKNOWN, "the entry was there, and go did not use it", PROVEN);
}

static bool has_reason(const struct node *n)
{
	return n->now->use.reason && !str_eq(n->now->use.reason, "absent");
}

int compare_cache(struct comparison *x, struct node *n)
{
	int said;

	if (has_reason(n))
		return add_reason(x, n, n->now->use.reason);
	said = add_other_cache(x, n) ?: add_seen(x, n) ?: add_never(x, n);
	if (said)
		return said < 0 ? said : 0;
	return add_missing(x, n);
}

/* --- without an earlier use of the package --- */

/* What is set, of all that it may be: the more there is, the less is known. */
static int add_candidates(struct comparison *x, struct node *n, const struct flip *f, const char *evidence)
{
	struct own_cause own = { .kind = CAUSE_UNKNOWN, .confidence = LIKELY, .evidence = evidence };
	__free_str struct str text = {};

	if (f->candidate_cnt == 1) {
		own.kind = f->candidates[0]->name[0] == '-' ? CAUSE_FLAG : CAUSE_ENVIRONMENT;
		own.detail = f->candidates[0]->name;
		own.new = f->candidates[0]->won.value;
		return node__add(x, n, &own);
	}
	for (size_t i = 0; i < f->candidate_cnt; i++)
		str__addf(&text, "%s%s=%s", i ? ", " : "which of these was not set: ", f->candidates[i]->name,
			  f->candidates[i]->won.value);
	str__adds(&text, text.len ? "; a record of the build before" :
				    "a record of the build before, which had something set that is not now");
	own.detail = text.s;
	return str__err(&text) ? -ENOMEM : node__add(x, n, &own);
}

static int add_flip(struct comparison *x, struct node *n)
{
	__free_str struct str evidence = {};
	struct flip f;

	if (!go_command__flip(n->now->m, n->now->c, &f))
		return 0;
	str__addf(&evidence, "%llu packages missed, %llu index entries hit: a flag or variable, not an edit",
		  (unsigned long long)f.made, (unsigned long long)f.indexes);
	return str__err(&evidence) ? -ENOMEM : add_candidates(x, n, &f, evidence.s);
}

int compare_alone(struct comparison *x, struct node *n)
{
	const char *cache = n->now->c->roots.dir[ROOT_GOCACHE];
	int said;

	if (has_reason(n))
		return add_reason(x, n, n->now->use.reason);
	said = n->now->use.action_sz ? add_seen(x, n) : 0;
	if (said || !x->old.is_before)
		return said < 0 ? said : 0;
	if (cache && model__makes_cache(x->new.m, cache, n->now->use.ts))
		return add(x, n, CAUSE_CACHE_ABSENT, "the build cache was made anew", PROVEN);
	return add_flip(x, n);
}
