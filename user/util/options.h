/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_OPTIONS_H
#define GOENVBPF_UTIL_OPTIONS_H
/*
 * Options as data: a row for each says its name, type, argument, help and where its value goes.
 * What reads a command line, what prints help and what hands options on to another process all
 * walk the same rows.
 *
 * A table is an array of rows that ends with an empty one; a group is a table with a title; a verb
 * has a NULL-terminated list of groups, whose rows all refer to one struct of the verb's:
 *
 *	struct list_args { bool all; struct texts paths; uint64_t size; };
 *	static const struct option_row rows[] = {
 *		{ "all",  OPT_FLAG(struct list_args, all), .help = "everything" },
 *		{ "path", OPT_TEXTS(struct list_args, paths), .arg = "GLOB", .help = "only these" },
 *		{ "size", OPT_SIZE(struct list_args, size, 1, 1 << 20), .arg = "SIZE", .help = "…" },
 *		{}
 *	};
 *
 * Lifecycle: a zeroed struct → options__parse() → read it → options__free(). Texts are borrowed
 * from the words that were parsed. An option that was not given is false, NULL or 0. One that may
 * be repeated adds up; another one that comes twice with two values is refused.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct texts {
	const char **v;
	size_t cnt;
};

struct numbers {
	uint64_t *v;
	size_t cnt;
};

enum option_type {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_WORD,	/* one of row.words */
	OPTION_PAIR,	/* KEY=VALUE, KEY is not empty */
	OPTION_NUMBER,	/* from row.min to row.max; 0 is no value */
	OPTION_SIZE,	/* the same in bytes: 65536, 64K, 16M, 1G */
};

struct option_row {
	const char *name;	/* without the dashes; NULL ends the table */
	enum option_type type;
	bool many;		/* may be repeated: the value is a struct texts or struct numbers */
	size_t at;		/* offset of the value */
	uint64_t min, max;
	const char *words;	/* "auto, fexit, tracepoint" */
	char letter;		/* of the short form, or 0 */
	const char *arg;	/* how help calls the value; NULL: a flag */
	const char *
		what; /* "a process id": what the value has to be; NULL: it follows from the type */
	const char *help;
	const char *with; /* name of an option without which this one makes no sense, or NULL */
	uint8_t one_of;		/* rows with the same number exclude each other; 0: none */
	bool needed;		/* with one_of: one of them is */
	bool local;		/* not for another process that does the work */
};

struct option_group {
	const char *title;	/* "Capture options", or NULL */
	const struct option_row *rows;
};

#define OPT_AT(s, field, kind)	\
	(offsetof(s, field) +	\
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((s *)0)->field), kind) ? 1 : -1]))
#define OPT_OF(kind, s, f, ctype) .type = (kind), .at = OPT_AT(s, f, ctype)
#define OPT_FLAG(s, f)	OPT_OF(OPTION_FLAG, s, f, bool)
#define OPT_TEXT(s, f)	OPT_OF(OPTION_TEXT, s, f, const char *)
#define OPT_TEXTS(s, f) OPT_OF(OPTION_TEXT, s, f, struct texts), .many = true
#define OPT_PAIRS(s, f) OPT_OF(OPTION_PAIR, s, f, struct texts), .many = true
#define OPT_WORD(s, f, list)  OPT_OF(OPTION_WORD, s, f, const char *), .words = (list)
#define OPT_WORDS(s, f, list) OPT_OF(OPTION_WORD, s, f, struct texts), .many = true, .words = (list)
#define OPT_NUMBER(s, f, lo, hi) OPT_OF(OPTION_NUMBER, s, f, uint64_t), .min = (lo), .max = (hi)
#define OPT_NUMBERS(s, f, lo, hi)	\
	OPT_OF(OPTION_NUMBER, s, f, struct numbers), .many = true, .min = (lo), .max = (hi)
#define OPT_SIZE(s, f, lo, hi) OPT_OF(OPTION_SIZE, s, f, uint64_t), .min = (lo), .max = (hi)

#define OPTIONS_HELP 1

/*
 * Reads argv[1] and on into *into, up to the first word that is not an option (stop), or all of
 * argv, whose options then come to its front; *ret_next is the index of the first word that is left.
 * -h and --help are always known. 0, OPTIONS_HELP, or a negative errno: -EINVAL with a sentence in
 * why.
 */
int options__parse(const struct option_group *const *groups, void *into, int argc, char **argv,
		   bool stop, int *ret_next, struct str *why);

/* NULL: there is no such row. */
const struct option_row *options__find(const struct option_group *const *groups, const char *name);
/* Gives one option its value ("" for a flag): 0, -ENOMEM, or -EINVAL with a sentence in why. */
int options__set(const struct option_row *row, void *into, const char *value, struct str *why);
/* What rows say about each other: -EINVAL with a sentence in why. options__parse() asks it, too. */
int options__check(const struct option_group *const *groups, const void *from, struct str *why);

/* Every value that was given, as options__set() takes it; stops unless fn gives 0. */
typedef int (*option_fn)(void *ctx, const struct option_row *row, const char *value);
int options__each(const struct option_group *const *groups, const void *from, option_fn fn,
		  void *ctx);

/* Every row: for help, completion, manual pages. */
typedef void (*option_row_fn)(void *ctx, const struct option_group *group,
			      const struct option_row *row);
void options__each_row(const struct option_group *const *groups, option_row_fn fn, void *ctx);

/* "-o, --output FILE" */
void options__spell(const struct option_row *row, struct str *out);

void options__free(const struct option_group *const *groups, void *from);

#endif
