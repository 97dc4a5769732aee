/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What came of each use of the cache, and why; and what stood in a command's way. */
#include <errno.h>

#include "model/cache/store.h"
#include "model/run.h"
#include "model/settings/settings.h"

/* What decides for all that a command made without asking, or in spite of what it found. */
struct ways {
	bool builds_all;	/* -a */
	bool verifies;		/* GODEBUG=gocacheverify=1: makes all, and compares */
	bool asks_for_vets;	/* since 1.26; before, for those of dependencies alone */
};

static bool has_key(const char *list, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = list; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
		if (!strncmp(p, key, n) && (!p[n] || p[n] == ','))
			return true;
	return false;
}

static unsigned int minor_of(const struct model *m, const struct go_command *c)
{
	const char *version = c ? go_command__version(m, c) : NULL;

	return version && str_has_prefix(version, "go1.") ? atoi(version + strlen("go1.")) : 0;
}

static struct ways ways_of(const struct model *m, const struct cache_command *cmd)
{
	const struct go_command *c = model__command(m, cmd->go);
	const struct effective *all = c && c->settings ? command_settings__find(c->settings, "-a") : NULL;

	return (struct ways){
		.builds_all = all && str_eq(all->won.value ?: "", "true"),
		.verifies = c && has_key(environment__get_set(c->env, "GODEBUG"), "gocacheverify=1"),
		.asks_for_vets = minor_of(m, c) >= 26,
	};
}

/* The program is asked by every Go since 1.24; before, only by one that was built for that. */
static bool asks_program(const struct model *m, const struct cache_command *cmd)
{
	const struct go_command *c = model__command(m, cmd->go);
	const struct effective *e = c && c->settings ?
				    command_settings__find(c->settings, "GOCACHEPROG") : NULL;
	unsigned int minor = minor_of(m, c);

	return e && e->won.value && *e->won.value && (!minor || minor >= 24);
}

/* What is broken about an entry that was found; what go saw counts, not what capture saw later. */
static const char *broken(const struct cache_command *cmd, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;
	struct cache_data *d = a->has_output ? hash_find(cmd->data, output, a->output) : NULL;

	if (!d || d->ts < u->ts)
		return a->broken;
	return d->is_missing ? "absent" : d->has_size && d->size != a->size ? "size" : NULL;
}

static enum cache_kind kind_of(const struct cache_ref *u)
{
	return u->action ? u->action->kind : u->kind;
}

static enum cache_outcome outcome_of(const struct cache_ref *u, const struct ways *w,
				     const char **ret_reason)
{
	if (!u->lookups && !u->tool)
		return CACHE_PUT;
	if (!u->lookups && kind_of(u) == CACHE_VET && u->cmd->unasked == CACHE_UNSEEN)
		return w->asks_for_vets ? CACHE_MISS : CACHE_BUILT;
	if (!u->lookups)
		return u->cmd->unasked;
	if (u->err) {
		*ret_reason = str_eq(u->err, "ENOENT") ? "absent" : u->err;
		return CACHE_MISS;
	}
	*ret_reason = broken(u->cmd, u);
	/* A test's entry lists the inputs that its result depends on. */
	if (!*ret_reason && u->tool && (w->verifies || u->action->kind == CACHE_TEST)) {
		*ret_reason = w->verifies ? "gocacheverify" : "inputs";
		return CACHE_MISS;
	}
	/* What can be used is not made again. */
	if (!*ret_reason && u->tool)
		*ret_reason = "unusable";
	return *ret_reason ? CACHE_BROKEN : CACHE_HIT;
}

/* --- entries that went away --- */

/* A tool that did not find what go had found for it. */
static int add_missed(struct model *m, const struct cache_missed *x)
{
	struct cache_gone *gone = hash_find(m->caches->gone, output, x->output);
	const struct process *p = model__process(m, x->tool);
	struct cache_command *cmd = p ? hash_find(m->caches->commands, go, &p->go) : NULL;
	struct removal_entry *e;

	if (!cmd || (gone && gone->by == cmd->go))
		return 0;
	e = cache_command__removal(cmd, gone && gone->ts <= x->ts ? gone->by : 0);
	if (!e)
		return -ENOMEM;
	proof__add(&e->r.proof, x->ts);
	if (e->last_tool == x->tool)
		return 0;
	e->last_tool = x->tool;
	e->r.tools++;
	e->r.failed += p->end == PROCESS_EXITED && p->status;
	return 0;
}

/*
 * What was opened to be written, and not stamped before the command ended by itself. A record that
 * has entries put and no stamp does not tell of stamps.
 */
static void count_unfinished(const struct model *m, struct cache_command *cmd)
{
	const struct process *p = model__process(m, cmd->go);
	bool has_put = false, has_stamp = false;
	const struct cache_ref *u;
	struct cache_data *d;

	for (u = cmd->first; u; u = u->next)
		has_put |= u->put;
	hash_each(cmd->data, d)
		has_stamp |= d->is_finished;
	if (!p || p->end != PROCESS_EXITED || (has_put && !has_stamp) || run__has_gaps(m->run))
		return;
	hash_each(cmd->data, d) {
		if (!d->is_written || d->is_finished)
			continue;
		cmd->sum.unwritten.cnt++;
		proof__add(&cmd->sum.unwritten.proof, d->put_ts);
	}
}

int caches__find_outcomes(struct model *m)
{
	struct cache_command *cmd;
	struct cache_ref *u;
	struct ways ways;
	int err = 0;

	hash_each(m->caches->commands, cmd) {
		ways = ways_of(m, cmd);
		cmd->cacheprog |= asks_program(m, cmd);
		cmd->unasked = ways.builds_all ? CACHE_BUILT : cmd->cacheprog ? CACHE_ASKED : CACHE_UNSEEN;
		for (u = cmd->first; u; u = u->next)
			if (u->action || u->tool)
				u->outcome = outcome_of(u, &ways, &u->reason);
		count_unfinished(m, cmd);
	}
	for (struct cache_missed *x = m->caches->missed; x && !err; x = x->next)
		err = add_missed(m, x);
	return err;
}
