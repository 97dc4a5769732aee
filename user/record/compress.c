/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compressed streams, gzip or zstd. */
#include <errno.h>
#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>

#include "record/compress.h"
#include "util/str.h"

#define OUT_SZ (64 * 1024)
#define BLOCK_HEADER 3	/* of zstd */
#define PIECE_MAX (1u << 30)	/* zlib counts in unsigned int */

/*
 * gzip's level 2 costs what level 1 does and saves a byte of 30 per event; from level 4 on the price is
 * half as much again. zstd's level 1 costs 0.4 of that for 0.8 of the size; level 3 is worse. A window
 * of 4 MiB and a table twice as large cost nothing but memory and save 1 to 6 % of the size: a build's
 * look-ups come again in the next one. zstd's lazy2 would save 13 to 15 % for four times the time
 * (tests/bench/size.py): most of what is left are hashes and times, which nothing makes smaller.
 */
#define GZIP_LEVEL 2
#define GZIP_LEVEL_SMALL 6
#define ZSTD_LEVEL 1
#define ZSTD_WINDOW 22
#define ZSTD_HASH 15
#define ZSTD_WINDOW_MAX 27	/* 128 MiB, what zstd reads without being told to: a record may ask for more */

/* --- which --- */

static const struct format {
	const char *name, *suffix;
	unsigned char magic[4];
	size_t magic_sz;
} formats[] = {
	[COMPRESSION_GZIP] = { "gzip", ".gz",  { 0x1f, 0x8b, 8 },	   3 },
	[COMPRESSION_ZSTD] = { "zstd", ".zst", { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
};

enum compression compression__of_path(const char *path)
{
	for (size_t c = 1; c < ARRAY_SIZE(formats); c++)
		if (str_has_suffix(path, formats[c].suffix))
			return c;
	return COMPRESSION_NONE;
}

enum compression compression__of_name(const char *name)
{
	for (size_t c = 1; name && c < ARRAY_SIZE(formats); c++)
		if (str_eq(name, formats[c].name))
			return c;
	return COMPRESSION_NONE;
}

const char *compression__name(enum compression c)
{
	return formats[c].name;
}

enum compression compression__of_bytes(const unsigned char *bytes, size_t n)
{
	for (size_t c = 1; n && c < ARRAY_SIZE(formats); c++)
		if (!memcmp(bytes, formats[c].magic, n < formats[c].magic_sz ? n : formats[c].magic_sz))
			return c;
	return COMPRESSION_NONE;
}

/* --- writing --- */

struct squeezer {
	enum compression c;
	squeeze_write_fn write;
	void *ctx;
	z_stream z;
	ZSTD_CCtx *zstd;
	int gzip_level;
	unsigned char out[OUT_SZ];
};

static bool start(struct squeezer *s)
{
	static const struct {
		ZSTD_cParameter name;
		int value;
	} params[] = {
		{ ZSTD_c_compressionLevel, ZSTD_LEVEL },
		{ ZSTD_c_windowLog,	   ZSTD_WINDOW },
		{ ZSTD_c_hashLog,	   ZSTD_HASH },
		{ ZSTD_c_checksumFlag,	   1 },
	};

	if (s->c == COMPRESSION_GZIP)	/* 15 + 16: the largest window, gzip's frame */
		return deflateInit2(&s->z, s->gzip_level, Z_DEFLATED, 15 + 16, 9,
				    Z_DEFAULT_STRATEGY) == Z_OK;
	s->zstd = ZSTD_createCCtx();
	for (size_t i = 0; s->zstd && i < ARRAY_SIZE(params); i++)
		if (ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, params[i].name, params[i].value)))
			return false;
	return s->zstd;
}

static struct squeezer *new(enum compression c, int gzip_level, squeeze_write_fn write, void *ctx)
{
	struct squeezer *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->c = c;
	s->gzip_level = gzip_level;
	s->write = write;
	s->ctx = ctx;
	if (start(s))
		return s;
	ZSTD_freeCCtx(s->zstd);
	free(s);
	return NULL;
}

struct squeezer *squeezer__new(enum compression c, squeeze_write_fn write, void *ctx)
{
	return new(c, GZIP_LEVEL, write, ctx);
}

struct squeezer *squeezer__new_small(squeeze_write_fn write, void *ctx)
{
	return new(COMPRESSION_GZIP, GZIP_LEVEL_SMALL, write, ctx);
}

static int put_gzip(struct squeezer *s, const void *data, size_t n, enum squeeze how)
{
	static const int hows[] = { Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH };
	int err;

	s->z.next_in = (unsigned char *)data;
	s->z.avail_in = n;
	do {
		s->z.next_out = s->out;
		s->z.avail_out = OUT_SZ;
		if (deflate(&s->z, hows[how]) == Z_STREAM_ERROR)
			return -EINVAL;
		err = s->write(s->ctx, s->out, OUT_SZ - s->z.avail_out);
		if (err)
			return err;
	} while (!s->z.avail_out);
	return 0;
}

