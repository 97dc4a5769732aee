/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_CALLER_H
#define GOENVBPF_CMD_CALLER_H
/*
 * Who called: under sudo not root, but the user behind it; of the service whoever the kernel says has
 * connected. Commands run as the caller, files belong to the caller.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "util/identity.h"

struct caller {
	bool is_other;		/* not we ourselves: a user behind sudo, or at the other end of a socket */
	struct identity identity;	/* with which files are touched for the caller */
	uid_t uid;		/* (uid_t)-1 unless is_other */
	gid_t gid;
	char name[256];		/* "" unless is_other */
	char home[4096];	/* "" when it is not known */
};

#define CALLER_UNCLEAR	\
	"SUDO_UID, SUDO_GID and SUDO_USER do not say who called: unset them, or call goenvbpf without "	\
	"sudo, which starts the observer through it by itself"

/* -EINVAL: the variables of sudo are there, but make no sense; or another -errno. */
int caller__get(struct caller *ret);
void caller__free(struct caller *c);
/*
 * For verbs that do not observe: becomes the caller, without any capability. Root that calls itself
 * keeps what it takes to read other users' records. -errno.
 */
int caller__give_up_privileges(void);

/*
 * Replaces this process by itself under sudo; argv is the verb's, its name first. Returns only on
 * failure, having said why: an exit status.
 */
int caller__elevate(char **argv);
bool caller__is_privileged(void);
/* The program that elevates, NULL when there is none; privileges are enough: "". */
const char *caller__elevator(void);

#endif
