/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The service: who comes, which jobs there are, which worker does what. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/notify.h"
#include "service/refusal.h"
#include "service/service.h"
#include "service/socket.h"
#include "service/sources.h"
#include "service/workers.h"
#include "util/clock.h"
#include "util/log.h"

#define TICK_MS 250
#define RECONCILE_NS (2 * NSEC_PER_SEC)
#define RETRY_NS (10 * NSEC_PER_SEC)
#define TRIM_NS (30 * NSEC_PER_SEC)
#define STOP_NS (25 * NSEC_PER_SEC)	/* systemd kills after 90 s */
#define POLL_FIXED 3
#define READERS_MAX 64			/* one reads, the others wait */

struct service {
	const struct service_opts *opts;
	struct config *config;
	struct workers workers;
	struct store store;
	struct metrics metrics;
	int listen_fd, signal_fd, state_fd, sources_fd;
	bool owns_socket, is_stopping, has_told_view;
	uint64_t reconcile_at, trimmed, stop_by;	/* boot clock, ns */
};

/* --- workers --- */

static void tell_stop(struct worker *w, bool is_over, const int *fds, size_t fd_cnt)
{
	struct message m = { .kind = MESSAGE_STOP, .totals.is_over = is_over };

	w->is_stopped = true;
	(void)message__send(w->fd, &m, fds, fd_cnt);
}

/* --- clients --- */

/* Why not; NULL: he may have a session. */
static const char *refuse(const struct service *s, uint32_t uid)
{
	if (s->is_stopping)
		return "the service is about to stop";
	if (workers__sessions(&s->workers, NULL) >= s->config->sessions)
		return "it observes for as many already as it may (sessions in its configuration)";
	if (uid && workers__sessions(&s->workers, &uid) >= s->config->user_sessions)
		return "it observes for this user as often already as it may (user-sessions in its configuration)";
	return NULL;
}

static void serve(struct service *s, int fd)
{
	__close_fd int client = fd;
	struct identity who;
	struct message m = { .kind = MESSAGE_CLIENT };
	const char *why;
	struct worker *w;
	gid_t group = 0;
	uint32_t uid;
	bool has_group, may;

	if (socket__who(client, &who))
		return;
	has_group = socket__find_group(s->config->group, &group);
	may = socket__may_ask(&who, has_group, group);
	uid = who.uid;
	identity__free(&who);
	why = may ? refuse(s, uid) : "this user is not a member of the service's group";
	w = why ? NULL : workers__take(&s->workers);
	if (!why && (!w || message__send(w->fd, &m, &client, 1)))
		why = "no process can be started for it";
	if (why) {
		s->metrics.refused++;
		refusal__send(client, why);
		return;
	}
	w->state = WORKER_CLIENT;
	w->uid = uid;
	s->metrics.clients++;
}

static void accept_clients(struct service *s)
{
	int fd;

	/* A few at a time: what workers say is not to wait for a crowd at the door. */
	for (int i = 0; i < 16; i++) {
		fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		serve(s, fd);
	}
}

/* --- jobs --- */

/* A worker goes on with a job whose state is kept. */
static struct worker *go_on(struct service *s, const struct job_key *key)
{
	struct message m = { .kind = MESSAGE_JOB, .job = *key };
	struct worker *w = s->is_stopping ? NULL : workers__take(&s->workers);

	if (!w || message__send(w->fd, &m, NULL, 0))
		return NULL;
	w->state = WORKER_JOB;
	w->uid = key->uid;
	w->job = *key;
	return w;
}

static int check_job(void *ctx, const struct job_key *key)
{
	struct service *s = ctx;
	struct worker *w = workers__of_job(&s->workers, key);
	struct job job;
	int err = job__load(s->state_fd, key, &job);
	bool is_alive = !err && job__is_alive(&job);

	if (err == -ENOENT || (!w && workers__ending(&s->workers, key)))
		return 0;	/* it has just ended, or is about to */
	if (err)
		log_error("the state of job '%s' cannot be read (%s): it is given up", key->name, strerror(-err));
	if (!is_alive && w && w->is_following)
		tell_stop(w, true, NULL, 0);
	else if (!is_alive && !w)
		job__remove(s->state_fd, key);
	else if (!w)
		go_on(s, key);
	job__free(&job);
	return 0;
}

