/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_OUTFILE_H
#define GOENVBPF_RECORD_OUTFILE_H
/*
 * The file that a record goes to: found, made, replaced and removed with the rights of its owner
 * and nothing more. Its folder is held by a descriptor and the file is known by its inode, so a path
 * that means something else meanwhile is of no consequence.
 *
 * Lifecycle: outfile__open() → write to .fd → outfile__keep() or outfile__discard() →
 * outfile__close(), which keeps what was written and not kept yet.
 *
 * A pipe, a device and a descriptor of our own (/dev/stdout, /dev/fd/3) are written to as they are
 * and never replaced or removed. Everything else is a new file: 0600, and not through a link.
 */
#include <stdbool.h>

#include "util/identity.h"

struct outfile {
	int fd;			/* -1: not open */
	bool is_new;		/* a file that we made, with a name */
	int dir_fd;		/* its folder */
	char *name;		/* in that folder */
	char *part;		/* its name until it is kept, when it replaces one or must be whole; else NULL */
	bool is_whole;		/* see outfile__open_whole() */
	bool force;
	const struct identity *owner;	/* borrowed; NULL: as we are */
};

/*
 * "-" is standard output. force: replace a file or a link that is there, when the new one is kept.
 * Waits for the reader of a pipe, until one of the signals that are blocked is pending (-EINTR).
 * -EEXIST without force; -errno of open(2).
 */
int outfile__open(struct outfile *f, const char *path, bool force, const struct identity *owner);
/* One of INT, TERM, HUP and QUIT, which the caller has blocked, is pending. */
bool outfile__is_interrupted(void);
/*
 * The same for what is of no use in parts: the file has its name only once it is kept, and is removed
 * when it is closed without that. What is written to as it is gets what was written.
 */
int outfile__open_whole(struct outfile *f, const char *path, bool force);
/* Gives the file its final name; -errno of rename(2). */
int outfile__keep(struct outfile *f);
/* Removes the file if we made it: nothing was written that anybody wants. */
void outfile__discard(struct outfile *f);
void outfile__close(struct outfile *f);

#endif
