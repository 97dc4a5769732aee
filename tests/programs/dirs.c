/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths whose meaning depends on directories: threads, dirfd, chroot, mounts, renames, depth. */
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "expect.h"

static void told_open(int dirfd, const char *as, const char *path)
{
	long ret = CALL(SYS_openat, dirfd, as, O_RDONLY);

	told("open", "openat", ret, "as", as, "path", path, "flags", "RDONLY", NULL);
	if (ret >= 0)
		close(ret);
}

static void told_chdir(const char *as, const char *path)
{
	told("chdir", "chdir", CALL(SYS_chdir, as), "as", as, "path", path, NULL);
}

static void told_mkdir(const char *as, const char *path)
{
	told("mkdir", "mkdir", CALL(SYS_mkdir, as, 0755), "as", as, "path", path, NULL);
}

/* A child process, told as a fork; returns in the parent when it has ended well. */
static pid_t told_fork(unsigned long flags)
{
	long pid = CALL(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		die("clone");
	if (pid)
		told("fork", NULL, 0, "#child", pid, NULL);
	return pid;
}

static void wait_well(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a child failed");
	told_of(pid, "exit", NULL, 0, "#code", 0L, NULL);
}

static void told_exit_child(void)
{
	EXPECT_END();
	_exit(0);
}

/* Threads: each body runs to its end before the next one starts. */
struct thread {
	void (*body)(void);
	pid_t tid;
};

static void *thread_run(void *arg)
{
	struct thread *t = arg;

	t->tid = gettid();
	/* Who has not begun to wait yet could be told of the change as a doubt, rightly. */
	usleep(100000);
	t->body();
	return NULL;
}

static void in_thread(void (*body)(void))
{
	struct thread t = { .body = body };
	pthread_t id;

	if (pthread_create(&id, NULL, thread_run, &t) || pthread_join(id, NULL))
		die("thread");
	told("fork", NULL, 0, "#child", (long)t.tid, "?thread", 1, NULL);
}

static void chdir_sub(void)
{
	told_chdir("sub", in("sub"));
	told_open(AT_FDCWD, "f", in("sub/f"));
}

static void unshare_chdir_sub(void)
{
	if (unshare(CLONE_FS))
		die("unshare");
	chdir_sub();
}

/* A thread's chdir is everybody's. */
static void thread_shared(int argc, char **argv)
{
	mkdir("sub", 0755);
	EXPECT_BEGIN();
	told_open(AT_FDCWD, "f", in("f"));
	in_thread(chdir_sub);
	told_open(AT_FDCWD, "f", in("sub/f"));
	told_chdir("..", start_dir);
	EXPECT_END();
}

/* … but not after unshare(CLONE_FS). */
static void thread_unshared(int argc, char **argv)
{
	mkdir("sub", 0755);
	EXPECT_BEGIN();
	in_thread(unshare_chdir_sub);
	told_open(AT_FDCWD, "f", in("f"));
	in_thread(chdir_sub);
	told_open(AT_FDCWD, "f", in("sub/f"));
	EXPECT_END();
}

/* A child process that shares its cwd with its parent, and one that does not. */
static void process_shared(int argc, char **argv)
{
	static const unsigned long how[] = { 0, CLONE_FS };
	pid_t pid;

	mkdir("sub", 0755);
	EXPECT_BEGIN();
	for (int i = 0; i < 2; i++) {
		pid = told_fork(how[i]);
		if (!pid) {
			chdir_sub();
			told_exit_child();
		}
		wait_well(pid);
		told_open(AT_FDCWD, "f", in(i ? "sub/f" : "f"));
	}
	EXPECT_END();
}

/* Relative to descriptors: duplicated, reused for another directory, no directory, not open. */
static void dirfd(int argc, char **argv)
{
	int a, b, file;

	mkdir("a", 0755);
	mkdir("b", 0755);
	mkdir("b/c", 0755);
	make_file("b/c/f", "", 0644);
	a = open("a", O_RDONLY | O_DIRECTORY);
	b = open("b/c", O_PATH);
	file = open("b/c/f", O_RDONLY);
	EXPECT_BEGIN();
	told_open(a, "f", in("a/f"));
	told_open(b, "f", in("b/c/f"));
	told_open(b, "../f", in("b/f"));
	told_open(b, "./f", in("b/c/f"));
	dup2(b, a);
	told_open(a, "f", in("b/c/f"));
	told_open(file, "f", NULL);
	told_open(777, "f", NULL);
	told_open(777, in("b/c/f"), in("b/c/f"));	/* absolute: the descriptor is not looked at */
	told("rename", "renameat", CALL(SYS_renameat, a, "f", AT_FDCWD, "a/g"), "as", "f", "path",
	     in("b/c/f"), "as2", "a/g", "path2", in("a/g"), NULL);
	told("mkdir", "mkdirat", CALL(SYS_mkdirat, b, "h", 0755), "as", "h", "path", in("b/c/h"), NULL);
	told("link", "linkat", CALL(SYS_linkat, AT_FDCWD, "a/g", b, "g", 0), "as", "a/g", "path",
	     in("a/g"), "as2", "g", "path2", in("b/c/g"), NULL);
	told("symlink", "symlinkat", CALL(SYS_symlinkat, "x", b, "s"), "as", "x", "as2", "s", "path2",
	     in("b/c/s"), NULL);
	told("unlink", "unlinkat", CALL(SYS_unlinkat, b, "h", AT_REMOVEDIR), "as", "h", "path",
	     in("b/c/h"), NULL);
	EXPECT_END();
}

static void do_chroot(int argc, char **argv)
{
	pid_t pid;

	mkdir("root", 0755);
	mkdir("root/etc", 0755);
	make_file("root/etc/x", "", 0644);
	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		told("chdir", "chroot", CALL(SYS_chroot, "root"), "as", "root", "path", in("root"), NULL);
		told_open(AT_FDCWD, "f", NULL);		/* the cwd is not below the root */
		told_open(AT_FDCWD, "/etc/x", "/etc/x");
		told_chdir("/", "/");
		told_open(AT_FDCWD, "etc/x", "/etc/x");
		told_open(AT_FDCWD, "../etc/x", "/etc/x");
		told_chdir("etc", "/etc");
		told_open(AT_FDCWD, "x", "/etc/x");
		told_exit_child();
	}
	wait_well(pid);
	told_open(AT_FDCWD, "root/etc/x", in("root/etc/x"));
	EXPECT_END();
}

