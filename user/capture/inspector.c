/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The threads that look at files, so that nobody else has to wait for a disk. */
#include <errno.h>
#include <pthread.h>
#include <sys/sysmacros.h>

#include "capture/embedded.h"
#include "capture/executables.h"
#include "capture/files.h"
#include "capture/homes.h"
#include "capture/needs.h"
#include "capture/relay.h"
#include "capture/snapshot.h"
#include "util/clock.h"
#include "util/privileges.h"
#include "util/urgency.h"

#define QUEUE_MAX  65536
#define QUEUE_LONG 4096		/* then it no longer yields */
#define FLUSH_TICK_NS (20 * NSEC_PER_MSEC)
#define HUNG_MAX_NS   NSEC_PER_SEC	/* that who waits for the rest waits for what hangs */

struct request {
	struct look_at at;	/* first: it stands for the request */
	struct request *next;
	char path[];
};

struct answer {
	struct answer *next;
	struct look_verdict verdict;
};

struct inspector {
	struct inspector_opts opts;
	struct relay *relay;
	pthread_mutex_t lock;	/* what follows, up to stop */
	pthread_cond_t wake, idle;
	struct request *queue, **queue_tail;
	struct answer *answers, **answers_tail;
	bool urgent;
	bool may_idle;		/* and come back */
	bool hurry;		/* somebody waits: it yields no more */
	bool stop;

	size_t queued;		/* not answered yet; atomic */

	struct executables *exes;
	struct files *files;
	struct line line;	/* with the baton of the relay, and not beyond it */
};

/* --- programs --- */

static void put_buildinfo(struct inspector *l, const struct look_at *at, const struct executable *x)
{
	embedded__begin(&l->line, at, x);
	if (!line__end(&l->line))
		record__put(l->opts.record, &l->line);
}

/* May hang. */
static int read_output(const struct look_at *at, struct buildinfo **ret, struct stat *ret_st)
{
	__close_fd int fd = file_name__open(&at->name, at->who, ret_st);

	return fd < 0 ? fd : buildinfo__read_fd(fd, ret);
}

/* What go has built, as soon as it lies where it is to be. Archives and text are no programs. */
static void look_at_output(struct inspector *l, struct look_at *at)
{
	__free_buildinfo struct buildinfo *b = NULL;
	struct executable x = {};
	struct stat st;

	if (opener__check(at->who, l->opts.owner) || !files__leave(at))
		return;
	x.err = read_output(at, &b, &st);
	relay__return();
	if (x.err && x.err != -ENOMSG && x.err != -EBADMSG)
		return;
	x.info = b;
	at->exe.dev = major(st.st_dev) << 20 | minor(st.st_dev);
	at->exe.ino = st.st_ino;
	put_buildinfo(l, at, &x);
}

static void tell_verdict(struct inspector *l, const struct look_at *at, bool is_go, bool is_fresh)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		return;	/* the image stays undecided, and is kept */
	a->verdict = (struct look_verdict){
		.key = at->key, .exe = at->exe, .is_go = is_go, .is_fresh = is_fresh,
	};
	pthread_mutex_lock(&l->lock);
	*l->answers_tail = a;
	l->answers_tail = &a->next;
	pthread_mutex_unlock(&l->lock);
}

static void look_at_program(struct inspector *l, const struct look_at *at)
{
	const struct executable *x = executables__find(l->exes, at);

	if (at->what == LOOK_VERDICT)
		/* What could not be looked at is kept: too much is better than too little. */
		tell_verdict(l, at, x->is_go || embedded__why_unread(x->err), x->is_fresh || embedded__why_unread(x->err));
	else if (embedded__why_unread(x->err) || x->is_fresh || executables__is_new(l->exes, &at->exe))
		put_buildinfo(l, at, x);
	executable__put(x);
}

