/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_WORKER_JOB_H
#define GOENVBPF_CMD_WORKER_JOB_H
/*
 * Jobs, as a worker has to do with them: it is the session of one, or hands over a client who wants one to
 * end. A session's record is in the service's folder; who has stopped it gets a copy, into a descriptor of his.
 */
#include "cmd/front.h"
#include "cmd/served.h"
#include "service/config.h"
#include "service/job.h"
#include "service/message.h"

/* What a worker has. */
struct worker_self {
	struct front service;	/* ends a session, see session.h; its fd is control */
	const struct config *config;
	int client;		/* -1: none */
	struct caller caller;	/* the client */
	struct served request;
	struct prepared *prepared;	/* or NULL */
};

/* Of every session: tells the client why there is none, an exit status; tells the service how it was. */
int worker__refuse(const struct worker_self *w, const char *why);
/* m: what is known beside the session's totals */
void worker__tell_end(const struct worker_self *w, const struct session *s, struct message *m);

/* For the client: exit statuses. */
int worker_job__start(struct worker_self *w);
int worker_job__stop(struct worker_self *w);
/* For the service: a job that an earlier session has left. */
int worker_job__go_on(struct worker_self *w, const struct job_key *key);

#endif
