/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_SOURCES_H
#define GOENVBPF_SERVICE_SOURCES_H
/*
 * Jobs that nobody starts: those that the configuration asks for.
 */
#include "service/config.h"
#include "service/job.h"

extern const struct job_key sources__host;	/* of 'watch' */

/* Keeps the state of each that is not kept yet. */
void sources__save(const struct config *c, int state_dir);

#endif
