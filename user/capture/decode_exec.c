/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Program images: exec events with their pieces, and programs that already ran. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "capture/decoder.h"
#include "util/file.h"

#define ENVIRON_MAX (4u << 20)
/* The kernel allows three quarters of 8 MiB for both (_STK_LIM / 4 * 3). */
#define BLOB_MAX (8u << 20)

/* --- the line --- */

static void add_path(struct decoder *d, const char *key, uint64_t id)
{
	const char *text;
	size_t n;

	if (!paths__get(d->paths, id, &text, &n))
		line__bytes(&d->line, key, text, n);
	else
		line__incomplete(&d->line, key);
}

/* What we, and those around us, call it: its number in the record is the host's. */
static void add_local_pid(struct decoder *d, uint32_t pid)
{
	if (d->pid_ns && pid)
		line__uint(&d->line, "local_pid", pid);
}

static void add_file(struct decoder *d, const struct proc *p, const struct ev_exec *ev)
{
	if (p->is_foreign && p->is_foreigners) {
		line__incomplete(&d->line, "exe");
		return;
	}
	line__bytes(&d->line, "file", ev->data, ev->file_len);
	if (ev->interp_len)
		line__bytes(&d->line, "interp", ev->data + ev->file_len, ev->interp_len);
	add_path(d, "exe", ev->exe_path);
	line__device(&d->line, procdir__dev(ev->exe.dev));
	line__uint(&d->line, "ino", ev->exe.ino);
}

static void add_place(struct decoder *d, const struct proc *p, const struct ev_exec *ev)
{
	const char *root, *cgroup;
	size_t n;

	if (!p->is_foreign && !paths__get_dir(d->paths, ev->cwd, &root, &n))
		line__bytes(&d->line, "cwd", root, n);
	else
		line__incomplete(&d->line, "cwd");
	if (ev->root && !p->is_foreign && !paths__get(d->paths, ev->root, &root, &n) && n > 1)
		line__bytes(&d->line, "root", root, n);
	if (ev->mnt_ns != d->mnt_ns)
		line__uint(&d->line, "mnt_ns", ev->mnt_ns);
	line__uint(&d->line, "uid", ev->uid);
	line__uint(&d->line, "gid", ev->gid);
	cgroup = cgroups__path(d->cgroups, ev->cgroup);
	if (cgroup)
		line__bytes(&d->line, "cgroup", cgroup, strlen(cgroup));
}

static void add_blobs(struct decoder *d, const struct proc *p, const struct pending_exec *e)
{
	if (p->is_foreign) {
		line__incomplete(&d->line, "args");
		line__incomplete(&d->line, "env");
		return;
	}
	line__args(&d->line, e->bytes[BLOB_ARGS], e->got[BLOB_ARGS]);
	if (e->got[BLOB_ARGS] < e->len[BLOB_ARGS])
		line__incomplete(&d->line, "args");
	line__env(&d->line, e->bytes[BLOB_ENV], e->got[BLOB_ENV]);
	if (e->got[BLOB_ENV] < e->len[BLOB_ENV])
		line__incomplete(&d->line, "env");
}

/* Without memory, files that only GOENV and its like name stay unread. */
static void remember_configs(struct decoder *d, struct proc *p, const struct config_source *source)
{
	configs__put(STEAL(p->configs));
	if (configs__new(source, &p->configs))
		d->lost++;
}

static const char *value_of(const struct pending_exec *e, const char *name)
{
	const char *env = e->bytes[BLOB_ENV], *end = env + e->got[BLOB_ENV];
	size_t n = strlen(name);

	for (const char *p = env; p && p < end; p += strnlen(p, end - p) + 1)
		if (strnlen(p, end - p) > n && !memcmp(p, name, n) && p[n] == '=' && p[n + 1])
			return memchr(p, '\0', end - p) ? p + n + 1 : NULL;
	return NULL;
}

/* Once for each user, and once more for go without a home: see homes.h. */
static void look_at_home(struct decoder *d, struct proc *p, const struct ev_exec *ev, const struct pending_exec *e)
{
	struct look_at at = decoder__look_at(d, p, &ev->h);
	const char *home = value_of(e, "HOME");
	bool is_lost = !home && !value_of(e, "XDG_CONFIG_HOME") && !value_of(e, "GOENV") &&
		       e->got[BLOB_ENV] == e->len[BLOB_ENV];
	uint32_t key = ev->uid << 1 | is_lost;

	if (configs__reader(p->configs) != SOURCE_READER_GO || !p->opener || p->own_root || (!home && !is_lost))
		return;
	for (unsigned int i = 0; i < d->home_cnt; i++)
		if (d->homes[i] == key)
			return;
	if (d->home_cnt == HOMES_CNT)
		return;
	d->homes[d->home_cnt++] = key;
	at.what = LOOK_HOME;
	at.name.path = home ?: "";
	decoder__look(d, p, &at);
}

