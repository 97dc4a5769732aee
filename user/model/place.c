/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a path is: configuration, build cache, module cache, or something else. */
#include "golang/gocache.h"
#include "model/roots.h"

const char *cache_entry__hash(const char *path, char *ret_which)
{
	struct gocache_path entry;
	size_t root_len;

	if (!gocache__guess(path, &entry, &root_len))
		return NULL;
	*ret_which = entry.kind == GOCACHE_ACTION ? 'a' : 'd';
	return path + root_len + strlen("/XX/");
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

	if ((r->mod && str_eq(path, r->mod)) || (r->work && str_eq(path, r->work)))
		return PLACE_CONFIG;
	for (size_t i = 0; i < r->config_cnt; i++)
		if (str_eq(path, r->config[i]))
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

const char *area__name(enum area area)
{
	static const char *const names[] = {
#define X(id, name) [AREA_##id] = name,
		AREA_LIST(X)
#undef X
	};

	return names[area];
}

/* GOROOT/bin and GOROOT/pkg have what runs, or what was compiled for it. */
static bool is_tool(const char *rest)
{
	return str_has_prefix(rest, "/bin") || str_has_prefix(rest, "/pkg");
}

enum area roots__area(const struct roots *r, const char *path)
{
	static const enum area areas[] = {
		[PLACE_CONFIG] = AREA_CONFIG,
		[PLACE_BUILD_CACHE] = AREA_BUILD_CACHE,
		[PLACE_MODULE_CACHE] = AREA_MODULE_CACHE,
	};
	enum place place = roots__place(r, path);
	const char *rest;

	if (place != PLACE_OTHER)
		return areas[place];
	switch (roots__find(r, path, &rest)) {
	case ROOT_GOROOT:
		return is_tool(rest) ? AREA_TOOL : AREA_SOURCE;
	case ROOT_MODULE:
		return AREA_SOURCE;
	case ROOT_WORK:
		return AREA_WORK;
	default:
		return AREA_OTHER;
	}
}
