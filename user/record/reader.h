/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_READER_H
#define GOENVBPF_RECORD_READER_H
/*
 * A record being read, line by line, plain, gzip or zstd (told by its first bytes, not its name).
 *
 * Lifecycle: reader__open() → reader__next() until 0 → reader__is_cut() → reader__free().
 *
 * A file that ends anywhere behind its first line is readable: a half line or a cut compressed stream
 * at its end is not an error, everything before it is delivered. Lines that are not JSON objects in the middle are
 * skipped and counted (reader__bad_lines). Order: per thread as things happened; across threads
 * ts may step back by microseconds, and the lines of a process that was held back until its
 * program was known come together, later than their ts.
 */
#include <stdbool.h>
#include <stdint.h>

#include "record/kinds.h"
#include "util/json.h"

/* One line. Pointers are valid until the next reader__next(). */
struct rec {
	enum rec_kind kind;
	int64_t ts;		/* ns since the record's start; -1 when the line has none */
	uint32_t pid;
	uint32_t tid;
	uint64_t proc;		/* 0: none */
	const char *path, *err;	/* NULL: none; what almost every part of a model asks for */
	unsigned int flags;	/* enum rec_flag: what decides what a line means */
	const struct jsonv *root;
};

enum rec_flag {
	REC_FLAG_WRITE = 1 << 0,	/* WRONLY, RDWR, CREAT or TRUNC */
	REC_FLAG_DIRECTORY = 1 << 1,
	REC_FLAG_PATH = 1 << 2,		/* the descriptor only names the file */
	REC_FLAG_NOFOLLOW = 1 << 3,	/* a symbolic link itself was looked at */
	/* Neither done nor failed by the kernel: interrupted and to be made again, or answered for it. */
	REC_FLAG_NO_OUTCOME = 1 << 4,
};

struct reader;

/*
 * "-" is standard input. -errno of open(2); -EINVAL when it does not start like a record, -ENODATA
 * when nothing of it is there: it is empty, or ends within its first line; -EPROTONOSUPPORT.
 */
int reader__open(const char *path, struct reader **ret);
/* 1: *ret is the next line; 0: no more; negative errno: the file could not be read. */
int reader__next(struct reader *r, struct rec *ret);
/* After the end: no "end" line was seen, the record is cut short. */
bool reader__is_cut(const struct reader *r);
uint64_t reader__bad_lines(const struct reader *r);
uint64_t reader__line(const struct reader *r);	/* number of the current line, from 1 */
void reader__free(struct reader *r);

/*
 * Reads one line of text (a record's tap). The tree is in the arena until the next one; without an
 * arena (NULL) the caller frees *ret_root. -EINVAL: it is not a line of a record; -ENOMEM.
 */
int rec__parse(struct jsonv_arena *arena, const char *text, size_t n, struct rec *ret,
	       struct jsonv **ret_root);

/* Keys of the line */
static inline const char *rec__str(const struct rec *rec, const char *key)
{
	/* Decided by the compiler, since keys are constants: no search for the two that are at hand. */
	if (__builtin_constant_p(!strcmp(key, "path")) && !strcmp(key, "path"))
		return rec->path;
	if (__builtin_constant_p(!strcmp(key, "err")) && !strcmp(key, "err"))
		return rec->err;
	return jsonv__kstr(rec->root, key);
}

static inline int64_t rec__int(const struct rec *rec, const char *key, int64_t absent)
{
	return jsonv__kint(rec->root, key, absent);
}

/* Reads a number that may be above 2^53 and is then a string. */
uint64_t rec__uint(const struct rec *rec, const char *key, uint64_t absent);

DEFINE_CLEANUP(reader, struct reader *, reader__free);
#define __free_reader __cleanup_with(reader)

#endif
