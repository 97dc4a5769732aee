/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names and the values behind them, in any notation: name=value, name = "value", "name": "value",
 * name: value, [name]=value, <name>value</name>, ("name", "value"), headers.
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
	bool is_declared;	/* name := value */
	char sep;
};

static bool is_name_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '-';
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

/* Behind the scheme's word is the place of a value: "Bearer $TOKEN". */
static bool is_open_header(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && isalpha((unsigned char)s[i]))
		i++;
	while (i < n && is_blank(s[i]))
		i++;
	return value__is_open(s, n) || value__is_reference(s + i, n - i);
}

void keys__header(struct cuts *c, struct view v)
{
	size_t n = 0, from;
	bool is_switch;

	while (n < v.n && n < MAX_NAME && is_name_char(v.s[n]))
		n++;
	if (n == v.n || !is_in(":=", v.s[n]))
		return;
	from = skip_blanks(&v, n + 1);
	if ((is_header(v.s, n) || name__rule(v.s, n, &is_switch) >= RULE_KEY) &&
	    !is_open_header(v.s + from, v.n - from))
		cuts__mark(c, v, from, v.n);
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
	size_t to = i, op;
	char quote;

	*ret = (struct key){ .sep = s[i], .value = i + 1 };
	if (to && is_in("?+:", s[to - 1]))	/* ?= += := */
		to--;
	ret->is_declared = to < i && s[to] == ':';
	op = to;
	while (to && is_blank(s[to - 1]))
		to--;
	ret->is_spaced = to < op;
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

size_t keys__word_len(const struct view *v, size_t i)
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
			(memchr(s, '-', n) && value__looks_random(v->s + i, keys__word_len(v, i))));
	if (is_first_on_line(v, k))
		return true;
	return !value__is_plain_word(v->s + i, keys__word_len(v, i));
}

/* "auth: fix the token" says something of it; only a password may be made of plain words. */
static bool is_prose(const struct view *v, const struct key *k, size_t from, size_t to)
{
	const char *s = v->s + k->from;
	size_t n = k->to - k->from, i;

	if (memchr(s, '-', n) && is_header(s, n))	/* X-Api-Key is no word */
		return false;
	for (i = 0; i + 1 < n; i++)
		if ((s[i] | 0x20) == 'p' && ((s[i + 1] | 0x20) == 'a' || (s[i + 1] | 0x20) == 'w'))
			return false;
	for (i = from; i < to; i++)
		if (!islower((unsigned char)v->s[i]) && !is_in(" ,.:;-_()", v->s[i]))
			return false;
	return true;
}

/* --- the value --- */

/* TOML's and Python's '''value''', over several lines. */
static bool is_tripled(const struct view *v, size_t i, struct span *ret)
{
	const char *s = v->s + i, *end;

	if (v->n - i < 6 || s[0] == '\\' || s[1] != s[0] || s[2] != s[0])
		return false;
	end = memmem(s + 3, v->n - i - 3, s, 3);
	if (!end)
		return false;
	*ret = (struct span){ i + 3, end - v->s, end + 3 - v->s };
	return true;
}

struct span keys__quoted(const struct view *v, size_t i)
{
	const char *s = v->s;
	size_t slashes = 0, k;
	struct span all;

	if (is_tripled(v, i, &all))
		return all;
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
			return (struct span){ i + slashes + 1, k - slashes, k + 1 };
	}
	return (struct span){ i, k, k };
}

bool keys__starts_quote(const struct view *v, size_t i)
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
	while (i < sc->v.n && !is_in(VALUE_END, sc->v.s[i]) &&
	       !(sc->flags & SCAN_PATH && sc->v.s[i] == '/'))
		i++;
	sc->value_end = i;
	return i;
}

