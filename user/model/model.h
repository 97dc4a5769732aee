/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_MODEL_H
#define GOENVBPF_MODEL_MODEL_H
/*
 * What happened, told from the lines of a record.
 *
 * Lifecycle: model__new() → model__add() for each line, in the record's order → questions, at any
 * time → model__free(). Events are not kept: memory grows with processes, executables and
 * directories, not with the length of the record. Answers are borrowed from the model.
 *
 * The model is made of parts (part.h), one file each, that see the same lines.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record/reader.h"

struct model;
struct run;
struct counts;

enum model_scope {
	/* the run, its processes and named roots; forgets processes that ended long ago */
	MODEL_CORE,
	/* everything that a summary says */
	MODEL_ALL,
};

struct model *model__new(enum model_scope scope);	/* NULL: out of memory */
int model__add(struct model *m, const struct rec *rec);	/* 0 or -ENOMEM */
void model__free(struct model *m);			/* NULL is fine */

/* The record ended without an "end" line; the reader knows (reader__is_cut). */
void model__set_cut(struct model *m);
/* Lines in the record that are no lines of a record; the reader counts them. */
void model__set_bad_lines(struct model *m, uint64_t lines);

/* Each part's answers are described in its header. */
const struct run *model__run(const struct model *m);		/* run.h */
const struct counts *model__counts(const struct model *m);	/* counts.h; MODEL_ALL */

DEFINE_CLEANUP(model, struct model *, model__free);
#define __free_model __cleanup_with(model)

#endif
