/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every recorded system call, made to succeed and to fail. */
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

#include "expect.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

struct how {
	unsigned long long flags, mode, resolve;
};

static void told_fd(const char *call, long ret, const char *as, const char *path, const char *flags)
{
	if (ret >= 0) {
		told("open", call, ret, "as", as, "path", path, "flags", flags, "#fd", ret, NULL);
		close(ret);
	} else {
		told("open", call, ret, "as", as, "path", path, "flags", flags, NULL);
	}
}

static void opens(int argc, char **argv)
{
	struct how how = { .flags = O_RDONLY | O_CLOEXEC };

	make_file("f", "text", 0644);
	CALL(SYS_mkdir, "dir", 0755);
	EXPECT_BEGIN();
	told_fd("open", CALL(SYS_open, "f", O_RDONLY), "f", in("f"), "RDONLY");
	told_fd("open", CALL(SYS_open, "./f", O_RDWR | O_APPEND), "./f", in("f"), "RDWR|APPEND");
	told_fd("open", CALL(SYS_open, "none", O_RDONLY), "none", in("none"), "RDONLY");
	told_fd("open", CALL(SYS_open, "f", O_WRONLY | O_CREAT | O_EXCL, 0600), "f", in("f"),
		"WRONLY|CREAT|EXCL");
	told_fd("open", CALL(SYS_open, "dir", O_WRONLY), "dir", in("dir"), "WRONLY");
	told_fd("open", CALL(SYS_open, "f/x", O_RDONLY), "f/x", in("f/x"), "RDONLY");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "f", O_RDONLY | O_CLOEXEC), "f", in("f"),
		"RDONLY|CLOEXEC");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, in("dir"), O_RDONLY | O_DIRECTORY), in("dir"),
		in("dir"), "RDONLY|DIRECTORY");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "dir", O_PATH | O_NOFOLLOW), "dir", in("dir"),
		"RDONLY|PATH|NOFOLLOW");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "new", O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK |
			       O_SYNC, 0640), "new", in("new"), "RDWR|CREAT|TRUNC|NONBLOCK|SYNC");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "none", O_RDONLY), "none", in("none"), "RDONLY");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "", O_RDONLY), "", NULL, "RDONLY");
	told_fd("openat2", CALL(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), "f", in("f"),
		"RDONLY|CLOEXEC");
	told_fd("openat2", CALL(SYS_openat2, AT_FDCWD, "none", &how, sizeof(how)), "none", in("none"),
		"RDONLY|CLOEXEC");
	how.resolve = 0x08;	/* RESOLVE_BENEATH */
	told_fd("openat2", CALL(SYS_openat2, AT_FDCWD, in("f"), &how, sizeof(how)), in("f"), in("f"),
		"RDONLY|CLOEXEC");
	told_fd("creat", CALL(SYS_creat, "made", 0600), "made", in("made"), NULL);
	told_fd("creat", CALL(SYS_creat, "none/made", 0600), "none/made", in("none/made"), NULL);
	EXPECT_END();
}

static void told_stat(const char *call, long ret, const char *as, const char *path, const char *type,
		      const struct stat *st)
{
	char mtime[32];

	if (ret < 0) {
		told("stat", call, ret, "as", as, "path", path, NULL);
		return;
	}
	snprintf(mtime, sizeof(mtime), "%lld",
		 (long long)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec);
	told("stat", call, ret, "as", as, "path", path, "type", type, "#size", (long)st->st_size,
	     "mtime", mtime, NULL);
}

