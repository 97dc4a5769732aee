/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command that is run under observation. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "capture/child.h"
#include "util/str.h"

struct child {
	pid_t pid;
	int pidfd;
	int go_fd;		/* a byte lets it exec */
	int err_fd;		/* gives errno, or ends when the program runs */
	bool ended;
	int status;
};

/* The lookup happens before the child is followed, so that its exec is the first that is seen. */
static int find_program(const char *name, struct str *ret)
{
	const char *dir = getenv("PATH") ?: "/usr/local/bin:/usr/bin:/bin", *end;
	int err = -ENOENT;
	struct stat st;

	if (strchr(name, '/')) {
		str__adds(ret, name);
		return str__err(ret);
	}
	for (;; dir = end + 1) {
		end = strchrnul(dir, ':');
		str__cut(ret, 0);
		str__add(ret, end > dir ? dir : ".", end > dir ? (size_t)(end - dir) : 1);
		str__addc(ret, '/');
		str__adds(ret, name);
		if (str__err(ret))
			return -ENOMEM;
		if (!stat(ret->s, &st) && S_ISREG(st.st_mode)) {
			if (!access(ret->s, X_OK))
				return 0;
			err = -EACCES;
		}
		if (!*end)
			return err;
	}
}

static int become(const struct child_user *user)
{
	if (!user->change)
		return 0;
	if (user->name ? initgroups(user->name, user->gid) : setgroups(0, NULL))
		return -errno;
	if (setgid(user->gid) || setuid(user->uid))
		return -errno;
	if ((user->home && setenv("HOME", user->home, 1)) ||
	    (user->name && (setenv("USER", user->name, 1) || setenv("LOGNAME", user->name, 1))))
		return -errno;
	return 0;
}

/* A script without "#!" is given to the shell, as execvp(3) and shells do. */
static int exec_script(const char *path, char *const *argv)
{
	__free_mem char **script = NULL;
	int n = 0, i;

	while (argv[n])
		n++;
	script = calloc(n + 2, sizeof(*script));
	if (!script)
		return -ENOMEM;
	script[0] = "sh";
	script[1] = (char *)path;
	for (i = 1; i < n; i++)
		script[i + 1] = argv[i];
	execv("/bin/sh", script);
	return -errno;
}

static int exec_program(const char *path, char *const *argv)
{
	execv(path, argv);
	return errno == ENOEXEC ? exec_script(path, argv) : -errno;
}

static void __attribute__((noreturn)) be_child(int go_fd, int err_fd, const char *path,
					       char *const *argv, const struct child_user *user,
					       const struct child_signals *signals)
{
	char byte;
	int err;

	signal(SIGPIPE, signals->on_pipe);
	sigprocmask(SIG_SETMASK, &signals->blocked, NULL);
	/* The end without a byte: the observer gave up, so nothing must be run. */
	if (read(go_fd, &byte, 1) != 1)
		_exit(127);
	err = become(user);
	if (!err)
		err = exec_program(path, argv);
	(void)!write(err_fd, &err, sizeof(err));
	_exit(127);
}

int child__start(char *const *argv, const struct child_user *user,
		 const struct child_signals *signals, struct child **ret)
{
	__free_child struct child *c = calloc(1, sizeof(*c));
	__close_fd int go_read = -1, err_write = -1;
	__free_str struct str path = {};
	int fds[2], err;

	if (!c)
		return -ENOMEM;
	c->pidfd = c->go_fd = c->err_fd = -1;
	err = find_program(argv[0], &path);
	if (err)
		return err;
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	go_read = fds[0];
	c->go_fd = fds[1];
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	c->err_fd = fds[0];
	err_write = fds[1];
	c->pid = fork();
	if (c->pid < 0)
		return -errno;
	if (!c->pid) {
		close(c->go_fd);
		be_child(go_read, err_write, path.s, argv, user, signals);
	}
	c->pidfd = syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0)
		return -errno;
	*ret = STEAL(c);
	return 0;
}

pid_t child__pid(const struct child *c)
{
	return c->pid;
}

int child__release(struct child *c)
{
	ssize_t n;
	int err;

	if (write(c->go_fd, "", 1) != 1)
		return errno == EPIPE ? 0 : -errno;	/* ended by a signal: its status tells */
	do {
		n = read(c->err_fd, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? err : 0;
}

int child__poll_fd(const struct child *c)
{
	return c->pidfd;
}

bool child__has_ended(struct child *c)
{
	siginfo_t info = {};

	return c->ended || (!waitid(P_PID, c->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid);
}

int child__status(struct child *c)
{
	int status;

	if (c->ended)
		return c->status;
	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	c->ended = true;
	c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return c->status;
}

void child__free(struct child *c)
{
	if (!c)
		return;
	close_fd_cleanup(&c->go_fd);	/* not released: it ends by itself now */
	if (c->pid > 0)
		(void)child__status(c);
	close_fd_cleanup(&c->pidfd);
	close_fd_cleanup(&c->err_fd);
	free(c);
}
