/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The executables that ran, and what is embedded in them. */
#include <errno.h>

#include "model/hash.h"
#include "model/images.h"
#include "model/topic.h"
#include "model/process.h"

/* Pooled strings are equal when their pointers are, so that the key is plain bytes. */
struct image_key {
	const char *exe, *dev;
	uint64_t ino;
};

struct entry {
	struct image i;
	struct image_key key;
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
	struct at_path *at;

	HASH_FIND_PTR(is->by_path, &exe, at);
	return at;
}

static int keep_path(struct images *is, struct entry *e)
{
	struct at_path *at = find_path(is, e->i.exe);

	if (at)
		return 0;
	at = calloc(1, sizeof(*at));
	if (!at)
		return -ENOMEM;
	at->exe = e->i.exe;
	HASH_ADD_PTR(is->by_path, exe, at);
	if (hash__has(at))
		return 0;
	free(at);
	return -ENOMEM;
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
	HASH_FIND(hh, m->images->by_key, &key, sizeof(key), e);
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->key = key;
		e->i = (struct image){ .exe = key.exe, .dev = key.dev, .ino = key.ino };
		HASH_ADD(hh, m->images->by_key, key, sizeof(e->key), e);
		if (!hash__has(e)) {
			free(e);
			return -ENOMEM;
		}
	}
	*ret = e;
	return keep_path(m->images, e);
}

static int add_buildinfo(struct model *m, const struct rec *rec, struct entry *e)
{
	struct image *i = &e->i;
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

	for (size_t f = 0; f < ARRAY_SIZE(facts); f++) {
		*facts[f].slot = pool__get(m->pool, facts[f].value);
		if (facts[f].value && !*facts[f].slot)
			return -ENOMEM;
	}
	if (i->go)
		find_path(m->images, i->exe)->go = e;
	return 0;
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
		((struct process *)p)->image = &e->i;
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

static void images__close(struct model *m)
{
	struct entry *e, *next;
	struct at_path *at, *next_at;

	if (!m->images)
		return;
	HASH_ITER(hh, m->images->by_path, at, next_at) {
		HASH_DEL(m->images->by_path, at);
		free(at);
	}
	HASH_ITER(hh, m->images->by_key, e, next) {
		HASH_DEL(m->images->by_key, e);
		free(e);
	}
	free(m->images);
}

const struct topic topic_images = {
	.name = "images", .scope = MODEL_CORE,
	.open = images__open, .add = images__add, .close = images__close,
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
