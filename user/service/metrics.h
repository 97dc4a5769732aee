/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_METRICS_H
#define GOENVBPF_SERVICE_METRICS_H
/*
 * The service's own health, as a text file for node_exporter. What builds did is in their records: goenvbpf
 * export --format prometheus.
 */
#include "service/workers.h"

struct metrics {
	uint64_t clients, refused;	/* who came */
	uint64_t sessions[2];		/* ended: of clients, of jobs */
	uint64_t incomplete;
	uint64_t events, lost, bytes;
	uint64_t removed;		/* records */
	struct store_use use;
	uint64_t written;		/* boot clock, ns */
};

void metrics__add(struct metrics *m, bool is_job, const struct session_totals *t);
/* At most once in 10 s, whole or not at all; path NULL: nothing. */
void metrics__write(struct metrics *m, const char *path, const struct workers *ws);

#endif
