// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Times system calls: nanoseconds per call as JSON; with -icount shift=0 those are instructions. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 101


static void no_call(void)
{
	__asm__ volatile("" ::: "memory");
}

static void getpid_call(void)
{
	syscall(SYS_getpid);
}

static void open_missing(void)
{
	if (syscall(SYS_openat, AT_FDCWD, "/etc/absent", O_RDONLY | O_CLOEXEC, 0) >= 0)
		exit(1);
}

static void stat_present(void)
{
	struct stat st;

	if (syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, 0))
		exit(1);
}

static void open_close(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		exit(1);
	close((int)fd);
}

static void fork_exec(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "calls", "--exit", (char *)NULL);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		exit(1);
}

static const struct {
	const char *name;
	void (*call)(void);
	int per_round;
} cases[] = {
	{ "nothing", no_call, 1000 },
	{ "getpid", getpid_call, 1000 },
	{ "openat_miss", open_missing, 100 },
	{ "newfstatat_hit", stat_present, 100 },
	{ "openat_close", open_close, 100 },
	{ "fork_exec", fork_exec, 1 },
};

static double seconds_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* All that ran meanwhile (wall), and what this thread itself was charged. */
static void measure(void (*call)(void), int per_round, double *ret_wall, double *ret_thread)
{
	static double wall[ROUNDS], thread[ROUNDS];
	int round, i;

	for (i = 0; i < per_round; i++)
		call();
	for (round = 0; round < ROUNDS; round++) {
		double thread_start = seconds_ns(CLOCK_THREAD_CPUTIME_ID);
		double start = seconds_ns(CLOCK_MONOTONIC);

		for (i = 0; i < per_round; i++)
			call();
		wall[round] = (seconds_ns(CLOCK_MONOTONIC) - start) / per_round;
		thread[round] = (seconds_ns(CLOCK_THREAD_CPUTIME_ID) - thread_start) / per_round;
	}
	*ret_wall = median(wall);
	*ret_thread = median(thread);
}

int main(int argc, char **argv)
{
	double base_wall = 0, base_thread = 0;
	size_t i;

	/* What fork_exec starts: nothing but this program's own beginning and end. */
	if (argc > 1 && !strcmp(argv[1], "--exit"))
		return 0;

	printf("{");
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double scale = 1000.0 / cases[i].per_round, wall, thread;

		measure(cases[i].call, cases[i].per_round, &wall, &thread);
		if (i == 0) {
			base_wall = wall;
			base_thread = thread;
			continue;
		}
		printf("%s\"%s\": {\"wall\": %.0f, \"thread\": %.0f}", i > 1 ? ", " : "", cases[i].name,
		       wall - base_wall * scale, thread - base_thread * scale);
	}
	printf("}\n");
	return 0;
}
