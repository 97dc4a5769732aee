/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_CONFIGS_H
#define GOENVBPF_CAPTURE_CONFIGS_H
/*
 * Which files are configuration, and of which kind.
 *
 * Most have a name of their own. But which settings, go.mod and go.work count is for GOENV, GOWORK
 * and -modfile to say (also in GOFLAGS), by any name: those are taken from what a process was
 * started with. What an env file says is not known then, so a go command has every file that ends
 * in .mod or .work snapshotted when it reads one.
 *
 * Lifecycle: configs__new() at exec; configs__get() for who inherits it, configs__put() by each.
 * All by one thread.
 */
#include <stdbool.h>
#include <stddef.h>

#include "golang/source.h"
#include "record/kinds.h"

/* What a program was started with; the blocks as the kernel lays them out, perhaps cut. */
struct config_source {
	const char *exe;	/* its path */
	const char *args, *env;
	size_t args_len, env_len;
};

struct configs;

int configs__new(const struct config_source *source, struct configs **ret);
struct configs *configs__get(struct configs *c);	/* NULL is fine, as everywhere */
void configs__put(struct configs *c);

/* The kind of what a process opened as that, which is path. CONFIG_NONE: none. */
enum config_kind configs__find(const struct configs *c, const char *as, size_t as_len,
			       const char *path, size_t n);
/* What it reads is an input of a build, or not; c may be NULL. */
enum source_reader configs__reader(const struct configs *c);
/* By the path alone. */
enum config_kind config__by_name(const char *path, size_t n);

#endif
