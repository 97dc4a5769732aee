/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_MODULES_STORE_H
#define GOENVBPF_MODEL_MODULES_STORE_H
/*
 * The inside of the modules: the sets of go commands and what files say of them. For modules*.c only.
 */
#include "model/modules/modules.h"
#include "model/topic.h"
#include "model/process.h"
#include "model/roots.h"
#include "util/hash.h"

#define MODULES_MAX		8192	/* of one go command */
#define MODULES_MAX_LOCALS	64

struct module_use_entry {
	struct module_use u;
	struct {
		const char *path, *version;	/* pooled */
		uint64_t origin;
	} at;
	UT_hash_handle hh;
};

/* A "# path version" line of modules.txt. */
struct vendored {
	const char *path;
	const char *text;	/* "path version" */
};

struct module_set_entry {
	struct module_set s;
	struct module_use_entry *uses;
	struct module_use_entry *last;			/* in the module cache */
	struct module_use_entry *locals[MODULES_MAX_LOCALS];
	size_t local_cnt;
	struct vendored *vendored;
	size_t vendored_cnt;
	const char *root;				/* of a module cache at another place than expected */
	UT_hash_handle hh;				/* by s.go */
};

struct module_sets {
	struct module_set_entry *by_go;
};

int modules__open(struct model *m);
void modules__close(struct model *m);

/* The set of a go command, made when it is not there. */
int module_set__of(struct model *m, uint64_t go, struct module_set_entry **ret);
/* A module of the set, made when it is not there; *ret stays NULL when there are too many. */
int module_set__get(struct model *m, struct module_set_entry *s, enum module_origin origin,
		    const char *path, const char *version, struct module_use_entry **ret);
/* A folder with a go.mod that is not the main module's. dir: pooled. */
int module_set__add_folder(struct model *m, struct module_set_entry *s, const char *dir);
/* The content of go.mod, go.work or modules.txt. */
int module_set__add_file(struct model *m, struct module_set_entry *s, const struct rec *rec, const char *path);

#endif
