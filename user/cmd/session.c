/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One capture as the verbs see it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "cmd/caller.h"
#include "cmd/front.h"
#include "cmd/redaction_key.h"
#include "cmd/report.h"
#include "cmd/session.h"
#include "output/text.h"
#include "util/log.h"

static bool is_ignored(int sig)
{
	struct sigaction now;

	return !sigaction(sig, NULL, &now) && now.sa_handler == SIG_IGN;
}

int session__catch_signals(struct child_signals *ret_before)
{
	struct child_signals before;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGQUIT);
	/* nohup ignores it, but what is blocked is queued and read even so. */
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &before.blocked);
	before.on_pipe = signal(SIGPIPE, SIG_IGN);
	if (ret_before)
		*ret_before = before;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* --- live view --- */

static bool is_live(const struct session *s)
{
	return str_eq(s->mode, "watch") || str_eq(s->mode, "attach");
}

/* What it is given may come out on a terminal, shown by somebody else. */
static bool is_stdout_shared(const struct session *s)
{
	struct stat st;

	if (!s->opts->timeline && !str_eq(s->opts->output ?: "", "-"))
		return false;
	return fstat(STDOUT_FILENO, &st) || !S_ISREG(st.st_mode);
}

static enum live_view choose_live(const struct session *s)
{
	if (s->opts->top)
		return LIVE_TOP;
	if (s->opts->quiet || !text__is_screen(STDERR_FILENO))
		return LIVE_NONE;
	/* The command of a run writes to the same terminal: see live.h. */
	return (is_live(s) ? !is_stdout_shared(s) : s->opts->status) ? LIVE_STATUS : LIVE_NONE;
}

static int open_views(struct session *s)
{
	struct timeline_opts opts = { .all = s->opts->all, .color = text__wants_color(s->view) };
	enum live_view view = choose_live(s);
	struct sink_of_lines sinks[2];
	size_t n = 0;

	if (view != LIVE_NONE) {
		if (live__new(view, &s->live))
			return -ENOMEM;
		sinks[n++] = live__sink(s->live);
	}
	if (s->opts->timeline) {
		s->timeline = timeline__new(&opts, s->view, NULL);
		if (!s->timeline)
			return -ENOMEM;
		sinks[n++] = timeline__sink(s->timeline);
	}
	if (n)
		s->pass = pass__new(sinks, n);
	return !n || s->pass ? 0 : -ENOMEM;
}

/* --- opening --- */

int session__open_spool(const struct identity *owner)
{
	const char *dirs[] = { getenv("TMPDIR"), "/tmp", "/var/tmp" };
	struct identity_scope scope;
	int fd = -1, err;
	size_t i;

	err = identity__enter(owner, &scope);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(dirs) && fd < 0; i++)
		if (dirs[i])
			fd = open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : 0;
	identity__leave(&scope);
	return err ?: fd;
}

static int create_record(struct session *s)
{
	struct record_opts r = { .fd = s->record_fd, .force = s->opts->force,
				 .owner = &s->caller.identity };
	int err;

	if (s->pass) {
		r.tap = pass__tap;
		r.tap_ctx = s->pass;
	}
	if (s->record_fd < 0)
		r.path = s->opts->output;
	else
		r.compression = compression__of_name(s->opts->compress);
	if (s->record_fd < 0 && !r.path && s->report) {
		s->spool_fd = session__open_spool(&s->caller.identity);
		if (s->spool_fd < 0)
			return s->spool_fd;
		r.fd = s->spool_fd;
	}
	err = record__create(&r, &s->record);
	s->has_file = !err && record__has_file(s->record);
	return err;
}

void session__output_error(const char *name, int err)
{
	errno = -err;
	if (err == -EEXIST)
		log_error("'%s' exists already: choose another name, or --force to replace it",
			  name);
	else if (name)
		log_error("cannot write the record to '%s' (%m)", name);
	else
		log_error("no temporary file can be made in $TMPDIR, /tmp or /var/tmp (%m): "
			  "name a file for the record with -o");
}

