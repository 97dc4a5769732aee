/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The executables that ran, and what is embedded in them. */
#include <errno.h>

#include "model/images.h"
#include "model/topic.h"
#include "model/process.h"
#include "util/hash.h"

/* Pooled strings are equal when their pointers are, so that the key is plain bytes. */
struct image_key {
	const char *exe, *dev;
	uint64_t ino;
};

struct entry {
	struct image i;
	struct image_key key;
	uint64_t users;		/* processes that are known */
	UT_hash_handle hh;
};

/* A path that Go's own programs ran by: files may have replaced one another there. */
struct at_path {
	const char *exe;	/* of the pool */
	struct entry *go;	/* the last one that was found to be Go's; NULL */
	UT_hash_handle hh;
};

struct images {
	struct entry *by_key;
	struct at_path *by_path;
};

static struct at_path *find_path(const struct images *is, const char *exe)
{
	return hash_find(is->by_path, exe, &exe);
}

static int get(struct model *m, const struct rec *rec, struct entry **ret)
{
	const char *exe = rec__str(rec, "exe") ?: rec__str(rec, "file");
	struct image_key key = { .ino = rec__uint(rec, "ino", 0) };
	const char *dev = rec__str(rec, "dev");
	struct entry *e;

	*ret = NULL;
	if (!exe)
		return 0;
	key.exe = pool__get(m->pool, exe);
	key.dev = pool__get(m->pool, dev);
	if (!key.exe || (dev && !key.dev))
		return -ENOMEM;
	e = hash_get(&m->images->by_key, key, &key);
	if (!e || !hash_get(&m->images->by_path, exe, &key.exe))
		return -ENOMEM;
	if (e->i.exe) {		/* it holds these strings already */
		pool__put(m->pool, key.exe);
		pool__put(m->pool, key.dev);
	}
	e->i.exe = key.exe;
	e->i.dev = key.dev;
	e->i.ino = key.ino;
	*ret = e;
	return 0;
}

static int add_buildinfo(struct model *m, const struct rec *rec, struct entry *e)
{
	struct image *i = &e->i;
	struct at_path *at;
	const struct jsonv *main = jsonv__get(rec->root, "main");
	const struct {
		const char **slot;
		const char *value;
	} facts[] = {
		{ &i->go,       rec__str(rec, "go") },
		{ &i->package,  rec__str(rec, "path") },
		{ &i->version,  jsonv__kstr(main, "version") },
		{ &i->build_id, rec__str(rec, "build_id") },
		{ &i->error,    rec__str(rec, "error") },
	};

	i->looked_at = rec->ts;
	for (size_t f = 0; f < ARRAY_SIZE(facts); f++)
		if (pool__set(m->pool, facts[f].slot, facts[f].value))
			return -ENOMEM;
	if (!i->go)
		return 0;
	at = hash_get(&m->images->by_path, exe, &i->exe);
	if (at)
		at->go = e;
	return at ? 0 : -ENOMEM;
}

static int images__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct entry *e;
	int err;

	if (rec->kind != REC_EXEC && rec->kind != REC_BUILDINFO)
		return 0;
	err = get(m, rec, &e);
	if (err || !e)
		return err;
	if (rec->kind == REC_BUILDINFO)
		return add_buildinfo(m, rec, e);
	p = model__process(m, rec->proc);
	e->i.runs++;
	if (p) {
		processes__set_image(m, rec->proc, &e->i);
		e->users++;
		e->i.role_runs[p->role]++;
		e->i.probes += p->probe;
	}
	return 0;
}

static int images__open(struct model *m)
{
	m->images = calloc(1, sizeof(*m->images));
	return m->images ? 0 : -ENOMEM;
}

static void release(struct model *m, const struct image *i)
{
	const char *const strings[] = { i->exe, i->dev, i->go, i->package, i->version, i->build_id, i->error };

	for (size_t s = 0; s < ARRAY_SIZE(strings); s++)
		pool__put(m->pool, strings[s]);
}

/* The last process of an executable is forgotten, and with it that file: each build has new ones. */
static void images__retire(struct model *m, const struct process *p)
{
	struct entry *e = p->image ? container_of(p->image, struct entry, i) : NULL;
	struct at_path *at;

	if (!e || --e->users)
		return;
	at = find_path(m->images, e->i.exe);
	if (at && (!at->go || at->go == e)) {
		hash_remove(&m->images->by_path, at);
		free(at);
	}
	release(m, &e->i);
	hash_remove(&m->images->by_key, e);
	free(e);
}

static void images__close(struct model *m)
{
	if (!m->images)
		return;
	hash_free(&m->images->by_path, free);
	hash_free(&m->images->by_key, free);
	free(m->images);
}

const struct topic topic_images = {
	.name = "images", .scope = MODEL_CORE,
	.open = images__open, .add = images__add, .retire = images__retire, .close = images__close,
};

const struct image *model__next_image(const struct model *m, const struct image *i)
{
	const struct entry *e = i ? container_of(i, struct entry, i)->hh.next : m->images->by_key;

	return e ? &e->i : NULL;
}

const struct image *model__image_of(const struct model *m, const struct process *p)
{
	const struct at_path *at;

	if (p->image && p->image->go)
		return p->image;
	/* Overlays show one file under two numbers: its path must do. */
	at = p->exe ? find_path(m->images, p->exe) : NULL;
	return at && at->go ? &at->go->i : p->image;
}

enum tool_role image__role(const struct image *i)
{
	enum tool_role best = TOOL_UNKNOWN;

	for (int r = 0; r < TOOL_CNT; r++)
		if (i->role_runs[r] > i->role_runs[best])
			best = r;
	/* Its processes may have been classified before their executable was looked at. */
	return best == TOOL_UNKNOWN && i->go ? TOOL_GO_PROGRAM : best;
}