static void stats(int argc, char **argv)
{
	struct timespec times[2] = { { 1000000007, 5 }, { 1600000000, 123456789 } };
	struct statx stx;
	struct stat st;
	char mtime[32];
	long ret;

	make_file("f", "twelve bytes", 0644);
	utimensat(AT_FDCWD, "f", times, 0);
	CALL(SYS_mkdir, "dir", 0755);
	CALL(SYS_symlink, "f", "link");
	CALL(SYS_mknod, "fifo", S_IFIFO | 0600, 0);
	EXPECT_BEGIN();
	ret = CALL(SYS_stat, "f", &st);
	told_stat("stat", ret, "f", in("f"), "file", &st);
	ret = CALL(SYS_stat, "link", &st);
	told_stat("stat", ret, "link", in("link"), "file", &st);
	ret = CALL(SYS_stat, "none", &st);
	told_stat("stat", ret, "none", in("none"), NULL, NULL);
	ret = CALL(SYS_lstat, "link", &st);
	told_stat("lstat", ret, "link", in("link"), "symlink", &st);
	ret = CALL(SYS_lstat, "f/none", &st);
	told_stat("lstat", ret, "f/none", in("f/none"), NULL, NULL);
	ret = CALL(SYS_newfstatat, AT_FDCWD, "f", &st, 0);
	told_stat("newfstatat", ret, "f", in("f"), "file", &st);
	ret = CALL(SYS_newfstatat, AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW);
	told_stat("newfstatat", ret, "link", in("link"), "symlink", &st);
	ret = CALL(SYS_newfstatat, AT_FDCWD, "/dev/null", &st, 0);
	told_stat("newfstatat", ret, "/dev/null", "/dev/null", "char", &st);
	ret = CALL(SYS_newfstatat, AT_FDCWD, "fifo", &st, 0);
	told_stat("newfstatat", ret, "fifo", in("fifo"), "fifo", &st);
	ret = CALL(SYS_newfstatat, AT_FDCWD, "dir", &st, 0);
	told_stat("newfstatat", ret, "dir", in("dir"), "dir", &st);
	ret = CALL(SYS_newfstatat, AT_FDCWD, "none", &st, 0);
	told_stat("newfstatat", ret, "none", in("none"), NULL, NULL);
	/* like fstat: counted, no line */
	CALL(SYS_newfstatat, 1, "", &st, AT_EMPTY_PATH);
	CALL(SYS_fstat, 1, &st);
	ret = CALL(SYS_statx, AT_FDCWD, "f", 0, STATX_BASIC_STATS, &stx);
	snprintf(mtime, sizeof(mtime), "%lld",
		 (long long)stx.stx_mtime.tv_sec * 1000000000 + stx.stx_mtime.tv_nsec);
	told("stat", "statx", ret, "as", "f", "path", in("f"), "type", "file", "#size",
	     (long)stx.stx_size, "mtime", mtime, NULL);
	ret = CALL(SYS_statx, AT_FDCWD, "none", 0, STATX_BASIC_STATS, &stx);
	told("stat", "statx", ret, "as", "none", "path", in("none"), NULL);
	EXPECT_END();
}

static void accesses(int argc, char **argv)
{
	make_file("f", "", 0644);
	EXPECT_BEGIN();
#define ACCESS(name, as, ...) told("access", #name, CALL(SYS_##name, __VA_ARGS__), "as", as, "path", in(as), NULL)
	ACCESS(access, "f", "f", R_OK | W_OK);
	ACCESS(access, "f", "f", X_OK);
	ACCESS(access, "none", "none", F_OK);
	ACCESS(faccessat, "f", AT_FDCWD, "f", R_OK);
	ACCESS(faccessat, "none", AT_FDCWD, "none", R_OK);
	ACCESS(faccessat2, "f", AT_FDCWD, "f", R_OK, AT_EACCESS);
	ACCESS(faccessat2, "none", AT_FDCWD, "none", X_OK, AT_EACCESS);
	EXPECT_END();
}

static void readlinks(int argc, char **argv)
{
	char buf[256] = "";
	long ret;

	CALL(SYS_symlink, "where/it leads", "link");
	make_file("f", "", 0644);
	EXPECT_BEGIN();
	ret = CALL(SYS_readlink, "link", buf, sizeof(buf));
	told("readlink", "readlink", ret, "as", "link", "path", in("link"), "target", "where/it leads", NULL);
	ret = CALL(SYS_readlink, "link", buf, 5);
	told("readlink", "readlink", ret, "as", "link", "path", in("link"), "target", "where", NULL);
	ret = CALL(SYS_readlink, "f", buf, sizeof(buf));
	told("readlink", "readlink", ret, "as", "f", "path", in("f"), NULL);
	ret = CALL(SYS_readlinkat, AT_FDCWD, "link", buf, sizeof(buf));
	told("readlink", "readlinkat", ret, "as", "link", "path", in("link"), "target", "where/it leads", NULL);
	ret = CALL(SYS_readlinkat, AT_FDCWD, "none", buf, sizeof(buf));
	told("readlink", "readlinkat", ret, "as", "none", "path", in("none"), NULL);
	EXPECT_END();
}

