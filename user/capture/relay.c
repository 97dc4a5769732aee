/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A job that goes on although the thread that does it hangs. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/relay.h"
#include "util/clock.h"
#include "util/urgency.h"

#define RUNNERS_MAX 16
#define HANGS_NS    (300 * NSEC_PER_MSEC)	/* a disk that is busy is quicker */
#define STUCK_CNT   2		/* at one place: the next would only hang as well */
#define STOP_WAIT_NS (20 * NSEC_PER_MSEC)

enum runner_state { NOBODY, SPARE, WORKING, PAUSED, AWAY, GONE };

struct runner {
	struct relay *relay;
	pthread_t thread;
	pid_t tid;
	enum runner_state state;
	bool hangs;		/* it is away for too long */
	uint64_t since;		/* it is away, monotonic clock */
	void *piece;
	uint64_t where;
};

struct relay {
	struct relay_opts opts;
	pthread_mutex_t baton;
	pthread_mutex_t lock;	/* what follows */
	pthread_cond_t changed;
	struct runner runners[RUNNERS_MAX];
	bool idle, stop, closed;
};

static __thread struct runner *self;

/* --- priority --- */

static void set_policy(const struct runner *me, bool idle)
{
	const struct sched_param none = {};

	if (me->tid)
		(void)sched_setscheduler(me->tid, idle ? SCHED_IDLE : SCHED_OTHER, &none);
}

void relay__set_idle(struct relay *r, bool idle)
{
	pthread_mutex_lock(&r->lock);
	r->idle = idle;
	for (struct runner *m = r->runners; m < r->runners + RUNNERS_MAX; m++)
		if (m->state == WORKING || m->state == PAUSED || m->state == SPARE)
			set_policy(m, idle);
	pthread_mutex_unlock(&r->lock);
}

/* --- threads; all with the lock --- */

static unsigned int count(const struct relay *r, enum runner_state state)
{
	unsigned int n = 0;

	for (int i = 0; i < RUNNERS_MAX; i++)
		n += r->runners[i].state == state;
	return n;
}

static unsigned int count_hung(const struct relay *r)
{
	unsigned int n = 0;

	for (int i = 0; i < RUNNERS_MAX; i++)
		n += r->runners[i].state == AWAY && r->runners[i].hangs;
	return n;
}

/* Who does the job, or is about to. */
static unsigned int count_active(const struct relay *r)
{
	return count(r, WORKING) + count(r, PAUSED) + count(r, AWAY) - count_hung(r);
}

static void *run(void *ctx);

/* By a thread that has all that the job needs: its maker's capabilities are a thread's own. */
static int add_spare(struct relay *r)
{
	int err;

	for (struct runner *m = r->runners; m < r->runners + RUNNERS_MAX; m++) {
		if (m->state == GONE)
			pthread_join(m->thread, NULL);
		if (m->state != NOBODY && m->state != GONE)
			continue;
		*m = (struct runner){ .relay = r, .state = SPARE };
		err = pthread_create(&m->thread, NULL, run, m);
		if (err)
			m->state = NOBODY;
		return -err;
	}
	return -EAGAIN;
}

static bool wait_for_turn(struct relay *r, struct runner *me)
{
	pthread_mutex_lock(&r->lock);
	while (!r->stop && count_active(r))
		pthread_cond_wait(&r->changed, &r->lock);
	me->state = r->stop ? GONE : WORKING;
	if (!r->stop && !count(r, SPARE))
		(void)add_spare(r);	/* without one the job waits for who hangs */
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return me->state == WORKING;
}

