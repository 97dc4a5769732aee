/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The version of a C compiler, by the places that it has compiled in. */
#include <string.h>

#include "golang/c_compiler.h"
#include "util/cleanup.h"
#include "util/str.h"

#define MAX_VERSION 32

/* "12", "12.2.0", "12-posix", "14.0.6": n bytes */
static bool is_version(const char *s, size_t n)
{
	return n && n <= MAX_VERSION && s[0] >= '0' && s[0] <= '9' &&
	       strspn(s, "0123456789.-+abcdefghijklmnopqrstuvwxyz") >= n;
}

/* The start of the path's part that ends before end; NULL when there is none. */
static const char *part_before(const char *path, const char *end)
{
	const char *s = end;

	while (s > path && s[-1] != '/')
		s--;
	return s > path && s < end ? s : NULL;
}

static bool is_gcc_program(const char *name)
{
	static const char *const names[] = {
		"cc1", "cc1plus", "cc1obj", "f951", "lto1", "collect2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

bool gcc__version_of(const char *path, const char **ret, size_t *ret_n)
{
	const char *slash = strrchr(path, '/'), *version, *target, *base;

	if (!slash || !is_gcc_program(slash + 1))
		return false;
	version = part_before(path, slash);
	target = version ? part_before(path, version - 1) : NULL;
	base = target ? part_before(path, target - 1) : NULL;
	if (!base || !is_version(version, slash - version) ||
	    (!str_has_prefix(base, "gcc/") && !str_has_prefix(base, "gcc-cross/")))
		return false;
	*ret = version;
	*ret_n = slash - version;
	return true;
}

bool clang__version_of(const char *exe, const char *path, const char **ret, size_t *ret_n)
{
	static const char place[] = "lib/clang/";
	const char *bin = strstr(exe, "/bin/");
	size_t prefix = bin ? bin - exe + 1 : 0, n;

	if (!prefix || strncmp(exe, path, prefix) || !str_has_prefix(path + prefix, place))
		return false;
	path += prefix + strlen(place);
	n = strcspn(path, "/");
	if (!is_version(path, n))
		return false;
	*ret = path;
	*ret_n = n;
	return true;
}
