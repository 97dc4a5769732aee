/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Only the process that is meant is looked at in /proc, and only below its root. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture/snapshot.h"
#include "util/clock.h"
#include "util/str.h"

static struct viewer self(void)
{
	return (struct viewer){ getpid(), clock__boot_ns() };
}

static void test_is_ours(void **state)
{
	struct viewer v = self();
	__close_fd int dir = procdir__open(&v);
	struct stat want, got;

	assert_true(dir >= 0);
	assert_int_equal(stat("/proc/self/exe", &want), 0);
	assert_int_equal(fstatat(dir, "exe", &got, 0), 0);
	assert_int_equal(got.st_ino, want.st_ino);
}

/* The number was somebody else's when it was seen, an hour ago. */
static void test_recycled_number(void **state)
{
	struct viewer v = self();

	v.alive -= 3600 * NSEC_PER_SEC < v.alive ? 3600 * NSEC_PER_SEC : v.alive;
	assert_int_equal(procdir__open(&v), -ESRCH);
	assert_int_equal(procdir__open_root(&v), -ESRCH);
}

static void test_no_number_here(void **state)
{
	struct viewer v = { 0, clock__boot_ns() };

	assert_int_equal(procdir__open(&v), -ESRCH);
}

static void test_has_ended(void **state)
{
	struct viewer v = { fork(), clock__boot_ns() + NSEC_PER_SEC };
	__close_fd int dir = -1;

	if (!v.pid)
		pause();
	dir = procdir__open(&v);
	assert_true(dir >= 0);
	assert_int_equal(kill(v.pid, SIGKILL), 0);
	assert_int_equal(waitpid(v.pid, NULL, 0), v.pid);
	assert_int_equal(faccessat(dir, "stat", F_OK, 0), -1);
	assert_int_equal(procdir__open(&v), -ESRCH);
}

static void test_below_root(void **state)
{
	struct file_name name = { .path = "/../../etc/passwd", .own_root = true, .self = self() };
	struct opener *who = opener__new(getuid(), getgid(), "", 0);
	struct stat want, got, st;
	__close_fd int fd = file_name__open(&name, who, &st);

	assert_true(fd >= 0);
	assert_int_equal(stat("/etc/passwd", &want), 0);
	assert_int_equal(fstat(fd, &got), 0);
	assert_int_equal(got.st_ino, want.st_ino);
	name.path = "/no/such/file";
	assert_int_equal(file_name__open(&name, who, &st), -ENOENT);
	opener__put(who);
}

static void test_device(void **state)
{
	struct viewer v = self();
	__close_fd int dir = procdir__open(&v), fd = open("/proc/self/stat", O_RDONLY);
	uint32_t device = 0;
	struct stat st;

	/* procfs has one device only, so stat(2) tells the same. */
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(procdir__device(dir, fd, &device), 0);
	assert_int_equal(device, major(st.st_dev) << 20 | minor(st.st_dev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_ours),
		cmocka_unit_test(test_recycled_number),
		cmocka_unit_test(test_no_number_here),
		cmocka_unit_test(test_has_ended),
		cmocka_unit_test(test_below_root),
		cmocka_unit_test(test_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
