/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is going on now, and the line and the page that show it. */
#include "model_of.h"

#include "model/now/now.h"
#include "output/status.h"
#include "output/top_page.h"

#define SEC 1000000000ULL
#define ENTRY(hex) "/home/u/.cache/go-build/3f/" hex "-a"
#define HEX_A "d5ffc6fb9ea3e0d13c9cc6d3b49dd2de08ffcd8b7c10c8d7f5c15c5d9a1c27a2"
/* base64url of the first 15 bytes of HEX_A */
#define ID_A "1f_G-56j4NE8nMbTtJ3S"

#define HEADER(boot) "{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"boot_ns\":" boot ",\"mode\":\"watch\"}"
#define COMPILE_EXEC(ts, pid, proc, package, id)						\
	LINE("exec", ts, pid, proc, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\","	\
	     "\"args\":[\"compile\",\"-p\",\"" package "\",\"-buildid\",\"" id "/" id "\",\"a.go\"]")
#define PROBE_EXEC(ts, pid, proc)								\
	LINE("exec", ts, pid, proc, "\"parent\":1,\"exe\":\"/usr/lib/go/pkg/tool/linux_amd64/compile\","	\
	     "\"args\":[\"compile\",\"-V=full\"]")
#define GO_AT(ts, pid, proc) GO_EXEC(ts, pid, proc, "")

static int add(void *ctx, const struct rec *rec)
{
	return now__add(ctx, rec);
}

static struct now *now_of(const char *const *lines, size_t n)
{
	struct now *now = now__new();

	assert_non_null(now);
	feed(lines, n, add, now);
	return now;
}

#define NOW_OF(lines) now_of(lines, ARRAY_SIZE(lines))

static const char *const build[] = {
	HEADER("5000000000"),
	GO_AT(1000000000, 5, 1),
	PROBE_EXEC(1100000000, 6, 2),
	EXIT(1150000000, 6, 2, 0),
	OPEN(1200000000, 5, 1, ENTRY(HEX_A), ENOENT_),
	OPEN(1300000000, 5, 1, ENTRY(HEX64), ""),
	OPEN(1400000000, 5, 1, "/src/app/go.mod", ENOENT_),
	OPEN(1410000000, 5, 1, "/src/app/go.mod", ENOENT_),
	OPEN(1420000000, 5, 1, "/usr/share/none", ENOENT_),
	COMPILE_EXEC(1500000000, 7, 3, "example.org/a", ID_A),
};

static struct now_counts counts_of(const struct now *now)
{
	struct now_counts c;

	now__counts(now, &c);
	return c;
}

static void test_counts(void **state)
{
	__free_now struct now *now = NOW_OF(build);
	struct now_counts c = counts_of(now);

	assert_int_equal(c.commands, 1);
	assert_int_equal(c.running, 1);
	assert_int_equal(c.failed, 0);
	assert_int_equal(c.hits, 1);
	assert_int_equal(c.misses, 1);
	assert_int_equal(c.compiled, 1);	/* the probe compiles nothing */
	assert_int_equal(c.compiling, 1);
	assert_int_equal(c.absent, 2);
	assert_int_equal(c.lost, 0);
}

static void test_time(void **state)
{
	__free_now struct now *now = NOW_OF(build), *none = now__new();

	assert_int_equal(now__time(now, 12 * SEC), 7 * SEC);
	assert_int_equal(now__time(none, 12 * SEC), 0);
}

static void test_miss_gets_its_name(void **state)
{
	static const char *const end[] = { EXIT(1900000000, 7, 3, 0) };
	__free_now struct now *now = NOW_OF(build);
	const struct now_miss *path = now__next_miss(now, NULL), *entry = now__next_miss(now, path);

	assert_string_equal(path->what, "/src/app/go.mod");
	assert_int_equal(path->times, 2);
	assert_false(path->is_entry);
	assert_true(entry->is_entry && entry->is_made);
	assert_string_equal(entry->what, "example.org/a");
	assert_int_equal(entry->took, -1);
	assert_null(now__next_miss(now, entry));
	FEED(end, add, now);
	assert_int_equal(entry->took, 400000000);
	assert_null(now__next_tool(now, NULL));
	assert_int_equal(counts_of(now).compiling, 0);
}

static void test_ends(void **state)
{
	static const char *const end[] = {
		GO_AT(2000000000, 8, 4),
		EXIT(2500000000, 8, 4, 0),
		EXIT(3000000000, 5, 1, 2),
		"{\"k\":\"lost\",\"ts\":3100000000,\"what\":\"file\",\"count\":12}",
	};
	__free_now struct now *now = NOW_OF(build);
	const struct now_command *c;
	struct now_counts counts;

	FEED(end, add, now);
	counts = counts_of(now);
	assert_int_equal(counts.commands, 2);
	assert_int_equal(counts.running, 0);
	assert_int_equal(counts.failed, 1);
	assert_int_equal(counts.lost, 12);
	c = now__next_command(now, NULL);
	assert_int_equal(c->proc, 4);
	assert_int_equal(c->end, PROCESS_EXITED);
	c = now__next_command(now, c);
	assert_true(now_command__has_failed(c));
	assert_int_equal(c->finish - c->start, 2 * SEC);
	assert_int_equal(c->hits, 1);
	assert_int_equal(c->misses, 1);
	assert_int_equal(c->compiled, 1);
	assert_string_equal(c->text, "go build ./...");
	assert_null(now__next_command(now, c));
}

