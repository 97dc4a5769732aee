/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_CMD_H
#define GOENVBPF_CMD_CMD_H
/*
 * The verbs. One file per verb; the table in verbs.c is the only list.
 */
#include <stdbool.h>

/* Exit statuses, see goenvbpf help */
enum {
	EXIT_FINE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_INCONCLUSIVE = 3,
};

struct verb {
	const char *name;
	const char *synopsis;	/* one line: "report RECORD [--json]" */
	const char *summary;	/* one phrase for the list of verbs */
	const char *details;	/* the rest of "help VERB": options, examples */
	const char *more;	/* what it shares with other verbs, or NULL */
	/* argv[0] is the verb's name; getopt's state is fresh. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct verb verb_run, verb_observe, verb_attach, verb_watch;
extern const struct verb verb_report, verb_timeline, verb_env, verb_buildinfo;
extern const struct verb verb_doctor, verb_schema, verb_version, verb_help;

const struct verb *verb__find(const char *name);	/* NULL when there is none */
const struct verb *const *verb__all(void);		/* NULL-terminated, in the order of help */

/* Says that there is no such verb, and which one may be meant; returns EXIT_USAGE. */
int verb__unknown(const char *name);
/* Says why the record could not be read; err is reader__open()'s. Returns EXIT_FAILED. */
int cannot_read(const char *record, int err);
/* getopt_long() found '?' or ':' (its short options begin with ':'). Returns EXIT_USAGE. */
int option_error(const struct verb *verb, int found, char **argv);
/* Says what is wrong and where help is; returns EXIT_USAGE. */
int usage_error(const struct verb *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