/* What hangs is told by who hangs not: with a line of his own. */
static void put_unread(struct inspector *l, const struct look_at *at, int err)
{
	__free_line struct line line = {};

	if (at->what == LOOK_VERDICT) {
		tell_verdict(l, at, true, true);
		return;
	}
	if (at->what == LOOK_HOME)
		return;		/* nobody there has used what was not found */
	if (at->what == LOOK_PROGRAM || at->what == LOOK_OUTPUT) {
		embedded__begin(&line, at, &(struct executable){ .err = err });
	} else {
		files__begin_unread(&line, at, err);
	}
	if (!line__end(&line))
		record__put(l->opts.record, &line);
}

/* --- the threads --- */

/* Under the lock. Not by the thread alone: one that yields may not get to run. */
static void set_urgent(struct inspector *l, bool urgent)
{
	if (urgent == l->urgent || (!urgent && !l->may_idle))
		return;
	relay__set_idle(l->relay, !urgent);
	l->urgent = urgent;
}

static void wait_for_requests(struct inspector *l)
{
	relay__pause();
	pthread_mutex_lock(&l->lock);
	/* Yields to everything: what it reads about is over anyway, or was read at once. */
	if (!l->queue && !l->hurry)
		set_urgent(l, false);
	while (!l->queue && !l->stop)
		pthread_cond_wait(&l->wake, &l->lock);
	pthread_mutex_unlock(&l->lock);
	relay__return();
}

static struct request *take_requests(struct inspector *l, bool all)
{
	struct request *r;

