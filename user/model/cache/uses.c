/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the go commands did with the build cache: the answers. */
#include <errno.h>

#include "model/cache/store.h"
#include "model/process.h"

static const char *const kind_names[] = {
#define X(id, name) [CACHE_##id] = name,
	CACHE_KIND_LIST(X)
#undef X
};

static const char *const outcome_names[] = {
	[CACHE_BUILT]  = "built",
	[CACHE_HIT]    = "hit",
	[CACHE_MISS]   = "miss",
	[CACHE_BROKEN] = "broken",
};

const char *cache_kind__name(enum cache_kind kind)
{
	return kind_names[kind];
}

const char *cache_outcome__name(enum cache_outcome outcome)
{
	return outcome_names[outcome];
}

static const struct cache_command *find_command(const struct model *m, const struct process *go)
{
	struct cache_command *cmd;

	HASH_FIND(hh, m->caches->commands, &go->proc, sizeof(go->proc), cmd);
	return cmd;
}

static int64_t duration(const struct model *m, uint64_t proc)
{
	const struct process *p = proc ? model__process(m, proc) : NULL;

	return p ? process__duration(p) : -1;
}

/* What is broken about an entry that was found; what go saw counts, not what capture saw later. */
static const char *broken(const struct cache_command *cmd, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;
	struct cache_data *d = NULL;

	if (a->has_output)
		HASH_FIND(hh, cmd->data, a->output, sizeof(d->output), d);
	if (!d || d->ts < u->ts)
		return a->broken;
	return d->is_missing ? "absent" : d->has_size && d->size != a->size ? "size" : NULL;
}

static enum cache_outcome outcome_of(const struct cache_command *cmd, const struct cache_ref *u,
				     const char **ret_reason)
{
	*ret_reason = NULL;
	if (!u->lookups)
		return CACHE_BUILT;
	if (u->err) {
		*ret_reason = str_eq(u->err, "ENOENT") ? "absent" : u->err;
		return CACHE_MISS;
	}
	*ret_reason = broken(cmd, u);
	return *ret_reason ? CACHE_BROKEN : CACHE_HIT;
}

static void tell(const struct model *m, const struct cache_command *cmd, const struct cache_ref *u,
		 struct cache_use *ret)
{
	const struct cache_action *a = u->action;
	struct cache_use use = {
		.action_sz = a->is_whole ? GOCACHE_ID_SZ : ACTION_KEY_SZ,
		.has_output = a->has_output, .kind = a->kind, .package = a->package,
		.proven = a->is_proven, .lookups = u->lookups, .put = u->put,
		.refreshed = u->refreshed, .bytes = a->size, .ts = u->ts,
		.work_ns = duration(m, u->tool),
	};

	memcpy(use.action, a->id, sizeof(use.action));
	memcpy(use.output, a->output, sizeof(use.output));
	use.outcome = outcome_of(cmd, u, &use.reason);
	*ret = use;
}

int model__next_use(const struct model *m, const struct process *go, const struct cache_ref **at,
		    struct cache_use *ret)
{
	const struct cache_command *cmd = find_command(m, go);

	*at = *at ? (*at)->next : cmd ? cmd->first : NULL;
	if (*at)
		tell(m, cmd, *at, ret);
	return 0;
}

static bool is_named(const struct cache_use *use)
{
	return use->package || use->kind == CACHE_CC || use->kind == CACHE_CC_FLAG;
}

static void count(const struct model *m, const struct cache_command *cmd, const struct cache_ref *u,
		  struct cache_sum *sum)
{
	struct cache_use use;
	int64_t other;

	tell(m, cmd, u, &use);
	sum->lookups += use.lookups;
	sum->named += is_named(&use) ? use.lookups : 0;
	sum->by_kind[use.kind][use.outcome]++;
	sum->put += use.put;
	sum->refreshed += use.refreshed;
	sum->put_bytes += use.put ? use.bytes : 0;
	if (use.outcome == CACHE_HIT)
		sum->hit_bytes += use.bytes;
	if (use.kind != CACHE_PACKAGE)
		return;
	if (use.outcome != CACHE_HIT) {
		sum->lost_ns += use.work_ns > 0 ? use.work_ns : 0;
		return;
	}
	other = duration(m, u->action->tool);
	if (other >= 0) {
		sum->won++;
		sum->won_ns += other;
	}
}

bool model__tells_tests(const struct model *m)
{
	return m->caches->tells_tests;
}

int model__cache(const struct model *m, const struct process *go, struct cache_sum *ret)
{
	const struct cache_command *cmd = find_command(m, go);
	struct cache_sum sum = {};
	const struct cache_ref *u;

	if (!cmd || (!cmd->first && !cmd->trimmed && !cmd->cacheprog))
		return -ENOENT;
	for (u = cmd->first; u; u = u->next)
		count(m, cmd, u, &sum);
	sum.trimmed = cmd->trimmed;
	sum.cacheprog = cmd->cacheprog;
	*ret = sum;
	return 0;
}
