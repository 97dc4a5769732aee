/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_PURPOSE_H
#define GOENVBPF_OUTPUT_EXPORT_PURPOSE_H
/*
 * What each tool ran for: the use of the cache that it made good. Of several the package counts, as a
 * compiler makes an entry of what it printed as well.
 *
 * Lifecycle: purposes__find() once the model is finished → hash_find(all, tool, &proc) →
 * hash_free(&all, free).
 */
#include "model/cache/cache.h"
#include "util/hash.h"

struct purpose {
	UT_hash_handle hh;
	uint64_t tool;			/* proc */
	const struct cache_ref *ref;	/* of the use */
	struct cache_use use;
	/* the exporter's */
	uint32_t flow;			/* 0: it leads from nowhere */
	bool is_put;			/* and on to the cache */
};

int purposes__find(const struct model *m, struct purpose **all);	/* 0 or -ENOMEM; free all the same */

#endif
