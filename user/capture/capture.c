/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One capture: from the kernel into a record. */
#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "capture/accounting.h"
#include "capture/capture.h"
#include "capture/cgroup.h"
#include "capture/decode.h"
#include "capture/frame.h"
#include "capture/hooks.h"
#include "capture/inspector.h"
#include "capture/kept.h"
#include "capture/needs.h"
#include "capture/ring.h"
#include "capture/sources.h"
#include "golang/buildinfo.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/privileges.h"

#define CHILD_PROC 1		/* below PROC_FIRST_KERNEL */

struct capture {
	struct capture_opts opts;
	struct hooks *hooks;
	struct early *early;
	struct inspector *inspector;
	struct sources *sources;	/* NULL: --no-hash */
	struct decoder *decoder;
	struct ring *ring;
	uint64_t boot_ns;
	struct urgent_thread ticking;	/* who called capture__settle() */
};

static struct frame frame_of(const struct capture *c)
{
	return (struct frame){
		.opts = &c->opts, .hooks = c->hooks, .boot_ns = c->boot_ns,
		.has_descriptors = inspector__has_descriptors(c->inspector),
	};
}

/* --- open --- */

static int find_hooks_opts(const struct capture_opts *c, struct hooks_opts *ret)
{
	int err;

	*ret = (struct hooks_opts){
		.ring_size = c->ring_size, .tier = c->hooks, .all = c->all, .net = c->net,
		.watch = c->watch, .adopt = c->adopt,
	};
	err = c->cgroup ? cgroup__id(c->cgroup, &ret->cgroup, &ret->cgroup_tree) : 0;
	errno = -err;
	if (err)
		log_error("'%s' is not the directory of a cgroup (%m)", c->cgroup);
	return err;
}

static int open_ring(const struct hooks *h, struct ring **ret)
{
	return ring__open(hooks__map_fd(h, MAP_EVENTS), hooks__ring_size(h), ret);
}

struct prepared {
	struct hooks_opts opts;
	char tier[16];
	struct hooks *hooks;
	struct ring *ring;
};

void prepared__free(struct prepared *p)
{
	if (!p)
		return;
	ring__free(p->ring);
	hooks__free(p->hooks);
	free(p);
}

void prepared__leave(const struct prepared *p, struct fds *ret)
{
	hooks__leave(p->hooks, ret);
}

static int prepare(struct prepared *p, const struct capture_opts *opts, struct fds *used)
{
	const char *why;
	int err = needs__begin() ?: find_hooks_opts(opts, &p->opts);

	p->opts.used = used;
	err = err ?: hooks__load(&p->opts, &p->hooks, &why) ?: open_ring(p->hooks, &p->ring);
	p->opts.used = NULL;
	if (err)
		return err;
	snprintf(p->tier, sizeof(p->tier), "%s", opts->hooks ?: "auto");
	hooks__keep(p->hooks);
	hooks__rest(p->hooks);
	return 0;
}

int capture__prepare(const struct capture_opts *opts, struct fds *used, struct prepared **ret)
{
	struct prepared *p = calloc(1, sizeof(*p));
	int err = p ? prepare(p, opts, used) : -ENOMEM;

	if (used)
		fds__drop(used);
	if (err)
		prepared__free(p);
	else
		*ret = p;
	return err;
}

static bool is_for(const struct prepared *p, const struct hooks_opts *o)
{
	const struct hooks_opts *own = &p->opts;

	return str_eq(p->tier, o->tier ?: "auto") && own->ring_size == o->ring_size &&
	       own->cgroup == o->cgroup && own->cgroup_tree == o->cgroup_tree && own->all == o->all &&
	       own->net == o->net && own->watch == o->watch && own->adopt >= o->adopt;
}

