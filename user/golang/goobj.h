/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GOOBJ_H
#define GOENVBPF_GOLANG_GOOBJ_H
/*
 * The import path in an object file of Go's compiler (cmd/internal/goobj), and those of what it imports.
 * Its own is the end of the name of one symbol, "go:cuinfo.packagename.<import path>" ("go.cuinfo…" before
 * 1.20), which the compiler defines where it writes DWARF; the others are a table for the linker. Names
 * have lengths, and are found by the tables of the format alone.
 *
 * Read by pread(2) in pieces; time and memory are bounded whatever the file holds.
 */
#include <stdint.h>

#include "util/str.h"

#define GOOBJ_MAX_SYMBOLS (1u << 20)	/* that are looked at; packages of the size have some 100,000 */
#define GOOBJ_MAX_NAME	  4096
#define GOOBJ_MAX_IMPORTS 4096

/*
 * The object that begins at off: 0 and *ret, to be freed. -ENODATA: it has no such symbol, or is of no
 * known format; -EBADMSG: its tables lie; -ENOMEM; pread's.
 */
int goobj__package(int fd, uint64_t off, char **ret);

/*
 * What its files import, "unsafe" and "C" left out: import paths, each ended by NUL, in the order that they
 * have there. Errors as above; -ENODATA for more than the limit, too.
 */
int goobj__imports(int fd, uint64_t off, struct str *out);

#endif
