/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writing records: creation rules, what a crash leaves, errors, order, several threads. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "record/reader.h"
#include "record/record.h"

static char dir[] = "/tmp/goenvbpf-record-XXXXXX";
static char path[64], gz_path[64], zst_path[64], other[64];

static struct record_opts opts_for(const char *p)
{
	return (struct record_opts){ .path = p, .fd = -1 };
}

static void put_header(struct record *r)
{
	struct line l = {};

	line__begin_plain(&l, REC_HEADER);
	line__str(&l, "schema", "goenvbpf/1");
	assert_int_equal(line__end(&l), 0);
	record__put(r, &l);
	line__free(&l);
}

static void put_open(struct record *r, struct line *l, uint64_t ts, uint32_t tid)
{
	line__begin(l, REC_OPEN, ts, 1, tid, 1);
	line__bytes(l, "path", "/x", 2);
	assert_int_equal(line__end(l), 0);
	record__put(r, l);
}

/* Reads p: lines of kind open, whose ts must count up per thread. */
static int count_opens(const char *p, uint32_t tid_cnt, bool *ret_cut)
{
	__free_reader struct reader *r = NULL;
	int64_t last[8] = {};
	struct rec rec;
	int n = 0, err;

	assert_int_equal(reader__open(p, &r), 0);
	while ((err = reader__next(r, &rec)) == 1) {
		if (rec.kind != REC_OPEN)
			continue;
		n++;
		assert_true(rec.tid && rec.tid <= tid_cnt);
		assert_int_equal(rec.ts, last[rec.tid - 1] + 1);
		last[rec.tid - 1] = rec.ts;
	}
	assert_int_equal(err, 0);
	assert_int_equal(reader__bad_lines(r), 0);
	*ret_cut = reader__is_cut(r);
	return n;
}

/* The file has as many lines by now; it may not even begin yet. */
static bool has_opens(const char *p, int cnt)
{
	__free_reader struct reader *r = NULL;
	struct rec rec;

	if (reader__open(p, &r))
		return false;
	while (cnt > 0 && reader__next(r, &rec) == 1)
		cnt -= rec.kind == REC_OPEN;
	return cnt <= 0;
}

static void clean(void)
{
	unlink(path);
	unlink(gz_path);
	unlink(zst_path);
	unlink(other);
}

static void test_write_and_read(void **state)
{
	const char *const paths[] = { path, gz_path, zst_path };
	struct record_opts opts;
	struct line l = {};
	struct stat st;
	size_t i;
	bool cut;
	int n;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		__free_record struct record *r = NULL;

		opts = opts_for(paths[i]);
		assert_int_equal(record__create(&opts, &r), 0);
		put_header(r);
		for (n = 1; n <= 50000; n++)
			put_open(r, &l, n, 1);
		assert_int_equal(record__count(r, REC_OPEN), 50000);
		assert_int_equal(record__finish(r), 0);
		assert_int_equal(record__finish(r), 0);
		assert_int_equal(count_opens(paths[i], 1, &cut), 50000);
		assert_int_equal(stat(paths[i], &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_size, record__bytes(r));
	}
	line__free(&l);
}

static void test_existing_and_symlink(void **state)
{
	struct record_opts opts = opts_for(path);
	struct record *r = NULL;
	struct stat st;

	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0644)), 0);
	assert_int_equal(record__create(&opts, &r), -EEXIST);
	unlink(path);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(record__create(&opts, &r), -EEXIST);
	opts.force = true;
	assert_int_equal(record__create(&opts, &r), 0);
	put_header(r);
	assert_int_equal(record__finish(r), 0);
	record__free(r);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));	/* the link was replaced, not followed */
	assert_int_equal(access(other, F_OK), -1);
	opts = opts_for("/nonexistent/dir/x.jsonl");
	assert_int_equal(record__create(&opts, &r), -ENOENT);
}

static int entries(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void test_force_replaces_at_finish(void **state)
{
	struct record_opts opts = opts_for(path);
	__free_record struct record *r = NULL;
	struct line l = {};
	char before[4] = "";
	bool cut;
	int fd;

	fd = open(path, O_CREAT | O_RDWR, 0644);
	assert_int_equal(write(fd, "old", 3), 3);
	opts.force = true;
	assert_int_equal(record__create(&opts, &r), 0);
	put_header(r);
	put_open(r, &l, 1, 1);
	line__free(&l);
	assert_int_equal(entries(), 2);
	assert_int_equal(pread(fd, before, 3, 0), 3);
	assert_string_equal(before, "old");
	assert_int_equal(record__finish(r), 0);
	assert_int_equal(count_opens(path, 1, &cut), 1);
	assert_int_equal(entries(), 1);
	close(fd);
}

static void wait_for_error(struct record *r, int err)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < 5000 && !record__error(r); i++)
		nanosleep(&ms, NULL);
	assert_int_equal(record__error(r), err);
}

