/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file that a record goes to: what is made, what is written to as it is, whose rights count. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "record/outfile.h"
#include "util/cleanup.h"
#include "util/str.h"

#define SOMEBODY 65534
#define THEIR_GROUP 4711

static char top[] = "/tmp/goenvbpf-outfile-XXXXXX";

static void put(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void assert_text(const char *path, const char *text)
{
	char got[64] = {};
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0 && read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, text);
}

static bool is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static bool is_link(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

/* Writes "record" to a path and keeps it; what outfile__open() said. */
static int write_to(const char *path, bool force)
{
	struct outfile f;
	int err = outfile__open(&f, path, force, NULL);

	if (err)
		return err;
	assert_int_equal(write(f.fd, "record", 6), 6);
	assert_int_equal(outfile__keep(&f), 0);
	outfile__close(&f);
	return 0;
}

static void test_new(void **state)
{
	struct stat st;

	assert_int_equal(write_to("new", false), 0);
	assert_text("new", "record");
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	put("old", "mine");
	assert_int_equal(write_to("old", false), -EEXIST);
	assert_text("old", "mine");
	assert_int_equal(write_to("old", true), 0);
	assert_text("old", "record");
	assert_int_equal(write_to("none/new", false), -ENOENT);
	assert_int_equal(write_to(".", false), -EISDIR);
	assert_int_equal(write_to("..", true), -EISDIR);
}

/* A link is never followed to a file, there or not. */
static void test_links(void **state)
{
	put("victim", "mine");
	assert_int_equal(symlink("victim", "link"), 0);
	assert_int_equal(symlink("nothing", "dead"), 0);
	assert_int_equal(write_to("link", false), -EEXIST);
	assert_int_equal(write_to("dead", false), -EEXIST);
	assert_int_equal(write_to("link", true), 0);
	assert_int_equal(write_to("dead", true), 0);
	assert_text("victim", "mine");
	assert_false(is_there("nothing") || is_link("link") || is_link("dead"));
	assert_text("link", "record");
}

static void test_devices(void **state)
{
	struct stat before, after;

	assert_int_equal(symlink("/dev/null", "null"), 0);
	for (int force = 0; force < 2; force++) {
		assert_int_equal(stat("/dev/null", &before), 0);
		assert_int_equal(write_to("/dev/null", force), 0);
		assert_int_equal(write_to("null", force), 0);
		assert_int_equal(write_to("//dev/../dev/null", force), 0);
		assert_int_equal(stat("/dev/null", &after), 0);
		assert_true(before.st_ino == after.st_ino && S_ISCHR(after.st_mode));
		assert_true(is_link("null"));
	}
}

/* Every way to name a descriptor of ours, for a pipe and for a file. */
static void test_descriptors(void **state)
{
	static const char *const ways[] = { "/dev/fd/%d", "/proc/self/fd/%d", "//dev///fd/%d", "/proc/%d/fd/%d",
					    "/proc/thread-self/fd/%d", "link-%d", "link-to-link-%d" };
	char path[64], link[64], got[32];
	int fds[2], file, fd;

	assert_int_equal(pipe(fds), 0);
	file = open("file", O_CREAT | O_RDWR, 0644);
	for (size_t i = 0; i < 4 * ARRAY_SIZE(ways); i++) {
		const char *way = ways[i / 4];

		fd = i & 1 ? file : fds[1];
		snprintf(link, sizeof(link), "link-%d", fd);
		snprintf(path, sizeof(path), "/dev/fd/%d", fd);
		(void)!symlink(path, link);
		snprintf(path, sizeof(path), "link-to-link-%d", fd);
		(void)!symlink(link, path);
		if (str_has_prefix(way, "/proc/%d"))
			snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
		else
			snprintf(path, sizeof(path), way, fd);
		assert_int_equal(lseek(file, 0, SEEK_END) < 0, 0);
		assert_int_equal(write_to(path, i & 2), 0);
		assert_int_equal(i & 1 ? pread(file, got, 6, lseek(file, 0, SEEK_CUR) - 6) :
				 read(fds[0], got, sizeof(got)), 6);
		assert_memory_equal(got, "record", 6);
		assert_true(is_link(link));
	}
	/* One after the other, not one over the other. */
	assert_int_equal(lseek(file, 0, SEEK_END), 6 * 2 * ARRAY_SIZE(ways));
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	assert_int_equal(write_to(path, true), -EBADF);
	close(fds[0]);
	close(fds[1]);
	close(file);
	assert_true(write_to(path, true) < 0);
	assert_true(write_to("/dev/fd/not-a-number", true) < 0);
}

static void *read_later(void *ret)
{
	int fd;

	usleep(100 * 1000);
	fd = open("fifo", O_RDONLY);
	assert_int_equal(read(fd, ret, 6), 6);
	close(fd);
	return NULL;
}

/* The reader may come later; who does not want to wait for it sends a signal. */
static void test_fifo(void **state)
{
	char got[8] = {};
	pthread_t reader;
	struct stat st;
	sigset_t set;

	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_later, got), 0);
	assert_int_equal(write_to("fifo", true), 0);
	pthread_join(reader, NULL);
	assert_string_equal(got, "record");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGTERM);
	assert_int_equal(write_to("fifo", false), -EINTR);
	assert_int_equal(sigwaitinfo(&set, NULL), SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	assert_true(!lstat("fifo", &st) && S_ISFIFO(st.st_mode));
}

