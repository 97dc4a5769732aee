/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths as text. */
#include "util/path.h"

const char *path__base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

size_t path__dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
}

static size_t without_slashes(const char *dir, size_t n)
{
	while (n && dir[n - 1] == '/')
		n--;
	return n;
}

static const char *below(const char *dir, size_t len, const char *path)
{
	size_t n = without_slashes(dir, len);

	if (!len || strncmp(path, dir, n) || (path[n] && path[n] != '/') || (!n && path[0] != '/'))
		return NULL;
	return path + n + strspn(path + n, "/");
}

const char *path__below(const char *dir, const char *path)
{
	return dir ? below(dir, strlen(dir), path) : NULL;
}

bool path__is_in_n(const char *dir, size_t n, const char *path)
{
	return below(dir, n, path);
}

bool path__is_directly_in(const char *dir, const char *path)
{
	const char *rest = path__below(dir, path);

	return rest && *rest && !strchr(rest, '/');
}

void path__clean(struct str *out, size_t start)
{
	char *s, *from, *to, *base;
	bool is_abs;
	size_t n;

	if (out->oom || !out->s)
		return;
	s = out->s + start;
	is_abs = *s == '/';
	base = to = s + is_abs;	/* ".." never goes back before base */
	for (from = s; *from; from += n) {
		n = strcspn(from, "/");
		if (!n) {
			n = 1;
			continue;
		}
		if (n == 1 && from[0] == '.')
			continue;
		if (n == 2 && from[0] == '.' && from[1] == '.') {
			if (to > base) {
				while (to > base && to[-1] != '/')
					to--;
				if (to > base)
					to--;
				continue;
			}
			if (is_abs)
				continue;
		}
		if (to > s + is_abs)
			*to++ = '/';
		memmove(to, from, n);
		to += n;
		if (n == 2 && to[-1] == '.' && to[-2] == '.')
			base = to;
	}
	str__cut(out, to - out->s);
	if (out->len == start)
		str__addc(out, '.');
}

void path__add_from(struct str *out, const char *dir, const char *name)
{
	size_t start = out->len;

	if (name[0] != '/') {
		str__adds(out, dir);
		str__addc(out, '/');
	}
	str__adds(out, name);
	path__clean(out, start);
}
