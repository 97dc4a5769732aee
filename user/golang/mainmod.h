/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_MAINMOD_H
#define GOENVBPF_GOLANG_MAINMOD_H
/*
 * Which go.mod and which go.work are in effect for a go command, by cmd/go/internal/modload's rules:
 * never by the name of a file alone, or because it is there.
 *
 * - go looks for go.work (since 1.18) and go.mod in its working directory and upwards. GOWORK=off
 *   ends the search for go.work, an absolute path replaces it; it stops at GOROOT.
 * - A go.mod in the temporary directory itself is ignored, with a warning.
 * - go install|run pkg@version ignores both. Some verbs ignore go.work only.
 * - -modfile replaces the content of the go.mod that was found, not its place.
 * - Without a go.mod go is in module mode all the same, since 1.16, unless GO111MODULE=auto.
 *
 * Lifecycle: mainmod__find() → the fields → mainmod__free().
 */
#include <stdbool.h>

#include "util/str.h"

enum path_kind {
	PATH_UNKNOWN,		/* nothing tells whether it is there */
	PATH_ABSENT,
	PATH_FILE,
	PATH_DIRECTORY,
};

struct mainmod_facts {
	int minor;			/* 0: not known, the newest is assumed */
	const char *verb;		/* "build", "mod tidy"; NULL: not known */
	bool at_version;		/* go install or run of pkg@version */
	const char *dir;		/* the working directory as go names it; NULL: not known */
	const char *go111module;	/* these as resolved; NULL: not known */
	const char *gowork;
	const char *modfile;		/* of -modfile; NULL: not given */
	const char *goroot;		/* NULL: not known */
	const char *temp_dir;		/* TMPDIR; NULL or "": /tmp */
	enum path_kind (*look)(void *ctx, const char *path);
	void *ctx;
};

enum module_mode { MODULE_MODE_UNKNOWN, MODULE_MODE_GOPATH, MODULE_MODE_MODULES };

struct mainmod {
	enum module_mode mode;
	struct str found;		/* the go.mod around the working directory, in effect or not; unset: none */
	struct str root;		/* the main module's directory; unset: none */
	struct str mod;			/* the file in effect: root/go.mod, or that of -modfile; unset: none */
	struct str found_work, work;	/* likewise; of a workspace no single module is the main one */
	const char *mod_ignored;	/* why the go.mod that was found is not in effect; NULL. Static */
	const char *work_ignored;
	bool mod_is_certain;		/* no path that is not known, and nothing else, could make it another one */
	bool work_is_certain;
};

int mainmod__find(const struct mainmod_facts *facts, struct mainmod *ret);	/* -ENOMEM */
void mainmod__free(struct mainmod *m);

/* The directories above path, that itself first: dir is cut to the next one; false at the end. */
bool path__up(struct str *dir);

static inline void mainmod_cleanup(struct mainmod *m)
{
	mainmod__free(m);
}
#define __free_mainmod __attribute__((cleanup(mainmod_cleanup)))

#endif
