/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What builds were made from. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/sysmacros.h>

#include "capture/needs.h"
#include "capture/source_hash.h"
#include "capture/sources.h"
#include "util/clock.h"
#include "util/hash.h"
#include "util/privileges.h"
#include "util/urgency.h"

#define QUEUE_MAX 131072
#define BYTES_MAX (256ull << 20)
#define FINISH_NS (5 * NSEC_PER_SEC)
#define KNOWN_MAX 131072
#define TICK_NS	  (20 * NSEC_PER_MSEC)	/* clocks of files may step so far */

struct request {
	struct request *next;
	struct look_at at;
	char path[];
};

/* What the record has of a path. */
struct known_path {
	int err;			/* that its line says */
	bool is_late;			/* its line is one of a file that changed after it was opened */
	struct file_state state;
	uint64_t taken;			/* boot clock */
	uint8_t digest[SHA256_SZ];
	UT_hash_handle hh;
	char path[];
};

struct sources {
	struct sources_opts opts;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;	/* what follows, up to line */
	pthread_cond_t wake;
	struct request *queue, **queue_tail;
	struct request *current;	/* the thread is at it */
	bool stop;
	bool is_abandoned;		/* the thread hangs: it writes no more */
	struct line line;

	size_t queued;			/* not answered yet; atomic */
	uint64_t until;			/* monotonic clock, 0: no end; atomic */

	/* the thread's own */
	struct source_hashes *hashes;
	struct known_path *known;	/* oldest first */
};

/* --- lines --- */

/* What only a source can be; the rest is as with all files. */
static const char *why(int err)
{
	const struct snapshot s = { .err = err };

	switch (err) {
	case -ENOEXEC:
		return "a Go program";
	case -ETIME:
		return "there was no time left to read it";
	default:
		return snapshot__why(&s);
	}
}