static int load_hooks(struct capture *c, struct prepared *prepared)
{
	struct hooks_opts opts;
	const char *why = NULL;
	int err = find_hooks_opts(&c->opts, &opts);

	if (err)
		return err;
	if (prepared && is_for(prepared, &opts)) {
		c->hooks = STEAL(prepared->hooks);
		c->ring = STEAL(prepared->ring);
		return 0;
	}
	err = hooks__load(&opts, &c->hooks, &why);
	if (err) {
		errno = -err;
		log_error("cannot observe: %s (%m)", why ?: "the programs did not load");
	}
	return err;
}

static int start_threads(struct capture *c)
{
	struct inspector_opts look = {
		.record = c->opts.record, .owner = c->opts.owner, .boot_ns = c->boot_ns,
	};
	struct decoder_opts decode = {
		.record = c->opts.record,
		.owner = c->opts.owner,
		.boot_ns = c->boot_ns,
		.only_own = c->opts.only_own,
		.watch = c->opts.watch,
		.exes_fd = hooks__map_fd(c->hooks, MAP_EXES),
		.verdicts_fd = hooks__map_fd(c->hooks, MAP_VERDICTS),
	};
	struct ring_reader reader = { .event = decoder__event, .idle = (void (*)(void *))decoder__settle };
	int err;

	c->early = early__new(c->opts.owner);
	err = c->early ? early__start(c->early, hooks__map_fd(c->hooks, MAP_SOON)) : -ENOMEM;
	if (err)
		return err;
	look.early = c->early;
	err = inspector__new(&look, &c->inspector);
	if (err)
		return err;
	decode.inspector = c->inspector;
	if (!c->opts.no_hash)
		err = sources__new(&(struct sources_opts){
			.record = look.record, .boot_ns = look.boot_ns, .owner = look.owner, .kept = KEPT_FOLDER,
		}, &c->sources);
	if (err)
		return err;
	decode.sources = c->sources;
	err = decoder__new(&decode, &c->decoder);
	if (err)
		return err;
	reader.ctx = c->decoder;
	err = c->ring ? 0 : open_ring(c->hooks, &c->ring);
	return err ?: ring__start(c->ring, &reader);
}

int capture__open(const struct capture_opts *opts, struct capture **ret)
{
	__free_capture struct capture *c = calloc(1, sizeof(*c));
	const char *why = NULL;
	struct frame frame;
	int err;

	if (!c) {
		prepared__free(opts->prepared);
		return -ENOMEM;
	}
	c->opts = *opts;
	c->opts.prepared = NULL;
	c->boot_ns = clock__boot_ns();
	err = needs__begin() ?: load_hooks(c, opts->prepared);
	prepared__free(opts->prepared);
	if (err)
		return err;
	needs__tell_missing(opts->adopt);
	err = start_threads(c);
	if (err) {
		errno = -err;
		log_error("cannot start the observer's threads (%m)");
		return err;
	}
	if (!inspector__has_descriptors(c->inspector) && privileges__have(CAP_SYS_ADMIN))
		log_warn("fanotify is refused: programs that end within a millisecond may be "
			 "recorded without their build information");
	frame = frame_of(c);
	err = frame__put_header(&frame);
	if (err)
		return err;
	err = hooks__attach(c->hooks, &why);
	if (err) {
		errno = -err;
		log_error("cannot observe: %s (%m)", why ?: "the programs did not attach");
		return err;
	}
	*ret = STEAL(c);
	return 0;
}

void capture__free(struct capture *c)
{
	if (!c)
		return;
	if (c->hooks)
		hooks__detach(c->hooks);
	ring__free(c->ring);
	inspector__free(c->inspector);	/* its last requests came from the ring */
	sources__free(c->sources);
	early__free(c->early);
	decoder__free(c->decoder);
	hooks__free(c->hooks);
	free(c);
}

void capture__settle(struct capture *c)
{
	hooks__keep(c->hooks);
	/* It only ticks from now on, and who ticks late lets the ring run over. */
	urgent_thread__init(&c->ticking, gettid());
	urgent_thread__set(&c->ticking, URGENCY_FIRST);
	needs__keep(NEEDS_WAITING);
}