/* What configuration asks for, and what an earlier service has left. */
static void reconcile(struct service *s)
{
	sources__save(s->config, s->state_fd, s->sources_fd);
	(void)job__each(s->state_fd, check_job, s);
}

/* A record that is too large is followed by another part, which begins before it ends. */
static void rotate(struct service *s)
{
	struct stat st;

	for (struct worker *w = s->workers.list; w; w = w->next) {
		if (w->state != WORKER_JOB || !w->is_following || w->is_stopped || w->successor ||
		    fstatat(s->store.fd, w->file, &st, AT_SYMLINK_NOFOLLOW) ||
		    (uint64_t)st.st_size < s->config->record_max)
			continue;
		w->successor = go_on(s, &w->job);
	}
}

static bool is_written(void *ctx, const char *name)
{
	const struct service *s = ctx;

	for (const struct worker *w = s->workers.list; w; w = w->next)
		if (str_eq(w->file, name))
			return true;
	return false;
}

static void trim(struct service *s)
{
	struct store_limits limits = { s->config->age_max * 86400, s->config->total_max };
	int err = store__trim(&s->store, &limits, is_written, s, &s->metrics.use);

	errno = -err;
	if (err)
		log_error("cannot list the records in '%s' (%m)", s->config->records);
	if (s->metrics.use.removed)
		log_info("%llu records were removed: too old, or all together too large",
			 (unsigned long long)s->metrics.use.removed);
	s->metrics.removed += s->metrics.use.removed;
}

/* --- what workers say --- */

static void answer(struct worker *w, int err)
{
	struct message m = { .kind = MESSAGE_ANSWER, .err = err };

	(void)message__send(w->fd, &m, NULL, 0);
}

static void begin(struct service *s, struct worker *w, const struct message *m)
{
	if (workers__of_job(&s->workers, &m->job) || s->is_stopping) {
		answer(w, s->is_stopping ? -ESHUTDOWN : -EEXIST);
		return;
	}
	w->state = WORKER_JOB;
	w->job = m->job;
	answer(w, 0);
}

static void following(struct service *s, struct worker *w, const struct message *m)
{
	w->is_following = true;
	strcpy(w->file, m->file);
	for (struct worker *o = s->workers.list; o; o = o->next)
		if (o->successor == w)
			tell_stop(o, false, NULL, 0);
	log_info("job '%s' of user %u is recorded in '%s'", w->job.name, w->job.uid, w->file);
}

static void find(struct service *s, struct worker *w, const struct message *m, const int *fds)
{
	struct worker *of = workers__of_job(&s->workers, &m->job);
	size_t n = fds[WAITER_COPY] >= 0 ? 2 : 1;

	/* A record that is being ended is not to be read before that. */
	if (!of && !s->is_stopping)
		of = workers__ending(&s->workers, &m->job);
	if (of && fds[WAITER_SOCKET] >= 0)
		tell_stop(of, true, fds, n);
	answer(w, of ? 0 : -ENOENT);
}

static void end(struct service *s, struct worker *w, const struct message *m)
{
	metrics__add(&s->metrics, w->state == WORKER_JOB, &m->totals);
	w->has_ended = true;
	if (w->state == WORKER_JOB)
		answer(w, 0);
	if (m->totals.is_read)
		workers__let_read(&s->workers, w, s->is_stopping ? 0 : READERS_MAX);
}

/* All workers have the same to say. */
static void tell_view(struct service *s, int err)
{
	errno = -err;
	if (err && !s->has_told_view)
		log_warn("the host's files are seen as the service sees them, not as they are (%m)");
	s->has_told_view |= err;
}

static void ready(struct service *s, struct worker *w, const struct message *m, int *fds)
{
	if (w->state == WORKER_STARTING)
		w->state = WORKER_SPARE;
	for (size_t i = 0; i < FDS_MAX && fds[i] >= 0; i++)
		w->left.fd[w->left.cnt++] = steal_fd(&fds[i]);
	tell_view(s, m->err);
}

