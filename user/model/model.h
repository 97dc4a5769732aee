/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_MODEL_H
#define GOENVBPF_MODEL_MODEL_H
/*
 * What happened, told from the lines of a record.
 *
 * Lifecycle: model__new() → model__add() for each line, in the record's order → model__finish(),
 * which derives what only the whole can tell → questions → model__free(). Events are not kept:
 * memory grows with processes, executables and directories, not with the length of the record.
 * Answers are const and borrowed from the model; lists are walked by model__next_…(m, previous),
 * from NULL to NULL. Before model__finish() only processes and roots may be asked for (live views).
 *
 * The model is made of topics (topic.h) that see the same lines.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record/pass.h"

struct model;
struct run;
struct counts;

enum model_scope {
	/* the run, its processes, go commands and their roots */
	MODEL_CORE,
	/* everything that a summary says */
	MODEL_ALL,
};

struct model *model__new(enum model_scope scope);	/* NULL: out of memory */
int model__add(struct model *m, const struct rec *rec);	/* 0 or -ENOMEM */
int model__finish(struct model *m, const struct pass_end *end);	/* 0 or -ENOMEM */
/*
 * Forgets the processes that ended more than a second before now (ns of the record), with all that is
 * kept of them, so that memory of a view that runs for days is bounded. Cheap when there is little
 * to forget; true when something was. Only of MODEL_CORE, before model__finish(): what was derived
 * of the whole would rest on what is gone.
 */
bool model__retire(struct model *m, int64_t now);
void model__free(struct model *m);			/* NULL is fine */

/* The model as a sink of a pass: model__add() and model__finish(). */
struct sink_of_lines model__sink(struct model *m);

/* Each topic's answers are described in its header. */
const struct run *model__run(const struct model *m);		/* run.h */
const struct counts *model__counts(const struct model *m);	/* counts.h; MODEL_ALL */

DEFINE_CLEANUP(model, struct model *, model__free);
#define __free_model __cleanup_with(model)

#endif
