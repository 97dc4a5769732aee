/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a service is found, and who may come. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/socket.h"
#include "util/cleanup.h"

#define BACKLOG 128
#define FIRST_FD 3		/* sd_listen_fds(3) */
#define GROUPS_MAX 65536	/* the kernel's limit */
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

bool socket__find_group(const char *name, gid_t *ret)
{
	const struct group *g = name ? getgrnam(name) : NULL;

	if (g)
		*ret = g->gr_gid;
	return g;
}

static int address(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	strcpy(ret->sun_path, path);
	return 0;
}

int socket__connect(const char *path)
{
	__close_fd int fd = -1;
	struct sockaddr_un a;
	int err = address(path, &a);

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return -errno;
	return steal_fd(&fd);
}

/* What systemd has opened for us, and for us alone. */
static int handed_over(void)
{
	const char *pid = getenv("LISTEN_PID"), *cnt = getenv("LISTEN_FDS");
	struct stat st;

	if (!pid || !cnt || strtoul(pid, NULL, 10) != (unsigned long)getpid() || strtoul(cnt, NULL, 10) != 1)
		return -ENOENT;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	if (fstat(FIRST_FD, &st) || !S_ISSOCK(st.st_mode) || fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) ||
	    fcntl(FIRST_FD, F_SETFL, O_NONBLOCK))
		return -ENOTSOCK;
	return FIRST_FD;
}

static int make_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	__free_mem char *folder = slash && slash != path ? strndup(path, slash - path) : NULL;

	if (folder && mkdir(folder, 0755) && errno != EEXIST)
		return -errno;
	return 0;
}

/* What a service has left that was killed is in the way; one that answers is not replaced. */
static int make_way(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket__connect(path);
	if (fd >= 0) {
		close(fd);
		return -EADDRINUSE;
	}
	return unlink(path) ? -errno : 0;
}

int socket__listen(const char *path, const char *group)
{
	__close_fd int fd = handed_over();
	struct sockaddr_un a;
	gid_t gid = 0;
	mode_t mask;
	int err;

	if (fd != -ENOENT)
		return steal_fd(&fd);
	err = address(path, &a) ?: make_folder(path) ?: make_way(path);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	err = fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ? -errno : 0;
	umask(mask);
	if (err)
		return err;
	if (socket__find_group(group, &gid) && (lchown(path, (uid_t)-1, gid) || chmod(path, 0660)))
		err = -errno;
	if (!err && listen(fd, BACKLOG))
		err = -errno;
	if (err)
		(void)unlink(path);
	return err ?: steal_fd(&fd);
}

void socket__remove(const char *path)
{
	(void)unlink(path);
}

static int read_groups(int fd, struct identity *ret)
{
	socklen_t n = 64 * sizeof(gid_t);

	for (;;) {
		gid_t *v = realloc(ret->groups, n);

		if (!v)
			return -ENOMEM;
		ret->groups = v;
		if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, v, &n)) {
			ret->group_cnt = n / sizeof(*v);
			return 0;
		}
		if (errno != ERANGE || n > GROUPS_MAX * sizeof(gid_t))
			return -errno;
	}
}

int socket__who(int fd, struct identity *ret)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	int err;

	*ret = (struct identity){};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) || n != sizeof(who))
		return -errno;
	/* Of a user namespace that maps him to nobody here. */
	if (who.uid == (uid_t)-1 || who.pid <= 0)
		return -EPERM;
	*ret = (struct identity){ .is_other = who.uid, .uid = who.uid, .gid = who.gid };
	err = read_groups(fd, ret);
	if (err)
		identity__free(ret);
	return err;
}

bool socket__may_ask(const struct identity *who, bool has_group, gid_t group)
{
	if (!who->uid)
		return true;
	if (!has_group)
		return false;
	for (size_t i = 0; i < who->group_cnt; i++)
		if (who->groups[i] == group)
			return true;
	return who->gid == group;
}
