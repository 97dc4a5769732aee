/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is hard to tell right because much of it happens at once, from a program that knows the truth.
 *
 *   race cwd|dirfd N   a thread exchanges the directory all the time, another one opens N times "f" in it;
 *                      prints a letter for each: the directory in which the file was that it got
 *   pids N PROG...     N processes one behind the other with one pid, each a PROG in turn; prints the pid
 *   ticks THREADS      each thread looks for tick-TID-NUMBER until "stop" is there; prints "TID NUMBER TIME",
 *                      TIME (CLOCK_BOOTTIME, ns) of the moment before the look
 *   forks THREADS      each thread starts process after process until "stop" is there: child, grandchild and
 *                      great-grandchild, each looks for fork-PID-0 to fork-PID-4 and ends with status PID % 200;
 *                      prints "PID TIME", TIME of the moment before the first look
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "expect.h"

#define LOOKS 5
#define THREADS_MAX 16

struct clone_request {	/* struct clone_args up to where the pid is chosen; older headers end before */
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size;
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static bool is_stopped(void)
{
	return !access("stop", F_OK);
}

static void run_threads(int cnt, void *(*run)(void *))
{
	pthread_t ids[THREADS_MAX];

	for (int i = 0; i < cnt && i < THREADS_MAX; i++)
		pthread_create(&ids[i], NULL, run, NULL);
	for (int i = 0; i < cnt && i < THREADS_MAX; i++)
		pthread_join(ids[i], NULL);
}

/* --- race --- */

static int a, b, dir;
static bool is_by_fd;
static int is_over;

static void *exchange(void *ctx)
{
	for (unsigned long i = 0; !__atomic_load_n(&is_over, __ATOMIC_RELAXED); i++) {
		int to = i & 1 ? a : b;

		if (is_by_fd ? dup2(to, dir) < 0 : fchdir(to))
			die("exchange");
	}
	return NULL;
}

static void race(int argc, char **argv)
{
	long cnt = atol(argv[1]);
	struct stat in_a, st;
	pthread_t thread;
	char *got = malloc(cnt + 1);

	is_by_fd = !strcmp(argv[0], "dirfd");
	mkdir("A", 0755);
	mkdir("B", 0755);
	make_file("A/f", "", 0644);
	make_file("B/f", "", 0644);
	a = open("A", O_RDONLY | O_DIRECTORY);
	b = open("B", O_RDONLY | O_DIRECTORY);
	dir = dup(a);
	if (!got || stat("A/f", &in_a) || fchdir(a))
		die("A/f");
	pthread_create(&thread, NULL, exchange, NULL);
	for (long i = 0; i < cnt; i++) {
		int fd = openat(is_by_fd ? dir : AT_FDCWD, "f", O_RDONLY);

		if (fd < 0 || fstat(fd, &st))
			die("f");
		close(fd);
		got[i] = st.st_ino == in_a.st_ino ? 'A' : 'B';
	}
	__atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	got[cnt] = '\0';
	puts(got);
}

/* --- pids --- */

static void pids(int argc, char **argv)
{
	struct clone_request request = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	pid_t want = fork();
	char name[64];
	long pid;

	if (!want)
		_exit(0);
	waitpid(want, NULL, 0);		/* a number that is free now */
	request.set_tid = (uintptr_t)&want;
	for (int i = 0; i < atoi(argv[0]); i++) {
		pid = syscall(SYS_clone3, &request, sizeof(request));
		if (pid < 0) {
			fprintf(stderr, "nobody may choose a pid here: %s\n", strerror(errno));
			exit(77);
		}
		if (!pid) {
			snprintf(name, sizeof(name), "pid-%d", i);
			(void)access(name, F_OK);
			execl(argv[1 + i % (argc - 1)], name, NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	printf("%d\n", want);
}

/* --- ticks --- */

static void *tick(void *ctx)
{
	char name[64];
	long long at;

	for (int i = 0; !is_stopped(); i++) {
		snprintf(name, sizeof(name), "tick-%d-%d", gettid(), i);
		at = now();
		(void)syscall(SYS_faccessat, AT_FDCWD, name, F_OK);
		dprintf(1, "%d %d %lld\n", gettid(), i, at);
		usleep(300);
	}
	return NULL;
}

static void ticks(int argc, char **argv)
{
	run_threads(atoi(argv[0]), tick);
}

/* --- forks --- */

/* The status that it ends with. */
static int live(int generations)
{
	long long at = now();
	char name[64];
	pid_t pid;

	for (int i = 0; i < LOOKS; i++) {
		snprintf(name, sizeof(name), "fork-%d-%d", getpid(), i);
		(void)syscall(SYS_faccessat, AT_FDCWD, name, F_OK);
	}
	dprintf(1, "%d %lld\n", getpid(), at);
	if (generations > 1) {
		pid = fork();
		if (!pid)
			_exit(live(generations - 1));
		waitpid(pid, NULL, 0);
	}
	return getpid() % 200;
}

static void *start_all(void *ctx)
{
	while (!is_stopped()) {
		pid_t pid = fork();

		if (!pid)
			_exit(live(3));
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

static void forks(int argc, char **argv)
{
	run_threads(atoi(argv[0]), start_all);
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "race",  race },
		{ "pids",  pids },
		{ "ticks", ticks },
		{ "forks", forks },
		{ 0 },
	};

	return expect_main(cases, argc, argv);
}
