/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes in /proc, and what they see below their own root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/host.h"
#include "capture/procdir.h"
#include "util/clock.h"
#include "util/str.h"

#define STAT_MAX 1024

/* Of its stat file, as proc(5) counts them; all have one word. */
enum { STAT_STATE = 3, STAT_START = 22, STAT_ARG_START = 48 };

static int read_number(int dir, int which, uint64_t *ret)
{
	__close_fd int fd = openat(dir, "stat", O_RDONLY | O_CLOEXEC);
	char text[STAT_MAX], *end;
	const char *rest;
	ssize_t n;

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -ESRCH;
	text[n] = '\0';
	rest = strrchr(text, ')');	/* its name may be anything */
	for (int i = STAT_STATE; rest && i <= which; i++)
		rest = strchr(rest + 1, ' ');
	if (!rest)
		return -ESRCH;
	*ret = strtoull(rest, &end, 10);
	return end > rest ? 0 : -ESRCH;
}

uint64_t procdir__args_at(int dir)
{
	uint64_t at = 0;

	(void)read_number(dir, STAT_ARG_START, &at);	/* it has ended: not known */
	return at;
}

int procdir__open(const struct viewer *v)
{
	/* In ticks of the clock: up to one too early. */
	uint64_t start, tick = NSEC_PER_SEC / sysconf(_SC_CLK_TCK);
	__close_fd int dir = -1;
	char path[32];

	if (!v->pid || !host__proc_is_ours())
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%u", v->pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || read_number(dir, STAT_START, &start) || start * tick > v->alive)
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
