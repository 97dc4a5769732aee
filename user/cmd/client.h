/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_CLIENT_H
#define GOENVBPF_CMD_CLIENT_H
/*
 * What clients and workers of a service say to each other. A client sends one request (cmd/peer.h), with
 * descriptors that are his, and gets an answer (service/refusal.h). What follows depends on the task:
 *
 *	run, attach	the client says when it is over, as a run's half does; the worker a verdict
 *	job-start	nothing: the job goes on without the client
 *	job-stop	the worker a verdict and a name
 *
 * Protocol 1. Another one is refused by who does not know it.
 */
#include "cmd/capture_options.h"
#include "cmd/peer.h"
#include "service/job.h"

#define CLIENT_PROTOCOL 1

#define TASK_RUN "run"
#define TASK_ATTACH "attach"
#define TASK_JOB_START "job-start"
#define TASK_JOB_STOP "job-stop"
#define TASKS TASK_RUN ", " TASK_ATTACH ", " TASK_JOB_START ", " TASK_JOB_STOP

/* The end of a job, for who has stopped it. */
struct job_verdict {
	struct peer_verdict session;
	int err;		/* -ENOENT: there is no such job, and no record of one */
	int copy_err;		/* the record could not be copied, negative errno */
	uint8_t had_ended;	/* by itself, before */
	uint64_t part;		/* of how many records this is the last */
	char file[STORE_NAME_SZ];
};

/* Where the service is: GOENVBPF_SOCKET, or where it is by default. */
const char *client__socket(void);
/* Is there one that this user may ask? */
bool client__is_there(void);
int client__connect(void);	/* a descriptor; -errno */
void client__fill(struct capture_options *o, const char *task);

#endif
