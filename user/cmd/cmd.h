/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_CMD_H
#define GOENVBPF_CMD_CMD_H
/*
 * The verbs. One file per verb, the table in verbs.c is the only list. A verb says as data what its
 * command line may be; it is called with that already read.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/options.h"

/* Exit statuses, see goenvbpf help */
enum {
	EXIT_FINE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_INCONCLUSIVE = 3,
};

struct verb;

/* A verb's command line, read. */
struct call {
	const struct verb *verb;
	const void *options;		/* the struct that verb->groups fill */
	char *const *operands;		/* what is left, NULL-terminated */
	size_t operand_cnt;
	char **argv;			/* all of it, the verb's name first */
};

struct verb {
	const char *name;
	const char *operands;		/* as help shows them: "RECORD"; NULL: there are none */
	size_t min_operands, max_operands;
	const char *missing;		/* what to say when there are less, or NULL */
	bool stops;			/* at the first operand: the rest is a command line */
	bool is_hidden;			/* not for people */
	bool is_privileged;		/* it observes: all others give up every privilege first */
	const struct option_group *groups[5];	/* NULL-terminated */
	size_t options_sz;
	const char *summary;		/* one phrase for the list of verbs */
	/*
	 * The rest of "help VERB", before and after the options: paragraphs, each in one line and
	 * wrapped when shown; lines that begin with a space stay as they are.
	 */
	const char *details;
	const struct option_group *settings;	/* of its configuration file, behind the details; or NULL */
	const char *notes;
	int (*run)(const struct call *call);	/* returns an exit status */
};

#define ANY_OPERANDS ((size_t)-1)

extern const struct verb verb_run, verb_observe, verb_attach, verb_watch, verb_service, verb_job, verb_records;
extern const struct verb verb_report, verb_timeline, verb_env, verb_check, verb_diff, verb_export, verb_push, verb_rules, verb_buildinfo;
extern const struct verb verb_doctor, verb_schema, verb_version, verb_help;

const struct verb *verb__find(const char *name);	/* NULL when there is none */
const struct verb *const *verb__all(void);		/* NULL-terminated, in the order of help */
/* Reads argv, whose first word is the verb's name, and calls it. Returns an exit status. */
int verb__run(const struct verb *verb, int argc, char **argv);

/* Says that there is no such verb, and which one may be meant; returns EXIT_USAGE. */
int verb__unknown(const char *name);
/* Says why the record could not be read; err is reader__open()'s. Returns EXIT_FAILED. */
int cannot_read(const char *record, int err);
/* Says what is wrong and where help is; returns EXIT_USAGE. */
int usage_error(const struct verb *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints a verb's page; returns an exit status. */
int help__verb(const struct verb *verb);

#endif
