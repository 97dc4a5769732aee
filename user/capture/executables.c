/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Build information of everything that is executed on this host. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/executables.h"
#include "capture/mounts.h"
#include "util/str.h"

#define KEEP_FILES 4096
#define KEEP_BYTES (64u << 20)	/* of their build information: then the oldest are dropped, too */
#define KEEP_PIDS  8192
#define LAST_CNT   4	/* of one exec: a script, its interpreter, their loader */

struct file_key {
	uint64_t ino;
	int64_t ctime;
};

struct known_file {
	struct file_key key;
	struct executable exe;
	struct buildinfo *info;
	size_t bytes;
	UT_hash_handle hh;
	bool hash_failed;
};

/* What a process has executed last. Unlinking a file changes its ctime, so the inode must do then. */
struct known_pid {
	uint32_t pid;
	unsigned int next;
	struct file_key last[LAST_CNT];
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
	int fan_fd;
	const struct identity *owner;	/* NULL: root */
	struct opener *reader;		/* the same, to open files */
	struct mounts *mounts;
	struct known_file *files;	/* oldest first */
	size_t bytes;			/* of their build information */
	struct known_pid *pids;
	struct told_file *told;	/* oldest first */
	struct executable unknown;
};

/* --- tables --- */

static void drop_file(struct executables *x, struct known_file *f)
{
	HASH_DEL(x->files, f);
	x->bytes -= f->bytes;
	buildinfo__free(f->info);
	free(f);
}

static void drop_pid(struct executables *x, struct known_pid *p)
{
	HASH_DEL(x->pids, p);
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

/* A program that may be executed need not be readable. */
static bool is_closed(const struct executables *x, const struct stat *st)
{
	return x->owner && !identity__may_read(x->owner, st->st_uid, st->st_gid, st->st_mode);
}

static struct known_file *add_file(struct executables *x, const struct file_key *key, int fd)
{
	struct known_file *f = calloc(1, sizeof(*f));
	struct stat st;

	if (!f || fstat(fd, &st)) {
		free(f);
		return NULL;
	}
	while (HASH_COUNT(x->files) >= KEEP_FILES || (x->files && x->bytes > KEEP_BYTES))
		drop_file(x, x->files);
	f->key = *key;
	HASH_ADD(hh, x->files, key, sizeof(f->key), f);
	if (f->hash_failed) {
		free(f);
		return NULL;
	}
	f->exe.err = buildinfo__read_fd(fd, &f->info);
	f->exe.is_go = f->info;
	f->bytes = f->info ? buildinfo__size(f->info) : 0;
	x->bytes += f->bytes;
	if (is_closed(x, &st))
		f->exe.err = -EACCES;
	else
		f->exe.info = f->info;
	return f;
}

static void remember_pid(struct executables *x, uint32_t pid, const struct file_key *key)
{
	struct known_pid *p;

	HASH_FIND(hh, x->pids, &pid, sizeof(pid), p);
	if (!p) {
		while (HASH_COUNT(x->pids) >= KEEP_PIDS)
			drop_pid(x, x->pids);
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
	p->last[p->next++ % LAST_CNT] = *key;
}

static struct file_key key_of(const struct stat *st)
{
	return (struct file_key){
		.ino = st->st_ino,
		.ctime = st->st_ctim.tv_sec * 1000000000LL + st->st_ctim.tv_nsec,
	};
}

/* --- fanotify --- */

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
	x->owner = owner;
	x->reader = reader_for(owner);
	x->fan_fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE,
				  O_RDONLY | O_CLOEXEC | O_LARGEFILE | O_NOATIME);
	x->mounts = mounts__new(x->fan_fd);
	if (!x->mounts || !x->reader) {
		executables__free(x);
		return NULL;
	}
	if (x->fan_fd >= 0 && !mounts__mark(x->mounts)) {
		close(x->fan_fd);
		x->fan_fd = -1;
	}
	return x;
}

