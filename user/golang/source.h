/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_SOURCE_H
#define GOENVBPF_GOLANG_SOURCE_H
/*
 * Which of the files that a build reads are its inputs: sources, headers, embedded files, profiles,
 * go.mod. Not what the build made itself (its work folder, the cache), what only configures it, and
 * what may hold a secret.
 */
#include <stdbool.h>
#include <stddef.h>

enum source_reader {
	SOURCE_READER_NONE,	/* what it reads is no input of a build */
	SOURCE_READER_GO,	/* the go command, which hashes what it builds from */
	SOURCE_READER_TOOL,	/* compile, asm, cgo, cover: of GOROOT */
	SOURCE_READER_C,	/* a C compiler: headers from everywhere */
	SOURCE_READER_VCS,	/* git: what is checked out, which is stamped into programs */
};

enum source_reader source__reader(const char *exe);
/* Is the file of that absolute path, of n bytes, an input when such a program reads it? */
bool source__is_input(enum source_reader reader, const char *path, size_t n);

/*
 * May a file of that base name be meant for such a platform? Names that end in "_linux", "_arm64" and the
 * like (before the first dot) are for that one alone, whatever is in them.
 */
bool source__is_for(const char *name, const char *goos, const char *goarch);

/* It says which commit is checked out. */
bool source__is_vcs(const char *path);

#endif
