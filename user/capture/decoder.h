/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_DECODER_H
#define GOENVBPF_CAPTURE_DECODER_H
/*
 * Private to decode*.c: the decoder's state, and what its files do for each other.
 */
#include "capture/cgroup.h"
#include "capture/decode.h"
#include "capture/paths.h"
#include "capture/procs.h"

#define ENDED_CNT 64
#define HOMES_CNT 64

struct decoder {
	struct decoder_opts opts;
	struct procs *procs;
	struct paths *paths;
	struct cgroups *cgroups;
	struct line line;
	struct str path;		/* scratch */
	bool own_root;			/* of whose call is decoded: before it, its paths were not ours */
	uint32_t mnt_ns;		/* our own */
	uint32_t pid_ns;		/* our own, 0: the host's */
	uint64_t received[CLASS_CNT];
	uint64_t lost;
	size_t undecided;		/* provisional images that wait */
	bool adopted;			/* since it was last asked for; atomic */
	bool counts;			/* somebody asks who is alive; atomic */
	uint64_t ended[ENDED_CNT];	/* keys of processes that ended last */
	unsigned int next_ended;
	uint32_t homes[HOMES_CNT];	/* users whose home was looked at, and whether with a HOME */
	unsigned int home_cnt;
	uint64_t looked_for_pauses;	/* when, boot clock */
	size_t next_pause;		/* from which process on, the next time */
	uint64_t *beside;	/* hashes of names near which was looked; NULL: none yet */
	unsigned int beside_cnt;
};

/* --- decode.c --- */

uint64_t decoder__ts(const struct decoder *d, const struct ev_hdr *h);
/* The image of an event; made when the event that published it was lost. NULL: no memory. */
struct proc *decoder__proc(struct decoder *d, const struct ev_hdr *h);
void decoder__begin(struct decoder *d, enum rec_kind kind, const struct ev_hdr *h,
		    const struct proc *p);
/* Ends the line and records it, holds it back or drops it, as the image deserves. */
void decoder__put(struct decoder *d, struct proc *p);
/* What a request to the inspector has in common with all of this image. */
struct look_at decoder__look_at(const struct decoder *d, const struct proc *p,
				const struct ev_hdr *h);
/*
 * The same as decoder__put() for a request to the inspector. What will not be inspected, for want
 * of memory or because too much is waiting, is said in a line.
 */
void decoder__look(struct decoder *d, struct proc *p, const struct look_at *at);
/* A request that was held back, now that its process is of interest. */
void decoder__look_now(struct decoder *d, struct proc *p, const struct look_at *at);

/* --- decode_file.c --- */

void decode__file(struct decoder *d, const struct ev_hdr *h);

/* --- decode_connect.c --- */

void decode__connect(struct decoder *d, const struct ev_hdr *h);
/* "err", "answered", "interrupted" of the line: what a call returned, and EVN_… about it. */
void decoder__add_outcome(struct decoder *d, int64_t ret, unsigned int notes);

/* --- decode_used.c --- */

/* Has the file that a call was about inspected when it is configuration or a cache entry. */
void decode__used(struct decoder *d, struct proc *p, const struct ev_file *ev);

/* The process ends: what it wrote may be a program now. */
void decode__outputs(struct decoder *d, struct proc *p, const struct ev_hdr *h);

/* --- decode_beside.c --- */

/* Has what is near settings inspected that a program did not find, and where links led it. */
void decode__beside(struct decoder *d, struct proc *p, const struct ev_file *ev);

/* --- pauses.c --- */

/* Looks once a second which of the processes are stopped or frozen. */
void pauses__check(struct decoder *d, uint64_t now);
/* The process ends, or the record does: tells of a pause that was not told. */
void pauses__end(struct decoder *d, struct proc *p, bool at_end);

/* --- decode_exec.c --- */

void decode__exec(struct decoder *d, const struct ev_hdr *h);
void decode__blob(struct decoder *d, const struct ev_hdr *h);
void decode__adopt(struct decoder *d, const struct ev_hdr *h);
/* Writes the exec line of what has arrived, if one is pending. */
void decode__exec_complete(struct decoder *d, struct proc *p);

/* --- decode_foreign.c --- */

/* Whether that image is its owner's: before its first line. before: what it was, or who forked it; may be NULL. */
void foreign__exec(struct decoder *d, struct proc *p, const struct proc *before);
void foreign__fork(struct proc *child, const struct proc *p);
/* dir_uid: of its directory in /proc, if it is there; it is root's when others may not look into it. */
void foreign__adopt(struct decoder *d, struct proc *p, const struct ev_adopt *ev, bool is_there, uid_t dir_uid);
/* Nothing was told about it: it may be anybody's. */
void foreign__unknown(const struct decoder *d, struct proc *p);
/* Behind its first line: what is not seen from here on. */
void foreign__tell(struct decoder *d, const struct ev_hdr *h, struct proc *p);
/* Is a line of that kind not to be told? Then it is counted. */
bool foreign__withholds(struct proc *p, enum rec_kind kind);

/* --- decode_watch.c --- */

/*
 * An image has appeared that inherits from another (NULL: from nothing); own is what is known of
 * its own program, FOLLOW_NO when it has none (a fork).
 */
void watch__new_image(struct decoder *d, struct proc *p, const struct proc *from, enum follow own);
/* The image is gone; keeps what is undecided. */
void watch__gone(struct decoder *d, struct proc *p);

#endif
