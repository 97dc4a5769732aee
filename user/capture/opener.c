/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As whom a program image opens files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/opener.h"
#include "util/file.h"
#include "util/str.h"

#define STATUS_MAX (1u << 20)	/* of /proc/PID/status: 65536 groups have 11 bytes each at most */

struct opener *opener__new(uid_t uid, gid_t gid, const void *groups, size_t group_cnt)
{
	struct opener *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->users = 1;
	o->knows_groups = groups;
	o->identity = (struct identity){ .is_other = true, .uid = uid, .gid = gid };
	if (!groups)
		return o;
	o->identity.groups = malloc(group_cnt * sizeof(gid_t) + 1);
	if (!o->identity.groups) {
		opener__put(o);
		return NULL;
	}
	memcpy(o->identity.groups, groups, group_cnt * sizeof(gid_t));
	o->identity.group_cnt = group_cnt;
	return o;
}

struct opener *opener__get(struct opener *o)
{
	if (o)
		__atomic_add_fetch(&o->users, 1, __ATOMIC_RELAXED);
	return o;
}

void opener__put(struct opener *o)
{
	if (!o || __atomic_sub_fetch(&o->users, 1, __ATOMIC_ACQ_REL))
		return;
	identity__free(&o->identity);
	free(o);
}

/* --- what already runs --- */

/* The four ids of a line: real, effective, saved, of files. */
static bool read_ids(const char *status, const char *key, unsigned int ret[4])
{
	const char *line = strstr(status, key);

	return line && sscanf(line + strlen(key), "%u %u %u %u", &ret[0], &ret[1], &ret[2], &ret[3]) == 4;
}

/* Numbers up to the end of the line. */
static size_t read_groups(const char *p, gid_t *ret, size_t max)
{
	size_t n = 0;
	char *end;

	for (; n < max && *p && *p != '\n'; p = end) {
		ret[n] = strtoul(p, &end, 10);
		if (end == p)
			break;
		n++;
		end += strspn(end, " \t");
	}
	return n;
}

struct opener *opener__of_process(int dir)
{
	__close_fd int fd = openat(dir, "status", O_RDONLY | O_CLOEXEC);
	__free_mem gid_t *groups = NULL;
	__free_str struct str text = {};
	unsigned int uid[4], gid[4];
	struct opener *o;
	const char *line;
	size_t n;

	if (fd < 0 || file__read_fd(fd, STATUS_MAX, &text) || !text.s ||
	    !read_ids(text.s, "\nUid:", uid) || !read_ids(text.s, "\nGid:", gid))
		return NULL;
	line = strstr(text.s, "\nGroups:");
	groups = line ? malloc(text.len * sizeof(*groups)) : NULL;
	if (!groups)
		return NULL;
	line += strlen("\nGroups:");
	n = read_groups(line + strspn(line, " \t"), groups, text.len);
	o = opener__new(uid[3], gid[3], groups, n);
	if (o)
		o->is_setid = uid[0] != uid[1] || gid[0] != gid[1];
	return o;
}

/* --- whose rights --- */

int opener__check(const struct opener *o, const struct identity *owner)
{
	if (!o)
		return -EACCES;
	return o->is_setid || (owner && o->identity.uid != owner->uid) ? -EPERM : 0;
}

int opener__enter(const struct opener *o, struct identity_scope *ret)
{
	static const struct identity ours = {};
	uid_t own = geteuid();

	*ret = (struct identity_scope){};
	if (!o)
		return -EACCES;
	if (!own)		/* root's groups give it nothing that it has not */
		return o->identity.uid ? identity__enter(&o->identity, ret) : 0;
	return o->identity.uid == own ? identity__enter(&ours, ret) : -EPERM;
}
