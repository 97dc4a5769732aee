/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_TIMELINE_H
#define GOENVBPF_OUTPUT_TIMELINE_H
/*
 * The timeline: one line for each thing that happened, in the order of time.
 *
 * Lifecycle: timeline__new() → timeline__add() for each line of a record, as it is read or
 * written → timeline__end() when there are no more → timeline__free(). Live, timeline__flush()
 * after each batch prints what is waiting.
 *
 * Of a file, what the whole record says is known from its first line on: the model is made in a
 * pass before. Live, the timeline has a model of its own, and names what is known by then; it
 * forgets what ended.
 *
 * Lines wait 20 ms of the record's time, so that threads come out in order and that look-ups of
 * one kind in one directory become one line that says how many it stands for. What comes later
 * than that (a process that was held back) is printed when it comes, with its own time.
 *
 * The default shows configuration and caches, programs that start and end, losses, blind
 * spots and the end.
 * kinds, paths and failed_only choose from all lines instead; pids and procs narrow any choice.
 * Losses are always shown: without them, silence would look like absence.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/model.h"
#include "util/options.h"

struct timeline;

struct timeline_opts {
	bool all;		/* every line, nothing folded */
	bool failed_only;
	bool whole;		/* paths and arguments whole, as they are in the record */
	bool color;
	struct numbers pids;	/* none: any */
	struct numbers procs;	/* none: any */
	uint32_t kinds;		/* bits of enum rec_kind; 0: any */
	struct texts paths;	/* globs: the path, from its root, or its last name; none: any */
};

/* out and m, the finished model of the record, stay the caller's; m NULL: live. NULL: out of memory. */
struct timeline *timeline__new(const struct timeline_opts *opts, FILE *out, const struct model *m);
int timeline__add(struct timeline *t, const struct rec *rec);	/* 0 or -ENOMEM */
int timeline__flush(struct timeline *t);	/* 0, or -errno of writing */
/* Flushes, then says what was not shown and, when the record is cut short, that it is. */
int timeline__end(struct timeline *t, bool cut, uint64_t bad_lines);
/* The timeline as a sink of a pass: timeline__add(), __flush(), __end(). */
struct sink_of_lines timeline__sink(struct timeline *t);
uint64_t timeline__shown(const struct timeline *t);	/* lines of the record that were shown */
void timeline__free(struct timeline *t);

DEFINE_CLEANUP(timeline, struct timeline *, timeline__free);
#define __free_timeline __cleanup_with(timeline)

#endif
