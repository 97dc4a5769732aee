// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * io_uring: what a task has done through a ring never was a system call of its own. That there is a
 * ring is all that can be seen, and has to be told.
 */
#include "ge.h"

__hidden void ring__put(const struct task_state *s, __s64 ret)
{
	struct ev_file ev = { .ret = ret, .call = CALL_IO_URING_SETUP };

	emit__head(&ev.h, EV_FILE, s);
	emit__put(&ev.h, sizeof(ev), CLASS_FILE);
}

/* One of the calls whose functions are described by the stub: see ge_fd_connect. */
SEC("fexit")
int BPF_PROG(ge_fd_io_uring_setup, struct pt_regs *regs, long ret)
{
	struct task_state *s = follow__get();

	if (s)
		ring__put(s, ret);
	return 0;
}
