/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_BESIDE_H
#define GOENVBPF_CAPTURE_BESIDE_H
/*
 * Settings of programs that are not Go's own tools: what lies near a file that was not there and may
 * have been meant, and where symbolic links led from one that was. Only names are recorded.
 *
 * Looked at once for each name of a record, by the inspector's thread, with the rights of who opened it.
 */
#include "capture/inspector.h"
#include "record/line.h"

/* at->name.path: what was looked for; at->use: FILE_MISSED, or FILE_READ. */
void beside__inspect(const struct inspector_opts *opts, struct line *line, const struct look_at *at);

#endif
