/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process tree that is already running when somebody attaches.
 *
 *   tree DEPTH THREADS   a chain of DEPTH processes with THREADS threads more in each
 *
 * Every thread looks for tree-PID-TID-NUMBER in its cwd every 5 ms until a file "stop" is there.
 * Each process prints {"pid":…,"tids":[…]} when its threads run. When "grow" appears, the last
 * process of the chain starts a child that does the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MAX 16

static int threads_cnt;
static pid_t tids[THREADS_MAX];
static pthread_barrier_t barrier;

static int is_there(const char *name)
{
	return !syscall(SYS_faccessat, AT_FDCWD, name, F_OK);
}

static void look(int number)
{
	char name[96];

	snprintf(name, sizeof(name), "tree-%d-%d-%d", getpid(), gettid(), number);
	(void)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY);
	usleep(5000);
}

static void *work(void *arg)
{
	tids[(long)arg] = gettid();
	pthread_barrier_wait(&barrier);
	for (int i = 0; !is_there("stop"); i++)
		look(i);
	return NULL;
}

static int run(int depth);

static pid_t start_child(int depth)
{
	pid_t pid = fork();

	if (!pid)
		_exit(run(depth));
	return pid;
}

static void announce(void)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "{\"pid\":%d,\"tids\":[%d", getpid(), gettid());

	for (int i = 0; i < threads_cnt; i++)
		n += snprintf(line + n, sizeof(line) - n, ",%d", tids[i]);
	n += snprintf(line + n, sizeof(line) - n, "]}\n");
	if (write(1, line, n) != n)
		_exit(1);
}

/* depth 0: the child that "grow" makes */
static int run(int depth)
{
	pthread_t ids[THREADS_MAX];
	pid_t grown = 0;

	pthread_barrier_init(&barrier, NULL, threads_cnt + 1);
	for (long i = 0; i < threads_cnt; i++)
		pthread_create(&ids[i], NULL, work, (void *)i);
	pthread_barrier_wait(&barrier);
	announce();
	if (depth > 1)
		start_child(depth - 1);
	for (int i = 0; !is_there("stop"); i++) {
		look(i);
		if (depth == 1 && !grown && is_there("grow"))
			grown = start_child(0);
	}
	for (int i = 0; i < threads_cnt; i++)
		pthread_join(ids[i], NULL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3 || atoi(argv[2]) > THREADS_MAX)
		return 2;
	threads_cnt = atoi(argv[2]);
	return run(atoi(argv[1]));
}
