/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Jobs, as a worker has to do with them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/tags.h"
#include "cmd/worker_figures.h"
#include "cmd/worker_job.h"
#include "service/message.h"
#include "service/refusal.h"
#include "util/fds.h"
#include "util/file.h"
#include "util/log.h"

struct job_session {
	struct job job;
	struct store store;
	struct session session;
	int state_fd, record_fd;
	int target;		/* pidfd of what is followed, -1: none */
	char file[STORE_NAME_SZ];
};

#define SESSION_NONE { .spool_fd = -1, .signal_fd = -1 }
#define JOB_SESSION_INIT { .store.fd = -1, .state_fd = -1, .record_fd = -1, .target = -1, .session = SESSION_NONE }

/* --- tags --- */

/* What is there stays; texts are kept as long as the process. */
static int add_tags(struct texts *tags, const struct config *config, const struct job *job)
{
	static char name[JOB_NAME_MAX + 8], part[32], before[STORE_NAME_SZ + 32];
	int err;

	snprintf(name, sizeof(name), "job=%s", job->key.name);
	snprintf(part, sizeof(part), "job_part=%llu", (unsigned long long)job->part);
	snprintf(before, sizeof(before), "job_continues=%s", job->file);
	err = tags__add(tags, name) ?: tags__add(tags, part);
	if (*job->file)
		err = err ?: tags__add(tags, before);
	for (size_t i = 0; !err && i < config->tags.cnt; i++)
		err = tags__add(tags, config->tags.v[i]);
	return err;
}

/* --- the session --- */

static void job_session__free(struct job_session *j)
{
	session__free(&j->session);
	store__close(&j->store);
	job__free(&j->job);
	close_fd_cleanup(&j->state_fd);
	close_fd_cleanup(&j->record_fd);
	close_fd_cleanup(&j->target);
}

