/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_PROMETHEUS_H
#define GOENVBPF_OUTPUT_EXPORT_PROMETHEUS_H
/* Figures as Prometheus reads them. */
#include "answers/figures.h"

/* is_total: sums that only grow, with what their names end in by convention; else gauges, of one record. */
void prometheus__figures(struct str *out, const struct figures *f, bool is_total);

#endif
