/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_PEER_H
#define GOENVBPF_CMD_PEER_H
/*
 * How the two halves of a run find and trust each other.
 *
 * The caller's half listens at an address that the kernel chose; the privileged half, which sudo
 * starts without any of our descriptors, is told it by name. Each asks the kernel who the other is.
 */
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "util/str.h"

#define PEER_NAME_SZ 16

/* A listening socket and its name; -errno. */
int peer__listen(char ret_name[static PEER_NAME_SZ]);
/* The next one who connects and is root or has our uid; others are turned away. -EAGAIN: nobody. */
int peer__accept(int listen_fd);
/* -EINVAL: no such name can be; -errno of connect(2). */
int peer__connect(const char *name);

/* What the other half is handed beside the request. */
enum peer_fd { PEER_RECORD, PEER_CHILD, PEER_TALK, PEER_FD_CNT };

int peer__send(int fd, const struct str *request, const int fds[static PEER_FD_CNT]);
/*
 * The request without its head in text, the descriptors, which are the caller's (-1: not open), and
 * who the kernel says has sent it (NULL: the one who has connected). -EPROTO: it is not what peer__send()
 * sends.
 */
int peer__receive(int fd, struct str *text, int fds[static PEER_FD_CNT], struct ucred *sender);

/* May sender have the process observed that pidfd means? Its number, or -EPERM, -ESRCH. */
pid_t peer__check_child(int pidfd, const struct ucred *sender);

/* May that user have the process observed: is it his, with no other rights? Root may. The same. */
pid_t peer__check_own(int pidfd, uid_t uid);

/* The end of a run: how the observer fared. */
struct peer_verdict {
	int status;		/* EXIT_FINE, EXIT_FAILED, EXIT_INCONCLUSIVE */
	int record_err;		/* why the record is cut short, negative errno; 0: it is not */
};

/* Whole messages of n bytes; -EPIPE: the other half is gone. */
int peer__put(int fd, const void *data, size_t n);
int peer__get(int fd, void *data, size_t n);

#endif
