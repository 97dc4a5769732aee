/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* On whose behalf files are touched. */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "util/cleanup.h"
#include "util/identity.h"

#define GROUPS_MAX 65536	/* NGROUPS_MAX of the kernel */

int identity__of_user(const char *name, uid_t uid, gid_t gid, struct identity *ret)
{
	__free_mem gid_t *groups = NULL;
	int cnt = 32, room;

	do {
		room = cnt;
		free(groups);
		groups = calloc(room, sizeof(*groups));
		if (!groups)
			return -ENOMEM;
	} while (getgrouplist(name, gid, groups, &cnt) < 0 && cnt > room && cnt <= GROUPS_MAX);
	if (cnt > room)
		return -E2BIG;
	*ret = (struct identity){ true, uid, gid, STEAL(groups), cnt };
	return 0;
}

void identity__free(struct identity *id)
{
	free(id->groups);
	*id = (struct identity){};
}

/* The C library would change all threads: these are the kernel's own, for the calling one. */
static int set_groups(const gid_t *groups, size_t cnt)
{
	return syscall(SYS_setgroups, cnt, groups) ? -errno : 0;
}

static int get_groups(struct identity_scope *s)
{
	int cnt = syscall(SYS_getgroups, 0, NULL);

	if (cnt < 0)
		return -errno;
	s->groups = calloc(cnt + 1, sizeof(*s->groups));
	if (!s->groups)
		return -ENOMEM;
	cnt = syscall(SYS_getgroups, cnt, s->groups);
	if (cnt < 0)
		return -errno;
	s->group_cnt = cnt;
	return 0;
}

int identity__own(struct identity *ret)
{
	struct identity_scope s = {};
	int err = get_groups(&s);

	if (err) {
		free(s.groups);
		return err;
	}
	*ret = (struct identity){ false, geteuid(), getegid(), s.groups, s.group_cnt };
	return 0;
}

bool identity__may_read(const struct identity *id, uid_t uid, gid_t gid, mode_t mode)
{
	bool in_group = id->gid == gid;

	if (id->uid == uid)
		return mode & S_IRUSR;
	for (size_t i = 0; i < id->group_cnt && !in_group; i++)
		in_group = id->groups[i] == gid;
	return mode & (in_group ? S_IRGRP : S_IROTH);
}

static int get_caps(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &head, data) ? -errno : 0;
}

static int set_effective(uint64_t effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	int err = get_caps(data);

	if (err)
		return err;
	data[0].effective = effective & data[0].permitted;
	data[1].effective = effective >> 32 & data[1].permitted;
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/* setfsuid(2) tells what was, never whether it has done anything. */
static int become(const struct identity *id)
{
	int err = set_groups(id->groups, id->group_cnt);

	if (err)
		return err;
	setfsgid(id->gid);
	setfsuid(id->uid);
	return (uid_t)setfsuid(-1) == id->uid && (gid_t)setfsgid(-1) == id->gid ? 0 : -EPERM;
}

int identity__enter(const struct identity *id, struct identity_scope *ret)
{
	struct identity_scope s = { .uid = setfsuid(-1), .gid = setfsgid(-1) };
	struct __user_cap_data_struct data[2] = {};
	uid_t uid = id && id->is_other ? id->uid : s.uid;
	int err = id ? get_caps(data) : 0;

	*ret = (struct identity_scope){};
	if (err || !id)
		return err;
	s.effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	s.has_caps = true;
	if (id->is_other) {
		err = get_groups(&s);
		s.is_other = !err;
		err = err ?: become(id);
	}
	/* Root is root: without capabilities it would be somebody else. */
	if (!err && uid)
		err = set_effective(0);
	if (err)
		identity__leave(&s);
	else
		*ret = s;
	return err;
}

void identity__leave(struct identity_scope *s)
{
	int kept = errno;

	/*
	 * In this order: to raise what the change to a file-system user has lowered, that user must be
	 * gone; and groups are set by a capability. A failure would leave us with less than we had, never
	 * with more.
	 */
	if (s->is_other) {
		setfsuid(s->uid);
		setfsgid(s->gid);
	}
	if (s->has_caps)
		(void)set_effective(s->effective);
	if (s->is_other)
		(void)set_groups(s->groups, s->group_cnt);
	free(s->groups);
	*s = (struct identity_scope){};
	errno = kept;
}
