/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From what lies in the ring to lines of the record: dispatch, process life, losses. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "capture/decoder.h"
#include "capture/files.h"
#include "capture/host.h"
#include "util/clock.h"

/*
 * What undecided images may hold back, one of them and all. What comes then is not kept: it is
 * nothing to those that turn out to be of no interest, and a loss, which is told, of the others.
 */
#define HELD_MAX     (64u << 20)
#define HELD_MAX_ALL (256u << 20)

int decoder__new(const struct decoder_opts *opts, struct decoder **ret)
{
	__free_decoder struct decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->opts = *opts;
	d->procs = procs__new();
	d->paths = paths__new();
	d->cgroups = cgroups__new();
	if (!d->procs || !d->paths || !d->cgroups)
		return -ENOMEM;
	d->mnt_ns = host__mnt_ns();
	d->pid_ns = host__pid_ns();
	*ret = STEAL(d);
	return 0;
}

void decoder__free(struct decoder *d)
{
	if (!d)
		return;
	procs__free(d->procs);
	paths__free(d->paths);
	cgroups__free(d->cgroups);
	line__free(&d->line);
	str__free(&d->path);
	free(d->beside);
	free(d);
}

size_t decoder__alive(struct decoder *d)
{
	__atomic_store_n(&d->counts, true, __ATOMIC_RELEASE);
	return procs__count(d->procs);
}

bool decoder__next_alive(const struct decoder *d, struct alive *a)
{
	const struct proc *p = a->at ? ((const struct proc *)a->at)->hh.next : procs__first(d->procs);

	while (p && (p->exited || p->follow != FOLLOW_YES))
		p = p->hh.next;
	*a = p ? (struct alive){ p->id, p->pid, p } : (struct alive){};
	return p;
}

uint64_t decoder__received(const struct decoder *d, enum ev_class class)
{
	return d->received[class];
}

uint64_t decoder__lost(const struct decoder *d)
{
	return d->lost;
}

uint64_t decoder__ts(const struct decoder *d, const struct ev_hdr *h)
{
	return h->ts > d->opts.boot_ns ? h->ts - d->opts.boot_ns : 0;
}

static struct proc *new_unknown(struct decoder *d, const struct ev_hdr *h)
{
	struct proc *p = procs__add(d->procs, h->proc, h->pid, FOLLOW_YES);

	if (p)
		foreign__unknown(d, p);
	return p;
}

struct proc *decoder__proc(struct decoder *d, const struct ev_hdr *h)
{
	struct proc *p = procs__find(d->procs, h->proc);

	if (!p)
		p = new_unknown(d, h);
	if (!p) {
		d->lost++;
		return NULL;
	}
	if (!d->pid_ns)
		p->local_pid = h->pid;
	/* Only its own events come between the pieces of an exec: so it lost some. */
	if (p->exec && h->kind != EV_BLOB)
		decode__exec_complete(d, p);
	return p;
}

void decoder__begin(struct decoder *d, enum rec_kind kind, const struct ev_hdr *h,
		    const struct proc *p)
{
	line__begin(&d->line, kind, decoder__ts(d, h), h->pid, h->tid, p ? p->id : 0);
}

static bool has_room(const struct decoder *d, const struct proc *p)
{
	return p->held_bytes < HELD_MAX && procs__held_bytes(d->procs) < HELD_MAX_ALL;
}

void decoder__put(struct decoder *d, struct proc *p)
{
	if (line__end(&d->line)) {
		d->lost++;
		return;
	}
	if (p && (p->follow == FOLLOW_NO || foreign__withholds(p, d->line.kind)))
		return;
	if (!p || p->follow == FOLLOW_YES) {
		record__put(d->opts.record, &d->line);
		return;
	}
	if (!has_room(d, p) || !proc__hold_line(p, &d->line))
		p->held_lost++;
}

