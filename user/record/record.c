/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record being written: lines into blocks, blocks to a thread, the thread to a sink and a tap. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "record/record.h"
#include "record/sink.h"
#include "util/privileges.h"

#define BLOCK_SZ    (128 * 1024)
#define MAX_PENDING (4 * 1024 * 1024)
#define FLUSH_NS    (900 * 1000 * 1000LL)	/* "at least once a second", writing included */
#define TAP_NS      (100 * 1000 * 1000LL)	/* somebody watches live */

struct block {
	struct block *next;
	size_t len;
	size_t cap;
	char data[];
};

struct record {
	pthread_mutex_t lock;
	pthread_cond_t work;		/* the writer waits: a full block, or stop */
	pthread_cond_t room;		/* putters wait: pending fell below the limit */
	struct block *first, **last;	/* full blocks, oldest first */
	struct block *open;		/* being filled; NULL between blocks */
	size_t pending;			/* bytes that no sink has yet */
	uint64_t counts[REC_CNT];
	uint64_t redactions;
	int error;
	bool stop, discard;
	enum urgency asked;
	struct urgent_thread urgent;

	pthread_t thread;
	bool started, finished;
	long long period_ns;
	record_tap_fn tap;
	void *tap_ctx;
	struct sink sink;		/* the writer's alone while it runs */
};

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Called with the lock held. The caller's wish, and our own need while the queue is long. */
static void reschedule(struct record *r)
{
	size_t much = r->urgent.now ? MAX_PENDING / 8 : MAX_PENDING / 2;
	bool hurries = r->stop || r->pending > much;

	urgent_thread__set(&r->urgent, r->asked ?: hurries ? URGENCY_NORMAL : URGENCY_IDLE);
}

void record__set_urgency(struct record *r, enum urgency urgency)
{
	pthread_mutex_lock(&r->lock);
	r->asked = urgency;
	reschedule(r);
	pthread_mutex_unlock(&r->lock);
}

static void enqueue_open(struct record *r)
{
	if (!r->open)
		return;
	*r->last = r->open;
	r->last = &r->open->next;
	r->open = NULL;
}

/* Takes all full blocks; with partial also the one being filled. */
static struct block *take(struct record *r, bool partial)
{
	struct block *list;

	if (partial)
		enqueue_open(r);
	list = r->first;
	r->first = NULL;
	r->last = &r->first;
	return list;
}

/* Waits until there is a full block, a partial one is due, or the end. */
static struct block *wait_for_blocks(struct record *r, long long due, bool *ret_stop)
{
	struct timespec until = { due / 1000000000, due % 1000000000 };
	struct block *list;

	pthread_mutex_lock(&r->lock);
	while (!r->first && !r->stop && now_ns() < due)
		pthread_cond_timedwait(&r->work, &r->lock, &until);
	*ret_stop = r->stop;
	list = take(r, r->stop || now_ns() >= due);
	pthread_mutex_unlock(&r->lock);
	return list;
}

static void keep_error(struct record *r, int err)
{
	struct block *b, *next;

	pthread_mutex_lock(&r->lock);
	if (err && !r->error) {
		r->error = err;
		for (b = take(r, true); b; b = next) {
			next = b->next;
			free(b);
		}
		r->pending = 0;
		pthread_cond_broadcast(&r->room);
	}
	pthread_mutex_unlock(&r->lock);
}

static void block_done(struct record *r, size_t n)
{
	pthread_mutex_lock(&r->lock);
	r->pending -= n < r->pending ? n : r->pending;
	reschedule(r);
	pthread_cond_broadcast(&r->room);
	pthread_mutex_unlock(&r->lock);
}

/* The file comes first: what a live view shows is in the record or on its way there. */
static int put_out(struct record *r, struct block *list, int err)
{
	struct block *b, *next;

	for (b = list; b; b = next) {
		next = b->next;
		if (!err)
			err = sink__write(&r->sink, b->data, b->len);
		if (r->tap)
			r->tap(r->tap_ctx, b->data, b->len);
		block_done(r, b->len);
		free(b);
	}
	return err;
}

static void *writer(void *arg)
{
	struct record *r = arg;
	long long flushed = now_ns(), due;
	struct block *list;
	bool stop = false;
	int err = 0;

	/* It writes to what is open already. A failure leaves it what it has. */
	(void)privileges__keep(CAP_BIT(CAP_SYS_NICE));
	pthread_mutex_lock(&r->lock);
	urgent_thread__init(&r->urgent, syscall(SYS_gettid));
	reschedule(r);
	pthread_mutex_unlock(&r->lock);

	while (!stop) {
		due = now_ns() + r->period_ns;
		if (due > flushed + FLUSH_NS)
			due = flushed + FLUSH_NS;
		list = wait_for_blocks(r, due, &stop);
		err = put_out(r, list, err);
		if (!err && now_ns() >= flushed + FLUSH_NS) {
			err = sink__flush(&r->sink);
			flushed = now_ns();
		} else if (err) {
			flushed = now_ns();	/* nothing is due any more */
		}
		keep_error(r, err);
	}
	if (!err && !r->discard)
		keep_error(r, sink__finish(&r->sink));
	return NULL;
}

