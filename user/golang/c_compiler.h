/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_C_COMPILER_H
#define GOENVBPF_GOLANG_C_COMPILER_H
/*
 * The version of a C compiler, by the places that it has compiled in: nothing in its executable or
 * arguments tells it, and what it prints is not seen.
 */
#include <stdbool.h>
#include <stddef.h>

/*
 * gcc's own programs (cc1, cc1plus, f951, lto1, collect2) lie in a folder that is called like the
 * version: ".../gcc/x86_64-linux-gnu/12/cc1". How much of it is told is the distribution's choice.
 * The version is ret_n bytes of path.
 */
bool gcc__version_of(const char *path, const char **ret, size_t *ret_n);

/* clang takes its headers from "<prefix>/lib/clang/14.0.6/…", when it lies in <prefix>/bin. */
bool clang__version_of(const char *exe, const char *path, const char **ret, size_t *ret_n);

#endif
