/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The formats: the only list of them is in the header. */
#include "output/export/export.h"
#include "util/str.h"

static const struct exporter *const exporters[] = {
#define X(name) &export_##name,
	EXPORT_LIST(X)
#undef X
};

const struct exporter *exporter__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(exporters); i++)
		if (str_eq(exporters[i]->name, name))
			return exporters[i];
	return NULL;
}

const struct exporter *exporter__next(const struct exporter *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(exporters); i++)
		if (!e)
			return exporters[i];
		else if (exporters[i] == e)
			e = NULL;
	return NULL;
}
