/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_BUILDINFO_H
#define GOENVBPF_GOLANG_BUILDINFO_H
/*
 * What the Go linker has embedded into an executable, any Go since 1.13: the version, the modules,
 * the build settings and the build ID.
 *
 * Lifecycle: buildinfo__read_fd() on any readable descriptor of the file (it stays open, its offset
 * stays) → the fields, which are immutable → buildinfo__free().
 *
 * The bytes are the file's own: names and values are not checked for UTF-8. They hold no NUL.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"

/* Embedded text longer than this is taken for damage: a list of 10,000 modules has about 1 MiB. */
#define BUILDINFO_MAX_TEXT	(32u << 20)
#define BUILDINFO_MAX_VERSION	(4u << 10)

enum buildinfo_format {
	BUILDINFO_POINTER,	/* Go 1.13 to 1.17: addresses of the two strings */
	BUILDINFO_INLINE,	/* since Go 1.18 */
};

struct go_module {
	const char *path;
	const char *version;
	const char *sum;			/* "" when it is not known, as in vendor mode */
	const struct go_module *replace;	/* NULL: not replaced */
};

struct go_setting {
	const char *key;
	const char *value;
	const char *quoted;	/* KEY=VALUE as the file spells it when quotes were needed, else NULL */
};

struct buildinfo {
	const char *go;		/* "go1.22.1", "go1.26 X:jsonv2", "devel go1.27-…" */
	const char *path;	/* of the main package; "" when there is none */
	bool has_main;
	struct go_module main;
	const struct go_module *deps;
	size_t dep_cnt;
	const struct go_setting *settings;	/* in the file's order */
	size_t setting_cnt;
	const char *build_id;	/* NULL: the file has no such note */
	enum buildinfo_format format;
	bool has_modinfo;	/* false: built without modules, there is only the version */
};

/*
 * 0; -ENOEXEC: not an ELF file; -ENODATA: ELF, but without Go build information; -ENOMSG: the same,
 * though Go's linker made it; -EBADMSG: there, but malformed; -ENOMEM; or what pread(2) or fstat(2)
 * said.
 */
int buildinfo__read_fd(int fd, struct buildinfo **ret);
void buildinfo__free(struct buildinfo *b);	/* NULL is fine */
/* The memory that it takes, about. */
size_t buildinfo__size(const struct buildinfo *b);

/* A phrase for each error of buildinfo__read_fd(), static or strerror's. */
const char *buildinfo__strerror(int err);
/* "pointer", "inline" */
const char *buildinfo_format__name(enum buildinfo_format format);

/* The value of a setting, NULL when it is not there. With duplicates the last one counts. */
const char *buildinfo__setting(const struct buildinfo *b, const char *key);

DEFINE_CLEANUP(buildinfo, struct buildinfo *, buildinfo__free);
#define __free_buildinfo __cleanup_with(buildinfo)

#endif
