/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_PART_H
#define GOENVBPF_MODEL_PART_H
/*
 * The inside of the model, for its parts only. A new part is a file with the three hooks, a member
 * here for its state, and a row in the table of model.c.
 *
 * open() gives the part its state; add() sees every line, after the parts above it in the table:
 * who comes later may ask what they made of the line; close() takes a state that is NULL.
 */
#include "model/model.h"
#include "model/pool.h"

struct part {
	const char *name;
	enum model_scope scope;		/* the smallest scope that has this part */
	int (*open)(struct model *m);
	int (*add)(struct model *m, const struct rec *rec);
	void (*close)(struct model *m);
};

struct model {
	enum model_scope scope;
	struct pool *pool;
	struct run *run;
	struct processes *processes;
	struct root_sets *roots;
	struct counts *counts;
	struct images *images;
	struct settings_state *settings;
	struct caches *caches;
	struct toolchains *toolchains;
	struct versions *versions;
	struct ladders *ladders;
	struct module_sets *modules;
	struct tests *tests;
	struct cached_tests *cached_tests;
	struct embeddeds *embedded;
};

extern const struct part part_run, part_process, part_roots, part_counts, part_images,
	part_settings, part_cache, part_toolchain, part_versions, part_c_compilers, part_ladders,
	part_modules, part_tests, part_cached_tests, part_embedded;

#endif
