/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_BOOKS_H
#define GOENVBPF_CAPTURE_BOOKS_H
/*
 * The books that the programs keep: what was seen, and what of it was lost.
 */
#include "bpf/event.h"

/* Sum over CPUs; map_fd is MAP_STATS'. */
int books__read(int map_fd, struct ev_stats *ret);

#endif
