/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Build information of everything that is executed on this host. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/exec_events.h"
#include "capture/executables.h"
#include "capture/relay.h"
#include "util/file.h"
#include "util/str.h"

#define KEEP_FILES 4096
#define KEEP_BYTES (64u << 20)	/* of their build information: then the oldest are dropped, too */
#define KEEP_PIDS  8192
#define LAST_CNT   4	/* of one exec: a script, its interpreter, their loader */

#define BY_DEVICE(dev) ((dev) | 1ULL << 63)	/* of relay__leave() */

struct file_key {
	uint64_t ino;
	int64_t ctime;
	uint64_t size;
	uint64_t dev;		/* as fstat() tells it */
};

/* One state of a file, by whoever executed it. */
struct known_file {
	struct executable exe;	/* first: what is handed out */
	unsigned int users;	/* atomic */
	struct file_key key;
	int64_t mtime;
	bool has_own_devs;	/* the file system gives its files other devices than its own */
	struct buildinfo *info;
	size_t bytes;
	UT_hash_handle hh;
	bool hash_failed;
};

/* What a process has executed last. */
struct known_pid {
	uint32_t pid;
	unsigned int next;
	struct known_file *last[LAST_CNT];
	UT_hash_handle hh;
	bool hash_failed;
};

/* A file that the record tells about. */
struct told_file {
	struct ev_exe exe;
	UT_hash_handle hh;
	bool hash_failed;
};

struct executables {
	const struct identity *owner;	/* NULL: root */
	struct opener *reader;		/* the same, to open files */
	struct exec_events *events;
	pthread_mutex_t lock;		/* what follows, up to told */
	struct known_file *files;	/* oldest first */
	struct known_pid *pids;
	size_t bytes;			/* of the build information of both */
	struct told_file *told;	/* oldest first; the caller's own */
};

/* --- tables, with the lock --- */

static const struct executable gone = { .err = -ESTALE };
static const struct executable stuck = { .err = -ETIMEDOUT };

static struct known_file *get_file(struct known_file *f)
{
	if (f)
		__atomic_add_fetch(&f->users, 1, __ATOMIC_RELAXED);
	return f;
}

static void put_file(struct known_file *f)
{
	if (!f || __atomic_sub_fetch(&f->users, 1, __ATOMIC_ACQ_REL))
		return;
	buildinfo__free(f->info);
	free(f);
}

void executable__put(const struct executable *exe)
{
	if (exe != &gone && exe != &stuck)
		put_file((struct known_file *)exe);
}

static void drop_file(struct executables *x, struct known_file *f)
{
	HASH_DEL(x->files, f);
	x->bytes -= f->bytes;
	put_file(f);
}

static void drop_pid(struct executables *x, struct known_pid *p)
{
	HASH_DEL(x->pids, p);
	for (int i = 0; i < LAST_CNT; i++) {
		x->bytes -= p->last[i] ? p->last[i]->bytes : 0;
		put_file(p->last[i]);
	}
	free(p);
}

static void drop_told(struct executables *x, struct told_file *t)
{
	HASH_DEL(x->told, t);
	free(t);
}

static struct known_file *find_file(struct executables *x, const struct file_key *key)
{
	struct known_file *f;

	HASH_FIND(hh, x->files, key, sizeof(*key), f);
	return f;
}

static void keep_bounds(struct executables *x)
{
	while (HASH_COUNT(x->files) > KEEP_FILES || (x->files && x->bytes > KEEP_BYTES))
		drop_file(x, x->files);
	while (HASH_COUNT(x->pids) > KEEP_PIDS || (x->pids && x->bytes > KEEP_BYTES))
		drop_pid(x, x->pids);
}

static void add_file(struct executables *x, struct known_file *f)
{
	if (f->exe.is_fresh || find_file(x, &f->key))
		return;
	HASH_ADD(hh, x->files, key, sizeof(f->key), f);
	if (f->hash_failed)
		return;
	(void)get_file(f);
	x->bytes += f->bytes;
}

static void remember_pid(struct executables *x, uint32_t pid, struct known_file *f)
{
	struct known_file **last;
	struct known_pid *p;

	HASH_FIND(hh, x->pids, &pid, sizeof(pid), p);
	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return;
		p->pid = pid;
		HASH_ADD(hh, x->pids, pid, sizeof(p->pid), p);
		if (p->hash_failed) {
			free(p);
			return;
		}
	}
	last = &p->last[p->next++ % LAST_CNT];
	x->bytes += f->bytes - (*last ? (*last)->bytes : 0);
	put_file(*last);
	*last = get_file(f);
}