static void begin(struct line *l, const struct look_at *at)
{
	line__begin(l, REC_SOURCE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(l, "path", at->name.path, strlen(at->name.path));
}

static void add_error(struct line *l, int err)
{
	line__str(l, "error", why(err));
	line__incomplete(l, "sha256");
}

void sources__begin_unread(struct line *line, const struct look_at *at, int err)
{
	begin(line, at);
	add_error(line, err);
}

static void add_state(struct line *l, const struct file_state *s)
{
	char dev[32];

	line__uint(l, "size", s->size);
	line__time(l, "mtime", s->mtime);
	line__time(l, "ctime", s->ctime);
	snprintf(dev, sizeof(dev), "%u:%u", major(s->dev), minor(s->dev));
	line__str(l, "dev", dev);
	line__uint(l, "ino", s->ino);
}

/* Under the lock, and so never after it was abandoned. */
static void put(struct sources *s)
{
	if (!line__end(&s->line))
		record__put(s->opts.record, &s->line);
}

static void put_hash(struct sources *s, const struct look_at *at, const struct source_hash *h, int err,
		     bool is_late)
{
	struct line *l = &s->line;
	char digits[SHA256_HEX];

	pthread_mutex_lock(&s->lock);
	if (s->is_abandoned) {
		pthread_mutex_unlock(&s->lock);
		return;
	}
	begin(l, at);
	if (h->has_state)
		add_state(l, &h->state);
	if (!err) {
		sha256__hex(h->digest, digits);
		line__str(l, "sha256", digits);
		line__uint(l, "taken", h->taken - s->opts.boot_ns);
	}
	if (err) {
		add_error(l, err);
	} else if (is_late) {
		line__str(l, "error", "changed after it was opened");
		line__incomplete(l, "sha256");
	}
	line__bool(l, "after_fact", true);
	put(s);
	pthread_mutex_unlock(&s->lock);
}

/* --- what the record has --- */

static struct known_path *find_known(const struct sources *s, const char *path)
{
	struct known_path *k;

	HASH_FIND(hh, s->known, path, strlen(path), k);
	return k;
}

static void forget(struct sources *s, struct known_path *k)
{
	HASH_DEL(s->known, k);
	free(k);
}

/* Without memory there is one more line the next time. */
static void remember(struct sources *s, const char *path, const struct source_hash *h, int err,
		     bool is_late)
{
	struct known_path *k = find_known(s, path);
	size_t n = strlen(path);

	if (!k) {
		while (HASH_COUNT(s->known) >= KNOWN_MAX)
			forget(s, s->known);
		k = calloc(1, sizeof(*k) + n + 1);
		if (!k)
			return;
		memcpy(k->path, path, n);
		HASH_ADD(hh, s->known, path[0], n, k);
		if (!k->hh.tbl) {
			free(k);
			return;
		}
	}
	k->err = err;
	k->is_late = is_late;
	k->state = h->state;
	k->taken = h->taken;
	memcpy(k->digest, h->digest, sizeof(k->digest));
}

/* When a state began, on the clock of the events, and what may be missing to it. */
static uint64_t began(const struct file_state *state)
{
	int64_t ns = state->ctime - clock__real_minus_boot_ns();

	return (ns > 0 ? ns : 0) + TICK_NS;
}

/*
 * The file is opened several times, by go and by its tools, and mostly before this thread comes to
 * the first one: what it found then was the same at all times since that state began.
 */
static bool is_covered(const struct sources *s, const struct known_path *k, const struct look_at *at)
{
	uint64_t ts = s->opts.boot_ns + at->ts;

	if (!k || at->name.own_root || ts > k->taken)
		return false;
	return k->err || began(&k->state) <= ts;
}

static bool is_same(const struct known_path *k, const struct source_hash *h)
{
	return k && !k->err && !k->is_late && !memcmp(&k->state, &h->state, sizeof(h->state)) &&
	       !memcmp(k->digest, h->digest, sizeof(h->digest));
}

static void hash(struct sources *s, const struct look_at *at)
{
	struct known_path *k = find_known(s, at->name.path);
	struct source_hash h = { .taken = clock__boot_ns() };
	bool is_late;
	int err;

	if (is_covered(s, k, at))
		return;
	err = opener__check(at->who, s->opts.owner) ?: source_hashes__of(s->hashes, &at->name, at->who, &h);
	if (err == -EISDIR)
		return;
	is_late = h.has_state && h.state.ctime > (int64_t)(s->opts.boot_ns + at->ts) +
						 clock__real_minus_boot_ns();
	if (err || !is_same(k, &h))
		put_hash(s, at, &h, err, is_late);
	remember(s, at->name.path, &h, err, is_late);
}

/* --- the thread --- */

static bool has_time(void *ctx)
{
	const struct sources *s = ctx;
	uint64_t until = __atomic_load_n(&s->until, __ATOMIC_RELAXED);

	return !until || clock__ns(CLOCK_MONOTONIC) < until;
}

static void free_request(struct request *r)
{
	opener__put(r->at.who);
	free(r);
}

/* NULL: none is left, and none will come. */
static struct request *next_request(struct sources *s)
{
	struct request *r;

	pthread_mutex_lock(&s->lock);
	while (!s->queue && !s->stop)
		pthread_cond_wait(&s->wake, &s->lock);
	r = s->current = s->is_abandoned ? NULL : s->queue;
	if (r) {
		s->queue = r->next;
		if (!s->queue)
			s->queue_tail = &s->queue;
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

static void answer(struct sources *s, struct request *r)
{
	if (has_time(s))
		hash(s, &r->at);
	else
		put_hash(s, &r->at, &(struct source_hash){}, -ETIME, false);
	pthread_mutex_lock(&s->lock);
	s->current = NULL;
	pthread_mutex_unlock(&s->lock);
	free_request(r);
	__atomic_sub_fetch(&s->queued, 1, __ATOMIC_RELAXED);
}

static void *run(void *ctx)
{
	struct sched_param none = {};
	struct sources *s = ctx;
	struct request *r;

	needs__keep(NEEDS_EARLY);
	(void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);	/* then it is as others */
	while ((r = next_request(s)))
		answer(s, r);
	return NULL;
}

int sources__new(const struct sources_opts *opts, struct sources **ret)
{
	struct sources *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->opts = *opts;
	s->opts.queue_max = s->opts.queue_max ?: QUEUE_MAX;
	s->opts.finish_ns = s->opts.finish_ns ?: FINISH_NS;
	s->queue_tail = &s->queue;
	urgent_lock__init(&s->lock);
	pthread_cond_init(&s->wake, NULL);
	s->hashes = source_hashes__new(opts->size_max ?: BYTES_MAX, has_time, s);
	err = s->hashes ? pthread_create(&s->thread, NULL, run, s) : ENOMEM;
	s->has_thread = !err;
	if (err) {
		sources__free(s);
		return -err;
	}
	*ret = s;
	return 0;
}

int sources__ask(struct sources *s, const struct look_at *at)
{
	size_t n = strlen(at->name.path);
	struct request *r;
	bool idle;

	if (__atomic_load_n(&s->queued, __ATOMIC_RELAXED) >= s->opts.queue_max)
		return -EAGAIN;
	r = malloc(sizeof(*r) + n + 1);
	if (!r)
		return -ENOMEM;
	*r = (struct request){ .at = *at };
	memcpy(r->path, at->name.path, n + 1);
	r->at.name.path = r->path;
	(void)opener__get(r->at.who);
	__atomic_add_fetch(&s->queued, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&s->lock);
	idle = !s->queue;
	*s->queue_tail = r;
	s->queue_tail = &r->next;
	pthread_mutex_unlock(&s->lock);
	if (idle)
		pthread_cond_signal(&s->wake);
	return 0;
}

/* --- the end --- */

/* False: it hangs. What it has not answered gets its lines from here. */
static bool has_ended(struct sources *s)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += s->opts.finish_ns / NSEC_PER_SEC + 1;
	return !pthread_timedjoin_np(s->thread, NULL, &until);
}

static void abandon(struct sources *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_abandoned = true;
	if (s->current) {
		sources__begin_unread(&s->line, &s->current->at, -ETIME);
		put(s);
	}
	for (const struct request *r = s->queue; r; r = r->next) {
		sources__begin_unread(&s->line, &r->at, -ETIME);
		put(s);
	}
	pthread_mutex_unlock(&s->lock);
}

void sources__finish(struct sources *s)
{
	struct sched_param none = {};

	if (!s || !s->has_thread || s->is_abandoned)
		return;
	__atomic_store_n(&s->until, clock__ns(CLOCK_MONOTONIC) + s->opts.finish_ns, __ATOMIC_RELAXED);
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	/* Somebody waits now. By us: a thread that yields may not get to do it. */
	(void)pthread_setschedparam(s->thread, SCHED_OTHER, &none);
	if (has_ended(s))
		s->has_thread = false;
	else
		abandon(s);
}

void sources__free(struct sources *s)
{
	struct known_path *k, *next;

	if (!s)
		return;
	sources__finish(s);
	if (s->is_abandoned)	/* all that it uses is left to it */
		return;
	HASH_ITER(hh, s->known, k, next)
		forget(s, k);
	source_hashes__free(s->hashes);
	line__free(&s->line);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->wake);
	free(s);
}
