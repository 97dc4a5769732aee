/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How processes begin, become other programs, and end. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "expect.h"

static char self[4096];		/* this executable */

static void told_open(const char *as)
{
	long ret = CALL(SYS_openat, AT_FDCWD, as, O_RDONLY);

	told("open", "openat", ret, "as", as, "path", in(as), NULL);
	if (ret >= 0)
		close(ret);
}

static void told_exit(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (WIFSIGNALED(status))
		told_of(pid, "exit", NULL, 0, "#signal", (long)WTERMSIG(status), NULL);
	else
		told_of(pid, "exit", NULL, 0, "#code", (long)WEXITSTATUS(status), NULL);
}

static pid_t told_fork(unsigned long flags)
{
	long pid = CALL(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		die("clone");
	if (pid)
		told("fork", NULL, 0, "#child", pid, NULL);
	return pid;
}

/* What a successful exec of this executable looks like; to be told just before it. */
static void told_exec(const char *file, const char *exe, char *const *args)
{
	char cwd[4096];

	told("exec", NULL, 0, "file", file, "exe", exe, "*args", args, "cwd", getcwd(cwd, sizeof(cwd)),
	     "#ppid", (long)getppid(), NULL);
}

static void exec_self(char *const *args)
{
	told_exec(self, self, args);
	syscall(SYS_execve, self, args, environ);
	die("execve");
}

/* The other side of an exec: an open, and an exit with the code given. */
static void child(int argc, char **argv)
{
	EXPECT_BEGIN();
	told_open("in-child");
	EXPECT_END();
	_exit(argc ? atoi(argv[0]) : 0);
}

static void forks(int argc, char **argv)
{
	char *args[] = { self, "child", "3", NULL };
	pid_t pid;

	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		told_open("forked");
		exec_self(args);
	}
	told_exit(pid);
	/* the child runs in our memory, and we wait until it execs */
	pid = vfork();
	if (!pid) {
		told_open("vforked");
		exec_self(args);
	}
	told("fork", NULL, 0, "#child", (long)pid, NULL);
	told_exit(pid);
	pid = vfork();
	if (!pid) {
		told_open("vforked");
		_exit(9);
	}
	told("fork", NULL, 0, "#child", (long)pid, NULL);
	told_exit(pid);
	told_open("parent");
	EXPECT_END();
}

static void *thread_execs(void *arg)
{
	char *args[] = { self, "child", "4", NULL };

	told_open("in-thread");
	/* the thread takes over the process's id with the new program */
	told_of(getpid(), "exec", NULL, 0, "file", self, "exe", self, "*args", args, NULL);
	syscall(SYS_execve, self, args, environ);
	die("execve");
	return NULL;
}

/* A thread that is not the first one runs another program. */
static void thread_exec(int argc, char **argv)
{
	pthread_t id;
	pid_t pid;

	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		told_open("leader");
		/* no "fork" can be told for the thread: nobody is left to tell it */
		told("fork", NULL, 0, "?thread", 1, NULL);
		if (pthread_create(&id, NULL, thread_execs, NULL))
			die("thread");
		for (;;)
			pause();
	}
	told_exit(pid);
	EXPECT_END();
}

/* execveat: by descriptor alone, and relative to a directory. */
static void fexec(int argc, char **argv)
{
	char *args[] = { "by-fd", "child", "5", NULL };
	int fd = open(self, O_RDONLY | O_CLOEXEC);
	char dir[4096], *name;
	int dfd;
	pid_t pid;

	snprintf(dir, sizeof(dir), "%s", self);
	name = strrchr(dir, '/');
	*name++ = '\0';
	dfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		told("exec", NULL, 0, "exe", self, "*args", args, NULL);
		syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH);
		die("execveat");
	}
	told_exit(pid);
	pid = told_fork(0);
	if (!pid) {
		told("exec_failed", "execveat", CALL(SYS_execveat, dfd, "no-such", args, environ, 0),
		     "file", "no-such", NULL);
		told("exec", NULL, 0, "exe", self, "*args", args, NULL);
		syscall(SYS_execveat, dfd, name, args, environ, 0);
		die("execveat");
	}
	told_exit(pid);
	EXPECT_END();
}

static void told_exec_failed(const char *file, const char *path, char *const *args)
{
	told("exec_failed", "execve", CALL(SYS_execve, file, args, environ), "file", file, "path", path,
	     "*args", args, NULL);
}

