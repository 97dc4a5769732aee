/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names and the values behind them, in any notation: name=value, name = "value", "name": "value",
 * name: value, [name]=value, <name>value</name>, headers, and words that announce a secret.
 */
#include <ctype.h>

#include "record/redact.h"
#include "record/redact_names.h"
#include "record/redact_text.h"

#define VALUE_END " \t\r\n\"'`,;&|<>(){}[]"
#define MAX_NAME  128
#define MAX_SLASHES 16	/* in front of a quote in quotes */

struct key {
	size_t from, to;	/* the name */
	size_t value;		/* where its value may start */
	bool is_quoted;
	bool is_spaced;		/* "name = value" */
	char sep;
};

static bool is_name_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '-';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blanks(const struct view *v, size_t i)
{
	while (i < v->n && is_blank(v->s[i]))
		i++;
	return i;
}

/* --- headers --- */

static bool is_header(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < secret_header_cnt; i++)
		if (strlen(secret_headers[i]) == n && !strncasecmp(secret_headers[i], s, n))
			return true;
	return false;
}

/* --- the name in front of a separator --- */

/* Leaves -D, -e, -H and the like out, which stand in front of a name without a blank. */
static size_t skip_option(const char *s, size_t from, size_t to)
{
	size_t dashes = from;

	while (dashes < to && s[dashes] == '-')
		dashes++;
	if (dashes == from + 1 && to - dashes > 2 && is_in("DePEH", s[dashes]) &&
	    (isupper((unsigned char)s[dashes + 1]) || is_in("DPH", s[dashes])))
		return dashes + 1;
	return dashes;
}

/* The name that ends at the separator s[i]; false: there is none. */
static bool find_name(const struct view *v, size_t i, struct key *ret)
{
	const char *s = v->s;
	size_t to = i;
	char quote;

	*ret = (struct key){ .sep = s[i], .value = i + 1 };
	if (to && is_in("?+:", s[to - 1]))	/* ?= += := */
		to--;
	while (to && is_blank(s[to - 1]))
		to--;
	ret->is_spaced = to < i && is_blank(s[i - 1]);
	quote = to && is_in("\"'", s[to - 1]) ? s[to - 1] : '\0';
	to -= quote || (to && s[to - 1] == ']');
	while (quote && to && s[to - 1] == '\\')
		to--;
	for (ret->from = ret->to = to; ret->from && to - ret->from < MAX_NAME; ret->from--)
		if (!is_name_char(s[ret->from - 1]))
			break;
	ret->is_quoted = quote && ret->from && s[ret->from - 1] == quote;
	ret->from = skip_option(s, ret->from, to);
	return ret->from < to;
}

/* A path's last element is no name: "packagefile go/token=FILE". */
static bool is_path_element(const struct view *v, const struct key *k)
{
	char before = k->from ? v->s[k->from - 1] : '\0';

	return (before == '/' || before == '\\' || before == '@') && !is_in("._", v->s[k->from]);
}

/* Nothing but blanks and marks of a list in front of the name on its line. */
static bool is_first_on_line(const struct view *v, const struct key *k)
{
	size_t i = k->from;

	while (i && is_in(" \t-{[,(\"'", v->s[i - 1]))
		i--;
	return !i || v->s[i - 1] == '\n' || v->s[i - 1] == '=';
}

static size_t word_len(const struct view *v, size_t i)
{
	size_t n = 0;

	while (i + n < v->n && n < MAX_NAME && !is_in(VALUE_END, v->s[i + n]))
		n++;
	return n;
}

/* "name = value" and "name: value": the value may go on to the line's end. */
static bool is_line_style(const struct view *v, const struct key *k)
{
	return k->sep == '=' ? k->is_spaced : k->value < v->n && is_blank(v->s[k->value]);
}

/*
 * "token: x" in running text is a word and another one; behind "token:" or in JSON it is a value.
 */
static bool colon_is_separator(const struct view *v, const struct key *k, enum redact_rule rule)
{
	const char *s = v->s + k->from;
	size_t n = k->to - k->from, i = skip_blanks(v, k->value);

	if (i < v->n && v->s[i] == ':')
		return false;
	if (k->from >= 4 && n == 4 && !memcmp(s - 4, "--- PASS", 8))	/* go test */
		return false;
	if (k->is_quoted || i == v->n)
		return true;
	if (i == k->value && v->s[i] != '\n' && !is_in("\"'", v->s[i]))	/* image/auth:1.2 */
		return n >= 4 && rule == RULE_WHOLE &&
		       (is_first_on_line(v, k) || is_blank(s[-1])) &&
		       (!strncasecmp(s, "pass", 4) ||
			(n > 8 && !strncasecmp(s + n - 8, "password", 8)) ||
			(memchr(s, '-', n) && value__looks_random(v->s + i, word_len(v, i))));
	if (is_first_on_line(v, k))
		return true;
	return !value__is_plain_word(v->s + i, word_len(v, i));
}

