/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_COMPRESS_H
#define GOENVBPF_RECORD_COMPRESS_H
/*
 * Compressed streams, gzip or zstd: written in pieces and flushed to where a reader can read them,
 * and read whatever a crash left of them.
 *
 * Writer: squeezer__new() → squeezer__put() … with SQUEEZE_FLUSH now and then → SQUEEZE_END, once.
 * Reader: compression__of_bytes() → expander__new() → expander__take() until it says that it ended.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

#define COMPRESSIONS "gzip, zstd"	/* their names */

enum compression compression__of_path(const char *path);	/* "x.jsonl.gz", "x.jsonl.zst" */
enum compression compression__of_name(const char *name);	/* "gzip"; NULL: none */
const char *compression__name(enum compression c);		/* NULL: none */
/* What a stream begins with; of a stream that is cut within its first bytes, what it may be. */
enum compression compression__of_bytes(const unsigned char *bytes, size_t n);

struct squeezer;

enum squeeze { SQUEEZE_PUT, SQUEEZE_FLUSH, SQUEEZE_END };

typedef int (*squeeze_write_fn)(void *ctx, const void *data, size_t n);	/* 0 or -errno */

struct squeezer *squeezer__new(enum compression c, squeeze_write_fn write, void *ctx);
/* gzip that takes more time for less bytes: for what is written once and kept. */
struct squeezer *squeezer__new_small(squeeze_write_fn write, void *ctx);
int squeezer__put(struct squeezer *s, const void *data, size_t n, enum squeeze how);
void squeezer__free(struct squeezer *s);	/* NULL is fine */

DEFINE_CLEANUP(squeezer, struct squeezer *, squeezer__free);
#define __free_squeezer __cleanup_with(squeezer)

struct expander;

struct expander *expander__new(enum compression c);
/*
 * Takes from [in, +*n), which it shortens, and gives at most room bytes; how many. *ret_state:
 * EXPAND_MORE, EXPAND_ENDED (the stream is complete, what follows it is not one), EXPAND_DAMAGED.
 */
enum expand { EXPAND_MORE, EXPAND_ENDED, EXPAND_DAMAGED };
size_t expander__take(struct expander *e, const unsigned char **in, size_t *n, char *out, size_t room,
		      enum expand *ret_state);
void expander__free(struct expander *e);	/* NULL is fine */

DEFINE_CLEANUP(expander, struct expander *, expander__free);
#define __free_expander __cleanup_with(expander)

#endif
