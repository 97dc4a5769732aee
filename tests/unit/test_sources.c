/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hashes of what was built from: one line for each state of a file, and what there is without one. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "capture/sources.h"
#include "record/reader.h"
#include "util/clock.h"
#include "in_dir.h"

struct bench {
	struct record *record;
	struct sources *sources;
	struct opener *who;	/* we ourselves */
	struct str lines;
	uint64_t start;		/* boot clock */
};

static void keep_lines(void *ctx, const char *lines, size_t n)
{
	str__add(ctx, lines, n);
}

static void begin(struct bench *b, struct sources_opts opts)
{
	struct record_opts out = { .fd = -1, .tap = keep_lines };

	*b = (struct bench){ .start = clock__boot_ns() };
	out.tap_ctx = &b->lines;
	b->who = opener__new(getuid(), getgid(), "", 0);
	assert_non_null(b->who);
	assert_int_equal(record__create(&out, &b->record), 0);
	opts.record = b->record;
	opts.boot_ns = b->start;
	assert_int_equal(sources__new(&opts, &b->sources), 0);
}

/* Longer than clocks of files step, and than a state is not trusted to be the last one. */
static void pass_a_tick(void)
{
	usleep(50000);
}

static int ask_at(struct bench *b, const char *path, uint64_t ts, struct opener *who)
{
	struct look_at at = {
		.what = LOOK_SOURCE, .ts = ts, .pid = 7, .tid = 7, .proc = 3, .name.path = path,
		.who = who,
	};

	int err = sources__ask(b->sources, &at);

	sources__wake(b->sources);
	return err;
}

static void ask(struct bench *b, const char *name)
{
	pass_a_tick();
	assert_int_equal(ask_at(b, in_dir(name), clock__boot_ns() - b->start, b->who), 0);
	pass_a_tick();
}

/* Until there are n lines: who hashes is idle, and must be done before the file changes. */
static void wait_for(struct bench *b, uint64_t n)
{
	for (int i = 0; i < 1000 && record__count(b->record, REC_SOURCE) < n; i++)
		usleep(20000);
	assert_int_equal(record__count(b->record, REC_SOURCE), n);
}

static void add_line(struct str *got, const struct rec *rec)
{
	const char *hash = rec__str(rec, "sha256");

	assert_int_equal(rec->kind, REC_SOURCE);
	str__addf(got, "%s%s", got->len ? "; " : "", strrchr(rec->path, '/') + 1);
	if (hash)
		str__addf(got, " %.8s", hash);
	if (jsonv__get(rec->root, "incomplete"))
		str__addf(got, " (%s)", rec__str(rec, "error"));
}

static void expect(struct bench *b, const char *want)
{
	__free_str struct str got = {};
	const char *s, *end, *next;

	sources__finish(b->sources);
	assert_int_equal(record__finish(b->record), 0);
	end = b->lines.s ? b->lines.s + b->lines.len : NULL;
	for (s = b->lines.s; s < end; s = next + 1) {
		__free_jsonv struct jsonv *root = NULL;
		struct rec rec;

		next = memchr(s, '\n', end - s);
		assert_int_equal(rec__parse(NULL, s, next - s, &rec, &root), 0);
		add_line(&got, &rec);
	}
	assert_string_equal(got.s ?: "", want);
	sources__free(b->sources);
	opener__put(b->who);
	record__free(b->record);
	str__free(&b->lines);
}

#define A_ "ca978112"	/* of "a" */
#define B_ "3e23e816"	/* of "b" */

static void each_state_once(void **state)
{
	struct bench b;

	begin(&b, (struct sources_opts){});
	write_file("l.go", "a");
	ask(&b, "l.go");
	wait_for(&b, 1);
	ask(&b, "l.go");
	write_file("m.go", "a");
	ask(&b, "m.go");
	wait_for(&b, 2);	/* so the second one was worked off, too, and had no line */
	write_file("l.go", "b");
	ask(&b, "l.go");
	expect(&b, "l.go " A_ "; m.go " A_ "; l.go " B_);
	unlink(in_dir("m.go"));
}

/* A touch makes another state of the same content, told by the same hash. */
static void same_size_and_mtime(void **state)
{
	struct timespec times[2] = { { .tv_sec = 1577836800 }, { .tv_sec = 1577836800 } };
	struct bench b;

	begin(&b, (struct sources_opts){});
	write_file("l.go", "a");
	assert_int_equal(utimensat(AT_FDCWD, in_dir("l.go"), times, 0), 0);
	ask(&b, "l.go");
	wait_for(&b, 1);
	write_file("l.go", "b");
	assert_int_equal(utimensat(AT_FDCWD, in_dir("l.go"), times, 0), 0);
	ask(&b, "l.go");
	expect(&b, "l.go " A_ "; l.go " B_);
}

