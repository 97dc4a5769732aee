/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_TESTS_STORE_H
#define GOENVBPF_MODEL_TESTS_STORE_H
/* The inside of the tests topic: runs.c collects, reasons.c derives. */
#include "model/process.h"
#include "model/tests/tests.h"
#include "model/topic.h"
#include "util/hash.h"

struct input_entry {
	struct test_input i;
	UT_hash_handle hh;	/* by i.path, pooled */
};

struct run_entry {
	struct test_run t;
	struct input_entry *inputs;
	struct run_entry *next_of_go;
	UT_hash_handle hh;	/* by t.proc */
};

/* A process that is a test binary or comes from one. */
struct member {
	uint64_t proc;
	struct run_entry *run;
	bool is_child;
	UT_hash_handle hh;
};

/* A go test looks at a file: perhaps one that a test depends on. */
struct look {
	uint64_t go;
	int64_t ts, mtime;	/* mtime 0: it is not there */
	uint64_t size;
	const struct look *before;
};

struct looked {
	const char *path;	/* of the pool */
	const struct look *last;
	UT_hash_handle hh;
};

struct cached_entry {
	struct cached_package c;
	struct cached_entry *next;
};

struct go_test {
	uint64_t go;
	struct test_cached c;
	bool ended_well;
	struct run_entry *runs;
	struct cached_entry *cached, **tail;
	UT_hash_handle hh;
};

struct tests {
	struct run_entry *runs;
	struct member *members;
	struct looked *paths;
	struct go_test *gos;
	size_t look_cnt;
};

/* Sets what follows from all lines; 0 or -ENOMEM. */
int tests__finish(struct model *m);

#endif
