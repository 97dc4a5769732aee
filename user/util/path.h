/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_PATH_H
#define GOENVBPF_UTIL_PATH_H
/*
 * Paths as text: nothing here looks at a file system. A directory is named with or without a slash
 * at its end; "/" is a directory like any other.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

/* The last name: "go.mod" of "/src/go.mod", all of it without a slash, "" behind the last slash. */
const char *path__base(const char *path);
/* Length of what stands before the last slash, 1 for "/x", 0 when there is no slash. */
size_t path__dir_len(const char *path);
/*
 * What follows dir and its slashes: "" for dir itself, "a/b" below it; NULL elsewhere, and when dir
 * is NULL or "".
 */
const char *path__below(const char *dir, const char *path);
/* path is dir or below it. */
static inline bool path__is_in(const char *dir, const char *path)
{
	return path__below(dir, path);
}

/* The same for the first n bytes of dir. */
bool path__is_in_n(const char *dir, size_t n, const char *path);
/* The last name is base. */
static inline bool path__is_named(const char *path, const char *base)
{
	return str_eq(path__base(path), base);
}

/* The directory of path is dir. */
bool path__is_directly_in(const char *dir, const char *path);

/* Go's filepath.Clean of out->s from byte start on: "." and ".." resolved as text, slashes single. */
void path__clean(struct str *out, size_t start);
/* Appends name, cleaned, as seen from dir: dir/name, or name alone when that is absolute. */
void path__add_from(struct str *out, const char *dir, const char *name);

#endif
