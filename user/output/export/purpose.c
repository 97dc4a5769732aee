/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each tool ran for. */
#include <errno.h>

#include "model/commands.h"
#include "output/export/purpose.h"

static int take(struct purpose **all, const struct cache_ref *ref, const struct cache_use *use)
{
	struct purpose *p = use->tool ? hash_get(all, tool, &use->tool) : NULL;

	if (!p)
		return use->tool ? -ENOMEM : 0;
	if (p->ref && use->kind != CACHE_PACKAGE)
		return 0;
	p->ref = ref;
	p->use = *use;
	return 0;
}

int purposes__find(const struct model *m, struct purpose **all)
{
	const struct cache_ref *at;
	struct cache_use use;
	int err = 0;

	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c))
		for (at = model__next_use(m, c->p, NULL, &use); at && !err; at = model__next_use(m, c->p, at, &use))
			err = take(all, at, &use);
	return err;
}
