/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_IDENTITY_H
#define GOENVBPF_UTIL_IDENTITY_H
/*
 * On whose behalf files are touched: a privileged program that opens, makes or removes a file for
 * somebody does it with that somebody's ids and groups, so that the kernel decides what is allowed.
 *
 *	struct identity_scope scope;
 *	err = identity__enter(&identity, &scope);
 *	… open(), rename(), unlink() …
 *	identity__leave(&scope);
 *
 * It changes the calling thread alone (file-system ids, groups, and all capabilities, since more of
 * them open doors than those that override permissions of files: CAP_SYS_PTRACE those of /proc), so
 * other threads may go on with what they do.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct identity {
	bool is_other;		/* false: our own ids, yet without capabilities */
	uid_t uid;
	gid_t gid;
	gid_t *groups;		/* the supplementary ones */
	size_t group_cnt;
};

struct identity_scope {
	bool is_other, has_caps;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t group_cnt;
	uint64_t effective;
};

/* The groups that the user database has for name; -errno. */
int identity__of_user(const char *name, uid_t uid, gid_t gid, struct identity *ret);
/* Our own. */
int identity__own(struct identity *ret);
void identity__free(struct identity *id);

/* What owner, group and mode of a file say; its access control list is not asked. */
bool identity__may_read(const struct identity *id, uid_t uid, gid_t gid, mode_t mode);

/* 0, or a negative errno, and then nothing has changed. id NULL: as we are. errno is kept by leave. */
int identity__enter(const struct identity *id, struct identity_scope *ret);
void identity__leave(struct identity_scope *scope);

#endif
