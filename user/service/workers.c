/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of a service. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/workers.h"
#include "util/clock.h"
#include "util/log.h"

#define CONTROL_FD (STDERR_FILENO + 1)
#define NICE_MAX 19
#define SPARE_RETRY_NS (NSEC_PER_SEC / 4)
#define SPARE_WAIT_NS  NSEC_PER_SEC	/* a session that has just begun is not disturbed */

/* Side by side behind control; out of the way first, for one may lie where another goes. */
static bool place(struct fds *used)
{
	for (size_t i = 0; i < used->cnt; i++)
		used->fd[i] = fcntl(used->fd[i], F_DUPFD_CLOEXEC, CONTROL_FD + 1 + FDS_MAX);
	for (size_t i = 0; i < used->cnt; i++)
		used->fd[i] = dup3(used->fd[i], CONTROL_FD + 1 + i, O_CLOEXEC);
	for (size_t i = 0; i < used->cnt; i++)
		if (used->fd[i] < 0)
			return false;
	return true;
}

static void __attribute__((noreturn)) be_worker(const struct workers *ws, int fd, struct fds *used, bool may_leave)
{
	sigset_t none;

	/* Nothing of the service's, nor of what other clients have sent. */
	fd = fcntl(fd, F_DUPFD, CONTROL_FD + 1 + FDS_MAX);
	if (fd < 0 || !place(used) || dup2(fd, CONTROL_FD) < 0 ||
	    syscall(SYS_close_range, CONTROL_FD + 1 + used->cnt, ~0U, 0))
		_exit(EXIT_FAILURE);
	(void)setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	exit(ws->work(CONTROL_FD, ws->config, may_leave ? used : NULL));
}

/* None: it has to load them. */
static struct fds take_idle(struct workers *ws)
{
	struct fds ret = {};

	for (size_t i = 0; i < SPARES_MAX && !ret.cnt; i++) {
		ret = ws->idle[i];
		ws->idle[i].cnt = 0;
	}
	return ret;
}

static size_t count_idle(const struct workers *ws)
{
	size_t n = 0;

	for (size_t i = 0; i < SPARES_MAX; i++)
		n += ws->idle[i].cnt > 0;
	return n;
}

static size_t count_left(const struct workers *ws)
{
	size_t n = count_idle(ws);

	for (const struct worker *w = ws->list; w; w = w->next)
		n += w->left.cnt || w->state == WORKER_STARTING;
	for (size_t i = 0; i < ws->ended_cnt; i++)
		n += ws->ended[i].left.cnt > 0;
	return n;
}

/* NULL: errno says why. */
static struct worker *start(struct workers *ws)
{
	bool may_leave = count_left(ws) < LEFT_MAX || count_idle(ws);
	struct worker *w = calloc(1, sizeof(*w));
	struct fds used;
	int fds[2];

	if (!w || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		free(w);
		return NULL;
	}
	used = take_idle(ws);
	w->pid = fork();
	if (!w->pid)
		be_worker(ws, fds[1], &used, may_leave);
	fds__drop(&used);
	close(fds[1]);
	if (w->pid < 0) {
		close(fds[0]);
		free(w);
		return NULL;
	}
	w->fd = fds[0];
	w->since = clock__boot_ns();
	w->next = ws->list;
	ws->list = w;
	ws->cnt++;
	return w;
}

static struct worker *new_worker(struct workers *ws)
{
	struct worker *w = NULL;

	errno = EAGAIN;
	if (ws->cnt < WORKERS_MAX)
		w = start(ws);
	if (!w)
		log_error("cannot start a worker (%m)");
	return w;
}

static size_t count_spares(const struct workers *ws)
{
	size_t n = 0;

	for (const struct worker *w = ws->list; w; w = w->next)
		n += w->state == WORKER_SPARE || w->state == WORKER_STARTING;
	return n;
}

static struct worker *find_spare(const struct workers *ws)
{
	struct worker *best = NULL;

	for (struct worker *w = ws->list; w; w = w->next)
		if (w->state == WORKER_SPARE || (w->state == WORKER_STARTING && !best))
			best = w;
	return best;
}

/* Before it makes threads, which take after it. Not being allowed to costs time, nothing else. */
static void set_nice(const struct worker *w, int nice)
{
	(void)setpriority(PRIO_PROCESS, w->pid, nice);
}

struct worker *workers__take(struct workers *ws)
{
	struct worker *w = find_spare(ws);

