/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_HASH_STORE_H
#define GOENVBPF_CAPTURE_HASH_STORE_H
/*
 * Hashes of the host's files, so that each state of a file is hashed once for all observers: a table in a file of
 * root's (kept.h) that all of them map. It belongs to one boot. Full, it forgets something.
 *
 * Lifecycle: hash_store__open() → find and put, by any thread of any process → hash_store__close().
 */
#include <stdbool.h>
#include <stdint.h>

#include "util/sha256.h"

struct hash_store;

/* A state of a file that no other content can have. mtime is anybody's to set; ctime is not. */
struct content_key {
	uint64_t mount;		/* the kernel's own number of the mount, of which no other ever has it; 0: unknown */
	uint64_t dev, ino, size;
	int64_t ctime;
	uint64_t name;		/* of the path by which an observer has opened it; 0: whatever it is */
};

/* -EACCES: it is for root only, or the folder is not to be trusted; -EWOULDBLOCK: it is just being made; -errno. */
int hash_store__open(const char *folder, struct hash_store **ret);
void hash_store__close(struct hash_store *s);		/* NULL is fine, as it is below */

bool hash_store__find(const struct hash_store *s, const struct content_key *key, uint8_t ret[static SHA256_SZ]);
void hash_store__put(struct hash_store *s, const struct content_key *key, const uint8_t digest[static SHA256_SZ]);

/*
 * The number of the mount that the file is of, if states of its files may be kept for others: file systems on
 * disks of this host, whose change times tell every change (ext4, xfs, btrfs, f2fs). 0: not so, or the kernel has no such
 * numbers (before 6.8).
 */
uint64_t hash_store__mount(struct hash_store *s, int fd);

#endif