/* "KEY=VALUE" */
static int split_tags(struct session *s)
{
	const struct texts *from = &s->opts->tags;
	char *text, *eq;

	s->tags = calloc(from->cnt + 1, sizeof(*s->tags));
	for (size_t i = 0; s->tags && i < from->cnt; i++) {
		text = strdup(from->v[i]);
		if (!text)
			return -ENOMEM;
		eq = strchr(text, '=');
		*eq = '\0';
		s->tags[i] = (struct capture_tag){ text, eq + 1 };
	}
	return s->tags ? 0 : -ENOMEM;
}

static void free_tags(struct session *s)
{
	for (size_t i = 0; s->tags && s->tags[i].key; i++)
		free((char *)s->tags[i].key);
	free(s->tags);
}

/* The key that the other half sent, or that of the file which the caller named. */
static int use_key(const struct session *s)
{
	struct str hex = {};
	int status = 0;

	if (s->opts->key)
		return redaction_key__use(s->opts->key);
	if (s->opts->redaction_key)
		status = redaction_key__read(s->opts->redaction_key, &s->caller.identity, &hex) ?:
			 redaction_key__use(hex.s);
	redaction_key__wipe(&hex);
	return status;
}

/* For whom the record is made; NULL: root itself, with what other users' processes read. */
static int find_owner(struct session *s, const struct identity **ret)
{
	bool all = s->opts->texts && str_eq(s->opts->texts, "all");
	int err;

	*ret = s->caller.is_other ? &s->caller.identity : NULL;
	if (!*ret && (geteuid() || !all)) {
		err = identity__own(&s->own);
		if (err) {
			errno = -err;
			log_error("cannot tell who observes (%m)");
			return EXIT_FAILED;
		}
		*ret = &s->own;
	}
	if (*ret && all) {
		log_error("--texts all: what other users' processes read is for root alone to see");
		return EXIT_FAILED;
	}
	return 0;
}

int session__open(struct session *s, const struct capture_options *opts)
{
	struct capture_opts c = {
		.mode = s->mode,
		.command = s->command,
		.tag_cnt = opts->tags.cnt,
		.ring_size = opts->ring,
		.hooks = opts->hooks,
		.all = opts->all,
		.net = opts->net,
		.no_hash = opts->no_hash,
		.cgroup = opts->cgroup,
		.watch = str_eq(s->mode, "watch"),
		.adopt = !str_eq(s->mode, "run"),
		.front = s->front ? s->front->pid : 0,
		.only_own = s->only_own,
	};
	int err;

	s->opts = opts;
	s->spool_fd = s->signal_fd = -1;
	if (!s->has_caller && caller__get(&s->caller)) {
		log_error(CALLER_UNCLEAR);
		return EXIT_FAILED;
	}
	if (use_key(s) || find_owner(s, &c.owner))
		return EXIT_FAILED;
	s->signal_fd = session__catch_signals(NULL); /* before there is something to leave behind */
	err = split_tags(s) ?: open_views(s) ?: create_record(s);
	if (err) {
		session__output_error(opts->output, err);
		return EXIT_FAILED;
	}
	c.record = s->record;
	c.tags = s->tags;
	c.prepared = STEAL(s->prepared);
	return capture__open(&c, &s->capture) ? EXIT_FAILED : 0;
}

/* --- waiting --- */

static bool is_pointless(const struct session *s)
{
	return record__error(s->record) || (!s->opts->output && s->pass && pass__error(s->pass));
}

