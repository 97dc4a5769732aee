/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_FRONT_H
#define GOENVBPF_CMD_FRONT_H
/*
 * The process that somebody waits for, in front of the one that observes. That one's files may be on a
 * file system whose server does not answer, and the kernel does not let a process end that waits for
 * such a server: so whoever called it is told by the other one, when the record is finished.
 */

#include <sys/types.h>

struct front {
	pid_t pid;
	int fd;		/* readable by end of file when it is gone, which ends a session as a signal does */
};

/*
 * session(ctx, front) in a process of its own; its exit status. Signals are handed on; a second one is
 * not waited for.
 */
int front__run(int (*session)(void *ctx, const struct front *front), void *ctx);

#endif
