/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_QUOTE_H
#define GOENVBPF_GOLANG_QUOTE_H
/*
 * Words and quotes: a shell's command text, the go command's lists of flags, Go's string literals.
 *
 * One tokenizer for shell and flag lists. What it does not know it takes for itself: a quote that
 * nothing closes is a character, so that "the user's file" is three words. Where the two differ
 * (go knows quotes around a whole word only, and no backslash) its words are the longer ones.
 *
 * Lifecycle: zero-initialise with .s and .n (and .is_shell) → quote__next() until false. Whoever
 * wants the word without its quotes decodes it. All of it is linear and allocates nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quote_words {
	const char *s;
	size_t n;
	bool is_shell;		/* ; & | < > ( ) ` and newline end a word, too */
	size_t i;		/* where the next look begins */
	bool dquotes_end;	/* no further double quote has a partner */
};

enum quote_form {
	QUOTE_PLAIN,		/* the word as it stands */
	QUOTE_WRAPPED,		/* in one pair of quotes, no escapes: as it stands between them */
	QUOTE_MIXED,		/* to be decoded */
};

struct quote_word {
	size_t from, to;	/* in s, quotes included */
	enum quote_form form;
	char op; /* the last operator between this word and the one before; 0: none */
};

bool quote__next(struct quote_words *q, struct quote_word *ret);

/* Where a decoded byte stands in the source: [from, to) */
struct quote_place {
	uint32_t from, to;
};

/* A word without its quotes and escapes: out and at have room for n. Returns the length. */
size_t quote__decode(const char *s, size_t n, char *out, struct quote_place *at);

/*
 * One Go string literal, "…" or `…`, at the start of s. Returns its length with the quotes, or
 * -EBADMSG; out and at have room for n.
 */
long quote__literal(const char *s, size_t n, char *out, struct quote_place *at, size_t *ret_n);

#endif
