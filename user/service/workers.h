/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_WORKERS_H
#define GOENVBPF_SERVICE_WORKERS_H
/*
 * The processes of a service, one for each session and one that waits for the next.
 *
 * Lifecycle: workers__start() → its fd is polled, what comes is read with message__receive() →
 * workers__drop() when that says -EPIPE → workers__reap(), now and then.
 */
#include "service/config.h"
#include "service/message.h"

enum worker_state {
	WORKER_STARTING,	/* loads its programs; takes a client even so */
	WORKER_SPARE,
	WORKER_CLIENT,
	WORKER_JOB,
	WORKER_READING,		/* its session, of a job, is over: it reads the record */
};

struct worker {
	pid_t pid;
	int fd;			/* to it */
	enum worker_state state;
	uint32_t uid;		/* for whom, CLIENT and JOB */
	struct job_key job;
	bool is_following;
	bool is_stopped;	/* was told to end */
	bool has_ended;		/* its session has: the record is whole */
	bool is_counted;	/* what its record tells came */
	struct worker *successor;	/* goes on with its job: it is told to end when that one follows */
	char file[STORE_NAME_SZ];	/* of a job: its record */
	uint64_t since;		/* boot clock, ns */
	struct worker *next;
};

struct workers {
	struct worker *list;
	size_t cnt;
	pid_t ended[256];	/* not reaped yet */
	size_t ended_cnt;
};

/* In the child: descriptors but the standard ones and control are closed, signals are as at a start. NULL: -errno is in *ret_err. */
struct worker *workers__start(struct workers *ws, int (*work)(int control, const struct config *config),
			      const struct config *config, int *ret_err);
/* A worker that has nothing to do; one that is ready before one that starts; NULL: there is none. */
struct worker *workers__spare(const struct workers *ws);
/* The session of that job that is not about to end; NULL: there is none. */
struct worker *workers__of_job(const struct workers *ws, const struct job_key *job);
/* One that was told to end, and has not yet: whether the job goes on is not known before. */
struct worker *workers__ending(const struct workers *ws, const struct job_key *job);
/* Sessions of that user, of everybody for NULL. */
size_t workers__sessions(const struct workers *ws, const uint32_t *uid);
/* Its session is over, and it goes on to read its record; it is ended if more do than may. */
void workers__let_read(struct workers *ws, struct worker *w, size_t may);
/* Nobody waits for those who read: they are ended. */
void workers__end_readers(const struct workers *ws);
void workers__drop(struct workers *ws, struct worker *w);
void workers__reap(struct workers *ws);

#endif
