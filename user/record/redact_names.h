/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_NAMES_H
#define GOENVBPF_RECORD_REDACT_NAMES_H
/*
 * What a name says of its value: names are read as words, so that USE_TOKEN_BUCKET, GIT_AUTHOR_NAME
 * and httpcookiemaxnum are what they are, and dbPassword, x-api-key and STOREPASS, too. Private to
 * user/record.
 */
#include "record/redact_tables.h"

/*
 * RULE_NONE, RULE_KEY, RULE_PRIVATE or RULE_WHOLE. *ret_is_switch: --no-token, --ask-pass take no
 * value.
 */
enum redact_rule name__rule(const char *name, size_t n, bool *ret_is_switch);

/* One lower-case word that says it all: password, token. */
bool name__is_plain_secret(const char *name, size_t n);

/* The value says nothing that is secret, whatever its name: true, 1, none, $TOKEN, empty. */
bool value__is_open(const char *s, size_t n);
/*
 * $TOKEN, ${TOKEN}, ${{ secrets.TOKEN }}, $(cat token), <token>: the place of a value, not a value.
 */
bool value__is_reference(const char *s, size_t n);
bool value__is_path(const char *s, size_t n);
/*
 * Of a name that is no more than KEY: a path, a short or plain word, a number is not the key
 * itself.
 */
bool value__is_open_key(const char *s, size_t n);
/* Letters of both cases with digits, or as good as that: where a name does not help. */
bool value__looks_random(const char *s, size_t n);
/* Lower-case letters only, as in running text. */
bool value__is_plain_word(const char *s, size_t n);

/* A value that a name with this rule may have: nothing that is secret. */
static inline bool rule_is_open(enum redact_rule rule, const char *s, size_t n)
{
	return value__is_open(s, n) || (rule == RULE_KEY && value__is_open_key(s, n)) ||
	       (rule == RULE_PRIVATE && value__is_path(s, n)) ||
	       (rule == RULE_RANDOM && !value__looks_random(s, n));
}

#endif