static size_t rest_of_line(const struct view *v, size_t i)
{
	size_t end = i;

	while (end < v->n && !is_in("\n\"'", v->s[end])) {
		/* Digest username="me", response="…" */
		if (v->s[end++] == '=' && keys__starts_quote(v, end))
			end = keys__quoted(v, end).next;
	}
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

/* YAML's "name: |": the lines below that stand deeper than the name does. */
static bool is_block(const struct view *v, const struct key *k, size_t i, struct span *ret)
{
	size_t from = k->from, lead;
	const char *nl;

	if (k->sep != ':' || i >= v->n || !is_in("|>", v->s[i]))
		return false;
	for (i++; i < v->n && is_in("+-0123456789 \r", v->s[i]); i++)
		;
	if (i == v->n || v->s[i] != '\n')
		return false;
	while (from && is_in(" \t-\"'", v->s[from - 1]))
		from--;
	*ret = (struct span){ 0, 0, i };
	while (++i < v->n) {
		lead = skip_blanks(v, i) - i;
		if (i + lead < v->n && v->s[i + lead] != '\n' && lead <= k->from - from)
			break;
		ret->from = ret->from ?: i + lead;
		nl = memchr(v->s + i, '\n', v->n - i);
		ret->to = ret->next = nl ? (size_t)(nl - v->s) : v->n;
		i = ret->next;
	}
	return ret->to > ret->from;
}

static struct span find_value(struct scan *sc, const struct key *k, bool to_line_end)
{
	const struct view *v = &sc->v;
	size_t i = k->value, end;
	struct span block;

	while (i < v->n && is_in("=>", v->s[i]))	/* == => */
		i++;
	if (k->sep == ':' || k->is_spaced || k->is_quoted)
		i = skip_blanks(v, i);
	if (is_block(v, k, i, &block))
		return block;
	if (i < v->n && keys__starts_quote(v, i))
		return keys__quoted(v, i);
	if (v->n - i > 1 && v->s[i] == '$' && is_in("{(", v->s[i + 1]))
		end = expansion_end(v, i);
	else
		end = to_line_end ? rest_of_line(v, i) : word_end(sc, i);
	return (struct span){ i, end, end };
}

static bool is_named(const struct view *v, const struct key *k, const char *name)
{
	return k->to - k->from == strlen(name) &&
	       !strncasecmp(v->s + k->from, name, k->to - k->from);
}

/* The value stands in front of its name: no other element begins between them. */
static bool is_value_in_front(const struct scan *sc, const struct key *k)
{
	size_t i = sc->value_to;

	if (i == sc->value_from || i > k->from || k->from - i > MAX_NAME)
		return false;
	while (i < k->from && !is_in("<>{}", sc->v.s[i]))
		i++;
	return i == k->from && !value__is_open(sc->v.s + sc->value_from,
					       sc->value_to - sc->value_from);
}

/* {"name": "TOKEN", "value": "x"} and <add key="Password" value="x"/>: two names, one secret. */
static enum redact_rule pair_rule(struct scan *sc, const struct key *k, enum redact_rule rule)
{
	struct span val;

	if (rule == RULE_NONE && is_named(&sc->v, k, "value")) {
		val = find_value(sc, k, false);
		sc->value_from = val.from;
		sc->value_to = val.to;
		return sc->names_secret ? RULE_WHOLE : rule;
	}
	if (!is_named(&sc->v, k, "name") && !is_named(&sc->v, k, "key"))
		return rule;
	val = find_value(sc, k, false);
	sc->names_secret = val.to > val.from && val.to - val.from < MAX_NAME &&
			   redact__name_is_secret(sc->v.s + val.from, val.to - val.from);
	if (sc->names_secret && is_value_in_front(sc, k))
		cuts__mark(sc->c, sc->v, sc->value_from, sc->value_to);
	return sc->names_secret ? RULE_NONE : rule;
}

size_t keys__at(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	enum redact_rule rule;
	bool is_switch, header;
	struct span val;
	struct key k;

	if (i + 1 < v->n && v->s[i] == ':' && is_in(":=", v->s[i + 1]))
		return i + 1;
	if (!find_name(v, i, &k) || (!(sc->flags & SCAN_PATH) && is_path_element(v, &k)))
		return i + 1;
	/* a=>b maps a path to another one */
	if (k.sep == '=' && i + 1 < v->n && v->s[i + 1] == '>' && !k.is_quoted &&
	    !keys__starts_quote(v, skip_blanks(v, i + 2)))
		return i + 1;
	header = k.sep == ':' && is_header(v->s + k.from, k.to - k.from);
	rule = header ? RULE_WHOLE : name__rule(v->s + k.from, k.to - k.from, &is_switch);
	rule = pair_rule(sc, &k, rule);
	if (sc->flags & SCAN_PATH && rule == RULE_KEY)
		return i + 1;
	if (rule == RULE_NONE || (k.sep == ':' && !header && !colon_is_separator(v, &k, rule)))
		return i + 1;
	val = find_value(sc, &k, header || (is_line_style(v, &k) && is_first_on_line(v, &k)));
	if (val.to < v->n && v->s[val.to] == '(' && !k.is_quoted && val.next == val.to)
		return i + 1;	/* a function's result */
	if (k.is_declared && val.next == val.to)
		return i + 1;	/* another variable */
	if (rule_is_open(rule, v->s + val.from, val.to - val.from) ||
	    (header && is_open_header(v->s + val.from, val.to - val.from)) ||
	    (k.sep == ':' && !k.is_quoted && is_prose(v, &k, val.from, val.to)))
		return i + 1;
	cuts__mark(sc->c, *v, val.from, val.to);
	return val.next > i ? val.next : i + 1;
}

/* ["--password", "x"], os.Setenv("API_TOKEN", "x"); but no list of such names. */
size_t keys__comma(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	struct span val;
	bool is_switch;
	struct key k;
	size_t n;

	if (!i || !is_in("\"'", v->s[i - 1]) || !find_name(v, i, &k) || !k.is_quoted)
		return i + 1;
	k.value = skip_blanks(v, k.value);
	if (k.value == v->n || !keys__starts_quote(v, k.value) ||
	    name__rule(v->s + k.from, k.to - k.from, &is_switch) < RULE_PRIVATE || is_switch)
		return i + 1;
	val = keys__quoted(v, k.value);
	n = skip_blanks(v, val.next);
	if (n < v->n && is_in(":=", v->s[n]))	/* another name */
		return i + 1;
	n = val.to - val.from;
	if (value__is_open(v->s + val.from, n) || !n || v->s[val.from] == '-' ||
	    (n < MAX_NAME && redact__name_is_secret(v->s + val.from, n)) ||
	    (v->s[k.from - 1] != '-' && islower((unsigned char)v->s[k.from]) &&
	     value__is_plain_word(v->s + val.from, n)))
		return i + 1;
	cuts__mark(sc->c, *v, val.from, val.to);
	return val.next;
}

/* <entry key="api.token">: v->s[to] ends a quoted name of this element. */
static bool names_secret(const struct view *v, size_t from, size_t to)
{
	size_t i = to;

	while (i > from && !is_in("\"'", v->s[i - 1]))
		i--;
	return i > from + 4 && v->s[i - 2] == '=' &&
	       (!memcmp(v->s + i - 5, "key", 3) || (i > from + 5 && !memcmp(v->s + i - 6, "name", 4))) &&
	       redact__name_is_secret(v->s + i, to - i);
}

size_t keys__xml(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	size_t from = i + 1, to = from;
	bool is_switch, is_secret;
	const char *end;

	while (to < v->n && to - from < MAX_NAME && (is_name_char(v->s[to]) || v->s[to] == ':'))
		to++;
	if (to == from || to == v->n || !is_in("> ", v->s[to]))
		return i + 1;
	is_secret = name__rule(v->s + from, to - from, &is_switch) > RULE_KEY; /* <key>name</key> */
	for (from = to; to < v->n && to - from < MAX_NAME && !is_in("<>", v->s[to]); to++)
		is_secret |= is_in("\"'", v->s[to]) && names_secret(v, from, to);
	if (!is_secret || to == v->n || v->s[to] != '>' || v->s[to - 1] == '/')
		return i + 1;
	end = memchr(v->s + to, '<', v->n - to);
	if (!end || value__is_open(v->s + to + 1, end - v->s - to - 1))
		return to + 1;
	cuts__mark(sc->c, *v, to + 1, end - v->s);
	return end - v->s;
}