/* "auth: fix the token" says something of it; only a password may be made of plain words. */
static bool is_prose(const struct view *v, const struct key *k, size_t from, size_t to)
{
	const char *s = v->s + k->from;
	size_t n = k->to - k->from, i;

	for (i = 0; i + 1 < n; i++)
		if ((s[i] | 0x20) == 'p' && ((s[i + 1] | 0x20) == 'a' || (s[i + 1] | 0x20) == 'w'))
			return false;
	for (i = from; i < to; i++)
		if (!islower((unsigned char)v->s[i]) && !is_in(" ,.:;-_()", v->s[i]))
			return false;
	return true;
}

/* --- the value --- */

struct value {
	size_t from, to, next;
};

static struct value quoted_value(const struct view *v, size_t i)
{
	const char *s = v->s;
	size_t slashes = 0, k;

	while (s[i + slashes] == '\\')
		slashes++;
	k = i + slashes + 1;
	/* Its end has as many backslashes in front as its start had. */
	for (; k < v->n && s[k] != '\n'; k++) {
		size_t back = 0;

		if (s[k] != s[i + slashes])
			continue;
		while (back <= slashes && s[k - 1 - back] == '\\')
			back++;
		if (back == slashes)
			return (struct value){ i + slashes + 1, k - slashes, k + 1 };
	}
	return (struct value){ i, k, k };
}

static bool starts_quote(const struct view *v, size_t i)
{
	size_t last = i + MAX_SLASHES;

	while (i < v->n && i < last && v->s[i] == '\\')
		i++;
	return i < v->n && is_in("\"'", v->s[i]);
}

/* A value without quotes ends where any of its ends does: measured once for all names in it. */
static size_t word_end(struct scan *sc, size_t i)
{
	if (i < sc->value_end)
		return sc->value_end;
	while (i < sc->v.n && !is_in(VALUE_END, sc->v.s[i]))
		i++;
	sc->value_end = i;
	return i;
}

static size_t rest_of_line(const struct view *v, size_t i)
{
	size_t end = i;

	while (end < v->n && !is_in("\n\"'", v->s[end]))
		end++;
	while (end > i && is_in(" \t\r,", v->s[end - 1]))
		end--;
	return end;
}

/*
 * ${NAME}; of $(command) no more than what shows that it is one: the command is looked at by
 * itself.
 */
static size_t expansion_end(const struct view *v, size_t i)
{
	size_t end = i + 2;

	if (v->s[i + 1] == '(')
		return end;
	while (end < v->n && !is_in("}\n", v->s[end]))
		end++;
	while (end < v->n && v->s[end] == '}')
		end++;
	return end;
}

static struct value find_value(struct scan *sc, const struct key *k, bool to_line_end)
{
	const struct view *v = &sc->v;
	size_t i = k->value, end;

	while (i < v->n && is_in("=>", v->s[i]))	/* == => */
		i++;
	if (k->sep == ':' || k->is_spaced || k->is_quoted)
		i = skip_blanks(v, i);
	if (i < v->n && starts_quote(v, i))
		return quoted_value(v, i);
	if (v->n - i > 1 && v->s[i] == '$' && is_in("{(", v->s[i + 1]))
		end = expansion_end(v, i);
	else
		end = to_line_end ? rest_of_line(v, i) : word_end(sc, i);
	return (struct value){ i, end, end };
}

static bool is_named(const struct view *v, const struct key *k, const char *name)
{
	return k->to - k->from == strlen(name) &&
	       !strncasecmp(v->s + k->from, name, k->to - k->from);
}

/* {"name": "TOKEN", "value": "x"} and <add key="Password" value="x"/>: two names, one secret. */
static enum redact_rule pair_rule(struct scan *sc, const struct key *k, enum redact_rule rule)
{
	struct value val;

	if (rule == RULE_NONE && sc->names_secret && is_named(&sc->v, k, "value"))
		return RULE_WHOLE;
	if (!is_named(&sc->v, k, "name") && !is_named(&sc->v, k, "key"))
		return rule;
	val = find_value(sc, k, false);
	sc->names_secret = val.to > val.from && val.to - val.from < MAX_NAME &&
			   redact__name_is_secret(sc->v.s + val.from, val.to - val.from);
	return sc->names_secret ? RULE_NONE : rule;
}

size_t keys__at(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	enum redact_rule rule;
	bool is_switch, header;
	struct value val;
	struct key k;

	if (i + 1 < v->n && v->s[i] == ':' && is_in(":=", v->s[i + 1]))
		return i + 1;
	if (!find_name(v, i, &k) || is_path_element(v, &k))
		return i + 1;
	/* a=>b maps a path to another one */
	if (k.sep == '=' && i + 1 < v->n && v->s[i + 1] == '>' && !k.is_quoted)
		return i + 1;
	header = k.sep == ':' && is_header(v->s + k.from, k.to - k.from);
	rule = header ? RULE_WHOLE : name__rule(v->s + k.from, k.to - k.from, &is_switch);
	rule = pair_rule(sc, &k, rule);
	if (rule == RULE_NONE || (k.sep == ':' && !header && !colon_is_separator(v, &k, rule)))
		return i + 1;
	val = find_value(sc, &k, header || (is_line_style(v, &k) && is_first_on_line(v, &k)));
	if (val.to < v->n && v->s[val.to] == '(' && !k.is_quoted && val.next == val.to)
		return i + 1;	/* a function's result */
	if (rule_is_open(rule, v->s + val.from, val.to - val.from) ||
	    (k.sep == ':' && !k.is_quoted && is_prose(v, &k, val.from, val.to)))
		return i + 1;
	cuts__mark(sc->c, *v, val.from, val.to);
	return val.next > i ? val.next : i + 1;
}

