/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_JOB_H
#define GOENVBPF_SERVICE_JOB_H
/*
 * A job, as it is kept in a folder below /run while it lasts, so that a service that was started anew goes
 * on with it: whose it is, what is followed, what was asked for, and which record it has.
 *
 * Lifecycle: job__save() by the session that begins with it, again for each part → job__load() by the one
 * that goes on with it → job__remove() when it is over.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "service/store.h"
#include "util/identity.h"
#include "util/str.h"

#define JOB_NAME_MAX 48

/* Each user has jobs of his own. */
struct job_key {
	uint32_t uid;
	char name[JOB_NAME_MAX + 1];
};

/* Letters, digits, '.', '_' and '-', of which the first is a letter or digit. */
bool job__is_name(const char *name);
#define JOB_NAME_RULE "up to 48 letters, digits, '.', '_' and '-', of which the first is a letter or digit"

#define JOB_LABEL_SZ (JOB_NAME_MAX + 16)
/* "NAME" of root's, "NAME@UID" of others: what its records are called by. */
void job__label(const struct job_key *key, char ret[static JOB_LABEL_SZ]);

struct job {
	struct job_key key;
	struct identity owner;	/* is_other unless it is root's */
	uint64_t pid;		/* of the process that is followed, 0: none */
	uint64_t started;	/* of that: clock ticks since boot, which no other one of that number has */
	char cgroup[4096];	/* the control group's folder, "": none */
	bool watch;		/* all Go programs */
	uint64_t part;		/* of its records, counts from 1 */
	char file[STORE_NAME_SZ];	/* the last one's, "": none yet */
	struct str request;	/* what was asked for, see util/request.h */
};

int job__save(int dir, const struct job *job);		/* -errno */
/* -EBADMSG: it is not what job__save() has written. The job is cleared first. */
int job__load(int dir, const struct job_key *key, struct job *ret);
void job__remove(int dir, const struct job_key *key);
void job__free(struct job *job);

/* Every job that is kept in the folder; stops unless fn gives 0. */
int job__each(int dir, int (*fn)(void *ctx, const struct job_key *key), void *ctx);

/* When the process was started; 0: there is no such process. */
uint64_t job__started(uint64_t pid);
/* Is there anything left to follow? */
bool job__is_alive(const struct job *job);

#endif
