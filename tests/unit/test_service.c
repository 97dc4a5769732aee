/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a service keeps: jobs over a restart, records in a folder; and its settings. */
#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "service/config.h"
#include "service/job.h"
#include "service/sources.h"
#include "service/store.h"

#include "in_dir.h"

static int dir_fd = -1;

static int set_up(void **state)
{
	assert_non_null(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0;
}

static int tear_down(void **state)
{
	char command[sizeof(dir) + 16];

	close(dir_fd);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

/* --- jobs --- */

static void test_job(void **state)
{
	gid_t groups[] = { 5, 60 };
	struct job job = { .key = { 1000, "nightly" }, .pid = 42, .started = 4711, .part = 3, .watch = true,
			   .owner = { .gid = 7, .groups = groups, .group_cnt = 2 } }, got;

	strcpy(job.cgroup, "/sys/fs/cgroup/a b");
	strcpy(job.file, "nightly@1000-20261126T155633Z-3.jsonl.zst");
	str__add(&job.request, "tag\0a=\nb\0", 10);
	assert_int_equal(job__save(dir_fd, &job), 0);
	assert_int_equal(job__save(dir_fd, &job), 0);	/* again, for the next part */
	assert_int_equal(job__load(dir_fd, &job.key, &got), 0);
	assert_int_equal(got.pid, 42);
	assert_int_equal(got.started, 4711);
	assert_int_equal(got.part, 3);
	assert_true(got.watch && got.owner.is_other);
	assert_int_equal(got.owner.uid, 1000);
	assert_int_equal(got.owner.gid, 7);
	assert_int_equal(got.owner.group_cnt, 2);
	assert_int_equal(got.owner.groups[1], 60);
	assert_string_equal(got.cgroup, job.cgroup);
	assert_string_equal(got.file, job.file);
	assert_int_equal(got.request.len, 10);
	assert_memory_equal(got.request.s, job.request.s, 10);
	job__free(&got);
	job__remove(dir_fd, &job.key);
	assert_int_equal(job__load(dir_fd, &job.key, &got), -ENOENT);
	str__free(&job.request);
}

/* Cut anywhere, it is not taken for a job. */
static void test_job_cut(void **state)
{
	static const char text[] = "goenvbpf job 1\ngid 7\npid 42\nrequest 4\nabcd";
	const struct job_key key = { 0, "cut" };
	struct job got;

	for (size_t n = 0; n < strlen(text); n++) {
		char part[sizeof(text)] = "";

		memcpy(part, text, n);
		write_file("0.cut", part);
		assert_int_equal(job__load(dir_fd, &key, &got), -EBADMSG);
	}
	write_file("0.cut", text);
	assert_int_equal(job__load(dir_fd, &key, &got), 0);
	assert_int_equal(got.pid, 42);
	job__free(&got);
	job__remove(dir_fd, &key);
}

static void test_job_name(void **state)
{
	static const char *const good[] = { "a", "nightly-2.x_y", "0" };
	static const char *const bad[] = { "", ".", "..", ".a", "-a", "a/b", "a b", "a@1", "ä",
		"0123456789012345678901234567890123456789012345678" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(job__is_name(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(job__is_name(bad[i]));
}

/* A number that is another process's by now is not followed. */
static void test_job_alive(void **state)
{
	struct job job = { .pid = getpid(), .started = job__started(getpid()) };

	assert_true(job.started);
	assert_true(job__is_alive(&job));
	job.started++;
	assert_false(job__is_alive(&job));
	assert_int_equal(job__started(0x7ffffffe), 0);
}

static int count_job(void *ctx, const struct job_key *key)
{
	++*(int *)ctx;
	assert_int_equal(key->uid, 12);
	assert_string_equal(key->name, "x");
	return 0;
}

static void test_each_job(void **state)
{
	static const char *const names[] = { "12.x", "x", "12", "12.", ".12.x.part", "-1.x", "99999999999.x" };
	int cnt = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_file(names[i], "");
	assert_int_equal(job__each(dir_fd, count_job, &cnt), 0);
	assert_int_equal(cnt, 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
}

/* --- records --- */

static bool is_busy(void *ctx, const char *name)
{
	return str_eq(ctx, name);
}

static void fill(int fd, size_t n, time_t written)
{
	const struct timespec times[2] = { { .tv_sec = written }, { .tv_sec = written } };

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, n), 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void test_store(void **state)
{
	const struct job_key users = { 1000, "j" };
	char first[STORE_NAME_SZ], second[STORE_NAME_SZ], other[STORE_NAME_SZ], got[STORE_NAME_SZ], label[JOB_LABEL_SZ];
	struct store_limits limits = { .total = 250 };
	time_t now = time(NULL);
	struct store_use use;
	struct store s;

	assert_int_equal(store__open(&s, in_dir("records")), 0);
	job__label(&users, label);
	assert_string_equal(label, "j@1000");
	fill(store__create(&s, "j", 1, first), 100, now - 300);
	fill(store__create(&s, label, 1, other), 100, now - 200);
	fill(store__create(&s, "j", 2, second), 100, now - 100);
	assert_true(store__latest(&s, "j", got));
	assert_string_equal(got, second);
	assert_true(store__latest(&s, label, got));	/* never another user's of that name */
	assert_string_equal(got, other);
	assert_false(store__latest(&s, "j@1", got));
	assert_int_equal(store__read(&s, "../x-20261126T155633Z-1.jsonl.zst"), -EINVAL);
	/* What is written to stays, the oldest of the others goes. */
	assert_int_equal(store__trim(&s, &limits, is_busy, first, &use), 0);
	assert_int_equal(use.removed, 1);
	assert_int_equal(use.bytes, 200);
	assert_false(store__latest(&s, label, got));
	limits = (struct store_limits){ .age = 200 };
	assert_int_equal(store__trim(&s, &limits, is_busy, "", &use), 0);
	assert_int_equal(use.removed, 1);
	assert_true(store__latest(&s, "j", got));
	assert_string_equal(got, second);
	store__close(&s);
	assert_int_equal(chmod(in_dir("records"), 0777), 0);
	assert_int_equal(store__open(&s, in_dir("records")), -EPERM);
}

/* --- settings --- */

static void test_config(void **state)
{
	__free_str struct str why = {};
	struct config c;

	write_file("conf", "# a comment\n\n  records=/r  \ncgroup = /a\ncgroup = /b*\nwatch = yes\nrecord-size = 2G\n");
	assert_int_equal(config__read(in_dir("conf"), &c, &why), 0);
	assert_string_equal(c.records, "/r");
	assert_int_equal(c.cgroups.cnt, 2);
	assert_string_equal(c.cgroups.v[1], "/b*");
	assert_true(c.watch);
	assert_int_equal(c.record_max, 2ULL << 30);
	assert_string_equal(c.group, "goenvbpf");
	config__free(&c);
	assert_int_equal(config__read(in_dir("none"), &c, &why), -ENOENT);
	assert_non_null(strstr(why.s, "none"));
}

/* What configuration asks for becomes a job once, and stays as a session has left it. */
static void test_sources(void **state)
{
	const struct config c = { .watch = true };
	struct job got;

	sources__save(&c, dir_fd, -1);
	assert_int_equal(job__load(dir_fd, &sources__host, &got), 0);
	assert_true(got.watch);
	assert_int_equal(got.part, 0);
	got.part = 5;
	assert_int_equal(job__save(dir_fd, &got), 0);
	job__free(&got);
	sources__save(&c, dir_fd, -1);
	assert_int_equal(job__load(dir_fd, &sources__host, &got), 0);
	assert_int_equal(got.part, 5);
	job__free(&got);
	job__remove(dir_fd, &sources__host);
}

static bool may_be_new(const char *pattern, const char *made)
{
	char text[256];
	const char *patterns[] = { text };
	const struct config c = { .cgroups = { .v = patterns, .cnt = 1 } };
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	bool found;

	assert_true(fd >= 0);
	snprintf(text, sizeof(text), "%s", in_dir(pattern));
	sources__save(&c, dir_fd, fd);
	assert_false(sources__may_be_new(&c, fd));
	assert_int_equal(mkdir(in_dir(made), 0700), 0);
	found = sources__may_be_new(&c, fd);
	assert_false(sources__may_be_new(&c, fd));
	assert_int_equal(rmdir(in_dir(made)), 0);
	close(fd);
	return found;
}

/* A folder that may be meant is told at once, and others disturb nobody. */
static void test_sources_that_come(void **state)
{
	assert_true(may_be_new("docker-*.scope", "docker-1.scope"));
	assert_false(may_be_new("docker-*.scope", "docker-1.service"));
	assert_true(may_be_new("one", "one"));
	assert_false(may_be_new("one", "one-more"));
	assert_true(may_be_new("[ab]*/x", "b"));
	assert_true(may_be_new("a*/x", "c"));		/* what is below is not known */
	assert_false(may_be_new("none/x*", "x1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_job),
		cmocka_unit_test(test_job_cut),
		cmocka_unit_test(test_job_name),
		cmocka_unit_test(test_job_alive),
		cmocka_unit_test(test_each_job),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_sources_that_come),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
