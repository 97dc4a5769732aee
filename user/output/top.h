/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_TOP_H
#define GOENVBPF_OUTPUT_TOP_H
/*
 * The top view on a terminal: what top_page.h says, drawn by ncurses, and the keys that choose it.
 *
 * Lifecycle: top__prepare() before there are threads → top__open() takes the terminal → top__keys()
 * when keys are there, top__draw() now and then → top__close() gives the terminal back as it was. From
 * top__open() on by one thread.
 *
 * Signals are the caller's: those that end it are to be blocked, and SIGWINCH, of which the caller
 * tells by drawing. What a process that was killed left behind, top__rescue() puts in order, called
 * by one that knows the terminal's settings from before.
 */
#include <termios.h>

#include "output/top_page.h"

struct top;

/*
 * Descriptions of terminals come from the system alone: we may be privileged, the caller's variables
 * and home are not, and ncurses believes what such a file says.
 */
void top__prepare(void);
/* Standard input and output are one terminal, and ours now. */
bool top__is_possible(void);

/* -ENOTTY: its TERM is not known; another -errno. */
int top__open(struct top **ret);
/* false: the one who looks wants it to end. */
bool top__keys(struct top *t);
/* message: one line beside what is drawn, or "". Does nothing while the terminal takes nothing. */
int top__draw(struct top *t, struct now *n, const char *message);
void top__close(struct top *t);		/* NULL is fine */

void top__rescue(const struct termios *before);

#endif
