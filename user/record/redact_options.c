/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looking a command line up in the tables of programs that take secrets. */
#include <ctype.h>
#include <stdlib.h>

#include "record/redact_env.h"
#include "record/redact_names.h"
#include "record/redact_options.h"

struct name_key {
	const char *s;
	size_t n;
};

static int program_cmp(const void *key, const void *row)
{
	const struct name_key *k = key;
	const struct program_rule *p = row;
	int c = strncmp(k->s, p->name, k->n);

	return c ? c : p->name[k->n] ? -1 : 0;
}

/* The program's family by the last element of its path; NULL: nothing is known of it. */
static const struct program_rule *find_program(const char *s, size_t n)
{
	const char *slash = memrchr(s, '/', n);
	struct name_key key = { s, n };

	if (slash) {
		key.s = slash + 1;
		key.n = s + n - key.s;
	}
	if (!key.n || key.n > 16 || memchr(key.s, '\0', key.n))
		return NULL;
	return bsearch(&key, program_rules, program_rule_cnt, sizeof(program_rules[0]),
		       program_cmp);
}

/* Where the subcommand stands in what was read: the number of words in front of it, or -1. */
static int sub_position(const struct redact_argv *a, const char *sub)
{
	size_t i, n = strlen(sub);
	int words = 0;

	for (i = 0; i + n <= a->sub_n; i++) {
		if ((i == 0 || a->sub[i - 1] == ' ') && !strncasecmp(a->sub + i, sub, n) &&
		    (i + n == a->sub_n || a->sub[i + n] == ' ' || a->sub[i + n] == '.'))
			return words;
		words += a->sub[i] == ' ';
	}
	return -1;
}

/* First row of the family; rows of a family stand together, those of no family in front. */
static const struct option_rule *family_begin(enum redact_family family)
{
	const struct option_rule *o = option_rules, *end = o + option_rule_cnt;

	while (o < end && o->family < family)
		o++;
	return o;
}

static enum redact_rule find_option(const struct redact_argv *a, enum redact_family family,
				    const char *name, size_t n)
{
	const struct option_rule *o, *end = option_rules + option_rule_cnt;

	for (o = family_begin(family); o < end && o->family == family; o++)
		if (o->name && o->name[0] == name[0] && strlen(o->name) == n &&
		    !memcmp(o->name, name, n) && (!o->sub || sub_position(a, o->sub) >= 0))
			return o->rule;
	return RULE_NONE;
}

enum redact_rule options__named(const struct redact_argv *a, const char *name, size_t n)
{
	enum redact_rule rule = RULE_NONE;

	if (a->family != FAMILY_NONE)
		rule = find_option(a, a->family, name, n);
	return rule != RULE_NONE ? rule : find_option(a, FAMILY_NONE, name, n);
}

enum redact_rule options__letters(struct redact_argv *a, const char *s, size_t n, size_t *ret_from)
{
	const struct family_rule *f = &family_rules[a->family];
	enum redact_rule rule;
	size_t i;

	*ret_from = 0;
	if (a->family <= FAMILY_GO || (!f->glues && !f->bare && !f->valued))
		return RULE_NONE;
	rule = n > 3 && f->glues ? find_option(a, a->family, s + 1, 2) : RULE_NONE;
	if (rule != RULE_NONE) {	/* rar's -hp */
		*ret_from = 3;
		return rule;
	}
	for (i = 1; i < n; i++) {
		rule = find_option(a, a->family, s + i, 1);
		if (rule != RULE_NONE && (f->glues || i + 1 == n)) {
			*ret_from = i + 1;
			return rule;
		}
		if (f->counts && s[i] == f->counts)
			a->pos++;
		else if (f->valued && s[i] && strchr(f->valued, s[i]) && i + 1 == n)
			*ret_from = n;
		else if (!f->bare || !s[i] || !strchr(f->bare, s[i]))
			break;
	}
	return RULE_NONE;
}

static void set_program(struct redact_argv *a, const struct program_rule *p)
{
	a->family = p ? p->family : FAMILY_NONE;
	a->pairs = family_rules[a->family].pairs;
	a->pos = a->sub_n = 0;
	a->started = true;
}

