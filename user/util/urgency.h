/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_URGENCY_H
#define GOENVBPF_UTIL_URGENCY_H
/*
 * How much a thread presses forward, set by others: a thread that never gets to run cannot notice that
 * it should hurry.
 */
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

enum urgency {
	URGENCY_IDLE,		/* everybody else comes first */
	URGENCY_NORMAL,		/* how a thread starts */
	URGENCY_FIRST,		/* before everybody else: real-time, or the highest priority that we may have */
};

struct urgent_thread {
	pid_t tid;		/* 0: not known yet, nothing is set */
	enum urgency now;
	bool may_idle;		/* and come back; else it is never idle */
	int nice;		/* of its own */
};

/* For a thread of this process that has started; the caller may set it, or else it stays normal. */
void urgent_thread__init(struct urgent_thread *t, pid_t tid);
/* Failing costs speed or politeness, never data. */
void urgent_thread__set(struct urgent_thread *t, enum urgency urgency);

/* A mutex of threads that differ in it: who comes first waits for nobody whom others keep from running. */
void urgent_lock__init(pthread_mutex_t *lock);

#endif
