/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names entries of the build cache by what threads of go did before they looked them up, where
 * name_by_evidence.c has found nothing better. Such names are "likely", never "proven".
 *
 * To look a package up, go hashes its sources and opens the entry behind them:
 *
 *	thread 1				thread 2
 *	open /w/m/a/main.go			open /usr/lib/go/src/sync/cond.go
 *						open 7f/7f12…-a		holds "main"
 *	open c0/c03d…-a		holds "sync"
 *
 * Thread 2 read the sources of sync and looked up a program; thread 1 read those of a program, and
 * looked up sync: Go's scheduler has exchanged the two in between. sync is named by its archive and
 * has no need of its directory any more; so 7f12 is not sync, and what its thread says of it is
 * wrong. Nothing is named here but what the looking thread itself had read, and that only when
 *
 *  - the directory is none of a package that evidence has named (sync, above),
 *  - no other thread was at the same point, with sources that may be meant as well,
 *  - and no other entry of the command would get the same name.
 *
 * That one directory alone is left over is no proof: the entry may be of a package whose sources
 * nobody has seen read. So 7f12 keeps "main", which its archive says.
 */
#include <errno.h>

#include "model/cache/store.h"

/* The packages that one command is known to have looked up. */
struct left {
	struct model *m;
	struct cache_command *cmd;
	struct cache_name *known;
	bool is_build;			/* neither vet nor test, which look up other things, too */
};

static struct cache_name *find_name(struct cache_name *set, const char *name)
{
	return name ? hash_find(set, name, &name) : NULL;
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
	const struct cache_ref *u;
	struct cache_name *n;
	int err = 0;

	for (u = l->cmd->first; u; u = u->next) {
		const struct cache_action *a = u->action;

		if (a->kind == CACHE_PACKAGE && a->confidence == PROVEN && a->package &&
		    !hash_get(&l->known, name, &a->package))
			return -ENOMEM;
	}
	hash_each(l->cmd->sourced, n) {
		n->is_shared = false;
		err = err ?: model__package_of_dir(l->m, l->cmd->go, n->name, &n->value);
	}
	return err;
}

/*
 * What the Go files that were read just before say about the action: a package whose entry names it
 * not or "main", or the output that go shows for a program that is up to date (nothing, mostly; the
 * package itself it does not look up then).
 */
static enum cache_kind kind_by_sources(const struct left *l, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;

	if (a->kind == CACHE_PACKAGE)
		return a->source < NAME_CONFIG && (!a->package || str_eq(a->package, "main")) ?
		       CACHE_PACKAGE : CACHE_UNKNOWN;
	if (a->kind != CACHE_UNKNOWN || !l->is_build || !u->sources)
		return CACHE_UNKNOWN;
	return !u->err && is_empty(a) ? CACHE_STDOUT : CACHE_UNKNOWN;
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

	if (kind != CACHE_UNKNOWN && own && own->value)
		guess(u->action, kind, own->is_shared ? NULL : own->value);
}

/* --- module indexes, by the directory that was listed --- */

static int guess_by_dir(const struct left *l, const struct cache_ref *u)
{
	const struct cache_action *a = u->action;
	const char *package = NULL;
	int err;

	if (a->package || (a->kind == CACHE_INDEX && a->indexed))
		return 0;
	err = model__package_of_dir(l->m, l->cmd->go, u->dir, &package);
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
	hash_free(&l.known, free);
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
		if (n)
			n->is_shared = true;
		else
			err = hash_get(&seen, name, &a->guess) ? 0 : -ENOMEM;
	}
	for (u = cmd->first; u; u = u->next) {
		n = u->action->guess_kind == kind ? find_name(seen, u->action->guess) : NULL;
		u->action->is_contested |= n && n->is_shared;
	}
	hash_free(&seen, free);
	return err;
}

static void use_guess(struct cache_action *a, const char *package)
{
	a->kind = a->guess_kind;
	a->confidence = LIKELY;
	a->package = package ?: a->package;
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

/* --- variants for tests --- */

bool cache_command__may_test(const struct model *m, const struct cache_command *cmd)
{
	static const char *const verbs[] = { "test", "vet", "list", "fix" };
	const struct process *p = model__process(m, cmd->go);

	for (size_t i = 0; p && p->subject && i < ARRAY_SIZE(verbs); i++)
		if (str_eq(p->subject, verbs[i]))
			return true;
	return !p || !p->subject;
}

static bool is_test_of_std(const struct model *m, const struct cache_command *cmd)
{
	const struct cache_name *n;

	hash_each(cmd->sourced, n)
		if (n->has_tests && caches__is_std(m, cmd->go, n->name))
			return true;
	return false;
}

/* A dot in its first element: not a package of the standard library. */
static bool is_std_path(const char *package)
{
	return !memchr(package, '.', strcspn(package, "/"));
}

/*
 * An archive and an importcfg say "p" of "p [p.test]" as well, which go builds anew for a test of p,
 * and with it what depends on p. A command that builds no tests cannot mean it, and neither can one
 * that only tests packages which p does not know: for the standard library those outside of it.
 */
static int doubt(struct model *m, struct cache_action *a)
{
	bool may_test = true, is_std = is_std_path(a->package);
	const struct cache_ref *u, *by_test = NULL;
	__free_str struct str name = {};
	struct cache_name *dir;

	for (u = a->refs; u && may_test; u = u->sibling) {
		may_test = cache_command__may_test(m, u->cmd) &&
			   (!is_std || is_test_of_std(m, u->cmd));
		by_test = u->reads_test ? u : by_test;
	}
	if (!may_test || !a->refs)
		return 0;
	a->confidence = LIKELY;
	dir = by_test ? find_name(by_test->cmd->sourced, by_test->sources) : NULL;
	/* A compiler that ran shows whether tests were among the files. */
	if (!dir || a->object || !dir->value || !str_eq(dir->value, a->package))
		return 0;
	str__addf(&name, "%s [%s.test]", a->package, a->package);
	a->package = str__err(&name) ? NULL : pool__get(m->pool, name.s);
	return a->package ? 0 : -ENOMEM;
}

static int doubt_all(struct model *m)
{
	struct cache_action *a;
	int err = 0;

	hash_each(m->caches->actions, a)
		if (a->kind == CACHE_PACKAGE && a->package && !err &&
		    (a->source == NAME_ARCHIVE || a->source == NAME_CONFIG))
			err = doubt(m, a);
	return err;
}

int caches__name_by_order(struct model *m)
{
	struct cache_command *cmd;
	struct cache_action *a;
	int err = 0;

	hash_each(m->caches->commands, cmd)
		err = err ?: guess_of_command(m, cmd);
	hash_each(m->caches->commands, cmd)
		err = err ?: find_twins(cmd, CACHE_PACKAGE) ?: find_twins(cmd, CACHE_STDOUT) ?:
		      find_twins(cmd, CACHE_INDEX);
	if (err)
		return err;
	hash_each(m->caches->actions, a)
		if (a->guess_kind != CACHE_UNKNOWN)
			use_guess(a, a->is_contested ? NULL : a->guess);
	hash_each(m->caches->commands, cmd)
		name_by_chain(cmd);
	return doubt_all(m);
}
