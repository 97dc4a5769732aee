/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The folder where a service keeps records. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/job.h"
#include "service/store.h"
#include "util/cleanup.h"
#include "util/str.h"

#define SUFFIX ".jsonl.zst"
#define STAMP_LEN 16	/* 20261126T155633Z */
#define TRIES_MAX 1000

int store__open_folder(const char *path)
{
	__close_fd int fd = -1;
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	return steal_fd(&fd);
}

int store__open(struct store *s, const char *path)
{
	int fd = store__open_folder(path);

	s->fd = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

void store__close(struct store *s)
{
	close_fd_cleanup(&s->fd);
	s->fd = -1;
}

/* Where the stamp of a record's name begins, behind the job's; NULL: it is no name of a record. */
static const char *find_stamp(const char *name)
{
	size_t n = strlen(name);
	const char *dash, *stamp;

	if (n >= STORE_NAME_SZ || strchr(name, '/') || *name == '.' || !str_has_suffix(name, SUFFIX))
		return NULL;
	dash = memrchr(name, '-', n);
	if (!dash || dash - name < STAMP_LEN + 2)
		return NULL;
	stamp = dash - STAMP_LEN;
	return stamp[-1] == '-' && stamp[8] == 'T' && stamp[STAMP_LEN - 1] == 'Z' ? stamp : NULL;
}

int store__create(const struct store *s, const char *job, uint64_t part, char ret_name[static STORE_NAME_SZ])
{
	time_t now = time(NULL);
	char stamp[STAMP_LEN + 1];
	struct tm tm;
	int fd;

	/* Two of one second and one part: those of another user's job of that name, or a clock set back. */
	for (int i = 0; i < TRIES_MAX; i++) {
		time_t at = now + i;

		if (!gmtime_r(&at, &tm) || !strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm))
			return -EOVERFLOW;
		snprintf(ret_name, STORE_NAME_SZ, "%s-%s-%llu" SUFFIX, job, stamp, (unsigned long long)part);
		fd = openat(s->fd, ret_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd < 0 ? -errno : fd;
	}
	return -EEXIST;
}

int store__read(const struct store *s, const char *name)
{
	int fd = find_stamp(name) ? openat(s->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (!find_stamp(name))
		return -EINVAL;
	return fd < 0 ? -errno : fd;
}

/* --- listing --- */

struct entry {
	char name[STORE_NAME_SZ];
	uint64_t size;
	time_t written;
};

struct list {
	struct entry *v;
	size_t cnt, room;
};

static int add_entry(struct list *l, int dir, const char *name)
{
	struct entry *v;
	struct stat st;

	if (!find_stamp(name) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return 0;
	if (l->cnt == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		v = reallocarray(l->v, l->room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		l->v = v;
	}
	v = &l->v[l->cnt++];
	strcpy(v->name, name);
	v->size = st.st_size;
	v->written = st.st_mtim.tv_sec;
	return 0;
}

static int oldest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->written != y->written)
		return x->written < y->written ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int list_all(const struct store *s, struct list *ret)
{
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir)
		return -errno;
	while (!err && (e = readdir(dir)))
		err = add_entry(ret, fd, e->d_name);
	closedir(dir);
	if (ret->cnt)
		qsort(ret->v, ret->cnt, sizeof(*ret->v), oldest_first);
	return err;
}

bool store__latest(const struct store *s, const char *job, char ret_name[static STORE_NAME_SZ])
{
	const char *best = NULL;
	struct list all = {};
	size_t n = strlen(job);

	(void)list_all(s, &all);
	for (size_t i = 0; i < all.cnt; i++) {
		const char *name = all.v[i].name, *stamp = find_stamp(name);

		if (stamp != name + n + 1 || strncmp(name, job, n))
			continue;
		if (!best || strcmp(stamp, find_stamp(best)) > 0)
			best = name;
	}
	if (best)
		strcpy(ret_name, best);
	free(all.v);
	return best;
}

int store__trim(const struct store *s, const struct store_limits *limits,
		bool (*is_busy)(void *ctx, const char *name), void *ctx, struct store_use *ret)
{
	time_t now = time(NULL);
	struct list all = {};
	int err = list_all(s, &all);

	*ret = (struct store_use){ .records = all.cnt };
	for (size_t i = 0; i < all.cnt; i++)
		ret->bytes += all.v[i].size;
	for (size_t i = 0; i < all.cnt; i++) {
		const struct entry *e = &all.v[i];
		bool is_old = limits->age && now - e->written > (time_t)limits->age;

		if ((!is_old && (!limits->total || ret->bytes <= limits->total)) || is_busy(ctx, e->name) ||
		    unlinkat(s->fd, e->name, 0))
			continue;
		ret->bytes -= e->size;
		ret->records--;
		ret->removed++;
	}
	free(all.v);
	return err;
}
