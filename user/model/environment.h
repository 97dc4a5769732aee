/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_ENVIRONMENT_H
#define GOENVBPF_MODEL_ENVIRONMENT_H
/*
 * Environments: the variables of the allow-list that a program was started with. Equal ones are kept
 * once, since a script gives the same to everything that it starts.
 */
#include "model/model.h"

struct variable {
	const char *name, *value;	/* of the pool */
};

struct environment {
	const struct variable *vars;
	size_t cnt;
	uint64_t names;		/* a bit for each name: most that are asked for are not there */
	bool is_whole;		/* a variable that is not here was not there (or is not on the list) */
};

/* The environment of an exec line. NULL: out of memory; never NULL else. */
const struct environment *model__environment(struct model *m, const struct rec *rec);
void model__release_environment(struct model *m, const struct environment *e);	/* NULL is fine */

/* NULL: not there. e may be NULL. */
const char *environment__get(const struct environment *e, const char *name);
/* The same, but an empty variable counts as not there, as it does for go. */
const char *environment__get_set(const struct environment *e, const char *name);

#endif