/* More than may be pending: a putter that waits for a dead writer would hang here. */
static void fill(struct record *r)
{
	struct line l = {};
	int i;

	for (i = 1; i <= 200000; i++)
		put_open(r, &l, i, 1);
	line__free(&l);
	assert_int_equal(record__count(r, REC_OPEN), 200000);
}

static void test_disk_full(void **state)
{
	struct record_opts opts = opts_for(NULL);
	enum compression c;

	for (c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
		__free_record struct record *r = NULL;

		opts.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
		opts.compression = c;
		assert_int_equal(record__create(&opts, &r), 0);
		fill(r);
		wait_for_error(r, -ENOSPC);
		assert_int_equal(record__finish(r), -ENOSPC);
		assert_int_equal(fcntl(opts.fd, F_GETFD) >= 0, 1);	/* still the caller's */
		close(opts.fd);
	}
}

static void test_broken_pipe(void **state)
{
	struct record_opts opts = opts_for(NULL);
	__free_record struct record *r = NULL;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	opts.fd = fds[1];
	assert_int_equal(record__create(&opts, &r), 0);
	fill(r);
	wait_for_error(r, -EPIPE);
	assert_int_equal(record__finish(r), -EPIPE);
	close(fds[1]);
}

/* A process that is killed loses at most what it wrote in the last second. */
static void test_killed(void **state)
{
	const char *const paths[] = { path, gz_path, zst_path };
	struct timespec pause = { .tv_sec = 1, .tv_nsec = 500000000 };
	size_t i;
	pid_t pid;
	bool cut;
	int n;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct record_opts opts = opts_for(paths[i]);
			struct record *r;
			struct line l = {};

			if (record__create(&opts, &r))
				_exit(1);
			put_header(r);
			for (n = 1; n <= 1000; n++)
				put_open(r, &l, n, 1);
			nanosleep(&pause, NULL);
			for (;; n++)
				put_open(r, &l, n, 1);
		}
		pause.tv_nsec = 700000000;
		nanosleep(&pause, NULL);
		/* Who writes does so when the processors have nothing else to do: others may be busy. */
		for (n = 0; n < 50 && !has_opens(paths[i], 1000); n++)
			nanosleep(&pause, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		pause.tv_nsec = 500000000;
		assert_true(count_opens(paths[i], 1, &cut) >= 1000);
		assert_true(cut);
	}
}

static void tap(void *ctx, const char *text, size_t n)
{
	assert_int_equal(text[n - 1], '\n');
	str__add(ctx, text, n);
}

struct putter {
	struct record *r;
	uint32_t tid;
};

static void *put_many(void *arg)
{
	struct putter *p = arg;
	struct line l = {};
	int i;

	for (i = 1; i <= 100000; i++)
		put_open(p->r, &l, i, p->tid);
	line__free(&l);
	return NULL;
}

/* Two threads; the tap sees exactly the bytes of the file. */
static void test_threads_and_tap(void **state)
{
	struct record_opts opts = opts_for(path);
	__free_record struct record *r = NULL;
	__free_str struct str seen = {};
	__free_mem char *text = NULL;
	struct putter putters[2];
	pthread_t threads[2];
	bool cut;
	int i, fd;

	opts.tap = tap;
	opts.tap_ctx = &seen;
	assert_int_equal(record__create(&opts, &r), 0);
	put_header(r);
	for (i = 0; i < 2; i++) {
		putters[i] = (struct putter){ r, i + 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, &putters[i]), 0);
	}
	record__set_urgency(r, URGENCY_NORMAL);
	record__set_urgency(r, URGENCY_IDLE);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(record__finish(r), 0);
	assert_int_equal(record__count(r, REC_OPEN), 200000);
	assert_int_equal(count_opens(path, 2, &cut), 200000);
	assert_int_equal(seen.len, record__bytes(r));
	text = malloc(seen.len);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, seen.len), seen.len);
	assert_memory_equal(text, seen.s, seen.len);
	close(fd);
}

