/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_VET_KEY_H
#define GOENVBPF_GOLANG_VET_KEY_H
/*
 * The key under which go keeps what vet found out about a package (cmd/go/internal/work, vet): SHA-256 of
 * lines that name the package's own key, vet's flags and what vet found out about the imports. Two of that
 * no record tells: the flags, and which letters Go's tables call printable. They are few, so all are tried:
 * SHA-256 does not let a wrong one be a key of the record. Go 1.15 to 1.27.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/gocache.h"

struct vet_import {
	const char *path;
	const uint8_t *output;		/* that its result is kept as: SHA-256 of it */
};

struct vet_inputs {
	const char *go;			/* "go1.26.11", of the go command and of its tools */
	const uint8_t *action;		/* the package's key, GOCACHE_ID_SZ bytes */
	const struct vet_import *imports;
	size_t import_cnt;
};

/* What was not told, as it was where a key was found: most packages of a command have the same. */
struct vet_guess {
	unsigned int flags, only;
};

/* true: the record has that key. */
typedef bool (*vet_key_fn)(void *ctx, const uint8_t *key);
/* Gives away the keys that it may have until fn returns true, and then returns that. Begin with {}. */
bool vet__keys(const struct vet_inputs *in, struct vet_guess *guess, vet_key_fn fn, void *ctx);

#endif
