/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_HALF_H
#define GOENVBPF_CMD_HALF_H
/*
 * The half of a session that has the caller's rights and no others: it opens the record, asks a service or
 * an observer of its own to fill it, and shows what came of it.
 *
 * Lifecycle: HALF_INIT → half__begin() → half__open_record() → half__start() → what is observed runs →
 * half__finish() → half__free(). Statuses are exit statuses, EXIT_FAILED and up; whoever gives one has said why.
 */
#include "cmd/caller.h"
#include "cmd/capture_options.h"
#include "cmd/observer.h"
#include "capture/child.h"
#include "record/outfile.h"

struct half {
	const struct capture_options *opts;
	struct caller caller;
	struct outfile file;		/* the record */
	struct observer observer;
	struct str key;			/* of redaction, for the observer; empty: none */
	struct child_signals signals;	/* what was inherited */
	int signal_fd;
};

#define HALF_INIT { .file = { .fd = -1, .dir_fd = -1 }, .observer = OBSERVER_INIT, .signal_fd = -1 }

/* May a service be asked, and is there one? */
bool half__has_service(const struct capture_options *opts);

/* Who calls, and his key. From here on signals come through signal_fd. */
int half__begin(struct half *h, const struct capture_options *opts);
int half__open_record(struct half *h);

/*
 * Has that process (pidfd) observed, which the command is for, or NULL: by the service, or what this
 * program starts itself when may_elevate. 0, or -errno of observer__wait_ready().
 */
int half__start(struct half *h, int pidfd, char *const *command, bool may_elevate);

/* status: of what was observed, -1: it has none. EXIT_FINE, EXIT_FAILED or EXIT_INCONCLUSIVE. */
int half__finish(struct half *h, int status);
void half__free(struct half *h);

#endif
