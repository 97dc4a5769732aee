/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GOVER_H
#define GOENVBPF_GOLANG_GOVER_H
/*
 * Go versions and the choice of a toolchain, by cmd/go/internal/gover and cmd/go/internal/toolchain
 * (since 1.21).
 *
 * "1.21" is the language version, and older than 1.21rc1, which is older than 1.21.0.
 */
#include <stdbool.h>
#include <stddef.h>

struct gomod;

/* <0, 0, >0; what is no version is older than all. Without "go" in front: "1.22.1". */
int gover__compare(const char *a, const char *b);
/* "1.22" and "1.22rc1" are; "1.22.0" is not. */
bool gover__is_lang(const char *version);
/* The version in a toolchain's name, "go1.22.1-foo" or "gccgo-go1.22.1": its length; NULL: none. */
const char *toolchain__version_in(const char *name, size_t *ret_n);

#define TOOLCHAIN_MAX_NAME 128

enum toolchain_reason {
	TOOLCHAIN_LOCAL,		/* the go that was called does the work itself */
	TOOLCHAIN_BY_NAME,		/* GOTOOLCHAIN names it */
	TOOLCHAIN_BY_TOOLCHAIN_LINE,	/* of go.work or go.mod */
	TOOLCHAIN_BY_GO_LINE,
	TOOLCHAIN_INVALID,		/* go stops: GOTOOLCHAIN or the line is malformed */
};

struct toolchain_choice {
	enum toolchain_reason reason;
	char name[TOOLCHAIN_MAX_NAME];	/* "go1.24.4"; "" when the local one is meant */
	unsigned int line;		/* of the file */
	bool may_search, may_download;	/* on PATH; from a module proxy */
};

struct toolchain_facts {
	const char *local;		/* "go1.22.1" of the go that was called */
	const char *gotoolchain;	/* as resolved */
	const char *const *argv;	/* argv[0] is go itself */
	size_t argc;
	const struct gomod *file;	/* of the go.work, else the go.mod that is found; NULL: none */
};

/* What go 1.21 and newer choose when modules are enabled; older ones always do the work themselves. */
void toolchain__choose(const struct toolchain_facts *facts, struct toolchain_choice *ret);

#endif
