/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_COMMANDS_H
#define GOENVBPF_MODEL_COMMANDS_H
/*
 * The go commands of a record, each with all that is known of it: what it was given, what it looked
 * at to find its settings and its module, what its tools received, what worked for it. A go command
 * that another one started is a command of its own.
 *
 * The settings topic adds roots and settings; other topics keep what they derive of a command under
 * its number (proc), each for itself.
 */
#include "model/environment.h"
#include "model/process.h"
#include "model/roots.h"
#include "util/hash.h"

/* The first time that a go command looked at a path that says something about its settings. */
struct lookup {
	enum rec_kind kind;		/* REC_OPEN, REC_STAT */
	const char *as, *path, *err;	/* as: as the call named it */
	bool is_dir;
	int64_t ts;
};

/* Set for a go that another one switched to: "go1.24.4". */
#define SWITCH_VERSION "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"

struct go_command {
	uint64_t proc;
	const struct process *p;
	const struct environment *env;	/* that it was given */
	const char *cgroup;		/* NULL: not known */
	const char *search_dir;		/* where its search for go.mod and go.work began; NULL: not seen */
	const char *moved_to;		/* by -C; NULL: not */
	bool reads_links;		/* it followed symbolic links of its own accord */
	struct lookup *lookups;		/* in the order of the record */
	size_t lookup_cnt;
	/* The go command that ran before in this process and handed over to this Go, or that started the
	 * program called like a Go version which started this one; NULL. */
	const struct go_command *before;
	bool has_after;			/* it is that of another one */
	struct {
		const struct environment *env;	/* of the first one; NULL: none was seen */
		int64_t ts;
		bool is_whole;		/* what is not there was not passed */
		bool *varies;		/* by setting (setting__all()): a later one received something else */
	} tools;
	struct {
		const char *value;	/* GODEBUG that it made the linker put into the first program; NULL */
		int64_t ts;
		bool is_linked, varies;	/* there is a program; a later one has another value */
	} godebug;
	struct roots roots;		/* as far as they are known by now */
	const struct command_settings *settings;	/* settings/settings.h; since model__finish() */
	/* programs that it started, directly or not: those at work by role, and the others */
	uint64_t roles[TOOL_CNT], probes;
	uint64_t accesses, failed;	/* of all of them together, and its own */
	UT_hash_handle hh;
};

/* In the order of their start: from NULL to NULL. */
const struct go_command *model__next_command(const struct model *m, const struct go_command *c);
/* The one with this number; NULL: it is not a go command. */
const struct go_command *model__command(const struct model *m, uint64_t proc);
/* The one that the process is or works for; NULL: none. p may be NULL. */
const struct go_command *model__command_of(const struct model *m, const struct process *p);

/* For topics: also one that may still turn out to be a go command. */
struct go_command *commands__find(struct model *m, uint64_t proc);

/* The first look at a path, by either of its names, that found it; else the first one. NULL: never. */
const struct lookup *go_command__lookup(const struct go_command *c, const char *path);
/* The first open of a path; NULL: never. */
const struct lookup *go_command__open(const struct go_command *c, const char *path);
/* A variable as the command sees it: NULL when it is empty, as for go. */
const char *go_command__var(const struct go_command *c, const char *name);
/* "go1.22.1"; NULL: not known. */
const char *go_command__version(const struct model *m, const struct go_command *c);

#endif
