/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_SETTINGS_SETTINGS_H
#define GOENVBPF_MODEL_SETTINGS_SETTINGS_H
/*
 * The effective settings of a go command: value, origin, what it hides, and what proves it.
 *
 * Known in two ways that are held against each other: by rule, from the command's environment and
 * the files that it opened; and by the environment that its tools received, which is the resolved
 * one. Where the two differ, the tools are believed, and the setting says so.
 */
#include "golang/flags.h"
#include "golang/godebug.h"
#include "model/commands.h"
#include "model/proof.h"

/* X(id, name) */
#define SOURCE_LIST(X)					\
	X(UNKNOWN,	"unknown")			\
	X(ENVIRONMENT,	"environment")			\
	X(ENV_FILE,	"env file")			\
	X(GO_ENV,	"go.env")			\
	X(GO_MOD,	"go.mod")			\
	X(GO_WORK,	"go.work")			\
	X(COMMAND_LINE,	"command line")			\
	X(MODE_FILE,	"telemetry mode")		\
	X(DEFAULT,	"default")			\
	X(COMPUTED,	"computed")

enum source {
#define X(id, name) SOURCE_##id,
	SOURCE_LIST(X)
#undef X
	SOURCE_CNT,
};

const char *source__name(enum source source);

struct origin {
	enum source source;
	const char *value;	/* NULL: not known */
	const char *path;	/* of the file; NULL: not from a file, or not known which */
	unsigned int line;	/* 0: not known */
};

#define EFFECTIVE_MAX_SHADOWED	5
#define EFFECTIVE_MAX_PROOF	4

struct effective {
	const char *name;	/* "GOPROXY"; "-tags" for a flag of the command line or GOFLAGS */
	struct origin won;
	struct origin *shadowed;	/* what would count without it, in order */
	size_t shadowed_cnt;
	const char *why;	/* of a default that is another one than usual: "no C compiler …"; NULL */
	const char *via;	/* "GOFLAGS": the flag stands there; "GOTOOLCHAIN"; NULL */
	uint64_t set_by;	/* the process that put the variable there or wrote the line; 0: not known */
	enum confidence confidence;
	bool is_set;		/* somebody set it: it is neither default nor what Go comes with */
	bool is_changed;	/* and without that the value would be another one */
	bool is_empty_in_env;	/* its variable is there but empty, which counts as unset */
	bool disagrees;		/* the tools received another value than the rules say */
	bool varies;		/* and not all of them the same one */
	const char *by_rule;	/* the value by rule, when it disagrees */
	int64_t proof[EFFECTIVE_MAX_PROOF];	/* ts of events */
	size_t proof_cnt;
};

/* X(id, name) */
#define FILE_STATE_LIST(X)				\
	X(NOT_SEEN,	"not seen")			\
	X(NONE,		"none")				\
	X(MISSING,	"missing")			\
	X(UNREADABLE,	"unreadable")			\
	X(READ,		"read")				\
	X(STALE,	"changed")			\
	X(GONE,		"not captured")

/*
 * none: go looks for no such file, see why; not captured: it was opened, but what was in it is not
 * in the record; changed: what is in the record may not be what the command read.
 */
enum file_state {
#define X(id, name) FILE_##id,
	FILE_STATE_LIST(X)
#undef X
};

const char *file_state__name(enum file_state state);

struct settings_file {
	enum source source;	/* ENV_FILE, GO_ENV, GO_MOD, GO_WORK */
	enum file_state state;
	const char *path;	/* NULL: not known, or none */
	const char *why;	/* there is none; NULL */
	int64_t ts;		/* of the open; -1 */
};

/* A line of a settings file that has no effect. */
struct ignored_line {
	const char *path;
	unsigned int line;
	const char *text;
	const char *why;
};

#define SETTINGS_MAX_IGNORED 100

/* Which Go the command chose to do the work, since 1.21. */
struct toolchain_pick {
	const char *version;	/* "go1.24.4", or a name with a suffix; NULL: itself */
	bool is_by_name;	/* GOTOOLCHAIN names it; else a line of go.work or go.mod */
	bool is_too_old;	/* no other one may be chosen, and the go line asks for more */
	bool may_download;
	struct origin by;	/* of GOTOOLCHAIN, or the line; .source UNKNOWN: nothing asked */
	const char *text;	/* "toolchain go1.24.4", "go 1.24", or GOTOOLCHAIN's value; NULL */
	enum confidence confidence;
	struct proof proof;
};

/* Of a go command: go_command.settings. */
struct command_settings {
	const struct go_command *c;
	const char *version;	/* "go1.22.1" of the go command; NULL: not known */
	struct effective *list;	/* settings by name, then flags */
	size_t cnt;
	struct settings_file files[4];
	size_t file_cnt;
	struct ignored_line *ignored;
	size_t ignored_cnt;
	bool ignored_cut;	/* there may be more */
	/* what go makes of the command; NULL: none, or not known */
	const char *verb;	/* "build", "mod tidy"; "" unknown */
	const char *refused;	/* the word for which go does not even begin */
	const char *dir;	/* where it works, as go names that */
	const char *modfile;	/* the go.mod in effect, or what -modfile named */
	const char *module_dir;	/* the main module's directory */
	const char *workfile;	/* the workspace in effect */
	struct toolchain_pick pick;
	struct godebug godebug;	/* DefaultGODEBUG of the first program it linked, key by key */
	const char *godebug_path; /* the file of the keys' lines; NULL: none */
};

/* The pick, if it is that version; NULL: another one, or none. s may be NULL. */
const struct toolchain_pick *command_settings__pick(const struct command_settings *s, const char *version);

const struct effective *command_settings__find(const struct command_settings *s, const char *name);
/* The command line with GOFLAGS, as go reads them; *ret_argv: borrowed from, to be freed after *ret. */
int command_settings__flags(const struct command_settings *s, struct go_flags *ret,
			    const char ***ret_argv);

#endif
