/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_OBSERVER_H
#define GOENVBPF_CMD_OBSERVER_H
/*
 * The privileged half of a run, as its other half sees it: "goenvbpf observe", started beside the
 * command, through sudo if need be. What it is to do never stands on its command line, which sudo
 * writes to a log; it goes over a socket (cmd/peer.h).
 *
 * Lifecycle: observer__start() → observer__wait_ready() → the command runs → observer__finish() →
 * observer__free().
 */
#include "cmd/capture_options.h"
#include "cmd/peer.h"

struct observer {
	bool is_service;	/* a worker of the service, no process of ours */
	struct str why;		/* it refuses */
	pid_t pid;		/* 0: it has ended, or nobody waits for its end any more */
	int pidfd;
	int listen_fd;
	int fd;			/* to it, -1 until it has come */
};

#define OBSERVER_INIT { .pidfd = -1, .listen_fd = -1, .fd = -1 }

int observer__start(struct observer *o);	/* -errno */
/* In its place: the service is asked. -errno: there is none. */
int observer__ask_service(struct observer *o);

/*
 * Hands over what it is to do and waits until everything is in place. 0; -ECHILD: it has ended and
 * has said why; -ECONNREFUSED: the service refuses, and why is in o->why; -EINTR: signal_fd is readable; another -errno.
 */
int observer__wait_ready(struct observer *o, const struct str *request,
			 const int fds[static PEER_FD_CNT], int signal_fd);

/*
 * Of what ends by itself, or with a signal: until the observer has finished the record. A first signal is
 * handed on, a second one is not waited for.
 */
void observer__wait(const struct observer *o, int signal_fd);
/*
 * Tells it that the command has ended, with this status (-1: nothing is told), and waits until the record is finished. 0;
 * -ECHILD: it has ended without a word, the status is in ret->status; -EINTR as above.
 */
int observer__finish(struct observer *o, int status, int signal_fd, struct peer_verdict *ret);
void observer__free(struct observer *o);

#endif