/* A mount namespace with a bind mount, then another root by pivot_root. */
static void mounts(int argc, char **argv)
{
	pid_t pid;

	mkdir("a", 0755);
	mkdir("a/sub", 0755);
	mkdir("b", 0755);
	mkdir("new", 0755);
	EXPECT_BEGIN();
	pid = told_fork(0);
	if (!pid) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("a", "b", NULL, MS_BIND, NULL) || mount("new", "new", "tmpfs", 0, NULL))
			die("mount");
		told_chdir("b/sub", in("b/sub"));
		told_open(AT_FDCWD, "f", in("b/sub/f"));
		told_chdir(in("a/sub"), in("a/sub"));
		told_open(AT_FDCWD, "f", in("a/sub/f"));
		told_chdir(in("new"), in("new"));
		told_mkdir("old", in("new/old"));
		told_mkdir("etc", in("new/etc"));
		if (syscall(SYS_pivot_root, ".", "old"))
			die("pivot_root");
		told_chdir("/", "/");
		told_open(AT_FDCWD, "etc/f", "/etc/f");
		told_chdir("etc", "/etc");
		told_open(AT_FDCWD, "f", "/etc/f");
		told_chdir("/old", "/old");
		told_open(AT_FDCWD, "none", "/old/none");
		told_exit_child();
	}
	wait_well(pid);
	told_open(AT_FDCWD, "b/sub/f", in("b/sub/f"));
	EXPECT_END();
}

static void told_rename(const char *as, const char *as2)
{
	told("rename", "rename", CALL(SYS_rename, as, as2), "as", as, "as2", as2, "path", as, "path2",
	     as2, NULL);
}

