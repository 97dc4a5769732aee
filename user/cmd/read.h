/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_READ_H
#define GOENVBPF_CMD_READ_H
/*
 * Records as the verbs read them: a pass over the file, with a line of progress on a terminal for
 * those that take long.
 */
#include <stdio.h>

#include "model/model.h"
#include "util/str.h"

/* name: what to call the record, "this run". Returns an exit status, having said what is wrong. */
int read_lines(const char *path, const char *name, const struct sink_of_lines *sinks, size_t n);
/* The model of the whole record, finished; *ret is the caller's. */
int read_model(const char *path, const char *name, enum model_scope scope, struct model **ret);

/*
 * A path that can be read more than once, for record: that itself, or a copy of standard input in a
 * file without a name, which is there as long as the process. NULL, having said what is wrong.
 */
struct spool {
	char path[64];
};
const char *rereadable(const char *record, struct spool *spool);

/* Writes an answer to a stream; 0 or -errno. */
int print_answer(const struct str *answer, FILE *to);

#endif
