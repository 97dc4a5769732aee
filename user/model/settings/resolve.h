/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_SETTINGS_RESOLVE_H
#define GOENVBPF_MODEL_SETTINGS_RESOLVE_H
/*
 * One go command's settings while they are resolved, for the files of this folder only.
 *
 * Lifecycle: resolve__open() finds the files and GOROOT → resolve__setting() … → resolve__close().
 */
#include "golang/flags.h"
#include "golang/mainmod.h"
#include "golang/settings.h"
#include "model/commands.h"
#include "model/files.h"
#include "model/settings/settings.h"
#include "model/topic.h"

/* One command's settings while they are resolved. */
struct resolve {
	const struct model *m;
	const struct go_command *c;
	struct command_settings *out;
	struct pool *pool;		/* of the strings of the answer */
	struct setting_facts facts;
	const char *goarch;		/* "" unknown */
	struct str goroot, user_path;
	struct settings_file *user_file, *root_file;
	const char **argv;
	struct go_flags flags;
	const char *gowork;		/* as it is set */
	struct mainmod module;		/* in effect */
	struct str cwd;			/* the working directory, as go names it */
	bool cwd_is_certain;
};

/* 0 or -ENOMEM. */
int resolve__open(struct resolve *r, const struct model *m, const struct go_command *c,
		  struct command_settings *out, struct pool *pool);
/* Appends the setting as it counts, by the rules and by the tools. */
int resolve__setting(struct resolve *r, const struct setting *s);
void resolve__close(struct resolve *r);
void command_settings__free(struct command_settings *s);	/* NULL is fine */

/* Appends an empty entry; NULL when memory ran out. */
struct effective *resolve__add(struct resolve *r, const char *name);
void effective__prove(struct effective *e, int64_t ts);
int effective__shadow(struct effective *e, struct origin hidden);	/* 0 or -ENOMEM */
const char *resolve__keep(struct resolve *r, const char *s);	/* in the answer's pool */

/* roots.c */
int roots__add(struct model *m, const struct rec *rec);
/* The directories that the command works with, by what is known of its settings by now. */
int roots__update(struct model *m, struct go_command *c);

/* set_by.c: the process that set it; 0: not known */
uint64_t resolve__set_by(const struct resolve *r, const struct effective *e);

/* rules.c */
int resolve__by_rule(struct resolve *r, const struct setting *s, struct effective *e);
/* All that the file holds is known, even when that is nothing; NULL: go has no such file. */
bool settings_file__is_known(const struct settings_file *f);
/*
 * The C compiler that the command looked for first: its default one, unless CC names another. NULL
 * when it looked for none; *ret_there says whether it is there.
 */
const char *go_command__cc(const struct go_command *c, enum tristate *ret_there);

/* files.c */
int resolve__files(struct resolve *r);
/* Text of a file that the command opened; NULL: not in the record. */
const struct file_version *resolve__text(const struct resolve *r, const struct lookup *opened,
					 enum file_state *ret_state);
int resolve__ignored(struct resolve *r);

/* flags.c: what go makes of its command line and of GOFLAGS, and the settings among the flags */
int resolve__parse_flags(struct resolve *r);
int resolve__flags(struct resolve *r);

/* module.c */
/* The go.mod in effect, or what -modfile named; NULL: none. */
const char *resolve__mod_file(const struct resolve *r);
/* The main module's directory, in the answer's pool; NULL: none, or out of memory. */
const char *resolve__module_dir(struct resolve *r);
int resolve__main_module(struct resolve *r);
/* The search, as the command does its work; to_select: as it chooses its toolchain, before that. */
int resolve__find_module(struct resolve *r, bool to_select, struct mainmod *ret);
int resolve__module_settings(struct resolve *r);	/* GOMOD, GOWORK */
int resolve__telemetry(struct resolve *r, struct effective *e);

/* godebug.c */
int resolve__godebug(struct resolve *r);

/* pick.c: which Go it chose; and GOVERSION of one that was chosen by another */
int resolve__pick(struct resolve *r);
int resolve__version(struct resolve *r, struct effective *e);

#endif
