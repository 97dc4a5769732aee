/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_TABLES_H
#define GOENVBPF_RECORD_REDACT_TABLES_H
/*
 * What is redacted, as data; redact.c and redact_text.c hold the how. Private to user/record and its tests.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

/* How a value is treated. */
enum redact_rule {
	RULE_NONE,	/* nothing known: as an argument of its own */
	RULE_TEXT,	/* URLs and tokens inside */
	RULE_WORDS,	/* flags and assignments inside */
	RULE_URLS,	/* a list of URLs */
	RULE_AUTH,	/* GOAUTH: method keywords only */
	RULE_XDEF,	/* link -X importpath.name=value: the value goes */
	RULE_USER,	/* user:password, the password goes */
	RULE_WHOLE,	/* all of it goes */
};

struct env_rule {
	const char *name;
	enum redact_rule rule;
};

extern const struct env_rule env_rules[];	/* the allow-list, sorted by name (strcmp) */
extern const size_t env_rule_cnt;

/* Flags without their dashes. prog NULL: of any program. */
struct flag_rule {
	const char *name;
	enum redact_rule rule;
	const char *prog;
};

extern const struct flag_rule flag_rules[];
extern const size_t flag_rule_cnt;

/* Globs with '*' at either end, over names in upper case with '-' as '_'. */
extern const char *const secret_globs[];
extern const size_t secret_glob_cnt;
extern const char *const harmless_globs[];	/* what secret_globs would catch wrongly */
extern const size_t harmless_glob_cnt;

/* Names of HTTP headers whose value is secret, lower case. */
extern const char *const secret_headers[];
extern const size_t secret_header_cnt;

struct token_rule {
	const char *prefix;
	unsigned int min;	/* token characters that must follow */
	bool (*is_char)(unsigned char c);
	unsigned int dots;	/* of which this many must be '.' */
};

extern const struct token_rule token_rules[];
extern const size_t token_rule_cnt;

/* What -X may say in the clear: the go command puts the default GODEBUG there. */
extern const char *const public_xdefs[];
extern const size_t public_xdef_cnt;

/* URL schemes, also recognised when "//" was folded into "/" because the URL was taken for a path. */
extern const char *const url_schemes[];
extern const size_t url_scheme_cnt;

/* Internal steps shared by redact.c and redact_text.c */
unsigned int redact__url_list(const char *s, size_t n, struct str *out);
unsigned int redact__goauth(const char *s, size_t n, struct str *out);

#endif