void executables__free(struct executables *x)
{
	struct known_file *f, *f_next;
	struct known_pid *p, *p_next;
	struct told_file *t, *t_next;

	if (!x)
		return;
	HASH_ITER(hh, x->files, f, f_next)
		drop_file(x, f);
	HASH_ITER(hh, x->pids, p, p_next)
		drop_pid(x, p);
	HASH_ITER(hh, x->told, t, t_next)
		drop_told(x, t);
	close_fd_cleanup(&x->fan_fd);
	mounts__free(x->mounts);
	opener__put(x->reader);
	free(x);
}

bool executables__has_descriptors(const struct executables *x)
{
	return x->fan_fd >= 0;
}

static void take_event(struct executables *x, const struct fanotify_event_metadata *ev)
{
	struct file_key key;
	struct stat st;

	if (fstat(ev->fd, &st))
		return;
	key = key_of(&st);
	if (!find_file(x, &key) && !add_file(x, &key, ev->fd))
		return;
	if (ev->pid)	/* 0: not in our PID namespace */
		remember_pid(x, ev->pid, &key);
}

void executables__drain(struct executables *x)
{
	char buf[8192] __attribute__((aligned(8)));
	const struct fanotify_event_metadata *ev;
	ssize_t n;

	while (x->fan_fd >= 0 && (n = read(x->fan_fd, buf, sizeof(buf))) > 0) {
		for (ev = (void *)buf; FAN_EVENT_OK(ev, n); ev = FAN_EVENT_NEXT(ev, n)) {
			if (ev->fd < 0)
				continue;
			take_event(x, ev);
			close(ev->fd);
		}
	}
}

/* --- asking --- */

static struct known_file *find_by_pid(struct executables *x, uint32_t pid, uint64_t ino)
{
	struct known_pid *p;
	unsigned int i;

	HASH_FIND(hh, x->pids, &pid, sizeof(pid), p);
	for (i = 0; p && i < LAST_CNT; i++)
		if (p->last[i].ino == ino)
			return find_file(x, &p->last[i]);
	return NULL;
}

static struct known_file *read_file(struct executables *x, const struct ev_exe *exe, int fd)
{
	struct file_key key = { .ino = exe->ino, .ctime = exe->ctime };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_ino != exe->ino)
		return NULL;
	return add_file(x, &key, fd);
}

static struct known_file *read_exe(struct executables *x, const struct look_at *at)
{
	__close_fd int dir = procdir__open(&at->name.self), fd = -1;

	if (dir < 0)
		return NULL;
	fd = openat(dir, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return read_file(x, &at->exe, fd);
}

static struct known_file *read_path(struct executables *x, const struct look_at *at)
{
	struct stat st;
	__close_fd int fd = file_name__open(&at->name, x->reader, &st);

	return read_file(x, &at->exe, fd);
}

/* What is executed from there next will be reported. */
static void mark_mounts(struct executables *x, const struct look_at *at)
{
	if (x->fan_fd < 0)
		return;
	if (!at->mnt_ns) {
		(void)mounts__mark(x->mounts);
		return;
	}
	mounts__mark_seen_by(x->mounts, at->mnt_ns, &at->name.self);
	mounts__mark_seen_by(x->mounts, at->mnt_ns, &at->name.first_viewer);
}

struct executable *executables__find(struct executables *x, const struct look_at *at)
{
	struct file_key key = { .ino = at->exe.ino, .ctime = at->exe.ctime };
	struct known_file *f;

	mark_mounts(x, at);
	/* The notification was queued before the program ran, so it is there if there is one. */
	executables__drain(x);
	f = find_file(x, &key) ?: find_by_pid(x, at->name.self.pid, key.ino) ?: read_exe(x, at) ?:
	    read_path(x, at);
	if (f)
		return &f->exe;
	x->unknown = (struct executable){ .err = -ESTALE };
	return &x->unknown;
}

bool executables__is_new(struct executables *x, const struct ev_exe *exe)
{
	const struct ev_exe key = { .ino = exe->ino, .ctime = exe->ctime, .dev = exe->dev };
	struct told_file *t;

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
