/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_SOCKET_H
#define GOENVBPF_SERVICE_SOCKET_H
/*
 * Where a service is found, and who may come: root, and members of one group, as the kernel says who they
 * are. Nothing that a client says is asked for that.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "util/identity.h"

/*
 * The socket that systemd hands over, or one of our own at that path, for root and that group (NULL or not
 * there: root alone). A path where another service answers is refused: -EADDRINUSE. -errno.
 */
int socket__listen(const char *path, const char *group);
void socket__remove(const char *path);

/* Its gid; false: there is no such group. */
bool socket__find_group(const char *name, gid_t *ret);

/* Who is at the other end of a connection, with all groups: those of when it was made. -errno. */
int socket__who(int fd, struct identity *ret);
bool socket__may_ask(const struct identity *who, bool has_group, gid_t group);

/* The client's side: -ENOENT, -ECONNREFUSED: there is no service; -EACCES: not for this user. */
int socket__connect(const char *path);

#endif
