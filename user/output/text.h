/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_TEXT_H
#define GOENVBPF_OUTPUT_TEXT_H
/*
 * Text for people: what every view on a terminal shares.
 *
 * Everything from the traced side passes text__safe(): control characters, bidirectional overrides,
 * what is not seen, and bytes that are not UTF-8 come out as visible escapes and never reach a
 * terminal.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/model.h"
#include "model/roots.h"
#include "util/str.h"

enum tone {
	TONE_PLAIN,
	TONE_DIM,
	TONE_STRONG,
	TONE_GOOD,
	TONE_WARN,
	TONE_BAD,
};

/* A terminal that moves its cursor: TERM is not dumb. */
bool text__is_screen(int fd);
/* Its size; 80 by 24 when it does not say. */
void text__screen_size(int fd, size_t *ret_rows, size_t *ret_columns);
/* A terminal that wants colour: NO_COLOR is empty or unset, and TERM is not dumb. */
bool text__wants_color(FILE *out);
/* Columns of a page: those of a terminal, from 60 to 160; 80 of what is none. */
size_t text__columns(FILE *out);
/* Appends s in a tone; plain text when color is false. */
void text__tone(struct str *out, bool color, enum tone tone, const char *s);

void text__safe(struct str *out, const char *bytes, size_t n);
static inline void text__safes(struct str *out, const char *s)
{
	text__safe(out, s, strlen(s));
}

/* Columns that s takes on a terminal, each character for one. */
size_t text__width(const char *s);
/* Appends spaces until what was appended since from has the width. */
void text__pad(struct str *out, size_t from, size_t width);
/* Appends s in at most width columns: "compile …/internal/abi" keeps the first word and the end. */
void text__fit(struct str *out, const char *s, size_t width);

/* Cuts s to at most width columns, the last of which is an ellipsis then. */
void text__cut(struct str *s, size_t width);

/* One argument as a shell would want it. */
void text__arg(struct str *out, const char *arg);
/* Path from its root; hashes of cache entries are cut to 12 digits and an ellipsis. */
void text__path(struct str *out, const struct roots *r, const char *path);

void text__count(struct str *out, uint64_t n);		/* 13,204 */
void text__duration(struct str *out, int64_t ns);	/* 850 us, 230 ms, 1.20 s, 2 min 03 s */
void text__size(struct str *out, uint64_t bytes);	/* 175 B, 1.2 KiB */

/* "1 event", "2 events" with the number in groups */
void text__plural(struct str *out, uint64_t n, const char *one, const char *many);

#endif
