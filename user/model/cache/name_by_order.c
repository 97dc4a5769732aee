/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names entries of the build cache by what threads of go did before they looked them up.
 *
 * A thread that reads a package's sources and then looks up an entry looks up that package, as long
 * as Go's scheduler does not hand the work to another thread in between. So such a name is a guess,
 * made only of a package that nothing else names, and left out where threads could be mixed up:
 * when another one was at the same point with such a package, too, or when two guesses are the same.
 */
#include <errno.h>

#include "model/cache/store.h"
#include "model/process.h"

/* The packages that one command is known to have looked up, and the directories that are left. */
struct left {
	struct model *m;
	struct cache_command *cmd;
	struct cache_name *known;
	struct cache_name *last;	/* directory of none of them, of sourced */
	unsigned int dirs;
	bool is_build;			/* neither vet nor test, which look up other things, too */
};

static struct cache_name *find_name(struct cache_name *set, const char *name)
{
	struct cache_name *n = NULL;

	if (name)
		HASH_FIND(hh, set, &name, sizeof(name), n);
	return n;
}

static void free_names(struct cache_name **set)
{
	struct cache_name *n, *next;

	HASH_ITER(hh, *set, n, next) {
		HASH_DEL(*set, n);
		free(n);
	}
}

static bool is_empty(const struct cache_action *a)
{
	return a->has_output && a->is_whole && !a->size;
}

/* --- packages, by their sources --- */

/* The directory when no package that is known is in it, and it may be a program's; NULL. */
static struct cache_name *left_dir(const struct left *l, const char *dir)
{
	struct cache_name *n = find_name(l->cmd->sourced, dir);

	if (!n || find_name(l->known, n->value) || caches__is_std(l->m, l->cmd->go, dir))
		return NULL;
	return n;
}

static int find_left(struct left *l)
{
	struct cache_name *n, *next;
	const struct cache_ref *u;
	int err;

	for (u = l->cmd->first; u; u = u->next) {
		const struct cache_action *a = u->action;

		if (a->kind == CACHE_PACKAGE && a->is_proven && a->package &&
		    !cache_names__get(&l->known, a->package))
			return -ENOMEM;
	}
	HASH_ITER(hh, l->cmd->sourced, n, next) {
		n->is_shared = false;
		err = caches__package_of_dir(l->m, l->cmd->go, n->name, &n->value);
		if (err)
			return err;
		if (!left_dir(l, n->name))
			continue;
		l->last = n;
		l->dirs++;
	}
	return 0;
}

/*
 * What the Go files that were read just before say about the action: a package whose entry names it
 * not or "main", one that was missed and never made, or the output that go shows for a program that
 * is up to date (nothing, mostly; the package itself it does not look up then).
 */
static enum cache_kind kind_by_sources(const struct left *l, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;

	if (a->kind == CACHE_PACKAGE)
		return a->source < NAME_CONFIG && (!a->package || str_eq(a->package, "main")) ?
		       CACHE_PACKAGE : CACHE_UNKNOWN;
	if (a->kind != CACHE_UNKNOWN || !l->is_build || !u->sources)
		return CACHE_UNKNOWN;
	if (u->err)
		return u->put ? CACHE_UNKNOWN : CACHE_PACKAGE;
	return is_empty(a) ? CACHE_STDOUT : CACHE_UNKNOWN;
}

/*
 * Another thread was about to look up such a package, too; or this is not one: then the thread that
 * read the sources is not the one that goes on with them.
 */
static void find_shared(const struct left *l, const struct cache_ref *u)
{
	struct cache_name *own = left_dir(l, u->sources), *other;
	const char **dir = u->rivals;

	if (!own)
		return;
	own->is_shared |= kind_by_sources(l, u) == CACHE_UNKNOWN;
	for (; dir && *dir; dir++) {
		other = left_dir(l, *dir);
		if (!other)
			continue;
		own->is_shared = true;
		other->is_shared = true;
	}
}

static void guess(struct cache_action *a, enum cache_kind kind, const char *package)
{
	a->guess_kind = kind;
	a->is_contested |= a->guess && package && a->guess != package;
	a->guess = package ?: a->guess;
}

static void guess_by_sources(const struct left *l, const struct cache_ref *u)
{
	enum cache_kind kind = kind_by_sources(l, u);
	const struct cache_name *own = left_dir(l, u->sources);

	if (kind == CACHE_UNKNOWN)
		return;
	if (l->dirs == 1)
		own = l->last;
	if (own && own->value)
		guess(u->action, kind, own->is_shared && l->dirs > 1 ? NULL : own->value);
}

/* --- module indexes, by the directory that was listed --- */

static int guess_by_dir(const struct left *l, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;
	const char *package = NULL;
	int err;

	if (a->package || (a->kind == CACHE_INDEX && a->indexed))
		return 0;
	err = caches__package_of_dir(l->m, l->cmd->go, u->dir, &package);
	if (!err && package)
		guess(u->action, CACHE_INDEX, u->is_crowded ? NULL : package);
	return err;
}

