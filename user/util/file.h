/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_FILE_H
#define GOENVBPF_UTIL_FILE_H
/*
 * Files as a whole.
 */
#include <stddef.h>

#include "util/str.h"

/* Appends the content to ret; -EFBIG when there is more than max bytes (max of them are there). */
int file__read(const char *path, size_t max, struct str *ret);
int file__read_fd(int fd, size_t max, struct str *ret);

#endif
