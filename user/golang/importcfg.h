/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_IMPORTCFG_H
#define GOENVBPF_GOLANG_IMPORTCFG_H
/*
 * The file that tells compile and link where each imported package lies: in the build cache, or in
 * the work folder of a package that was just built.
 *
 * Lifecycle: importcfg__parse() → the fields → importcfg__free().
 */
#include <stddef.h>

#include "util/cleanup.h"

#define IMPORTCFG_MAX_TEXT (32u << 20)

struct importcfg_package {
	const char *path;	/* import path */
	const char *file;	/* archive */
};

struct importcfg_map {
	const char *from;	/* as the source says, "golang.org/x/net/dns" */
	const char *to;		/* as it is, "vendor/golang.org/x/net/dns" */
};

struct importcfg {
	struct importcfg_package *packages;
	size_t package_cnt;
	struct importcfg_map *maps;
	size_t map_cnt;
	char *text;
};

/* Copies the text. Lines that are not understood are skipped. -EFBIG, -ENOMEM. */
int importcfg__parse(const char *text, size_t n, struct importcfg *ret);
void importcfg__free(struct importcfg *c);

static inline void importcfg_cleanup(struct importcfg *c)
{
	importcfg__free(c);
}
#define __free_importcfg __attribute__((cleanup(importcfg_cleanup)))

#endif