static void other_names_of_it(void **state)
{
	struct bench b;

	begin(&b, (struct sources_opts){});
	write_file("l.go", "a");
	assert_int_equal(link(in_dir("l.go"), in_dir("m.go")), 0);
	ask(&b, "l.go");
	ask(&b, "m.go");
	expect(&b, "l.go " A_ "; m.go " A_);
	unlink(in_dir("m.go"));
}

static void without_a_hash(void **state)
{
	static const char program[128] = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\4\0\0\0Go\0";
	struct bench b;
	int fd;

	begin(&b, (struct sources_opts){ .size_max = 1000 });
	ask(&b, "gone.go");
	wait_for(&b, 1);	/* two that wait are one */
	ask(&b, "gone.go");
	assert_int_equal(mkfifo(in_dir("pipe.go"), 0600), 0);
	ask(&b, "pipe.go");
	fd = open(in_dir("app"), O_WRONLY | O_CREAT | O_TRUNC, 0700);
	assert_int_equal(write(fd, program, sizeof(program)), sizeof(program));
	close(fd);
	ask(&b, "app");
	write_file("large.bin", "");
	assert_int_equal(truncate(in_dir("large.bin"), 1001), 0);
	ask(&b, "large.bin");
	ask(&b, "");	/* the folder */
	expect(&b, "gone.go (gone before it could be read); gone.go (gone before it could be read); "
		   "pipe.go (not a regular file); app (a Go program); large.bin (too large)");
}

/* What we find is not what they read. */
static void changed_after_it_was_opened(void **state)
{
	struct bench b;
	uint64_t ts;

	begin(&b, (struct sources_opts){});
	write_file("l.go", "a");
	pass_a_tick();
	ts = clock__boot_ns() - b.start;
	pass_a_tick();
	write_file("l.go", "b");
	pass_a_tick();
	assert_int_equal(ask_at(&b, in_dir("l.go"), ts, b.who), 0);
	wait_for(&b, 1);
	ask(&b, "l.go");
	expect(&b, "l.go " B_ " (changed after it was opened); l.go " B_);
}

static void by_somebody_else(void **state)
{
	struct identity owner = { .is_other = true, .uid = getuid() + 1, .gid = getgid() };
	struct bench b;

	begin(&b, (struct sources_opts){ .owner = &owner });
	write_file("l.go", "a");
	ask(&b, "l.go");
	expect(&b, "l.go (opened by another user's process)");
}

static void too_many(void **state)
{
	struct bench b;
	int i, err = 0;

	begin(&b, (struct sources_opts){ .queue_max = 1 });
	for (i = 0; i < 100000 && !err; i++)
		err = ask_at(&b, "/nowhere/l.go", clock__boot_ns() - b.start, b.who);
	assert_int_equal(err, -EAGAIN);
	sources__finish(b.sources);
	sources__free(b.sources);
	opener__put(b.who);
	record__finish(b.record);
	record__free(b.record);
	str__free(&b.lines);
}

/* No time at all: each has its line, and the end comes soon. */
static void no_time_left(void **state)
{
	struct bench b;
	uint64_t n = 0, began;

	begin(&b, (struct sources_opts){ .finish_ns = 1 });
	for (int i = 0; i < 1000; i++) {
		__free_str struct str path = {};

		str__addf(&path, "%s/f%d.go", dir, i);
		assert_int_equal(ask_at(&b, path.s, clock__boot_ns() - b.start, b.who), 0);
	}
	began = clock__boot_ns();
	sources__finish(b.sources);
	assert_true(clock__boot_ns() - began < 2 * NSEC_PER_SEC);
	assert_int_equal(record__finish(b.record), 0);
	for (size_t i = 0; i < b.lines.len; i++)
		n += b.lines.s[i] == '\n';
	assert_int_equal(n, 1000);
	sources__free(b.sources);
	opener__put(b.who);
	record__free(b.record);
	str__free(&b.lines);
}

static int make_dir(void **state)
{
	return !mkdtemp(dir);
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "l.go", "m.go", "pipe.go", "app", "large.bin" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_once),
		cmocka_unit_test(same_size_and_mtime),
		cmocka_unit_test(other_names_of_it),
		cmocka_unit_test(without_a_hash),
		cmocka_unit_test(changed_after_it_was_opened),
		cmocka_unit_test(by_somebody_else),
		cmocka_unit_test(too_many),
		cmocka_unit_test(no_time_left),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
