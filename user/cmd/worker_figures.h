/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_WORKER_FIGURES_H
#define GOENVBPF_CMD_WORKER_FIGURES_H
/*
 * What records of jobs tell in numbers, for the service's metrics: read by a worker whose session is over,
 * which has nothing of its rights any more by then.
 */
#include "service/metrics.h"

/*
 * Reads the record, and tells the service. For good: the process is nobody's then, and the last thing it does.
 * turn: a descriptor of its own for one file that all have, so that one reads and the others wait.
 */
void worker_figures__send(int service, int record, int turn);

/* The sums, with their names: figures_fn. */
void worker_figures__tell(const uint64_t sums[static FIGURES_MAX], struct str *out);

#endif