#define CATCH_UP_MS 3000	/* on a busy host; else a few */

void capture__catch_up(struct capture *c)
{
	ring__catch_up(c->ring, CATCH_UP_MS);
}

void capture__tick(struct capture *c)
{
	record__set_urgency(c->opts.record, ring__tick(c->ring));
	inspector__check(c->inspector);
	sources__check(c->sources);
	/* A process that joined the cgroup came without its other threads and its children. */
	if (c->opts.cgroup && decoder__has_adopted(c->decoder))
		(void)hooks__adopt(c->hooks);
}

size_t capture__alive(struct capture *c)
{
	struct ev_stats st;

	ring__wake(c->ring);
	if (accounting__read(hooks__map_fd(c->hooks, MAP_STATS), &st) || st.lost[LOSS_LIFE])
		return 0;
	/* What still lies in the ring may tell of one more. */
	return decoder__alive(c->decoder) + (st.seen[CLASS_LIFE] > decoder__received(c->decoder, CLASS_LIFE));
}

/* --- whom to follow --- */

int capture__follow_child(struct capture *c, pid_t pid)
{
	struct task_state s = { .proc = CHILD_PROC, .follow = FOLLOW_YES };
	int err = hooks__follow(c->hooks, pid, &s);

	if (err) {
		errno = -err;
		log_error("cannot follow process %d (%m)", pid);
	}
	return err;
}

static int add_target(void *ctx, uint32_t pid)
{
	const struct capture *c = ctx;
	uint8_t one = 1;

	if (!pid) {	/* a list has the number of who has none for us */
		log_warn("a process of another PID namespace is left out until it starts a program");
		return 0;
	}
	if (bpf_map_update_elem(hooks__map_fd(c->hooks, MAP_TARGETS), &pid, &one, BPF_ANY)) {
		log_error("cannot follow process %u (%m)", pid);
		return -errno;
	}
	return 0;
}

/* We may be below what is followed, or in its cgroup: what we do because of events makes none. */
static int leave_out_self(const struct capture *c)
{
	const struct task_state s = { .follow = FOLLOW_NO };

	int err = c->opts.front ? hooks__follow(c->hooks, c->opts.front, &s) : 0;

	/* Of the leader: the pass over all tasks gives its threads the same. */
	return err ?: hooks__follow(c->hooks, getpid(), &s);
}

static int adopt(struct capture *c)
{
	int err = leave_out_self(c) ?: hooks__adopt(c->hooks);

	if (err) {
		errno = -err;
		log_error("cannot take in processes that already run (%m)");
	}
	return err;
}

int capture__follow_process(struct capture *c, pid_t pid)
{
	return add_target(c, pid) ?: adopt(c);
}

int capture__follow_cgroup(struct capture *c)
{
	int err = cgroup__each_process(c->opts.cgroup, add_target, c);

	if (err) {
		errno = -err;
		log_error("cannot list the processes of '%s' (%m)", c->opts.cgroup);
		return err;
	}
	return adopt(c);
}

static bool is_go_process(const char *pid)
{
	__free_buildinfo struct buildinfo *b = NULL;
	__close_fd int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && !buildinfo__read_fd(fd, &b);
}

int capture__follow_go(struct capture *c)
{
	struct dirent *e;
	int err = 0;
	DIR *proc;

	if (!host__proc_is_ours()) {
		log_warn("/proc is of another PID namespace: Go programs that run already are left "
			 "out");
		return adopt(c);
	}
	proc = opendir("/proc");
	if (!proc) {
		log_error("cannot list processes in /proc (%m)");
		return -errno;
	}
	while (!err && (e = readdir(proc)))
		if (isdigit((unsigned char)e->d_name[0]) && is_go_process(e->d_name))
			err = add_target(c, atoi(e->d_name));
	closedir(proc);
	return err ?: adopt(c);
}

