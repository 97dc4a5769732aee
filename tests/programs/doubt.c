/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls whose arguments or results are not what they seem at the exit: resolved below a root of their own,
 * answered by a filter, relative to what another thread or the call itself has changed meanwhile.
 */
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "expect.h"

static long told_open2(int dirfd, const char *as, const char *path, int resolve, const char *name)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = resolve };
	long fd = CALL(SYS_openat2, dirfd, as, &how, sizeof(how));
	char *const names[] = { (char *)name, NULL };

	told("open", "openat2", fd, "as", as, "*resolve", names, "path", path, NULL);
	return fd;
}

static void make_jail(void)
{
	mkdir("jail", 0755);
	mkdir("jail/etc", 0755);
	mkdir("jail/a", 0755);
	make_file("jail/etc/go.mod", "module inside\n", 0644);
	make_file("go.mod", "module outside\n", 0644);
	if (symlink("/etc/go.mod", "jail/link"))
		die("symlink");
}

/* Every name leads to the same file, and none of them out of the jail. */
static void in_root(int argc, char **argv)
{
	static const char *const names[] = { "/etc/go.mod", "/link", "../../etc/go.mod",
					     "a/../../etc/go.mod", "etc/go.mod" };
	int dir;

	make_jail();
	dir = open("jail", O_PATH | O_DIRECTORY);
	EXPECT_BEGIN();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		close(told_open2(dir, names[i], in("jail/etc/go.mod"), RESOLVE_IN_ROOT, "IN_ROOT"));
	told_open2(dir, "/none", in("jail/none"), RESOLVE_IN_ROOT, "IN_ROOT");
	told_open2(dir, "../none", in("jail/none"), RESOLVE_IN_ROOT, "IN_ROOT");
	told_open2(dir, "a/../../none", NULL, RESOLVE_IN_ROOT, "IN_ROOT");
	close(told_open2(dir, "etc/go.mod", in("jail/etc/go.mod"), RESOLVE_BENEATH, "BENEATH"));
	told_open2(dir, "../go.mod", in("go.mod"), RESOLVE_BENEATH, "BENEATH");
	EXPECT_END();
}

static void ignore(int sig)
{
}

/* stat is answered so, readlinkat is not touched. */
static void filter_stat(unsigned int answer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, code };

	signal(SIGSYS, ignore);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog)) {
		fprintf(stderr, "no filters here: %s\n", strerror(errno));
		_exit(77);
	}
}

static void answered(unsigned int answer)
{
	char target[16];
	struct stat st;

	memset(&st, 'S', sizeof(st));
	if (symlink("target", "link"))
		die("symlink");
	filter_stat(answer);
	EXPECT_BEGIN();
	(void)CALL(SYS_newfstatat, AT_FDCWD, in("f"), &st, 0);
	told("stat", "newfstatat", 0, "as", in("f"), NULL);
	(void)CALL(SYS_readlinkat, AT_FDCWD, "link", target, sizeof(target));
	told("readlink", "readlinkat", 0, "as", "link", "target", "target", NULL);
	EXPECT_END();
}

static void trapped(int argc, char **argv)
{
	answered(SECCOMP_RET_TRAP);
}

static void pretended(int argc, char **argv)
{
	answered(SECCOMP_RET_ERRNO);	/* of no error */
}

static void let_pass(int argc, char **argv)
{
	make_file("f", "", 0644);
	answered(SECCOMP_RET_ALLOW);
}

/* --- while a call is under way --- */

static const char *way;
static char text[32] = "f";
static int dir, ready;

/* Waits for a writer, which comes when the other thread has changed what this is relative to. */
static void *wait_and_open(void *ctx)
{
	__atomic_store_n(&ready, gettid(), __ATOMIC_RELEASE);
	close(openat(!strcmp(way, "dirfd") ? dir : AT_FDCWD, text, O_RDONLY));
	return NULL;
}

static bool is_waiting(int tid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d 0x%*x 0x%*x 0x%*x%c", &state) < 0)
		state = 0;
	if (f)
		fclose(f);
	return state == ' ';
}

static void blocked(int argc, char **argv)
{
	pthread_t thread;
	int other;

	way = argv[-1];
	mkdir("A", 0755);
	mkdir("B", 0755);
	if (mkfifo("A/f", 0644) || mkfifo("B/f", 0644) || chdir("A"))
		die("A");
	dir = open(".", O_RDONLY | O_DIRECTORY);
	other = open("../B", O_RDONLY | O_DIRECTORY);
	pthread_create(&thread, NULL, wait_and_open, NULL);
	while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE) || !is_waiting(ready))
		usleep(1000);
	usleep(20000);
	if (!strcmp(way, "cwd"))
		(void)fchdir(other);
	if (!strcmp(way, "dirfd"))
		dup2(other, dir);
	if (!strcmp(way, "text"))
		strcpy(text, "other-name");
	close(open(in("A/f"), O_WRONLY));
	pthread_join(thread, NULL);
}

