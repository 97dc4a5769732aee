/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_EVENTS_H
#define GOENVBPF_OUTPUT_EXPORT_EVENTS_H
/*
 * The events of a record as columns, sorted by time, for a page that has to show a million of them.
 *
 * Lifecycle: events__new() → events__add() for each line → events__finish() once the model is
 * finished → events__head(), events__columns() → events__free().
 *
 * Memory is bounded: beyond EVENTS_MAX the oldest ones are put together. Those of one process, kind,
 * outcome and error within some time are one row then, with their number and without a path.
 *
 * What is written, all numbers little-endian, wide columns as one plane per byte:
 *	paths		of each: LEB128 of the bytes that it shares with the one before, LEB128 of the
 *			bytes that follow, these. Sorted by bytes; number 0 is the empty one, none.
 *	time		u32[rows]: ns since the row before, 2^32 - 1: see "gaps"
 *	path		u32[rows]
 *	proc		u32[rows]
 *	kind, outcome, area, error	u8[rows] each
 * and as JSON, in events__head(): rows, paths, path_bytes, the names of the last four columns' numbers,
 * gaps [[row, ns]…], second [[row, path]…] (the other path of a rename), merged [[row, events]…],
 * merged_rows.
 */
#include "model/model.h"
#include "util/json.h"

#define EVENTS_MAX 1000000

struct events;

struct events *events__new(const struct model *m, size_t max);	/* borrows m. NULL: out of memory */
int events__add(struct events *e, const struct rec *rec);	/* 0 or -ENOMEM */
/* Sorts and numbers, before both of the following; 0 or -ENOMEM. */
int events__finish(struct events *e);
void events__head(const struct events *e, struct json *j);
int events__columns(const struct events *e, int (*put)(void *ctx, const void *bytes, size_t n), void *ctx);
void events__free(struct events *e);	/* NULL is fine */

#endif
