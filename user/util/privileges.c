/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this program may do that others may not, and how it gives that up. */
#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/privileges.h"

static int get_caps(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &head, data) ? -errno : 0;
}

bool privileges__have(unsigned int cap)
{
	struct __user_cap_data_struct data[2] = {};

	return !get_caps(data) && data[cap / 32].effective & 1u << cap % 32;
}

bool privileges__may_leave_idle(void)
{
	struct rlimit lim;

	if (!getrlimit(RLIMIT_NICE, &lim) && (lim.rlim_cur == RLIM_INFINITY || lim.rlim_cur >= 20))
		return true;
	return privileges__have(CAP_SYS_NICE);
}

int privileges__keep(uint64_t caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	int err = get_caps(data);

	if (err)
		return err;
	/* Also of programs that would be started. Kernels without ambient ones have none to clear. */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(caps >> 32 * i);
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

int privileges__no_new(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int privileges__become(const struct identity *id)
{
	if (setgroups(id->group_cnt, id->groups) || setresgid(id->gid, id->gid, id->gid) ||
	    setresuid(id->uid, id->uid, id->uid))
		return -errno;
	return privileges__keep(0);
}