/* What is looked at later may turn out to be go. */
static void test_is_known_later(void **state)
{
	static const char *const lines[] = {
		LINE("exec", 1, 5, 1, "\"exe\":\"/opt/tool\",\"args\":[\"tool\",\"build\"]"),
		LINE("buildinfo", 2, 5, 1, "\"exe\":\"/opt/tool\",\"go\":\"go1.22.1\",\"path\":\"cmd/go\""),
	};
	__free_now struct now *now = now_of(lines, 1);

	assert_int_equal(counts_of(now).commands, 0);
	feed(lines + 1, 1, add, now);
	assert_int_equal(counts_of(now).commands, 1);
	assert_string_equal(now__next_command(now, NULL)->text, "tool build");
}

/* Go that hands over to another one in the same process. */
static void test_handed_on(void **state)
{
	static const char *const lines[] = {
		GO_AT(1000, 5, 1),
		GO_EXEC(2000, 5, 2, ",\"prev\":1"),
	};
	__free_now struct now *now = NOW_OF(lines);
	const struct now_command *c = now__next_command(now, NULL);

	assert_int_equal(c->end, PROCESS_RUNS);
	assert_int_equal(now__next_command(now, c)->end, PROCESS_REPLACED);
	assert_int_equal(counts_of(now).running, 1);
	assert_int_equal(counts_of(now).failed, 0);
}

/* More lines than can be worked off are left out and told; the writer does not wait. */
static void test_skipped(void **state)
{
	static const char line[] = "{\"k\":\"stat\",\"ts\":1,\"pid\":5,\"tid\":5,\"proc\":1,\"path\":\"/x\"}\n";
	__free_now struct now *now = now__new();
	struct sink_of_lines sink = now__sink(now);
	__free_pass struct pass *pass = pass__new(&sink, 1);
	__free_str struct str block = {}, said = {};
	struct now_counts c;
	uint64_t given = 0;

	while (block.len + sizeof(line) < PASS_MAX_PENDING / 2)
		str__adds(&block, line);
	now__lock(now);		/* its thread stands still */
	for (int i = 0; i < 8; i++, given += block.len / (sizeof(line) - 1))
		pass__tap(pass, block.s, block.len);
	now__unlock(now);
	assert_int_equal(pass__finish(pass), 0);
	c = counts_of(now);
	assert_true(c.skipped >= given / 2 && c.skipped < given);
	status__lost(&said, &c);
	assert_non_null(strstr(said.s, " lines not shown"));
}

/* Many commands and misses: the last ones are kept, running ones before all; all are counted. */
static void test_bounded(void **state)
{
	__free_now struct now *now = now__new();
	const struct now_command *c;
	const struct now_miss *m;
	size_t n = 0, running = 0;
	char text[512];
	const char *line = text;

	for (int i = 1; i <= 10000; i++) {
		snprintf(text, sizeof(text), "{\"k\":\"exec\",\"ts\":%d000000000,\"pid\":%d,\"tid\":%d,\"proc\":%d,"
			 "\"exe\":\"/usr/lib/go/bin/go\",\"args\":[\"go\",\"vet\"]}", i, i, i, i);
		feed(&line, 1, add, now);
		snprintf(text, sizeof(text), "{\"k\":\"open\",\"ts\":%d000000001,\"pid\":%d,\"tid\":%d,\"proc\":%d,"
			 "\"path\":\"/w/%d/go.mod\",\"flags\":[\"RDONLY\"],\"err\":\"ENOENT\"}", i, i, i, i, i);
		feed(&line, 1, add, now);
		if (i == 1)
			continue;
		snprintf(text, sizeof(text), "{\"k\":\"exit\",\"ts\":%d000000002,\"pid\":%d,\"tid\":%d,\"proc\":%d,"
			 "\"code\":0}", i, i, i, i);
		feed(&line, 1, add, now);
	}
	for (c = now__next_command(now, NULL); c; c = now__next_command(now, c), n++)
		running += c->end == PROCESS_RUNS;
	assert_int_equal(n, NOW_MAX_COMMANDS);
	assert_int_equal(running, 1);
	assert_int_equal(now__next_command(now, NULL)->proc, 10000);
	for (n = 0, m = now__next_miss(now, NULL); m; m = now__next_miss(now, m))
		n++;
	assert_int_equal(n, NOW_MAX_MISSES);
	assert_string_equal(now__next_miss(now, NULL)->what, "/w/10000/go.mod");
	assert_int_equal(counts_of(now).commands, 10000);
	assert_int_equal(counts_of(now).absent, 10000);
	assert_int_equal(counts_of(now).running, 1);
}

/* --- what is shown --- */

