/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The thread that empties the ring. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "capture/needs.h"
#include "capture/ring.h"
#include "util/clock.h"

#define BUSY_WAIT_NS (10 * NSEC_PER_MSEC)
#define IDLE_WAIT_NS (50 * NSEC_PER_MSEC)

struct ring {
	uint64_t size;
	struct ring_reader reader;
	struct ring_buffer *rb;
	/* The ring's positions, to see from outside how full it is. */
	const unsigned long *consumer, *producer;
	pthread_t thread;
	bool has_thread;
	uint64_t before;	/* bytes that were waiting at the last tick */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, look;
	struct urgent_thread urgent;
};

static uint64_t waiting(const struct ring *r)
{
	unsigned long taken = __atomic_load_n(r->consumer, __ATOMIC_ACQUIRE);

	return __atomic_load_n(r->producer, __ATOMIC_ACQUIRE) - taken;
}

/* True when it is time to stop. */
static bool wait_a_moment(struct ring *r, uint64_t ns)
{
	uint64_t t = clock__ns(CLOCK_MONOTONIC) + ns;
	struct timespec until = { t / NSEC_PER_SEC, t % NSEC_PER_SEC };
	bool stop;

	pthread_mutex_lock(&r->lock);
	if (!r->stop && !r->look)
		pthread_cond_timedwait(&r->wake, &r->lock, &until);
	stop = r->stop;
	r->look = false;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

void ring__drain(struct ring *r)
{
	while (ring_buffer__consume(r->rb) > 0 || waiting(r))
		;
}

/* Unless it is to hurry already. */
static void begin_idle(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	urgent_thread__init(&r->urgent, syscall(SYS_gettid));
	urgent_thread__set(&r->urgent, r->stop || r->look ? URGENCY_NORMAL : URGENCY_IDLE);
	pthread_mutex_unlock(&r->lock);
}

static void *run(void *ctx)
{
	struct ring *r = ctx;
	bool stop = false;
	int n;

	begin_idle(r);
	needs__keep(NEEDS_RING);
	while (!stop) {
		n = ring_buffer__consume(r->rb);
		if (r->reader.idle)
			r->reader.idle(r->reader.ctx);
		stop = wait_a_moment(r, n > 0 ? BUSY_WAIT_NS : IDLE_WAIT_NS);
	}
	ring__drain(r);
	return NULL;
}

static int map_positions(struct ring *r, int map_fd)
{
	long page = sysconf(_SC_PAGESIZE);
	void *p;

	p = mmap(NULL, page, PROT_READ, MAP_SHARED, map_fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	r->consumer = p;
	p = mmap(NULL, page, PROT_READ, MAP_SHARED, map_fd, page);
	if (p == MAP_FAILED)
		return -errno;
	r->producer = p;
	return 0;
}

static void init_lock(struct ring *r)
{
	pthread_condattr_t attr;

	urgent_lock__init(&r->lock);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &attr);
	pthread_condattr_destroy(&attr);
}

DEFINE_CLEANUP(ring, struct ring *, ring__free);

static int event(void *ctx, void *data, size_t n)
{
	const struct ring *r = ctx;

	return r->reader.event(r->reader.ctx, data, n);
}

int ring__open(int map_fd, uint64_t size, struct ring **ret)
{
	struct ring *r __cleanup_with(ring) = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->size = size;
	init_lock(r);
	r->rb = ring_buffer__new(map_fd, event, r, NULL);
	if (!r->rb)
		return -errno;
	err = map_positions(r, map_fd);
	if (!err)
		*ret = STEAL(r);
	return err;
}

int ring__start(struct ring *r, const struct ring_reader *reader)
{
	int err;

	r->reader = *reader;
	err = pthread_create(&r->thread, NULL, run, r);
	r->has_thread = !err;
	return -err;
}

/* Up at once, down when there is much less. */
static enum urgency urgency_of(const struct ring *r, uint64_t n)
{
	uint64_t size = r->size, grown = n > r->before ? n - r->before : 0;

	if (n + grown > size / 4 * 3 || (r->urgent.now == URGENCY_FIRST && n > size / 2))
		return URGENCY_FIRST;
	if (n > size / 2 || (r->urgent.now != URGENCY_IDLE && n > size / 8))
		return URGENCY_NORMAL;
	return URGENCY_IDLE;
}

enum urgency ring__tick(struct ring *r)
{
	uint64_t n = waiting(r);
	enum urgency urgency;

	pthread_mutex_lock(&r->lock);
	urgency = urgency_of(r, n);
	urgent_thread__set(&r->urgent, urgency);
	pthread_mutex_unlock(&r->lock);
	r->before = n;
	return urgency;
}

static void wake(struct ring *r, bool *why)
{
	pthread_mutex_lock(&r->lock);
	if (r->urgent.now == URGENCY_IDLE)
		urgent_thread__set(&r->urgent, URGENCY_NORMAL);
	*why = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

void ring__wake(struct ring *r)
{
	wake(r, &r->look);
}

void ring__catch_up(struct ring *r, unsigned int ms)
{
	unsigned long until = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);

	/* It is behind an event only when that one's handler has returned. Positions run over. */
	while ((long)(__atomic_load_n(r->consumer, __ATOMIC_ACQUIRE) - until) < 0 && ms--) {
		ring__wake(r);
		usleep(1000);
	}
}

void ring__stop(struct ring *r)
{
	if (!r->has_thread)
		return;
	wake(r, &r->stop);
	pthread_join(r->thread, NULL);
	r->has_thread = false;
}

void ring__free(struct ring *r)
{
	long page = sysconf(_SC_PAGESIZE);

	if (!r)
		return;
	ring__stop(r);
	ring_buffer__free(r->rb);
	if (r->consumer)
		munmap((void *)r->consumer, page);
	if (r->producer)
		munmap((void *)r->producer, page);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->wake);
	free(r);
}
