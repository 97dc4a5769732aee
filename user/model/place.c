/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a path is: configuration, build cache, module cache, or something else. */
#include "model/roots.h"

static bool is_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	return true;
}

const char *cache_entry__hash(const char *path, char *ret_which)
{
	/* "XX/" + hash + "-a"; looking for the shortest possible head first keeps this cheap */
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		const char *hash = p + 4, *tail = hash + CACHE_HASH_LEN;

		if (strnlen(p, 6 + CACHE_HASH_LEN) < 6 + CACHE_HASH_LEN)
			return NULL;
		if (p[3] != '/' || tail[0] != '-' || memcmp(p + 1, hash, 2) ||
		    !is_hex(hash, CACHE_HASH_LEN))
			continue;
		if ((tail[1] == 'a' && !tail[2]) ||
		    (tail[1] == 'd' && (!tail[2] || tail[2] == '/'))) {
			*ret_which = tail[1];
			return hash;
		}
	}
	return NULL;
}

/* Files that configure Go, its modules and what it runs, by the end of their path. */
static const char *const config_files[] = {
	"/go.mod", "/go.sum", "/go.work", "/go.work.sum", "/vendor/modules.txt", "/go.env",
	"/go/env", "/go/telemetry/mode", "/.netrc", "/.gitconfig", "/etc/gitconfig", "/.git/config",
};

/* Endings of the names that programs give to their configuration. */
static const char *const config_endings[] = {
	".yaml", ".yml", ".toml", ".json", ".env", ".ini", ".conf", ".cfg", ".properties",
};

static bool has_suffix(const char *path, size_t n, const char *suffix)
{
	size_t m = strlen(suffix);

	return n >= m && !memcmp(path + n - m, suffix, m);
}

static bool is_config_file(const char *path, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(config_files); i++)
		if (has_suffix(path, n, config_files[i]))
			return true;
	return false;
}

static bool is_config_name(const char *path, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(config_endings); i++)
		if (has_suffix(path, n, config_endings[i]))
			return true;
	return false;
}

enum place roots__place(const struct roots *r, const char *path)
{
	size_t n = strlen(path);
	const char *rest;
	enum root root;
	char which;

	if (r->goenv && str_eq(path, r->goenv))
		return PLACE_CONFIG;
	root = roots__find(r, path, &rest);
	if (root == ROOT_GOCACHE || cache_entry__hash(path, &which))
		return PLACE_BUILD_CACHE;
	if (root == ROOT_GOMODCACHE)
		return PLACE_MODULE_CACHE;
	if (is_config_file(path, n) || (root == ROOT_GOROOT && str_eq(rest, "/VERSION")))
		return PLACE_CONFIG;
	/* Below these, such names are test data and intermediate files. */
	if (root == ROOT_GOROOT || root == ROOT_WORK)
		return PLACE_OTHER;
	return is_config_name(path, n) ? PLACE_CONFIG : PLACE_OTHER;
}
