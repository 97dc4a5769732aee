/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The threads that look at files, so that nobody else has to wait for a disk. */
#include <errno.h>
#include <pthread.h>
#include <sys/sysmacros.h>

#include "capture/beside.h"
#include "capture/embedded.h"
#include "capture/executables.h"
#include "capture/files.h"
#include "capture/homes.h"
#include "capture/look_queue.h"
#include "capture/needs.h"
#include "capture/relay.h"
#include "capture/snapshot.h"
#include "util/urgency.h"

#define QUEUE_MAX  65536
#define QUEUE_LONG 4096		/* then it no longer yields */

struct answer {
	struct answer *next;
	struct look_verdict verdict;
};

struct inspector {
	struct inspector_opts opts;
	struct look_queue *queue;
	pthread_mutex_t lock;	/* what follows, up to answers_tail */
	struct answer *answers, **answers_tail;

	struct executables *exes;
	struct files *files;
	struct line line;	/* with the baton of the queue's relay, and not beyond it */
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
	if (at->what == LOOK_HOME || at->what == LOOK_BESIDE)
		return;		/* nobody there has used what was not found */
	if (at->what == LOOK_PROGRAM || at->what == LOOK_OUTPUT) {
		embedded__begin(&line, at, &(struct executable){ .err = err });
	} else {
		files__begin_unread(&line, at, err);
	}
	if (!line__end(&line))
		record__put(l->opts.record, &line);
}

/* --- the queue --- */

static void begin(void *ctx)
{
	needs__keep(NEEDS_INSPECTOR);
}

static void answer(void *ctx, struct look_at *at)
{
	struct inspector *l = ctx;

	if (at->what <= LOOK_PROGRAM)
		look_at_program(l, at);
	else if (at->what == LOOK_HOME)
		homes__inspect(&l->opts, &l->line, at);
	else if (at->what == LOOK_BESIDE)
		beside__inspect(&l->opts, &l->line, at);
	else if (at->what == LOOK_OUTPUT)
		look_at_output(l, at);
	else
		files__inspect(l->files, at);
}

static void unread(void *ctx, const struct look_at *at)
{
	put_unread(ctx, at, -ETIMEDOUT);
}

/* Whoever waits for it, and for others because of it, waits no longer. */
static void hangs(void *ctx, const struct look_at *at)
{
	if (at->what == LOOK_VERDICT)
		unread(ctx, at);
}

int inspector__new(const struct inspector_opts *opts, struct inspector **ret)
{
	__free_inspector struct inspector *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->opts = *opts;
	if (!l->opts.queue_max)
		l->opts.queue_max = QUEUE_MAX;
	l->answers_tail = &l->answers;
	urgent_lock__init(&l->lock);
	l->exes = executables__new(opts->owner);
	l->files = files__new(opts);
	l->queue = look_queue__new(&(struct look_queue_opts){
		.begin = begin, .answer = answer, .unread = unread, .hangs = hangs, .ctx = l,
		.long_at = QUEUE_LONG,
	});
	if (!l->exes || !l->files || !l->queue)
		return -ENOMEM;
	err = executables__start(l->exes) ?: look_queue__start(l->queue);
	if (err)
		return err;
	*ret = STEAL(l);
	return 0;
}

void inspector__check(struct inspector *l)
{
	executables__check(l->exes);
	look_queue__check(l->queue);
}

void inspector__flush(struct inspector *l)
{
	look_queue__flush(l->queue);
}

void inspector__finish(struct inspector *l)
{
	look_queue__finish(l->queue);
}

void inspector__free(struct inspector *l)
{
	struct answer *a, *a_next;

	/* Who hangs may come back yet. */
	if (!l || !look_queue__free(l->queue) || !executables__free(l->exes))
		return;
	for (a = l->answers; a; a = a_next) {
		a_next = a->next;
		free(a);
	}
	files__free(l->files);
	line__free(&l->line);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

bool inspector__has_descriptors(const struct inspector *l)
{
	return executables__has_descriptors(l->exes);
}

int inspector__ask(struct inspector *l, const struct look_at *at)
{
	/* That a file was written must be known, or the next reader's text is taken for an old one. */
	if ((at->use == FILE_READ || at->use == FILE_MISSED) && look_queue__cnt(l->queue) >= l->opts.queue_max)
		return -EAGAIN;
	return look_queue__add(l->queue, at);
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
