/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which versions of Go worked together in one go command. */
#include <errno.h>

#include "model/topic.h"
#include "model/toolchain/toolchain.h"
#include "util/hash.h"

struct go_versions {
	uint64_t go;
	size_t cnt;
	const char *versions[GO_VERSIONS_MAX];
	UT_hash_handle hh;	/* by go */
};

/* Of all go commands at once: to ask all processes for each command would take their product. */
struct versions {
	struct go_versions *by_go;
};

static void add_version(struct go_versions *g, const char *version)
{
	for (size_t i = 0; i < g->cnt; i++)
		if (g->versions[i] == version)	/* of the pool */
			return;
	if (g->cnt < GO_VERSIONS_MAX)
		g->versions[g->cnt++] = version;
}

static int versions__finish(struct model *m)
{
	struct versions *v = m->versions;
	const struct process *p;

	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		const struct image *i;
		struct go_versions *g;

		if (!p->go || !p->has_exec ||
		    (p->role != TOOL_GO && !tool_role__is_go_tool(p->role)))
			continue;
		i = model__image_of(m, p);
		if (!i || !i->go)
			continue;
		g = hash_get(&v->by_go, go, &p->go);
		if (!g)
			return -ENOMEM;
		add_version(g, i->go);
	}
	return 0;
}

size_t model__go_versions(const struct model *m, const struct process *go, const char *const **ret)
{
	const struct go_versions *g = hash_find(m->versions->by_go, go, &go->proc);

	*ret = g ? g->versions : NULL;
	return g ? g->cnt : 0;
}

static int versions__open(struct model *m)
{
	m->versions = calloc(1, sizeof(*m->versions));
	return m->versions ? 0 : -ENOMEM;
}

static int versions__add(struct model *m, const struct rec *rec)
{
	return 0;	/* processes and images have seen it */
}

static void versions__close(struct model *m)
{
	if (!m->versions)
		return;
	hash_free(&m->versions->by_go, free);
	free(m->versions);
}

const struct topic topic_versions = {
	.name = "versions", .scope = MODEL_ALL,
	.open = versions__open, .add = versions__add, .finish = versions__finish,
	.close = versions__close,
};
