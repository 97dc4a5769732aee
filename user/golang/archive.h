/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_ARCHIVE_H
#define GOENVBPF_GOLANG_ARCHIVE_H
/*
 * The head of a compiled package as it lies in the build cache: whose it is and what made it.
 *
 * The archive's first lines tell the target, the Go version and the build ID. The import path is in
 * no line; goobj.h finds it in the object file, and those of what it imports.
 *
 * Lifecycle: archive__read_fd() → the fields → archive__free(). Only pread(2), in chunks.
 */
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"
#include "util/str.h"

#define ARCHIVE_MAX	(1ull << 30)	/* where members are looked for */

struct go_archive {
	char *goos, *goarch;
	char *version;		/* "go1.22.1" */
	char *build_id;		/* "action/content"; NULL without one */
	char *package;		/* import path, "main" for every program; NULL: made without DWARF */
	struct str imports;	/* of its files, each ended by NUL, "unsafe" and "C" left out */
	bool has_imports;	/* false: of a format that is not known */
	/*
	 * What the C compiler calls itself, in the first object of C that it made: "GCC: (Debian
	 * 12.2.0-14) 12.2.0", "Debian clang version 14.0.6"; NULL: there is none that says it.
	 */
	char *cc;
};

/* -ENODATA: not an archive of Go's (of vet, test, index or link entries); -EBADMSG; -ENOMEM; pread's. */
int archive__read_fd(int fd, struct go_archive *ret);
void archive__free(struct go_archive *a);

static inline void archive_cleanup(struct go_archive *a)
{
	archive__free(a);
}
#define __free_archive __attribute__((cleanup(archive_cleanup)))

#endif