/* --- reading --- */

static struct file_key key_of(const struct file_state *s)
{
	return (struct file_key){ .ino = s->ino, .ctime = s->ctime, .size = s->size, .dev = s->dev };
}

/* A program that may be executed need not be readable. */
static bool is_closed(const struct executables *x, const struct stat *st)
{
	return x->owner && !identity__may_read(x->owner, st->st_uid, st->st_gid, st->st_mode);
}

static bool has_own_devs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) || fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == OVERLAYFS_SUPER_MAGIC;
}

/* May hang. NULL: no memory. */
static struct known_file *read_file(const struct executables *x, int fd, const struct stat *st)
{
	const struct file_state state = file_state__of(st);
	struct known_file *f = calloc(1, sizeof(*f));
	struct file_state after;
	struct stat now;

	if (!f)
		return NULL;
	f->users = 1;
	f->key = key_of(&state);
	f->mtime = state.mtime;
	f->exe.is_fresh = file_state__is_fresh(&state);
	f->has_own_devs = has_own_devs(fd);
	f->exe.err = buildinfo__read_fd(fd, &f->info);
	f->exe.is_go = f->info || f->exe.err == -ENOMSG;
	f->bytes = sizeof(*f) + (f->info ? buildinfo__size(f->info) : 0);
	/* Its names and mode may change meanwhile, and the ctime with them. */
	if (file__stat_cached(fd, &now) || (after = file_state__of(&now), after.size != state.size) ||
	    after.mtime != state.mtime)
		f->exe.err = -ESTALE;
	else if (is_closed(x, st))
		f->exe.err = -EACCES;
	else
		f->exe.info = f->info;
	return f;
}

/* With the baton of the events' thread. */
static void take(void *ctx, const struct exec_event *ev)
{
	const struct file_state state = file_state__of(&ev->st);
	const struct file_key key = key_of(&state);
	struct executables *x = ctx;
	struct known_file *f;

	pthread_mutex_lock(&x->lock);
	f = get_file(find_file(x, &key));
	pthread_mutex_unlock(&x->lock);
	if (!f) {
		relay__leave(NULL, ev->st.st_dev);
		f = read_file(x, ev->fd, &ev->st);
		relay__return();
	}
	if (!f)
		return;
	pthread_mutex_lock(&x->lock);
	add_file(x, f);
	if (ev->pid)
		remember_pid(x, ev->pid, f);
	keep_bounds(x);
	pthread_mutex_unlock(&x->lock);
	put_file(f);
}

/* --- asking --- */

/*
 * Is what was read what ran? Its names and its mode may have changed since then, which changes the
 * ctime, but not what is in it: that leaves a later mtime.
 */
static bool is_unchanged(const struct known_file *f, const struct ev_exe *exe)
{
	return f->key.ino == exe->ino && f->key.size == exe->size &&
	       (f->key.ctime == exe->ctime || f->mtime <= exe->ctime);
}

static bool is_on(const struct known_file *f, const struct ev_exe *exe)
{
	return f->has_own_devs || (major(f->key.dev) << 20 | minor(f->key.dev)) == exe->dev;
}

static struct known_file *find_by_pid(struct executables *x, uint32_t pid, const struct ev_exe *exe)
{
	struct known_pid *p;

	HASH_FIND(hh, x->pids, &pid, sizeof(pid), p);
	for (int i = 0; p && i < LAST_CNT; i++)
		if (p->last[i] && is_unchanged(p->last[i], exe) && is_on(p->last[i], exe))
			return p->last[i];
	return NULL;
}

/* Where devices do not tell, it must be the only one. */
static struct known_file *find_by_state(struct executables *x, const struct ev_exe *exe)
{
	const struct file_key key = {
		.ino = exe->ino, .ctime = exe->ctime, .size = exe->size,
		.dev = procdir__dev(exe->dev),
	};
	struct known_file *f, *next, *found = find_file(x, &key);

	if (found)
		return found;
	HASH_ITER(hh, x->files, f, next) {
		if (!f->has_own_devs || f->key.ino != exe->ino || f->key.ctime != exe->ctime ||
		    f->key.size != exe->size)
			continue;
		if (found)
			return NULL;
		found = f;
	}
	return found;
}

