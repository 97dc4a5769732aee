/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the two halves of a run find and trust each other. */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "cmd/peer.h"
#include "util/fds.h"
#include "util/file.h"
#include "util/request.h"

#define BACKLOG 64	/* strangers may be in it, too */
#define FILE_SZ (64 << 10)
#define MAX_NESTED 33	/* PID namespaces, the kernel allows 32 below the first */

/* --- meeting --- */

int peer__listen(char ret_name[static PEER_NAME_SZ])
{
	__close_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t n = sizeof(a);
	size_t len;

	/* Only the family: the kernel takes an abstract name that is free, a NUL and five digits. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a.sun_family)) || listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&a, &n))
		return -errno;
	len = n - offsetof(struct sockaddr_un, sun_path);
	if (len < 2 || len > PEER_NAME_SZ || a.sun_path[0])
		return -EPROTO;
	memcpy(ret_name, a.sun_path + 1, len - 1);
	ret_name[len - 1] = '\0';
	return steal_fd(&fd);
}

int peer__accept(int listen_fd)
{
	struct ucred who;
	socklen_t n;
	int fd;

	for (;;) {
		fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return -errno;
		n = sizeof(who);
		if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) &&
		    (!who.uid || who.uid == getuid()))
			return fd;
		close(fd);
	}
}

int peer__connect(const char *name)
{
	__close_fd int fd = -1;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(name), i;
	int on = 1;

	for (i = 0; i < len; i++)
		if (!isxdigit((unsigned char)name[i]))
			return -EINVAL;
	if (!len || len >= PEER_NAME_SZ)
		return -EINVAL;
	memcpy(a.sun_path + 1, name, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Who sends is told with what is sent: see peer__receive(). */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
	    connect(fd, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + len))
		return -errno;
	return steal_fd(&fd);
}

/* --- talking --- */

int peer__put(int fd, const void *data, size_t n)
{
	const char *p = data;
	ssize_t done;

	while (n) {
		done = send(fd, p, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= done;
	}
	return 0;
}

int peer__get(int fd, void *data, size_t n)
{
	char *p = data;
	ssize_t done;

	while (n) {
		done = recv(fd, p, n, 0);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (!done)
			return -EPIPE;
		p += done;
		n -= done;
	}
	return 0;
}

int peer__send(int fd, const struct str *request, const int fds[static PEER_FD_CNT])
{
	return fds__send(fd, request->s, REQUEST_HEAD, fds, PEER_FD_CNT) ?:
	       peer__put(fd, request->s + REQUEST_HEAD, request->len - REQUEST_HEAD);
}

int peer__receive(int fd, struct str *text, int fds[static PEER_FD_CNT], struct ucred *sender)
{
	unsigned char head[REQUEST_HEAD];
	int err = fds__receive(fd, head, sizeof(head), fds, PEER_FD_CNT, sender);
	size_t n;

	for (int i = 0; !err && i < PEER_FD_CNT; i++)
		err = fds[i] < 0 ? -EPROTO : 0;
	err = err ?: request__length(head, &n);
	if (err)
		return err;
	if (!str__room(text, n))
		return -ENOMEM;
	err = peer__get(fd, text->s, n);
	text->len = err ? 0 : n;
	return err;
}

/* --- whose process it is --- */

/* The numbers behind "\nName:" in a file of /proc; how many there are of the cnt that are asked for. */
static int numbers_of(const char *text, const char *name, unsigned long *ret, int cnt)
{
	const char *at = strstr(text, name);
	char *end;
	int i;

	if (!at)
		return 0;
	at += strlen(name);
	for (i = 0; i < cnt; i++, at = end) {
		at += strspn(at, "\t ");
		if (!isdigit((unsigned char)*at))	/* -1 is a process that has ended */
			break;
		ret[i] = strtoul(at, &end, 10);
	}
	return i;
}

/* /proc/DIR/NUMBER, or /proc/NUMBER/FILE */
static int read_proc(struct str *text, const char *dir, int number, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s%d%s", dir, number, file);
	return file__read(path, FILE_SZ, text);
}

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

/*
 * What a process is called by /proc, which may be of another PID namespace, and by us. -EPERM: some
 * other descriptor, or a process that is out of sight.
 */
static int names_of(int pidfd, unsigned long *ret_proc, unsigned long *ret_ours)
{
	unsigned long in_namespaces[MAX_NESTED];
	__free_str struct str info = {};
	int cnt;

	if (read_proc(&info, "self/fdinfo/", pidfd, "") ||
	    !numbers_of(info.s, "\nPid:", ret_proc, 1) || !*ret_proc)
		return -EPERM;
	cnt = numbers_of(info.s, "\nNSpid:", in_namespaces, MAX_NESTED);
	*ret_ours = cnt ? in_namespaces[cnt - 1] : *ret_proc;
	return 0;
}

/* All four ids of a process, by its file in /proc. */
static bool is_of(const char *status, uid_t user)
{
	unsigned long uid[4];

	if (numbers_of(status, "\nUid:", uid, 4) != 4)
		return false;
	for (int i = 0; i < 4; i++)
		if (uid[i] != user)
			return false;
	return true;
}

/*
 * A child that lives cannot change its parent but by the parent's end, and its number is not reused:
 * so what its number's files say is true when it still lives afterwards.
 */
pid_t peer__check_child(int pidfd, const struct ucred *sender)
{
	unsigned long child, pid, parent, its_parent, unused;
	__close_fd int parent_fd = syscall(SYS_pidfd_open, sender->pid, 0);
	__free_str struct str status = {};

	if (parent_fd < 0 || names_of(parent_fd, &parent, &unused) || names_of(pidfd, &child, &pid))
		return -EPERM;
	if (read_proc(&status, "", child, "/status") || has_ended(pidfd))
		return -ESRCH;
	if (numbers_of(status.s, "\nPPid:", &its_parent, 1) != 1 || its_parent != parent ||
	    !is_of(status.s, sender->uid))
		return -EPERM;
	return pid;
}

pid_t peer__check_own(int pidfd, uid_t uid)
{
	unsigned long proc, pid;
	__free_str struct str status = {};
	char path[64];
	struct stat st;

	if (names_of(pidfd, &proc, &pid))
		return -EPERM;
	snprintf(path, sizeof(path), "/proc/%lu", proc);
	if (read_proc(&status, "", proc, "/status") || stat(path, &st) || has_ended(pidfd))
		return -ESRCH;
	/* The folder is root's when nobody may look into the process: a program with other rights. */
	return !uid || (is_of(status.s, uid) && st.st_uid == uid) ? (pid_t)pid : -EPERM;
}
