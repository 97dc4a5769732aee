/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_SOURCES_H
#define GOENVBPF_SERVICE_SOURCES_H
/*
 * Jobs that nobody starts: those that the configuration asks for.
 */
#include "service/config.h"
#include "service/job.h"

extern const struct job_key sources__host;	/* of 'watch' */

/*
 * Keeps the state of each that is not kept yet. inotify_fd, which does not block, has something to read from here on
 * when there may be another one; -1: nobody asks for that.
 */
void sources__save(const struct config *c, int state_dir, int inotify_fd);
/* Takes what is to be read. True: there may be another one. */
bool sources__may_be_new(const struct config *c, int inotify_fd);

#endif
