/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_CACHE_ENTRY_H
#define GOENVBPF_GOLANG_CACHE_ENTRY_H
/*
 * Index entries of the build cache: $GOCACHE/XX/<action id>-a, 175 bytes that name an output
 * (cmd/go/internal/cache/cache.go).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_ID_LEN	64	/* hex digits of an action or output id */
#define CACHE_ENTRY_LEN	175

struct cache_entry {
	char action[CACHE_ID_LEN + 1];
	char output[CACHE_ID_LEN + 1];
	uint64_t size;		/* of the output, bytes */
	int64_t time;		/* of the put, ns since the epoch */
};

/* …/XX/<64 hex digits>-a, XX being their first two. */
bool cache_entry__is_path(const char *path, size_t n);
/* -EBADMSG when it is not what the go command writes, as which it counts as a miss. */
int cache_entry__parse(const char *text, size_t n, struct cache_entry *ret);

#endif
