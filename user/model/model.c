/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened: the table of the model's parts, and the passing of lines to them. */
#include <errno.h>

#include "model/part.h"

/* Order matters: see part.h. */
static const struct part *const parts[] = {
	&part_run,
	&part_process,
	&part_roots,
	&part_counts,
	&part_images,
	&part_settings,
	&part_cache,
	&part_toolchain,
	&part_versions,
	&part_c_compilers,
	&part_ladders,
	&part_modules,
	&part_tests,
	&part_cached_tests,
	&part_embedded,
};

struct model *model__new(enum model_scope scope)
{
	__free_model struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->scope = scope;
	m->pool = pool__new();
	if (!m->pool)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i]->scope <= scope && parts[i]->open(m))
			return NULL;
	return STEAL(m);
}

int model__add(struct model *m, const struct rec *rec)
{
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i]->scope > m->scope)
			continue;
		err = parts[i]->add(m, rec);
		if (err)
			return err;
	}
	return 0;
}

void model__free(struct model *m)
{
	if (!m)
		return;
	for (size_t i = ARRAY_SIZE(parts); i-- > 0;)
		parts[i]->close(m);
	pool__free(m->pool);
	free(m);
}
