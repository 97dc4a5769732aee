/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_SETTINGS_H
#define GOENVBPF_GOLANG_SETTINGS_H
/*
 * Go's settings: which there are, since when, and which value wins.
 *
 * A value is looked for in the process's environment (an empty variable counts as unset), in the
 * user's file, in GOROOT/go.env (since 1.21; an entry in the user's file hides it even when
 * empty), and is else the default. setting__resolve() says all of it from facts that the caller
 * has gathered; it reads no file and no environment itself.
 *
 * Go versions are minor numbers: 22 means Go 1.22; 0 means not known, the newest is assumed.
 */
#include <stdbool.h>
#include <stddef.h>

#include "golang/goenv.h"
#include "util/str.h"

enum setting_flags {
	SETTING_NO_FILE = 1 << 0,	/* only the environment is asked: GOENV, GODEBUG */
	SETTING_COMPUTED = 1 << 1,	/* cannot be set: GOHOSTOS, GOVERSION, … */
	SETTING_HIDDEN = 1 << 2,	/* go env does not print it */
	SETTING_ARCH = 1 << 3,		/* only of meaning for one GOARCH, see setting__is_for_arch() */
	SETTING_BOOL = 1 << 4,		/* values other than 0 and 1 count as unset: CGO_ENABLED */
	SETTING_COMPILED = 1 << 5,	/* the default was chosen when the toolchain was built */
};

struct setting {
	const char *name;
	unsigned char since;		/* first minor version that has it; 0: all that we know */
	unsigned char exported;		/* first one that passes the resolved value to its tools, 0: none */
	unsigned char exported_until;	/* last one, 0: still */
	unsigned int flags;
	const char *fixed;		/* the default, NULL: see derive, or unknown when that is NULL too */
	const struct setting_rule *derive;
	unsigned char shown;		/* first version whose go env prints it, 0: as soon as it is there */
};

const struct setting *setting__all(size_t *ret_cnt);	/* sorted by name */
const struct setting *setting__find(const char *name);	/* NULL: go does not know it */
bool setting__exists(const struct setting *s, int minor);
/* go env prints it (GOAMD64 and its like only for their GOARCH). */
bool setting__is_shown(const struct setting *s, int minor, const char *goarch);
/* The tools that go starts find the resolved value in their environment. */
bool setting__is_exported(const struct setting *s, int minor, const char *goarch);
/*
 * The tools that find `exported` were given what `value` means: until 1.17 go passed of CC and CXX
 * their first word alone, while it ran the whole.
 */
bool setting__means(const struct setting *s, int minor, const char *value, const char *exported);
/* GOAMD64 is for amd64, …; true for everything that is not specific. */
bool setting__is_for_arch(const struct setting *s, const char *goarch);

enum setting_origin {
	ORIGIN_ENVIRONMENT,
	ORIGIN_USER_FILE,
	ORIGIN_GO_ENV,
	ORIGIN_DEFAULT,
	ORIGIN_COMPUTED,
};

const char *setting_origin__name(enum setting_origin origin);	/* "environment", "env file", … */

enum tristate { UNKNOWN, NO, YES };

struct setting_facts {
	int minor;
	/* Value of a variable of the go process, NULL: not there. */
	const char *(*getenv)(void *ctx, const char *name);
	void *ctx;
	const struct goenv *user_file;	/* NULL: there is none, or it was not read */
	const struct goenv *go_env;	/* of GOROOT; NULL likewise */
	const char *goroot;		/* what goroot__find() found; NULL: not known */
	const char *version;		/* "go1.22.1" of the go command; NULL: not known */
	const char *host_os;		/* NULL: linux */
	const char *host_arch;		/* NULL: not known */
	enum tristate has_cc;		/* the default C compiler is on PATH */
};

struct setting_value {
	enum setting_origin origin;
	const char *value;
	unsigned int line;	/* in the file */
};

struct setting_resolved {
	struct str text;		/* memory of a derived default */
	struct setting_value won;	/* .value NULL: the default is not known */
	struct setting_value shadowed[3];	/* what would count without it, in order */
	size_t shadowed_cnt;
	const char *given;		/* what won, before go made something of it */
	bool is_empty_in_env;		/* the variable was there, but empty, and therefore ignored */
	bool is_compiled;		/* a default that another build of the toolchain may not have */
};

/* -ENOMEM. Values point into the facts or into ret->text. */
int setting__resolve(const struct setting *s, const struct setting_facts *facts,
		     struct setting_resolved *ret);
void setting_resolved__free(struct setting_resolved *r);

/*
 * The path of the user's file by GOENV, XDG_CONFIG_HOME, HOME: 0; -ENOENT: there is none, and
 * *ret_why says why ("GOENV=off", …; static).
 */
int setting__user_file(const struct setting_facts *facts, struct str *ret_path, const char **ret_why);

/* --- GOROOT --- */

struct goroot_facts {
	int minor;
	const char *env;	/* GOROOT in the environment; NULL or "" when unset */
	const char *user_file;	/* GOROOT in the user's file; NULL or "" */
	const char *exe;	/* path of the go executable as it was run */
	const char *exe_real;	/* the same with symbolic links resolved; NULL: not known */
	const char *linked;	/* runtime.GOROOT(), NULL or "" when not known or -trimpath */
	bool (*is_goroot)(void *ctx, const char *dir);	/* dir/pkg/tool is a directory */
	void *ctx;
};

enum goroot_origin { GOROOT_ENV, GOROOT_USER_FILE, GOROOT_EXE, GOROOT_LINKED, GOROOT_NONE };

/* GOROOT as the go command uses it; with for_go_env the one whose go.env it reads. -ENOMEM. */
int goroot__find(const struct goroot_facts *facts, bool for_go_env, struct str *ret,
		 enum goroot_origin *ret_origin);

/* --- GOFLAGS --- */

struct goflags {
	char **words;
	size_t cnt;
	char *text;
};

/* Splits as Go 1.minor does (quotes since 1.20). -EINVAL: a quote does not end; -E2BIG; -ENOMEM. */
int goflags__split(const char *text, int minor, struct goflags *ret);
void goflags__free(struct goflags *f);
/* What GOFLAGS says of a flag, "mod" or "-mod": its value, "true" without one, NULL when absent. */
const char *goflags__get(const struct goflags *f, const char *flag);
/* The word is -flag or -flag=value (also with two dashes): everything else is fatal for go. */
bool goflags__is_flag(const char *word);

/* "go1.22.1", "go1.27-devel_abc", "devel go1.23-…": 22; 0 when there is no such number. */
int go__minor(const char *version);

static inline void setting_resolved_cleanup(struct setting_resolved *r)
{
	setting_resolved__free(r);
}
#define __free_setting_resolved __attribute__((cleanup(setting_resolved_cleanup)))

static inline void goflags_cleanup(struct goflags *f)
{
	goflags__free(f);
}
#define __free_goflags __attribute__((cleanup(goflags_cleanup)))

#endif
