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
	return strstr(base, "netrc") || str_has_prefix(base, ".git-credentials");
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