static void look_at_program(struct decoder *d, struct proc *p, const struct ev_hdr *h,
			    const struct ev_exe *exe, const char *path)
{
	struct look_at at = decoder__look_at(d, p, h);

	at.what = LOOK_PROGRAM;
	at.exe = *exe;
	at.name.path = path;
	/* Its build information is recorded behind its exec, if that is. */
	decoder__look(d, p, &at);
	if (p->follow != FOLLOW_MAYBE)
		return;
	at.what = LOOK_VERDICT;
	decoder__look(d, p, &at);
}

void decode__exec_complete(struct decoder *d, struct proc *p)
{
	struct pending_exec *e = STEAL(p->exec);
	const struct ev_exec *ev = e->ev;
	const char *path = "";
	size_t n;

	decoder__begin(d, REC_EXEC, &ev->h, p);
	if (p->parent)
		line__uint(&d->line, "parent", p->parent);
	if (p->prev)
		line__uint(&d->line, "prev", p->prev);
	line__uint(&d->line, "ppid", ev->ppid);
	add_local_pid(d, ev->local_pid);
	if (ev->old_tid != ev->h.tid)
		line__uint(&d->line, "old_tid", ev->old_tid);
	add_file(d, p, ev);
	add_blobs(d, p, e);
	add_place(d, p, ev);
	decoder__put(d, p);
	foreign__tell(d, &ev->h, p);
	(void)paths__get(d->paths, ev->exe_path, &path, &n);
	remember_configs(d, p, &(struct config_source){
		path, e->bytes[BLOB_ARGS], e->bytes[BLOB_ENV], e->got[BLOB_ARGS], e->got[BLOB_ENV] });
	look_at_program(d, p, &ev->h, &ev->exe, path);
	look_at_home(d, p, ev, e);
	pending_exec__free(e);
}

/* --- arriving --- */

static struct pending_exec *new_pending(const struct ev_exec *ev)
{
	struct pending_exec *e;

	if (ev->args_len > BLOB_MAX || ev->env_len > BLOB_MAX)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->len[BLOB_ARGS] = ev->args_len;
	e->len[BLOB_ENV] = ev->env_len;
	e->ev = malloc(ev->h.len);
	e->bytes[BLOB_ARGS] = malloc(e->len[BLOB_ARGS] + 1);
	e->bytes[BLOB_ENV] = malloc(e->len[BLOB_ENV] + 1);
	if (!e->ev || !e->bytes[BLOB_ARGS] || !e->bytes[BLOB_ENV]) {
		pending_exec__free(e);
		return NULL;
	}
	memcpy(e->ev, ev, ev->h.len);
	return e;
}

static bool has_all(const struct pending_exec *e)
{
	return e->got[BLOB_ARGS] == e->len[BLOB_ARGS] && e->got[BLOB_ENV] == e->len[BLOB_ENV];
}

/*
 * Who else sees what this image sees: the first of its line that has the same root in the same
 * mount namespace.
 */
static void add_view(struct decoder *d, struct proc *p, const struct ev_exec *ev,
		     const struct proc *before)
{
	const char *root = "";
	unsigned int hash;
	size_t n = 0;

	if (!p->own_root)
		return;
	(void)paths__get(d->paths, ev->root, &root, &n);
	HASH_JEN(root, n, hash);
	p->view = (uint64_t)hash << 32 | ev->mnt_ns;
	if (before && before->view == p->view)
		p->first_viewer = before->first_viewer;
	else
		p->first_viewer = (struct viewer){ p->local_pid, ev->h.ts };
}

static struct opener *opener_of(const struct ev_exec *ev)
{
	bool knows_groups = !(ev->rights & EV_MANY_GROUPS);
	struct opener *o = opener__new(ev->uid, ev->gid, knows_groups ?
				       ev->data + ev->file_len + ev->interp_len : NULL, ev->group_cnt);

	if (o)
		o->is_setid = ev->rights & EV_SETID;
	return o;
}

