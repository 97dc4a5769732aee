/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_REPORT_H
#define GOENVBPF_OUTPUT_EXPORT_REPORT_H
/*
 * Exporters of what a record says as a whole, not of its lines: they write one text in the end.
 */
#include "output/export/export.h"
#include "util/str.h"

typedef int (*report_fn)(const struct export_job *job, struct str *out);	/* 0 or -errno */

void *report_export__begin(const struct export_job *job);
int report_export__record(void *state, const struct rec *rec);
int report_export__end(void *state, report_fn make);

/* more: what else the exporter is, .has_places = true */
#define REPORT_EXPORTER(name_, make, more...)					\
	static int end_##name_(void *state)					\
	{									\
		return report_export__end(state, make);				\
	}									\
	const struct exporter export_##name_ = {				\
		.begin = report_export__begin, .record = report_export__record,	\
		.end = end_##name_, .free = free, more				\
	}

#endif