	ws->has_waited |= !w || w->state == WORKER_STARTING;
	ws->spare_at = clock__boot_ns() + SPARE_WAIT_NS;
	if (w)
		set_nice(w, 0);
	return w ?: new_worker(ws);
}

/* Has programs to load: none is ready, or one was too few and what sessions have now will not make two. */
static bool is_too_few(const struct workers *ws)
{
	return !count_spares(ws) || (ws->has_waited && count_spares(ws) < SPARES_MAX && count_left(ws) < SPARES_MAX);
}

void workers__keep_spare(struct workers *ws)
{
	uint64_t now = clock__boot_ns();
	struct worker *w;

	if (workers__sessions(ws, NULL) >= ws->config->sessions)
		return;
	if (count_idle(ws) ? count_spares(ws) >= SPARES_MAX : now < ws->spare_at || !is_too_few(ws))
		return;
	w = new_worker(ws);
	if (w)
		set_nice(w, NICE_MAX);
	else
		ws->spare_at = now + SPARE_RETRY_NS;
}

static bool is_same_job(const struct job_key *a, const struct job_key *b)
{
	return a->uid == b->uid && str_eq(a->name, b->name);
}

struct worker *workers__of_job(const struct workers *ws, const struct job_key *job)
{
	for (struct worker *w = ws->list; w; w = w->next)
		if (w->state == WORKER_JOB && !w->is_stopped && !w->has_ended && !w->successor &&
		    is_same_job(&w->job, job))
			return w;
	return NULL;
}

struct worker *workers__ending(const struct workers *ws, const struct job_key *job)
{
	for (struct worker *w = ws->list; w; w = w->next)
		if (w->state == WORKER_JOB && w->is_stopped && !w->has_ended && !w->successor &&
		    is_same_job(&w->job, job))
			return w;
	return NULL;
}

size_t workers__sessions(const struct workers *ws, const uint32_t *uid)
{
	size_t n = 0;

	for (const struct worker *w = ws->list; w; w = w->next)
		n += (w->state == WORKER_CLIENT || w->state == WORKER_JOB) && (!uid || w->uid == *uid);
	return n;
}

void workers__let_read(struct workers *ws, struct worker *w, size_t may)
{
	size_t n = 0;

	w->state = WORKER_READING;
	for (const struct worker *o = ws->list; o; o = o->next)
		n += o->state == WORKER_READING;
	if (n > may)
		(void)kill(w->pid, SIGKILL);
}

void workers__end_readers(const struct workers *ws)
{
	for (const struct worker *w = ws->list; w; w = w->next)
		if (w->state == WORKER_READING)
			(void)kill(w->pid, SIGKILL);
}

void workers__drop(struct workers *ws, struct worker *w)
{
	struct worker **at = &ws->list;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	ws->cnt--;
	/* What it leaves can be used in a moment, when its process is gone. */
	ws->spare_at = w->state == WORKER_STARTING || w->left.cnt ? clock__boot_ns() + SPARE_RETRY_NS : 0;
	for (struct worker *o = ws->list; o; o = o->next)
		if (o->successor == w)
			o->successor = NULL;
	if (ws->ended_cnt < ARRAY_SIZE(ws->ended))
		ws->ended[ws->ended_cnt++] = (struct ended_worker){ w->pid, w->left };
	else
		fds__drop(&w->left);
	close(w->fd);
	free(w);
}

/* What it has left is for the next one, as long as there are no more of them than will be ready. */
static void inherit(struct workers *ws, struct fds *left)
{
	bool is_wanted = count_idle(ws) + count_spares(ws) < SPARES_MAX;

	for (size_t i = 0; i < SPARES_MAX && is_wanted && left->cnt; i++) {
		if (ws->idle[i].cnt)
			continue;
		ws->idle[i] = *left;
		left->cnt = 0;
	}
	fds__drop(left);
}

void workers__reap(struct workers *ws)
{
	size_t kept = 0;

	for (size_t i = 0; i < ws->ended_cnt; i++) {
		if (waitpid(ws->ended[i].pid, NULL, WNOHANG))
			inherit(ws, &ws->ended[i].left);
		else
			ws->ended[kept++] = ws->ended[i];
	}
	ws->ended_cnt = kept;
}

void workers__free(struct workers *ws)
{
	while (ws->list)
		workers__drop(ws, ws->list);
	for (size_t i = 0; i < ws->ended_cnt; i++)
		fds__drop(&ws->ended[i].left);
	for (size_t i = 0; i < SPARES_MAX; i++)
		fds__drop(&ws->idle[i]);
}
