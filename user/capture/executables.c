/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Build information of everything that is executed on this host. */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/executables.h"
#include "util/str.h"

#define KEEP_FILES 4096
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

struct executables {
	int fan_fd;
	struct known_file *files;	/* oldest first */
	struct known_pid *pids;
	struct executable unknown;
};

/* --- tables --- */

static void drop_file(struct executables *x, struct known_file *f)
{
	HASH_DEL(x->files, f);
	buildinfo__free(f->info);
	free(f);
}

static void drop_pid(struct executables *x, struct known_pid *p)
{
	HASH_DEL(x->pids, p);
	free(p);
}

static struct known_file *find_file(struct executables *x, const struct file_key *key)
{
	struct known_file *f;

	HASH_FIND(hh, x->files, key, sizeof(*key), f);
	return f;
}

static struct known_file *add_file(struct executables *x, const struct file_key *key, int fd)
{
	struct known_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	while (HASH_COUNT(x->files) >= KEEP_FILES)
		drop_file(x, x->files);
	f->key = *key;
	HASH_ADD(hh, x->files, key, sizeof(f->key), f);
	if (f->hash_failed) {
		free(f);
		return NULL;
	}
	f->exe.err = buildinfo__read_fd(fd, &f->info);
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

/* File systems from which nothing is executed, or which cannot be marked. */
static bool is_virtual(const char *type)
{
	static const char *const types[] = {
		"proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "securityfs", "debugfs",
		"tracefs", "bpf", "pstore", "configfs", "fusectl", "autofs", "binfmt_misc",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(type, types[i]))
			return true;
	return false;
}

static void mark_all(struct executables *x)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	unsigned int marked = 0;
	struct mntent *m;

	while (mounts && (m = getmntent(mounts))) {
		if (!is_virtual(m->mnt_type) &&
		    !fanotify_mark(x->fan_fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC,
				   AT_FDCWD, m->mnt_dir))
			marked++;
	}
	if (mounts)
		endmntent(mounts);
	if (!marked) {
		close(x->fan_fd);
		x->fan_fd = -1;
	}
}

struct executables *executables__new(void)
{
	struct executables *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->fan_fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE,
				  O_RDONLY | O_CLOEXEC | O_LARGEFILE | O_NOATIME);
	if (x->fan_fd >= 0)
		mark_all(x);
	return x;
}

void executables__free(struct executables *x)
{
	struct known_file *f, *f_next;
	struct known_pid *p, *p_next;

	if (!x)
		return;
	HASH_ITER(hh, x->files, f, f_next)
		drop_file(x, f);
	HASH_ITER(hh, x->pids, p, p_next)
		drop_pid(x, p);
	close_fd_cleanup(&x->fan_fd);
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

/* A file system that was mounted after we started, or in another namespace: later ones are seen. */
static void mark_file_system(struct executables *x, int fd)
{
	char path[64];

	if (x->fan_fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)fanotify_mark(x->fan_fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC, AT_FDCWD,
			    path);
}

static struct known_file *read_file(struct executables *x, const struct ev_exe *exe,
				    const char *path)
{
	__close_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct file_key key = { .ino = exe->ino, .ctime = exe->ctime };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_ino != exe->ino)
		return NULL;
	mark_file_system(x, fd);
	return add_file(x, &key, fd);
}

struct executable *executables__find(struct executables *x, const struct ev_exe *exe, uint32_t pid,
				     const char *path)
{
	struct file_key key = { .ino = exe->ino, .ctime = exe->ctime };
	struct known_file *f;
	char proc_exe[64];

	/* The notification was queued before the program ran, so it is there if there is one. */
	executables__drain(x);
	f = find_file(x, &key);
	if (!f)
		f = find_by_pid(x, pid, exe->ino);
	if (!f) {
		snprintf(proc_exe, sizeof(proc_exe), "/proc/%u/exe", pid);
		f = read_file(x, exe, proc_exe);
	}
	if (!f && path)
		f = read_file(x, exe, path);
	if (f)
		return &f->exe;
	x->unknown = (struct executable){ .err = -ESTALE };
	return &x->unknown;
}
