/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The formats: the only list of them is in the header. */
#include "output/export/export.h"

static const struct {
	const char *name;
	const struct exporter *exporter;
} formats[] = {
#define X(id, name, what) { name, &export_##id },
	EXPORT_LIST(X)
#undef X
};

const struct exporter *exporter__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i].name, name))
			return formats[i].exporter;
	return NULL;
}

int export_job__flush(const struct export_job *job, struct str *out)
{
	int err = str__err(out) ?: job->write(job->ctx, out->s ?: "", out->len);

	str__cut(out, 0);
	return err;
}

int export_job__flush_if_long(const struct export_job *job, struct str *out)
{
	return out->len < EXPORT_PIECE ? str__err(out) : export_job__flush(job, out);
}
