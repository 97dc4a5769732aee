/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_EXPORT_H
#define GOENVBPF_OUTPUT_EXPORT_EXPORT_H
/*
 * The formats that others read: a file each, behind one interface.
 *
 * Lifecycle: exporter__find() → begin() → record() for each line, in the record's order, after the
 * model saw it → end() once the model is finished, which writes what is left → free().
 */
#include "model/model.h"
#include "record/pass.h"

struct export_job {
	struct model *m;		/* of MODEL_ALL; sees the same lines */
	struct model *old;		/* of the baseline, finished; NULL: there is none */
	const char *name, *old_name;	/* of the records */
	int (*write)(void *ctx, const void *bytes, size_t n);	/* 0 or -errno */
	void *ctx;
};

struct exporter {
	const char *name;
	const char *summary;
	bool is_large;			/* nothing to look at on a terminal */
	void *(*begin)(const struct export_job *job);	/* borrows it; NULL: out of memory */
	int (*record)(void *state, const struct rec *rec);	/* 0 or -errno */
	int (*end)(void *state);
	void (*free)(void *state);	/* NULL is fine */
};

/* X(name): export_<name> is an exporter; in the order of help. */
#define EXPORT_LIST(X) X(html) X(summary) X(sarif) X(junit) X(prometheus) X(csv)

#define X(name) extern const struct exporter export_##name;
EXPORT_LIST(X)
#undef X

const struct exporter *exporter__find(const char *name);	/* NULL: there is none */
const struct exporter *exporter__next(const struct exporter *e);	/* from NULL to NULL */

#endif
