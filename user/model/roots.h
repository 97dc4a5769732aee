/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_ROOTS_H
#define GOENVBPF_MODEL_ROOTS_H
/*
 * The directories that a go command works with, by the names that people know them by, and what a
 * path is seen from there.
 *
 * They are what the command's settings say, as far as these are known by the line that was added
 * last, and for good after model__finish(). What settings leave open is told by evidence: entries of
 * the build cache have names that nothing else has.
 */
#include "golang/gocache.h"
#include "model/model.h"

struct process;

/*	id		name		*/
#define ROOT_LIST(X)			\
	X(GOROOT,	"$GOROOT")	\
	X(GOCACHE,	"$GOCACHE")	\
	X(GOMODCACHE,	"$GOMODCACHE")	\
	X(WORK,		"$WORK")	\
	X(MODULE,	"$MODULE")	\
	X(HOME,		"~")

enum root {
#define X(id, name) ROOT_##id,
	ROOT_LIST(X)
#undef X
	ROOT_CNT,
};

const char *root__name(enum root root);

#define ROOTS_MAX_CONFIG 4

struct roots {
	uint64_t go;			/* proc of the go command; 0: of everything else */
	const char *dir[ROOT_CNT];	/* without a trailing slash; NULL: not known (yet) */
	const char *cache_seen;		/* a folder with entries that it looked up; NULL */
	const char *mod, *work;		/* go.mod or -modfile's, and go.work, in effect; NULL: none (yet) */
	const char *config[ROOTS_MAX_CONFIG];	/* the files of its settings, whatever they are called */
	size_t config_cnt;
};

/* The roots of the go command that the process works for; p may be NULL. Never NULL. */
const struct roots *model__roots(const struct model *m, const struct process *p);

struct pool;
/* Gives back the strings that they hold; for model__retire(). */
void roots__release(struct pool *pool, const struct roots *r);

/* The innermost root that path lies in, ROOT_CNT: none; *ret_rest is the rest, with its slash. */
enum root roots__find(const struct roots *r, const char *path, const char **ret_rest);

enum place {
	PLACE_OTHER,
	PLACE_CONFIG,		/* a file that configures Go or a program */
	PLACE_BUILD_CACHE,
	PLACE_MODULE_CACHE,
};

enum place roots__place(const struct roots *r, const char *path);

/* The same, finer: what a path is to a build.	name		*/
#define AREA_LIST(X)				\
	X(OTHER,	"other")		\
	X(CONFIG,	"configuration")	\
	X(BUILD_CACHE,	"build cache")		\
	X(MODULE_CACHE,	"module cache")		\
	X(SOURCE,	"source")		\
	X(TOOL,		"toolchain")		\
	X(WORK,		"work folder")

enum area {
#define X(id, name) AREA_##id,
	AREA_LIST(X)
#undef X
	AREA_CNT,
};

const char *area__name(enum area area);
enum area roots__area(const struct roots *r, const char *path);

/*
 * The hash of a build cache entry in "…/XX/<64 hex>-a", "…-d" or "…-d/name": pointer to its first
 * digit, and *ret_which 'a' or 'd'. NULL when the path is none.
 */
const char *cache_entry__hash(const char *path, char *ret_which);

#define CACHE_HASH_LEN GOCACHE_ID_LEN

#endif