/* The one other thread of this program, once it runs. */
static pid_t writer_tid(void)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	struct dirent *e;
	pid_t tid = 0;
	DIR *d;
	int i;

	for (i = 0; i < 5000 && !tid; i++) {
		d = opendir("/proc/self/task");
		assert_non_null(d);
		while ((e = readdir(d)))
			if (atoi(e->d_name) && atoi(e->d_name) != getpid())
				tid = atoi(e->d_name);
		closedir(d);
		nanosleep(&ms, NULL);
	}
	assert_true(tid);
	return tid;
}

/* Polite unless asked; where that needs a privilege that is missing, it stays as it is. */
static void test_urgency(void **state)
{
	struct record_opts opts = opts_for(path);
	__free_record struct record *r = NULL;
	struct timespec ms = { .tv_nsec = 1000000 };
	int idle = SCHED_OTHER, i;
	pid_t tid;

	assert_int_equal(record__create(&opts, &r), 0);
	put_header(r);
	tid = writer_tid();
	for (i = 0; i < 200 && idle != SCHED_IDLE; i++) {
		nanosleep(&ms, NULL);	/* the thread sets itself up */
		idle = sched_getscheduler(tid);
	}
	record__set_urgency(r, URGENCY_NORMAL);
	assert_int_equal(sched_getscheduler(tid), SCHED_OTHER);
	record__set_urgency(r, URGENCY_FIRST);	/* real time, where it is to be had */
	assert_true(sched_getscheduler(tid) == SCHED_RR || getpriority(PRIO_PROCESS, tid) <= 0);
	record__set_urgency(r, URGENCY_IDLE);
	assert_int_equal(getpriority(PRIO_PROCESS, tid), getpriority(PRIO_PROCESS, 0));
	assert_int_equal(sched_getscheduler(tid), idle);
	print_message("at ease the writer runs %s\n", idle == SCHED_IDLE ? "SCHED_IDLE" : "SCHED_OTHER");
	assert_int_equal(record__finish(r), 0);
}

static void test_counts_only(void **state)
{
	struct record_opts opts = opts_for(NULL);
	__free_record struct record *r = NULL;

	assert_int_equal(record__create(&opts, &r), 0);
	put_header(r);
	record__put_text(r, REC_EXEC, "{\"k\":\"exec\"}", 12, 3);
	assert_int_equal(record__count(r, REC_HEADER), 1);
	assert_int_equal(record__count(r, REC_EXEC), 1);
	assert_int_equal(record__count(r, REC_CNT), 0);
	assert_int_equal(record__redactions(r), 3);
	assert_int_equal(record__finish(r), 0);
	assert_int_equal(record__bytes(r), 0);
}

/* A line larger than a block, and than the limit of what may be pending. */
static void test_huge_line(void **state)
{
	struct record_opts opts = opts_for(gz_path);
	__free_record struct record *r = NULL;
	__free_mem char *huge = malloc(6 << 20);
	struct line l = {};
	bool cut;

	assert_non_null(huge);
	memset(huge, 'a', 6 << 20);
	assert_int_equal(record__create(&opts, &r), 0);
	put_header(r);
	put_open(r, &l, 1, 1);
	line__begin(&l, REC_OPEN, 2, 1, 1, 1);
	line__bytes(&l, "path", huge, 6 << 20);
	assert_int_equal(line__end(&l), 0);
	record__put(r, &l);
	put_open(r, &l, 3, 1);
	line__free(&l);
	assert_int_equal(record__finish(r), 0);
	assert_int_equal(count_opens(gz_path, 1, &cut), 3);
}

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/r.jsonl", dir);
	snprintf(gz_path, sizeof(gz_path), "%s/r.jsonl.gz", dir);
	snprintf(zst_path, sizeof(zst_path), "%s/r.jsonl.zst", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	return 0;
}

static int teardown(void **state)
{
	return rmdir(dir);
}

static int each(void **state)
{
	clean();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_write_and_read, each),
		cmocka_unit_test_teardown(test_existing_and_symlink, each),
		cmocka_unit_test_teardown(test_force_replaces_at_finish, each),
		cmocka_unit_test_teardown(test_disk_full, each),
		cmocka_unit_test_teardown(test_broken_pipe, each),
		cmocka_unit_test_teardown(test_killed, each),
		cmocka_unit_test_teardown(test_threads_and_tap, each),
		cmocka_unit_test_teardown(test_urgency, each),
		cmocka_unit_test_teardown(test_counts_only, each),
		cmocka_unit_test_teardown(test_huge_line, each),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
