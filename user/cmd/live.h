/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_LIVE_H
#define GOENVBPF_CMD_LIVE_H
/*
 * What a terminal shows while a session observes: one line of status, or the top view.
 *
 * A thread of its own draws, four times a second at most, without any capability: a terminal that
 * takes nothing holds up nobody. What is drawn comes from the record's lines.
 *
 * The status line is drawn where the cursor is, on the terminal of standard error, and taken away
 * before each message and at the end. It keeps the cursor at the line's beginning and sets nothing: no
 * modes, no scroll region, no saved position. That is harmless on a terminal that nobody else writes
 * to, and only there: nobody can take a line away before somebody else's words, or find out at which
 * column those ended. So watch and attach show it by themselves, while run, whose command has the
 * same standard error, is to be asked for it.
 *
 * Lifecycle: live__new() before any other thread → live__sink() for a pass → live__start() → wait,
 * for live__fd(), too → live__stop() → live__free().
 */
#include "record/pass.h"

struct live;

enum live_view {
	LIVE_NONE,
	LIVE_STATUS,
	LIVE_TOP,
};

int live__new(enum live_view view, struct live **ret);	/* -errno */
struct sink_of_lines live__sink(struct live *l);
void live__start(struct live *l);
/* Readable when the one who looks wants the session to end. */
int live__fd(const struct live *l);
/* The terminal is as it was, and messages that came meanwhile are told. */
void live__stop(struct live *l);
void live__free(struct live *l);	/* stops; NULL is fine */

#endif
