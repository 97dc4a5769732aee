/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_EXECUTABLES_H
#define GOENVBPF_CAPTURE_EXECUTABLES_H
/*
 * Build information of everything that is executed on this host, read when it was: once for each state
 * of a file, by device, inode, change time and size.
 *
 * Lifecycle: executables__new() before the first exec of interest → executables__start() →
 * executables__find() for each, by one thread at a time, and executable__put() → executables__free().
 */
#include <stdbool.h>
#include <stdint.h>

#include "capture/inspector.h"
#include "golang/buildinfo.h"

struct executables;

/* owner: of the record, NULL: root, for whom all is read. NULL: no memory. */
struct executables *executables__new(const struct identity *owner);
int executables__start(struct executables *x);
/* False: a thread of it hangs, and all that it uses, owner too, is left to it. */
bool executables__free(struct executables *x);
bool executables__has_descriptors(const struct executables *x);
/* As relay__check(). */
void executables__check(struct executables *x);

struct executable {
	const struct buildinfo *info;	/* NULL: see err */
	/*
	 * Of buildinfo__read_fd(); -ESTALE: gone or changed before it was read; -EACCES: not the owner's
	 * to read; -ETIMEDOUT: its file system does not answer.
	 */
	int err;
	bool is_go;
	/*
	 * It had changed within the last ticks of the clock, so that its next state may look the same:
	 * what it is holds for this execution alone.
	 */
	bool is_fresh;
};

/* What an exec was of; to be put. */
const struct executable *executables__find(struct executables *x, const struct look_at *at);
void executable__put(const struct executable *exe);

/*
 * True once for each file: layers of an overlay and their mounts give one file several devices, and
 * whoever reads the record knows it by that.
 */
bool executables__is_new(struct executables *x, const struct ev_exe *exe);

#endif
