/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_KINDS_H
#define GOENVBPF_RECORD_KINDS_H
/*
 * The kinds of record lines: the only list. The name is the line's "k"; the text is for people and
 * for the schema's titles.
 */
#define REC_LIST(X)									\
	X(HEADER,	header,		"what was observed, when, where and how")	\
	X(EXEC,		exec,		"a process runs a new program")			\
	X(EXEC_FAILED,	exec_failed,	"a program could not be run")			\
	X(FORK,		fork,		"a process or thread was started")		\
	X(EXIT,		exit,		"a process ended")				\
	X(OPEN,		open,		"a path was opened, or was not")		\
	X(STAT,		stat,		"a path was looked at, or was not there")	\
	X(ACCESS,	access,		"a permission was asked")			\
	X(READLINK,	readlink,	"a symbolic link was read")			\
	X(MKDIR,	mkdir,		"a directory was made")				\
	X(UNLINK,	unlink,		"a name was removed")				\
	X(RENAME,	rename,		"a name was changed")				\
	X(LINK,		link,		"a hard link was made")				\
	X(SYMLINK,	symlink,	"a symbolic link was made")			\
	X(TRUNCATE,	truncate,	"a file was cut by path")			\
	X(UTIMES,	utimes,		"a file's times were set")			\
	X(CHMOD,	chmod,		"a file's mode was set")			\
	X(CHDIR,	chdir,		"the working directory or root was changed")	\
	X(CONNECT,	connect,	"a socket was connected (--net)")		\
	X(BUILDINFO,	buildinfo,	"what an executable that ran has embedded")	\
	X(FILE,		file,		"a small configuration file as it was when opened")	\
	X(CACHE,	cache,		"a build cache entry that was used")		\
	X(SOURCE,	source,		"a file that was read to build something: its content's hash")	\
	X(PAUSED,	paused,		"a process was stopped, or its control group frozen")	\
	X(LOST,		lost,		"events that could not be kept, where it happened")	\
	X(BLIND,	blind,		"from here on a process can do things unseen")	\
	X(END,		end,		"totals, and whether everything was seen")

enum rec_kind {
	REC_UNKNOWN,		/* a kind that this version does not know: skipped by readers */
#define X(id, name, title) REC_##id,
	REC_LIST(X)
#undef X
	REC_CNT,
};

/* "exec" for REC_EXEC; "unknown" for REC_UNKNOWN. */
const char *rec_kind__name(enum rec_kind kind);
enum rec_kind rec_kind__from_name(const char *name);

/* "what" of a blind line, beside io_uring: a process of somebody else in a record of one user's processes. */
#define BLIND_OTHER_USER "other_user"

/*
 * The configuration files whose text is in a record: the only list. The word is the "what" of a
 * file line: what a file is for those who read it does not follow from its name, which is whatever
 * GOENV, GOWORK or -modfile say.
 */
#define CONFIG_LIST(X)								\
	X(ENV,		"go/env")		/* the user's settings */	\
	X(GO_ENV,	"go.env")		/* those of GOROOT */		\
	X(GO_MOD,	"go.mod")						\
	X(GO_WORK,	"go.work")						\
	X(MODULES,	"modules.txt")		/* of a vendor directory */	\
	X(IMPORTCFG,	"importcfg")						\
	X(IMPORTCFG_LINK, "importcfg.link")					\
	X(VET_CFG,	"vet.cfg")						\
	X(TELEMETRY,	"telemetry/mode")						\
	X(SHELL,	"shell")		/* a start-up file: lines about Go */ \
	X(PROGRAM,	"config")		/* of another program: its name alone */

enum config_kind {
	CONFIG_NONE,
#define X(id, name) CONFIG_##id,
	CONFIG_LIST(X)
#undef X
	CONFIG_CNT,
};

/* "go/env" for CONFIG_ENV; NULL for CONFIG_NONE. */
const char *config_kind__name(enum config_kind kind);

#endif