/* --- close --- */

static void sum_up(const struct capture *c, const struct ev_stats *st, struct capture_totals *t)
{
	uint64_t missed = hooks__missed(c->hooks);
	uint64_t file = decoder__received(c->decoder, CLASS_FILE);
	uint64_t life = decoder__received(c->decoder, CLASS_LIFE);

	t->lost_file = st->lost[LOSS_FILE];
	/* Programs that were skipped saw nothing: what they would have seen is not known. */
	t->lost_life = st->lost[LOSS_LIFE] + missed;
	t->lost_follow = st->lost[LOSS_FOLLOW];
	t->lost_read = st->lost[LOSS_READ] + decoder__lost(c->decoder);
	t->seen = st->seen[CLASS_FILE] + st->seen[CLASS_LIFE] + missed;
	t->sent = file + life;
	t->fstat = st->fstat;
	t->balanced = st->seen[CLASS_FILE] == file + st->lost[LOSS_FILE] &&
		      st->seen[CLASS_LIFE] == life + st->lost[LOSS_LIFE];
	t->blind = record__count(c->opts.record, REC_BLIND);
	t->complete = t->balanced && !t->lost_file && !t->lost_life && !t->lost_follow &&
		      !t->lost_read && !t->blind;
}

static void count_alive(const struct capture *c, bool is_over, struct capture_totals *t)
{
	struct alive a = {};

	while (decoder__next_alive(c->decoder, &a))
		t->alive++;
	t->complete &= !is_over || !t->alive;
}

/* Losses after which nothing got through any more, and those that no program could see. */
static void tell_rest(struct capture *c, const struct ev_stats *st)
{
	uint64_t rest[LOSS_CNT];
	int i;

	for (i = 0; i < LOSS_CNT; i++)
		rest[i] = st->lost[i] - st->told[i];
	rest[LOSS_LIFE] += hooks__missed(c->hooks);
	rest[LOSS_READ] += decoder__lost(c->decoder);
	decoder__tell_loss(c->decoder, rest, st->first_lost);
}

/* A program that ran while it was detached may still be about to write: the counts tell. */
#define SETTLE_TRIES 50

static int settle(struct capture *c, struct ev_stats *st, struct capture_totals *t)
{
	int err, i;

	for (i = 0; i < SETTLE_TRIES; i++) {
		ring__drain(c->ring);
		err = accounting__read(hooks__map_fd(c->hooks, MAP_STATS), st);
		if (err)
			return err;
		sum_up(c, st, t);
		if (t->balanced)
			break;
		usleep(1000);
	}
	return 0;
}

int capture__close(struct capture *c, int status, bool is_over, struct capture_totals *ret)
{
	struct ev_stats st = {};
	struct frame frame;
	int err;

	urgent_thread__set(&c->ticking, URGENCY_NORMAL);
	record__set_urgency(c->opts.record, URGENCY_NORMAL);
	*ret = (struct capture_totals){ .duration = clock__boot_ns() - c->boot_ns };
	hooks__detach(c->hooks);
	ring__stop(c->ring);
	err = settle(c, &st, ret);
	if (err) {
		errno = -err;
		log_error("cannot read the event counts, so completeness is unknown (%m)");
	}
	inspector__flush(c->inspector);
	decoder__finish(c->decoder);
	inspector__finish(c->inspector);
	sources__finish(c->sources);
	tell_rest(c, &st);
	sum_up(c, &st, ret);
	count_alive(c, is_over, ret);
	ret->complete &= !err;
	if (!ret->balanced)
		log_error("the event counts do not balance: %llu events seen, %llu received: this is a "
			  "fault of goenvbpf, please report it",
			  (unsigned long long)ret->seen, (unsigned long long)ret->sent);
	frame = frame_of(c);
	return frame__put_end(&frame, c->decoder, status, ret);
}
