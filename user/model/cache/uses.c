/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the go commands did with the build cache: the answers. */
#include "model/cache/store.h"
#include "model/run.h"

#define FOLDERS_OF_NEW 128	/* of 256: another command may make the others at that time */

static const char *const kind_names[] = {
#define X(id, name) [CACHE_##id] = name,
	CACHE_KIND_LIST(X)
#undef X
};

static const char *const outcome_names[] = {
#define X(id, name) [CACHE_##id] = name,
	CACHE_OUTCOME_LIST(X)
#undef X
};

const char *cache_kind__name(enum cache_kind kind)
{
	return kind_names[kind];
}

const char *cache_outcome__name(enum cache_outcome outcome)
{
	return outcome_names[outcome];
}

bool cache_outcome__is_made(enum cache_outcome outcome)
{
	return outcome >= CACHE_MISS && outcome <= CACHE_UNSEEN;
}

/* An output that two actions of a command share was written once, by one of them. */
static int64_t put_of(const struct cache_ref *u)
{
	const struct cache_data *d = u->put && u->action->has_output ?
				     hash_find(u->cmd->data, output, u->action->output) : NULL;

	return d && d->is_written ? d->put_ts : -1;
}

static void tell(const struct cache_ref *u, struct cache_use *ret)
{
	const struct cache_action *a = u->action;
	struct cache_use use = {
		.kind = u->kind, .package = u->package, .confidence = u->confidence,
		.file = u->file, .outcome = u->outcome, .reason = u->reason, .lookups = u->lookups,
		.put = u->put, .refreshed = u->refreshed, .tool = u->tool, .tools = u->tools,
		.work_ns = u->work_ns, .wall_ns = u->wall_ns, .also = u->also,
		.removed_by = u->removed_by, .ts = u->ts, .put_ts = -1,
	};

	if (a) {
		use.action_sz = a->is_whole ? GOCACHE_ID_SZ : ACTION_KEY_SZ;
		use.has_output = a->has_output;
		use.kind = a->kind;
		use.package = a->package;
		use.confidence = a->confidence;
		use.bytes = a->size;
		memcpy(use.action, a->is_whole ? a->id : a->key, use.action_sz);
		memcpy(use.output, a->output, sizeof(use.output));
		use.put_ts = put_of(u);
	}
	if (use.confidence != PROVEN)
		use.confidence = LIKELY;
	*ret = use;
}

const struct cache_ref *model__next_use(const struct model *m, const struct process *go,
					const struct cache_ref *at, struct cache_use *ret)
{
	const struct cache_command *cmd = at ? NULL : hash_find(m->caches->commands, go, &go->proc);

	at = at ? at->next : cmd ? cmd->first : NULL;
	if (at)
		tell(at, ret);
	return at;
}

static bool is_named(const struct cache_use *use)
{
	return use->package || use->kind == CACHE_CC || use->kind == CACHE_CC_FLAG;
}

/* What its tools took where it was made; -1: not in the record. */
static int64_t work_elsewhere(const struct cache_ref *u)
{
	const struct cache_ref *other;

	for (other = u->action ? u->action->refs : NULL; other; other = other->sibling)
		if (other->tool && other->work_ns >= 0)
			return other->work_ns;
	return -1;
}

static void count_package(const struct cache_ref *u, const struct cache_use *use,
			  struct cache_sum *sum)
{
	int64_t other;

	if (use->outcome != CACHE_HIT) {
		sum->spent_ns += use->work_ns > 0 ? use->work_ns : 0;
		sum->also += use->also != 0;
		sum->also_ns += use->also && use->work_ns > 0 ? use->work_ns : 0;
		return;
	}
	sum->hit_bytes += use->bytes;
	sum->unsized += !use->bytes;
	other = work_elsewhere(u);
	if (other >= 0) {
		sum->saved++;
		sum->saved_ns += other;
	}
}