struct look_at decoder__look_at(const struct decoder *d, const struct proc *p,
				const struct ev_hdr *h)
{
	struct look_at at = {
		.ts = decoder__ts(d, h), .proc = p->id, .key = p->key, .pid = h->pid, .tid = h->tid,
		.mnt_ns = p->mnt_ns, .who = p->opener,
		.name = { NULL, p->own_root, { p->local_pid, h->ts }, p->first_viewer },
	};

	/* A thread has a directory in /proc, too, and nobody else sees what it sees. */
	if (p->is_split) {
		at.name.self.pid = d->pid_ns ? 0 : h->tid;
		at.name.first_viewer = at.name.self;
	}
	return at;
}

static void not_inspected(struct decoder *d, struct proc *p, const struct look_at *at, int err)
{
	if (at->what >= LOOK_CONFIG) {
		if (at->what == LOOK_SOURCE)
			sources__begin_unread(&d->line, at, err);
		else
			files__begin_unread(&d->line, at, err);
		decoder__put(d, p);
		return;
	}
	if (at->what == LOOK_HOME || at->what == LOOK_BESIDE)
		return;		/* what nobody opened is missing to nobody */
	if (at->what == LOOK_OUTPUT) {
		line__begin(&d->line, REC_BUILDINFO, at->ts, at->pid, at->tid, at->proc);
		line__bytes(&d->line, "exe", at->name.path, strlen(at->name.path));
		line__bool(&d->line, "output", true);
		line__str(&d->line, "error", "too much was waiting to be read");
		line__incomplete(&d->line, "buildinfo");
		decoder__put(d, p);
		return;
	}
	d->lost++;
	/* No answer will come: too much is better than too little. */
	if (at->what == LOOK_VERDICT)
		p->own = FOLLOW_YES;
}

void decoder__look_now(struct decoder *d, struct proc *p, const struct look_at *at)
{
	int err = at->what == LOOK_SOURCE ? sources__ask(d->opts.sources, at) :
					    inspector__ask(d->opts.inspector, at);

	if (err)
		not_inspected(d, p, at, err);
}

void decoder__look(struct decoder *d, struct proc *p, const struct look_at *at)
{
	if (p->follow == FOLLOW_NO || p->is_foreign || !d->opts.inspector)
		return;
	if (p->follow == FOLLOW_YES || at->what == LOOK_VERDICT)
		decoder__look_now(d, p, at);
	else if (!has_room(d, p) || !proc__hold_request(p, at))
		not_inspected(d, p, at, -ENOMEM);
}

/* --- life --- */

static void on_fork(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_fork *ev = (const void *)h;
	struct proc *p = decoder__proc(d, h), *child = NULL;
	bool thread = h->flags & EVF_THREAD;

	if (!p)
		return;
	if (!thread) {
		child = procs__add(d->procs, ev->child_proc, ev->child, p->follow);
		if (!child) {
			d->lost++;
			return;
		}
		child->parent = p->id;
		child->local_pid = d->pid_ns ? 0 : ev->child;
		child->own_root = p->own_root;
		child->mnt_ns = p->mnt_ns;
		child->view = p->view;
		child->first_viewer = p->first_viewer;
		proc__enter_ns(child, ev->mnt_ns == d->mnt_ns ? 0 : ev->mnt_ns,
			       (struct viewer){ child->local_pid, h->ts });
		child->configs = configs__get(p->configs);
		child->opener = opener__get(p->opener);
		foreign__fork(child, p);
		watch__new_image(d, child, p, FOLLOW_NO);
	}
	decoder__begin(d, REC_FORK, h, p);
	line__uint(&d->line, "child", ev->child);
	if (child)
		line__uint(&d->line, "child_proc", child->id);
	line__bool(&d->line, "thread", thread);
	decoder__put(d, p);
}

/* Two last threads may both believe to be the last, a moment apart. */
static bool has_ended(const struct decoder *d, uint64_t key)
{
	size_t i;

	for (i = 0; i < ENDED_CNT; i++)
		if (d->ended[i] == key)
			return true;
	return false;
}

static void on_process_exit(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_exit *ev = (const void *)h;
	struct proc *p;

	if (has_ended(d, h->proc))
		return;
	p = decoder__proc(d, h);
	if (!p)
		return;
	d->ended[d->next_ended++ % ENDED_CNT] = h->proc;
	decode__outputs(d, p, h);
	pauses__end(d, p, false);
	decoder__begin(d, REC_EXIT, h, p);
	if (WIFSIGNALED(ev->status))
		line__int(&d->line, "signal", WTERMSIG(ev->status));
	else
		line__int(&d->line, "code", WEXITSTATUS(ev->status));
	decoder__put(d, p);
	watch__gone(d, p);
}

