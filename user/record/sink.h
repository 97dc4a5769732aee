/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_SINK_H
#define GOENVBPF_RECORD_SINK_H
/*
 * Where a record's bytes go: a new private file or a descriptor, compressed or not.
 *
 * Lifecycle: sink__open() → sink__write()… with sink__flush() now and then → sink__finish() →
 * sink__close(). One thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/compress.h"
#include "record/outfile.h"
#include "record/record.h"

struct sink {
	int fd;			/* -1: nowhere */
	struct outfile file;	/* when it is one of our own choice */
	bool dirty;		/* the compressor holds bytes since the last flush */
	uint64_t bytes;		/* written */
	struct squeezer *squeezer;	/* NULL: plain */
};

/* Nothing is left behind when it fails. */
int sink__open(struct sink *s, const struct record_opts *opts);
int sink__write(struct sink *s, const char *data, size_t n);
/* What was written so far can be read from the file from now on. */
int sink__flush(struct sink *s);
/* Ends the compressed stream and gives the file its final name. Not after a failed write. */
int sink__finish(struct sink *s);
/* Removes the file, if we made it. sink__close() is still to come. */
void sink__discard(struct sink *s);
/* Closes, without losing what was written: a file that was not kept yet still gets its name. */
void sink__close(struct sink *s);

#endif
