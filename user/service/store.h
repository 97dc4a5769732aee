/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_STORE_H
#define GOENVBPF_SERVICE_STORE_H
/*
 * The folder where a service keeps records: NAME-20261126T155633Z-PART.jsonl.zst, 0600. The files are all that
 * there is to know; whatever lists them reads them.
 *
 * Lifecycle: store__open() → store__create() for each record, store__trim() now and then → store__close().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define STORE_NAME_SZ 128

/*
 * A folder of the service's own, made (0700) unless it is there. A descriptor; -EPERM: it is somebody else's, or
 * others may write to it; another -errno.
 */
int store__open_folder(const char *path);

struct store {
	int fd;			/* the folder; -1: not open */
};

/* As store__open_folder() says. */
int store__open(struct store *s, const char *path);
void store__close(struct store *s);

/* A new file, whose name is ret_name; a descriptor or -errno. job: see job.h; part counts from 1. */
int store__create(const struct store *s, const char *job, uint64_t part, char ret_name[static STORE_NAME_SZ]);
/* To read. A name comes from store__create(), or is what somebody wrote: -EINVAL then, if it is no name of a record. */
int store__read(const struct store *s, const char *name);
/* The record of that job that was begun last; false: there is none. */
bool store__latest(const struct store *s, const char *job, char ret_name[static STORE_NAME_SZ]);

struct store_limits {
	uint64_t age;		/* seconds since it was last written, 0: any */
	uint64_t total;		/* bytes of all, 0: any */
};

struct store_use {
	uint64_t bytes;
	uint64_t records;
	uint64_t removed;	/* by this call */
};

/*
 * Removes what is too old, then the oldest until all fit. is_busy: a record that is being written, which
 * stays. -errno: the folder cannot be listed.
 */
int store__trim(const struct store *s, const struct store_limits *limits,
		bool (*is_busy)(void *ctx, const char *name), void *ctx, struct store_use *ret);

#endif
