/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as GOFLAGS (the first line) and as the words of a go command. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "golang/flags.h"

#define MAX_ARGS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

static void use(const struct go_flags *f)
{
	for (size_t i = 0; i < f->cnt; i++)
		sink += strlen(f->flags[i].value) + strlen(f->flags[i].pattern ?: "") +
			strlen(f->flags[i].args ?: "") + f->flags[f->flags[i].by].word;
	for (size_t i = 0; i < f->arg_cnt; i++)
		sink += strlen(f->args[i]);
	for (size_t i = 0; i < f->rest_cnt; i++)
		sink += strlen(f->rest[i]);
	sink += go_flags__is_on(f, "-a") + strlen(f->chdir ?: "") + strlen(f->at_version ?: "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const int minors[] = { 0, 15, 19, 22, 27 };
	char *text = strndup((const char *)data, n), *rest = text, *word;
	const char *argv[MAX_ARGS] = { "go" };
	struct go_flags_facts facts = { .argv = argv, .argc = n ? 1 : 0 };	/* may be unknown */

	if (!text)
		return 0;
	facts.goflags = strsep(&rest, "\n");
	while (facts.argc < MAX_ARGS && (word = strsep(&rest, "\n")))
		argv[facts.argc++] = word;
	for (size_t i = 0; i < ARRAY_SIZE(minors); i++) {
		__free_go_flags struct go_flags f = {};

		facts.minor = minors[i];
		if (!go_flags__parse(&facts, &f))
			use(&f);
	}
	free(text);
	return 0;
}
