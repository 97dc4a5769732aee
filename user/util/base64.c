/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Base64 of a stream. */
#include "util/base64.h"

static void add_three(const unsigned char *in, struct str *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char four[4] = {
		digits[in[0] >> 2],
		digits[(in[0] & 3) << 4 | in[1] >> 4],
		digits[(in[1] & 15) << 2 | in[2] >> 6],
		digits[in[2] & 63],
	};

	str__add(out, four, sizeof(four));
}

void base64__add(struct base64 *b, const void *bytes, size_t n, struct str *out)
{
	const unsigned char *in = bytes, *end = in + n;

	for (; in < end && b->left_cnt; in++) {
		b->left[b->left_cnt++] = *in;
		if (b->left_cnt == 3) {
			add_three(b->left, out);
			b->left_cnt = 0;
		}
	}
	for (; end - in >= 3; in += 3)
		add_three(in, out);
	for (; in < end; in++)
		b->left[b->left_cnt++] = *in;
}

void base64__end(struct base64 *b, struct str *out)
{
	unsigned int n = b->left_cnt;

	if (!n)
		return;
	memset(b->left + n, 0, 3 - n);
	add_three(b->left, out);
	str__cut(out, out->len - (3 - n));
	str__add(out, "==", 3 - n);
	b->left_cnt = 0;
}
