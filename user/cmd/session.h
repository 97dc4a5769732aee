/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_SESSION_H
#define GOENVBPF_CMD_SESSION_H
/*
 * One capture as the verbs see it: the options become a record, a live view and a capture; then
 * somebody waits, and in the end the totals are told.
 *
 * Lifecycle: session__open() → capture__follow_…(s.capture) → session__wait() →
 * session__wait_for_rest() of what follows processes → session__close().
 * The process's signals INT, TERM, HUP and QUIT are blocked from session__open() on and are read
 * by session__wait().
 */
#include <stdio.h>

#include "capture/capture.h"
#include "capture/child.h"
#include "cmd/caller.h"
#include "cmd/capture_options.h"
#include "cmd/live.h"
#include "output/timeline.h"
#include "record/pass.h"

struct session {
	const struct capture_options *opts;
	struct record *record;
	struct capture *capture;
	struct timeline *timeline;
	struct live *live;	/* NULL: nothing on a terminal */
	struct pass *pass;	/* that shows both; NULL without any */
	int spool_fd;		/* the record of a session without -o, for the report; -1: none */
	int signal_fd;
	const struct front *front;	/* of a session without a command; NULL: none */
	struct caller caller;	/* set by who knows it from elsewhere than the environment */
	struct identity own;	/* of who observes with capabilities, without being root */
	bool has_file;		/* the record has a name, to be told at the end */
	int record_err;		/* why the record is cut short, when it was closed; 0: it is not */
	bool has_caller;	/* caller is set */
	bool only_own;		/* the record is of the caller's own processes alone */
	struct prepared *prepared;	/* or NULL; taken by session__open() */
	int record_fd;		/* write here, compressed as opts say, not to opts->output; -1: not */
	FILE *view;		/* where the timeline and the report go */
	bool report;		/* print the report at the end when there is no -o */
	bool is_over;		/* what it is about has ended by itself, or nobody can say */
	bool is_closed;		/* else it came to nothing, and so does the record */
	struct capture_totals totals;	/* when it was closed */
	struct capture_tag *tags;	/* of opts, split; kept as long as the capture */
	const char *mode;
	char *const *command;
};

/* The fields above up from record_fd are set by the caller. 0 or an exit status; says why. */
int session__open(struct session *s, const struct capture_options *opts);

/*
 * Waits until fd (-1: none) becomes readable: true. A session without a command also ends with a
 * signal, or when what it is for cannot be written any more: the record, or without one the live
 * view.
 */
bool session__wait(struct session *s, int fd);

/*
 * Until nobody who is followed is alive, or hears from fd (-1: none), or a signal of a session without
 * a command; without --wait for a moment only, for those that are about to end.
 */
void session__wait_for_rest(struct session *s, int fd);

/* status: of the command, -1 none. Returns EXIT_FINE, EXIT_FAILED or, strict, EXIT_INCONCLUSIVE. */
int session__close(struct session *s, int status);
void session__free(struct session *s);

/*
 * Blocks the signals that end a session, ignores SIGPIPE, and returns a descriptor to read them from.
 * ret_before: what was inherited, or NULL.
 */
int session__catch_signals(struct child_signals *ret_before);

/* A file without a name, for a record that nobody asked to keep; -errno. */
int session__open_spool(const struct identity *owner);
/* Says why the record's file could not be opened; name NULL: of one without a name. */
void session__output_error(const char *name, int err);
/* The same of a record that could not be written to its end. */
void session__cut_error(const char *name, int err);

#endif