static bool is_word(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && !strncasecmp(s, word, n);
}

static void add_sub(struct redact_argv *a, const char *s, size_t n)
{
	if (a->pos > 6 || n > 32 || a->sub_n + n + 1 >= sizeof(a->sub))
		return;
	if (a->sub_n)
		a->sub[a->sub_n++] = ' ';
	memcpy(a->sub + a->sub_n, s, n);
	a->sub_n += n;
	a->pairs |= is_word(s, n, "config") || is_word(s, n, "configure");
}

bool options__reads_secret(const struct redact_argv *a)
{
	static const char *const subs[] = { "secret set", "secret create", "secret put",
					    "secrets set", "secrets import", "secret add" };
	size_t i;

	for (i = 0; a->family > FAMILY_GO && i < ARRAY_SIZE(subs); i++)
		if (sub_position(a, subs[i]) >= 0)
			return true;
	return false;
}

static enum redact_rule positional(const struct redact_argv *a)
{
	const struct option_rule *o, *end = option_rules + option_rule_cnt;
	int at, pos;

	for (o = family_begin(a->family); o < end && o->family == a->family; o++) {
		at = o->sub ? sub_position(a, o->sub) : 0;
		pos = a->pos - at;
		if (!o->name && at >= 0 && (o->pos > 0 ? pos == o->pos : pos >= -o->pos))
			return o->rule;
	}
	return RULE_NONE;
}

/* PASSWORD_COMMAND, passwordeval: the secret is what a program says. */
static bool is_command(const char *s, size_t n)
{
	static const char *const ends[] = { "command", "cmd", "eval" };
	bool is_switch;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		len = strlen(ends[i]);
		if (n > len && !strncasecmp(s + n - len, ends[i], len))
			return name__rule(s, n - len, &is_switch) >= RULE_PRIVATE && !is_switch;
	}
	return false;
}

static bool is_helper(const char *s, size_t n)
{
	return n >= 17 && !strncasecmp(s, "credential.", 11) &&
	       !strncasecmp(s + n - 6, "helper", 6);
}

enum redact_rule options__name(const char *name, size_t n, bool *ret_is_switch)
{
	const struct env_rule *e = env__find(name, n);

	*ret_is_switch = false;
	if (e)
		return e->rule;
	if (is_helper(name, n))
		return RULE_HELPER;
	return is_command(name, n) ? RULE_PROGRAM : name__rule(name, n, ret_is_switch);
}

static bool is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.-", s[i]))
			return false;
	return true;
}

enum redact_rule options__word(struct redact_argv *a, const char *s, size_t n)
{
	const struct program_rule *p;
	enum redact_rule rule, here;
	bool is_switch = false;

	if (!a->started || family_rules[a->family].starts) {
		p = find_program(s, n);
		if (p || !a->started) {
			set_program(a, p);
			return RULE_NONE;
		}
	}
	if (a->family == FAMILY_GO && !a->pairs && !is_word(s, n, "config"))
		return RULE_NONE;
	if (a->pos < 255)
		a->pos++;
	add_sub(a, s, n);
	if (is_word(s, n, "Bearer") || is_word(s, n, "Basic"))
		a->next = RULE_RANDOM;
	rule = a->pairs || (n >= 8 && is_name(s, n)) ? options__name(s, n, &is_switch) : RULE_NONE;
	/*
	 * Elsewhere "password" may be what is looked for: then the next word is none that looks
	 * like one.
	 */
	if (rule == RULE_WHOLE && !a->pairs)
		rule = strncasecmp(s, "cred", 4) ? RULE_RANDOM : RULE_NONE;
	here = a->family > FAMILY_GO ? positional(a) : RULE_NONE;
	if (is_switch || here == RULE_KEEP || (rule != RULE_HELPER && rule < RULE_PRIVATE))
		return here;
	a->next = rule;
	a->pos += a->next != RULE_RANDOM;	/* of the value */
	return here;
}
