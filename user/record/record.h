/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_RECORD_H
#define GOENVBPF_RECORD_RECORD_H
/*
 * A record being written: newline-delimited JSON, streamed, gzip or zstd by name.
 *
 * Lifecycle: record__create() → record__put() of the header line, then of each line, from any
 * thread → record__finish() (everything reaches the file) → record__free().
 *
 * Lines are collected in blocks; a thread of its own compresses and writes them, at least once a
 * second, so that encoding never waits for the disk unless max_pending is reached. What was
 * flushed survives the death of this process: compressed data is flushed to a byte boundary.
 *
 * A write error (disk full) is kept: the first one is reported through record__error(), later
 * lines are counted but dropped, and what was written stays readable.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/compress.h"
#include "record/kinds.h"
#include "record/line.h"
#include "util/identity.h"
#include "util/urgency.h"

struct record;

/* Called with whole lines, newlines included, in the order of the record, by the writer thread. */
typedef void (*record_tap_fn)(void *ctx, const char *lines, size_t n);

struct record_opts {
	/* "FILE.jsonl", "FILE.jsonl.gz", "FILE.jsonl.zst", "-": standard output; NULL: no file, only counts and tap */
	const char *path;
	enum compression compression;	/* with fd or "-"; a path's ending says it by itself */
	bool force;		/* replace an existing file, at finish */
	int fd;			/* >= 0: write here, ownership stays with the caller; else -1 */
	const struct identity *owner;	/* of path, see outfile.h; NULL: as we are */
	record_tap_fn tap;	/* may be NULL */
	void *tap_ctx;
};

/* What outfile__open() says, or -ENOMEM. */
int record__create(const struct record_opts *opts, struct record **ret);

/* Appends a finished line (line__end() was called) and counts it by kind. The builder is reusable. */
void record__put(struct record *r, const struct line *l);
/*
 * The same for a text kept since it was built, without newline: held-back lines of a process
 * that turned out to be worth keeping.
 */
void record__put_text(struct record *r, enum rec_kind kind, const char *text, size_t n,
		      uint64_t redactions);

/*
 * How much the writer thread presses forward at least; it starts idle. The caller asks for more when
 * its own buffers fill up, and at the end. By itself it is normal while its queue is more than half full.
 */
void record__set_urgency(struct record *r, enum urgency urgency);

uint64_t record__count(const struct record *r, enum rec_kind kind);
uint64_t record__redactions(const struct record *r);
/* It goes to a file of its own, which has a name. Until it is finished. */
bool record__has_file(const struct record *r);
uint64_t record__bytes(const struct record *r);	/* written so far, after compression */

/* First write error as negative errno, 0 when all is well. */
int record__error(const struct record *r);

/* Hands everything to the writer thread and waits until it is in the file; -errno of the first failure. */
int record__finish(struct record *r);
/* Instead of record__finish(), when nothing was captured: no file is made or replaced. */
void record__discard(struct record *r);
void record__free(struct record *r);	/* finishes too; NULL is fine */

DEFINE_CLEANUP(record, struct record *, record__free);
#define __free_record __cleanup_with(record)

#endif