/* Signals belong to the program's own threads; SIGPIPE must be an error value here. */
static int start_writer(struct record *r)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&r->thread, NULL, writer, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	r->started = !err;
	return -err;
}

int record__create(const struct record_opts *opts, struct record **ret)
{
	__free_record struct record *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;
	int err;

	if (!r)
		return -ENOMEM;
	urgent_lock__init(&r->lock);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->work, &attr);
	pthread_cond_init(&r->room, &attr);
	pthread_condattr_destroy(&attr);
	r->last = &r->first;
	r->tap = opts->tap;
	r->tap_ctx = opts->tap_ctx;
	r->period_ns = r->tap ? TAP_NS : FLUSH_NS;
	err = sink__open(&r->sink, opts);
	if (err)
		return err;
	if (r->sink.fd >= 0 || r->tap)
		err = start_writer(r);
	if (err)
		return err;
	*ret = STEAL(r);
	return 0;
}

/* Room for n bytes in the open block; false when memory ran out. Called with the lock held. */
static bool make_room(struct record *r, size_t n)
{
	size_t cap = n > BLOCK_SZ ? n : BLOCK_SZ;

	if (r->open && r->open->cap - r->open->len >= n)
		return true;
	if (r->open) {
		enqueue_open(r);
		pthread_cond_signal(&r->work);
	}
	r->open = malloc(sizeof(*r->open) + cap);
	if (!r->open)
		return false;
	r->open->next = NULL;
	r->open->len = 0;
	r->open->cap = cap;
	return true;
}

static void append(struct record *r, const char *text, size_t n)
{
	struct block *b;

	if (!make_room(r, n + 1)) {
		r->error = r->error ? r->error : -ENOMEM;
		return;
	}
	b = r->open;
	memcpy(b->data + b->len, text, n);
	b->data[b->len + n] = '\n';
	b->len += n + 1;
	r->pending += n + 1;
	if (r->pending > MAX_PENDING / 2)
		reschedule(r);
}

void record__put_text(struct record *r, enum rec_kind kind, const char *text, size_t n,
		      uint64_t redactions)
{
	pthread_mutex_lock(&r->lock);
	r->counts[(unsigned int)kind < REC_CNT ? kind : REC_UNKNOWN]++;
	r->redactions += redactions;
	while (r->pending >= MAX_PENDING && !r->error && r->started) {
		enqueue_open(r);
		pthread_cond_signal(&r->work);
		pthread_cond_wait(&r->room, &r->lock);
	}
	if (r->started && !r->error && !r->stop)
		append(r, text, n);
	pthread_mutex_unlock(&r->lock);
}

void record__put(struct record *r, const struct line *l)
{
	record__put_text(r, l->kind, l->text.s, l->text.len, l->redactions);
}

/* Reading a 64-bit number needs the lock only for its order; callers want "about now". */
uint64_t record__count(const struct record *r, enum rec_kind kind)
{
	return (unsigned int)kind < REC_CNT ? __atomic_load_n(&r->counts[kind], __ATOMIC_RELAXED) : 0;
}

uint64_t record__redactions(const struct record *r)
{
	return __atomic_load_n(&r->redactions, __ATOMIC_RELAXED);
}

bool record__has_file(const struct record *r)
{
	return r->sink.file.is_new;
}

uint64_t record__bytes(const struct record *r)
{
	return __atomic_load_n(&r->sink.bytes, __ATOMIC_RELAXED);
}

int record__error(const struct record *r)
{
	return __atomic_load_n(&r->error, __ATOMIC_RELAXED);
}

int record__finish(struct record *r)
{
	if (r->finished)
		return r->error;
	r->finished = true;
	if (r->started) {
		pthread_mutex_lock(&r->lock);
		r->stop = true;
		reschedule(r);
		pthread_cond_signal(&r->work);
		pthread_mutex_unlock(&r->lock);
		pthread_join(r->thread, NULL);
	}
	if (r->discard)
		sink__discard(&r->sink);
	sink__close(&r->sink);
	return r->error;
}

void record__discard(struct record *r)
{
	if (!r->finished) {
		pthread_mutex_lock(&r->lock);
		r->discard = true;
		pthread_mutex_unlock(&r->lock);
	}
	(void)record__finish(r);
}

void record__free(struct record *r)
{
	struct block *b, *next;

	if (!r)
		return;
	(void)record__finish(r);	/* who cares for the error calls it first */
	for (b = take(r, true); b; b = next) {
		next = b->next;
		free(b);
	}
	pthread_cond_destroy(&r->work);
	pthread_cond_destroy(&r->room);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