static void on_path(struct decoder *d, const struct ev_hdr *h)
{
	if (paths__add(d->paths, (const void *)h))
		d->lost++;
}

/* --- losses --- */

static const char *const loss_names[LOSS_CNT] = {
	[LOSS_FILE] = "file", [LOSS_LIFE] = "life", [LOSS_FOLLOW] = "follow", [LOSS_READ] = "read",
};

static void put_loss(struct decoder *d, uint64_t ts, const uint64_t cnt[LOSS_CNT], uint64_t since)
{
	int i;

	for (i = 0; i < LOSS_CNT; i++) {
		if (!cnt[i])
			continue;
		line__begin(&d->line, REC_LOST, ts, 0, 0, 0);
		line__str(&d->line, "what", loss_names[i]);
		line__uint(&d->line, "count", cnt[i]);
		line__uint(&d->line, "since", since > d->opts.boot_ns ? since - d->opts.boot_ns : 0);
		decoder__put(d, NULL);
	}
}

static void on_lost(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_lost *ev = (const void *)h;

	put_loss(d, decoder__ts(d, h), (const uint64_t *)ev->cnt, ev->since);
}

void decoder__tell_loss(struct decoder *d, const uint64_t cnt[LOSS_CNT], uint64_t since)
{
	struct ev_hdr h = { .ts = clock__boot_ns() };

	put_loss(d, decoder__ts(d, &h), cnt, since);
}

/* --- dispatch --- */

static const struct ev_handler {
	enum ev_class class;
	size_t min_len;
	void (*fn)(struct decoder *d, const struct ev_hdr *h);
} handlers[EV_CNT] = {
	[EV_FORK]    = { CLASS_LIFE, sizeof(struct ev_fork),	on_fork },
	[EV_EXEC]    = { CLASS_LIFE, sizeof(struct ev_exec),	decode__exec },
	[EV_BLOB]    = { CLASS_LIFE, sizeof(struct ev_blob),	decode__blob },
	[EV_EXIT]    = { CLASS_LIFE, sizeof(struct ev_exit),	on_process_exit },
	[EV_ADOPT]   = { CLASS_LIFE, sizeof(struct ev_adopt),	decode__adopt },
	[EV_PATH]    = { CLASS_LIFE, sizeof(struct ev_path),	on_path },
	[EV_LOST]    = { CLASS_LIFE, sizeof(struct ev_lost),	on_lost },
	[EV_FILE]    = { CLASS_FILE, sizeof(struct ev_file),	decode__file },
	[EV_CONNECT] = { CLASS_FILE, sizeof(struct ev_connect), decode__connect },
};

/* The variable bytes that the fixed part promises must be inside. */
static bool is_whole(const struct ev_hdr *h)
{
	const struct ev_exec *exec = (const void *)h;
	const struct ev_blob *blob = (const void *)h;
	const struct ev_path *path = (const void *)h;
	const struct ev_file *file = (const void *)h;
	size_t more = 0;

	switch (h->kind) {
	case EV_EXEC:
		more = exec->file_len + exec->interp_len + exec->group_cnt * sizeof(__u32);
		break;
	case EV_BLOB:
		more = blob->len;
		break;
	case EV_PATH:
		more = path->len;
		break;
	case EV_FILE:
		more = file->path_len + file->path2_len;
		break;
	}
	return h->len >= handlers[h->kind].min_len + more;
}

int decoder__event(void *ctx, void *data, size_t n)
{
	const struct ev_hdr *h = data;
	struct decoder *d = ctx;

	if (n < sizeof(*h) || h->kind >= EV_CNT || !handlers[h->kind].fn || h->len > n ||
	    n < handlers[h->kind].min_len || !is_whole(h)) {
		d->lost++;
		return 0;
	}
	d->received[handlers[h->kind].class]++;
	handlers[h->kind].fn(d, h);
	return 0;
}