static void *signal_and_write(void *ctx)
{
	while (!is_waiting(getpid()))
		usleep(1000);
	usleep(20000);
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	usleep(200000);
	close(open(in("f"), O_WRONLY));
	return NULL;
}

static void interrupted(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	pthread_t thread;

	if (mkfifo("f", 0644) || sigaction(SIGUSR1, &action, NULL))
		die("f");
	pthread_create(&thread, NULL, signal_and_write, NULL);
	close(open("f", O_RDONLY));
	pthread_join(thread, NULL);
}

/* One thread changes the directory while the other waits for it to be done. */
static void *look_after(void *ctx)
{
	pthread_barrier_wait(ctx);
	pthread_barrier_wait(ctx);
	(void)syscall(SYS_faccessat, AT_FDCWD, "after", F_OK);
	return NULL;
}

static void handed_over(int argc, char **argv)
{
	pthread_barrier_t both;
	pthread_t thread;

	mkdir("A", 0755);
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&thread, NULL, look_after, &both);
	pthread_barrier_wait(&both);
	usleep(100000);
	if (chdir("A"))
		die("A");
	pthread_barrier_wait(&both);
	pthread_join(thread, NULL);
}

/* --- what the call itself, or another, takes away --- */

static void told_look(const char *as, const char *path)
{
	told("access", "faccessat", CALL(SYS_faccessat, AT_FDCWD, as, F_OK), "as", as, "path", path, NULL);
}

/* Another directory at the path of a removed one is not it. */
static void removed(int argc, char **argv)
{
	mkdir("up", 0755);
	mkdir("up/d", 0755);
	if (chdir("up/d"))
		die("up/d");
	EXPECT_BEGIN();
	told_look("before", in("up/d/before"));
	if (rmdir(in("up/d")) || mkdir(in("up/d"), 0755))
		die("up/d");
	told_look("after", NULL);
	told_look("../beside", in("up/beside"));
	EXPECT_END();
}

static void moved(int argc, char **argv)
{
	int fd;

	mkdir("a", 0755);
	mkdir("a/b", 0755);
	mkdir("a/c", 0755);
	mkdir("z", 0755);
	fd = open("a/c", O_RDONLY | O_DIRECTORY);
	EXPECT_BEGIN();
	(void)chdir("a/b");
	told("chdir", "chdir", 0, "as", "a/b", "path", in("a/b"), NULL);
	told("rename", "renameat", CALL(SYS_renameat, AT_FDCWD, "../b", AT_FDCWD, "../../z/b2"), "as", "../b",
	     "path", in("a/b"), "as2", "../../z/b2", "path2", in("z/b2"), NULL);
	told_look("x", in("z/b2/x"));
	told("rename", "renameat", CALL(SYS_renameat, fd, "../c", fd, "../../z/c2"), "as", "../c", NULL);
	EXPECT_END();
}

static void nested_roots(int argc, char **argv)
{
	mkdir("jail", 0755);
	mkdir("jail/sub", 0755);
	EXPECT_BEGIN();
	told("chdir", "chroot", CALL(SYS_chroot, "jail"), "as", "jail", "path", in("jail"), NULL);
	told("chdir", "chdir", CALL(SYS_chdir, "/"), "as", "/", "path", "/", NULL);
	told("chdir", "chroot", CALL(SYS_chroot, "sub"), "as", "sub", "path", "/sub", NULL);
	EXPECT_END();
}

/* A mount namespace of its own without an exec: the same path is another file. */
static void own_mounts(int argc, char **argv)
{
	mkdir("m", 0755);
	make_file("m/go.mod", "module outside\n", 0644);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "m", "tmpfs", 0, NULL)) {
		fprintf(stderr, "no mount namespaces here: %s\n", strerror(errno));
		_exit(77);
	}
	make_file("m/go.mod", "module inside\n", 0644);
	close(open("m/go.mod", O_RDONLY));
	while (access("stop", F_OK))
		usleep(10000);
}

/* A child that is born in the control group argv[0], and a look outside. */
static void born(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	long pid;

	args.cgroup = open(argv[0], O_RDONLY | O_DIRECTORY);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0) {
		fprintf(stderr, "nobody is born in a control group here: %s\n", strerror(errno));
		_exit(77);
	}
	(void)access(pid ? "outside" : "born", F_OK);
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "in-root",		in_root },
		{ "trapped",		trapped },
		{ "pretended",		pretended },
		{ "let-pass",		let_pass },
		{ "cwd",		blocked },
		{ "dirfd",		blocked },
		{ "text",		blocked },
		{ "nothing",		blocked },
		{ "interrupted",	interrupted },
		{ "handed-over",	handed_over },
		{ "removed",		removed },
		{ "moved",		moved },
		{ "nested-roots",	nested_roots },
		{ "own-mounts",		own_mounts },
		{ "born",		born },
		{ 0 },
	};

	return expect_main(cases, argc, argv);
}
