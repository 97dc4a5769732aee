/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Requests to look at files. */
#include <errno.h>
#include <pthread.h>

#include "capture/look_queue.h"
#include "capture/relay.h"
#include "util/clock.h"
#include "util/privileges.h"
#include "util/urgency.h"

#define FLUSH_TICK_NS (20 * NSEC_PER_MSEC)
#define HUNG_MAX_NS   NSEC_PER_SEC	/* that who waits for the rest waits for what hangs */

struct request {
	struct look_at at;	/* first: it stands for the request */
	struct request *next;
	char path[];
};

struct look_queue {
	struct look_queue_opts opts;
	struct relay *relay;
	pthread_mutex_t lock;	/* what follows, up to stop */
	pthread_cond_t wake, idle;
	struct request *first, **tail;
	bool urgent;
	bool may_idle;		/* and come back */
	bool hurry;		/* somebody waits: it yields no more */
	bool stop;

	size_t cnt;		/* not answered yet; atomic */
};

/* --- the threads --- */

/* Under the lock. Not by the thread alone: one that yields may not get to run. */
static void set_urgent(struct look_queue *q, bool urgent)
{
	if (urgent == q->urgent || (!urgent && !q->may_idle))
		return;
	relay__set_idle(q->relay, !urgent);
	q->urgent = urgent;
}

static void wait_for_requests(struct look_queue *q)
{
	relay__pause();
	pthread_mutex_lock(&q->lock);
	/* Yields to everything: what it reads about is over anyway, or was read at once. */
	if (!q->first && !q->hurry)
		set_urgent(q, false);
	while (!q->first && !q->stop)
		pthread_cond_wait(&q->wake, &q->lock);
	pthread_mutex_unlock(&q->lock);
	relay__return();
}

static struct request *take(struct look_queue *q, bool all)
{
	struct request *r;

	pthread_mutex_lock(&q->lock);
	r = q->first;
	if (r) {
		q->first = all ? NULL : r->next;
		if (!q->first)
			q->tail = &q->first;
	}
	pthread_mutex_unlock(&q->lock);
	return r;
}

static void is_answered(struct look_queue *q, struct request *r)
{
	opener__put(r->at.who);
	free(r);
	if (__atomic_sub_fetch(&q->cnt, 1, __ATOMIC_ACQ_REL))
		return;
	pthread_mutex_lock(&q->lock);
	pthread_cond_broadcast(&q->idle);
	pthread_mutex_unlock(&q->lock);
}

static void begin(void *ctx)
{
	const struct look_queue *q = ctx;

	q->opts.begin(q->opts.ctx);
}

static void work(void *ctx)
{
	struct look_queue *q = ctx;
	struct request *r = take(q, false);

	if (!r) {
		wait_for_requests(q);
		return;
	}
	q->opts.answer(q->opts.ctx, &r->at);
	is_answered(q, r);
}

static void hangs(void *ctx, void *piece)
{
	const struct look_queue *q = ctx;

	if (piece && q->opts.hangs)
		q->opts.hangs(q->opts.ctx, piece);
}

static void left(void *ctx, void *piece)
{
	const struct look_queue *q = ctx;

	if (piece)
		q->opts.unread(q->opts.ctx, piece);
}

/* --- asking --- */

size_t look_queue__cnt(const struct look_queue *q)
{
	return __atomic_load_n(&q->cnt, __ATOMIC_RELAXED);
}

int look_queue__add(struct look_queue *q, const struct look_at *at)
{
	size_t n = strlen(at->name.path), cnt;
	struct request *r = malloc(sizeof(*r) + n + 1);

	if (!r)
		return -ENOMEM;
	*r = (struct request){ .at = *at };
	memcpy(r->path, at->name.path, n + 1);
	r->at.name.path = r->path;
	(void)opener__get(r->at.who);
	cnt = __atomic_add_fetch(&q->cnt, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&q->lock);
	if (!q->first && !q->opts.is_patient)
		pthread_cond_signal(&q->wake);
	*q->tail = r;
	q->tail = &r->next;
	if (q->opts.long_at && cnt > q->opts.long_at)
		set_urgent(q, true);
	pthread_mutex_unlock(&q->lock);
	return 0;
}

void look_queue__wake(struct look_queue *q)
{
	pthread_mutex_lock(&q->lock);
	if (q->first)
		pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
}

void look_queue__check(struct look_queue *q)
{
	relay__check(q->relay);
}

/* --- the end --- */

/* What is left when something hangs is not waited for. */
static void give_up(struct look_queue *q)
{
	struct request *r = take(q, true), *next;

	for (; r; r = next) {
		next = r->next;
		q->opts.unread(q->opts.ctx, &r->at);
		is_answered(q, r);
	}
}

void look_queue__flush(struct look_queue *q)
{
	uint64_t start = clock__ns(CLOCK_MONOTONIC), now;
	unsigned int hung = 0;
	struct timespec until;

	pthread_mutex_lock(&q->lock);
	q->hurry = true;
	set_urgent(q, true);
	pthread_cond_signal(&q->wake);
	while (__atomic_load_n(&q->cnt, __ATOMIC_ACQUIRE) > hung) {
		now = clock__ns(CLOCK_MONOTONIC) + FLUSH_TICK_NS;
		until = (struct timespec){ now / NSEC_PER_SEC, now % NSEC_PER_SEC };
		(void)pthread_cond_timedwait(&q->idle, &q->lock, &until);
		pthread_mutex_unlock(&q->lock);
		relay__check(q->relay);
		hung = relay__hung_cnt(q->relay);
		if (hung && now - start > HUNG_MAX_NS)
			give_up(q);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
}

void look_queue__finish(struct look_queue *q)
{
	if (q->stop)
		return;
	look_queue__flush(q);
	pthread_mutex_lock(&q->lock);
	q->stop = true;
	pthread_cond_broadcast(&q->wake);
	pthread_mutex_unlock(&q->lock);
	relay__stop(q->relay, left);
}

/* --- life --- */

struct look_queue *look_queue__new(const struct look_queue_opts *opts)
{
	struct look_queue *q = calloc(1, sizeof(*q));
	pthread_condattr_t attr;

	if (!q)
		return NULL;
	q->opts = *opts;
	q->relay = relay__new(&(struct relay_opts){
		.begin = begin, .work = work, .hangs = hangs, .ctx = q,
	});
	if (!q->relay) {
		free(q);
		return NULL;
	}
	q->tail = &q->first;
	q->urgent = true;
	q->may_idle = privileges__may_leave_idle();
	urgent_lock__init(&q->lock);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->wake, &attr);
	pthread_cond_init(&q->idle, &attr);
	pthread_condattr_destroy(&attr);
	return q;
}

int look_queue__start(struct look_queue *q)
{
	return relay__start(q->relay);
}

bool look_queue__free(struct look_queue *q)
{
	if (!q)
		return true;
	look_queue__finish(q);
	if (!relay__free(q->relay))
		return false;
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->wake);
	pthread_cond_destroy(&q->idle);
	free(q);
	return true;
}
