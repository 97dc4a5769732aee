/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_REFUSAL_H
#define GOENVBPF_SERVICE_REFUSAL_H
/*
 * The first that a client hears: one byte, that everything is in place, or another one and then why not, in
 * words, up to the end of the connection.
 */
#include "util/str.h"

enum { REPLY_READY = 0, REPLY_REFUSED = 1 };

#define REFUSAL_MAX 512

/* Does not wait for who does not read. */
void refusal__send(int fd, const char *why);
/* What follows the byte. */
void refusal__receive(int fd, struct str *why);

#endif
