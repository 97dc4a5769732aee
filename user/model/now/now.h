/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_NOW_NOW_H
#define GOENVBPF_MODEL_NOW_NOW_H
/*
 * What is going on now, of a record that is being written: what views show that last for days.
 *
 * Lifecycle: now__new() → now__add() of each line → questions, at any time → now__free(). As a sink
 * of a pass its lines come from a thread of that pass: whoever asks holds now__lock() from the first
 * question to the last use of an answer.
 *
 * Memory is bounded: what ended is forgotten but for the last commands and misses. The answers are
 * the model's, asked while it grows; nothing is counted that the model tells otherwise.
 */
#include "model/process.h"
#include "golang/gocache.h"

#define NOW_MAX_COMMANDS	128	/* running ones are the last to be forgotten */
#define NOW_MAX_MISSES		256
#define NOW_TEXT_SZ		256	/* of a longer text: the beginning of a command, the end of a path */

struct now;

/* Since the start. */
struct now_counts {
	uint64_t commands, running, failed;	/* go commands: all, that run, that ended and not well */
	uint64_t hits, misses;		/* look-ups in the build cache: model__is_lookup() */
	uint64_t compiled;		/* packages: compilers that were started */
	uint64_t compiling;		/* that run */
	uint64_t absent;		/* other failed look-ups: configuration, the module cache */
	uint64_t lost;			/* run__lost() */
	uint64_t skipped;		/* lines of the record that are not in all this: too many, too fast */
};

/* A go command. */
struct now_command {
	uint64_t proc;
	uint32_t pid;
	enum process_end end;
	int status;
	int64_t start, finish;		/* as of a process */
	uint64_t hits, misses, compiled;
	char text[NOW_TEXT_SZ];		/* foreign bytes: the command line */
};

/* It ended, and not well. */
bool now_command__has_failed(const struct now_command *c);

/* A look-up that did not succeed; the same one again and again is one. */
struct now_miss {
	uint64_t number;		/* from 1, the order of arrival */
	uint64_t proc;			/* who looked, or goes on with what was missed */
	uint32_t pid;
	int64_t ts;
	uint64_t times;
	bool is_entry;			/* of the build cache */
	bool is_made;			/* its compiler or linker was started, and tells the package: */
	uint64_t tool;			/* proc; 0 */
	int64_t took;			/* ns; -1: it runs */
	uint8_t action[GOCACHE_PREFIX_LEN / 2];	/* of an entry: the beginning of its ID */
	char err[16];
	char what[NOW_TEXT_SZ];		/* foreign bytes: path or, once it is made, package */
};

struct now *now__new(void);		/* NULL: out of memory */
int now__add(struct now *n, const struct rec *rec);	/* 0 or -ENOMEM */
void now__free(struct now *n);		/* NULL is fine */
struct sink_of_lines now__sink(struct now *n);

void now__lock(struct now *n);
void now__unlock(struct now *n);

/* The model, of MODEL_CORE, which knows what has not ended or ended just now. */
const struct model *now__model(const struct now *n);
void now__counts(const struct now *n, struct now_counts *ret);
/* ns of the record's time at which that is on the boot clock; that of the last line when it is not known. */
int64_t now__time(const struct now *n, uint64_t boot_ns);

/* The last ones, the last one first: from NULL to NULL. */
const struct now_command *now__next_command(const struct now *n, const struct now_command *c);
const struct now_miss *now__next_miss(const struct now *n, const struct now_miss *miss);
/* Tools of go's that are at work, in the order of their start: from NULL to NULL. */
const struct process *now__next_tool(const struct now *n, const struct process *p);

DEFINE_CLEANUP(now, struct now *, now__free);
#define __free_now __cleanup_with(now)

#endif
