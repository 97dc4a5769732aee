/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_METRICS_H
#define GOENVBPF_SERVICE_METRICS_H
/*
 * A text file for node_exporter: the service's own health, and the sums of what the records of jobs tell. Of
 * those it knows no names: who adds them up as numbers is told by who can write them.
 */
#include "service/workers.h"
#include "util/str.h"

/* What the sums say, as text. */
typedef void (*figures_fn)(const uint64_t sums[static FIGURES_MAX], struct str *out);

struct metrics {
	uint64_t clients, refused;	/* who came */
	uint64_t sessions[2];		/* ended: of clients, of jobs */
	uint64_t incomplete;
	uint64_t events, lost, bytes;
	uint64_t removed;		/* records */
	uint64_t failed_workers;	/* before they were ready */
	uint64_t unread;		/* records of jobs that are not in figures */
	uint64_t figures[FIGURES_MAX];
	struct store_use use;
	uint64_t written;		/* boot clock, ns */
};

void metrics__add(struct metrics *m, bool is_job, const struct session_totals *t);
void metrics__add_figures(struct metrics *m, const uint64_t figures[static FIGURES_MAX]);
/* At most once in 10 s, whole or not at all; path NULL: nothing. */
void metrics__write(struct metrics *m, const char *path, const struct workers *ws, figures_fn tell);

#endif
