/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_BASE64_H
#define GOENVBPF_UTIL_BASE64_H
/*
 * Base64 (RFC 4648) of a stream, in pieces: base64__add() of each piece → base64__end(), which adds
 * the padding. Starts with a struct of zeros.
 */
#include "util/str.h"

struct base64 {
	unsigned char left[3];	/* bytes that do not make four digits yet */
	unsigned int left_cnt;
};

void base64__add(struct base64 *b, const void *bytes, size_t n, struct str *out);
void base64__end(struct base64 *b, struct str *out);

#endif