static void exec_failed(int argc, char **argv)
{
	char *args[] = { "program", "with", "arguments", "", "and spaces", NULL };
	int fd;

	make_file("plain", "#!/bin/sh\n", 0644);
	make_file("garbage", "\x01\x02\x03 not a program", 0755);
	make_file("lost-script", "#!/no/such/interpreter\n", 0755);
	make_file("busy", "", 0755);
	mkdir("dir", 0755);
	CALL(SYS_symlink, "loop", "loop");
	EXPECT_BEGIN();
	told_exec_failed("none", in("none"), args);
	told_exec_failed("plain", in("plain"), args);
	told_exec_failed("garbage", in("garbage"), args);
	told_exec_failed("lost-script", in("lost-script"), args);
	told_exec_failed("dir", in("dir"), args);
	told_exec_failed("plain/x", in("plain/x"), args);
	told_exec_failed("loop", in("loop"), args);
	fd = syscall(SYS_open, "busy", O_WRONLY);
	told("open", "open", fd, "as", "busy", NULL);
	told_exec_failed("busy", in("busy"), args);
	EXPECT_END();
}

/* A search along a long PATH, as execvp does it: the last of 200 directories has the program. */
static void path_storm(int argc, char **argv)
{
	char *args[] = { "child", "child", "6", NULL };
	char path[64];
	pid_t pid;

	mkdir("bin199", 0755);
	CALL(SYS_symlink, self, "bin199/prog");
	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		for (int i = 0; i < 199; i++) {
			snprintf(path, sizeof(path), "bin%d/prog", i);
			told_exec_failed(path, in(path), args);
		}
		told_exec("bin199/prog", self, args);
		syscall(SYS_execve, "bin199/prog", args, environ);
		die("execve");
	}
	told_exit(pid);
	EXPECT_END();
}

/* The interpreter is this program: it gets "child 7" from the first line, then the script's name. */
static void script(int argc, char **argv)
{
	char *args[] = { "script", "one", NULL };
	char *seen[] = { "interp", "script-mode", "./script.x", "one", NULL };
	char text[64];
	pid_t pid;

	CALL(SYS_symlink, self, "interp");
	snprintf(text, sizeof(text), "#!interp script-mode\n");
	make_file("script.x", text, 0755);
	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		told("exec", NULL, 0, "file", "./script.x", "exe", self, "interp", "interp", "*args", seen,
		     NULL);
		syscall(SYS_execve, "./script.x", args, environ);
		die("execve");
	}
	told_exit(pid);
	EXPECT_END();
}

static void *wait_then_exit_group(void *arg)
{
	usleep(50000);
	told_open("last-thread");
	EXPECT_END();
	_exit(5);
}

static void *wait_then_exit_thread(void *arg)
{
	usleep(50000);
	told_open("last-thread");
	syscall(SYS_exit, 6);	/* this thread only, and it is the last one */
	return NULL;
}

static void leader_exits(void *(*body)(void *))
{
	pthread_t id;

	told("fork", NULL, 0, "?thread", 1, NULL);
	if (pthread_create(&id, NULL, body, NULL))
		die("thread");
	told_open("leader");
	syscall(SYS_exit, 3);
}

/* Every way to end; each child tells an open first. */
static void exits(int argc, char **argv)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGABRT, 40 };
	struct rlimit no_core = { 0, 0 };
	pid_t pid;

	setrlimit(RLIMIT_CORE, &no_core);
	EXPECT_BEGIN();
	for (int code = 0; code < 256; code += 51) {
		pid = told_fork(0);
		if (!pid) {
			told_open("code");
			_exit(code);
		}
		told_exit(pid);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		pid = told_fork(0);
		if (!pid) {
			told_open("signal");
			syscall(SYS_kill, getpid(), signals[i]);
			for (;;)
				pause();
		}
		told_exit(pid);
	}
	pid = told_fork(0);
	if (!pid)
		leader_exits(wait_then_exit_group);
	told_exit(pid);
	pid = told_fork(0);
	if (!pid)
		leader_exits(wait_then_exit_thread);
	told_exit(pid);
	EXPECT_END();
}

