/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a terminal shows while a session observes. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include "cmd/live.h"
#include "model/now/now.h"
#include "output/status.h"
#include "output/top.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/privileges.h"

#define DRAW_MS		250
#define STOP_MS		1000		/* a terminal that takes nothing may keep the thread */
#define MAX_MESSAGES	65536		/* bytes kept for the end, of the top view */

struct live {
	enum live_view view;
	struct now *now;
	pthread_t thread;
	bool has_thread;
	bool is_abandoned;		/* the thread hangs in the terminal, and keeps all this */
	int wake_fd;			/* readable: go on, start or stop */
	int end_fd;			/* written by the thread */
	int winch_fd;
	bool stop;			/* atomic */
	/* what follows is the log's writer's and the thread's */
	pthread_mutex_t lock;
	bool is_drawn;			/* there is a status line */
	struct str messages;		/* of the top view, for the end */
	struct str last;		/* the latest one, safe to be shown */
};

static void wake(int fd)
{
	(void)!write(fd, &(uint64_t){ 1 }, sizeof(uint64_t));	/* it cannot fail: it is far from full */
}

static void wait_ms(const struct live *l, int timeout)
{
	struct pollfd fds[] = {
		{ .fd = l->wake_fd, .events = POLLIN },
		{ .fd = l->view == LIVE_TOP ? l->winch_fd : -1, .events = POLLIN },
		{ .fd = l->view == LIVE_TOP ? STDIN_FILENO : -1, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint64_t woken;

	if (poll(fds, ARRAY_SIZE(fds), timeout) <= 0)
		return;
	if (fds[0].revents)
		(void)!read(l->wake_fd, &woken, sizeof(woken));
	if (fds[1].revents)
		(void)!read(l->winch_fd, &info, sizeof(info));
}

static bool is_stopped(const struct live *l)
{
	return __atomic_load_n(&l->stop, __ATOMIC_ACQUIRE);
}

/* --- the status line --- */

/* In the background the terminal is somebody else's. Of another session's nobody can tell. */
static bool may_write(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	pid_t group = tcgetpgrp(fd);

	return (group < 0 || group == getpgrp()) && poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
}

static void put(const struct str *text)
{
	if (!str__err(text))
		(void)!write(STDERR_FILENO, text->s, text->len);	/* the next one comes soon */
}

static void take_away(struct live *l)
{
	static const char erase[] = "\r\033[K";

	if (l->is_drawn)
		(void)!write(STDERR_FILENO, erase, sizeof(erase) - 1);
	l->is_drawn = false;
}

static void draw_status(struct live *l, struct str *before)
{
	__free_str struct str text = {};
	size_t rows, columns;

	if (!may_write(STDERR_FILENO))
		return;
	text__screen_size(STDERR_FILENO, &rows, &columns);
	str__adds(&text, "\r");
	now__lock(l->now);
	/* One column less: at the last one terminals differ. */
	status__line(l->now, clock__boot_ns(), columns - 1, &text);
	now__unlock(l->now);
	str__adds(&text, "\033[K\r");
	pthread_mutex_lock(&l->lock);
	if (!l->is_drawn || !before->s || !text.s || !str_eq(before->s, text.s))
		put(&text);
	l->is_drawn = true;
	pthread_mutex_unlock(&l->lock);
	str__cut(before, 0);
	str__adds(before, text.s ?: "");
}

static void show_status(struct live *l)
{
	__free_str struct str before = {};

	while (!is_stopped(l)) {
		draw_status(l, &before);
		wait_ms(l, DRAW_MS);
	}
	pthread_mutex_lock(&l->lock);
	take_away(l);
	pthread_mutex_unlock(&l->lock);
}

static void write_beside_status(void *ctx, const char *line, size_t n)
{
	struct live *l = ctx;

	pthread_mutex_lock(&l->lock);
	take_away(l);
	(void)!write(STDERR_FILENO, line, n);	/* as without us */
	pthread_mutex_unlock(&l->lock);
}

/* --- the top view --- */

static void keep_message(void *ctx, const char *line, size_t n)
{
	struct live *l = ctx;

	pthread_mutex_lock(&l->lock);
	if (l->messages.len + n < MAX_MESSAGES)
		str__add(&l->messages, line, n);
	str__cut(&l->last, 0);
	text__safe(&l->last, line, n - 1);
	pthread_mutex_unlock(&l->lock);
}

static bool has_hung_up(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO };

	return poll(&fd, 1, 0) > 0;
}

static int draw_top(struct live *l, struct top *t)
{
	__free_str struct str message = {};

	pthread_mutex_lock(&l->lock);
	str__adds(&message, l->last.s ?: "");
	pthread_mutex_unlock(&l->lock);
	return top__draw(t, l->now, message.s ?: "");
}

static void show_top(struct live *l)
{
	struct top *t = NULL;
	int err = top__open(&t);

	if (err) {
		log_error("--top: a terminal of the kind TERM='%s' is not known here", getenv("TERM") ?: "");
		wake(l->end_fd);
		return;
	}
	log__set_writer(keep_message, l);
	while (!err && !is_stopped(l) && !has_hung_up() && top__keys(t)) {
		err = draw_top(l, t);
		wait_ms(l, DRAW_MS);
	}
	top__close(t);
	log__set_writer(NULL, NULL);
	if (l->messages.len)
		put(&l->messages);
	wake(l->end_fd);
}

/* --- life --- */

static void *thread_main(void *arg)
{
	struct live *l = arg;
	uint64_t woken;

	/* It reads a description of the terminal and writes to that: nothing that needs a privilege. */
	(void)privileges__keep(0);
	(void)!read(l->wake_fd, &woken, sizeof(woken));
	if (is_stopped(l))
		return NULL;
	if (l->view == LIVE_TOP)
		show_top(l);
	else
		show_status(l);
	return NULL;
}

static int open_descriptors(struct live *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	/* Of all threads that come. */
	sigprocmask(SIG_BLOCK, &set, NULL);
	l->wake_fd = eventfd(0, EFD_CLOEXEC);
	l->end_fd = eventfd(0, EFD_CLOEXEC);
	l->winch_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return l->wake_fd < 0 || l->end_fd < 0 || l->winch_fd < 0 ? -errno : 0;
}

int live__new(enum live_view view, struct live **ret)
{
	struct live *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->view = view;
	pthread_mutex_init(&l->lock, NULL);
	err = open_descriptors(l);
	if (view == LIVE_TOP)
		top__prepare();
	l->now = now__new();
	if (!err && !l->now)
		err = -ENOMEM;
	if (!err)
		err = -pthread_create(&l->thread, NULL, thread_main, l);
	l->has_thread = !err;
	if (err)
		live__free(l);
	else
		*ret = l;
	return err;
}

struct sink_of_lines live__sink(struct live *l)
{
	return now__sink(l->now);
}

void live__start(struct live *l)
{
	if (l->view == LIVE_STATUS)
		log__set_writer(write_beside_status, l);
	wake(l->wake_fd);
}

int live__fd(const struct live *l)
{
	return l->end_fd;
}

static bool join(struct live *l)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_MS / 1000;
	return !pthread_timedjoin_np(l->thread, NULL, &until);
}

void live__stop(struct live *l)
{
	if (!l->has_thread)
		return;
	__atomic_store_n(&l->stop, true, __ATOMIC_RELEASE);
	wake(l->wake_fd);
	/* What a terminal does not take is dropped, and makes room for what sets it right. */
	if (!join(l)) {
		(void)tcflush(l->view == LIVE_TOP ? STDOUT_FILENO : STDERR_FILENO, TCOFLUSH);
		l->is_abandoned = !join(l);
	}
	l->has_thread = false;
	log__set_writer(NULL, NULL);
}

void live__free(struct live *l)
{
	if (!l)
		return;
	live__stop(l);
	if (l->is_abandoned)
		return;
	close_fd_cleanup(&l->wake_fd);
	close_fd_cleanup(&l->end_fd);
	close_fd_cleanup(&l->winch_fd);
	now__free(l->now);
	str__free(&l->messages);
	str__free(&l->last);
	pthread_mutex_destroy(&l->lock);
	free(l);
}