static void count(const struct cache_ref *u, struct cache_sum *sum)
{
	struct cache_use use;

	tell(u, &use);
	sum->lookups += use.lookups;
	sum->named += is_named(&use) ? use.lookups : 0;
	/* A look-up that is not known to be this one has been counted by itself. */
	if (u->action || use.outcome != CACHE_MISS)
		sum->by_kind[use.kind][use.outcome]++;
	sum->put += use.put;
	sum->refreshed += use.refreshed;
	sum->put_bytes += use.put ? use.bytes : 0;
	if (use.kind == CACHE_PACKAGE)
		count_package(u, &use, sum);
}

static bool is_put(const struct cache_action *a)
{
	for (const struct cache_ref *u = a->refs; u; u = u->sibling)
		if (u->put)
			return true;
	return false;
}

/* The entry is younger than the record's start, and nobody in the record has written it. */
static void count_foreign(const struct cache_ref *u, uint64_t start, struct cache_sum *sum)
{
	const struct cache_action *a = u->action;

	if (!a || a->kind != CACHE_PACKAGE || u->outcome != CACHE_HIT || !start || a->written <= start ||
	    is_put(a))
		return;
	sum->foreign++;
	sum->foreign_package = sum->foreign_package ?: a->package;
	proof__add(&sum->foreign_proof, u->ts);
}

int caches__sum_up(struct model *m)
{
	uint64_t start = run__epoch(m->run);
	struct cache_command *cmd;
	const struct cache_ref *u;

	caches__see_restored(m);
	hash_each(m->caches->commands, cmd) {
		for (u = cmd->first; u; u = u->next) {
			count(u, &cmd->sum);
			count_foreign(u, start, &cmd->sum);
		}
		cmd->sum.created = cmd->folders >= FOLDERS_OF_NEW;
		cmd->sum.had_outputs = cmd->had_outputs;
		cmd->sum.aged = cmd->aged;
		cmd->sum.aged_at = cmd->aged_at;
		cmd->sum.trimmed = cmd->trimmed;
		cmd->sum.cacheprog = cmd->cacheprog;
	}
	return 0;
}

bool model__tells_tests(const struct model *m)
{
	return m->caches->tells_tests;
}

bool model__cache(const struct model *m, const struct process *go, struct cache_sum *ret)
{
	const struct cache_command *cmd = hash_find(m->caches->commands, go, &go->proc);

	if (!cmd || (!cmd->first && !cmd->trimmed && !cmd->cacheprog && !cmd->sum.unwritten.cnt))
		return false;
	*ret = cmd->sum;
	return true;
}

bool model__cache_total(const struct model *m, struct cache_total *ret)
{
	struct cache_sum sum;
	bool any = false;

	*ret = (struct cache_total){};
	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c)) {
		const uint64_t *packages = sum.by_kind[CACHE_PACKAGE];

		if (!model__cache(m, c->p, &sum))
			continue;
		any = true;
		ret->hits += packages[CACHE_HIT];
		ret->made += packages[CACHE_MISS] + packages[CACHE_BROKEN] + packages[CACHE_BUILT] +
			     packages[CACHE_ASKED];
		ret->spent_ns += sum.spent_ns;
		ret->saved_ns += sum.saved_ns;
	}
	return any;
}

const struct cache_removal *model__next_removal(const struct model *m, const struct process *go,
						const struct cache_removal *r)
{
	const struct cache_command *cmd = hash_find(m->caches->commands, go, &go->proc);
	const struct removal_entry *e = r ? container_of(r, struct removal_entry, r)->hh.next :
					cmd ? cmd->removals : NULL;

	return e ? &e->r : NULL;
}

bool model__linked(const struct model *m, const char *file, const char **ret_id,
		   const char **ret_package)
{
	const struct cache_link *l = file ? hash_find(m->caches->links, file, &file) : NULL;

	if (!l)
		return false;
	*ret_id = l->id;
	*ret_package = l->package;
	return true;
}
