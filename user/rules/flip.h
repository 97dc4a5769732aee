/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_FLIP_H
#define GOENVBPF_RULES_FLIP_H
/*
 * A flip of everything: nearly all packages of a command were made anew, though its cache held what
 * compilers made before, and the indexes of these very packages. An edit does not do that: a flag or a
 * variable that is part of every key differs from the builds that filled the cache.
 *
 * Which one is not in the record when none of those builds is. What is set here may be it; so may be
 * what was set then and is not any more.
 */
#include "model/commands.h"
#include "model/settings/settings.h"

#define FLIP_CANDIDATES_MAX 16

struct flip {
	uint64_t made, hits;		/* packages */
	uint64_t indexes;		/* module indexes that were found */
	int64_t wall_ns;		/* that making took; -1: not known */
	/* Set here to something that is no default, and part of every key; the platform last. */
	const struct effective *candidates[FLIP_CANDIDATES_MAX];
	size_t candidate_cnt;
};

/* false: it is none, and *ret is untouched. */
bool go_command__flip(const struct model *m, const struct go_command *c, struct flip *ret);
/* GOOS, GOARCH: another platform is meant to be built. */
bool flip__is_platform(const struct effective *e);
/* -a and gocacheverify make all, whatever the cache has. */
bool go_command__forces_work(const struct go_command *c);

#endif
