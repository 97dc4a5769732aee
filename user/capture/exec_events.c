/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An open descriptor of everything that is executed on this host. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/exec_events.h"
#include "capture/mounts.h"
#include "capture/needs.h"
#include "capture/relay.h"
#include "util/clock.h"
#include "util/file.h"

#define NICE (-15)	/* it runs for microseconds, and the sooner the less is held */
#define SETTLE_TICK_NS (20 * NSEC_PER_MSEC)

/* A file on a file system that hangs, which closing it may do as well. */
struct unclosed {
	struct unclosed *next;
	int fd;
	uint64_t dev;
};

struct exec_events {
	void (*take)(void *ctx, const struct exec_event *ev);
	void *ctx;
	int fan_fd, stop_fd;
	struct mounts *mounts;
	bool marks;		/* somebody is at it: it may hang there */
	struct relay *relay;
	pthread_mutex_t lock;	/* what follows, and marks */
	pthread_cond_t taken;
	unsigned int taking;
	struct unclosed *unclosed;
};

bool exec_events__are_there(const struct exec_events *e)
{
	return e->fan_fd >= 0;
}

/* --- the thread --- */

static void begin(void *ctx)
{
	(void)setpriority(PRIO_PROCESS, gettid(), NICE);
	needs__keep(NEEDS_INSPECTOR);
}

/* Without memory it stays open until the end. */
static void close_later(struct exec_events *e, const struct exec_event *ev)
{
	struct unclosed *u = malloc(sizeof(*u));

	if (!u)
		return;
	pthread_mutex_lock(&e->lock);
	*u = (struct unclosed){ .next = e->unclosed, .fd = ev->fd, .dev = ev->st.st_dev };
	e->unclosed = u;
	pthread_mutex_unlock(&e->lock);
}

/* By who has found that a file system answers. */
static void close_waiting(struct exec_events *e, uint64_t dev)
{
	struct unclosed **at = &e->unclosed, *u, *list = NULL;

	pthread_mutex_lock(&e->lock);
	while ((u = *at)) {
		if (u->dev != dev) {
			at = &u->next;
			continue;
		}
		*at = u->next;
		u->next = list;
		list = u;
	}
	pthread_mutex_unlock(&e->lock);
	for (; (u = list); free(u)) {
		list = u->next;
		close(u->fd);
	}
}

static void handle(struct exec_events *e, const struct exec_event *ev)
{
	if (relay__is_stuck(ev->st.st_dev)) {
		close_later(e, ev);
		return;
	}
	e->take(e->ctx, ev);
	relay__leave(NULL, ev->st.st_dev);
	close(ev->fd);
	close_waiting(e, ev->st.st_dev);
	relay__return();
}

/* Only one at a time: what comes after one that hangs is for who takes over. */
static void take_one(struct exec_events *e)
{
	struct fanotify_event_metadata ev;
	struct exec_event ret;

	if (read(e->fan_fd, &ev, sizeof(ev)) != sizeof(ev) || ev.fd < 0)
		return;
	ret = (struct exec_event){ .pid = ev.pid, .fd = ev.fd };
	if (file__stat_cached(ev.fd, &ret.st))
		close(ev.fd);
	else
		handle(e, &ret);
}

static void work(void *ctx)
{
	struct exec_events *e = ctx;
	struct pollfd fds[] = {
		{ .fd = e->fan_fd, .events = POLLIN },
		{ .fd = e->stop_fd, .events = POLLIN },
	};

	relay__pause();
	(void)poll(fds, ARRAY_SIZE(fds), -1);
	relay__return();
	if (!(fds[0].revents & POLLIN))
		return;
	pthread_mutex_lock(&e->lock);
	e->taking++;
	pthread_mutex_unlock(&e->lock);
	take_one(e);
	pthread_mutex_lock(&e->lock);
	e->taking--;
	pthread_cond_broadcast(&e->taken);
	pthread_mutex_unlock(&e->lock);
}

/* --- by others --- */

void exec_events__mark(struct exec_events *e, uint32_t mnt_ns, const struct file_name *name)
{
	bool busy;

	if (e->fan_fd < 0)
		return;
	pthread_mutex_lock(&e->lock);
	busy = e->marks;
	e->marks = true;
	pthread_mutex_unlock(&e->lock);
	if (busy)
		return;
	relay__leave((void *)name, mnt_ns);
	if (mnt_ns) {
		mounts__mark_seen_by(e->mounts, mnt_ns, &name->self);
		mounts__mark_seen_by(e->mounts, mnt_ns, &name->first_viewer);
	} else {
		(void)mounts__mark(e->mounts);
	}
	relay__return();
	pthread_mutex_lock(&e->lock);
	e->marks = false;
	pthread_mutex_unlock(&e->lock);
}

static bool is_queue_empty(const struct exec_events *e)
{
	int n = 0;

	return ioctl(e->fan_fd, FIONREAD, &n) || !n;
}

void exec_events__settle(struct exec_events *e)
{
	uint64_t until;

	if (e->fan_fd < 0)
		return;
	pthread_mutex_lock(&e->lock);
	/* In this order: what was queued and no longer is, is being taken. */
	while (!is_queue_empty(e) || e->taking > relay__hung_cnt(e->relay)) {
		until = clock__ns(CLOCK_MONOTONIC) + SETTLE_TICK_NS;
		(void)pthread_cond_timedwait(&e->taken, &e->lock,
			&(struct timespec){ until / NSEC_PER_SEC, until % NSEC_PER_SEC });
		relay__check(e->relay);
	}
	pthread_mutex_unlock(&e->lock);
}

void exec_events__check(struct exec_events *e)
{
	if (e->fan_fd >= 0)
		relay__check(e->relay);
}

/* --- life --- */

struct exec_events *exec_events__new(void (*take)(void *ctx, const struct exec_event *ev), void *ctx)
{
	struct exec_events *e = calloc(1, sizeof(*e));
	const struct relay_opts opts = { .begin = begin, .work = work, .ctx = e };
	pthread_condattr_t attr;

	if (!e)
		return NULL;
	e->take = take;
	e->ctx = ctx;
	pthread_mutex_init(&e->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&e->taken, &attr);
	pthread_condattr_destroy(&attr);
	e->fan_fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK,
				  O_RDONLY | O_CLOEXEC | O_LARGEFILE | O_NOATIME);
	e->stop_fd = eventfd(0, EFD_CLOEXEC);
	e->mounts = mounts__new(e->fan_fd);
	e->relay = relay__new(&opts);
	if (!e->mounts || !e->relay || e->stop_fd < 0) {
		(void)exec_events__free(e);
		return NULL;
	}
	if (e->fan_fd >= 0 && !mounts__mark(e->mounts)) {
		close(e->fan_fd);
		e->fan_fd = -1;
	}
	return e;
}

int exec_events__start(struct exec_events *e)
{
	return e->fan_fd < 0 ? 0 : relay__start(e->relay);
}

bool exec_events__free(struct exec_events *e)
{
	struct unclosed *u;

	if (!e)
		return true;
	if (e->relay) {
		(void)eventfd_write(e->stop_fd, 1);
		relay__stop(e->relay, NULL);
	}
	if (e->marks || !relay__free(e->relay))
		return false;
	while ((u = e->unclosed)) {
		e->unclosed = u->next;
		free(u);	/* its descriptor: see close_later() */
	}
	close_fd_cleanup(&e->fan_fd);
	close_fd_cleanup(&e->stop_fd);
	mounts__free(e->mounts);
	pthread_mutex_destroy(&e->lock);
	pthread_cond_destroy(&e->taken);
	free(e);
	return true;
}