/* Somebody's cwd, or a directory above it, gets another name: by itself and by another process. */
static void renamed(int argc, char **argv)
{
	pid_t pid;
	int fd;

	mkdir("p", 0755);
	mkdir("p/d", 0755);
	fd = open("p/d", O_RDONLY | O_DIRECTORY);
	EXPECT_BEGIN();
	told_chdir("p/d", in("p/d"));
	told_open(AT_FDCWD, "f", in("p/d/f"));
	told_open(fd, "f", in("p/d/f"));
	told_rename(in("p/d"), in("p/e"));
	told_open(AT_FDCWD, "f", in("p/e/f"));
	told_rename(in("p"), in("q"));
	told_open(AT_FDCWD, "f", in("q/e/f"));
	told_open(fd, "f", in("q/e/f"));
	pid = told_fork(0);
	if (!pid) {
		told_rename(in("q/e"), in("q/z"));
		told_open(AT_FDCWD, "f", in("q/z/f"));
		told_exit_child();
	}
	wait_well(pid);
	told_open(AT_FDCWD, "f", in("q/z/f"));
	told_open(AT_FDCWD, "../f", in("q/f"));
	EXPECT_END();
}

/* A directory is removed and another one made: the inode number is often the same. */
static void reused(int argc, char **argv)
{
	char name[32];

	EXPECT_BEGIN();
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		told_mkdir(name, in(name));
		told_chdir(name, in(name));
		snprintf(name, sizeof(name), "d%d/f", i);
		told_open(AT_FDCWD, "f", in(name));
		told_chdir("..", start_dir);
		snprintf(name, sizeof(name), "d%d", i);
		told("unlink", "rmdir", CALL(SYS_rmdir, name), "as", name, "path", in(name), NULL);
	}
	told_mkdir("gone", in("gone"));
	told_chdir("gone", in("gone"));
	told("unlink", "rmdir", CALL(SYS_rmdir, in("gone")), "as", in("gone"), "path", in("gone"), NULL);
	told_open(AT_FDCWD, "f", NULL);		/* in a directory that has no name any more */
	told_chdir(start_dir, start_dir);
	EXPECT_END();
}

/* Paths of 4,095 bytes, the longest there are, and longer ones, which the kernel refuses. */
static void long_paths(int argc, char **argv)
{
	static char path[8192], name[201];
	size_t n;

	memset(name, 'n', 200);
	n = snprintf(path, sizeof(path), "%s", start_dir);
	while (n + 1 + 200 < 4095) {
		if (mkdir(name, 0755) || chdir(name))
			die("mkdir");
		n += snprintf(path + n, sizeof(path) - n, "/%s", name);
	}
	memset(name, 'l', 200);
	name[4095 - n - 1] = '\0';
	if (chdir(start_dir))
		die("chdir");
	snprintf(path + n, sizeof(path) - n, "/%s", name);
	EXPECT_BEGIN();
	told_open(AT_FDCWD, path, path);
	told("open", "openat", CALL(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0600), "as", path,
	     "path", path, NULL);
	told_open(AT_FDCWD, path, path);
	for (n = 0; n < 4094; n += 2)
		memcpy(path + n, "./", 2);
	memcpy(path + n, "f", 2);
	told_open(AT_FDCWD, path, in("f"));
	for (n = 0; n < 5000; n += 2)
		memcpy(path + n, "a/", 2);
	path[5000] = '\0';
	told("open", "openat", CALL(SYS_openat, AT_FDCWD, path, O_RDONLY), "as_begins", path, NULL);
	path[4096] = '\0';
	told("access", "access", CALL(SYS_access, path, R_OK), "as_begins", path, NULL);
	EXPECT_END();
}

/* 100 directories, one in the other: the cwd is longer than any path that can be given. */
static void deep(int argc, char **argv)
{
	static char path[16384];
	size_t n = snprintf(path, sizeof(path), "%s", start_dir);
	char name[64];
	int fd;

	EXPECT_BEGIN();
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "level-%03d-%050d", i, i);
		n += snprintf(path + n, sizeof(path) - n, "/%s", name);
		told_mkdir(name, path);
		told_chdir(name, path);
	}
	fd = syscall(SYS_openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY);
	told("open", "openat", fd, "as", ".", "path", path, NULL);
	snprintf(path + n, sizeof(path) - n, "/f");
	told_open(AT_FDCWD, "f", path);
	told_chdir(start_dir, start_dir);
	told_open(fd, "f", path);
	EXPECT_END();
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "thread-shared",	thread_shared },
		{ "thread-unshared",	thread_unshared },
		{ "process-shared",	process_shared },
		{ "dirfd",		dirfd },
		{ "chroot",		do_chroot },
		{ "mounts",		mounts },
		{ "renamed",		renamed },
		{ "reused",		reused },
		{ "long",		long_paths },
		{ "deep",		deep },
		{ 0 },
	};

	return expect_main(cases, argc, argv);
}
