/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which versions of Go worked together in one go command. */
#include <errno.h>

#include "model/hash.h"
#include "model/part.h"
#include "model/toolchain.h"

struct go_versions {
	uint64_t go;
	size_t cnt;
	const char *versions[GO_VERSIONS_MAX];
	UT_hash_handle hh;	/* by go */
};

/* Of all go commands at once: to ask all processes for each command would take their product. */
struct versions {
	struct go_versions *by_go;
	bool is_counted;	/* since the last line that could change it */
};

static struct go_versions *get(struct versions *v, uint64_t go)
{
	struct go_versions *g;

	HASH_FIND(hh, v->by_go, &go, sizeof(go), g);
	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->go = go;
	HASH_ADD(hh, v->by_go, go, sizeof(g->go), g);
	if (hash__has(g))
		return g;
	free(g);
	return NULL;
}

static void forget(struct versions *v)
{
	struct go_versions *g, *next;

	HASH_ITER(hh, v->by_go, g, next) {
		HASH_DEL(v->by_go, g);
		free(g);
	}
	v->is_counted = false;
}

static void add_version(struct go_versions *g, const char *version)
{
	for (size_t i = 0; i < g->cnt; i++)
		if (g->versions[i] == version)	/* of the pool */
			return;
	if (g->cnt < GO_VERSIONS_MAX)
		g->versions[g->cnt++] = version;
}

static int count_all(const struct model *m)
{
	struct versions *v = m->versions;
	const struct process *p;

	forget(v);
	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		const struct image *i;
		struct go_versions *g;

		if (!p->go || !p->has_exec ||
		    (p->role != TOOL_GO && !tool_role__is_go_tool(p->role)))
			continue;
		i = model__image_of(m, p);
		if (!i || !i->go)
			continue;
		g = get(v, p->go);
		if (!g)
			return -ENOMEM;
		add_version(g, i->go);
	}
	v->is_counted = true;
	return 0;
}

size_t model__go_versions(const struct model *m, const struct process *go, const char *const **ret)
{
	struct go_versions *g = NULL;

	*ret = NULL;
	if (!m->versions->is_counted && count_all(m))
		return 0;
	HASH_FIND(hh, m->versions->by_go, &go->proc, sizeof(go->proc), g);
	if (!g)
		return 0;
	*ret = g->versions;
	return g->cnt;
}

static int versions__open(struct model *m)
{
	m->versions = calloc(1, sizeof(*m->versions));
	return m->versions ? 0 : -ENOMEM;
}

static int versions__add(struct model *m, const struct rec *rec)
{
	if (rec->kind == REC_EXEC || rec->kind == REC_BUILDINFO)
		m->versions->is_counted = false;
	return 0;
}

static void versions__close(struct model *m)
{
	if (!m->versions)
		return;
	forget(m->versions);
	free(m->versions);
}

const struct part part_versions = {
	.name = "versions", .scope = MODEL_ALL,
	.open = versions__open, .add = versions__add, .close = versions__close,
};
