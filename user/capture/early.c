/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Configuration that does not live long, read when it is opened. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "bpf/event.h"
#include "capture/configs.h"
#include "capture/early.h"
#include "capture/host.h"
#include "capture/needs.h"
#include "util/clock.h"

#define TEXT_MAX  (1u << 20)	/* what is larger takes the usual way */
#define KEEP_CNT  16384		/* texts that wait, and their bytes: then the oldest are dropped */
#define KEEP_MAX  (64u << 20)
#define STOP_MAX_S 1
#define URGENT_NICE -10

/* The open that it was read for. */
struct key {
	uint64_t proc, ts;
	uint64_t own_root;	/* it was found below theirs */
};

struct text {
	struct text *next;
	struct key key;
	struct snapshot s;
	UT_hash_handle hh;
	bool hash_failed;
};

struct early {
	struct ring_buffer *rb;
	int stop_fd;
	const struct identity *owner;	/* of the record, NULL: root */
	bool in_pid_ns;		/* not the host's */
	pthread_t thread;
	bool has_thread;

	/*
	 * Atomic, and no lock: the inspector, which would hold it, yields to everybody, and so would the
	 * thread then.
	 */
	struct text *fresh;	/* the last one first */
	size_t cnt, bytes;	/* of all */

	struct text *texts;	/* the inspector's: oldest first */
};

/* --- what waits --- */

static void count(struct early *e, const struct text *t, int sign)
{
	__atomic_add_fetch(&e->cnt, sign, __ATOMIC_RELAXED);
	__atomic_add_fetch(&e->bytes, sign * t->s.text.cap, __ATOMIC_RELAXED);
}

static bool is_full(const struct early *e, size_t cnt, size_t bytes)
{
	return __atomic_load_n(&e->cnt, __ATOMIC_RELAXED) >= cnt ||
	       __atomic_load_n(&e->bytes, __ATOMIC_RELAXED) >= bytes;
}

static void discard(struct early *e, struct text *t)
{
	count(e, t, -1);
	snapshot__free(&t->s);
	free(t);
}

static void drop(struct early *e, struct text *t)
{
	HASH_DEL(e->texts, t);
	discard(e, t);
}

static void keep(struct early *e, const struct ev_file *ev, bool own_root, struct snapshot *s)
{
	struct text *t = is_full(e, 2 * KEEP_CNT, 2 * KEEP_MAX) ? NULL : calloc(1, sizeof(*t));

	if (!t) {
		snapshot__free(s);
		return;
	}
	t->key = (struct key){ ev->h.proc, ev->h.ts, own_root };
	t->s = *s;
	count(e, t, 1);
	t->next = __atomic_load_n(&e->fresh, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&e->fresh, &t->next, t, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
}

static void sort_in(struct early *e, struct text *t)
{
	HASH_ADD(hh, e->texts, key, sizeof(t->key), t);
	if (t->hash_failed)
		discard(e, t);
}

static void take_fresh(struct early *e)
{
	struct text *t = __atomic_exchange_n(&e->fresh, NULL, __ATOMIC_ACQUIRE), *next, *first = NULL;

	for (; t; t = next) {
		next = t->next;
		t->next = first;
		first = t;
	}
	for (t = first; t; t = next) {
		next = t->next;
		sort_in(e, t);
	}
	while (e->texts && is_full(e, KEEP_CNT, KEEP_MAX))
		drop(e, e->texts);
}

bool early__take(struct early *e, uint64_t proc, uint64_t boot_ts, bool own_root,
		 struct snapshot *ret)
{
	const struct key key = { proc, boot_ts, own_root };
	struct text *t;

	take_fresh(e);
	HASH_FIND(hh, e->texts, &key, sizeof(key), t);
	if (!t)
		return false;
	*ret = t->s;
	HASH_DEL(e->texts, t);
	count(e, t, -1);
	free(t);
	return true;
}

/* --- reading --- */

/*
 * As we see the path, which for most is as they do: whoever takes the text knows. Only what is not
 * there is looked for below their own root: /proc/PID may be just looked up by a thread of ours that
 * yields, and everybody else waits until that is done. What is only readable for their supplementary
 * groups, which are not known yet, is left to the inspector.
 */
static void read_now(struct early *e, const struct ev_file *ev, const char *path)
{
	struct file_name name = {
		.path = path, .self = { e->in_pid_ns ? ev->local_pid : ev->h.pid, ev->h.ts },
	};
	struct opener who = { .identity = { .is_other = true, .uid = ev->fsuid, .gid = ev->fsgid } };
	struct snapshot s;

	if (opener__check(&who, e->owner))
		return;
	snapshot__take(&name, &who, TEXT_MAX, &s);
	if (s.err == -ENOENT || s.err == -ENOTDIR) {
		snapshot__free(&s);
		name.own_root = true;
		snapshot__take(&name, &who, TEXT_MAX, &s);
	}
	if (!s.err)
		keep(e, ev, name.own_root, &s);
	else
		snapshot__free(&s);
}

int early__event(void *ctx, void *data, size_t n)
{
	const struct ev_file *ev = data;
	char path[EV_PATH_MAX];

	if (n < sizeof(*ev) || ev->h.kind != EV_FILE || n < sizeof(*ev) + ev->path_len ||
	    ev->path_len >= sizeof(path) || ev->call == CALL_CREAT)
		return 0;
	memcpy(path, ev->data, ev->path_len);
	path[ev->path_len] = '\0';
	if (path[0] == '/' && config__by_name(path, ev->path_len))
		read_now(ctx, ev, path);
	return 0;
}

/* It runs for microseconds, now or in vain. Where that is refused it is as good as others. */
static void run_first(void)
{
	const struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_RR) };

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest))
		(void)setpriority(PRIO_PROCESS, gettid(), URGENT_NICE);
}

static void *run(void *ctx)
{
	struct early *e = ctx;
	struct pollfd fds[] = {
		{ .fd = ring_buffer__epoll_fd(e->rb), .events = POLLIN },
		{ .fd = e->stop_fd, .events = POLLIN },
	};

	run_first();
	needs__keep(NEEDS_EARLY);
	while (!(fds[1].revents & POLLIN)) {
		(void)poll(fds, ARRAY_SIZE(fds), -1);
		(void)ring_buffer__consume(e->rb);
	}
	return NULL;
}

/* --- life --- */

struct early *early__new(const struct identity *owner)
{
	struct early *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->owner = owner;
	e->in_pid_ns = host__pid_ns();
	e->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (e->stop_fd < 0) {
		early__free(e);
		return NULL;
	}
	return e;
}

int early__start(struct early *e, int map_fd)
{
	int err;

	e->rb = ring_buffer__new(map_fd, early__event, e, NULL);
	if (!e->rb)
		return -errno;
	err = pthread_create(&e->thread, NULL, run, e);
	e->has_thread = !err;
	return -err;
}

/* False: it hangs in a file system that hangs, and all that it uses is left to it. */
static bool has_stopped(struct early *e)
{
	struct timespec until;

	if (!e->has_thread)
		return true;
	(void)eventfd_write(e->stop_fd, 1);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_MAX_S;
	return !pthread_timedjoin_np(e->thread, NULL, &until);
}

void early__free(struct early *e)
{
	if (!e || !has_stopped(e))
		return;
	take_fresh(e);
	while (e->texts)
		drop(e, e->texts);
	ring_buffer__free(e->rb);
	close_fd_cleanup(&e->stop_fd);
	free(e);
}
