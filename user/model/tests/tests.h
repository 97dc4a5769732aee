/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_TESTS_TESTS_H
#define GOENVBPF_MODEL_TESTS_TESTS_H
/*
 * Test binaries, why they ran, and what their results rest on. cmd/go keeps a result together with
 * the list of files that the test opened or looked at through package os, and checks those in the
 * module's root by their size and modification time before it uses the result again. So a result is
 * not kept when such a file is younger than 2 s, not found again when one has another time, and
 * found wrongly when the test depends on what is not on the list: what it read before the list
 * began, what its children read, what is outside the root.
 */
#include <stdbool.h>

#include "model/model.h"
#include "model/proof.h"

#define TEST_TOO_NEW_NS 2000000000LL	/* modTimeCutoff of cmd/go/internal/test */

struct test_input {
	const char *path;
	int64_t ts;		/* first use */
	bool inside;		/* in the root */
	bool absent;		/* whenever it was looked at */
	bool opened;		/* read, not only looked at */
	bool written;		/* by the test or its children */
	bool by_test, by_child;
	bool before;		/* used before the list began */
	/* as the go command saw it to keep or to find the result */
	int64_t seen_ts;	/* -1: it was not seen to look */
	int64_t mtime;		/* ns since the epoch */
	bool too_new;
	bool changed;		/* since another go command looked, at old_ts */
	int64_t old_mtime, old_ts;
};

/*
 * Why a test ran.
 *	count			-count is given
 *	flag			detail is a flag or argument under which results are not kept
 *	local-directory		go test without a package: results are neither used nor kept
 *	input-too-young		detail was modified less than 2 s before go looked
 *	input-changed		detail has another time or size than when go looked before
 *	variable-changed	detail, when known, is a variable that differs from an earlier run's
 *	new-binary		nothing is kept of this binary: what it is built from has changed; detail,
 *				when known, is a package that was made anew
 *	other-flags		an earlier run of this binary had other ones, which count
 *	failed-before		it did, and so its result was not kept
 *	not-kept		an input (detail) was too young for the earlier result to be kept
 *	expired			there is a result, from before "go clean -testcache"
 *	first-time		nothing is kept of this binary, for all that is known the first one
 */
#define TEST_WHY_LIST(X)				\
	X(COUNT,	"count")			\
	X(FLAG,		"flag")				\
	X(LOCAL,	"local-directory")		\
	X(TOO_NEW,	"input-too-young")		\
	X(INPUT,	"input-changed")		\
	X(VARIABLE,	"variable-changed")		\
	X(BINARY,	"new-binary")			\
	X(OTHER_FLAGS,	"other-flags")			\
	X(FAILED,	"failed-before")		\
	X(NOT_KEPT,	"not-kept")			\
	X(EXPIRED,	"expired")			\
	X(FIRST,	"first-time")

enum test_why {
#define X(id, name) TEST_WHY_##id,
	TEST_WHY_LIST(X)
#undef X
	TEST_WHY_CNT,
};

const char *test_why__name(enum test_why why);

struct test_reason {
	enum test_why why;
	const char *detail;	/* NULL: none, or not known */
	enum confidence confidence;
	struct proof proof;
};

#define TEST_MAX_REASONS 4

/* One run of a test binary */
struct test_run {
	uint64_t proc, go;
	const char *dir;	/* of the package: where it runs */
	const char *package;	/* its import path; NULL: not known */
	const char *root;	/* NULL unknown: then nothing is inside */
	int64_t log_ts;		/* when the list began; -1: there is none, so the result is not kept */
	/* Several: each of them may be it. None: it is not known. */
	struct test_reason reasons[TEST_MAX_REASONS];
	unsigned int reason_cnt;
	uint64_t inside, outside, missing, children, early;	/* inputs, by what they are */
	uint64_t too_new, changed, written;
	uint64_t omitted;
};

/* A go command with tests whose results came from the cache. */
struct test_cached {
	uint64_t go;
	bool is_all;		/* it ended well, and no test binary ran */
	struct proof proof;	/* what it looked at to find that they are still good, and its end */
};

/* One package of such a command, as its result says. */
struct cached_package {
	const char *path;
	struct proof proof;
};

/* In the order of the record: start with NULL. */
const struct test_run *model__next_test(const struct model *m, const struct test_run *t);
const struct test_input *test_run__next(const struct test_run *t, const struct test_input *i);

const struct test_cached *model__next_cached_test(const struct model *m, const struct test_cached *c);
const struct cached_package *test_cached__next(const struct test_cached *c,
					       const struct cached_package *p);
/* Likely where results were found, but not what they are of. */
enum confidence test_cached__confidence(const struct test_cached *c);

/* How the file was when a go test looked at it last; false: none did. mtime 0: it was not there. */
bool model__test_look(const struct model *m, const char *path, int64_t *ret_mtime, uint64_t *ret_size);

/* go cannot know that the result depends on it. */
bool test_input__is_unseen(const struct test_run *t, const struct test_input *i);

#endif
