/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_EMBEDDED_H
#define GOENVBPF_CAPTURE_EMBEDDED_H
/*
 * The line of what a program embeds, or of why that is not known.
 */
#include "capture/executables.h"
#include "record/line.h"

/* Why a program could not be read; NULL: it was, and is no Go program, or of a kind that is not known. */
const char *embedded__why_unread(int err);
/* The line, but for its end. */
void embedded__begin(struct line *line, const struct look_at *at, const struct executable *x);

#endif
