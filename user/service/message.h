/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_MESSAGE_H
#define GOENVBPF_SERVICE_MESSAGE_H
/*
 * What the service and its workers tell each other, over a socket pair that keeps messages whole. Both are
 * one program: neither doubts the other, and the format may change at any time. What clients send never
 * reaches the service itself.
 */
#include <stdint.h>

#include "service/job.h"
#include "util/fds.h"

enum message_kind {
	/* from the service */
	MESSAGE_CLIENT = 1,	/* a client's socket: do what it asks for, then end */
	MESSAGE_JOB,		/* go on with a job whose state is kept under its key */
	MESSAGE_ANSWER,		/* to BEGIN, FIND and a job's END: err */
	MESSAGE_STOP,		/* end the session; fds of a client that waits for it, or none */
	/* from a worker */
	/*
	 * Its programs are loaded; fds: what it has in the kernel, for a later worker when it is gone; err: why
	 * it does not see files as the host does
	 */
	MESSAGE_READY,
	MESSAGE_BEGIN,		/* may it be the session of that job? */
	MESSAGE_FOLLOWING,	/* it is, its record has the name file */
	MESSAGE_FIND,		/* hand these descriptors of a client to the session of that job */
	MESSAGE_END,		/* its session is over: totals; who asks for a job is sent to it until the answer */
	MESSAGE_FIGURES,	/* after that, if totals.is_read: what its record tells, in numbers */
};

/* Numbers that are added up one by one; what each is, the service is told by who writes them (service.h). */
#define FIGURES_MAX 512

/* Of a client that waits for the end of a job. */
enum { WAITER_SOCKET, WAITER_COPY, WAITER_CNT };

struct message {
	enum message_kind kind;
	int32_t err;			/* 0, or a negative errno */
	struct job_key job;
	char file[STORE_NAME_SZ];
	struct session_totals {
		uint64_t events, lost, bytes;
		uint32_t is_complete;
		uint32_t is_over;	/* of a job: it is not to be gone on with */
		uint32_t is_read;	/* its record is read now */
	} totals;
	uint64_t figures[FIGURES_MAX];
};

/*
 * -errno. What is sent stays the caller's; fds has room for fd_cnt, -1 where nothing came. -EPIPE: the other side
 * is gone.
 */
int message__send(int fd, const struct message *m, const int *fds, size_t fd_cnt);
int message__receive(int fd, struct message *ret, int *fds, size_t fd_cnt);

#endif