static struct known_file *find_known(struct executables *x, const struct look_at *at)
{
	struct known_file *f;

	pthread_mutex_lock(&x->lock);
	f = find_by_pid(x, at->name.self.pid, &at->exe) ?: find_by_state(x, &at->exe);
	(void)get_file(f);
	pthread_mutex_unlock(&x->lock);
	return f;
}

static int open_exe(const struct look_at *at)
{
	__close_fd int dir = procdir__open(&at->name.self);

	return dir < 0 ? dir : openat(dir, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static struct known_file *read_as(const struct executables *x, const struct look_at *at, int fd)
{
	struct known_file *f;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_ino != at->exe.ino)
		return NULL;
	f = read_file(x, fd, &st);
	if (f && is_unchanged(f, &at->exe) && is_on(f, &at->exe))
		return f;
	put_file(f);
	return NULL;
}

/* Without a notification: by the process, while it runs, or by its name. May hang. */
static struct known_file *read_late(const struct executables *x, const struct look_at *at)
{
	__close_fd int exe = open_exe(at), file = -1;
	struct known_file *f = read_as(x, at, exe);
	struct stat st;

	if (f)
		return f;
	file = file_name__open(&at->name, x->reader, &st);
	return read_as(x, at, file);
}

const struct executable *executables__find(struct executables *x, const struct look_at *at)
{
	struct known_file *f;

	/* What is executed from there next will be reported. */
	exec_events__mark(x->events, at->mnt_ns, &at->name);
	/* The notification was queued before the program ran, so it is there if there is one. */
	exec_events__settle(x->events);
	f = find_known(x, at);
	if (f)
		return &f->exe;
	if (relay__is_stuck(BY_DEVICE(at->exe.dev)))
		return &stuck;
	relay__leave((void *)at, BY_DEVICE(at->exe.dev));
	f = read_late(x, at);
	relay__return();
	if (!f)
		return &gone;
	pthread_mutex_lock(&x->lock);
	add_file(x, f);
	keep_bounds(x);
	pthread_mutex_unlock(&x->lock);
	return &f->exe;
}

bool executables__is_new(struct executables *x, const struct ev_exe *exe)
{
	struct ev_exe key = *exe;
	struct told_file *t;

	key.pad = 0;
	HASH_FIND(hh, x->told, &key, sizeof(key), t);
	if (t)
		return false;
	while (HASH_COUNT(x->told) >= KEEP_FILES)
		drop_told(x, x->told);
	t = calloc(1, sizeof(*t));
	if (!t)
		return true;
	t->exe = key;
	HASH_ADD(hh, x->told, exe, sizeof(t->exe), t);
	if (t->hash_failed)
		free(t);
	return true;
}

/* --- life --- */

static struct opener *reader_for(const struct identity *owner)
{
	static const struct identity root = {};

	owner = owner ?: &root;
	return opener__new(owner->uid, owner->gid, owner->groups ?: &root.gid, owner->group_cnt);
}

struct executables *executables__new(const struct identity *owner)
{
	struct executables *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	pthread_mutex_init(&x->lock, NULL);
	x->owner = owner;
	x->reader = reader_for(owner);
	x->events = exec_events__new(take, x);
	if (!x->reader || !x->events) {
		(void)executables__free(x);
		return NULL;
	}
	return x;
}

int executables__start(struct executables *x)
{
	return exec_events__start(x->events);
}

bool executables__free(struct executables *x)
{
	struct known_file *f, *f_next;
	struct known_pid *p, *p_next;
	struct told_file *t, *t_next;

	if (!x)
		return true;
	if (!exec_events__free(x->events))
		return false;
	HASH_ITER(hh, x->files, f, f_next)
		drop_file(x, f);
	HASH_ITER(hh, x->pids, p, p_next)
		drop_pid(x, p);
	HASH_ITER(hh, x->told, t, t_next)
		drop_told(x, t);
	opener__put(x->reader);
	pthread_mutex_destroy(&x->lock);
	free(x);
	return true;
}

bool executables__has_descriptors(const struct executables *x)
{
	return exec_events__are_there(x->events);
}

void executables__check(struct executables *x)
{
	exec_events__check(x->events);
}
