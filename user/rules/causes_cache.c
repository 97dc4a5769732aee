/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The inputs are the same, and what was kept of the package was not there. */
#include "model/run.h"
#include "record/facts.h"
#include "rules/causes_store.h"

#define TRIM_AGE_NS (5LL * 24 * 3600 * 1000000000LL)	/* go removes what was not used for so long */

static int add(struct comparison *x, struct node *n, enum cause_kind kind, const char *detail,
	       enum confidence confidence)
{
	return node__add(x, n, &(struct own_cause){ .kind = kind, .detail = detail, .confidence = confidence });
}

/* --- removed --- */

static const struct entry_removal *find_removal(const struct model *m, const struct cache_use *use,
						const struct cache_use *old)
{
	return model__entry_removal(m, use->action) ?:
	       (old->has_output ? model__entry_removal(m, old->output) : NULL);
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

/* Before the new run looked for it; or in the old one, which had it. 1: it was said. */
static int add_seen(struct comparison *x, struct node *n)
{
	const struct entry_removal *r = find_removal(x->new.m, &n->now->use, &n->then->use);
	const struct model *m = x->new.m;
	int err;

	if (!r || r->ts > n->now->use.ts) {
		m = x->old.m;
		r = find_removal(m, &n->now->use, &n->then->use);
	}
	err = r ? add_removal(x, n, m, r) : 0;
	return err ?: r != NULL;
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
	else if (new && !x->old.is_before && model__makes_cache(x->new.m, new))
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

int compare_cache(struct comparison *x, struct node *n)
{
	const char *reason = n->now->use.reason;
	int said;

	if (reason && !str_eq(reason, "absent"))
		return add_reason(x, n, reason);
	said = add_other_cache(x, n) ?: add_seen(x, n) ?: add_never(x, n);
	if (said)
		return said < 0 ? said : 0;
	return add_missing(x, n);
}