/* One path, nothing but a result. */
#define ONE(k, name, as, ...) told(k, #name, CALL(SYS_##name, __VA_ARGS__), "as", as, "path", in(as), NULL)
/* Two paths */
#define TWO(k, name, as, as2, ...) \
	told(k, #name, CALL(SYS_##name, __VA_ARGS__), "as", as, "path", in(as), "as2", as2, "path2", in(as2), NULL)
/* The first string of a symbolic link is text, not a path. */
#define SYM(name, as, as2, ...) \
	told("symlink", #name, CALL(SYS_##name, __VA_ARGS__), "as", as, "as2", as2, "path2", in(as2), NULL)

static void names(int argc, char **argv)
{
	make_file("f", "", 0644);
	EXPECT_BEGIN();
	ONE("mkdir", mkdir, "d", "d", 0755);
	ONE("mkdir", mkdir, "d", "d", 0755);
	ONE("mkdir", mkdirat, "d/e", AT_FDCWD, "d/e", 0700);
	ONE("mkdir", mkdirat, "none/e", AT_FDCWD, "none/e", 0700);
	ONE("unlink", rmdir, "d", "d");
	ONE("unlink", rmdir, "d/e", "d/e");
	TWO("rename", rename, "f", "g", "f", "g");
	TWO("rename", rename, "f", "g", "f", "g");
	TWO("rename", renameat, "g", "d/f", AT_FDCWD, "g", AT_FDCWD, "d/f");
	TWO("rename", renameat, "g", "d/f", AT_FDCWD, "g", AT_FDCWD, "d/f");
	TWO("rename", renameat2, "d/f", "d", AT_FDCWD, "d/f", AT_FDCWD, "d", 1 /* NOREPLACE */);
	TWO("rename", renameat2, "d/f", "f", AT_FDCWD, "d/f", AT_FDCWD, "f", 0);
	TWO("link", link, "f", "g", "f", "g");
	TWO("link", link, "f", "g", "f", "g");
	TWO("link", linkat, "f", "h", AT_FDCWD, "f", AT_FDCWD, "h", 0);
	TWO("link", linkat, "none", "i", AT_FDCWD, "none", AT_FDCWD, "i", 0);
	SYM(symlink, "any text", "s", "any text", "s");
	SYM(symlink, "any text", "s", "any text", "s");
	SYM(symlinkat, "../other", "d/t", "../other", AT_FDCWD, "d/t");
	SYM(symlinkat, "../other", "none/t", "../other", AT_FDCWD, "none/t");
	ONE("unlink", unlink, "g", "g");
	ONE("unlink", unlink, "g", "g");
	ONE("unlink", unlinkat, "h", AT_FDCWD, "h", 0);
	ONE("unlink", unlinkat, "d/t", AT_FDCWD, "d/t", 0);
	ONE("unlink", unlinkat, "d", AT_FDCWD, "d", AT_REMOVEDIR);
	ONE("unlink", unlinkat, "d", AT_FDCWD, "d", AT_REMOVEDIR);
	EXPECT_END();
}

static void attributes(int argc, char **argv)
{
	struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };
	struct timeval tv[2] = { { 1, 0 }, { 2, 0 } };
	struct utimbuf ut = { 1, 2 };
	long ret;

	make_file("f", "text", 0644);
	EXPECT_BEGIN();
	ONE("truncate", truncate, "f", "f", 2L);
	ONE("truncate", truncate, "none", "none", 2L);
	ONE("utimes", utime, "f", "f", &ut);
	ONE("utimes", utime, "none", "none", &ut);
	ONE("utimes", utimes, "f", "f", tv);
	ONE("utimes", utimes, "none", "none", tv);
	ONE("utimes", futimesat, "f", AT_FDCWD, "f", tv);
	ONE("utimes", futimesat, "none", AT_FDCWD, "none", tv);
	ONE("utimes", utimensat, "f", AT_FDCWD, "f", ts, 0);
	ONE("utimes", utimensat, "none", AT_FDCWD, "none", ts, 0);
	ONE("chmod", chmod, "f", "f", 0600);
	ONE("chmod", chmod, "none", "none", 0600);
	ONE("chmod", fchmodat, "f", AT_FDCWD, "f", 0640);
	ONE("chmod", fchmodat, "none", AT_FDCWD, "none", 0640);
	ret = CALL(SYS_fchmodat2, AT_FDCWD, "f", 0600, 0);
	if (ret != -ENOSYS)	/* since 6.6; before, no call was made */
		told("chmod", "fchmodat2", ret, "as", "f", "path", in("f"), NULL);
	EXPECT_END();
}

static void dirs(int argc, char **argv)
{
	int fd;

	CALL(SYS_mkdir, "d", 0755);
	CALL(SYS_mkdir, "d/e", 0755);
	fd = open("d/e", O_RDONLY | O_DIRECTORY);
	EXPECT_BEGIN();
	ONE("chdir", chdir, "none", "none");
	ONE("chdir", chdir, "d", "d");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "x", O_RDONLY), "x", in("d/x"), "RDONLY");
	told("chdir", "chdir", CALL(SYS_chdir, ".."), "as", "..", "path", start_dir, NULL);
	told("chdir", "fchdir", CALL(SYS_fchdir, fd), "path", in("d/e"), NULL);
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "../x", O_RDONLY), "../x", in("d/x"), "RDONLY");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "./../../x", O_RDONLY), "./../../x", in("x"), "RDONLY");
	told_fd("openat", CALL(SYS_openat, AT_FDCWD, "./a/../x", O_RDONLY), "./a/../x",
		in("d/e/a/../x"), "RDONLY");
	told("chdir", "fchdir", CALL(SYS_fchdir, 999), NULL);
	told("chdir", "chroot", CALL(SYS_chroot, "none"), "as", "none", "path", in("d/e/none"), NULL);
	EXPECT_END();
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "open",	opens },
		{ "stat",	stats },
		{ "access",	accesses },
		{ "readlink",	readlinks },
		{ "names",	names },
		{ "attributes",	attributes },
		{ "chdir",	dirs },
		{ 0 },
	};

	return expect_main(cases, argc, argv);
}