/* False: somebody else does the job by now. */
static bool goes_on(struct relay *r, struct runner *me)
{
	bool go;

	pthread_mutex_lock(&r->lock);
	go = !r->stop && count_active(r) == 1;
	if (!go) {
		me->state = r->stop || count(r, SPARE) ? GONE : SPARE;
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return go;
}

static void *run(void *ctx)
{
	struct runner *me = self = ctx;
	struct relay *r = me->relay;

	if (r->opts.begin)
		r->opts.begin(r->opts.ctx);
	pthread_mutex_lock(&r->lock);
	me->tid = gettid();
	if (r->idle)
		set_policy(me, true);
	pthread_mutex_unlock(&r->lock);
	while (wait_for_turn(r, me)) {
		pthread_mutex_lock(&r->baton);
		do
			r->opts.work(r->opts.ctx);
		while (goes_on(r, me));
		pthread_mutex_unlock(&r->baton);
		if (me->state == GONE)
			break;
	}
	return NULL;
}

/* --- by who works --- */

static void put_down(enum runner_state state, void *piece, uint64_t where)
{
	struct relay *r = self->relay;

	pthread_mutex_lock(&r->lock);
	self->state = state;
	self->piece = piece;
	self->where = where;
	self->since = clock__ns(CLOCK_MONOTONIC);
	/* What is held open meanwhile must not wait for a quiet moment of the host. */
	if (state == AWAY && r->idle)
		set_policy(self, false);
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_unlock(&r->baton);
}

void relay__leave(void *piece, uint64_t where)
{
	if (self)
		put_down(AWAY, piece, where);
}

void relay__pause(void)
{
	if (self)
		put_down(PAUSED, NULL, 0);
}

void relay__return(void)
{
	struct relay *r = self ? self->relay : NULL;

	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	while (r->closed)	/* nobody expects it any more */
		pthread_cond_wait(&r->changed, &r->lock);
	if (self->state == AWAY && r->idle)
		set_policy(self, true);
	self->state = WORKING;
	self->hangs = false;
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_lock(&r->baton);
}

bool relay__is_stuck(uint64_t where)
{
	unsigned int n = 0;

	if (!self)
		return false;
	pthread_mutex_lock(&self->relay->lock);
	for (int i = 0; i < RUNNERS_MAX; i++) {
		const struct runner *m = &self->relay->runners[i];

		n += m->state == AWAY && m->hangs && m->where == where;
	}
	pthread_mutex_unlock(&self->relay->lock);
	return n >= STUCK_CNT;
}

/* --- by who does not hang --- */

/* On a busy host a thread may wait for a processor for long: that is no hang. */
static bool is_asleep(pid_t tid)
{
	__close_fd int fd = -1;
	char path[64], text[256];
	const char *state;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return true;
	text[n] = '\0';
	state = strrchr(text, ')');
	return !state || (state[1] && state[2] != 'R');
}

void relay__check(struct relay *r)
{
	uint64_t now = clock__ns(CLOCK_MONOTONIC);

	pthread_mutex_lock(&r->lock);
	for (struct runner *m = r->runners; m < r->runners + RUNNERS_MAX; m++) {
		if (m->state != AWAY || m->hangs || now - m->since < HANGS_NS || !is_asleep(m->tid))
			continue;
		m->hangs = true;
		if (r->opts.hangs)
			r->opts.hangs(r->opts.ctx, m->piece);
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
}

unsigned int relay__hung_cnt(struct relay *r)
{
	unsigned int n;

	pthread_mutex_lock(&r->lock);
	n = count_hung(r);
	pthread_mutex_unlock(&r->lock);
	return n;
}

/* --- life --- */

struct relay *relay__new(const struct relay_opts *opts)
{
	struct relay *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (!r)
		return NULL;
	r->opts = *opts;
	pthread_mutex_init(&r->baton, NULL);
	urgent_lock__init(&r->lock);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &attr);
	pthread_condattr_destroy(&attr);
	return r;
}

int relay__start(struct relay *r)
{
	int err;

	pthread_mutex_lock(&r->lock);
	err = add_spare(r);
	pthread_mutex_unlock(&r->lock);
	return err;
}

static bool is_there(const struct runner *m)
{
	return m->state != NOBODY && m->state != GONE && !(m->state == AWAY && m->hangs);
}

static void wait_for_all(struct relay *r)
{
	uint64_t until = clock__ns(CLOCK_MONOTONIC) + STOP_WAIT_NS;
	const struct timespec ts = { until / NSEC_PER_SEC, until % NSEC_PER_SEC };

	(void)pthread_cond_timedwait(&r->changed, &r->lock, &ts);
}

static bool any_is_there(const struct relay *r)
{
	for (int i = 0; i < RUNNERS_MAX; i++)
		if (is_there(&r->runners[i]))
			return true;
	return false;
}

void relay__stop(struct relay *r, void (*left)(void *ctx, void *piece))
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->changed);
	while (any_is_there(r)) {
		wait_for_all(r);
		pthread_mutex_unlock(&r->lock);
		relay__check(r);
		pthread_mutex_lock(&r->lock);
	}
	for (struct runner *m = r->runners; m < r->runners + RUNNERS_MAX; m++) {
		if (m->state == GONE) {
			pthread_join(m->thread, NULL);
			m->state = NOBODY;
		} else if (m->state != NOBODY) {
			r->closed = true;
			if (left)
				left(r->opts.ctx, m->piece);
		}
	}
	pthread_mutex_unlock(&r->lock);
}

bool relay__free(struct relay *r)
{
	if (!r)
		return true;
	if (r->closed)
		return false;
	pthread_mutex_destroy(&r->baton);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->changed);
	free(r);
	return true;
}