static void test_status_line(void **state)
{
	__free_now struct now *now = NOW_OF(build);
	__free_str struct str line = {};

	status__line(now, 67 * SEC, 200, &line);
	assert_string_equal(line.s, "1:02 | 1 go command, 1 running | 1 hit, 1 miss | nothing lost | "
				    "compiling example.org/a");
	str__cut(&line, 0);
	status__line(now, 67 * SEC, 20, &line);
	assert_string_equal(line.s, "1:02 | 1 go command,");
}

/* A line that has to be erased takes as many columns as it has bytes. */
static void test_status_line_is_plain(void **state)
{
	static const char *const lines[] = {
		GO_AT(1000, 5, 1),
		COMPILE_EXEC(2000, 7, 3, "\\u001b[2J\\u65e5\\n", ID_A),
	};
	__free_now struct now *now = NOW_OF(lines);
	__free_str struct str line = {};

	status__line(now, 0, 200, &line);
	assert_non_null(strstr(line.s, "compiling ?[2J??"));
	for (size_t i = 0; i < line.len; i++)
		assert_true(line.s[i] >= ' ' && line.s[i] <= '~');
}

static const char *page_text(struct str *all, const struct now *now, const struct top_choice *choice, size_t rows,
			     size_t columns)
{
	struct top_page page = {};

	assert_int_equal(top_page__make(&page, now, 8 * SEC, choice, rows, columns), 0);
	assert_true(page.cnt <= rows);
	str__cut(all, 0);
	for (size_t i = 0; i < page.cnt; i++) {
		str__adds(all, page.text[i].s ?: "");
		str__addc(all, '\n');
	}
	top_page__free(&page);
	return all->s;
}

static void test_page(void **state)
{
	static const char *const end[] = { GO_AT(2000000000, 8, 4), EXIT(2500000000, 8, 4, 3) };
	__free_now struct now *now = NOW_OF(build);
	struct top_choice choice = {};
	__free_str struct str all = {};
	const char *text;

	FEED(end, add, now);
	text = page_text(&all, now, &choice, 22, 80);
	assert_non_null(strstr(text, "goenvbpf  0:03  2 go commands, 1 running, 1 failed  nothing lost\n"));
	assert_non_null(strstr(text, "build cache: 1 hit, 1 miss; 1 package compiled; 2 failed look-ups\n"));
	assert_non_null(strstr(text, "      8      500 ms  exit 3         0      0      0  go build ./...\n"
				     "      5      2.00 s  running        1      1      1  go build ./...\n"));
	assert_non_null(strstr(text, "      7      1.50 s  compile   example.org/a\n"));
	assert_non_null(strstr(text, "miss      in the making example.org/a\n"));
	assert_non_null(strstr(text, "ENOENT    2 times"));
	assert_non_null(strstr(page_text(&all, now, &choice, 22, 64), "  go build .…\n"));
	choice.shown = TOP_SHOWN_FAILED;
	assert_null(strstr(page_text(&all, now, &choice, 22, 80), "running        1"));
	choice = (struct top_choice){ .missed = TOP_MISSED_CACHE, .filter = "example.org" };
	text = page_text(&all, now, &choice, 22, 80);
	assert_null(strstr(text, "ENOENT"));
	assert_null(strstr(text, "./..."));
	assert_non_null(strstr(text, "in the making example.org/a"));
}

/* Names of the observed side neither move the cursor nor make rows longer. */
static void test_page_is_safe(void **state)
{
	static const char *const lines[] = {
		GO_AT(1000, 5, 1),
		COMPILE_EXEC(2000, 7, 3, "\\u001b]0;title\\u0007", ID_A),
		OPEN(3000, 5, 1, "/a\\u001b[31m\\r\\n/go.mod", ENOENT_),
	};
	__free_now struct now *now = NOW_OF(lines);
	struct top_choice choice = {};
	__free_str struct str all = {};
	const char *text = page_text(&all, now, &choice, 22, 80);

	assert_non_null(strstr(text, "\\x1b]0;title\\x07"));
	assert_non_null(strstr(text, "\\x1b[31m\\x0d\\n/go.mod"));
	for (size_t i = 0; i < all.len; i++)
		assert_true(text[i] == '\n' || (unsigned char)text[i] >= ' ');
}

static void test_page_of_any_size(void **state)
{
	__free_now struct now *now = NOW_OF(build);
	struct top_choice choice = {};

	for (size_t rows = 0; rows < 300; rows += rows < 12 ? 1 : 50)
		for (size_t columns = 0; columns < 500; columns += columns < 12 ? 1 : 90) {
			struct top_page page = {};

			assert_int_equal(top_page__make(&page, now, 8 * SEC, &choice, rows, columns), 0);
			assert_true(page.cnt <= TOP_MAX_ROWS);
			top_page__free(&page);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_miss_gets_its_name),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_is_known_later),
		cmocka_unit_test(test_handed_on),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_status_line),
		cmocka_unit_test(test_status_line_is_plain),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_is_safe),
		cmocka_unit_test(test_page_of_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
