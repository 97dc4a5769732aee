/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A load of a known size: N system calls with a path by each of M threads, at full speed.
 *
 *   calls N M [PAUSE_MS]    openat, newfstatat, access in turn, of /burst/THREAD/NUMBER
 *   calls getpid N          the cost of a call that nobody is interested in
 *
 * Prints one line of JSON: the threads' ids and how long it took.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64

struct worker {
	pthread_t id;
	pid_t tid;
	int number;
	long calls;
};

static pthread_barrier_t barrier;

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Decimal digits at p, which has room; returns the end. Cheaper than the calls that are measured. */
static char *digits(char *p, unsigned long v)
{
	char tmp[24];
	int n = 0;

	do {
		tmp[n++] = '0' + v % 10;
		v /= 10;
	} while (v);
	while (n)
		*p++ = tmp[--n];
	*p = '\0';
	return p;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	char path[64], *end;
	struct stat st;

	w->tid = gettid();
	end = stpcpy(path, "/burst/");
	end = digits(end, w->number);
	*end++ = '/';
	pthread_barrier_wait(&barrier);
	for (long i = 0; i < w->calls; i++) {
		digits(end, i);
		switch (i % 3) {
		case 0:
			(void)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
			break;
		case 1:
			(void)syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0);
			break;
		default:
			(void)syscall(SYS_faccessat, AT_FDCWD, path, F_OK);
		}
	}
	return NULL;
}

static int burst(long calls, int threads, long pause_ms)
{
	static struct worker workers[THREADS_MAX];
	long long start;

	if (threads < 1 || threads > THREADS_MAX || calls < 0)
		return 2;
	if (pthread_barrier_init(&barrier, NULL, threads + 1))
		return 1;
	for (int i = 0; i < threads; i++) {
		workers[i].number = i;
		workers[i].calls = calls;
		if (pthread_create(&workers[i].id, NULL, work, &workers[i]))
			return 1;
	}
	usleep(pause_ms * 1000);
	pthread_barrier_wait(&barrier);
	start = now_ns();
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].id, NULL);
	printf("{\"pid\":%d,\"calls\":%ld,\"ns\":%lld,\"tids\":[", getpid(), calls * threads, now_ns() - start);
	for (int i = 0; i < threads; i++)
		printf("%s%d", i ? "," : "", workers[i].tid);
	puts("]}");
	return 0;
}

static int getpids(long calls)
{
	long long best = 0;

	for (int round = 0; round < 7; round++) {
		long long start = now_ns(), took;

		for (long i = 0; i < calls; i++)
			(void)syscall(SYS_getpid);
		took = now_ns() - start;
		if (!best || took < best)
			best = took;
	}
	printf("{\"calls\":%ld,\"ns\":%lld}\n", calls, best);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "getpid"))
		return getpids(atol(argv[2]));
	if (argc == 3 || argc == 4)
		return burst(atol(argv[1]), atoi(argv[2]), argc > 3 ? atol(argv[3]) : 0);
	fprintf(stderr, "usage: %s N M [PAUSE_MS] | getpid N\n", argv[0]);
	return 2;
}