	pthread_mutex_lock(&l->lock);
	r = l->queue;
	if (r) {
		l->queue = all ? NULL : r->next;
		if (!l->queue)
			l->queue_tail = &l->queue;
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

static void free_request(struct request *r)
{
	opener__put(r->at.who);
	free(r);
}

static void is_answered(struct inspector *l, struct request *r)
{
	free_request(r);
	if (__atomic_sub_fetch(&l->queued, 1, __ATOMIC_ACQ_REL))
		return;
	pthread_mutex_lock(&l->lock);
	pthread_cond_broadcast(&l->idle);
	pthread_mutex_unlock(&l->lock);
}

static void begin(void *ctx)
{
	needs__keep(NEEDS_INSPECTOR);
}

static void work(void *ctx)
{
	struct inspector *l = ctx;
	struct request *r = take_requests(l, false);

	if (!r) {
		wait_for_requests(l);
		return;
	}
	if (r->at.what <= LOOK_PROGRAM)
		look_at_program(l, &r->at);
	else if (r->at.what == LOOK_HOME)
		homes__inspect(&l->opts, &l->line, &r->at);
	else if (r->at.what == LOOK_OUTPUT)
		look_at_output(l, &r->at);
	else
		files__inspect(l->files, &r->at);
	is_answered(l, r);
}

/* Whoever waits for it, and for others because of it, waits no longer. */
static void hangs(void *ctx, void *piece)
{
	const struct look_at *at = piece;

	if (at && at->what == LOOK_VERDICT)
		put_unread(ctx, at, -ETIMEDOUT);
}

static void left(void *ctx, void *piece)
{
	const struct look_at *at = piece;

	if (at && at->what != LOOK_VERDICT)
		put_unread(ctx, at, -ETIMEDOUT);
}

int inspector__new(const struct inspector_opts *opts, struct inspector **ret)
{
	__free_inspector struct inspector *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;
	int err;

	if (!l)
		return -ENOMEM;
	l->opts = *opts;
	if (!l->opts.queue_max)
		l->opts.queue_max = QUEUE_MAX;
	l->queue_tail = &l->queue;
	l->answers_tail = &l->answers;
	urgent_lock__init(&l->lock);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &attr);
	pthread_cond_init(&l->idle, &attr);
	pthread_condattr_destroy(&attr);
	l->exes = executables__new(opts->owner);
	l->files = files__new(opts);
	l->relay = relay__new(&(struct relay_opts){
		.begin = begin, .work = work, .hangs = hangs, .ctx = l,
	});
	if (!l->exes || !l->files || !l->relay)
		return -ENOMEM;
	l->urgent = true;
	l->may_idle = privileges__may_leave_idle();
	err = executables__start(l->exes) ?: relay__start(l->relay);
	if (err)
		return err;
	*ret = STEAL(l);
	return 0;
}

void inspector__check(struct inspector *l)
{
	executables__check(l->exes);
	relay__check(l->relay);
}

/* What is left when something hangs is not waited for. */
static void give_up(struct inspector *l)
{
	struct request *r = take_requests(l, true), *next;

	for (; r; r = next) {
		next = r->next;
		put_unread(l, &r->at, -ETIMEDOUT);
		is_answered(l, r);
	}
}

void inspector__flush(struct inspector *l)
{
	uint64_t start = clock__ns(CLOCK_MONOTONIC), now;
	unsigned int hung = 0;
	struct timespec until;

	pthread_mutex_lock(&l->lock);
	l->hurry = true;
	set_urgent(l, true);
	while (__atomic_load_n(&l->queued, __ATOMIC_ACQUIRE) > hung) {
		now = clock__ns(CLOCK_MONOTONIC) + FLUSH_TICK_NS;
		until = (struct timespec){ now / NSEC_PER_SEC, now % NSEC_PER_SEC };
		(void)pthread_cond_timedwait(&l->idle, &l->lock, &until);
		pthread_mutex_unlock(&l->lock);
		inspector__check(l);
		hung = relay__hung_cnt(l->relay);
		if (hung && now - start > HUNG_MAX_NS)
			give_up(l);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
}

void inspector__finish(struct inspector *l)
{
	if (l->stop)
		return;
	inspector__flush(l);
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	relay__stop(l->relay, left);
}

void inspector__free(struct inspector *l)
{
	struct answer *a, *a_next;

	if (!l)
		return;
	if (l->relay)
		inspector__finish(l);
	/* Who hangs may come back yet. */
	if (!executables__free(l->exes) || !relay__free(l->relay))
		return;
	for (a = l->answers; a; a = a_next) {
		a_next = a->next;
		free(a);
	}
	files__free(l->files);
	line__free(&l->line);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->wake);
	pthread_cond_destroy(&l->idle);
	free(l);
}

bool inspector__has_descriptors(const struct inspector *l)
{
	return executables__has_descriptors(l->exes);
}

int inspector__ask(struct inspector *l, const struct look_at *at)
{
	size_t n = strlen(at->name.path);
	struct request *r;
	size_t queued;
	bool idle;

	/* That a file was written must be known, or the next reader's text is taken for an old one. */
	if (at->use == FILE_READ &&
	    __atomic_load_n(&l->queued, __ATOMIC_RELAXED) >= l->opts.queue_max)
		return -EAGAIN;
	r = malloc(sizeof(*r) + n + 1);
	if (!r)
		return -ENOMEM;
	*r = (struct request){ .at = *at };
	memcpy(r->path, at->name.path, n + 1);
	r->at.name.path = r->path;
	(void)opener__get(r->at.who);
	queued = __atomic_add_fetch(&l->queued, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&l->lock);
	idle = !l->queue;
	*l->queue_tail = r;
	l->queue_tail = &r->next;
	if (idle)
		pthread_cond_signal(&l->wake);
	if (queued > QUEUE_LONG && !l->urgent)
		set_urgent(l, true);
	pthread_mutex_unlock(&l->lock);
	return 0;
}

bool inspector__next_verdict(struct inspector *l, struct look_verdict *ret)
{
	struct answer *a;

	pthread_mutex_lock(&l->lock);
	a = l->answers;
	if (a) {
		l->answers = a->next;
		if (!l->answers)
			l->answers_tail = &l->answers;
	}
	pthread_mutex_unlock(&l->lock);
	if (!a)
		return false;
	*ret = a->verdict;
	free(a);
	return true;
}
