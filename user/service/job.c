/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A job, as it is kept while it lasts. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/job.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/request.h"

#define KEPT_MAX (REQUEST_MAX + (1 << 20))
#define VERSION_LINE "goenvbpf job 1\n"
#define STAT_STARTED 22		/* field of /proc/PID/stat, counted from 1 */

bool job__is_name(const char *name)
{
	size_t n = strlen(name);

	return n && n <= JOB_NAME_MAX && isalnum((unsigned char)*name) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

void job__label(const struct job_key *key, char ret[static JOB_LABEL_SZ])
{
	int n = snprintf(ret, JOB_LABEL_SZ, "%s", key->name);

	if (key->uid)
		snprintf(ret + n, JOB_LABEL_SZ - n, "@%u", key->uid);
}

static void file_name(const struct job_key *key, char ret[static NAME_MAX + 1])
{
	snprintf(ret, NAME_MAX + 1, "%u.%s", key->uid, key->name);
}

/* --- writing --- */

static void encode(const struct job *job, struct str *out)
{
	str__adds(out, VERSION_LINE);
	str__addf(out, "gid %u\n", job->owner.gid);
	for (size_t i = 0; i < job->owner.group_cnt; i++)
		str__addf(out, "group %u\n", job->owner.groups[i]);
	str__addf(out, "pid %llu\nstarted %llu\nwatch %d\npart %llu\n", (unsigned long long)job->pid,
		  (unsigned long long)job->started, job->watch, (unsigned long long)job->part);
	if (*job->cgroup)
		str__addf(out, "cgroup %s\n", job->cgroup);
	if (*job->file)
		str__addf(out, "file %s\n", job->file);
	str__addf(out, "request %zu\n", job->request.len);
	str__add(out, job->request.s ?: "", job->request.len);
}

/* Whole or not at all, also when we are killed meanwhile. */
int job__save(int dir, const struct job *job)
{
	char name[NAME_MAX + 1], part[NAME_MAX + 8];
	__free_str struct str text = {};
	__close_fd int fd = -1;
	int err;

	encode(job, &text);
	err = str__err(&text) ?: strchr(job->cgroup, '\n') ? -EINVAL : 0;
	if (err)
		return err;
	file_name(&job->key, name);
	snprintf(part, sizeof(part), ".%s.part", name);
	(void)unlinkat(dir, part, 0);
	fd = openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = file__write(fd, text.s, text.len);
	if (!err && renameat(dir, part, dir, name))
		err = -errno;
	if (err)
		(void)unlinkat(dir, part, 0);
	return err;
}

void job__remove(int dir, const struct job_key *key)
{
	char name[NAME_MAX + 1];

	file_name(key, name);
	(void)unlinkat(dir, name, 0);
}

/* --- reading --- */

static bool add_group(struct identity *id, uint64_t gid)
{
	gid_t *v = reallocarray(id->groups, id->group_cnt + 1, sizeof(*v));

	if (!v)
		return false;
	id->groups = v;
	v[id->group_cnt++] = gid;
	return true;
}

static bool copy(char *to, size_t size, const char *from)
{
	return (size_t)snprintf(to, size, "%s", from) < size;
}

/* One line, cut at its first space. */
static bool take(struct job *job, const char *key, const char *value)
{
	uint64_t n = strtoull(value, NULL, 10);

	if (str_eq(key, "gid"))
		job->owner.gid = n;
	else if (str_eq(key, "group"))
		return add_group(&job->owner, n);
	else if (str_eq(key, "pid"))
		job->pid = n;
	else if (str_eq(key, "started"))
		job->started = n;
	else if (str_eq(key, "watch"))
		job->watch = n;
	else if (str_eq(key, "part"))
		job->part = n;
	else if (str_eq(key, "cgroup"))
		return copy(job->cgroup, sizeof(job->cgroup), value);
	else if (str_eq(key, "file"))
		return copy(job->file, sizeof(job->file), value);
	return true;
}

static int decode(char *text, size_t n, struct job *job)
{
	char *at = text, *end = text + n, *line, *space;
	size_t rest;

	if (n < strlen(VERSION_LINE) || strncmp(at, VERSION_LINE, strlen(VERSION_LINE)))
		return -EBADMSG;
	at += strlen(VERSION_LINE);
	while (at < end) {
		line = at;
		at = memchr(at, '\n', end - at);
		if (!at)
			return -EBADMSG;
		*at++ = '\0';
		space = strchr(line, ' ');
		if (!space)
			return -EBADMSG;
		*space = '\0';
		if (str_eq(line, "request")) {
			rest = end - at;
			if (strtoull(space + 1, NULL, 10) != rest)
				return -EBADMSG;
			str__add(&job->request, at, rest);
			return str__err(&job->request);
		}
		if (!take(job, line, space + 1))
			return -EBADMSG;
	}
	return -EBADMSG;
}

int job__load(int dir, const struct job_key *key, struct job *ret)
{
	char name[NAME_MAX + 1];
	__free_str struct str text = {};
	__close_fd int fd = -1;
	int err;

	*ret = (struct job){ .key = *key, .owner = { .is_other = key->uid, .uid = key->uid } };
	file_name(key, name);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = file__read_fd(fd, KEPT_MAX, &text);
	if (!err)
		err = text.s ? decode(text.s, text.len, ret) : -EBADMSG;
	if (err)
		job__free(ret);
	return err;
}

void job__free(struct job *job)
{
	str__free(&job->request);
	identity__free(&job->owner);
}

/* "1000.NAME" */
static bool parse_key(const char *name, struct job_key *ret)
{
	char *end;
	unsigned long uid = strtoul(name, &end, 10);

	if (!isdigit((unsigned char)*name) || *end != '.' || uid > UINT32_MAX || !job__is_name(end + 1))
		return false;
	ret->uid = uid;
	strcpy(ret->name, end + 1);
	return true;
}

int job__each(int dir, int (*fn)(void *ctx, const struct job_key *key), void *ctx)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct job_key key;
	struct dirent *e;

	if (!d)
		return -errno;
	while (!err && (e = readdir(d)))
		if (parse_key(e->d_name, &key))
			err = fn(ctx, &key);
	closedir(d);
	return err;
}

/* --- what is followed --- */

uint64_t job__started(uint64_t pid)
{
	__free_str struct str text = {};
	char path[64];
	const char *p;

	snprintf(path, sizeof(path), "/proc/%llu/stat", (unsigned long long)pid);
	if (!pid || file__read(path, 4096, &text) || !text.s)
		return 0;
	p = strrchr(text.s, ')');	/* a name may hold anything; field 2 ends here */
	for (int field = 2; p && field < STAT_STARTED; field++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	return p ? strtoull(p, NULL, 10) : 0;
}

bool job__is_alive(const struct job *job)
{
	char procs[sizeof(job->cgroup) + 16];

	if (job->pid)
		return job__started(job->pid) == job->started;
	if (!*job->cgroup)
		return true;
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", job->cgroup);
	return !access(procs, F_OK);
}
