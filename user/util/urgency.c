/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How much a thread presses forward. */
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#include "util/privileges.h"
#include "util/urgency.h"

#define HIGHEST_NICE -20

void urgent_thread__init(struct urgent_thread *t, pid_t tid)
{
	*t = (struct urgent_thread){
		.tid = tid, .now = URGENCY_NORMAL, .may_idle = privileges__may_leave_idle(),
		.nice = getpriority(PRIO_PROCESS, tid),
	};
}

static int set_policy(const struct urgent_thread *t, enum urgency urgency)
{
	static const int policies[] = {
		[URGENCY_IDLE] = SCHED_IDLE, [URGENCY_NORMAL] = SCHED_OTHER, [URGENCY_FIRST] = SCHED_RR,
	};
	const struct sched_param param = {
		.sched_priority = urgency == URGENCY_FIRST ? sched_get_priority_min(SCHED_RR) : 0,
	};

	return sched_setscheduler(t->tid, policies[urgency], &param) ? -errno : 0;
}

/* Control groups may have no share of real time. */
static int set_first(const struct urgent_thread *t)
{
	if (!set_policy(t, URGENCY_FIRST))
		return 0;
	(void)setpriority(PRIO_PROCESS, t->tid, HIGHEST_NICE);
	return set_policy(t, URGENCY_NORMAL);
}

void urgent_thread__set(struct urgent_thread *t, enum urgency urgency)
{
	if (urgency == URGENCY_IDLE && !t->may_idle)
		urgency = URGENCY_NORMAL;
	if (!t->tid || urgency == t->now)
		return;
	if (t->now == URGENCY_FIRST)
		(void)setpriority(PRIO_PROCESS, t->tid, t->nice);
	if (urgency == URGENCY_FIRST ? !set_first(t) : !set_policy(t, urgency))
		t->now = urgency;
}

void urgent_lock__init(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);	/* then a plain one */
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}
