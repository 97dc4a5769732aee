/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_SHA256_H
#define GOENVBPF_UTIL_SHA256_H
/*
 * SHA-256 of much: with the instructions for it where the CPU has them, which takes a sixth of the
 * time of libmd's, else by libmd.
 *
 * Lifecycle: sha256__init() → sha256__add() of each piece → sha256__end().
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sha256.h>

#define SHA256_SZ  32
#define SHA256_HEX (2 * SHA256_SZ + 1)

struct sha256 {
	uint32_t state[8];
	uint64_t len;			/* bytes so far */
	uint8_t block[64];		/* not yet worked off: len % 64 */
	SHA2_CTX other;			/* without such instructions */
};

void sha256__init(struct sha256 *s);
void sha256__add(struct sha256 *s, const void *bytes, size_t n);
void sha256__end(struct sha256 *s, uint8_t ret[SHA256_SZ]);

/* Of all that is left to read; 0 or -errno. */
int sha256__fd(int fd, uint8_t ret[SHA256_SZ]);

/* As lower case hexadecimal digits. */
void sha256__hex(const uint8_t digest[SHA256_SZ], char ret[SHA256_HEX]);

#endif