/* Folders, and the next part's file. */
static int open_files(struct job_session *j, const struct config *config)
{
	char label[JOB_LABEL_SZ];
	int err = store__open(&j->store, config->records);

	j->state_fd = open(config->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (err || j->state_fd < 0)
		return err ?: -errno;
	j->job.part++;
	job__label(&j->job.key, label);
	j->record_fd = store__create(&j->store, label, j->job.part, j->file);
	return j->record_fd < 0 ? j->record_fd : 0;
}

static int follow(struct job_session *j)
{
	struct capture *c = j->session.capture;

	if (j->job.watch)
		return capture__follow_go(c);
	if (*j->job.cgroup)
		return capture__follow_cgroup(c);
	j->target = syscall(SYS_pidfd_open, (pid_t)j->job.pid, 0);
	/* The number could be another's by now. */
	if (j->target < 0 || job__started(j->job.pid) != j->job.started)
		return -ESRCH;
	return capture__follow_process(c, j->job.pid);
}

static int save(struct job_session *j)
{
	struct job kept = j->job;

	strcpy(kept.file, j->file);
	return job__save(j->state_fd, &kept);
}

/* Everything is in place, and the job is kept, when it gives 0. */
static int open_session(struct worker_self *w, struct job_session *j)
{
	struct capture_options *o = &w->request.opts;
	struct message m = { .kind = MESSAGE_FOLLOWING, .job = j->job.key };
	int err = open_files(j, w->config) ?: add_tags(&o->tags, w->config, &j->job);

	errno = -err;
	if (err) {
		log_error("job '%s': its record cannot be made (%m)", j->job.key.name);
		return err;
	}
	o->compress = "zstd";
	o->cgroup = *j->job.cgroup ? j->job.cgroup : NULL;
	j->session = (struct session){
		.view = stderr, .opts = o, .record_fd = j->record_fd, .has_caller = true,
		.caller = w->caller, .only_own = w->caller.identity.is_other,
		.prepared = STEAL(w->prepared), .front = &w->service, .mode = j->job.watch ? "watch" : "attach",
	};
	w->caller = (struct caller){};
	if (session__open(&j->session, o) || follow(j) || save(j)) {
		(void)unlinkat(j->store.fd, j->file, 0);
		return -EIO;
	}
	strcpy(m.file, j->file);
	return message__send(w->service.fd, &m, NULL, 0);
}

/* --- its end --- */

static int copy_record(const struct job_session *j, int to)
{
	__close_fd int from = store__read(&j->store, j->file);

	return from < 0 ? from : file__copy(from, to);
}

static void tell_waiter(const struct job_session *j, const int fds[static WAITER_CNT], int status, bool had_ended)
{
	struct job_verdict v = { .session = { status, j->session.record_err }, .part = j->job.part, .had_ended = had_ended };

	strcpy(v.file, j->file);
	if (fds[WAITER_COPY] >= 0)
		v.copy_err = copy_record(j, fds[WAITER_COPY]);
	(void)peer__put(fds[WAITER_SOCKET], &v, sizeof(v));
}

/* Why the session ends: what the service says, or that there is nothing left to follow. */
static bool is_over(const struct worker_self *w, bool has_ended, int fds[static WAITER_CNT])
{
	struct pollfd control = { .fd = w->service.fd, .events = POLLIN };
	struct message m = {};

	for (int i = 0; i < WAITER_CNT; i++)
		fds[i] = -1;
	/* Nobody has said anything: its record cannot be written any more, and the next one could not either. */
	if (has_ended || poll(&control, 1, 0) <= 0)
		return true;
	return !message__receive(w->service.fd, &m, fds, WAITER_CNT) && m.totals.is_over;
}

/* Those who have asked since it was over, up to the answer to its end: nobody is sent here after that. */
static void tell_late(const struct worker_self *w, const struct job_session *j, int status)
{
	int fds[WAITER_CNT] = { -1, -1 };
	struct message m = {};

	while (m.kind != MESSAGE_ANSWER && !message__receive(w->service.fd, &m, fds, WAITER_CNT)) {
		if (fds[WAITER_SOCKET] >= 0)
			tell_waiter(j, fds, status, true);
		fds__close(fds, WAITER_CNT);
	}
}

static int finish(struct worker_self *w, struct job_session *j)
{
	int fds[WAITER_CNT], status;
	struct message end = {};
	bool has_ended, over;
	struct stat st;

	has_ended = session__wait(&j->session, j->target);
	if (has_ended)
		session__wait_for_rest(&j->session, w->service.fd);
	over = is_over(w, has_ended, fds);
	/* The job goes on without us: what it does until the next part is not seen, or seen twice. */
	j->session.is_over |= !over;
	status = session__close(&j->session, -1);
	if (j->session.record_err)
		session__cut_error(j->file, j->session.record_err);
	if (over)
		job__remove(j->state_fd, &j->job.key);
	if (fds[WAITER_SOCKET] >= 0)
		tell_waiter(j, fds, status, false);
	fds__close(fds, WAITER_CNT);
	end.totals.bytes = fstat(j->record_fd, &st) ? 0 : st.st_size;
	end.totals.is_over = over;
	end.totals.is_read = w->config->metrics && !j->session.record_err;
	worker__tell_end(w, &j->session, &end);
	tell_late(w, j, status);
	session__free(&j->session);	/* its programs are in the kernel no longer */
	j->session = (struct session)SESSION_NONE;
	if (end.totals.is_read)
		worker_figures__send(w->service.fd, j->record_fd, j->state_fd);
	return status;
}

/* --- starting one --- */

/* A process of his, or the folder of a control group: what of it is his is found out at each exec. */
static const char *take_target(struct worker_self *w, struct job *job)
{
	int fd = w->request.fds[PEER_CHILD];
	struct stat st, there;
	struct statfs fs;
	char link[64];
	ssize_t n;
	pid_t pid;

	if (fstatfs(fd, &fs))
		return strerror(errno);
	/* Nobody else's file system: who has made it could let us wait for ever. */
	if (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC) {
		pid = peer__check_own(fd, w->caller.identity.uid);
		job->pid = pid > 0 ? pid : 0;
		job->started = job__started(job->pid);
		return !job->started ? "it is not about a process of this user's" : NULL;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, job->cgroup, sizeof(job->cgroup) - 1);
	job->cgroup[n > 0 ? n : 0] = '\0';
	/* The name is what is kept: it has to mean the same here. */
	if (*job->cgroup != '/' || fstat(fd, &st) || stat(job->cgroup, &there) || st.st_dev != there.st_dev ||
	    st.st_ino != there.st_ino || !job__is_alive(job))
		return "that is no folder of a control group, or not where this host has it";
	return NULL;
}

static const char *check_tags(const struct worker_self *w)
{
	const struct texts *needed = &w->config->require_tags;

	for (size_t i = 0; i < needed->cnt; i++)
		if (!tags__find(&w->request.opts.tags, needed->v[i]))
			return "a tag is missing that the service's configuration asks for (require-tag)";
	return NULL;
}

/* The service knows whether there is such a job already. */
static int ask(struct worker_self *w, struct message *m, const int *fds, size_t fd_cnt)
{
	int none[WAITER_CNT], err;

	err = message__send(w->service.fd, m, fds, fd_cnt) ?: message__receive(w->service.fd, m, none, WAITER_CNT);
	if (!err)
		fds__close(none, WAITER_CNT);
	return err ?: m->kind == MESSAGE_ANSWER ? m->err : -ESHUTDOWN;
}

static int copy_identity(const struct identity *from, struct identity *to)
{
	*to = *from;
	to->groups = malloc(from->group_cnt * sizeof(*to->groups) + 1);
	if (!to->groups)
		return -ENOMEM;
	memcpy(to->groups, from->groups, from->group_cnt * sizeof(*to->groups));
	return 0;
}

int worker_job__start(struct worker_self *w)
{
	struct message m = { .kind = MESSAGE_BEGIN, .job.uid = w->caller.identity.uid };
	struct job_session j = JOB_SESSION_INIT;
	const char *name = w->request.opts.job ?: "", *why = NULL;
	int err, status = EXIT_FAILED;

	if (!job__is_name(name))
		return worker__refuse(w, "a job's name has " JOB_NAME_RULE);
	strcpy(m.job.name, name);
	j.job.key = m.job;
	why = take_target(w, &j.job) ?: check_tags(w);
	if (why)
		return worker__refuse(w, why);
	err = ask(w, &m, NULL, 0);
	if (err)
		return worker__refuse(w, err == -EEXIST ? "there is a job of that name: stop it first" : strerror(-err));
	w->request.opts.quiet = true;
	err = copy_identity(&w->caller.identity, &j.job.owner);
	str__add(&j.job.request, w->request.text.s ?: "", w->request.text.len);
	err = err ?: str__err(&j.job.request) ?: open_session(w, &j);
	if (err) {
		worker__refuse(w, "its record could not be begun: the service's log says why");
	} else {
		/* The client mostly is of the job, and so are hooks around it: all of them end at the answer. */
		capture__catch_up(j.session.capture);
		(void)peer__put(w->client, "", 1);
		/* Somebody may wait for the end of what the client has open. */
		fds__close(&w->client, 1);
		fds__close(w->request.fds, PEER_FD_CNT);
		status = finish(w, &j);
	}
	job_session__free(&j);
	return status;
}

int worker_job__go_on(struct worker_self *w, const struct job_key *key)
{
	struct job_session j = JOB_SESSION_INIT;
	__free_str struct str why = {};
	int err, status = EXIT_FAILED;

	j.state_fd = open(w->config->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = job__load(j.state_fd, key, &j.job) ?: copy_identity(&j.job.owner, &w->caller.identity);
	close_fd_cleanup(&j.state_fd);
	j.state_fd = -1;
	str__add(&w->request.text, j.job.request.s ?: "", j.job.request.len);
	err = err ?: served__decode(&w->request, &why);
	w->request.opts.quiet = true;
	w->caller.is_other = key->uid;
	w->caller.uid = key->uid;
	if (err)
		log_error("cannot go on with job '%s': %s", key->name, why.s ?: strerror(-err));
	else if (!open_session(w, &j))
		status = finish(w, &j);
	job_session__free(&j);
	return status;
}

/* --- stopping one --- */

/* It had ended by itself: what is left of it is its record. */
static int tell_ended(struct worker_self *w, const struct job_key *key, const int fds[static WAITER_CNT])
{
	struct job_session j = JOB_SESSION_INIT;
	struct job_verdict v = { .had_ended = 1 };
	char label[JOB_LABEL_SZ];

	job__label(key, label);
	if (store__open(&j.store, w->config->records) || !store__latest(&j.store, label, j.file))
		v.err = -ENOENT;
	else if (fds[WAITER_COPY] >= 0)
		v.copy_err = copy_record(&j, fds[WAITER_COPY]);
	strcpy(v.file, j.file);
	(void)peer__put(w->client, &v, sizeof(v));
	job_session__free(&j);
	return EXIT_FINE;
}

int worker_job__stop(struct worker_self *w)
{
	struct job_key key = { .uid = w->caller.identity.uid };
	struct message m = { .kind = MESSAGE_FIND };
	int fds[WAITER_CNT] = { [WAITER_SOCKET] = w->client, [WAITER_COPY] = -1 };
	bool wants_copy = w->request.opts.has_record;
	const char *name = w->request.opts.job ?: "";
	int err;

	if (!job__is_name(name))
		return worker__refuse(w, "a job's name has " JOB_NAME_RULE);
	strcpy(key.name, name);
	m.job = key;
	if (wants_copy)
		fds[WAITER_COPY] = w->request.fds[PEER_RECORD];
	if (peer__put(w->client, "", 1))
		return EXIT_FAILED;
	err = ask(w, &m, fds, wants_copy ? 2 : 1);
	return err == -ENOENT ? tell_ended(w, &key, fds) : EXIT_FINE;
}
