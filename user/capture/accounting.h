/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_ACCOUNTING_H
#define GOENVBPF_CAPTURE_ACCOUNTING_H
/*
 * Event accounting of the programs: what was seen, and what of it was lost.
 */
#include "bpf/event.h"

/* Sum over CPUs; map_fd is MAP_STATS'. */
int accounting__read(int map_fd, struct ev_stats *ret);

#endif
