/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_FILE_H
#define GOENVBPF_UTIL_FILE_H
/*
 * Files as a whole.
 */
#include <stddef.h>
#include <sys/stat.h>

#include "util/str.h"

/* Appends the content to ret; -EFBIG when there is more than max bytes (max of them are there). */
int file__read(const char *path, size_t max, struct str *ret);
int file__read_fd(int fd, size_t max, struct str *ret);
/* All n bytes; -errno, and then some may have been written. */
int file__write(int fd, const void *bytes, size_t n);
/* From where both are to the end of from. */
int file__copy(int from, int to);
/* pread(2) of n bytes at off; *ret_n is less where the file ends before. */
int file__read_at(int fd, uint64_t off, void *buf, size_t n, size_t *ret_n);
/*
 * Of an open file as the kernel has it: no server of a remote file system is asked, which may never
 * answer. Identity, size, owner, mode, number of names, mtime and ctime alone are set.
 */
int file__stat_cached(int fd, struct stat *ret);

#endif
