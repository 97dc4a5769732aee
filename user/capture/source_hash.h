/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_SOURCE_HASH_H
#define GOENVBPF_CAPTURE_SOURCE_HASH_H
/*
 * Hashes of files: of one state of a file at a time, and once for all names of it. With a store
 * (hash_store.h), what another observer of this host has hashed is not hashed again.
 *
 * Lifecycle: source_hashes__new() → source_hashes__of() by any thread → source_hashes__free().
 */
#include <stdbool.h>
#include <stdint.h>

#include "capture/snapshot.h"
#include "util/sha256.h"

struct source_hashes;
struct hash_store;

/* store: borrowed; or NULL. may_go_on(): false once there is no time left. NULL: no memory. */
struct source_hashes *source_hashes__new(uint64_t size_max, struct hash_store *store, bool (*may_go_on)(void *ctx),
					 void *ctx);
void source_hashes__free(struct source_hashes *h);

struct source_hash {
	bool has_state;
	struct file_state state;
	uint64_t mount;			/* unique number, if states of its files are kept; else 0 */
	uint64_t taken;			/* the boot clock afterwards, ns */
	uint8_t digest[SHA256_SZ];
};

/*
 * Without a look at the file: what is kept of one that was opened by that path. False: nothing is. The caller
 * knows that the state was settled, and where from.
 */
bool source_hashes__recall(struct source_hashes *h, const struct file_name *name, const struct file_state *state,
			   uint64_t mount, uint8_t ret[static SHA256_SZ]);

/*
 * 0; of opening it; -ENOEXEC: a Go program, which is no input; -EFBIG; -ESTALE: it changes while it is
 * read; -ETIME: there is no time left; -EIO and others of reading.
 */
int source_hashes__of(struct source_hashes *h, const struct file_name *name, const struct opener *who,
		      struct source_hash *ret);

#endif
