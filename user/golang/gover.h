/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GOVER_H
#define GOENVBPF_GOLANG_GOVER_H
/*
 * Go versions as the go command orders them, and the lines of go.mod and go.work that ask for one.
 * Nothing allocates. Since 1.21 a language version comes before its releases:
 * 1.21 < 1.21rc1 < 1.21.0; until 1.20 it is the first release: 1.20 = 1.20.0.
 */
#include <stdbool.h>
#include <stddef.h>

#define GOVER_MAX 128	/* bytes of a version; longer ones count as malformed */

/* "1.22.1", "1.22rc1"; without "go". Malformed ones are smaller than all others, and equal. */
int gover__compare(const char *x, const char *y);
bool gover__is_valid(const char *v);
/* "1.22" as the language, not a release. */
bool gover__is_lang(const char *v);
/* "1.22.1" of "go1.22.1", "go1.22.1-acme", "go1.22.1 X:…"; false: not a toolchain's name. */
bool gover__of_toolchain(const char *name, char ret[GOVER_MAX]);

/*
 * What go looks up before it parses go.mod or go.work: the first line that begins with key ("go",
 * "toolchain") and a space, up to a comment; no blocks, no quotes. False: there is none.
 * ret: n bytes of text from 1-based *ret_line.
 */
bool gover__look_up(const char *text, size_t size, const char *key, const char **ret, size_t *ret_n,
		    unsigned int *ret_line);

#endif
