/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fuzz target: a record of any bytes, plain, compressed, and compressed by us. */
#include <sys/mman.h>
#include <unistd.h>

#include "record/compress.h"
#include "record/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile uint64_t seen;	/* keeps the visits from being optimised away */

static uint64_t visit(const struct jsonv *v)
{
	const struct jsonv *c;
	uint64_t sum = jsonv__int(v, 0) + jsonv__bool(v, false);

	if (jsonv__string(v))
		sum += strlen(jsonv__string(v));
	for (c = jsonv__first(v); c; c = jsonv__next(c))
		sum += visit(c) + (jsonv__name(c) ? strlen(jsonv__name(c)) : 0);
	return sum;
}

static void read_all(const uint8_t *data, size_t n, uint64_t *ret_lines)
{
	__free_reader struct reader *r = NULL;
	__close_fd int fd = memfd_create("record", MFD_CLOEXEC);
	char path[32];
	struct rec rec;
	int err;

	*ret_lines = 0;
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (reader__open(path, &r))
		return;
	while ((err = reader__next(r, &rec)) == 1) {
		seen += visit(rec.root) + rec__uint(&rec, "ts", 0);
		++*ret_lines;
	}
	if (err || *ret_lines > reader__line(r))
		abort();
	(void)reader__is_cut(r);
}

struct packed {
	unsigned char bytes[1 << 17];
	size_t n;
};

static int keep(void *ctx, const void *data, size_t n)
{
	struct packed *p = ctx;

	if (n > sizeof(p->bytes) - p->n)
		abort();	/* more than it was */
	memcpy(p->bytes + p->n, data, n);
	p->n += n;
	return 0;
}

/* In two pieces with a flush between them, as a record is written. */
static void pack(enum compression c, const uint8_t *data, size_t n, struct packed *ret)
{
	struct squeezer *s = squeezer__new(c, keep, ret);

	ret->n = 0;
	if (!s || squeezer__put(s, data, n / 2, SQUEEZE_PUT) || squeezer__put(s, NULL, 0, SQUEEZE_FLUSH) ||
	    squeezer__put(s, data + n / 2, n - n / 2, SQUEEZE_PUT) || squeezer__put(s, NULL, 0, SQUEEZE_END))
		abort();
	squeezer__free(s);
}

/* The text reads the same whether it was compressed or not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char head[] = "{\"k\":\"header\"}\n";
	static unsigned char text[1 << 16];
	static struct packed packed;
	uint64_t plain, lines;

	read_all(data, n, &plain);
	if (n > sizeof(text) - sizeof(head))
		return 0;
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(head) - 1, data, n);
	n += sizeof(head) - 1;
	read_all(text, n, &plain);
	for (enum compression c = COMPRESSION_GZIP; c <= COMPRESSION_ZSTD; c++) {
		pack(c, text, n, &packed);
		read_all(packed.bytes, packed.n, &lines);
		if (plain != lines)
			abort();
	}
	return 0;
}
