/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes in /proc, and what they see below their own root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/host.h"
#include "capture/procdir.h"
#include "util/clock.h"
#include "util/str.h"

#define STAT_MAX 1024

/* When it was started, in ticks of the clock: up to one too early. */
static int read_start(int dir, uint64_t *ret)
{
	__close_fd int fd = openat(dir, "stat", O_RDONLY | O_CLOEXEC);
	unsigned long long start;
	char text[STAT_MAX];
	const char *rest;
	ssize_t n;

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -ESRCH;
	text[n] = '\0';
	rest = strrchr(text, ')');	/* its name may be anything */
	if (!rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
				  "%*d %*d %*d %llu", &start) != 1)
		return -ESRCH;
	*ret = start;
	return 0;
}

int procdir__open(const struct viewer *v)
{
	uint64_t start, tick = NSEC_PER_SEC / sysconf(_SC_CLK_TCK);
	__close_fd int dir = -1;
	char path[32];

	if (!v->pid || !host__proc_is_ours())
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%u", v->pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || read_start(dir, &start) || start * tick > v->alive)
		return -ESRCH;
	return steal_fd(&dir);
}

int procdir__open_root(const struct viewer *v)
{
	__close_fd int dir = procdir__open(v);
	int root;

	if (dir < 0)
		return dir;
	root = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -errno : root;
}

static int read_mount_id(int fd, int *ret)
{
	char path[64], line[128];
	__close_file FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "mnt_id: %d", ret) == 1)
			return 0;
	return -ENOENT;
}

int procdir__device(int dir, int fd, uint32_t *ret)
{
	int mounts = openat(dir, "mountinfo", O_RDONLY | O_CLOEXEC), id, wanted;
	__close_file FILE *f = mounts < 0 ? NULL : fdopen(mounts, "r");
	__free_mem char *line = NULL;
	unsigned int major, minor;
	size_t size = 0;

	if (!f || read_mount_id(fd, &wanted))
		return -ENOENT;
	while (getline(&line, &size, f) > 0) {
		if (sscanf(line, "%d %*d %u:%u", &id, &major, &minor) != 3 || id != wanted)
			continue;
		*ret = major << 20 | minor;
		return 0;
	}
	return -ENOENT;
}
