/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_SETTINGS_STORE_H
#define GOENVBPF_MODEL_SETTINGS_STORE_H
/*
 * What the settings part keeps of a record, for the settings_*.c files only: environments, looks
 * at configuration, and the texts of configuration files.
 */
#include "model/hash.h"
#include "model/topic.h"
#include "model/settings/settings.h"

struct var {
	const char *name, *value;
};

struct env {
	struct var *vars;
	size_t cnt;
	bool is_known;		/* there was an exec line, and nothing is missing */
};

const char *env__get(const struct env *e, const char *name);

/* The first time that a go command looked at a path that says something about its settings. */
struct look {
	enum rec_kind kind;	/* REC_OPEN, REC_STAT */
	const char *as, *path, *err;
	bool is_dir;
	int64_t ts;
};

#define MAX_LOOKS 512

struct go_state {
	uint64_t proc;
	struct env own;
	struct env tools;	/* of the first tool */
	int64_t tools_ts;
	bool tools_whole;	/* what is not there was not passed */
	bool *varies;		/* by setting: a later tool received something else */
	const char *goenv;	/* the variable, compared with each path; NULL: not set */
	const char *dir;	/* where it works: -C changes it */
	struct look *looks;	/* in the order of the record */
	size_t look_cnt;
	const char *godebug;	/* what it made the linker put into a program, and when */
	int64_t godebug_ts;
	UT_hash_handle hh;
};

/* What was in a file; newer snapshots of the same path come first. */
struct snapshot {
	const char *path;
	int64_t ts;
	char *text;		/* NULL: not in the record */
	size_t size;
	int64_t mtime;		/* ns since the record's start; INT64_MIN: not known */
	int64_t changed;	/* ts of the first time that it was seen to be written later, -1 */
	struct snapshot *older;
	UT_hash_handle hh;
};

struct settings_state {
	int64_t start;		/* of the record, ns since the epoch; 0: not known */
	struct go_state *by_proc;
	struct snapshot *by_path;
};

const struct go_state *settings__state(const struct model *m, uint64_t proc);	/* NULL: none */
/* The first open of a path; NULL: never. */
const struct look *go_state__open(const struct go_state *g, const char *path);
const struct snapshot *settings__snapshot(const struct model *m, const char *path);

/* One command's settings while they are resolved. */
struct resolve {
	const struct model *m;
	const struct process *p;
	const struct go_state *g;
	const struct go_state *before;	/* of the go that switched to this one; NULL */
	struct command_settings *out;
	struct setting_facts facts;
	struct goenv user, root;
	struct str goroot, user_path;
	const struct settings_file *user_file, *root_file;
	const struct look *mod, *work;	/* the go.mod and go.work that count; NULL */
	bool mod_looked, work_looked;
};

/* Appends an empty entry; NULL when memory ran out. */
struct effective *resolve__add(struct resolve *r, const char *name);
void effective__prove(struct effective *e, int64_t ts);
void effective__shadow(struct effective *e, struct origin hidden);
const char *resolve__keep(struct resolve *r, const char *s);	/* in the answer's own memory */

/* settings_rules.c */
int resolve__by_rule(struct resolve *r, const struct setting *s, struct effective *e);
/* All that the file holds is known, even when that is nothing; NULL: go has no such file. */
bool settings_file__is_known(const struct settings_file *f);
/*
 * The C compiler that the command looked for first: its default one, unless CC names another. NULL
 * when it looked for none; *ret_there says whether it is there.
 */
const char *go_state__cc(const struct go_state *g, enum tristate *ret_there);

/* settings_files.c */
int resolve__files(struct resolve *r);
/* Text of a file that the command opened; NULL: not in the record. */
const struct snapshot *resolve__text(const struct resolve *r, const struct look *opened,
				     enum file_state *ret_state);
int resolve__ignored(struct resolve *r);

/* settings_flags.c */
int resolve__flags(struct resolve *r);

/* settings_modules.c: what depends on the main module, and the toolchain that was switched to */
void resolve__main_module(struct resolve *r);
bool resolve__module_setting(struct resolve *r, const char *name, const char **ret_value);
int resolve__version(struct resolve *r, struct effective *e);
int resolve__godebug(struct resolve *r);

#endif
