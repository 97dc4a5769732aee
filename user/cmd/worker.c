/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A worker of the service: one process, one session. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "capture/host.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/served.h"
#include "cmd/worker.h"
#include "cmd/worker_job.h"
#include "service/message.h"
#include "service/refusal.h"
#include "service/socket.h"
#include "util/log.h"

#define REQUEST_S 10		/* a client that has not said by then what it wants is given up */
#define CLIENT_RING_MAX (64ULL << 20)	/* memory of the kernel, for who is not root */

int worker__refuse(const struct worker_self *w, const char *why)
{
	refusal__send(w->client, why);
	return EXIT_FAILED;
}

/* --- what a client may ask for --- */

/*
 * A file of the kernel's takes what is written to it as an order, and may go by who writes: it is not to be
 * us. Root needs no such trick.
 */
static bool is_order(int fd)
{
	static const unsigned int kernels[] = {
		PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, SECURITYFS_MAGIC,
		SELINUX_MAGIC, SMACK_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC, BPF_FS_MAGIC, BINFMTFS_MAGIC, EFIVARFS_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		if ((unsigned int)fs.f_type == kernels[i])
			return true;
	return false;
}

/* Opened by him to be written, and no device but a terminal or such as everybody may write to. */
static bool is_writable(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &st) || is_order(fd))
		return false;
	return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
	       (S_ISCHR(st.st_mode) && (isatty(fd) || st.st_mode & S_IWOTH));
}

static const char *check_request(const struct worker_self *w)
{
	const struct capture_options *o = &w->request.opts;
	bool is_root = !w->caller.identity.is_other;

	if (o->protocol != CLIENT_PROTOCOL)
		return "it speaks another protocol: client and service are of different versions";
	if (!o->task)
		return "it does not say what for";
	if (!is_root && !is_writable(w->request.fds[PEER_TALK]))
		return "its standard error cannot be written to";
	if (!is_root && o->ring > CLIENT_RING_MAX)
		return "a ring above 64M is for root";
	return NULL;
}

static const char *check_record(const struct worker_self *w)
{
	/* Root's may be anything, as without a service. */
	if (w->caller.identity.is_other && !is_writable(w->request.fds[PEER_RECORD]))
		return "the record's descriptor is none that is written to: a file, a pipe or a socket";
	return NULL;
}

/* --- sessions of clients --- */

static void fill_session(struct worker_self *w, struct session *s)
{
	*s = (struct session){
		.spool_fd = -1, .signal_fd = -1,
		.view = stderr, .opts = &w->request.opts, .record_fd = w->request.fds[PEER_RECORD],
		.command = (char *const *)w->request.command.v,
		.has_caller = true, .caller = w->caller, .only_own = w->caller.identity.is_other,
		.prepared = STEAL(w->prepared), .front = &w->service,
	};
	w->caller = (struct caller){};
}

void worker__tell_end(const struct worker_self *w, const struct session *s, struct message *m)
{
	const struct capture_totals *t = &s->totals;

	m->kind = MESSAGE_END;
	m->totals.events = t->sent;
	m->totals.lost = t->lost_file + t->lost_life + t->lost_follow + t->lost_read;
	m->totals.is_complete = t->complete;
	(void)message__send(w->service.fd, m, NULL, 0);
}

static int run(struct worker_self *w, pid_t pid)
{
	struct session s;
	int status;

	fill_session(w, &s);
	s.mode = "run";
	status = session__open(&s, &w->request.opts);
	if (!status && capture__follow_child(s.capture, pid))
		status = EXIT_FAILED;
	status = status ?: served__finish(w->client, &s);
	worker__tell_end(w, &s, &(struct message){ .totals.is_over = true });
	session__free(&s);
	return status;
}

/* Readable when one of them is; -errno. */
static int either(int a, int b)
{
	__close_fd int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN };

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, a, &e) || epoll_ctl(fd, EPOLL_CTL_ADD, b, &e))
		return -errno;
	return steal_fd(&fd);
}