static void take_message(struct service *s, struct worker *w, const struct message *m, int *fds)
{
	switch (m->kind) {
	case MESSAGE_READY:
		ready(s, w, m, fds);
		break;
	case MESSAGE_BEGIN:
		begin(s, w, m);
		break;
	case MESSAGE_FOLLOWING:
		following(s, w, m);
		break;
	case MESSAGE_FIND:
		find(s, w, m, fds);
		break;
	case MESSAGE_END:
		end(s, w, m);
		break;
	case MESSAGE_FIGURES:
		metrics__add_figures(&s->metrics, m->figures);
		w->is_counted = true;
		break;
	default:
		break;
	}
}

/* It has ended, or been ended: a job that it had is gone on with when its state says so. */
static void lost_worker(struct service *s, struct worker *w)
{
	if (w->state == WORKER_STARTING && !s->is_stopping) {
		log_error("a worker has ended before it was ready: the next one is tried later");
		s->metrics.failed_workers++;
	}
	s->metrics.unread += *w->file && !w->is_counted;
	/* What could not even begin is tried again, but not at once: a full disk stays full for a while. */
	if (!s->is_stopping)
		s->reconcile_at = w->state == WORKER_JOB && !w->is_following ? clock__boot_ns() + RETRY_NS : 0;
	workers__drop(&s->workers, w);
}

static void hear(struct service *s, struct worker *w)
{
	int fds[FDS_MAX];
	struct message m;
	int err = message__receive(w->fd, &m, fds, FDS_MAX);

	if (!err)
		take_message(s, w, &m, fds);
	else
		lost_worker(s, w);
	fds__close(fds, FDS_MAX);
}

/* --- the loop --- */

/* Where things are does not change while we run. */
static bool moves(const struct config *a, const struct config *b)
{
	return !str_eq(a->records, b->records) || !str_eq(a->socket, b->socket) || !str_eq(a->state, b->state);
}

static void reload(struct service *s)
{
	__free_str struct str why = {};
	struct config fresh;

	notify__send("RELOADING=1");
	if (config__read(s->opts->config_path, &fresh, &why)) {
		log_error("the configuration stays as it is: %s", why.s ?: "out of memory");
	} else if (moves(&fresh, s->config)) {
		log_error("the configuration stays as it is: 'records', 'socket' and 'state' change with a restart only");
		config__free(&fresh);
	} else {
		struct worker *host = workers__of_job(&s->workers, &sources__host);

		if (!fresh.watch && host)
			tell_stop(host, true, NULL, 0);
		config__free(s->config);
		*s->config = fresh;
		log_info("the configuration was read anew");
	}
	notify__send("READY=1");
}

static void stop(struct service *s)
{
	notify__send("STOPPING=1");
	log_info("the service stops: %zu sessions are ended, jobs go on when it is started again",
		 workers__sessions(&s->workers, NULL));
	s->is_stopping = true;
	s->stop_by = clock__boot_ns() + STOP_NS;
	for (struct worker *w = s->workers.list; w; w = w->next)
		tell_stop(w, false, NULL, 0);
	workers__end_readers(&s->workers);
}

static void take_signal(struct service *s)
{
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		reload(s);
	else if (info.ssi_signo == SIGCHLD)
		workers__reap(&s->workers);
	else
		stop(s);
}

static void tick(struct service *s)
{
	uint64_t now = clock__boot_ns();

	workers__reap(&s->workers);
	notify__send("WATCHDOG=1");
	if (s->is_stopping)
		return;
	if (now >= s->reconcile_at) {
		s->reconcile_at = now + RECONCILE_NS;
		reconcile(s);
		rotate(s);
	}
	if (now - s->trimmed > TRIM_NS) {
		s->trimmed = now;
		trim(s);
	}
	metrics__write(&s->metrics, s->config->metrics, &s->workers, s->opts->tell_figures);
}

