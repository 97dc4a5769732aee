/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Secrets by their place on a command line. */
#include <ctype.h>

#include "record/redact_args.h"
#include "record/redact_names.h"
#include "record/redact_options.h"
#include "record/redact_text.h"

static bool is_many_words(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_in(" \t\r\n\"'`;", s[i]))
			return true;
	return false;
}

static bool is_one_of(const char *const *words, size_t cnt, struct view v)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		if (strlen(words[i]) == v.n && !memcmp(words[i], v.s, v.n))
			return true;
	return false;
}

/* What they write is what they are given. */
static bool is_writer(struct view v)
{
	static const char *const writers[] = { "echo", "printf", "/bin/echo", "/usr/bin/printf" };

	return is_one_of(writers, ARRAY_SIZE(writers), v);
}

/* --- values --- */

/* All of a value but the quotes around it. */
static void mark_all(struct cuts *c, struct view v)
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

	if (p && !value__is_open(p + 1, v.s + v.n - p - 1))
		cuts__mark(c, v, p + 1 - v.s, v.n);
	else if (!p && is_alone)
		mark_all(c, v);
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
			is_written = is_writer(word);
		else if (!(word.n && word.s[0] == '-') &&
			 (is_written || !value__is_plain_word(word.s, word.n)))
			mark_all(c, word);
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

static void mark_named(struct cuts *c, enum redact_rule rule, struct view v)
{
	if (rule == RULE_RANDOM ? value__looks_random(v.s, v.n) : !rule_is_open(rule, v.s, v.n))
		mark_all(c, v);
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
	case RULE_SENT:
		mark_sent(c, v);
		break;
	case RULE_KEY: case RULE_PRIVATE: case RULE_WHOLE: case RULE_RANDOM:
		mark_named(c, rule, v);
		break;
	case RULE_LOGIN: case RULE_ALL:
		if (!value__is_reference(v.s, v.n))
			mark_all(c, v);
		break;
	default:	/* what running text says of it is said */
		break;
	}
}

void args__setting(struct cuts *c, const char *name, size_t n, struct view value,
		   unsigned int depth)
{
	static const struct redact_argv none = { .started = true };
	size_t dashes = 0;
	enum redact_rule rule;
	bool is_switch;

	while (dashes < n && name[dashes] == '-')
		dashes++;
	rule = dashes ? options__named(&none, name + dashes, n - dashes) : RULE_NONE;
	if (rule == RULE_NONE)
		rule = options__name(name + dashes, n - dashes, &is_switch);
	args__apply(c, rule, value, depth);
}

/* --- one argument --- */

enum step {
	STEP_OTHER,	/* it is something else */
	STEP_PEELED,	/* the name in front of the value says nothing, go on with the value */
	STEP_DONE,
};

/* -DNAME=value and -eNAME=value: the name is behind the letter. */
static enum redact_rule glued_name_rule(const char *s, size_t n)
{
	bool is_switch;

	if (n < 3 || !is_in("DePE", s[1]) || s[1] == '-')
		return RULE_NONE;
	if (s[1] == 'e' && !isupper((unsigned char)s[2]))
		return RULE_NONE;
	return options__name(s + 2, n - 2, &is_switch);
}

/* "TOKEN='a b' ./app": a quoted value that does not go to the end is one word of several. */
static bool is_one_of_words(struct view v)
{
	struct quote_words q = { .s = v.s, .n = v.n };
	struct quote_word w;

	return v.n > 1 && is_in("\"'", v.s[0]) && quote__next(&q, &w) && w.to < v.n;
}

static enum step named_value(struct cuts *c, enum redact_rule rule, struct view *v, size_t from,
			     unsigned int depth)
{
	struct view value = view__part(*v, from, v->n);

	if (rule >= RULE_KEY && is_one_of_words(value))
		return STEP_OTHER;
	*v = value;
	if (rule == RULE_NONE)
		return STEP_PEELED;
	args__apply(c, rule, value, depth);
	return STEP_DONE;
}

static bool is_composed(const char *s, size_t n)
{
	return memchr(s, '/', n) || memchr(s, ',', n) || (memchr(s, ':', n) && s[1] != '-');
}

/* -lsecret-1 and -ltoken are libraries, -DSECRET is a macro. */
static bool is_library(const char *s, size_t n)
{
	size_t end = 2;
	bool is_switch;

	if (n < 3 || !is_in("lD", s[1]))
		return false;
	while (end < n && islower((unsigned char)s[end]))
		end++;
	return s[1] == 'D' || (name__rule(s + 2, end - 2, &is_switch) != RULE_NONE &&
			       s[2] != 'o');
}

