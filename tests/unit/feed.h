/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_TESTS_FEED_H
#define GOENVBPF_TESTS_FEED_H
/* Lines of a record, written in a test, as the model and the views get them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "record/reader.h"

typedef int (*feed_fn)(void *ctx, const struct rec *rec);

static inline void feed(const char *const *lines, size_t n, feed_fn add, void *ctx)
{
	for (size_t i = 0; i < n; i++) {
		struct jsonv *root = NULL;
		struct rec rec;

		if (rec__parse(NULL, lines[i], strlen(lines[i]), &rec, &root))
			fail_msg("line %zu of the test is no record line: %s", i, lines[i]);
		assert_int_equal(add(ctx, &rec), 0);
		jsonv__free(root);
	}
}

#define FEED(lines, add, ctx) feed(lines, ARRAY_SIZE(lines), add, ctx)

/* Pieces that many lines share */
#define GO_EXEC(ts, pid, proc, more)								\
	"{\"k\":\"exec\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc	\
	",\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"build\",\"./...\"],"		\
	"\"env\":{\"HOME\":\"/home/u\"},\"cwd\":\"/src/app/cmd\"" more "}"
#define OPEN(ts, pid, proc, path, more)								\
	"{\"k\":\"open\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc	\
	",\"path\":\"" path "\",\"flags\":[\"RDONLY\"]" more "}"
#define ENOENT_ ",\"err\":\"ENOENT\""
#define HEX64 "3f21ab04c6de00112233445566778899aabbccddeeff00112233445566778899"

#endif
