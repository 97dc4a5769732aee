/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_H
#define GOENVBPF_RECORD_REDACT_H
/*
 * Taking secrets out, before anything is written anywhere.
 *
 * Two principles. The environment goes by an allow-list: only variables in redact_env.c have a
 * value in a record, of all others just the name is kept. Everything else that people write (argv,
 * URLs, the text of configuration files) keeps its shape: what is known to hold a secret is
 * replaced by "[redacted]", the key beside it stays. What is secret, names say (read as words),
 * places on the command lines of programs that are known, and shapes of tokens. Randomness alone is
 * never a reason: build IDs, hashes and cache paths look random and are the evidence.
 *
 * redact_tables.h has what is known as data. redact_cuts.h has how a text is redacted: readings of
 * it mark places (redact_text.c as running text, redact_args.c as words), which are cut out at
 * once. All of it is linear in the text.
 *
 * Every function appends to out and returns how many redactions it made. Inputs are bytes of any
 * content and need no NUL. Running out of memory is out's sticky error.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record/kinds.h"
#include "util/str.h"

#define REDACTED "[redacted]"

/*
 * With a key the marker is "[redacted:XXXXXXXX]": eight digits of the value's HMAC-SHA-256, equal
 * for equal values under one key. Called at most once, before the first line of the process is
 * made. n 0: no key.
 */
void redact__set_key(const void *key, size_t n);

/*
 * May the variable's value be recorded (after redact__env_value)? Its number in the allow-list,
 * below REDACT_ENV_MAX, or -1.
 */
#define REDACT_ENV_MAX 512
int redact__env_allowed(const char *name, size_t n);
/* The name alone says that the value is secret: PASSWORD, GH_TOKEN, api-key, http.x.extraheader. */
bool redact__name_is_secret(const char *name, size_t n);
/* The value of a variable; of one that is not allowed nothing but the marker is left. */
unsigned int redact__env_value(const char *name, size_t name_n, const char *value, size_t n,
			       struct str *out);
/*
 * The value of a build setting, as a program's build information has it: "-ldflags", "CGO_CFLAGS".
 */
unsigned int redact__setting(const char *name, size_t name_n, const char *value, size_t n,
			     struct str *out);

/*
 * argv, one argument after the other: --token VALUE needs to know what came before. Zero-initialise
 * for each command line.
 */
struct redact_argv {
	int next;		/* rule for the next argument, set by what came before */
	bool started;		/* the program's name was seen */
	bool pairs;		/* a bare secret name is followed by its value */
	unsigned char family;	/* of the program: some options mean a secret only there */
	unsigned char pos;	/* words that are no options, behind the program */
	unsigned char sub_n;
	char sub[47];		/* the first of them */
};
unsigned int redact__arg(struct redact_argv *a, const char *arg, size_t n, struct str *out);

/* URLs lose userinfo, query and fragment; tokens of a known shape go. Any text. */
unsigned int redact__text(const char *text, size_t n, struct str *out);
/* A path can be a URL that a program looked for as a file (git clone does). Cheap to ask first. */
bool redact__path_is_suspect(const char *path, size_t n);
unsigned int redact__path(const char *path, size_t n, struct str *out);

/*
 * A configuration file's text by its kind: settings by variable, importcfg with its build
 * information, go.mod and its like; CONFIG_NONE is what a compiler is given as @file, or anything.
 */
unsigned int redact__file(enum config_kind kind, const char *text, size_t n, struct str *out);

#endif
