/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go's module cache: which module and version a path in it belongs to, and what it is. */
#include <errno.h>

#include "golang/modcache.h"
#include "util/path.h"

#define TOOLCHAIN_MODULE "golang.org/toolchain"
#define DOWNLOAD	 "cache/download/"

static const char *const kind_names[] = {
	[MODCACHE_OTHER]      = "other",
	[MODCACHE_ROOT]	      = "root",
	[MODCACHE_SOURCE]     = "source",
	[MODCACHE_INFO]	      = "info",
	[MODCACHE_MOD]	      = "mod",
	[MODCACHE_ZIP]	      = "zip",
	[MODCACHE_ZIPHASH]    = "ziphash",
	[MODCACHE_LOCK]	      = "lock",
	[MODCACHE_PARTIAL]    = "partial",
	[MODCACHE_TEMP]	      = "temp",
	[MODCACHE_LIST]	      = "list",
	[MODCACHE_LATEST]     = "latest",
	[MODCACHE_SUMDB]      = "sumdb",
	[MODCACHE_VCS]	      = "vcs",
	[MODCACHE_CACHE_LOCK] = "cache lock",
};

const char *modcache_kind__name(enum modcache_kind kind)
{
	return kind_names[kind];
}

int module__unescape(const char *s, size_t n, struct str *ret)
{
	__free_str struct str out = {};
	size_t i;
	char c;

	for (i = 0; i < n; i++) {
		c = s[i];
		if (c >= 'A' && c <= 'Z')
			return -EINVAL;
		if (c == '!') {
			if (++i == n || s[i] < 'a' || s[i] > 'z')
				return -EINVAL;
			c = s[i] - 'a' + 'A';
		}
		str__addc(&out, c);
	}
	if (str__err(&out))
		return -ENOMEM;
	str__adds(ret, out.s ?: "");
	return str__err(ret);
}

int module__escape(const char *s, size_t n, struct str *ret)
{
	size_t i;

	if (memchr(s, '!', n))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (s[i] >= 'A' && s[i] <= 'Z') {
			str__addc(ret, '!');
			str__addc(ret, s[i] - 'A' + 'a');
		} else {
			str__addc(ret, s[i]);
		}
	}
	return str__err(ret);
}

int toolchain__version(const char *module_version, struct str *ret)
{
	const char *go = strstr(module_version, "-go"), *p;

	if (!go || go == module_version || module_version[0] != 'v')
		return -EINVAL;
	/* ".linux-amd64" is the last element with a dash in it. */
	p = strrchr(go + 1, '-');
	while (p && p > go + 1 && *p != '.')
		p--;
	if (!p || p <= go + 3)
		return -EINVAL;
	str__add(ret, go + 1, p - go - 1);
	return str__err(ret);
}

static const struct {
	const char *suffix;
	enum modcache_kind kind;
} suffixes[] = {
	{ ".info",    MODCACHE_INFO },
	{ ".mod",     MODCACHE_MOD },
	{ ".zip",     MODCACHE_ZIP },
	{ ".ziphash", MODCACHE_ZIPHASH },
	{ ".lock",    MODCACHE_LOCK },
	{ ".partial", MODCACHE_PARTIAL },
};

/* Names go has while it downloads: <version>.zip123456789.tmp */
static size_t temp_version_len(const char *name)
{
	size_t i, n = strlen(name);
	const char *found;

	if (!str_has_suffix(name, ".tmp"))
		return 0;
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		found = memmem(name, n, suffixes[i].suffix, strlen(suffixes[i].suffix));
		if (found)
			return found - name;
	}
	return 0;
}

/* What follows "@v/". Invalid escapes leave the version unset: the path is foreign then. */
static int classify_version_file(const char *name, struct modcache_path *p)
{
	size_t i, n;

	if (strchr(name, '/'))
		return 0;
	if (str_eq(name, "list") || str_eq(name, "list.lock")) {
		p->kind = MODCACHE_LIST;
		return 0;
	}
	n = temp_version_len(name);
	if (n)
		p->kind = MODCACHE_TEMP;
	for (i = 0; !n && i < ARRAY_SIZE(suffixes); i++) {
		if (!str_has_suffix(name, suffixes[i].suffix))
			continue;
		p->kind = suffixes[i].kind;
		n = strlen(name) - strlen(suffixes[i].suffix);
		break;
	}
	return module__unescape(name, n, &p->version);
}

static int classify_download(const char *rest, struct modcache_path *p)
{
	const char *at = strstr(rest, "/@v/"), *latest = strstr(rest, "/@latest");
	int err;

	if (str_has_prefix(rest, "sumdb/")) {
		p->kind = MODCACHE_SUMDB;
		return 0;
	}
	if (latest && !latest[strlen("/@latest")]) {
		p->kind = MODCACHE_LATEST;
		return module__unescape(rest, latest - rest, &p->module);
	}
	if (!at)
		return 0;
	err = module__unescape(rest, at - rest, &p->module);
	return err ? err : classify_version_file(at + strlen("/@v/"), p);
}

/* <module>@<version>[/rest]: the first '@' of the path; module paths have none. */
static int classify_source(const char *rest, struct modcache_path *p)
{
	const char *at = strchr(rest, '@');
	size_t n;
	int err;

	if (!at || at == rest)
		return 0;
	err = module__unescape(rest, at - rest, &p->module);
	if (err)
		return err;
	n = strcspn(at + 1, "/");
	err = module__unescape(at + 1, n, &p->version);
	if (err)
		return err;
	p->kind = MODCACHE_SOURCE;
	p->rest = at + 1 + n + (at[1 + n] == '/');
	return 0;
}

static int classify(const char *rest, struct modcache_path *p)
{
	if (!*rest)
		p->kind = MODCACHE_ROOT;
	else if (str_eq(rest, "cache/lock"))
		p->kind = MODCACHE_CACHE_LOCK;
	else if (str_has_prefix(rest, "cache/vcs/"))
		p->kind = MODCACHE_VCS;
	else if (str_has_prefix(rest, DOWNLOAD))
		return classify_download(rest + strlen(DOWNLOAD), p);
	else if (!str_has_prefix(rest, "cache/"))
		return classify_source(rest, p);
	return 0;
}

int modcache__classify(const char *root, const char *path, struct modcache_path *ret)
{
	struct modcache_path p = {};
	int err;

	path = path__below(root, path);
	if (!path)
		return -ENOENT;
	err = classify(path, &p);
	if (err) {
		modcache_path__free(&p);
		if (err != -EINVAL)
			return err;
		p.kind = MODCACHE_OTHER;
	}
	p.is_toolchain = p.module.s && str_eq(p.module.s, TOOLCHAIN_MODULE);
	*ret = p;
	return 0;
}

void modcache_path__free(struct modcache_path *p)
{
	str__free(&p->module);
	str__free(&p->version);
	*p = (struct modcache_path){};
}
