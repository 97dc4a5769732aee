/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a thread of go reads besides the build cache: it says what the look-up behind it is for, as
 * long as Go's scheduler does not hand the work to another thread in between.
 */
#include <errno.h>

#include "golang/own.h"
#include "model/cache/store.h"
#include "record/facts.h"
#include "util/path.h"

#define MAX_GENERATED	512	/* names of generated sources that keys are tried with */
#define MAX_FILES	16384	/* that may be programs, of one command */

struct cache_thread *cache_command__thread(struct cache_command *cmd, uint32_t tid)
{
	return hash_get(&cmd->threads, tid, &tid);
}

void cache_thread__free(struct cache_thread *t)
{
	str__free(&t->opened);
	free(t);
}

/* The thread lists dir from now on; nobody else does. */
static void take_dir(struct cache_command *cmd, struct cache_thread *t, const char *dir)
{
	struct cache_thread *other;

	hash_each(cmd->threads, other)
		if (other != t && (other->dir == dir || str_eq(other->opened.s ?: "", dir))) {
			other->is_fresh = false;
			str__cut(&other->opened, 0);
		}
	t->dir = dir;
	t->is_fresh = true;
}

static bool is_directly_in(const char *dir, const char *path)
{
	return dir && path__is_directly_in(dir, path);
}

/* A file of the directory that is being listed is looked at; the work may have moved to t. */
static int see_member(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const char *path)
{
	struct cache_thread *other;
	const char *dir = NULL, *kept;

	if (t->is_fresh && is_directly_in(t->dir, path))
		return 0;
	kept = pool__get_n(m->pool, path, path__dir_len(path));
	if (!kept || !hash_get(&cmd->listed, name, &kept))
		return -ENOMEM;
	t->is_fresh = false;
	hash_each(cmd->threads, other)
		if (is_directly_in(other->opened.s, path) ||
		    (other->is_fresh && is_directly_in(other->dir, path)))
			dir = kept;
	if (dir)
		take_dir(cmd, t, dir);
	return 0;
}

/* "…/go-build123/b045/name.go": a file that go makes for a package */
static const char *generated_name(const char *path)
{
	size_t n = go_own__package_len(path);

	return n && path[n] && !strchr(path + n + 1, '/') ? path + n + 1 : NULL;
}

/*
 * "…/b045/vet.out": what a vet has found out. go reads it to put it into the cache, at once and in the
 * same thread, or later to compute the keys of others from it, which are looked up then.
 */
static int see_vet_out(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		       const struct rec *rec)
{
	__free_str struct str cfg = {};
	struct cache_thread *other;
	const char *kept;

	str__add(&cfg, rec->path, strlen(rec->path) - strlen("out"));
	str__adds(&cfg, "cfg");
	kept = str__err(&cfg) ? NULL : pool__get(m->pool, cfg.s);
	if (!kept)
		return -ENOMEM;
	t->vet = hash_find(m->caches->vets, path, &kept);
	if (t->vet && t->vet->use)
		t->vet = NULL;
	hash_each(cmd->threads, other) {
		if (!t->vet || other == t || !other->vet)
			continue;
		t->vet->is_crowded = true;
		other->vet->is_crowded = true;
	}
	return 0;
}

void cache_thread__puts(struct cache_thread *t, struct cache_ref *u)
{
	if (t->vet && !t->vet->use)
		t->vet->use = u;
	t->vet = NULL;
}

static int see_generated(struct model *m, const char *name)
{
	const char *kept;

	if (HASH_COUNT(m->caches->generated) >= MAX_GENERATED ||
	    (!str_has_suffix(name, ".go") && !str_has_suffix(name, ".h")))
		return 0;
	kept = pool__get(m->pool, name);
	return kept && hash_get(&m->caches->generated, name, &kept) ? 0 : -ENOMEM;
}