static enum step flag(struct cuts *c, struct redact_argv *a, struct view *v, unsigned int depth)
{
	size_t dashes = v->n > 1 && v->s[1] == '-' ? 2 : 1, from = 0;
	const char *eq = memchr(v->s, '=', v->n);
	size_t len = eq ? (size_t)(eq - v->s) : v->n;
	enum redact_rule rule;
	bool is_switch = false;

	if (len <= dashes)
		return STEP_OTHER;
	rule = options__named(a, v->s + dashes, len - dashes);
	if (rule == RULE_NONE && dashes == 1 && !name__is_plain_secret(v->s + 1, len - 1)) {
		rule = options__letters(a, v->s, v->n, &from);
		if (rule != RULE_NONE && from < v->n) {
			args__apply(c, rule, view__part(*v, from, v->n), depth);
			return STEP_DONE;
		}
		if (rule == RULE_NONE && from == v->n)
			rule = RULE_KEEP;
	}
	if (rule == RULE_NONE && is_many_words(v->s, len))
		return STEP_OTHER;
	/* -Wl,-rpath,DIR and -I/usr/include/NAME have no value behind them */
	if (rule == RULE_NONE && !eq && is_composed(v->s, len))
		return STEP_DONE;
	if (rule == RULE_NONE)
		rule = options__name(v->s + dashes, len - dashes, &is_switch);
	if (rule == RULE_NONE && dashes == 1 && eq)
		rule = glued_name_rule(v->s, len);
	if (!eq) {
		a->next = is_switch || rule == RULE_SWITCH ? RULE_NONE : rule;
		if (rule >= RULE_KEY && dashes == 1 && is_library(v->s, v->n))
			a->next = RULE_NONE;
		return STEP_DONE;
	}
	return named_value(c, rule, v, len + 1, depth);
}

/* NAME=value and pattern=-flags; a URL with a query is none. */
static enum step assignment(struct cuts *c, struct view *v, unsigned int depth)
{
	const char *eq = memchr(v->s, '=', v->n);
	size_t len = eq ? (size_t)(eq - v->s) : 0;
	enum redact_rule rule;
	bool is_switch;

	if (!len || (len + 1 < v->n && eq[1] == '>') || eq[-1] == '!' || is_many_words(v->s, len))
		return STEP_OTHER;
	rule = options__name(v->s, len, &is_switch);
	if (rule == RULE_NONE && memmem(v->s, len, "://", 3))
		return STEP_OTHER;
	/* A path is no name: importcfg-like "go/token=file" stays; npm's "//host/:name" is one. */
	if (rule != RULE_NONE && memchr(v->s, '/', len) && !memmem(v->s, len, "://", 3) &&
	    !memmem(v->s, len, "/:", 2))
		rule = RULE_NONE;
	return named_value(c, rule, v, len + 1, depth);
}

/* The value of the option before, when this is one. */
static bool take_next(struct cuts *c, struct redact_argv *a, struct view v, unsigned int depth)
{
	enum redact_rule rule = a->next;

	a->next = RULE_NONE;
	if (rule == RULE_NONE)
		return false;
	/*
	 * A flag that takes a value is not followed by another flag; -X and -u need no such care.
	 */
	if ((rule == RULE_RANDOM || (rule >= RULE_KEY && v.n && v.s[0] == '-')) &&
	    !value__looks_random(v.s, v.n))
		return false;
	args__apply(c, rule, v, depth);
	return true;
}

/* The view without quotes around it, when they are one pair. */
static bool unwrap(struct view *v)
{
	struct quote_words q = { .s = v->s, .n = v->n };
	struct quote_word w;

	if (v->n < 2 || !is_in("\"'", v->s[0]) || v->s[v->n - 1] != v->s[0] ||
	    !quote__next(&q, &w) || w.form != QUOTE_WRAPPED || w.to != v->n)
		return false;
	*v = view__part(*v, 1, v->n - 1);
	return true;
}

static bool is_login_pair(struct view v)
{
	const char *eq = memchr(v.s, '=', v.n);

	return eq && eq > v.s && eq + 1 < v.s + v.n && value__is_plain_word(v.s, eq - v.s);
}

