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
	size_t here_end;	/* of the last here-document */
};

/* "<<WORD": what stands on the lines up to WORD is the input. */
static void mark_here_document(struct cuts *c, struct piped *p, struct view all, size_t at,
			       struct view word)
{
	const char *nl, *line, *end = all.s + all.n;
	bool is_closed;

	if (word.n && word.s[0] == '-')
		word = view__part(word, 1, word.n);
	nl = at < p->here_end || !word.n ? NULL : memchr(all.s + at, '\n', all.n - at);
	if (!nl) {
		p->here_end = all.n;
		return;
	}
	for (line = nl; line && (size_t)(end - line) > word.n;
	     line = memchr(line + 1, '\n', end - line - 1))
		if (!memcmp(line + 1, word.s, word.n))
			break;
	is_closed = line && (size_t)(end - line) > word.n;
	p->here_end = is_closed ? (size_t)(line - all.s) : all.n;
	cuts__mark(c, all, nl + 1 - all.s, p->here_end);
}

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
		p->is_echo = args__is_writer(word);
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
	p->reads_secret |= args__is_one_of(readers, ARRAY_SIZE(readers), word) || reads_secret ||
			   (p->is_sudo && word.n == 2 && !memcmp(word.s, "-S", 2));
	if (p->reads_secret && p->to && !p->is_echo)
		cuts__mark(c, all, p->from, p->to);
	if (!p->reads_secret || w->op != '<' || w->from < 4)
		return;
	if (memmem(all.s + w->from - 4, 4, "<<<", 3) && !value__is_open(word.s, word.n))
		args__mark_all(c, word);
	else if (memmem(all.s + w->from - 3, 3, "<<", 2))
		mark_here_document(c, p, all, w->to, word);
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
		args__mark_all(c, v);
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
