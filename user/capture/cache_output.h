/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_CACHE_OUTPUT_H
#define GOENVBPF_CAPTURE_CACHE_OUTPUT_H
/*
 * What an entry of the build cache points at, for its line in the record: the package that was
 * compiled, what else it is, or what is broken about it.
 */
#include "golang/gocache.h"
#include "record/line.h"

/* Adds keys to the line. fd: of the -d file, or -errno of opening it (-EISDIR: it is a folder). */
void cache_output__add(struct line *line, int fd, const struct gocache_entry *e);

#endif
