/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a line says; and a pass that gives lines to several, from a file and from a tap. */
#include "feed.h"

#include <errno.h>
#include <unistd.h>

#include "record/facts.h"
#include "record/pass.h"

#define OPENS(flags, more) "{\"k\":\"open\",\"ts\":1,\"path\":\"/a\",\"flags\":[" flags "]" more "}"

struct want {
	const char *line;
	bool to_write, to_read, reads, changes;
};

static void test_opens(void **state)
{
	static const struct want wants[] = {
		{ OPENS("\"RDONLY\",\"CLOEXEC\"", ""),			false, true,  true,  false },
		{ OPENS("\"RDONLY\"", ",\"err\":\"ENOENT\""),		false, true,  false, false },
		{ OPENS("\"RDONLY\",\"DIRECTORY\"", ""),		false, true,  false, false },
		{ OPENS("\"RDONLY\",\"PATH\"", ""),			false, false, false, false },
		{ OPENS("\"WRONLY\"", ""),				true,  false, false, true },
		{ OPENS("\"RDWR\"", ""),				true,  false, false, true },
		{ OPENS("\"RDONLY\",\"CREAT\"", ""),			true,  false, false, true },
		{ OPENS("\"RDONLY\",\"TRUNC\"", ""),			true,  false, false, true },
		{ OPENS("\"WRONLY\",\"CREAT\"", ",\"err\":\"EACCES\""),	true,  false, false, false },
		{ "{\"k\":\"rename\",\"ts\":1,\"path\":\"/a\"}",	false, false, false, true },
		{ "{\"k\":\"chdir\",\"ts\":1,\"path\":\"/a\"}",		false, false, false, false },
		{ "{\"k\":\"stat\",\"ts\":1,\"path\":\"/a\"}",		false, false, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wants); i++) {
		__free_jsonv struct jsonv *root = NULL;
		struct rec rec;

		assert_int_equal(rec__parse(NULL, wants[i].line, strlen(wants[i].line), &rec, &root), 0);
		if (rec__opens_to_write(&rec) != wants[i].to_write ||
		    rec__opens_to_read(&rec) != wants[i].to_read ||
		    rec__reads_file(&rec) != wants[i].reads || rec__changes_path(&rec) != wants[i].changes)
			fail_msg("%s", wants[i].line);
	}
}

static void test_time(void **state)
{
	assert_int_equal(rfc3339__ns("1970-01-01T00:00:01Z"), 1000000000);
	assert_int_equal(rfc3339__ns("1970-01-01T00:00:01.250000001Z"), 1250000001);
	assert_int_equal(rfc3339__ns("1970-01-01T02:00:00+02:00"), 0);
	assert_int_equal(rfc3339__ns("1970-01-01T01:00:00-00:30"), 5400000000000);
	assert_int_equal(rfc3339__ns("yesterday"), 0);
	assert_int_equal(rfc3339__ns(NULL), 0);
}

struct counter {
	unsigned int lines, ends;
	uint64_t bad;
	bool cut;
	int fail_at;		/* this line; 0: none */
};

static int count_line(void *ctx, const struct rec *rec)
{
	struct counter *c = ctx;

	return (int)++c->lines == c->fail_at ? -ENOSPC : 0;
}

static int count_end(void *ctx, const struct pass_end *end)
{
	struct counter *c = ctx;

	c->ends++;
	c->cut = end->cut;
	c->bad = end->bad_lines;
	return 0;
}

#define COUNTER(c) { .line = count_line, .end = count_end, .ctx = c }

static const char head[] = "{\"k\":\"header\",\"schema\":\"goenvbpf/1\"}\n";

static void test_pass_of_file(void **state)
{
	char path[] = "/tmp/goenvbpf-pass.XXXXXX";
	struct counter a = {}, b = {}, c = { .fail_at = 2 };
	const struct sink_of_lines sinks[] = { COUNTER(&a), COUNTER(&b) }, failing = COUNTER(&c);
	FILE *f = fdopen(mkstemp(path), "w");

	assert_non_null(f);
	fprintf(f, "%snonsense\n{\"k\":\"fork\",\"ts\":1}\n{\"k\":\"end\",\"ts\":2}\n", head);
	fclose(f);
	assert_int_equal(pass__file(path, sinks, 2), 0);
	assert_int_equal(pass__file(path, &failing, 1), -ENOSPC);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(a.lines, 3);
	assert_int_equal(b.lines, 3);
	assert_int_equal(a.ends, 1);
	assert_int_equal(a.bad, 1);
	assert_false(a.cut);
	assert_int_equal(c.ends, 0);
	assert_int_equal(pass__file("/nonexistent", sinks, 2), -ENOENT);
}

static void test_tap(void **state)
{
	struct counter a = {}, b = {}, c = { .fail_at = 2 };
	const struct sink_of_lines sinks[] = { COUNTER(&a), COUNTER(&b) }, failing = COUNTER(&c);
	__free_pass struct pass *p = pass__new(sinks, 2), *q = pass__new(&failing, 1);
	static const char more[] = "{\"k\":\"fork\",\"ts\":1}\n{\"k\":\"fork\",\"ts\":2}\n";

	assert_non_null(p);
	assert_non_null(q);
	pass__tap(p, head, sizeof(head) - 1);
	for (int i = 0; i < 1000; i++)
		pass__tap(p, more, sizeof(more) - 1);
	assert_int_equal(pass__finish(p), 0);
	assert_int_equal(a.lines, 2001);
	assert_int_equal(b.lines, 2001);
	assert_int_equal(a.ends, 1);
	assert_true(a.cut);
	pass__tap(q, head, sizeof(head) - 1);
	pass__tap(q, more, sizeof(more) - 1);
	assert_int_equal(pass__finish(q), -ENOSPC);
	assert_int_equal(c.lines, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_pass_of_file),
		cmocka_unit_test(test_tap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
