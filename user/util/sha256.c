/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SHA-256 by the instructions of x86-64 where they are. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static bool has_instructions(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & 1u << 29;
}

/* Sixteen times four rounds; the words of the schedule are made as the last four are used up. */
__attribute__((target("sha,sse4.1,ssse3")))
static void add_blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
	__m128i abef, cdgh, w[4], k, abef_then, cdgh_then, t;

	t = _mm_shuffle_epi32(_mm_loadu_si128((const void *)state), 0xb1);
	cdgh = _mm_shuffle_epi32(_mm_loadu_si128((const void *)(state + 4)), 0x1b);
	abef = _mm_alignr_epi8(t, cdgh, 8);
	cdgh = _mm_blend_epi16(cdgh, t, 0xf0);
	for (; n; n--, p += 64) {
		abef_then = abef;
		cdgh_then = cdgh;
		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const void *)(p + 16 * i)), swap);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			k = _mm_add_epi32(w[i & 3], _mm_load_si128((const void *)(round_constants + 4 * i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
			t = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]),
					  _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
			w[i & 3] = _mm_sha256msg2_epu32(t, w[(i + 3) & 3]);
		}
		abef = _mm_add_epi32(abef, abef_then);
		cdgh = _mm_add_epi32(cdgh, cdgh_then);
	}
	t = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((void *)state, _mm_blend_epi16(t, cdgh, 0xf0));
	_mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(cdgh, t, 8));
}
#else
static bool has_instructions(void)
{
	return false;
}

static void add_blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
}
#endif

/* Asked once: every thread would find the same. */
static bool is_fast(void)
{
	static int known;	/* atomic; 0: not asked, 1: no, 2: yes */
	int is = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (!is) {
		is = has_instructions() ? 2 : 1;
		__atomic_store_n(&known, is, __ATOMIC_RELAXED);
	}
	return is == 2;
}

void sha256__init(struct sha256 *s)
{
	s->len = 0;
	SHA256Init(&s->other);
	memcpy(s->state, s->other.state.st32, sizeof(s->state));
}

static void add(struct sha256 *s, const uint8_t *p, size_t n)
{
	size_t have = s->len % sizeof(s->block), part;

	s->len += n;
	if (have) {
		part = n < sizeof(s->block) - have ? n : sizeof(s->block) - have;
		memcpy(s->block + have, p, part);
		p += part;
		n -= part;
		if (have + part < sizeof(s->block))
			return;
		add_blocks(s->state, s->block, 1);
	}
	add_blocks(s->state, p, n / sizeof(s->block));
	memcpy(s->block, p + n / sizeof(s->block) * sizeof(s->block), n % sizeof(s->block));
}

void sha256__add(struct sha256 *s, const void *bytes, size_t n)
{
	if (is_fast())
		add(s, bytes, n);
	else
		SHA256Update(&s->other, bytes, n);
}

static void put_be(uint8_t *to, uint64_t v, int n)
{
	while (n--) {
		to[n] = v;
		v >>= 8;
	}
}

void sha256__end(struct sha256 *s, uint8_t ret[SHA256_SZ])
{
	uint8_t pad[72] = { 0x80 };
	size_t n = (s->len % 64 < 56 ? 56 : 120) - s->len % 64;

	if (!is_fast()) {
		SHA256Final(ret, &s->other);
		return;
	}
	put_be(pad + n, s->len * 8, 8);
	add(s, pad, n + 8);
	for (int i = 0; i < 8; i++)
		put_be(ret + 4 * i, s->state[i], 4);
}

int sha256__fd(int fd, uint8_t ret[SHA256_SZ])
{
	uint8_t piece[65536];
	struct sha256 s;
	ssize_t n;

	sha256__init(&s);
	while ((n = read(fd, piece, sizeof(piece))))
		if (n > 0)
			sha256__add(&s, piece, n);
		else if (errno != EINTR)
			return -errno;
	sha256__end(&s, ret);
	return 0;
}

void sha256__hex(const uint8_t digest[SHA256_SZ], char ret[SHA256_HEX])
{
	for (int i = 0; i < SHA256_SZ; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}
