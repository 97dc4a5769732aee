/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_WORKERS_H
#define GOENVBPF_SERVICE_WORKERS_H
/*
 * The processes of a service, one for each session, and some that wait for the next ones.
 *
 * Lifecycle: workers__keep_spare() and workers__take() start them → fds are polled, what comes is read with
 * message__receive() → workers__drop() when that says -EPIPE → workers__reap() → workers__free().
 *
 * To load programs takes a worker most of the time that it needs to get ready. So they stay when it has ended,
 * and another one makes them what they were at first.
 */
#include "service/config.h"
#include "service/message.h"

#define WORKERS_MAX 364		/* config: 300 sessions; 64 readers are among those that start or end */

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
	struct fds left;	/* what it has in the kernel, for a later one */
	bool is_following;
	bool is_stopped;	/* was told to end */
	bool has_ended;		/* its session has: the record is whole */
	bool is_counted;	/* what its record tells came */
	struct worker *successor;	/* goes on with its job: it is told to end when that one follows */
	char file[STORE_NAME_SZ];	/* of a job: its record */
	uint64_t since;		/* boot clock, ns */
	struct worker *next;
};

/* used: what an earlier worker has left in the kernel, or none; taken. NULL: this one is to leave nothing, either. */
typedef int (*work_fn)(int control, const struct config *config, struct fds *used);

/* Its process may be there yet: until it is not, nobody else has what it had in the kernel. */
struct ended_worker {
	pid_t pid;
	struct fds left;
};

#define SPARES_MAX 2
#define LEFT_MAX   8	/* workers that may leave something: some twenty descriptors each */

struct workers {
	/*
	 * What each does, in the child: descriptors but the standard ones, control and used are closed, signals are
	 * as at a start.
	 */
	work_fn work;
	const struct config *config;
	struct worker *list;
	uint64_t spare_at;	/* no spare one before, boot clock, ns */
	size_t cnt;
	struct ended_worker ended[256];	/* not reaped yet */
	size_t ended_cnt;
	struct fds idle[SPARES_MAX];	/* nobody's: for the next ones */
	bool has_waited;		/* a session, for a worker that was not ready yet */
};

/*
 * One that has nothing to do, for a session; one that is ready before one that starts. Whatever state it is in,
 * what it is sent is done as soon as it can. NULL: there is none, and that is logged.
 */
struct worker *workers__take(struct workers *ws);
/*
 * Sees to it that one is there for the next session, and two where one was too few: at once with programs that
 * an ended session has left; else, for then to get ready costs as much as a small build, as soon as a session
 * has ended, or one that has begun has had a second to itself. It goes on behind everybody else. One that has
 * failed is made up for after a while.
 */
void workers__keep_spare(struct workers *ws);
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
/* Frees it; a spare one that could not even start is not tried again at once. */
void workers__drop(struct workers *ws, struct worker *w);
/* After SIGCHLD, and now and then: the next ones have what those who are gone had in the kernel. */
void workers__reap(struct workers *ws);
/* All of them; processes that have not ended go on. */
void workers__free(struct workers *ws);

#endif
