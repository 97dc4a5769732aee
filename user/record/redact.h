/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_H
#define GOENVBPF_RECORD_REDACT_H
/*
 * Taking secrets out, before anything is written anywhere.
 *
 * Two principles. The environment goes by an allow-list: only variables in redact_tables.c have a
 * value in a record, of all others just the name is kept. Everything else that people write (argv,
 * URLs, the text of configuration files) keeps its shape: what is known to hold a secret is replaced
 * by "[redacted]", the key beside it stays. There is no guessing by randomness: build IDs, hashes
 * and cache paths look random and are the evidence.
 *
 * Every function appends to out and returns how many redactions it made. Inputs are bytes of any
 * content and need no NUL. Running out of memory is out's sticky error.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

#define REDACTED "[redacted]"

/*
 * May the variable's value be recorded (after redact__env_value)? Its number in the allow-list, below
 * REDACT_ENV_MAX, or -1.
 */
#define REDACT_ENV_MAX 512
int redact__env_allowed(const char *name, size_t n);
/* The name alone says that the value is secret: PASSWORD, GH_TOKEN, api-key, http.x.extraheader. */
bool redact__name_is_secret(const char *name, size_t n);
/* The value of a variable; of one that is not allowed nothing but the marker is left. */
unsigned int redact__env_value(const char *name, size_t name_n, const char *value, size_t n,
			       struct str *out);

/*
 * argv, one argument after the other: --token VALUE needs to know what came before. Zero-initialise
 * for each command line.
 */
struct redact_argv {
	int next;		/* rule for the next argument, set by a flag without "=" */
	bool started;		/* the program's name was seen */
	char prog[16];		/* its last path element: some flags mean a secret only there */
};
unsigned int redact__arg(struct redact_argv *a, const char *arg, size_t n, struct str *out);

/* URLs lose userinfo, query and fragment; tokens with a well-known prefix go. Any text. */
unsigned int redact__text(const char *text, size_t n, struct str *out);
/* A path can be a URL that a program looked for as a file (git clone does). Cheap to ask first. */
bool redact__path_is_suspect(const char *path, size_t n);
unsigned int redact__path(const char *path, size_t n, struct str *out);

/* A configuration file's text: "go/env" and "go.env" by variable, all others as text. */
unsigned int redact__file(const char *name, const char *text, size_t n, struct str *out);

#endif