size_t keys__xml(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	size_t from = i + 1, to = from;
	enum redact_rule rule;
	const char *end;
	bool is_switch;

	while (to < v->n && to - from < MAX_NAME && (is_name_char(v->s[to]) || v->s[to] == ':'))
		to++;
	if (to == from || to == v->n || v->s[to] != '>')
		return i + 1;
	rule = name__rule(v->s + from, to - from, &is_switch);
	if (rule == RULE_NONE || rule == RULE_KEY)	/* <key>name</key> */
		return i + 1;
	end = memchr(v->s + to, '<', v->n - to);
	if (!end || value__is_open(v->s + to + 1, end - v->s - to - 1))
		return to + 1;
	cuts__mark(sc->c, *v, to + 1, end - v->s);
	return end - v->s;
}

/* --- words that announce --- */

static bool begins(const struct view *v, size_t i, const char *word)
{
	size_t n = strlen(word);

	return v->n - i > n && !strncasecmp(v->s + i, word, n) && is_blank(v->s[i + n]);
}

static size_t cut_word(struct scan *sc, size_t i)
{
	size_t end = i;

	while (end < sc->v.n && !is_in(" \t\r\n\"'`,;|<>", sc->v.s[end]))
		end++;
	cuts__mark(sc->c, sc->v, i, end);
	return end;
}

/* "Bearer" and "Basic" are words of English, too: what follows must look like no other one. */
static size_t after_scheme(struct scan *sc, size_t i, size_t word)
{
	size_t from = skip_blanks(&sc->v, i + word), end = from;

	while (end < sc->v.n && (is_name_char(sc->v.s[end]) || is_in("+/=~", sc->v.s[end])))
		end++;
	if (end - from < 6 || value__is_plain_word(sc->v.s + from, end - from))
		return i;
	return cut_word(sc, from);
}

/* SQL's ways to say a password: where its quoted value starts behind IDENTIFIED, PASSWORD; or 0. */
static size_t sql_value(const struct view *v, size_t i, size_t word)
{
	size_t k = skip_blanks(v, i + word), last = i + 96 < v->n ? i + 96 : v->n;

	if (k < v->n && v->s[k] == '(')
		k = skip_blanks(v, k + 1);
	if (k < v->n && starts_quote(v, k))
		return k;
	if (!begins(v, k, "BY") && !begins(v, k, "WITH") && !begins(v, k, "FOR") &&
	    !begins(v, k, "PASSWORD"))
		return 0;
	/* IDENTIFIED WITH plugin BY 'x', PASSWORD FOR 'a'@'h' = 'x' */
	for (; k < last && v->s[k] != '\n'; k++)
		if ((begins(v, k, "BY") && is_blank(v->s[k - 1])) || v->s[k] == '=') {
			k = skip_blanks(v, k + (v->s[k] == '=' ? 1 : 2));
			return k < v->n && starts_quote(v, k) ? k : 0;
		}
	return 0;
}

/* "password X" in running text: of a netrc, or when X looks like one. */
static size_t after_password(struct scan *sc, size_t i, size_t word)
{
	size_t k = skip_blanks(&sc->v, i + word);

	if (k < sc->v.n && (sc->has_netrc || value__looks_random(sc->v.s + k, word_len(&sc->v, k))))
		return cut_word(sc, k);
	return i;
}

size_t keys__phrase(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	struct value val;
	size_t k = 0;

	switch (v->s[i] | 0x20) {
	case 'b':
		return begins(v, i, "Bearer") ? after_scheme(sc, i, 6) :
		       begins(v, i, "Basic") ? after_scheme(sc, i, 5) : i;
	case 'm': case 'l':
		sc->has_netrc |= begins(v, i, "machine") || begins(v, i, "login");
		return i;
	case 'i':
		k = begins(v, i, "IDENTIFIED") ? sql_value(v, i, 10) : 0;
		break;
	case 'p':
		if (v->n - i > 9 && !strncasecmp(v->s + i, "password", 8) &&
		    is_in(" \t(", v->s[i + 8]))
			k = sql_value(v, i, 8) ?: after_password(sc, i, 8);
		else if (begins(v, i, "passwd"))
			k = after_password(sc, i, 6);
		break;
	}
	if (!k || k == i || !starts_quote(v, k))
		return k ?: i;
	val = quoted_value(v, k);
	cuts__mark(sc->c, *v, val.from, val.to);
	return val.next;
}
