/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths that are not text, and paths that are not there at all. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "expect.h"

/* Neither valid UTF-8 nor harmless in JSON, a terminal or a shell. */
static const char *const odd_names[] = {
	"\xff\xfe", "caf\xe9", "a\xc3(", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
	"\x01\x02\x7f", "line\nfeed\ttab\r", "quote\"back\\slash", "\x1b[31mred", "{\"k\":\"end\"}",
	"gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x90\xb9", "\xe2\x80\xae", " ", "-rf",
};

static void invalid(int argc, char **argv)
{
	char buf[64] = "";
	long ret;

	EXPECT_BEGIN();
	for (size_t i = 0; i < sizeof(odd_names) / sizeof(*odd_names); i++) {
		const char *name = odd_names[i];

		ret = CALL(SYS_openat, AT_FDCWD, name, O_RDONLY);
		told("open", "openat", ret, "as", name, "path", in(name), NULL);
		ret = CALL(SYS_mkdir, name, 0755);
		told("mkdir", "mkdir", ret, "as", name, "path", in(name), NULL);
		ret = CALL(SYS_chdir, name);
		told("chdir", "chdir", ret, "as", name, "path", in(name), NULL);
		ret = CALL(SYS_symlink, name, "link");
		snprintf(buf, sizeof(buf), "%s/link", name);
		told("symlink", "symlink", ret, "as", name, "as2", "link", "path2", in(buf), NULL);
		memset(buf, 0, sizeof(buf));
		ret = CALL(SYS_readlink, "link", buf, sizeof(buf));
		told("readlink", "readlink", ret, "as", "link", "target", name, NULL);
		ret = CALL(SYS_chdir, "..");
		told("chdir", "chdir", ret, "as", "..", "path", start_dir, NULL);
	}
	EXPECT_END();
}

/* A page with 16 readable bytes before one that cannot be read. */
static char *edge(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE))
		die("mmap");
	return p + page;
}

static void faults(int argc, char **argv)
{
	char *end = edge();
	char *unmapped = (char *)8;
	struct stat st;

	memcpy(end - 2, "f", 2);
	make_file("f", "", 0644);
	EXPECT_BEGIN();
	told("open", "openat", CALL(SYS_openat, AT_FDCWD, NULL, O_RDONLY), NULL);
	told("open", "openat", CALL(SYS_openat, AT_FDCWD, unmapped, O_RDONLY), NULL);
	told("open", "openat", CALL(SYS_openat, AT_FDCWD, end, O_RDONLY), NULL);
	told("access", "access", CALL(SYS_access, end - 2, F_OK), "as", "f", "path", in("f"), NULL);
	memset(end - 16, 'x', 16);
	told("open", "open", CALL(SYS_open, end - 16, O_RDONLY), NULL);
	told("stat", "newfstatat", CALL(SYS_newfstatat, AT_FDCWD, unmapped, &st, 0), NULL);
	told("stat", "newfstatat", CALL(SYS_newfstatat, AT_FDCWD, "f", unmapped, 0), "as", "f", "path",
	     in("f"), NULL);
	told("readlink", "readlink", CALL(SYS_readlink, NULL, unmapped, 9), NULL);
	told("mkdir", "mkdir", CALL(SYS_mkdir, NULL, 0755), NULL);
	told("rename", "rename", CALL(SYS_rename, "f", NULL), "as", "f", "path", in("f"), NULL);
	told("rename", "rename", CALL(SYS_rename, NULL, "f"), "as2", "f", "path2", in("f"), NULL);
	told("unlink", "unlink", CALL(SYS_unlink, unmapped), NULL);
	told("chdir", "chdir", CALL(SYS_chdir, NULL), NULL);
	told("exec_failed", "execve", CALL(SYS_execve, NULL, argv, NULL), NULL);
	told("exec_failed", "execve", CALL(SYS_execve, "f", unmapped, NULL), "file", "f", "path", in("f"),
	     NULL);
	EXPECT_END();
}

/* The kernel takes NULL for "the descriptor itself" in two calls. */
static void null_means_fd(int argc, char **argv)
{
	struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };
	int fd;

	make_file("f", "", 0644);
	fd = open("f", O_RDONLY);
	EXPECT_BEGIN();
	told("utimes", "utimensat", CALL(SYS_utimensat, fd, NULL, ts, 0), NULL);
	EXPECT_END();
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "invalid",	invalid },
		{ "faults",	faults },
		{ "null",	null_means_fd },
		{ 0 },
	};

	return expect_main(cases, argc, argv);
}
