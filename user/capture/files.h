/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_FILES_H
#define GOENVBPF_CAPTURE_FILES_H
/*
 * What was in the files that were used: configuration and entries of the build cache, one line each
 * time, unless the record has the very same already. What could not be had is a line that says so.
 *
 * Lifecycle: files__new() → files__inspect() for each request, by one thread → files__free().
 */
#include "capture/inspector.h"

struct files;

/* NULL: no memory. */
struct files *files__new(const struct inspector_opts *opts);
void files__free(struct files *f);

void files__inspect(struct files *f, const struct look_at *at);

/*
 * As relay__leave(), around the reading of a file for a request whose opener is known; false: too many of
 * that user's hang already.
 */
bool files__leave(const struct look_at *at);

/* The line, but for its end, of a file that nobody will inspect; err as in struct snapshot. */
void files__begin_unread(struct line *line, const struct look_at *at, int err);

#endif
