/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One pass over a record, for everybody who wants its lines. */
#include <errno.h>
#include <pthread.h>

#include "record/pass.h"

static int give_line(const struct sink_of_lines *sinks, size_t n, const struct rec *rec)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = sinks[i].line(sinks[i].ctx, rec);
	return err;
}

static int give_end(const struct sink_of_lines *sinks, size_t n, const struct pass_end *end)
{
	int err = 0;

	for (size_t i = 0; i < n; i++)
		if (sinks[i].end)
			err = sinks[i].end(sinks[i].ctx, end) ?: err;
	return err;
}

int pass__file(const char *path, const struct sink_of_lines *sinks, size_t n)
{
	__free_reader struct reader *r = NULL;
	struct pass_end end;
	struct rec rec;
	int err;

	err = reader__open(path, &r);
	if (err)
		return err;
	while ((err = reader__next(r, &rec)) > 0) {
		err = give_line(sinks, n, &rec);
		if (err)
			return err;
	}
	end = (struct pass_end){ .cut = reader__is_cut(r), .bad_lines = reader__bad_lines(r) };
	return err ?: give_end(sinks, n, &end);
}

/* --- of a record that is being written --- */

#define MAX_SINKS 4

struct pass {
	struct sink_of_lines sinks[MAX_SINKS];
	size_t sink_cnt;
	struct jsonv_arena *arena;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;		/* what follows */
	pthread_cond_t more, less;
	struct str pending;
	bool is_finished;
	uint64_t skipped;		/* lines, since the thread was told */
	bool is_lossy;			/* const */
	int err;			/* atomic: pass__error() */
	bool saw_end;			/* the thread's own */
};

static int work_line(struct pass *p, const char *text, size_t n)
{
	struct rec rec;
	int err;

	err = rec__parse(p->arena, text, n, &rec, NULL);
	if (err)
		return err == -EINVAL ? 0 : err;	/* the reader of the file counts them */
	p->saw_end |= rec.kind == REC_END;
	return give_line(p->sinks, p->sink_cnt, &rec);
}

static void work(struct pass *p, const struct str *lines)
{
	const char *at = lines->s, *end = lines->s + lines->len, *next;
	int err = pass__error(p);

	for (; !err && at < end; at = next + 1) {
		next = memchr(at, '\n', end - at) ?: end;
		err = work_line(p, at, next - at);
	}
	for (size_t i = 0; i < p->sink_cnt && !err; i++)
		if (p->sinks[i].idle)
			err = p->sinks[i].idle(p->sinks[i].ctx);
	__atomic_store_n(&p->err, err, __ATOMIC_RELAXED);
}

static void tell_skipped(struct pass *p, uint64_t lines)
{
	for (size_t i = 0; i < p->sink_cnt && lines; i++)
		p->sinks[i].skipped(p->sinks[i].ctx, lines);
}

static void *thread_main(void *arg)
{
	struct pass *p = arg;
	struct str mine = {}, swap;
	uint64_t skipped;
	bool is_last = false;

	while (!is_last) {
		pthread_mutex_lock(&p->lock);
		while (!p->pending.len && !p->is_finished)
			pthread_cond_wait(&p->more, &p->lock);
		swap = p->pending;
		p->pending = mine;
		mine = swap;
		skipped = p->skipped;
		p->skipped = 0;
		is_last = p->is_finished && !p->pending.len;
		pthread_cond_signal(&p->less);
		pthread_mutex_unlock(&p->lock);
		tell_skipped(p, skipped);
		if (mine.len)
			work(p, &mine);
		str__cut(&mine, 0);
	}
	str__free(&mine);
	return NULL;
}

struct pass *pass__new(const struct sink_of_lines *sinks, size_t n)
{
	__free_pass struct pass *p = calloc(1, sizeof(*p));

	if (!p || n > MAX_SINKS)
		return NULL;
	memcpy(p->sinks, sinks, n * sizeof(*sinks));
	p->sink_cnt = n;
	p->is_lossy = true;
	for (size_t i = 0; i < n; i++)
		p->is_lossy &= sinks[i].skipped != NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_cond_init(&p->less, NULL);
	p->arena = jsonv_arena__new();
	p->has_thread = p->arena && !pthread_create(&p->thread, NULL, thread_main, p);
	return p->has_thread ? STEAL(p) : NULL;
}

static uint64_t count_lines(const char *lines, size_t n)
{
	const char *end = lines + n;
	uint64_t cnt = 0;

	while (lines < end && (lines = memchr(lines, '\n', end - lines))) {
		lines++;
		cnt++;
	}
	return cnt;
}

void pass__tap(void *ctx, const char *lines, size_t n)
{
	struct pass *p = ctx;

	if (pass__error(p))
		return;
	pthread_mutex_lock(&p->lock);
	while (!p->is_lossy && p->pending.len && p->pending.len + n > PASS_MAX_PENDING)
		pthread_cond_wait(&p->less, &p->lock);
	if (p->pending.len && p->pending.len + n > PASS_MAX_PENDING)
		p->skipped += count_lines(lines, n);
	else
		str__add(&p->pending, lines, n);
	if (str__err(&p->pending))
		__atomic_store_n(&p->err, -ENOMEM, __ATOMIC_RELAXED);
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}

int pass__error(const struct pass *p)
{
	return __atomic_load_n(&p->err, __ATOMIC_RELAXED);
}

static void end_thread(struct pass *p)
{
	if (!p->has_thread)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_finished = true;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->has_thread = false;
}

int pass__finish(struct pass *p)
{
	struct pass_end end = {};

	end_thread(p);
	end.cut = !p->saw_end;
	return give_end(p->sinks, p->sink_cnt, &end) ?: pass__error(p);
}

void pass__free(struct pass *p)
{
	if (!p)
		return;
	end_thread(p);
	jsonv_arena__free(p->arena);
	str__free(&p->pending);
	free(p);
}