/* A word that is no option: a place on the command line may say what it is. */
static bool take_word(struct cuts *c, struct redact_argv *a, struct view v, unsigned int depth)
{
	enum redact_rule rule;

	if (!v.n || v.s[0] == '-' || (!a->started && memchr(v.s, '=', v.n)))
		return false;
	rule = options__word(a, v.s, v.n);
	if (rule == RULE_NONE || (rule == RULE_LOGIN && is_login_pair(v)))
		return false;
	args__apply(c, rule, v, depth);
	return true;
}

/* is_word: no quotes around it, and no blanks in it. */
static void item(struct cuts *c, struct redact_argv *a, struct view v, bool is_word,
		 unsigned int depth)
{
	struct redact_argv inner = { .started = true };
	struct redact_argv *now = a;
	enum step step = STEP_PEELED;

	if (take_next(c, a, v, depth) || take_word(c, a, v, depth))
		return;
	while (step == STEP_PEELED) {
		unwrap(&v);
		step = v.n && v.s[0] == '-' ? flag(c, now, &v, depth) : STEP_OTHER;
		if (step == STEP_OTHER)
			step = assignment(c, &v, depth);
		if (step == STEP_PEELED)
			now = &inner;
	}
	/* "-ldflags=all=-X" a.b=c */
	if (now == &inner)
		a->next = inner.next;
	if (step == STEP_OTHER && !is_word && is_many_words(v.s, v.n))
		args__words(c, v, true, depth + 1);
}

void args__item(struct cuts *c, struct redact_argv *a, struct view v, unsigned int depth)
{
	item(c, a, v, false, depth);
}

/* --- words --- */

/*
 * What a pipe carries into a program that reads a secret: echo SECRET | docker login
 * --password-stdin.
 */
struct piped {
	size_t from, to;	/* arguments of the last echo or printf; to 0: none */
	bool is_echo;		/* the command that is being read is one */
	bool is_sudo;
	bool reads_secret;
};

static void follow_pipe(struct cuts *c, struct piped *p, struct view all,
			const struct quote_word *w, struct view word, bool is_command,
			bool reads_secret)
{
	static const char *const readers[] = { "--password-stdin", "--with-token", "--stdin",
					       "chpasswd", "--passphrase-fd", "kinit",
					       "--token-stdin", "--passwd-on-stdin", "smbpasswd",
					       "cryptsetup", "--key-file=-", "--stdin-name" };
	size_t quote = w->form == QUOTE_WRAPPED;

	if (is_command) {
		if (w->op != '|')
			p->to = 0;
		p->is_echo = is_writer(word);
		p->is_sudo = word.n == 4 && !memcmp(word.s, "sudo", 4);
		p->reads_secret = false;
		if (p->is_echo) {
			p->to = 0;
			return;
		}
	}
	if (p->is_echo && !(word.n && is_in("-%", word.s[0])) && !value__is_open(word.s, word.n)) {
		p->from = p->to ? p->from : w->from + quote;
		p->to = w->to - quote;
	}
	p->reads_secret |= is_one_of(readers, ARRAY_SIZE(readers), word) || reads_secret ||
			   (p->is_sudo && word.n == 2 && !memcmp(word.s, "-S", 2));
	if (p->reads_secret && p->to && !p->is_echo)
		cuts__mark(c, all, p->from, p->to);
	if (p->reads_secret && w->op == '<' && w->from && all.s[w->from - 1] != '(' &&
	    !value__is_open(word.s, word.n) && w->from > 3 &&
	    memmem(all.s + w->from - 4, 4, "<<<", 3))
		mark_all(c, word);
}

void args__words(struct cuts *c, struct view v, bool is_shell, unsigned int depth)
{
	struct quote_words q = { .s = v.s, .n = v.n, .is_shell = is_shell };
	struct redact_argv a = { .started = !is_shell };
	struct piped piped = {};
	struct quote_word w;
	bool is_command;
	struct view word;

	if (depth > REDACT_DEPTH) {
		mark_all(c, v);
		return;
	}
	while (quote__next(&q, &w)) {
		is_command = is_shell && (w.from == 0 || is_in(";&|()`\n", w.op));
		if (is_command)
			a = (struct redact_argv){};
		word = cuts__decode_word(c, v, &w);
		if (w.form == QUOTE_MIXED)
			text__scan(c, word, SCAN_KEYS);
		is_command |= is_shell && !a.started;
		item(c, &a, word, w.form == QUOTE_PLAIN, depth);
		if (is_shell)
			follow_pipe(c, &piped, v, &w, word, is_command, options__reads_secret(&a));
	}
}
