/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_WORKER_H
#define GOENVBPF_CMD_WORKER_H
/*
 * A worker of the service: one process, one session, for a client or for a job (service/service.h).
 *
 * It is the only one that reads what a client sends, and holds what is his to see against who the kernel says
 * he is: a process of his uid, in a record of his processes alone.
 */
#include "service/config.h"
#include "util/fds.h"

/* Loads programs, or takes used ones (service/workers.h); waits over control for what to do, does it. An exit status. */
int worker__run(int control, const struct config *config, struct fds *used);

#endif