void decode__exec(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_exec *ev = (const void *)h;
	struct proc *before = ev->prev ? procs__find(d->procs, ev->prev) : NULL;
	enum follow own = h->flags & EVF_PROVISIONAL ? FOLLOW_MAYBE : FOLLOW_YES;
	struct proc *p = procs__add(d->procs, h->proc, h->pid, own);

	if (!p) {
		d->lost++;
		return;
	}
	if (before) {
		p->parent = before->parent;
		p->prev = before->id;
	}
	p->local_pid = d->pid_ns ? ev->local_pid : h->pid;
	p->own_root = ev->root || ev->mnt_ns != d->mnt_ns;
	p->mnt_ns = ev->mnt_ns == d->mnt_ns ? 0 : ev->mnt_ns;
	p->opener = opener_of(ev);	/* without it nothing is read for it, which is told */
	foreign__exec(d, p, before);
	add_view(d, p, ev, before);
	watch__new_image(d, p, before, own);
	if (before)
		watch__gone(d, before);
	p->exec = new_pending(ev);
	if (!p->exec) {
		d->lost++;
		p->own = FOLLOW_YES;	/* nobody will be asked what it is */
	} else if (has_all(p->exec)) {
		decode__exec_complete(d, p);
	}
}

void decode__blob(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_blob *ev = (const void *)h;
	struct proc *p = decoder__proc(d, h);
	struct pending_exec *e = p ? p->exec : NULL;

	/*
	 * Without its head (lost, and told) a piece is of no use. After a gap neither are the rest.
	 */
	if (!e || ev->which >= BLOB_CNT || ev->off != e->got[ev->which] ||
	    ev->len > e->len[ev->which] - ev->off)
		return;
	memcpy(e->bytes[ev->which] + ev->off, ev->data, ev->len);
	e->got[ev->which] += ev->len;
	if (has_all(e))
		decode__exec_complete(d, p);
}

/* --- what already ran --- */

struct proc_files {
	struct str args, env;
	char exe[4096], cwd[4096], root[4096];
	struct ev_exe id;
	ino_t mnt_ns;
	struct opener *opener;
	uint64_t args_at;
	uint32_t uid, gid;
	bool is_there;
	int args_err, env_err, fd_err;
	int ring;		/* descriptor of an io_uring, -1: none */
};