static int put_zstd(struct squeezer *s, const void *data, size_t n, enum squeeze how)
{
	static const ZSTD_EndDirective hows[] = { ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end };
	ZSTD_inBuffer in = { data, n, 0 };
	size_t left;
	int err;

	do {
		ZSTD_outBuffer out = { s->out, OUT_SZ, 0 };

		left = ZSTD_compressStream2(s->zstd, &out, &in, hows[how]);
		if (ZSTD_isError(left))
			return -EINVAL;
		err = s->write(s->ctx, s->out, out.pos);
		if (err)
			return err;
	} while (how == SQUEEZE_PUT ? in.pos < in.size : left);
	return 0;
}

int squeezer__put(struct squeezer *s, const void *data, size_t n, enum squeeze how)
{
	const char *p = data;
	int err = 0;

	if (s->c == COMPRESSION_ZSTD)
		return put_zstd(s, data, n, how);
	for (; !err && n > PIECE_MAX; p += PIECE_MAX, n -= PIECE_MAX)
		err = put_gzip(s, p, PIECE_MAX, SQUEEZE_PUT);
	return err ?: put_gzip(s, p, n, how);
}

void squeezer__free(struct squeezer *s)
{
	if (!s)
		return;
	if (s->c == COMPRESSION_GZIP)
		deflateEnd(&s->z);
	ZSTD_freeCCtx(s->zstd);
	free(s);
}

/* --- reading --- */

struct expander {
	enum compression c;
	z_stream z;
	ZSTD_DCtx *zstd;
	size_t wanted;		/* by its decoder, with the header behind a block */
};

struct expander *expander__new(enum compression c)
{
	struct expander *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->c = c;
	if (c == COMPRESSION_ZSTD)
		e->zstd = ZSTD_createDCtx();
	if (e->zstd)
		(void)ZSTD_DCtx_setParameter(e->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_MAX);	/* never fails */
	if (c == COMPRESSION_ZSTD ? !!e->zstd : inflateInit2(&e->z, 15 + 16) == Z_OK)
		return e;
	free(e);
	return NULL;
}

static size_t take_gzip(struct expander *e, const unsigned char **in, size_t *n, char *out,
			size_t room, bool *ret_end, bool *ret_damaged)
{
	int st;

	e->z.next_in = (unsigned char *)*in;
	e->z.avail_in = *n;
	e->z.next_out = (unsigned char *)out;
	e->z.avail_out = room;
	st = inflate(&e->z, Z_NO_FLUSH);
	*in += *n - e->z.avail_in;
	*n = e->z.avail_in;
	*ret_end = st == Z_STREAM_END;
	*ret_damaged = st != Z_STREAM_END && st != Z_OK && st != Z_BUF_ERROR;
	if (*ret_end)
		inflateReset(&e->z);
	return room - e->z.avail_out;
}

/* As much as brings the decoder to the end of one block, and not into the next one's header. */
static size_t next_piece(const struct expander *e, size_t n)
{
	size_t piece = e->wanted > BLOCK_HEADER ? e->wanted - BLOCK_HEADER : e->wanted;

	piece = piece ?: 1;	/* behind a frame */
	return piece < n ? piece : n;
}

/*
 * What the decoder has made in a call that finds damage is lost: so it is given a block at a time, or
 * all that was written in one go would be lost with its last byte.
 */
static size_t take_zstd(struct expander *e, const unsigned char **in, size_t *n, char *out,
			size_t room, bool *ret_end, bool *ret_damaged)
{
	ZSTD_outBuffer to = { out, room, 0 };

	do {
		ZSTD_inBuffer from = { *in, next_piece(e, *n), 0 };

		e->wanted = ZSTD_decompressStream(e->zstd, &to, &from);
		*in += from.pos;
		*n -= from.pos;
		*ret_damaged = ZSTD_isError(e->wanted);
		*ret_end = !e->wanted;	/* of a frame; the next one begins by itself */
	} while (*n && !to.pos && !*ret_damaged && !*ret_end);
	return to.pos;
}

/*
 * Damaged data ends the stream as a cut does: everything before it was given out. Behind a complete
 * member there may be another one; anything else (zeros of a preallocated file) is not data.
 */
size_t expander__take(struct expander *e, const unsigned char **in, size_t *n, char *out, size_t room,
		      enum expand *ret_state)
{
	bool end, damaged;
	size_t given;

	given = e->c == COMPRESSION_ZSTD ? take_zstd(e, in, n, out, room, &end, &damaged) :
					   take_gzip(e, in, n, out, room, &end, &damaged);
	*ret_state = damaged ? EXPAND_DAMAGED : EXPAND_MORE;
	if (end && *n && compression__of_bytes(*in, *n) != e->c)
		*ret_state = EXPAND_ENDED;
	return given;
}

void expander__free(struct expander *e)
{
	if (!e)
		return;
	if (e->c == COMPRESSION_GZIP)
		inflateEnd(&e->z);
	ZSTD_freeDCtx(e->zstd);
	free(e);
}