/* 1 MiB of argv and 1 MiB of environment. The test makes the same strings. */
static void big(int argc, char **argv)
{
	static char *args[104], *env[104];
	struct rlimit stack = { 64 << 20, 64 << 20 };
	pid_t pid;

	setrlimit(RLIMIT_STACK, &stack);
	args[0] = self;
	args[1] = "child";
	args[2] = "0";
	for (int i = 0; i < 100; i++) {
		char *s = malloc(10240), *e = malloc(10240 + 16);

		if (!s || !e)
			die("malloc");
		memset(s, 'a' + i % 26, 10239);
		s[10239] = '\0';
		sprintf(e, "BIG_%03d=%s", i, s);
		args[3 + i] = s;
		env[i] = e;
	}
	env[100] = "GOFLAGS=-mod=readonly";
	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		told("exec", NULL, 0, "exe", self, "_big", "yes", NULL);
		syscall(SYS_execve, self, args, env);
		die("execve");
	}
	told_exit(pid);
	EXPECT_END();
}

static void brief_life(const char *tiny, const char *name)
{
	char *args[] = { (char *)name, NULL };
	pid_t pid;

	told("link", "link", CALL(SYS_link, tiny, name), "as", tiny, "as2", name, "path2", in(name), NULL);
	pid = vfork();
	if (!pid) {
		told_exec(name, in(name), args);
		syscall(SYS_execve, name, args, environ);
		die("execve");
	}
	told("fork", NULL, 0, "#child", (long)pid, NULL);
	told("unlink", "unlink", CALL(SYS_unlink, name), "as", name, "path", in(name), NULL);
	told_exit(pid);
}

/* Programs that live less than a millisecond and whose file is gone before they are. */
static void brief(int argc, char **argv)
{
	char name[64];

	EXPECT_BEGIN();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "tiny%d", i);
		brief_life(argc ? argv[0] : "tiny", name);
	}
	EXPECT_END();
}

/*
 * A 32-bit program without a libc (compat.c) cannot tell anything itself; what it does, in this
 * order, is told for it. Its stat64 is "stat" by kind, whatever the name of the call.
 */
static void compat(int argc, char **argv)
{
	char *args[] = { argc ? argv[0] : "", "x", NULL };
	char *again[] = { "again", NULL };
	pid_t pid;

	make_file("f", "text", 0644);
	CALL(SYS_symlink, args[0], "again");
	EXPECT_BEGIN();
	pid = vfork();	/* so that the exec is told before what comes after it */
	if (!pid) {
		told_exec(args[0], args[0], args);
		syscall(SYS_execve, args[0], args, environ);
		die("execve");
	}
	told("fork", NULL, 0, "#child", (long)pid, NULL);
	for (int round = 0; round < 2; round++) {
		told_of(pid, "open", "open", 0, "as", "f", "path", in("f"), "flags", "RDONLY", NULL);
		told_of(pid, "open", "open", -ENOENT, "as", "none", "path", in("none"), "flags", "RDONLY", NULL);
		told_of(pid, "open", "openat", 0, "as", "f", "path", in("f"), "flags", "RDONLY|CLOEXEC", NULL);
		told_of(pid, "access", "access", -ENOENT, "as", "none", "path", in("none"), NULL);
		told_of(pid, "stat", NULL, 0, "as", "f", "path", in("f"), NULL);
		told_of(pid, "readlink", "readlink", 0, "as", "again", "path", in("again"), "target", args[0], NULL);
		told_of(pid, "mkdir", "mkdir", round ? -EEXIST : 0, "as", "d32", "path", in("d32"), NULL);
		told_of(pid, "exec_failed", "execve", -ENOENT, "file", "none", "path", in("none"), NULL);
		if (!round)
			told_of(pid, "exec", NULL, 0, "file", "again", "exe", args[0], "*args", again, NULL);
	}
	told_exit(pid);
	EXPECT_END();
}

static void script_mode(int argc, char **argv)
{
	child(0, NULL);
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "child",	child },
		{ "script-mode", script_mode },
		{ "forks",	forks },
		{ "thread-exec", thread_exec },
		{ "fexec",	fexec },
		{ "exec-failed", exec_failed },
		{ "path-storm",	path_storm },
		{ "script",	script },
		{ "exits",	exits },
		{ "big",	big },
		{ "brief",	brief },
		{ "compat",	compat },
		{ 0 },
	};
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		die("readlink");
	return expect_main(cases, argc, argv);
}
