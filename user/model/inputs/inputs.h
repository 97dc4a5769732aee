/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_INPUTS_INPUTS_H
#define GOENVBPF_MODEL_INPUTS_INPUTS_H
/*
 * What packages were built from: the content of the files in their folders, the packages that they
 * import, what lies in the archives of the build cache, the build information of programs.
 *
 * Of files the source lines of the record tell, of imports the importcfg files of compilers, of
 * archives the cache lines. A record made with --no-hash has no sources.
 */
#include <stdbool.h>
#include <stdint.h>

#include "golang/gocache.h"
#include "model/model.h"

#define SOURCE_HASH_SZ 32

/* One state of a file, as somebody found it who built from it. */
struct source_state {
	const char *path;		/* clean */
	const char *dir;
	bool has_hash, by_compiler;	/* by_compiler: a C compiler read it, go did not */
	bool by_go;			/* a go command read it; else only its tools, where they ran */
	bool is_vcs;			/* what git has checked out */
	uint8_t sha256[SOURCE_HASH_SZ];
	const char *error;		/* why there is no hash; NULL */
	int64_t size, mtime;		/* -1, INT64_MIN: not known */
	int64_t ts;			/* of the open */
	const struct source_state *older;	/* of the same path */
	const struct source_state *in_dir;	/* the next file of the folder: its newest state */
};

/* The record tells of no source at all. */
bool model__has_sources(const struct model *m);
/* The newest state of the file; NULL: it was not read to build. */
const struct source_state *model__source(const struct model *m, const char *path);
/* The files directly in dir, each by its newest state: the first one; NULL: none. */
const struct source_state *model__sources_in(const struct model *m, const char *dir);
/* All files: from NULL to NULL. */
const struct source_state *model__next_source(const struct model *m, const struct source_state *s);

/*
 * The packages that a compiler (proc) was told to import, or a linker to link, as they are called there;
 * NULL: not known.
 */
const char *const *model__imports(const struct model *m, uint64_t tool, size_t *ret_n);

/*
 * The archives that it read, as they are called: what it was told and needed, and what that needed. For
 * compilers whose importcfg was gone before it could be read.
 */
const char *const *model__objects(const struct model *m, uint64_t compiler, size_t *ret_n);

/* The content ID of the archive that is kept under an action; NULL: not known. */
const char *model__content(const struct model *m, const uint8_t *action);

/*
 * What the files of the package import whose archive is kept under an action, sorted, without "unsafe" and
 * "C"; NULL: not known. go adds some to programs and to what has cgo.
 */
const char *const *model__archive_imports(const struct model *m, const uint8_t *action, size_t *ret_n);

/* The archive that is kept under an action is a program's. */
bool model__archive_is_main(const struct model *m, const uint8_t *action);

/* What the C compiler calls itself that made the objects of C in that archive; NULL: not known. */
const char *model__archive_cc(const struct model *m, const uint8_t *action);

/* An entry of the build cache, or what it points at, was removed. */
struct entry_removal {
	uint64_t proc;
	int64_t ts;
	const char *path;
	const struct entry_removal *older;	/* of the same */
};
/* Of an action or an output, its first 15 bytes: the last one in that time; NULL: not in the record. */
const struct entry_removal *model__entry_removal(const struct model *m, const uint8_t *id, int64_t from,
						 int64_t to);
/* The subfolders of that cache were made in this record, before that time. */
bool model__makes_cache(const struct model *m, const char *gocache, int64_t before);

/* What the linker was told to embed into the program of that package; NULL: not known. */
const char *model__modinfo(const struct model *m, const char *package);

#endif
