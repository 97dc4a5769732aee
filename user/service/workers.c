/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of a service. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/workers.h"
#include "util/clock.h"

#define CONTROL_FD (STDERR_FILENO + 1)

static void __attribute__((noreturn)) be_worker(int fd, int (*work)(int control, const struct config *config),
						 const struct config *config)
{
	sigset_t none;

	/* Nothing of the service's, nor of what other clients have sent. */
	if (dup2(fd, CONTROL_FD) < 0 || syscall(SYS_close_range, CONTROL_FD + 1, ~0U, 0))
		_exit(EXIT_FAILURE);
	(void)setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	exit(work(CONTROL_FD, config));
}

struct worker *workers__start(struct workers *ws, int (*work)(int control, const struct config *config),
			      const struct config *config, int *ret_err)
{
	struct worker *w = calloc(1, sizeof(*w));
	int fds[2];

	if (!w || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		*ret_err = w ? -errno : -ENOMEM;
		free(w);
		return NULL;
	}
	w->pid = fork();
	if (!w->pid)
		be_worker(fds[1], work, config);
	close(fds[1]);
	if (w->pid < 0) {
		*ret_err = -errno;
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

struct worker *workers__spare(const struct workers *ws)
{
	struct worker *best = NULL;

	for (struct worker *w = ws->list; w; w = w->next)
		if (w->state == WORKER_SPARE || (w->state == WORKER_STARTING && !best))
			best = w;
	return best;
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
	for (struct worker *o = ws->list; o; o = o->next)
		if (o->successor == w)
			o->successor = NULL;
	if (ws->ended_cnt < ARRAY_SIZE(ws->ended))
		ws->ended[ws->ended_cnt++] = w->pid;
	close(w->fd);
	free(w);
}

void workers__reap(struct workers *ws)
{
	size_t kept = 0;

	for (size_t i = 0; i < ws->ended_cnt; i++)
		if (!waitpid(ws->ended[i], NULL, WNOHANG))
			ws->ended[kept++] = ws->ended[i];
	ws->ended_cnt = kept;
}
