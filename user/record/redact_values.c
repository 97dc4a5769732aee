/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What of a value is secret, by its rule. */
#include "record/redact_args.h"
#include "record/redact_names.h"
#include "record/redact_text.h"

bool args__is_one_of(const char *const *words, size_t cnt, struct view v)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		if (strlen(words[i]) == v.n && !memcmp(words[i], v.s, v.n))
			return true;
	return false;
}

/* What they write is what they are given. */
bool args__is_writer(struct view v)
{
	static const char *const writers[] = { "echo", "printf", "/bin/echo", "/usr/bin/printf" };

	return args__is_one_of(writers, ARRAY_SIZE(writers), v);
}

/* All of a value but the quotes around it. */
void args__mark_all(struct cuts *c, struct view v)
{
	size_t n = v.n > 1 && v.s[0] == '\\' ? 2 : 1;

	if (v.n >= 2 * n && is_in("\"'", v.s[n - 1]) && v.s[v.n - 1] == v.s[n - 1] &&
	    (n == 1 || v.s[v.n - 2] == '\\'))
		cuts__mark(c, v, n, v.n - n);
	else
		cuts__mark(c, v, 0, v.n);
}

/* What stands behind the first sep; all of it when there is none and is_alone says so. */
static void mark_after(struct cuts *c, struct view v, char sep, bool is_alone)
{
	const char *p = memchr(v.s, sep, v.n);

	if (p && p + 1 == v.s + v.n && value__looks_random(v.s, p - v.s))
		cuts__mark(c, v, 0, p - v.s);	/* a token for the user, no password */
	else if (p && !value__is_open(p + 1, v.s + v.n - p - 1))
		cuts__mark(c, v, p + 1 - v.s, v.n);
	else if (!p && is_alone)
		args__mark_all(c, v);
}

static void mark_xdef(struct cuts *c, struct view v)
{
	size_t i, len;

	for (i = 0; i < public_xdef_cnt; i++) {
		len = strlen(public_xdefs[i]);
		if (v.n > len && v.s[len] == '=' && !memcmp(v.s, public_xdefs[i], len))
			return;
	}
	mark_after(c, v, '=', false);
}

/* "pass:VALUE"; "env:NAME", "file:PATH", "fd:N" and "stdin" say where it is. */
static void mark_passarg(struct cuts *c, struct view v)
{
	static const char *const where[] = { "env:", "file:", "fd:", "stdin", "prompt" };
	const char *colon = memchr(v.s, ':', v.n);
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		len = strlen(where[i]);
		if (v.n >= len && !memcmp(v.s, where[i], len))
			return;
	}
	cuts__mark(c, v, colon ? colon + 1 - v.s : 0, v.n);
}

/*
 * A command of the user's own: its program, options and subcommands are facts; other words may be
 * secret.
 */
static void mark_program(struct cuts *c, struct view v, unsigned int depth)
{
	struct quote_words q = { .s = v.s, .n = v.n };
	struct quote_word w;
	bool is_first = true, is_written = false;
	struct view word;

	for (; quote__next(&q, &w); is_first = false) {
		word = cuts__decode_word(c, v, &w);
		if (is_first)
			is_written = args__is_writer(word);
		else if (!(word.n && word.s[0] == '-') &&
			 (is_written || !value__is_plain_word(word.s, word.n)))
			args__mark_all(c, word);
	}
	args__words(c, v, false, depth + 1);
}

/* scott/tiger@db */
static void mark_slash(struct cuts *c, struct view v)
{
	const char *at = memchr(v.s, '@', v.n);

	mark_after(c, view__part(v, 0, at ? (size_t)(at - v.s) : v.n), '/', false);
}

static void mark_marked(struct cuts *c, struct view v)
{
	static const char *const marks[] = { ">", "<", "#", "/p:", "/gp:" };
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(marks); i++) {
		n = strlen(marks[i]);
		if (v.n > n && !memcmp(v.s, marks[i], n))
			cuts__mark(c, v, n, v.n);
	}
}

/* "x\r" is x and the return key. */
static void mark_sent(struct cuts *c, struct view v)
{
	size_t n = v.n;

	while (n > 1 && v.s[n - 2] == '\\' && is_in("rn", v.s[n - 1]))
		n -= 2;
	if (n && v.s[0] != '$' && !value__is_open(v.s, n))
		cuts__mark(c, v, 0, n);
}

/* name=value&name=value: each as an argument of its own. */
static void mark_form(struct cuts *c, struct view v, unsigned int depth)
{
	size_t i, from = 0;

	for (i = 0; i <= v.n; i++) {
		struct redact_argv inner = { .started = true };

		if (i < v.n && v.s[i] != '&')
			continue;
		args__item(c, &inner, view__part(v, from, i), depth);
		from = i + 1;
	}
}

static void mark_named(struct cuts *c, enum redact_rule rule, struct view v)
{
	if (!rule_is_open(rule, v.s, v.n))
		args__mark_all(c, v);
}

void args__apply(struct cuts *c, enum redact_rule rule, struct view v, unsigned int depth)
{
	static const char seps[RULE_CNT] = {
		[RULE_USER] = ':', [RULE_CREDS] = ':', [RULE_PERCENT] = '%', [RULE_COMMA] = ',',
		[RULE_PAIR] = '=',
	};
	struct redact_argv inner = { .started = true };

	if (seps[rule]) {
		mark_after(c, v, seps[rule], rule == RULE_CREDS);
		return;
	}
	if (rule == RULE_HELPER)
		rule = v.n && v.s[0] == '!' ? RULE_ALL : RULE_WORDS;
	switch (rule) {
	case RULE_NONE:
		args__item(c, &inner, v, depth);
		break;
	case RULE_WORDS:
		args__words(c, v, false, depth + 1);
		break;
	case RULE_URLS:
		lists__urls(c, v);
		break;
	case RULE_AUTH:
		lists__goauth(c, v);
		break;
	case RULE_XDEF:
		mark_xdef(c, v);
		break;
	case RULE_PROGRAM:
		mark_program(c, v, depth);
		break;
	case RULE_SLASH:
		mark_slash(c, v);
		break;
	case RULE_PASSARG:
		mark_passarg(c, v);
		break;
	case RULE_MARKED:
		mark_marked(c, v);
		break;
	case RULE_HEADER:
		keys__header(c, v);
		break;
	case RULE_SHELL:
		args__words(c, v, true, depth + 1);
		break;
	case RULE_FORM:
		mark_form(c, v, depth);
		break;
	case RULE_SENT:
		mark_sent(c, v);
		break;
	case RULE_KEY: case RULE_PRIVATE: case RULE_WHOLE: case RULE_RANDOM:
		mark_named(c, rule, v);
		break;
	case RULE_LOGIN: case RULE_ALL:
		if (!value__is_reference(v.s, v.n))
			args__mark_all(c, v);
		break;
	default:	/* what running text says of it is said */
		break;
	}
}