static void read_link(int dir, const char *name, char *buf, size_t size)
{
	ssize_t n = readlinkat(dir, name, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
}

static int read_proc_file(int dir, const char *name, struct str *ret)
{
	__close_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : file__read_fd(fd, ENVIRON_MAX, ret);
}

/* As the programs tell it of those that start. */
static void read_exe_id(int dir, struct ev_exe *ret)
{
	__close_fd int fd = openat(dir, "exe", O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return;
	ret->ino = st.st_ino;
	ret->ctime = st.st_ctim.tv_sec * 1000000000LL + st.st_ctim.tv_nsec;
	ret->size = st.st_size;
	if (procdir__device(dir, fd, &ret->dev))
		ret->dev = major(st.st_dev) << 20 | minor(st.st_dev);
}

static void read_identity(int dir, struct proc_files *f)
{
	struct stat st;

	if (!fstatat(dir, "ns/mnt", &st, 0))
		f->mnt_ns = st.st_ino;
	if (!fstat(dir, &st)) {
		f->uid = st.st_uid;
		f->gid = st.st_gid;
	}
}

/* The descriptor of an io_uring that the process holds, -1 when it has none. */
static int find_ring(int dir, int *ret_fd)
{
	int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char target[32];
	struct dirent *e;
	ssize_t n;
	DIR *fds;

	*ret_fd = -1;
	fds = fd < 0 ? NULL : fdopendir(fd);
	if (!fds)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;	/* it has ended */
	while (*ret_fd < 0 && (e = readdir(fds))) {
		n = readlinkat(dirfd(fds), e->d_name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (str_eq(target, "anon_inode:[io_uring]"))
			*ret_fd = atoi(e->d_name);
	}
	closedir(fds);
	return 0;
}

/*
 * It goes on while it is looked at, and what it has become since then has an exec line of its own:
 * what it was is not known then.
 */
static void drop_other_image(const struct ev_adopt *ev, struct proc_files *f)
{
	if (f->id.ino == ev->exe_ino && f->args_at == ev->args_at)
		return;
	f->exe[0] = '\0';
	str__free(&f->args);
	str__free(&f->env);
	f->args_err = f->env_err = -ESTALE;
	f->is_there = false;
}

/* dir: -ESRCH when the process has ended or has no number here; then nothing is known. */
static void read_all(int dir, const struct identity *owner, struct proc_files *f)
{
	f->args_err = f->env_err = f->fd_err = dir < 0 ? dir : 0;
	f->ring = -1;
	f->is_there = dir >= 0;
	if (dir < 0)
		return;
	read_link(dir, "exe", f->exe, sizeof(f->exe));
	read_link(dir, "cwd", f->cwd, sizeof(f->cwd));
	read_link(dir, "root", f->root, sizeof(f->root));
	read_identity(dir, f);
	f->opener = opener__of_process(dir);
	f->args_err = read_proc_file(dir, "cmdline", &f->args);
	/* Other users' are closed to the record's owner. */
	f->env_err = opener__check(f->opener, owner) ?: read_proc_file(dir, "environ", &f->env);
	f->fd_err = find_ring(dir, &f->ring);
	/* Last: if they are still those of the image, all before was read of it, too. */
	read_exe_id(dir, &f->id);
	f->args_at = procdir__args_at(dir);
}

static void add_proc_files(struct line *l, const struct proc_files *f, bool is_foreign)
{
	if (f->exe[0] && !is_foreign) {
		line__bytes(l, "exe", f->exe, strlen(f->exe));
		line__device(l, procdir__dev(f->id.dev));
		line__uint(l, "ino", f->id.ino);
	} else {
		line__incomplete(l, "exe");
	}
	if (!is_foreign)
		line__args(l, f->args.s, f->args.len);
	if (f->args_err || is_foreign)
		line__incomplete(l, "args");
	if (!is_foreign)
		line__env(l, f->env.s, f->env.len);
	if (f->env_err || is_foreign)
		line__incomplete(l, "env");
	if (f->cwd[0] && !is_foreign && !str_has_suffix(f->cwd, " (deleted)"))
		line__bytes(l, "cwd", f->cwd, strlen(f->cwd));
	else
		line__incomplete(l, "cwd");
	if (f->is_there) {
		line__uint(l, "uid", f->uid);
		line__uint(l, "gid", f->gid);
	}
	if (f->fd_err)
		line__incomplete(l, "fd");
}

/* Its set-up was not seen. One of them says all that there is to say. */
static void add_ring(struct decoder *d, struct proc *p, const struct ev_hdr *h, int fd)
{
	decoder__begin(d, REC_BLIND, h, p);
	line__str(&d->line, "what", "io_uring");
	line__int(&d->line, "fd", fd);
	line__bool(&d->line, "adopted", true);
	decoder__put(d, p);
}

void decode__adopt(struct decoder *d, const struct ev_hdr *h)
{
	const struct ev_adopt *ev = (const void *)h;
	const struct proc *parent = ev->parent ? procs__find(d->procs, ev->parent) : NULL;
	struct proc *p = procs__find(d->procs, h->proc);
	struct viewer self = { d->pid_ns ? ev->local_pid : h->pid, h->ts };
	__close_fd int dir = procdir__open(&self);
	struct proc_files f = {};

	/*
	 * It is followed before it is published, so its own first events may come before this one.
	 */
	if (!p)
		p = procs__add(d->procs, h->proc, h->pid, FOLLOW_YES);
	if (!p) {
		d->lost++;
		return;
	}
	__atomic_store_n(&d->adopted, true, __ATOMIC_RELEASE);
	p->adopted = true;
	p->parent = parent ? parent->id : 0;
	read_all(dir, d->opts.owner, &f);
	if (f.is_there)
		drop_other_image(ev, &f);
	opener__put(p->opener);
	p->opener = f.opener;
	foreign__adopt(d, p, ev, f.is_there, f.uid);
	p->local_pid = self.pid;
	p->first_viewer = self;
	p->own_root = !str_eq(f.root, "/") || f.mnt_ns != d->mnt_ns;
	p->mnt_ns = f.mnt_ns == d->mnt_ns ? 0 : f.mnt_ns;
	decoder__begin(d, REC_EXEC, h, p);
	line__bool(&d->line, "adopted", true);
	if (p->parent)
		line__uint(&d->line, "parent", p->parent);
	line__uint(&d->line, "ppid", ev->ppid);
	add_local_pid(d, self.pid);
	add_proc_files(&d->line, &f, p->is_foreign);
	decoder__put(d, p);
	foreign__tell(d, h, p);
	remember_configs(d, p, &(struct config_source){
		f.exe, f.args.s, f.env.s, f.args.len, f.env.len });
	if (f.ring >= 0)
		add_ring(d, p, h, f.ring);
	if (f.exe[0])
		look_at_program(d, p, h, &f.id, f.exe);
	str__free(&f.args);
	str__free(&f.env);
}

bool decoder__has_adopted(struct decoder *d)
{
	return __atomic_exchange_n(&d->adopted, false, __ATOMIC_ACQ_REL);
}
