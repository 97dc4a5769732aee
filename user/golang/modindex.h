/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_MODINDEX_H
#define GOENVBPF_GOLANG_MODINDEX_H
/*
 * A module index: what go keeps in the build cache about the source files of a module of the module
 * cache, or of one package of any other module (cmd/go/internal/modindex; "go index v0" to "v2").
 */
#include <stddef.h>

#define MODINDEX_MAX_DIR 4096

/*
 * The directory of the only package in the index, relative to the root of its module ("" is the root
 * itself), as a string in ret. -ENODATA: of another number of packages, or no index; -EBADMSG: cut or
 * damaged; else pread's.
 */
int modindex__read_dir(int fd, char ret[MODINDEX_MAX_DIR]);

#endif
