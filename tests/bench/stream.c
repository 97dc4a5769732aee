/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How much a core can record: decoding, encoding and compressing of events as they came from the ring.
 *
 *   stream record FILE CMD [ARG...]     what the ring holds while CMD runs (root; nothing may be lost)
 *   stream play FILE [ROUNDS [LIMIT]]   all of it through the decoder into records of each format
 *
 * Prints for each format nanoseconds of processor time per event, the record's bytes per event, and
 * events per second and core; of several rounds the best. Exits with 1 when the best format's rate is
 * below LIMIT. What is read beside the events (files, build information) is not part of it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "capture/accounting.h"
#include "capture/child.h"
#include "capture/decode.h"
#include "capture/hooks.h"
#include "capture/ring.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/str.h"

#define FILE_SZ_MAX (1ull << 30)
#define NAME_SZ 64

/* Before each event in the file; what follows is padded to 8 bytes. */
struct frame {
	uint32_t size, reserved;
};

static int fail(const char *what, int err)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(-err));
	return 1;
}

/* --- record --- */

static int keep(void *ctx, void *data, size_t n)
{
	static const char padding[8];
	struct frame frame = { .size = n };
	FILE *f = ctx;

	fwrite(&frame, sizeof(frame), 1, f);
	fwrite(data, n, 1, f);
	fwrite(padding, -n % 8, 1, f);
	return 0;
}

static int follow(struct hooks *h, char **cmd)
{
	struct child_signals signals = { .on_pipe = SIG_DFL };
	struct task_state s = { .proc = 1, .follow = FOLLOW_YES };
	struct child_user user = {};
	__free_child struct child *child = NULL;
	const char *why;
	int err = child__start(cmd, &user, &signals, &child) ?: hooks__attach(h, &why) ?:
		  hooks__follow(h, child__pid(child), &s) ?: child__release(child);

	if (!err)
		(void)child__status(child);
	return err;
}

static int record(const char *path, char **cmd)
{
	const struct hooks_opts opts = { .ring_size = 64 << 20 };
	__close_file FILE *f = fopen(path, "we");
	__free_hooks struct hooks *h = NULL;
	const struct ring_reader reader = { .event = keep, .ctx = f };
	struct ring *ring = NULL;
	struct ev_stats st = {};
	const char *why = "";
	int err;

	if (!f)
		return fail(path, -errno);
	err = hooks__load(&opts, &h, &why);
	if (err)
		return fail(why, err);
	err = ring__open(hooks__map_fd(h, MAP_EVENTS), hooks__ring_size(h), &ring);
	err = err ?: ring__start(ring, &reader);
	err = err ?: follow(h, cmd);
	hooks__detach(h);
	if (ring)
		ring__stop(ring);
	ring__free(ring);
	err = err ?: accounting__read(hooks__map_fd(h, MAP_STATS), &st);
	if (err)
		return fail("cannot record", err);
	if (st.lost[LOSS_FILE] || st.lost[LOSS_LIFE])
		return fail("events were lost", -ENOSPC);
	return fflush(f) ? fail(path, -errno) : 0;
}

/* --- play --- */

struct result {
	double events, here_ns, all_ns, bytes;
};

/* The record's time begins with the first event, as it was then. */
static uint64_t first_ts(const struct str *stream)
{
	return ((struct ev_hdr *)(stream->s + sizeof(struct frame)))->ts;
}

static uint64_t feed(struct decoder *d, const struct str *stream)
{
	uint64_t events = 0;
	const struct frame *f;
	size_t pos;

	for (pos = 0; stream->len - pos > sizeof(*f); pos += sizeof(*f) + (f->size + 7) / 8 * 8) {
		f = (const void *)(stream->s + pos);
		if (f->size > stream->len - pos - sizeof(*f))
			break;
		(void)decoder__event(d, stream->s + pos + sizeof(*f), f->size);	/* always 0 */
		if (++events % 1024 == 0)
			decoder__settle(d);
	}
	return events;
}

static int play_once(const struct str *stream, const char *path, struct result *ret)
{
	struct record_opts out = { .path = path, .fd = -1, .force = true };
	struct decoder_opts opts = { .boot_ns = first_ts(stream), .exes_fd = -1, .verdicts_fd = -1 };
	uint64_t here = clock__ns(CLOCK_THREAD_CPUTIME_ID), all = clock__ns(CLOCK_PROCESS_CPUTIME_ID);
	__free_decoder struct decoder *d = NULL;
	__free_record struct record *r = NULL;
	struct stat st;
	int err = record__create(&out, &r);

	opts.record = r;
	err = err ?: decoder__new(&opts, &d);
	if (err)
		return err;
	record__set_urgency(r, URGENCY_NORMAL);
	ret->events = feed(d, stream);
	decoder__finish(d);
	ret->here_ns = clock__ns(CLOCK_THREAD_CPUTIME_ID) - here;
	err = record__finish(r);
	ret->all_ns = clock__ns(CLOCK_PROCESS_CPUTIME_ID) - all;
	if (!err && stat(path, &st))
		err = -errno;
	ret->bytes = st.st_size;
	return err;
}

static int play_format(const struct str *stream, const char *suffix, int rounds, struct result *ret)
{
	char path[NAME_SZ];
	struct result r;
	int err = 0;

	snprintf(path, sizeof(path), "/tmp/stream.%d%s", getpid(), suffix);
	for (int i = 0; i < rounds && !err; i++) {
		err = play_once(stream, path, &r);
		if (!err && (!i || r.all_ns < ret->all_ns))
			*ret = r;
	}
	unlink(path);
	return err;
}

static int play(const char *path, int rounds, double limit)
{
	static const char *const suffixes[] = { ".jsonl", ".jsonl.gz", ".jsonl.zst" };
	__free_str struct str stream = {};
	double best = 0, rate;
	cpu_set_t one;
	int err = file__read(path, FILE_SZ_MAX, &stream);

	if (err || stream.len <= sizeof(struct frame) + sizeof(struct ev_hdr))
		return fail(path, err ?: -ENODATA);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	(void)sched_setaffinity(0, sizeof(one), &one);	/* else the figures are of more than one core */
	printf("format      decode+encode, ns  compress+write, ns  bytes per event  events/s per core\n");
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		struct result r = {};

		err = play_format(&stream, suffixes[i], rounds, &r);
		if (err)
			return fail(suffixes[i], err);
		rate = r.events / r.all_ns * 1e9;
		best = rate > best ? rate : best;
		printf("%-11s %17.0f %19.0f %16.1f %18.0f\n", suffixes[i] + 1, r.here_ns / r.events,
		       (r.all_ns - r.here_ns) / r.events, r.bytes / r.events, rate);
	}
	return best < limit;
}

int main(int argc, char **argv)
{
	if (argc > 3 && str_eq(argv[1], "record"))
		return record(argv[2], argv + 3);
	if (argc > 2 && str_eq(argv[1], "play"))
		return play(argv[2], argc > 3 ? atoi(argv[3]) : 5, argc > 4 ? atof(argv[4]) : 0);
	fprintf(stderr, "usage: stream record FILE CMD [ARG...] | stream play FILE [ROUNDS [LIMIT]]\n");
	return 2;
}
