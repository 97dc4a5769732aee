/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_PASS_H
#define GOENVBPF_RECORD_PASS_H
/*
 * One pass over a record, for everybody who wants its lines: a file is read once, a record that is
 * being written is parsed once, however many sinks there are.
 *
 * A sink is given each line in the record's order, and then the end, once. What a line points to is
 * valid during the call.
 *
 * Of a file: pass__file(). Of a record that is being written: pass__new() → pass__tap() as the
 * record's tap (record.h) → pass__finish() when the record is finished → pass__free(). The sinks
 * are called by a thread of the pass, never by the record's writer, which copies the lines and goes
 * on; it waits only when more than PASS_MAX_PENDING bytes are not worked off (a view on a terminal
 * that somebody stopped), and not at all for sinks that can be told of what they were not given.
 */
#include <stddef.h>
#include <stdint.h>

#include "record/reader.h"

#define PASS_MAX_PENDING (64u << 20)

struct pass_end {
	bool cut;		/* the record has no "end" line */
	uint64_t bad_lines;	/* that could not be read, and were skipped */
};

struct sink_of_lines {
	int (*line)(void *ctx, const struct rec *rec);			/* 0, or -errno: the pass stops */
	int (*end)(void *ctx, const struct pass_end *end);		/* NULL: not wanted */
	int (*idle)(void *ctx);	/* no more lines are there just now; NULL. Only of a tap */
	/* So many lines were left out; NULL: rather hold up the writer. Only of a tap, and if all have it */
	void (*skipped)(void *ctx, uint64_t lines);
	void *ctx;
};

/* 0; -errno of reading, of a sink; what reader__open() says when it is no record. */
int pass__file(const char *path, const struct sink_of_lines *sinks, size_t n);

struct pass;

/* The sinks are copied. NULL: out of memory. */
struct pass *pass__new(const struct sink_of_lines *sinks, size_t n);
/* Whole lines, newlines included; ctx is the pass. */
void pass__tap(void *ctx, const char *lines, size_t n);
/* First error of a sink as negative errno, 0 when all is well. From any thread. */
int pass__error(const struct pass *p);
/* All lines were given, the end too; ends the thread. -errno of the first failure. */
int pass__finish(struct pass *p);
void pass__free(struct pass *p);	/* ends the thread as well; NULL is fine */

DEFINE_CLEANUP(pass, struct pass *, pass__free);
#define __free_pass __cleanup_with(pass)

#endif
