/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key under which equal secrets look equal: HMAC-SHA-256 (RFC 2104) over libmd. */
#include <sha2.h>
#include <stdbool.h>

#include "record/redact.h"
#include "record/redact_cuts.h"

/* Set once, before any line is made, and read only from then on. */
static SHA2_CTX inner, outer;	/* each has taken its padded key in */
static bool has_key;

static void take_in(SHA2_CTX *ctx, const uint8_t *key, uint8_t pad)
{
	uint8_t block[SHA256_BLOCK_LENGTH];
	size_t i;

	for (i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	SHA256Init(ctx);
	SHA256Update(ctx, block, sizeof(block));
	explicit_bzero(block, sizeof(block));
}

void redact__set_key(const void *key, size_t n)
{
	uint8_t block[SHA256_BLOCK_LENGTH] = {};
	SHA2_CTX ctx;

	has_key = n;
	if (n > sizeof(block)) {
		SHA256Init(&ctx);
		SHA256Update(&ctx, key, n);
		SHA256Final(block, &ctx);
		explicit_bzero(&ctx, sizeof(ctx));
	} else if (n) {
		memcpy(block, key, n);
	}
	take_in(&inner, block, 0x36);
	take_in(&outer, block, 0x5c);
	explicit_bzero(block, sizeof(block));
}

void redact__put_marker(const void *value, size_t n, struct str *out)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx = inner;

	if (!has_key) {
		str__adds(out, REDACTED);
		return;
	}
	SHA256Update(&ctx, value, n);
	SHA256Final(hash, &ctx);
	ctx = outer;
	SHA256Update(&ctx, hash, sizeof(hash));
	SHA256Final(hash, &ctx);
	str__adds(out, "[redacted:");
	str__addhex(out, hash, 4);
	str__addc(out, ']');
}