static int fill(const struct service *s, struct pollfd *fds, struct worker **of)
{
	int n = POLL_FIXED;

	fds[0] = (struct pollfd){ .fd = s->signal_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = s->is_stopping ? -1 : s->listen_fd, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = s->is_stopping ? -1 : s->sources_fd, .events = POLLIN };
	for (struct worker *w = s->workers.list; w; w = w->next) {
		of[n] = w;
		fds[n++] = (struct pollfd){ .fd = w->fd, .events = POLLIN };
	}
	return n;
}

static bool is_done(const struct service *s)
{
	return s->is_stopping && (!s->workers.list || clock__boot_ns() > s->stop_by);
}

static void loop(struct service *s)
{
	struct worker *of[POLL_FIXED + WORKERS_MAX];
	struct pollfd fds[POLL_FIXED + WORKERS_MAX];
	uint64_t ticked = 0, now;
	int n;

	while (!is_done(s)) {
		n = fill(s, fds, of);
		(void)poll(fds, n, TICK_MS);
		if (fds[0].revents)
			take_signal(s);
		/* They end in lost_worker() only, each its own: none of the others is gone meanwhile. */
		for (int i = POLL_FIXED; i < n; i++)
			if (fds[i].revents)
				hear(s, of[i]);
		if (fds[1].revents)
			accept_clients(s);
		now = clock__boot_ns();
		/* Who is in it already does not wait for us. */
		if (fds[2].revents && sources__may_be_new(s->config, s->sources_fd))
			s->reconcile_at = ticked = 0;
		if (now - ticked >= TICK_MS * NSEC_PER_MSEC) {
			ticked = now;
			tick(s);
		}
		if (!s->is_stopping)
			workers__keep_spare(&s->workers);
	}
}

/* --- start and end --- */

static int wrong(const char *what, const char *path, int err)
{
	errno = -err;
	if (err == -EPERM)
		log_error("%s '%s' is another user's, or others may write to it", what, path);
	else if (err == -EADDRINUSE)
		log_error("a service answers at '%s' already", path);
	else
		log_error("%s '%s' cannot be used (%m)", what, path);
	return err;
}

static int open_all(struct service *s)
{
	sigset_t set;
	int err;

	err = store__open(&s->store, s->config->records);
	if (err)
		return wrong("the folder of records", s->config->records, err);
	s->listen_fd = socket__listen(s->config->socket, s->config->group);
	if (s->listen_fd < 0)
		return wrong("the socket", s->config->socket, s->listen_fd);
	s->owns_socket = !access(s->config->socket, F_OK) && !getenv("NOTIFY_SOCKET");
	s->state_fd = store__open_folder(s->config->state);
	if (s->state_fd < 0)
		return wrong("the folder of jobs", s->config->state, s->state_fd);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->sources_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);	/* without it they are found some seconds later */
	return s->signal_fd < 0 ? -errno : 0;
}

static void close_all(struct service *s)
{
	if (s->owns_socket)
		socket__remove(s->config->socket);
	/* Who has not ended by now never will: what it writes to, or reads, does not answer. */
	for (const struct worker *w = s->workers.list; w; w = w->next)
		(void)kill(w->pid, SIGKILL);
	workers__free(&s->workers);
	store__close(&s->store);
	close_fd_cleanup(&s->listen_fd);
	close_fd_cleanup(&s->signal_fd);
	close_fd_cleanup(&s->state_fd);
	close_fd_cleanup(&s->sources_fd);
}

int service__run(const struct service_opts *opts, struct config *config)
{
	struct service s = { .opts = opts, .config = config, .workers = { .work = opts->work, .config = config },
			     .store.fd = -1, .listen_fd = -1, .signal_fd = -1, .state_fd = -1, .sources_fd = -1 };
	gid_t group;
	int err = open_all(&s);

	if (!err) {
		log_info("observing for clients at '%s', records are kept in '%s'", config->socket, config->records);
		if (!socket__find_group(config->group, &group))
			log_warn("there is no group '%s': only root is served", config->group);
		notify__send("READY=1");
		loop(&s);
		log_info("the service has stopped");
	}
	close_all(&s);
	return err;
}
