/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fuzz target: ring records of any bytes. The first byte of each chunk says how long it is; what
 * comes out must be lines that parse, whatever went in.
 */
#include "capture/decode.h"
#include "record/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_lines(void *ctx, const char *lines, size_t n)
{
	const char *end = lines + n, *next;

	for (; lines < end; lines = next + 1) {
		__free_jsonv struct jsonv *root = NULL;
		struct rec rec;

		next = memchr(lines, '\n', end - lines);
		if (!next || rec__parse(NULL, lines, next - lines, &rec, &root))
			abort();
	}
}

/* A copy at its own end of memory, so that reading behind it is seen. */
static void feed(struct decoder *d, const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n);
	struct ev_hdr *h = (void *)copy;

	if (!copy)
		return;
	memcpy(copy, bytes, n);
	if (n >= sizeof(*h)) {	/* mostly a header that holds, to get behind it */
		h->kind %= EV_CNT + 1;
		h->len = h->flags & EVF_CUT_ARGS ? h->len : n;
		h->proc %= 16;
	}
	(void)decoder__event(d, copy, n);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct record_opts out = { .fd = -1, .tap = check_lines };
	struct decoder_opts opts = { .exes_fd = -1, .verdicts_fd = -1 };
	__free_record struct record *record = NULL;
	__free_decoder struct decoder *d = NULL;
	size_t len;

	if (record__create(&out, &record))
		return 0;
	opts.record = record;
	if (decoder__new(&opts, &d))
		return 0;
	for (; n > 1; data += len, n -= len) {
		len = 1 + data[0] * 2;
		data++;
		n--;
		if (len > n)
			len = n;
		feed(d, data, len);
	}
	decoder__finish(d);
	(void)record__finish(record);	/* there is no file to fail */
	return 0;
}
