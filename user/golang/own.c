/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that go makes for itself. */
#include <string.h>

#include "golang/own.h"
#include "util/str.h"

#define WORK	"/go-build"
#define DIGITS	"0123456789"

size_t go_own__work_len(const char *path)
{
	for (const char *p = strstr(path, WORK); p; p = strstr(p + 1, WORK)) {
		size_t digits = strspn(p + strlen(WORK), DIGITS), n = p + strlen(WORK) + digits - path;

		if (digits && (!path[n] || path[n] == '/'))
			return n;
	}
	return 0;
}

size_t go_own__package_len(const char *path)
{
	size_t n = go_own__work_len(path), digits;

	if (!n || path[n] != '/' || path[n + 1] != 'b')
		return 0;
	digits = strspn(path + n + 2, DIGITS);
	n += 2 + digits;
	return digits && (!path[n] || path[n] == '/') ? n : 0;
}

bool go_own__is_module(const char *path)
{
	for (const char *p = strstr(path, "@v"); p; p = strstr(p + 1, "@v"))
		if (strchr(DIGITS, p[2]) && p[2])
			return true;
	return false;
}

bool go_own__is(const char *path)
{
	return go_own__work_len(path) || strstr(path, WORK "/") || str_has_suffix(path, WORK) ||
	       strstr(path, "/go/telemetry/") || str_has_suffix(path, "-go-tmp-umask");
}
