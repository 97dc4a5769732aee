/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Exporters that write one text in the end. */
#include <stdlib.h>

#include "output/export/report.h"

struct report_export {
	const struct export_job *job;
};

void *report_export__begin(const struct export_job *job)
{
	struct report_export *r = calloc(1, sizeof(*r));

	if (r)
		r->job = job;
	return r;
}

int report_export__record(void *state, const struct rec *rec)
{
	return 0;	/* the model sees it */
}

int report_export__end(void *state, report_fn make)
{
	const struct report_export *r = state;
	__free_str struct str out = {};
	int err = make(r->job, &out);

	return err ?: str__err(&out) ?: r->job->write(r->job->ctx, out.s ?: "", out.len);
}
