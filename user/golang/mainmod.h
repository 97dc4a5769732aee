/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_MAINMOD_H
#define GOENVBPF_GOLANG_MAINMOD_H
/*
 * Which go.mod and which go.work are in effect for a go command, by go's rules, from facts that the
 * caller has gathered: no file system is asked here, exists() tells what is known of one.
 *
 * Both are looked for in the working directory and then upwards, as text: the parent of a symbolic
 * link is where the link stands. So go_cwd__find() comes first, mainmod__find() second, and
 * mainmod__free() at last.
 *
 * - GO111MODULE=off: neither. auto (and unset until 1.15): only where one of the files is.
 * - go.mod in the temporary folder itself ($TMPDIR, else /tmp) does not count, and nothing above.
 * - GOWORK (since 1.18): "off", a file of any name (absolute), else go.work is looked for; the search
 *   does not step up into GOROOT. With a workspace no go.mod is looked for.
 * - go install|run pkg@version uses neither. Some verbs know no workspace: get, mod tidy, mod init…
 * - -modfile names the file that is read in place of the go.mod found, which must be there.
 *
 * Held against go env GOMOD GOWORK and go list of 1.15, 1.19 and 1.21 to 1.27.
 */
#include "golang/flags.h"

enum path_kind { PATH_UNKNOWN, PATH_ABSENT, PATH_FILE, PATH_DIR };

/* --- the working directory --- */

struct go_cwd_facts {
	const char *cwd;	/* as the kernel says it */
	const char *pwd;	/* $PWD; NULL: not there */
	const char *chdir;	/* DIR of -C; NULL: none */
	const char *after_chdir; /* as the kernel says it after -C; NULL: not known */
	/* Both are one directory, links followed. NULL: no fact beyond the text. */
	enum tristate (*is_same_dir)(void *ctx, const char *a, const char *b);
	void *ctx;
};

/*
 * The working directory by its name as go uses it: $PWD when that is absolute and names it, also
 * through a symbolic link, else the kernel's name. *ret_certain false: a fact was missing. -ENOMEM.
 */
int go_cwd__find(const struct go_cwd_facts *facts, struct str *ret, bool *ret_certain);

/* --- go.mod and go.work --- */

struct mainmod_facts {
	int minor;
	const struct go_flags *flags;	/* of the command: verb, -modfile, pkg@version, … */
	const char *go111module;	/* resolved; "" when unset */
	const char *gowork;		/* resolved, as the user set it: "", "off", a path */
	const char *cwd;		/* of go_cwd__find() */
	const char *temp_dir;		/* $TMPDIR, else "/tmp" */
	const char *goroot;
	enum path_kind (*exists)(void *ctx, const char *path);
	/*
	 * As above; asked of the found file's folder and the temporary one, where UNKNOWN leaves GOMOD
	 * uncertain. A command that opens the go.mod it found has compared them: NO.
	 */
	enum tristate (*is_same_dir)(void *ctx, const char *a, const char *b);
	void *ctx;
};

enum mainmod_mode {
	MAINMOD_NONE,	/* the verb has no use for modules: version, help, … */
	MAINMOD_GOPATH,
	MAINMOD_MODULE,	/* with or without a main module */
};

/* X(id, what is said of the file) */
#define MAINMOD_IGNORED_LIST(X)								\
	X(TEMP_DIR,	"it lies in the temporary folder itself")			\
	X(AT_VERSION,	"a package is named with its version")				\
	X(GO111MODULE,	"GO111MODULE=off")						\
	X(GOWORK_OFF,	"GOWORK=off")							\
	X(GOWORK_PATH,	"GOWORK names another file")					\
	X(MODFILE,	"-modfile names another file")					\
	X(WORKSPACE,	"a workspace is in effect")					\
	X(VERB,		"this command knows no workspace")

enum mainmod_why {
#define X(id, title) MAINMOD_IGNORED_##id,
	MAINMOD_IGNORED_LIST(X)
#undef X
	MAINMOD_IGNORED_CNT,
};

const char *mainmod_why__title(enum mainmod_why why);

struct mainmod_ignored {
	char *path;
	enum mainmod_why why;
};

struct mainmod {
	enum mainmod_mode mode;
	/* What go env GOMOD and go env GOWORK (NULL before 1.18) print there. */
	char *env_gomod, *env_gowork;
	/* What this command reads or, for init, writes; NULL: none. */
	char *module_file, *workspace_file;
	bool is_gomod_certain, is_gowork_certain;	/* no exists() that mattered was unknown */
	const char *error;	/* why go stops over this; NULL: it does not. Static */
	struct mainmod_ignored ignored[4];	/* files that are there, and not in effect */
	size_t ignored_cnt;
};

int mainmod__find(const struct mainmod_facts *facts, struct mainmod *ret);	/* -ENOMEM */
void mainmod__free(struct mainmod *m);

static inline void mainmod_cleanup(struct mainmod *m)
{
	mainmod__free(m);
}
#define __free_mainmod __attribute__((cleanup(mainmod_cleanup)))

#endif
