/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Control groups by id and by path. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/cgroup.h"
#include "capture/host.h"
#include "util/file.h"
#include "util/str.h"

#define FILEID_KERNFS 0xfe	/* include/linux/exportfs.h */
#define DEPTH_MAX 64
#define KEEP_MAX 4096		/* names; a build host makes and removes groups all day */

struct handle {
	struct file_handle head;
	uint64_t id;
};

#define LIST_MAX (4u << 20)

/* Is name one of the options, which commas part? */
static bool has_option(const char *options, const char *name, size_t n)
{
	for (; *options; options += strspn(options, ",\n")) {
		size_t len = strcspn(options, ",\n");

		if (len == n && !memcmp(options, name, n))
			return true;
		options += len;
	}
	return false;
}

/* The options of the mounted file system with that device: "rw,cpu,cpuacct". To be freed. */
static char *options_of(dev_t dev)
{
	__close_file FILE *f = fopen(host__mountinfo(), "re");
	unsigned int major_nr, minor_nr;
	__free_mem char *line = NULL;
	const char *options;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0) {
		if (sscanf(line, "%*d %*d %u:%u", &major_nr, &minor_nr) != 2 ||
		    makedev(major_nr, minor_nr) != dev)
			continue;
		options = strrchr(line, ' ');
		return options ? strdup(options + 1) : NULL;
	}
	return NULL;
}

/*
 * An old hierarchy is told by its controllers, or by its name: "4:cpu,cpuacct:/",
 * "1:name=systemd:/".
 */
static int find_tree(dev_t dev, uint32_t *ret)
{
	__close_file FILE *f = fopen("/proc/self/cgroup", "re");
	__free_mem char *options = options_of(dev), *line = NULL;
	const char *names;
	size_t size = 0;

	while (f && options && getline(&line, &size, f) > 0) {
		names = strchr(line, ':');
		if (!names || !has_option(options, names + 1, strcspn(names + 1, ",:")))
			continue;
		*ret = strtoul(line, NULL, 10);
		return 0;
	}
	return -EOPNOTSUPP;
}

int cgroup__id(const char *path, uint64_t *ret, uint32_t *ret_tree)
{
	struct handle h = { .head.handle_bytes = sizeof(h.id) };
	struct statfs fs;
	struct stat st;
	uint32_t tree = 0;
	int mount_id, err;

	if (stat(path, &st) || statfs(path, &fs))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (fs.f_type != CGROUP2_SUPER_MAGIC && fs.f_type != CGROUP_SUPER_MAGIC)
		return -EOPNOTSUPP;
	err = fs.f_type == CGROUP_SUPER_MAGIC ? find_tree(st.st_dev, &tree) : 0;
	if (err)
		return err;
	if (name_to_handle_at(AT_FDCWD, path, &h.head, &mount_id, 0))
		return -errno;
	*ret = h.id;
	*ret_tree = tree;
	return 0;
}

/* --- names --- */

struct known_cgroup {
	uint64_t id;
	UT_hash_handle hh;
	bool hash_failed;
	char *path;		/* NULL: could not be told */
};

struct cgroups {
	int mount_fd;		/* the unified hierarchy's, -1 when there is none */
	char mount[256];
	char freezer[256];	/* where the old hierarchy that freezes is mounted, "": nowhere */
	struct known_cgroup *by_id;	/* oldest first */
};

