/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tests as data: what ran, what it rests on, and what came from the cache. */
#include "answers/objects.h"
#include "model/tests/tests.h"

/* --- one input --- */

/* Its first use, and the times at which the go commands looked at it. */
static const void *next_proof(struct answer *a, const void *data, const void *item)
{
	const struct test_input *i = data;

	if (!item)
		return &i->ts;
	if (item == &i->ts && i->seen_ts >= 0)
		return &i->seen_ts;
	return item == &i->seen_ts && i->changed ? &i->old_ts : NULL;
}

GET(is_unseen, struct test_input, b, test_input__is_unseen(a->of, o))
GET(mtime, struct test_input, i, o->seen_ts >= 0 ? o->mtime : 0)
GET(old_mtime, struct test_input, i, o->seen_ts >= 0 && o->changed ? o->old_mtime : 0)

OBJECT(test_input, struct test_input, "What a test's result rests on.",
	F_STRING("path",	MUST, path, "a file or folder"),
	F_BOOL("inside",	MUST, inside, "in the module's root"),
	F_BOOL("absent",	MUST, absent, "not there, whenever it was looked at"),
	F_BOOL("opened",	MUST, opened, "read, not only looked at"),
	F_BOOL("written",	MUST, written, "by the test or its children"),
	F_BOOL("by_child",	MUST, by_child, "a child of the test used it"),
	F_BOOL("before",	MUST, before, "used before the list of inputs began"),
	F_BOOL("too_new",	MUST, too_new, "so young that the result is not kept"),
	F_BOOL("changed",	MUST, changed, "since an earlier go command looked at it"),
	F_GET("unseen",		FIELD_BOOL, MUST, is_unseen, "go cannot know that the result depends on it"),
	F_GET("mtime",		FIELD_EPOCH, MAY, mtime, "as the go command saw it"),
	F_GET("old_mtime",	FIELD_EPOCH, MAY, old_mtime, "as the earlier one saw it"),
	SURE,
	F_TIME_LIST("proof",	MUST, next_proof, PROOF))

/* --- one run --- */

OBJECT(test_reason, struct test_reason, "Why a test ran; of several each may be it.",
	F_NAME("reason",	MUST, why, test_why__name, 0, TEST_WHY_CNT, "why it ran"),
	F_STRING("detail",	MAY, detail, "the flag, file, variable or package"),
	CONFIDENCE(MUST, confidence),
	PROOF_IN(MUST, proof))

NEXT(next_input, struct test_run, test_run__next(o, item))

OBJECT(test_run, struct test_run, "A run of a test binary.",
	F_ID("proc",		MUST, proc, "the test binary"),
	F_ID("go",		MUST, go, "proc of the go command"),
	F_STRING("dir",		MAY, dir, "of the package: where it ran"),
	F_STRING("package",	MAY, package, "its import path"),
	F_STRING("root",	MAY, root, "of the module"),
	F_TIME("log_ts",	MAY, log_ts, "when its list of inputs began; absent: the result is not kept"),
	F_ARRAY("reasons",	MUST, reasons, reason_cnt, test_reason, "why it ran"),
	F_LIST("inputs",	MUST, next_input, test_input, "what it used"),
	F_COUNT("omitted",	MUST, omitted, "further inputs"))

/* --- results from the cache --- */

GET(cached_is_sure, struct test_cached, u, test_cached__confidence(o))
NEXT(next_package, struct test_cached, test_cached__next(o, item))

OBJECT(cached_package, struct cached_package,
       "A package whose result came from the cache, as the result says.",
	F_STRING("path",	MUST, path, "the package"),
	SURE,
	PROOF_IN(MUST, proof))

OBJECT(test_cached, struct test_cached, "A go command that took results of tests from the cache.",
	F_ID("go",		MUST, go, "proc of the go command"),
	F_BOOL("all",		MUST, is_all, "it ended well, and no test binary ran"),
	CONFIDENCE_OF(MUST, cached_is_sure),
	PROOF_IN(MUST, proof),
	F_LIST("packages",	MUST, next_package, cached_package, "the packages"))

/* --- all --- */

NEXT(next_run, void, model__next_test(a->m, item))
NEXT(next_cached, void, model__next_cached_test(a->m, item))

OBJECT(tests, void, "Tests that ran, and results from the cache.",
	F_LIST("runs",		MUST, next_run, test_run, "test binaries that ran"),
	F_LIST("cached",	MUST, next_cached, test_cached, "go commands that took results from the cache"))

GET(tests, void, p, a)	/* the model is asked for all of it */

PUBLIC_OBJECT(tests_part, void, NULL,
	F_GET_OBJECT("tests",	MUST, tests, tests, "tests that ran, and results from the cache"))
