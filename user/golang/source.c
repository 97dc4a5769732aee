/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of the files that a build reads are its inputs. */
#include <ctype.h>
#include <string.h>

#include "golang/gocache.h"
#include "golang/source.h"
#include "util/str.h"

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, words[i]))
			return true;
	return false;
}

/* --- who reads --- */

enum source_reader source__reader(const char *exe)
{
	static const char *const tools[] = { "compile", "asm", "cgo", "cover", "preprofile" };
	static const char *const c_parts[] = { "cc1", "cc1plus", "cc1obj", "cc1objplus", "f951" };
	const char *base = base_of(exe);

	if (str_eq(base, "go") || str_has_prefix(base, "go1."))
		return SOURCE_READER_GO;
	if (is_one_of(base, tools, ARRAY_SIZE(tools)))
		return strstr(exe, "/pkg/tool/") ? SOURCE_READER_TOOL : SOURCE_READER_NONE;
	if (is_one_of(base, c_parts, ARRAY_SIZE(c_parts)) || str_has_prefix(base, "clang"))
		return SOURCE_READER_C;
	return str_eq(base, "git") ? SOURCE_READER_VCS : SOURCE_READER_NONE;
}

/* --- what is read --- */

/* Folders that go and the linker make for the time of a build: "/go-build1234/", "/go-link-1234/". */
static bool is_in_work_folder(const char *path)
{
	static const char *const starts[] = { "/go-build", "/go-link-", "/go-list" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		size_t len = strlen(starts[i]);

		for (const char *p = strstr(path, starts[i]); p; p = strstr(p + len, starts[i]))
			if (isdigit((unsigned char)p[len]))
				return true;
	}
	return strstr(path, "/cgo-gcc-input-");
}

/* What the kernel and the system make up, and libraries that a program is loaded with. */
static bool is_of_the_system(const char *path, const char *base)
{
	static const char *const starts[] = {
		"/proc/", "/sys/", "/dev/", "/etc/", "/usr/share/", "/usr/lib/locale/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (str_has_prefix(path, starts[i]))
			return true;
	return strstr(base, ".so.") || str_has_suffix(base, ".so") || str_has_prefix(base, "gconv-");
}

/* Entries and outputs of the build cache, and what else lies there. */
static bool is_in_cache(const char *path, const char *base)
{
	static const char *const others[] = { "trim.txt", "testexpire.txt" };
	struct gocache_path p;
	size_t root;

	return gocache__guess(path, &p, &root) || is_one_of(base, others, ARRAY_SIZE(others));
}

/* What go reads beside: settings, sums, its module cache's own files, tools, telemetry. */
static bool is_beside(const char *path, const char *base)
{
	static const char *const names[] = {
		"go.env", "go.sum", "go.work.sum", "VERSION", "modules.txt",
	};
	static const char *const folders[] = {
		"/cache/download/", "/cache/vcs/", "/pkg/tool/", "/go/telemetry/", "/pkg/sumdb/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (strstr(path, folders[i]))
			return true;
	return is_one_of(base, names, ARRAY_SIZE(names)) || str_has_suffix(path, "/go/env") ||
	       str_has_suffix(base, ".lock") || str_has_suffix(base, ".partial");
}

/* A hash of a short password is as good as the password. */
static bool may_be_secret(const char *base)
{
	return strstr(base, "netrc") || strstr(base, "pgpass") || str_has_prefix(base, ".git-credentials");
}

static bool is_input_of_go(const char *path, const char *base)
{
	return !is_in_cache(path, base) && !is_beside(path, base) && !may_be_secret(base);
}

/* Its own parts are written by the driver before it. */
static bool is_input_of_tool(const char *path, const char *base)
{
	return !is_in_cache(path, base) && !is_beside(path, base);
}

static bool is_input_of_c(const char *base)
{
	return !str_has_suffix(base, ".o") && !str_has_suffix(base, ".a");
}

bool source__is_vcs(const char *path)
{
	const char *dir = strstr(path, "/.git/"), *base = base_of(path);

	return dir && (str_eq(base, "HEAD") || str_eq(base, "packed-refs") || strstr(dir, "/.git/refs/"));
}

bool source__is_input(enum source_reader reader, const char *path, size_t n)
{
	const char *base = base_of(path);

	if (reader == SOURCE_READER_NONE || !n || path[0] != '/' || !*base || is_in_work_folder(path) ||
	    is_of_the_system(path, base))
		return false;
	switch (reader) {
	case SOURCE_READER_GO:
		return is_input_of_go(path, base);
	case SOURCE_READER_TOOL:
		return is_input_of_tool(path, base);
	case SOURCE_READER_VCS:
		return source__is_vcs(path);
	default:
		return is_input_of_c(base);
	}
}

/* --- names for platforms (go/build, goodOSArchFile) --- */

static bool is_word(const char *const *list, const char *s, size_t n)
{
	for (; *list; list++)
		if (strlen(*list) == n && !strncmp(*list, s, n))
			return true;
	return false;
}

static bool is_os(const char *s, size_t n)
{
	static const char *const all[] = {
		"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux",
		"nacl", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos", NULL
	};

	return is_word(all, s, n);
}

static bool is_arch(const char *s, size_t n)
{
	static const char *const all[] = {
		"386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle",
		"mips64", "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv",
		"riscv64", "s390", "s390x", "sparc", "sparc64", "wasm", NULL
	};

	return is_word(all, s, n);
}

/* android is a linux, too, and so on. */
static bool is_that_os(const char *s, size_t n, const char *goos)
{
	static const char *const kin[] = { "android", "linux", "illumos", "solaris", "ios", "darwin", NULL };

	if (strlen(goos) == n && !strncmp(goos, s, n))
		return true;
	for (const char *const *k = kin; *k; k += 2)
		if (!strcmp(goos, k[0]) && strlen(k[1]) == n && !strncmp(k[1], s, n))
			return true;
	return false;
}

/* The last word before end, behind its "_"; NULL: there is none. */
static const char *last_word(const char *begin, const char *end)
{
	while (end > begin && end[-1] != '_')
		end--;
	return end > begin ? end : NULL;
}

bool source__is_for(const char *name, const char *goos, const char *goarch)
{
	const char *end = strchrnul(name, '.'), *begin = memchr(name, '_', end - name);
	const char *last = begin ? last_word(begin, end) : NULL, *before;
	size_t n;

	if (last && end - last == 4 && !strncmp(last, "test", 4)) {
		end = last - 1;
		last = last_word(begin, end);
	}
	if (!last)
		return true;
	n = end - last;
	if (!is_arch(last, n))
		return !is_os(last, n) || is_that_os(last, n, goos);
	if (strlen(goarch) != n || strncmp(goarch, last, n))
		return false;
	end = last - 1;
	before = last_word(begin, end);
	return !before || !is_os(before, end - before) || is_that_os(before, end - before, goos);
}
