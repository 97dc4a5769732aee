/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_SNAPSHOT_H
#define GOENVBPF_CAPTURE_SNAPSHOT_H
/*
 * What is in a file at one moment: read whole while nobody changed it, or not at all.
 *
 * Lifecycle: snapshot__take() → what it says → snapshot__free().
 */
#include <stdbool.h>
#include <stdint.h>

#include <sys/stat.h>

#include "capture/opener.h"
#include "capture/procdir.h"
#include "util/str.h"

/* A file as one process names it. */
struct file_name {
	const char *path;
	bool own_root;		/* the path is as they see it, which is not as we do: */
	struct viewer self;
	struct viewer first_viewer;	/* the first that saw it so; it often is there for longer */
};

/* One state of one file: two that are equal have the same content, but for writes within a tick. */
struct file_state {
	uint64_t dev, ino, size;
	int64_t mtime, ctime;	/* ns since the epoch */
};

struct file_state file_state__of(const struct stat *st);
/* ns since it began; below 0 when the time of day was set back. */
int64_t file_state__age(const struct file_state *s);
/* It began within the last ticks of the clock that files bear, so that the next may look the same. */
bool file_state__is_fresh(const struct file_state *s);
/*
 * Why it need not be what was there at that time of the boot clock, for people (static); NULL: it is. A
 * change may have been a tick later than the file says, and one that is just being made does not show yet.
 */
const char *file_state__doubt(const struct file_state *s, uint64_t boot_ts);

struct snapshot {
	/*
	 * 0; of opening it; -EISDIR; -ENXIO: a device or a pipe; -EPERM: of a process of another user;
	 * -ESTALE: it changes while it is read; -EFBIG: the text is its beginning; -ENOMEM.
	 */
	int err;
	uint64_t taken;		/* the boot clock when it was, ns */
	bool has_state;
	struct file_state state;
	struct str text;
	struct str leads_to;	/* its path without symbolic links, where that is another one; else "" */
};

/*
 * The file, by whoever is there to see it and with the rights of who opened it, for reading. What is
 * no regular file is not opened, since that alone could be noticed: -EISDIR, -ENXIO, and ret_st has
 * what it is; neither is what /proc makes up, which is something else to us. Negative errno.
 */
int file_name__open(const struct file_name *name, const struct opener *who, struct stat *ret_st);

/*
 * Names in a folder, as whoever is there sees it and with the rights of who looked for something in it:
 * of files and links, at most max. Negative errno, 0, or what fn returned to stop.
 */
int file_name__list(const struct file_name *dir, const struct opener *who, size_t max,
		    int (*fn)(void *ctx, const char *name), void *ctx);

/* Of at most max bytes. */
void snapshot__take(const struct file_name *name, const struct opener *who, size_t max,
		    struct snapshot *ret);
void snapshot__free(struct snapshot *s);
/* Why there is no (whole) text, for people; NULL: there is. */
const char *snapshot__why(const struct snapshot *s);

static inline void snapshot_cleanup(struct snapshot *s)
{
	snapshot__free(s);
}
#define __free_snapshot __cleanup_with(snapshot)

#endif