/* *set: of the command. The file was made, or read without being a source. */
static int see_file(struct model *m, struct cache_name **set, const struct rec *rec, const char *path)
{
	const char *kept = pool__get(m->pool, path);
	struct cache_name *n;

	if (HASH_COUNT(*set) >= MAX_FILES)
		return 0;
	n = kept ? hash_get(set, name, &kept) : NULL;
	if (!n)
		return -ENOMEM;
	n->ts = n->ts ?: rec->ts;
	return 0;
}

static int see_source(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const char *path)
{
	struct cache_thread *other;
	struct cache_name *dir;

	t->reads_test = str_has_suffix(path, "_test.go");
	if (is_directly_in(t->sources, path) && !t->reads_test)
		return 0;
	t->sources = pool__get_n(m->pool, path, path__dir_len(path));
	dir = t->sources ? hash_get(&cmd->sourced, name, &t->sources) : NULL;
	if (!dir)
		return -ENOMEM;
	dir->has_tests |= t->reads_test;
	/* Who reads it now goes on with it, whoever read it before. */
	hash_each(cmd->threads, other)
		if (other != t && other->sources == t->sources)
			other->sources = NULL;
	return 0;
}

/* A precompiled package is "…/pkg/<os>_<arch>/<package>.a"; what else it reads may be a program. */
static int see_read(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		    const struct rec *rec)
{
	const char *base = path__base(rec->path), *dot = strrchr(base, '.');

	if (dot && str_eq(dot, ".go"))
		return see_source(m, cmd, t, rec->path);
	if (dot && str_eq(dot, ".a"))
		return strstr(rec->path, "/pkg/") ? see_file(m, &cmd->archives, rec, rec->path) : 0;
	return rec__reads_file(rec) ? see_file(m, &cmd->targets, rec, rec->path) : 0;
}

static int see_written(struct model *m, struct cache_command *cmd, const struct rec *rec)
{
	const char *path = rec->kind == REC_RENAME ? rec__str(rec, "path2") : rec->path;

	return path ? see_file(m, &cmd->written, rec, path) : 0;
}

int cache_thread__add(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const struct rec *rec)
{
	const char *generated;

	if (rec->kind == REC_STAT && rec->flags & REC_FLAG_NOFOLLOW)
		return see_member(m, cmd, t, rec->path);
	t->is_fresh = false;
	if (rec->err)
		return 0;
	if (rec->kind == REC_RENAME)
		return see_written(m, cmd, rec);
	if (rec->kind != REC_OPEN)
		return 0;
	str__cut(&t->opened, 0);
	str__adds(&t->opened, rec->path);
	generated = generated_name(rec->path);
	if (generated) {
		t->sources = NULL;
		return str_eq(generated, "vet.out") ? see_vet_out(m, cmd, t, rec) :
						      see_generated(m, generated);
	}
	return rec__opens_to_write(rec) ? see_written(m, cmd, rec) : see_read(m, cmd, t, rec);
}

/* What the threads beside t had read or listed when t looked u up: it may be one of them. */
static int see_rivals(struct cache_command *cmd, const struct cache_thread *t, struct cache_ref *u)
{
	struct cache_thread *other;
	size_t n = 0;

	hash_each(cmd->threads, other) {
		u->is_crowded |= other != t && other->is_fresh;
		n += other != t && other->sources;
	}
	u->rivals = n ? calloc(n + 1, sizeof(*u->rivals)) : NULL;
	if (!n || !u->rivals)
		return n ? -ENOMEM : 0;
	n = 0;
	hash_each(cmd->threads, other)
		if (other != t && other->sources)
			u->rivals[n++] = other->sources;
	return 0;
}

int cache_thread__looks_up(struct cache_command *cmd, struct cache_thread *t, struct cache_ref *u)
{
	int err = 0;

	if (!u->lookups++) {
		u->dir = t->is_fresh ? t->dir : NULL;
		u->sources = t->sources;
		u->reads_test = t->sources && t->reads_test;
		u->before = t->last;
		err = see_rivals(cmd, t, u);
	}
	t->is_fresh = false;
	t->sources = NULL;
	t->vet = NULL;
	t->last = u;
	return err;
}
