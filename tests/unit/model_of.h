/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_TESTS_MODEL_OF_H
#define GOENVBPF_TESTS_MODEL_OF_H
/* A model made of a test's lines, and the lines that tests of its parts share. */
#include "feed.h"

#include "model/model.h"

static inline int model_of_add(void *ctx, const struct rec *rec)
{
	return model__add(ctx, rec);
}

static inline void model_of_end(struct model *m)
{
	assert_int_equal(model__finish(m, &(struct pass_end){}), 0);
}

static inline struct model *model_of(const char *const *lines, size_t n, const char *const *more,
				     size_t more_n)
{
	struct model *m = model__new(MODEL_ALL);

	assert_non_null(m);
	feed(lines, n, model_of_add, m);
	feed(more, more_n, model_of_add, m);
	model_of_end(m);
	return m;
}

#define MODEL_OF(lines) model_of(lines, ARRAY_SIZE(lines), NULL, 0)
/* The same record, going on with more lines. */
#define MODEL_OF_BOTH(lines, more) model_of(lines, ARRAY_SIZE(lines), more, ARRAY_SIZE(more))

#define LINE(kind, ts, pid, proc, more)								\
	"{\"k\":\"" kind "\",\"ts\":" #ts ",\"pid\":" #pid ",\"tid\":" #pid ",\"proc\":" #proc "," more "}"
#define STAT_FILE(ts, pid, proc, path) LINE("stat", ts, pid, proc, "\"path\":\"" path "\",\"type\":\"file\",\"size\":1")
#define STAT_NONE(ts, pid, proc, path) LINE("stat", ts, pid, proc, "\"path\":\"" path "\",\"err\":\"ENOENT\"")
#define EXIT(ts, pid, proc, code) LINE("exit", ts, pid, proc, "\"code\":" #code)
#define COMPLETE "{\"k\":\"end\",\"ts\":999999,\"complete\":true,\"lost\":{}}"
#define APP_EXEC(ts, pid, proc, more)								\
	LINE("exec", ts, pid, proc, "\"exe\":\"/opt/app\",\"dev\":\"1:2\",\"ino\":7,\"args\":[\"app\"],\"cwd\":\"/work\"" more)
#define APP_INFO(ts, pid, proc, more)								\
	LINE("buildinfo", ts, pid, proc, "\"exe\":\"/opt/app\",\"dev\":\"1:2\",\"ino\":7,\"go\":\"go1.22.1\",\"path\":\"example.org/app\"" more)

#endif
