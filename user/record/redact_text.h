/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_TEXT_H
#define GOENVBPF_RECORD_REDACT_TEXT_H
/*
 * Secrets in running text, whatever it is: URLs, tokens, and with SCAN_KEYS what stands behind a
 * secret name in any notation (name=value, "name": "value", <name>value</name>, a header). One pass
 * from left to right; what was cut is not looked at again. Private to user/record.
 */
#include "record/redact_cuts.h"

enum {
	SCAN_KEYS = 1 << 0,
	SCAN_PATH = 1 << 1,	/* a path: its elements may be name=value */
};

void text__scan(struct cuts *c, struct view v, unsigned int flags);

/* Steps of it, and what other readings need. */
struct scan {
	struct cuts *c;
	struct view v;
	unsigned int flags;
	size_t url_end, url_at, url_query;	/* of the outermost URL that is being read */
	size_t at_done;			/* "@" before it were looked at */
	size_t value_end;		/* of the value without quotes that is being read */
	bool has_netrc;			/* "machine" or "login" was seen */
	bool names_secret;		/* the last value of "name" or "key" is a secret's name */
	size_t value_from, value_to;	/* of the last "value" that was read */
};

struct span {
	size_t from, to, next;
};

/* A name may end at s[i], '=' or ':'. Returns where to go on. */
size_t keys__at(struct scan *sc, size_t i);
/* ("name", "value"): s[i] is the comma. */
size_t keys__comma(struct scan *sc, size_t i);
/* "<name>" at s[i]. */
size_t keys__xml(struct scan *sc, size_t i);
/* Words that announce a secret: Bearer, password, IDENTIFIED BY; i is where a word starts. */
size_t keys__phrase(struct scan *sc, size_t i);
/* An HTTP header as an argument of its own: "Name: value", or httpie's and bazel's spellings. */
void keys__header(struct cuts *c, struct view v);

/* What is behind quotes; and words without. */
bool keys__starts_quote(const struct view *v, size_t i);
struct span keys__quoted(const struct view *v, size_t i);
size_t keys__word_len(const struct view *v, size_t i);

/* Length of the token at s, a word's start; *ret_from: its first secret byte. 0: none. */
size_t token__len(const char *s, size_t n, size_t *ret_from);
/* The same inside a word, behind '-' or '_': few prefixes are no part of another name. */
size_t token__inside(const char *s, size_t n);
/* Tokens known by their middle; s[i] is '.', ':', '~' or '-'. Where it ends, or 0; *ret_from. */
size_t token__around(const char *s, size_t n, size_t i, size_t *ret_from);
/* What a byte is to the pass over a text; filled by token__set_up(). */
enum {
	BYTE_NAME = 1 << 0,	/* of a word */
	BYTE_STARTS = 1 << 1,	/* a token or an announcing word may start with it */
	BYTE_SAYS = 1 << 2,	/* something may end or begin here */
	BYTE_ESCAPES = 1 << 3,
};

extern unsigned char byte_kinds[256];
void token__set_up(void);

/* A path's element is a token, or has one in it. */
bool path__has_token(const char *s, size_t n);

bool url__has_known_scheme(const char *s, size_t colon);
bool url__has_odd_port(const char *s, size_t n);

/* GOPROXY and its like: item by item. */
void lists__urls(struct cuts *c, struct view v);
void lists__goauth(struct cuts *c, struct view v);

static inline bool is_in(const char *set, char c)
{
	return c && strchr(set, c);
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline size_t skip_blanks(const struct view *v, size_t i)
{
	while (i < v->n && is_blank(v->s[i]))
		i++;
	return i;
}

#endif