static int guess_of_command(struct model *m, struct cache_command *cmd)
{
	const struct process *p = model__process(m, cmd->go);
	struct left l = { .m = m, .cmd = cmd };
	const struct cache_ref *u;
	int err;

	l.is_build = !p || !p->subject ||
		     !(str_eq(p->subject, "test") || str_eq(p->subject, "vet"));
	err = find_left(&l);
	for (u = cmd->first; u && !err; u = u->next)
		find_shared(&l, u);
	for (u = cmd->first; u && !err; u = u->next) {
		if (u->dir && (u->action->kind == CACHE_INDEX || u->action->kind == CACHE_UNKNOWN))
			err = guess_by_dir(&l, u);
		else
			guess_by_sources(&l, u);
	}
	free_names(&l.known);
	return err;
}

/* --- what becomes of them --- */

/* Two entries of one kind and package: one of them is another package's. */
static int find_twins(struct cache_command *cmd, enum cache_kind kind)
{
	struct cache_name *seen = NULL, *n;
	struct cache_ref *u;
	int err = 0;

	for (u = cmd->first; u && !err; u = u->next) {
		struct cache_action *a = u->action;

		if (!a->guess || a->guess_kind != kind)
			continue;
		n = find_name(seen, a->guess);
		if (n) {
			n->is_shared = true;
			continue;
		}
		err = cache_names__get(&seen, a->guess) ? 0 : -ENOMEM;
	}
	for (u = cmd->first; u; u = u->next) {
		n = u->action->guess_kind == kind ? find_name(seen, u->action->guess) : NULL;
		u->action->is_contested |= n && n->is_shared;
	}
	free_names(&seen);
	return err;
}

static void use_guess(struct cache_action *a, const char *package)
{
	a->kind = a->guess_kind;
	a->is_proven = false;
	a->package = package ?: a->package;
}

static void settle(struct caches *c)
{
	struct cache_action *a, *next;

	HASH_ITER(hh, c->actions, a, next) {
		if (a->guess_kind != CACHE_UNKNOWN)
			use_guess(a, a->is_contested ? NULL : a->guess);
	}
}

/*
 * Behind the output of the compiler of a program that is up to date comes the linker's; whose, is
 * told only when no other program's may come as well.
 */
static void name_by_chain(struct cache_command *cmd)
{
	unsigned int waiting = 0;
	bool is_shared = false;
	struct cache_ref *u;

	for (u = cmd->first; u; u = u->next) {
		const struct cache_action *b = u->before ? u->before->action : NULL;
		struct cache_action *a = u->action;

		waiting += a->guess_kind == CACHE_STDOUT;
		is_shared |= waiting > 1;
		if (!b || b->guess_kind != CACHE_STDOUT || a->kind != CACHE_UNKNOWN || !is_empty(a))
			continue;
		a->guess_kind = CACHE_LINK_STDOUT;
		use_guess(a, is_shared ? NULL : b->package);
		waiting -= waiting > 0;
		is_shared &= waiting > 0;
	}
}

int caches__guess(struct model *m)
{
	struct cache_command *cmd, *next;
	int err = 0;

	HASH_ITER(hh, m->caches->commands, cmd, next)
		err = err ?: guess_of_command(m, cmd);
	HASH_ITER(hh, m->caches->commands, cmd, next)
		err = err ?: find_twins(cmd, CACHE_PACKAGE) ?: find_twins(cmd, CACHE_STDOUT) ?:
		      find_twins(cmd, CACHE_INDEX);
	if (err)
		return err;
	settle(m->caches);
	HASH_ITER(hh, m->caches->commands, cmd, next)
		name_by_chain(cmd);
	return 0;
}

/* --- vet --- */

/* go has looked it up in vain and made it, and nothing says that it is anything but vet's. */
static bool may_be_vet(const struct cache_ref *u)
{
	enum cache_kind kind = u->action->kind;

	return u->err && u->put && (kind == CACHE_UNKNOWN || kind == CACHE_VET);
}

/* The look-ups before the configuration's writing that no configuration was written for yet. */
struct vet_queue {
	struct cache_ref *next;		/* not reached yet */
	struct cache_ref *waiting;	/* the last of those that wait */
	unsigned int cnt;
	unsigned int taken;		/* configurations that may be of any of them */
};

static void name_vet_run(struct vet_queue *q, struct cache_vet *v)
{
	for (; q->next && q->next->ts < v->ts; q->next = q->next->next) {
		if (!may_be_vet(q->next))
			continue;
		q->waiting = q->next;
		q->cnt++;
	}
	if (q->cnt == 1 && q->waiting == v->use && v->tool) {
		v->use->tool = v->tool;
		cache_action__set(v->use->action, CACHE_VET, v->package, NAME_EXEC);
	}
	/* As many of the one as of the other: whoever belonged to whom, none of them is left. */
	if (++q->taken >= q->cnt)
		q->cnt = q->taken = 0;
}

void caches__name_vet_runs(struct caches *c)
{
	struct cache_command *cmd, *next;
	struct cache_vet *v, *next_v;

	HASH_ITER(hh, c->commands, cmd, next) {
		struct vet_queue q = { .next = cmd->first };

		HASH_ITER(hh, c->vets, v, next_v)
			if (v->cmd == cmd)
				name_vet_run(&q, v);
	}
}
