/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_SERVED_H
#define GOENVBPF_CMD_SERVED_H
/*
 * A session on behalf of whoever is at the other end of a socket: a run's other half, or a service's client.
 * He is handed nothing but words: the record, and what is said, go into descriptors that came from him.
 *
 * Lifecycle: served__receive() → who it may be about is checked → session__open() and capture__follow_…() →
 * served__finish() → served__free().
 */
#include <sys/socket.h>

#include "cmd/capture_options.h"
#include "cmd/peer.h"
#include "cmd/session.h"

/* Options and a command line, as they were received. */
struct served {
	struct str text;	/* what the rest points into */
	struct capture_options opts;
	struct texts command;
	int fds[PEER_FD_CNT];
};

#define SERVED_INIT { .fds = { -1, -1, -1 } }

/* sender: see peer__receive(). -errno with a sentence in why. */
int served__receive(int fd, struct served *r, struct ucred *sender, struct str *why);
/* The same of a request that was kept. */
int served__decode(struct served *r, struct str *why);

/*
 * Everything is in place: says so, waits until the other side says that it is over (or is gone, or the
 * session is ended otherwise), and finishes the record, with the status that came. The exit status.
 */
int served__finish(int fd, struct session *s);
void served__free(struct served *r);

#endif