bool session__wait(struct session *s, int fd)
{
	struct pollfd fds[] = {
		{ .fd = s->signal_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
		{ .fd = s->front ? s->front->fd : -1, .events = POLLIN },
		{ .fd = s->live ? live__fd(s->live) : -1, .events = POLLIN },
	};
	bool live = is_live(s);
	struct signalfd_siginfo info;
	bool ended = false;

	if (s->live)
		live__start(s->live);
	capture__settle(s->capture);
	while (!ended && (!live || !is_pointless(s))) {
		if (poll(fds, ARRAY_SIZE(fds), CAPTURE_TICK_MS) > 0) {
			ended = fds[1].revents;
			if (!ended && (fds[2].revents || fds[3].revents))
				break;
			if (!ended && fds[0].revents && read(s->signal_fd, &info, sizeof(info)) > 0 && live)
				break;
		}
		capture__tick(s->capture);
	}
	return ended;
}

#define REST_MS 200	/* what a command leaves behind mostly ends at once */

void session__wait_for_rest(struct session *s, int fd)
{
	struct pollfd fds[] = {
		{ .fd = is_live(s) ? s->signal_fd : -1, .events = POLLIN },
		{ .fd = fd, .events = POLLIN | POLLRDHUP },
	};
	int waited = 0, ms = 1;

	s->is_over = true;
	while (capture__alive(s->capture) && (s->opts->wait || waited < REST_MS) &&
	       poll(fds, ARRAY_SIZE(fds), ms) <= 0) {
		capture__tick(s->capture);
		waited += ms;
		ms = waited < 5 ? 1 : CAPTURE_TICK_MS;
	}
}

/* --- closing --- */

static void tell_totals(const struct session *s, const struct capture_totals *t)
{
	__free_str struct str text = {};
	uint64_t lost = t->lost_file + t->lost_life;

	text__plural(&text, t->sent, "event", "events");
	str__adds(&text, " in ");
	text__duration(&text, t->duration);
	if (t->complete) {
		str__adds(&text, ", nothing lost");
	} else if (lost) {
		str__adds(&text, "; ");
		text__plural(&text, lost, "event was", "events were");
		str__adds(&text, " lost (a larger --ring may help)");
	} else if ((!t->blind && !t->alive) || t->lost_follow || t->lost_read) {
		str__adds(&text, "; some facts could not be read: see the report");
	}
	if (t->alive && s->is_over) {
		str__adds(&text, "; ");
		text__plural(&text, t->alive, "process was", "processes were");
		str__adds(&text, " still running (--wait waits for all)");
	}
	if (t->blind)
		str__adds(&text, "; some of what processes did was not seen (an io_uring, or other rights "
				 "than the record's owner has): see the report");
	if (str__err(&text))
		return;
	if (!t->complete)
		log_warn("%s", text.s);
	else
		log_info("%s", text.s);
	if (s->has_file)
		log_info("next: goenvbpf report %s", s->opts->output);
}

void session__cut_error(const char *name, int err)
{
	errno = -err;
	if (name)
		log_error("the record '%s' is cut short, what was written before is good (%m)", name);
	else
		log_error("the record of this session is cut short (%m)");
}

int session__close(struct session *s, int status)
{
	struct capture_totals *totals = &s->totals;
	int err, record_err, view_err;

	if (s->live)
		live__stop(s->live);
	err = capture__close(s->capture, status, s->is_over, totals);
	record_err = s->record_err = record__finish(s->record);
	s->is_closed = true;
	view_err = s->pass ? pass__finish(s->pass) : 0;
	if (record_err && s->record_fd < 0)	/* else it is told by who knows its name */
		session__cut_error(s->opts->output, record_err);
	if (view_err) {
		errno = -view_err;
		log_error("the %s could not be shown to its end (%m)", s->timeline ? "timeline" : "live view");
	}
	if (s->spool_fd >= 0 && !record_err && !view_err && !s->opts->quiet && s->report) {
		err = report__page_fd(s->spool_fd, s->view) ?: err;
	} else if (!record_err) {
		tell_totals(s, totals);
	}
	if (err || record_err || view_err)
		return s->opts->strict ? EXIT_INCONCLUSIVE : EXIT_FAILED;
	return s->opts->strict && !totals->complete ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

void session__free(struct session *s)
{
	capture__free(s->capture);
	prepared__free(s->prepared);
	if (s->record && !s->is_closed)
		record__discard(s->record);
	record__free(s->record);
	pass__free(s->pass);
	timeline__free(s->timeline);
	live__free(s->live);
	free_tags(s);
	caller__free(&s->caller);
	identity__free(&s->own);
	close_fd_cleanup(&s->spool_fd);
	close_fd_cleanup(&s->signal_fd);
}
