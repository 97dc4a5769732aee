/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes, as what the privileged half of a run is sent: options of every type and a command. What
 * is taken is within its bounds, and says the same when it is written and read again.
 */
#include <assert.h>
#include <stdlib.h>

#include "util/request.h"

#define RING_MAX (256ULL << 20)

struct args {
	bool all, force;
	const char *tier, *name;
	struct texts tags, kinds;
	struct numbers pids;
	uint64_t ring;
};

static const struct option_row rows[] = {
	{ "all", OPT_FLAG(struct args, all), .one_of = 1, .help = "" },
	{ "t", OPT_WORD(struct args, tier, "auto, fexit"), .arg = "", .one_of = 1, .help = "" },
	{ "n", OPT_TEXT(struct args, name), .arg = "", .with = "all", .help = "" },
	{ "g", OPT_PAIRS(struct args, tags), .arg = "", .help = "" },
	{ "k", OPT_WORDS(struct args, kinds, "a, b"), .arg = "", .help = "" },
	{ "p", OPT_NUMBERS(struct args, pids, 1, 1 << 30), .arg = "", .help = "" },
	{ "r", OPT_SIZE(struct args, ring, 64 << 10, RING_MAX), .arg = "", .help = "" },
	{ "force", OPT_FLAG(struct args, force), .local = true, .help = "" },
	{}
};

static const struct option_group group = { .rows = rows };
static const struct option_group *const groups[] = { &group, NULL };

static void check(const struct args *a, const struct texts *words)
{
	__free_str struct str once = {}, twice = {}, why = {};
	struct texts again = {};
	struct args b = {};

	assert(!a->force && (!a->ring || (a->ring >= 64 << 10 && a->ring <= RING_MAX)));
	for (size_t i = 0; i < a->tags.cnt; i++)
		assert(strchr(a->tags.v[i], '=') > a->tags.v[i]);
	assert(!words->v[words->cnt]);
	assert(!request__encode(groups, a, words->v, &once));
	assert(!request__decode(groups, &b, once.s + REQUEST_HEAD, once.len - REQUEST_HEAD, &again, &why));
	assert(!request__encode(groups, &b, again.v, &twice));
	assert(once.len == twice.len && !memcmp(once.s, twice.s, once.len));
	options__free(groups, &b);
	free(again.v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ?: 1);	/* of its exact size, so that a read beyond it is seen */
	__free_str struct str why = {};
	struct texts words = {};
	struct args a = {};
	int err;

	memcpy(text, data, size);
	err = request__decode(groups, &a, text, size, &words, &why);
	assert(err ? why.len > 0 && !words.v : !!words.v);
	if (!err)
		check(&a, &words);
	options__free(groups, &a);
	free(words.v);
	free(text);
	return 0;
}
