/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_KEPT_H
#define GOENVBPF_CAPTURE_KEPT_H
/*
 * Files that one start of root's leaves for the next ones: programs (image_cache.h), hashes (hash_store.h).
 *
 * Only root keeps them and only root's are taken: the folder and the file are root's, nobody else may write
 * them or gets there by a link. Whether what is in a file is of this boot is for its reader to see.
 */
#include <stddef.h>

#include "util/str.h"

#define KEPT_FOLDER "/run/goenvbpf.kept"
#define KEPT_BOOT_SZ 40

/* A descriptor; is_made: the folder is made if it is not there. -EACCES: it is not to be trusted; -errno. */
int kept__open_folder(const char *path, bool is_made);
/* flags: O_RDONLY or O_RDWR. As above; -ENOENT: there is none. */
int kept__open(int folder, const char *name, int flags);
/*
 * Puts a file of this content there, whole or not at all; up to size it is filled with zeros, which take no
 * room. -EWOULDBLOCK: somebody else is at it, and has as much to put there; -errno.
 */
int kept__replace(int folder, const char *name, const struct str *content, size_t size);
/* Which boot of the kernel this is; the rest is zero. */
int kept__read_boot(char ret[static KEPT_BOOT_SZ]);

#endif
