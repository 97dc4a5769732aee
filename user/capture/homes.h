/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_HOMES_H
#define GOENVBPF_CAPTURE_HOMES_H
/*
 * What lies in the home of who runs go and was not opened by it: an env file that go cannot find
 * because it was given no home, and lines of the shell's start-up files that export Go's variables.
 *
 * Looked at once for each user of a record, by the inspector's thread, with that user's rights.
 */
#include "capture/inspector.h"
#include "record/line.h"

/* at->name.path: the HOME that go was given, "" when it was given nothing that leads to one. */
void homes__inspect(const struct inspector_opts *opts, struct line *line, const struct look_at *at);

#endif
