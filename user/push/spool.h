/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_PUSH_SPOOL_H
#define GOENVBPF_PUSH_SPOOL_H
/*
 * Requests that were not accepted, a line each, for the next push. A file of the user's alone; one push
 * has it at a time. What was accepted leaves it at the end, so that one that is killed may send
 * something twice and never forgets it.
 *
 * Lifecycle: spool__open() → spool__next() of what is in it, spool__keep() each that stays →
 * spool__add() → spool__close().
 */
#include <stdio.h>

#include "util/options.h"

struct spool_line {
	off_t at;
	size_t len;
};

struct spool {
	char *path;
	int fd;
	off_t old_end;			/* of what was in it */
	FILE *old;
	struct spool_line last;		/* that spool__next() gave */
	struct spool_line *kept;	/* of the old ones */
	size_t kept_cnt, old_cnt;
};

/* Where a URL's is by default: appends the path, and makes its folder. -errno. */
int spool__place(const char *url, struct str *ret);
/* Waits for another push until that time (CLOCK_MONOTONIC, ns): -EBUSY. -EPERM: it is no file of ours. */
int spool__open(struct spool *s, const char *path, uint64_t until);
/* 1: *line, with its newline, is grown as by getline(3); 0: no more; -errno. */
int spool__next(struct spool *s, char **line, size_t *room, size_t *ret_n);
int spool__keep(struct spool *s);				/* the one just given; -ENOMEM */
int spool__add(struct spool *s, const char *line, size_t n);	/* with its newline; -errno */
int spool__close(struct spool *s);				/* -errno: what was sent may be in it still */

#endif
