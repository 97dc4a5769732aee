/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file systems whose executions are reported to us. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/fanotify.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/host.h"
#include "capture/mounts.h"
#include "util/file.h"
#include "util/str.h"

#define MOUNTINFO_MAX (4u << 20)
#define KEEP_MAX 1024		/* namespaces */
#define OURS 0

/* What a namespace's list of mounts was when it was gone through. */
struct known_ns {
	uint32_t mnt_ns;
	uint64_t hash;
	UT_hash_handle hh;
	bool hash_failed;
};

struct mounts {
	int fan_fd;
	int changes_fd;		/* our list of mounts: readable by urgency when it has changed */
	bool is_marked;
	struct known_ns *known;	/* oldest first */
	struct str text;
};

struct mounts *mounts__new(int fan_fd)
{
	struct mounts *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->fan_fd = fan_fd;
	m->changes_fd = open(host__mountinfo(), O_RDONLY | O_CLOEXEC);
	return m;
}

void mounts__free(struct mounts *m)
{
	struct known_ns *k, *next;

	if (!m)
		return;
	HASH_ITER(hh, m->known, k, next) {
		HASH_DEL(m->known, k);
		free(k);
	}
	close_fd_cleanup(&m->changes_fd);
	str__free(&m->text);
	free(m);
}

static uint64_t hash_of(const struct str *text)
{
	uint64_t h = 0xcbf29ce484222325;	/* FNV-1a */
	size_t i;

	for (i = 0; i < text->len; i++)
		h = (h ^ (unsigned char)text->s[i]) * 0x100000001b3;
	return h;
}

/* True when the list is another one than the last time. */
static bool is_news(struct mounts *m, uint32_t mnt_ns)
{
	uint64_t hash = hash_of(&m->text);
	struct known_ns *k;

	HASH_FIND(hh, m->known, &mnt_ns, sizeof(mnt_ns), k);
	if (k && k->hash == hash)
		return false;
	if (k || HASH_COUNT(m->known) >= KEEP_MAX) {
		struct known_ns *old = k ?: m->known;

		HASH_DEL(m->known, old);
		free(old);
	}
	k = calloc(1, sizeof(*k));
	if (!k)
		return true;
	k->mnt_ns = mnt_ns;
	k->hash = hash;
	HASH_ADD(hh, m->known, mnt_ns, sizeof(k->mnt_ns), k);
	if (k->hash_failed)
		free(k);
	return true;
}

/* File systems from which nothing is executed, or which cannot be marked. */
static bool is_virtual(const char *type)
{
	static const char *const types[] = {
		"proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "securityfs", "debugfs",
		"tracefs", "bpf", "pstore", "configfs", "fusectl", "autofs", "binfmt_misc",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(type, types[i]))
			return true;
	return false;
}

/* Blanks and backslashes are written as \040 and the like. */
static void unescape(char *s)
{
	char *to = s;
	unsigned int c;

	for (; *s; s++, to++) {
		*to = *s;
		if (*s == '\\' && sscanf(s + 1, "%3o", &c) == 1) {
			*to = c;
			s += 3;
		}
	}
	*to = '\0';
}

/* root: the directory below which the places are; its descriptor, or AT_FDCWD for ours. */
static int mark_line(struct mounts *m, char *line, int root)
{
	char *rest = strstr(line, " - "), *place = line, type[64];
	char path[64 + 4096];
	int i;

	for (i = 0; i < 4 && place; i++) {
		place = strchr(place, ' ');
		place += !!place;
	}
	if (!rest || !place || sscanf(rest, " - %63s", type) != 1 || is_virtual(type))
		return -EINVAL;
	*strchrnul(place, ' ') = '\0';
	unescape(place);
	if (root == AT_FDCWD)
		snprintf(path, sizeof(path), "%s", place);
	else
		snprintf(path, sizeof(path), "/proc/self/fd/%d%s", root, place);
	return fanotify_mark(m->fan_fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC, AT_FDCWD,
			     path);
}

static bool mark_all(struct mounts *m, int root)
{
	char *line, *next = m->text.s;
	bool any = false;

	while (next && (line = strsep(&next, "\n")))
		any |= *line && !mark_line(m, line, root);
	return any;
}

/* Most lists are as before: then no mark is set again. */
static bool mark_list(struct mounts *m, int fd, uint32_t mnt_ns, int root)
{
	str__cut(&m->text, 0);
	if (fd < 0 || (file__read_fd(fd, MOUNTINFO_MAX, &m->text) && !m->text.len))
		return false;
	return !is_news(m, mnt_ns) || mark_all(m, root);
}

bool mounts__mark(struct mounts *m)
{
	struct pollfd changes = { .fd = m->changes_fd, .events = POLLPRI };
	__close_fd int fd = -1;

	/* Asked for at every exec, and a host of containers has thousands of mounts. */
	if (m->is_marked && poll(&changes, 1, 0) == 0)
		return true;
	m->is_marked = true;
	fd = open(host__mountinfo(), O_RDONLY | O_CLOEXEC);
	return mark_list(m, fd, OURS, AT_FDCWD);
}

void mounts__mark_seen_by(struct mounts *m, uint32_t mnt_ns, const struct viewer *v)
{
	__close_fd int dir = procdir__open(v), fd = -1, root = -1;

	if (dir < 0)
		return;
	fd = openat(dir, "mountinfo", O_RDONLY | O_CLOEXEC);
	root = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Where nothing can be marked, the program is found by its path when it is there still. */
	if (root >= 0)
		(void)mark_list(m, fd, mnt_ns, root);
}
