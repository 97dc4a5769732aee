/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Jobs that the configuration asks for. */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "service/sources.h"
#include "util/log.h"

#define NAME_PART 30	/* of a control group's name, beside its number */

const struct job_key sources__host = { .name = "host" };

static void save(int dir, struct job *job)
{
	struct job known;
	int err = job__load(dir, &job->key, &known);

	if (!err)
		job__free(&known);
	if (err == -ENOENT) {
		err = job__save(dir, job);
		errno = -err;
		if (err)
			log_error("cannot keep the job '%s' (%m)", job->key.name);
	}
}

/* "docker-0123", and its number, which no other one has: groups come and go under one name. */
static void name_group(const char *path, ino_t ino, char ret[static JOB_NAME_MAX + 1])
{
	const char *base = strrchr(path, '/') + 1;
	size_t n = 0;

	for (; *base && n < NAME_PART; base++)
		if (isalnum((unsigned char)*base) || (n && strchr("._-", *base)))
			ret[n++] = *base;
	snprintf(ret + n, JOB_NAME_MAX + 1 - n, "%s%llu", n ? "-" : "cgroup-", (unsigned long long)ino);
}

static void save_groups(const char *pattern, int dir)
{
	glob_t all = {};

	if (glob(pattern, GLOB_ONLYDIR | GLOB_NOSORT, NULL, &all))
		return;
	for (size_t i = 0; i < all.gl_pathc; i++) {
		struct job job = {};
		struct stat st;

		if (stat(all.gl_pathv[i], &st) || !S_ISDIR(st.st_mode) ||
		    (size_t)snprintf(job.cgroup, sizeof(job.cgroup), "%s", all.gl_pathv[i]) >= sizeof(job.cgroup))
			continue;
		name_group(all.gl_pathv[i], st.st_ino, job.key.name);
		if (job__is_alive(&job))
			save(dir, &job);
	}
	globfree(&all);
}

/* --- control groups that come --- */

/* Where the first part of a pattern begins that is not the name of one folder; or its last part. */
static const char *open_part(const char *pattern)
{
	const char *end = pattern + strcspn(pattern, "*?[\\");

	while (end > pattern && end[-1] != '/')
		end--;
	return end;
}

/* Of a folder that is there already nothing changes; one that is not there is looked for the next time. */
static void watch_for(int inotify_fd, const char *pattern)
{
	char folder[PATH_MAX];
	size_t n = open_part(pattern) - pattern;

	if (inotify_fd < 0 || !n || n >= sizeof(folder))
		return;
	memcpy(folder, pattern, n);
	folder[n] = '\0';
	(void)inotify_add_watch(inotify_fd, folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

static bool is_meant(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->cgroups.cnt; i++) {
		const char *part = open_part(c->cgroups.v[i]);

		if (strchr(part, '/') || !fnmatch(part, name, 0))
			return true;
	}
	return false;
}

bool sources__may_be_new(const struct config *c, int inotify_fd)
{
	char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool found = false;
	ssize_t n;

	while ((n = read(inotify_fd, buf, sizeof(buf))) > 0)
		for (const char *at = buf; at < buf + n;) {
			const struct inotify_event *e = (const void *)at;

			found |= e->mask & IN_Q_OVERFLOW || (e->len && is_meant(c, e->name));
			at += sizeof(*e) + e->len;
		}
	return found;
}

void sources__save(const struct config *c, int state_dir, int inotify_fd)
{
	struct job host = { .key = sources__host, .watch = true };

	if (c->watch)
		save(state_dir, &host);
	for (size_t i = 0; i < c->cgroups.cnt; i++) {
		watch_for(inotify_fd, c->cgroups.v[i]);
		save_groups(c->cgroups.v[i], state_dir);
	}
}
