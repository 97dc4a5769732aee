/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_EXECUTABLES_H
#define GOENVBPF_CAPTURE_EXECUTABLES_H
/*
 * Build information of everything that is executed on this host.
 *
 * fanotify hands over a descriptor for each execution; the file behind it is read once per version
 * (inode and change time). Nothing is ever blocked: these are notifications, not permissions.
 *
 * Lifecycle: executables__new() before the first exec of interest → executables__find() for each
 * → executables__free(). One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "capture/inspector.h"
#include "golang/buildinfo.h"

struct executables;

/* owner: of the record, NULL: root, for whom all is read. NULL: no memory. */
struct executables *executables__new(const struct identity *owner);
void executables__free(struct executables *x);
bool executables__has_descriptors(const struct executables *x);

struct executable {
	const struct buildinfo *info;	/* NULL: see err */
	/* Of buildinfo__read_fd(); -ESTALE: gone before it was read; -EACCES: not the owner's to read. */
	int err;
	bool is_go;
};

/* What an exec was of. Borrowed until the next call. */
struct executable *executables__find(struct executables *x, const struct look_at *at);

/*
 * True once for each file: layers of an overlay and their mounts give one file several devices, and
 * whoever reads the record knows it by that.
 */
bool executables__is_new(struct executables *x, const struct ev_exe *exe);

/* Takes what has queued up, so that it does not pin files for long. */
void executables__drain(struct executables *x);

#endif