static void find_mount(struct cgroups *c)
{
	FILE *mounts = setmntent(host__mounts(), "re");
	struct mntent *m;

	while (mounts && (m = getmntent(mounts))) {
		if (strlen(m->mnt_dir) >= sizeof(c->mount))
			continue;
		if (str_eq(m->mnt_type, "cgroup") && hasmntopt(m, "freezer"))
			strcpy(c->freezer, m->mnt_dir);
		if (!str_eq(m->mnt_type, "cgroup2") || c->mount_fd >= 0)
			continue;
		strcpy(c->mount, m->mnt_dir);
		c->mount_fd = open(c->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (mounts)
		endmntent(mounts);
}

struct cgroups *cgroups__new(void)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->mount_fd = -1;
	find_mount(c);
	return c;
}

static void drop(struct cgroups *c, struct known_cgroup *k)
{
	HASH_DEL(c->by_id, k);
	free(k->path);
	free(k);
}

void cgroups__free(struct cgroups *c)
{
	if (!c)
		return;
	while (c->by_id)
		drop(c, c->by_id);
	close_fd_cleanup(&c->mount_fd);
	free(c);
}

static char *look_up(const struct cgroups *c, uint64_t id)
{
	struct handle h = { .head = { .handle_bytes = sizeof(h.id), .handle_type = FILEID_KERNFS },
			    .id = id };
	char link[64], path[4096];
	__close_fd int fd = -1;
	size_t skip = strlen(c->mount);
	ssize_t n;

	if (c->mount_fd < 0)
		return NULL;
	fd = open_by_handle_at(c->mount_fd, &h.head, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < (ssize_t)skip || strncmp(path, c->mount, skip))
		return NULL;
	path[n] = '\0';
	return strdup(n == (ssize_t)skip ? "/" : path + skip);
}

const char *cgroups__path(struct cgroups *c, uint64_t id)
{
	struct known_cgroup *k;

	HASH_FIND(hh, c->by_id, &id, sizeof(id), k);
	if (k)
		return k->path;
	while (HASH_COUNT(c->by_id) >= KEEP_MAX)
		drop(c, c->by_id);
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->id = id;
	HASH_ADD(hh, c->by_id, id, sizeof(k->id), k);
	if (k->hash_failed) {
		free(k);
		return NULL;
	}
	k->path = look_up(c, id);
	return k->path;
}

/* --- frozen --- */

/* Files of control groups are made up when they are read: short, and by nobody who could hang. */
static bool has_text(const char *mount, const char *group, const char *name, const char *text)
{
	__free_str struct str path = {}, content = {};
	__close_fd int fd = -1;

	str__addf(&path, "%s%s/%s", mount, group, name);
	fd = path.s ? open(path.s, O_RDONLY | O_CLOEXEC) : -1;
	return fd >= 0 && !file__read_fd(fd, 4096, &content) && content.s && strstr(content.s, text);
}

/* "0::/group", "7:freezer:/group" */
static bool is_line_frozen(const struct cgroups *c, char *line, struct str *ret)
{
	char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
	bool is_it;

	if (!group)
		return false;
	*group++ = '\0';
	group[strcspn(group, "\n")] = '\0';
	if (!names[1])
		is_it = c->mount_fd >= 0 && has_text(c->mount, group, "cgroup.events", "frozen 1");
	else
		is_it = *c->freezer && has_option(names + 1, "freezer", strlen("freezer")) &&
			has_text(c->freezer, group, "freezer.state", "FROZEN");
	if (is_it)
		str__adds(ret, group);
	return is_it;
}

bool cgroups__is_frozen(const struct cgroups *c, int proc_dir, struct str *ret)
{
	int fd = openat(proc_dir, "cgroup", O_RDONLY | O_CLOEXEC);
	__close_file FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	__free_mem char *line = NULL;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		if (is_line_frozen(c, line, ret))
			return true;
	return false;
}

/* --- members --- */

static int each_in_file(int dir_fd, int (*fn)(void *ctx, uint32_t pid), void *ctx)
{
	int fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC), err = 0;
	__close_file FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned int pid;

	if (!f)
		return -errno;
	while (!err && fscanf(f, "%u", &pid) == 1)
		err = fn(ctx, pid);
	return err;
}

static int each_below(int dir_fd, int depth, int (*fn)(void *ctx, uint32_t pid), void *ctx)
{
	struct dirent *e;
	DIR *dir;
	int err = each_in_file(dir_fd, fn, ctx);

	dir = fdopendir(dir_fd);	/* takes the descriptor */
	if (!dir) {
		close(dir_fd);
		return err ?: -errno;
	}
	while (!err && depth < DEPTH_MAX && (e = readdir(dir))) {
		int fd;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)	/* else it was removed meanwhile, and is empty */
			err = each_below(fd, depth + 1, fn, ctx);
	}
	closedir(dir);
	return err;
}

int cgroup__each_process(const char *path, int (*fn)(void *ctx, uint32_t pid), void *ctx)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : each_below(fd, 0, fn, ctx);
}
