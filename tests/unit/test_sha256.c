/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SHA-256, against libmd's of the same bytes in pieces of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/sha256.h"

#define MAX 1000

static void assert_same(const uint8_t *bytes, size_t n, size_t piece)
{
	char digits[SHA256_HEX], expected[SHA256_DIGEST_STRING_LENGTH];
	uint8_t digest[SHA256_SZ];
	struct sha256 s;

	sha256__init(&s);
	for (size_t at = 0; at < n; at += piece)
		sha256__add(&s, bytes + at, n - at < piece ? n - at : piece);
	sha256__end(&s, digest);
	sha256__hex(digest, digits);
	SHA256Data(bytes, n, expected);
	assert_string_equal(digits, expected);
}

static void every_length(void **state)
{
	static const size_t pieces[] = { 1, 7, 63, 64, 65, 128, MAX };
	uint8_t bytes[MAX];

	for (size_t i = 0; i < MAX; i++)
		bytes[i] = i * 31 + i / 256;
	for (size_t n = 0; n <= MAX; n++)
		for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
			assert_same(bytes, n, pieces[i]);
}

static void known_answer(void **state)
{
	uint8_t digest[SHA256_SZ];
	char digits[SHA256_HEX];
	struct sha256 s;

	sha256__init(&s);
	sha256__add(&s, "abc", 3);
	sha256__end(&s, digest);
	sha256__hex(digest, digits);
	assert_string_equal(digits, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length), cmocka_unit_test(known_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