/* It ends with the process, or as a run's does. */
static int attach(struct worker_self *w, pid_t pid)
{
	const int target = w->request.fds[PEER_CHILD];
	struct peer_verdict verdict = {};
	struct session s;
	int status, own = w->service.fd;

	w->service.fd = either(own, w->client);
	fill_session(w, &s);
	s.mode = "attach";
	status = w->service.fd < 0 ? EXIT_FAILED : session__open(&s, &w->request.opts);
	if (!status && (capture__follow_process(s.capture, pid) || peer__put(w->client, "", 1)))
		status = EXIT_FAILED;
	if (!status) {
		if (session__wait(&s, target))
			session__wait_for_rest(&s, w->service.fd);
		verdict.status = status = session__close(&s, -1);
		verdict.record_err = s.record_err;
		(void)peer__put(w->client, &verdict, sizeof(verdict));
	}
	close_fd_cleanup(&w->service.fd);
	w->service.fd = own;
	worker__tell_end(w, &s, &(struct message){ .totals.is_over = true });
	session__free(&s);
	return status;
}

static int serve_process(struct worker_self *w)
{
	bool is_run = str_eq(w->request.opts.task, TASK_RUN);
	const char *why = check_record(w);
	pid_t pid;

	if (why)
		return worker__refuse(w, why);
	pid = peer__check_own(w->request.fds[PEER_CHILD], w->caller.identity.uid);
	if (pid < 0)
		return worker__refuse(w, pid == -ESRCH ? "the process has ended" : "it is not about a process of this user's");
	if (is_run && !w->request.command.cnt)
		return worker__refuse(w, "there is no command");
	/* His standard error: what is said is said to him. */
	if (dup2(w->request.fds[PEER_TALK], STDERR_FILENO) < 0)
		return worker__refuse(w, strerror(errno));
	if (capture_options__begin(&verb_observe, &w->request.opts))
		return worker__refuse(w, "its options make no sense");
	return is_run ? run(w, pid) : attach(w, pid);
}

static int serve(struct worker_self *w)
{
	__free_str struct str text = {};
	const char *why = NULL, *task;
	int err;

	if (socket__who(w->client, &w->caller.identity))
		return EXIT_FAILED;
	w->caller.uid = w->caller.identity.uid;
	w->caller.gid = w->caller.identity.gid;
	w->caller.is_other = w->caller.identity.is_other;
	alarm(REQUEST_S);	/* ends us, and nobody else */
	err = served__receive(w->client, &w->request, NULL, &text);
	why = err ? text.s ?: "out of memory" : check_request(w);
	if (why)
		return worker__refuse(w, why);
	alarm(0);
	task = w->request.opts.task;
	if (str_eq(task, TASK_JOB_START))
		return worker_job__start(w);
	if (str_eq(task, TASK_JOB_STOP)) {
		why = w->request.opts.has_record ? check_record(w) : NULL;
		return why ? worker__refuse(w, why) : worker_job__stop(w);
	}
	return serve_process(w);
}

/* --- waiting for something to do --- */

static void prepare(struct worker_self *w, struct fds *used, struct fds *ret_left)
{
	struct capture_opts usual = { .mode = "run", .adopt = true };
	int err = capture__prepare(&usual, used, &w->prepared);

	/* A session will say it, to who can do something about it. */
	if (err)
		log_debug("programs cannot be loaded ahead of time: %s", strerror(-err));
	else if (used)
		prepared__leave(w->prepared, ret_left);
}

int worker__run(int control, const struct config *config, struct fds *used)
{
	struct worker_self w = { .service = { getppid(), control }, .client = -1, .config = config,
				 .request = SERVED_INIT };
	struct message m = { .kind = MESSAGE_READY };
	int fds[WAITER_CNT], status = EXIT_FAILED;
	struct fds left = {};

	m.err = host__enter_view();
	prepare(&w, used, &left);
	if (message__send(control, &m, left.fd, left.cnt) || message__receive(control, &m, fds, WAITER_CNT))
		return 0;	/* the service has gone */
	w.client = fds[0];
	close_fd_cleanup(&fds[1]);
	if (m.kind == MESSAGE_CLIENT && w.client >= 0)
		status = serve(&w);
	else if (m.kind == MESSAGE_JOB)
		status = worker_job__go_on(&w, &m.job);
	prepared__free(w.prepared);
	served__free(&w.request);
	caller__free(&w.caller);
	close_fd_cleanup(&w.client);
	return status;
}
