/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_OWN_H
#define GOENVBPF_GOLANG_OWN_H
/*
 * Files that go makes for itself, by their names. Names are whole components of a path: a project in
 * "go-builder" or below "/home/dev" is nobody's but its owner's.
 */
#include <stdbool.h>
#include <stddef.h>

/* The folder of one go command, "/tmp/go-build123": the length of path up to its end, 0: not in one. */
size_t go_own__work_len(const char *path);
/* Of one package in there, "/tmp/go-build123/b045". */
size_t go_own__package_len(const char *path);

/* In such a folder, in a build cache that is where go has it by default, a counter, or a trial of its. */
bool go_own__is(const char *path);
/* Below a module in the module cache, whose folder has its version in its name: "…/text@v0.3.0/". */
bool go_own__is_module(const char *path);

#endif
