/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_TOPIC_H
#define GOENVBPF_MODEL_TOPIC_H
/*
 * The inside of the model, for its topics only. A new topic is a folder with the hooks, a member
 * here for its state, and a row in the table of model.c.
 *
 * open() gives the topic its state; add() sees every line, after the topics above it in the table:
 * who comes later may ask what they made of the line; finish() derives the answers, in the same
 * order, and runs once; close() takes a state that is NULL.
 */
#include "model/model.h"
#include "model/pool.h"

struct image;
struct process;

struct topic {
	const char *name;
	enum model_scope scope;		/* the smallest scope that has this topic */
	int (*open)(struct model *m);
	int (*add)(struct model *m, const struct rec *rec);	/* NULL: others call it */
	int (*finish)(struct model *m);	/* NULL: it has nothing to derive */
	/* A process is forgotten, it ended a while ago; NULL: nothing is kept of it. */
	void (*retire)(struct model *m, const struct process *p);
	void (*close)(struct model *m);
};

struct model {
	enum model_scope scope;
	struct pool *pool;
	struct run *run;
	struct environments *environments;
	struct files *files;
	struct processes *processes;
	struct commands *commands;
	struct counts *counts;
	struct images *images;
	struct caches *caches;
	struct toolchains *toolchains;
	struct versions *versions;
	struct ladders *ladders;
	struct module_sets *modules;
	struct tests *tests;
	struct embeddeds *embedded;
	struct effects *effects;
	struct inputs *inputs;
	struct failures *failures;
};

/* process.c: the executable that a process runs */
void processes__set_image(struct model *m, uint64_t proc, const struct image *i);
/* The same: there are twice as many as after the last time. */
bool processes__is_worth_retiring(const struct model *m);
/* The same: gives the processes that ended before that time to forget(), and drops them. */
void processes__retire(struct model *m, int64_t before,
		       void (*forget)(struct model *m, const struct process *p));

extern const struct topic topic_run, topic_environments, topic_files, topic_process, topic_counts,
	topic_images, topic_commands, topic_settings, topic_cache, topic_toolchain, topic_versions, topic_c_compilers, topic_ladders,
	topic_modules, topic_tests, topic_embedded, topic_effects, topic_inputs, topic_failures;

#endif