static void test_discard(void **state)
{
	struct outfile f;

	put("old", "mine");
	for (int force = 0; force < 2; force++) {
		assert_int_equal(outfile__open(&f, force ? "old" : "discarded", force, NULL), 0);
		assert_int_equal(write(f.fd, "x", 1), 1);
		outfile__discard(&f);
		outfile__close(&f);
	}
	assert_false(is_there("discarded"));
	assert_text("old", "mine");
	/* Closed without either: what was written is kept, and nothing replaces nothing. */
	assert_int_equal(outfile__open(&f, "old", true, NULL), 0);
	outfile__close(&f);
	assert_text("old", "mine");
	assert_int_equal(outfile__open(&f, "old", true, NULL), 0);
	assert_int_equal(write(f.fd, "cut", 3), 3);
	outfile__close(&f);
	assert_text("old", "cut");
}

/* Whole or not at all, and never over what came in between. */
static void test_whole(void **state)
{
	struct outfile f;

	assert_int_equal(outfile__open_whole(&f, "page", false), 0);
	assert_int_equal(write(f.fd, "half", 4), 4);
	assert_false(is_there("page"));
	outfile__close(&f);
	assert_false(is_there("page"));
	assert_int_equal(outfile__open_whole(&f, "page", false), 0);
	assert_int_equal(write(f.fd, "whole", 5), 5);
	assert_int_equal(outfile__keep(&f), 0);
	outfile__close(&f);
	assert_text("page", "whole");
	assert_int_equal(outfile__open_whole(&f, "page", false), -EEXIST);
	assert_int_equal(outfile__open_whole(&f, "page", true), 0);
	assert_int_equal(write(f.fd, "new", 3), 3);
	outfile__close(&f);
	assert_text("page", "whole");
	assert_int_equal(outfile__open_whole(&f, "later", false), 0);
	put("later", "mine");
	assert_int_equal(outfile__keep(&f), -EEXIST);
	outfile__close(&f);
	assert_text("later", "mine");
}

/* Somebody moves the folder away and puts another one in its place. */
static void test_folder_swapped(void **state)
{
	struct outfile f, g;

	assert_int_equal(mkdir("ours", 0700) ?: mkdir("theirs", 0700), 0);
	put("theirs/a", "mine");
	put("theirs/b", "mine");
	put("ours/b", "old");
	assert_int_equal(outfile__open(&f, "ours/a", false, NULL), 0);
	assert_int_equal(outfile__open(&g, "ours/b", true, NULL), 0);
	assert_int_equal(write(g.fd, "record", 6), 6);
	assert_int_equal(rename("ours", "moved") ?: symlink("theirs", "ours"), 0);
	outfile__discard(&f);
	outfile__close(&f);
	assert_int_equal(outfile__keep(&g), 0);
	outfile__close(&g);
	assert_text("theirs/a", "mine");
	assert_text("theirs/b", "mine");
	assert_false(is_there("moved/a"));
	assert_text("moved/b", "record");
}

/* Somebody puts another file in place of ours. */
static void test_file_swapped(void **state)
{
	struct outfile f;

	assert_int_equal(outfile__open(&f, "swapped", false, NULL), 0);
	assert_int_equal(unlink("swapped"), 0);
	put("swapped", "mine");
	outfile__discard(&f);
	outfile__close(&f);
	assert_text("swapped", "mine");
	assert_int_equal(outfile__open(&f, "swapped", true, NULL), 0);
	assert_int_equal(write(f.fd, "record", 6), 6);
	assert_int_equal(unlink(f.part), 0);
	put(f.part, "theirs");
	assert_int_equal(outfile__keep(&f), -ESTALE);
	outfile__close(&f);
	assert_text("swapped", "mine");
}

/* --- for somebody else --- */

