/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_CHILD_H
#define GOENVBPF_CAPTURE_CHILD_H
/*
 * The command that is run under observation: forked, held until it is followed, then let go.
 *
 * Lifecycle: child__start() → child__pid() is followed → child__release() → child__poll_fd()
 * becomes readable when it has ended → child__status() → child__free() (kills it if it was never
 * released).
 */
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "util/cleanup.h"

struct child;

/* As whom the command runs. */
struct child_user {
	bool change;		/* false: as we are */
	uid_t uid;
	gid_t gid;
	const char *name;	/* for the supplementary groups and $USER; NULL: none */
	const char *home;	/* NULL: leave $HOME */
};

/* What it inherits of signals: this process has changed them for itself. */
struct child_signals {
	sigset_t blocked;
	sighandler_t on_pipe;	/* SIG_DFL or SIG_IGN */
};

/* argv is NULL-terminated; argv[0] is looked up in PATH as a shell does. -errno of fork(2) etc. */
int child__start(char *const *argv, const struct child_user *user,
		 const struct child_signals *signals, struct child **ret);
pid_t child__pid(const struct child *c);
/* Lets it exec: 0 when the program runs or a signal has ended it, else -errno of execve(2) or of becoming the user. */
int child__release(struct child *c);
int child__poll_fd(const struct child *c);
/* True when it was ended while it waited: by Ctrl-C. */
bool child__has_ended(struct child *c);
/* Waits; the exit status as a shell gives it: 128+N after signal N. */
int child__status(struct child *c);
void child__free(struct child *c);

DEFINE_CLEANUP(child, struct child *, child__free);
#define __free_child __cleanup_with(child)

#endif
