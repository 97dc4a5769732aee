/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What builds were made from. */
#include <errno.h>
#include <stdio.h>

#include "capture/files.h"
#include "capture/hash_store.h"
#include "capture/look_queue.h"
#include "capture/needs.h"
#include "capture/relay.h"
#include "capture/source_hash.h"
#include "capture/sources.h"
#include "util/clock.h"
#include "util/hash.h"
#include "util/log.h"

#define QUEUE_MAX 131072
#define BYTES_MAX (256ull << 20)
#define FINISH_NS (5 * NSEC_PER_SEC)
#define KNOWN_MAX 131072
#define TICK_NS	  (20 * NSEC_PER_MSEC)	/* clocks of files may step so far */

/* What the record has of a path. */
struct known_path {
	int err;			/* that its line says */
	const char *doubt;		/* that its line has */
	uint64_t mount;			/* as in struct source_hash */
	struct file_state state;
	uint64_t taken;			/* boot clock */
	uint8_t digest[SHA256_SZ];
	UT_hash_handle hh;
	char path[];
};

struct sources {
	struct sources_opts opts;
	struct look_queue *queue;
	uint64_t until;			/* monotonic clock, 0: no end; atomic */
	struct hash_store *store;	/* NULL: none */
	struct source_hashes *hashes;

	/* with the baton of the queue's relay */
	struct known_path *known;	/* oldest first */
	struct line line;
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
	line__uint(l, "size", s->size);
	line__time(l, "mtime", s->mtime);
	line__time(l, "ctime", s->ctime);
	line__device(l, s->dev);
	line__uint(l, "ino", s->ino);
}

static void put(const struct sources *s, struct line *line)
{
	if (!line__end(line))
		record__put(s->opts.record, line);
}

static void put_hash(struct sources *s, const struct look_at *at, const struct source_hash *h, int err,
		     const char *doubt)
{
	struct line *l = &s->line;
	char digits[SHA256_HEX];

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
	} else if (doubt) {
		line__str(l, "error", doubt);
		line__incomplete(l, "sha256");
	}
	line__bool(l, "after_fact", true);
	put(s, l);
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
		     const char *doubt)
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
	k->doubt = doubt;
	k->mount = h->mount;
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

/* What the kernel says that they opened was as it is for longer than a tick by then. */
static bool was_settled(const struct sources *s, const struct look_at *at)
{
	return at->mount && !at->name.own_root && began(&at->state) <= s->opts.boot_ns + at->ts;
}

/* And is what the record has. */
static bool is_unchanged(const struct known_path *k, const struct look_at *at)
{
	return k && !k->err && !k->doubt && k->mount == at->mount &&
	       !memcmp(&k->state, &at->state, sizeof(at->state));
}

static bool is_same(const struct known_path *k, const struct source_hash *h)
{
	return k && !k->err && !k->doubt && !memcmp(&k->state, &h->state, sizeof(h->state)) &&
	       !memcmp(k->digest, h->digest, sizeof(h->digest));
}

/* May hang. */
static int read_hash(const struct sources *s, const struct look_at *at, struct source_hash *ret)
{
	int err = opener__check(at->who, s->opts.owner);

	*ret = (struct source_hash){ .taken = clock__boot_ns() };
	if (err)
		return err;
	if (!files__leave(at))
		return -ETIMEDOUT;
	err = source_hashes__of(s->hashes, &at->name, at->who, ret);
	relay__return();
	return err;
}

/* Without a look at the file: another observer has hashed that state. */
static bool recall(const struct sources *s, const struct look_at *at, struct source_hash *ret)
{
	*ret = (struct source_hash){
		.has_state = true, .state = at->state, .mount = at->mount, .taken = s->opts.boot_ns + at->ts,
	};
	return !opener__check(at->who, s->opts.owner) &&
	       source_hashes__recall(s->hashes, &at->name, &at->state, at->mount, ret->digest);
}

static void hash(struct sources *s, const struct look_at *at)
{
	const struct known_path *known = find_known(s, at->name.path);
	bool is_settled = was_settled(s, at);
	struct source_hash h;
	const char *doubt;
	int err = 0;

	if (is_covered(s, known, at) || (is_settled && is_unchanged(known, at)))
		return;
	if (!is_settled || !recall(s, at, &h))
		err = read_hash(s, at, &h);
	if (err == -EISDIR)
		return;
	doubt = h.has_state ? file_state__doubt(&h.state, s->opts.boot_ns + at->ts) : NULL;
	if (err || !is_same(find_known(s, at->name.path), &h))	/* others had the baton meanwhile */
		put_hash(s, at, &h, err, doubt);
	remember(s, at->name.path, &h, err, doubt);
}

/* --- the queue --- */

static bool has_time(void *ctx)
{
	const struct sources *s = ctx;
	uint64_t until = __atomic_load_n(&s->until, __ATOMIC_RELAXED);

	return !until || clock__ns(CLOCK_MONOTONIC) < until;
}

static void begin_thread(void *ctx)
{
	needs__keep(NEEDS_EARLY);
}

static void answer(void *ctx, struct look_at *at)
{
	struct sources *s = ctx;

	if (has_time(s))
		hash(s, at);
	else
		put_hash(s, at, &(struct source_hash){}, -ETIME, NULL);
}

static void unread(void *ctx, const struct look_at *at)
{
	__free_line struct line line = {};

	sources__begin_unread(&line, at, -ETIMEDOUT);
	put(ctx, &line);
}

/* Without it all is hashed here. */
static struct hash_store *open_store(const char *folder)
{
	struct hash_store *store = NULL;
	int err = folder ? hash_store__open(folder, &store) : 0;

	if (err)
		log_debug("hashes of earlier observers are not used, from %s: %s", folder, strerror(-err));
	return store;
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
	s->store = open_store(opts->kept);
	s->hashes = source_hashes__new(opts->size_max ?: BYTES_MAX, s->store, has_time, s);
	s->queue = look_queue__new(&(struct look_queue_opts){
		.begin = begin_thread, .answer = answer, .unread = unread, .ctx = s, .is_patient = true,
	});
	err = s->hashes && s->queue ? look_queue__start(s->queue) : -ENOMEM;
	if (err) {
		sources__free(s);
		return err;
	}
	*ret = s;
	return 0;
}

int sources__ask(struct sources *s, const struct look_at *at)
{
	return look_queue__cnt(s->queue) >= s->opts.queue_max ? -EAGAIN : look_queue__add(s->queue, at);
}

void sources__wake(struct sources *s)
{
	look_queue__wake(s->queue);
}

void sources__check(struct sources *s)
{
	if (s)
		look_queue__check(s->queue);
}

void sources__finish(struct sources *s)
{
	if (!s)
		return;
	__atomic_store_n(&s->until, clock__ns(CLOCK_MONOTONIC) + s->opts.finish_ns, __ATOMIC_RELAXED);
	look_queue__finish(s->queue);
}

void sources__free(struct sources *s)
{
	struct known_path *k, *next;

	/* Who hangs may come back yet. */
	if (!s || !look_queue__free(s->queue))
		return;
	HASH_ITER(hh, s->known, k, next)
		forget(s, k);
	source_hashes__free(s->hashes);
	hash_store__close(s->store);
	line__free(&s->line);
	free(s);
}