static void *tell_fsuid(void *ret)
{
	*(int *)ret = setfsuid(-1);
	return NULL;
}

static int open_for(const struct identity *id, const char *path, bool force, struct stat *ret)
{
	struct outfile f;
	int err = outfile__open(&f, path, force, id);

	if (err)
		return err;
	assert_int_equal(fstat(f.fd, ret), 0);
	assert_int_equal(write(f.fd, "record", 6), 6);
	assert_int_equal(outfile__keep(&f), 0);
	outfile__close(&f);
	return 0;
}

static void make_dir(const char *path, mode_t mode, gid_t gid)
{
	assert_int_equal(mkdir(path, 0700) ?: chown(path, 0, gid) ?: chmod(path, mode), 0);
}

static void test_somebody(void **state)
{
	gid_t groups[] = { THEIR_GROUP };
	struct identity id = { true, SOMEBODY, SOMEBODY, groups, 0 };
	struct identity_scope scope;
	pthread_t thread;
	int seen = -1;
	struct stat st;

	if (geteuid())
		skip();
	assert_int_equal(chmod(".", 0755), 0);
	make_dir("private", 0700, 0);
	make_dir("group", 0770, THEIR_GROUP);
	make_dir("all", 0777, 0);
	put("private/secret", "mine");
	put("all/theirs", "mine");
	assert_int_equal(chmod("all", 01777), 0);
	assert_int_equal(symlink("../private", "all/folder"), 0);
	assert_int_equal(symlink("../private/new", "all/link"), 0);
	assert_int_equal(open_for(&id, "private/new", false, &st), -EACCES);
	assert_int_equal(open_for(&id, "private/secret", true, &st), -EACCES);
	assert_int_equal(open_for(&id, "all/folder/new", true, &st), -EACCES);
	assert_int_equal(open_for(&id, "all/link", false, &st), -EEXIST);
	assert_int_equal(open_for(&id, "group/new", false, &st), -EACCES);
	assert_int_equal(open_for(&id, "/etc/goenvbpf-test", false, &st), -EACCES);
	id.group_cnt = 1;
	assert_int_equal(open_for(&id, "group/new", false, &st), 0);
	assert_int_equal(open_for(&id, "all/new", false, &st), 0);
	assert_int_equal(st.st_uid, SOMEBODY);
	assert_int_equal(st.st_gid, SOMEBODY);
	assert_int_equal(open_for(&id, "/dev/null", true, &st), 0);
	assert_text("private/secret", "mine");
	assert_false(is_there("private/new"));

	/* It is this thread's alone, and over when it is over. */
	assert_int_equal(identity__enter(&id, &scope), 0);
	assert_int_equal(access("private", W_OK), 0);	/* by real ids, as always */
	assert_int_equal(open("private/secret", O_RDONLY), -1);
	assert_int_equal(pthread_create(&thread, NULL, tell_fsuid, &seen) ?: pthread_join(thread, NULL), 0);
	identity__leave(&scope);
	assert_int_equal(seen, SOMEBODY);	/* a thread that is made inherits it */
	assert_int_equal(setfsuid(-1), 0);
	assert_text("private/secret", "mine");
	assert_int_equal(chown("all/new", 0, 0), 0);
}

/* A folder that becomes unreachable meanwhile, and a sticky one where the old file is another user's. */
static void test_somebody_replaces(void **state)
{
	struct identity id = { true, SOMEBODY, SOMEBODY, NULL, 0 };
	struct outfile f;
	struct stat st;

	if (geteuid())
		skip();
	make_dir("sticky", 01777, 0);
	put("sticky/roots", "mine");
	assert_int_equal(outfile__open(&f, "sticky/roots", true, &id), 0);
	assert_int_equal(write(f.fd, "record", 6), 6);
	assert_int_equal(outfile__keep(&f), -EPERM);
	outfile__discard(&f);
	outfile__close(&f);
	assert_text("sticky/roots", "mine");
	assert_int_equal(open_for(&id, "sticky/own", false, &st), 0);
	assert_int_equal(open_for(&id, "sticky/own", true, &st), 0);
	assert_int_equal(st.st_uid, SOMEBODY);
}

static int enter_top(void **state)
{
	return !mkdtemp(top) || chdir(top) ? -1 : 0;
}

static int leave_top(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", top);
	return chdir("/") ?: system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_folder_swapped),
		cmocka_unit_test(test_file_swapped),
		cmocka_unit_test(test_somebody),
		cmocka_unit_test(test_somebody_replaces),
	};

	return cmocka_run_group_tests(tests, enter_top, leave_top);
}
