/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_MODCACHE_H
#define GOENVBPF_GOLANG_MODCACHE_H
/*
 * Go's module cache (GOMODCACHE): which module and version a path in it belongs to, and what it is.
 */
#include <stdbool.h>

#include "util/str.h"

enum modcache_kind {
	MODCACHE_OTHER,
	MODCACHE_ROOT,
	MODCACHE_SOURCE,	/* <module>@<version>, or something in it */
	MODCACHE_INFO,		/* cache/download/<module>/@v/<version>.info */
	MODCACHE_MOD,
	MODCACHE_ZIP,
	MODCACHE_ZIPHASH,
	MODCACHE_LOCK,		/* of one version */
	MODCACHE_PARTIAL,	/* there while <module>@<version> is being extracted, or since that failed */
	MODCACHE_TEMP,		/* a download that is not finished */
	MODCACHE_LIST,		/* the known versions of a module */
	MODCACHE_LATEST,	/* @latest */
	MODCACHE_SUMDB,		/* cache/download/sumdb/… */
	MODCACHE_VCS,		/* cache/vcs/…: clones */
	MODCACHE_CACHE_LOCK,	/* cache/lock: held while go.mod and go.sum change */
};

struct modcache_path {
	enum modcache_kind kind;
	struct str module;	/* unescaped: "github.com/BurntSushi/toml"; unset when not of a module */
	struct str version;	/* unescaped */
	const char *rest;	/* of a source: what follows the version, "" or "dir/file"; else NULL */
	bool is_toolchain;	/* golang.org/toolchain: a downloaded Go */
};

/* -ENOENT: path is not below root (both absolute); -ENOMEM. */
int modcache__classify(const char *root, const char *path, struct modcache_path *ret);
void modcache_path__free(struct modcache_path *p);
const char *modcache_kind__name(enum modcache_kind kind);

/* Upper case is written as '!' and the lower case letter. -EINVAL: not the escape of anything. */
int module__unescape(const char *s, size_t n, struct str *ret);
int module__escape(const char *s, size_t n, struct str *ret);

/* "v0.0.1-go1.24.4.linux-amd64": "go1.24.4" appended to ret; -EINVAL when it is no such version. */
int toolchain__version(const char *module_version, struct str *ret);

static inline void modcache_path_cleanup(struct modcache_path *p)
{
	modcache_path__free(p);
}
#define __free_modcache_path __attribute__((cleanup(modcache_path_cleanup)))

#endif
