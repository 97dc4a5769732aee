/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_CGROUP_H
#define GOENVBPF_CAPTURE_CGROUP_H
/*
 * Control groups by id and by path.
 *
 * The id is the kernel's 64-bit kernfs id: what the file handle of the directory holds, in the
 * unified hierarchy as in the old ones, which all count for themselves.
 */
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"
#include "util/str.h"

/*
 * Id of the cgroup whose directory is path, and of its hierarchy (0: the unified one); -ENOTDIR,
 * -ENOENT, -EOPNOTSUPP (not a cgroup).
 */
int cgroup__id(const char *path, uint64_t *ret, uint32_t *ret_tree);

struct cgroups;		/* names of cgroups in the unified hierarchy, cached */

struct cgroups *cgroups__new(void);	/* NULL: no memory */
void cgroups__free(struct cgroups *c);
/*
 * "/system.slice/x" as in /proc/PID/cgroup; NULL when it is gone or there is no such hierarchy.
 * Borrowed until the next call.
 */
const char *cgroups__path(struct cgroups *c, uint64_t id);

/*
 * The control group of the process whose directory in /proc that is, when it is frozen, by itself or with one
 * above; *ret is its path in the hierarchy that does so. False: it is not, or nobody can tell.
 */
bool cgroups__is_frozen(const struct cgroups *c, int proc_dir, struct str *ret);

/* Calls fn with every process of the cgroup and of those below it; 0 or the first error. */
int cgroup__each_process(const char *path, int (*fn)(void *ctx, uint32_t pid), void *ctx);

#endif
