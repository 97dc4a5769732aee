/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names and values: which of them are secret. */
#include <ctype.h>
#include <stdlib.h>

#include "record/redact_names.h"
#include "record/redact.h"

#define MAX_NAME  128	/* of longer names the end counts */
#define MAX_WORDS 24

/* --- names --- */

struct word {
	const char *s;	/* upper case */
	size_t n;
	unsigned int kinds;
};

struct name {
	char text[MAX_NAME];
	struct word words[MAX_WORDS];
	size_t cnt;
};

struct word_key {
	const char *s;
	size_t n;
};

static int word_cmp(const void *key, const void *row)
{
	const struct word_key *k = key;
	const struct name_word *w = row;
	int c = strncmp(k->s, w->word, k->n);

	return c ? c : w->word[k->n] ? -1 : 0;
}

static unsigned int word_kinds(const char *s, size_t n)
{
	struct word_key key = { s, n };
	const struct name_word *w;

	w = bsearch(&key, name_words, name_word_cnt, sizeof(name_words[0]), word_cmp);
	return w ? w->kinds : 0;
}

static bool equals(const struct word *w, const char *text)
{
	return w->n == strlen(text) && !memcmp(w->s, text, w->n);
}

static bool ends_with(const struct word *w, const char *end)
{
	size_t n = strlen(end);

	return w->n > n && !memcmp(w->s + w->n - n, end, n);
}

/* Words that were written as one: accesstoken, storepass, secretkey. */
static unsigned int compound_kinds(const struct word *w)
{
	static const char *const not_pass[] = { "BYPASS", "COMPASS", "TRESPASS", "SURPASS",
						"OVERPASS", "UNDERPASS", "MULTIPASS",
						"ONEPASS", "FIRSTPASS", "FPASS", "RPASS",
						"WPASS" };
	static const char *const keys[] = { "APIKEY", "ACCESSKEY", "SECRETKEY", "PRIVATEKEY",
					    "AUTHKEY", "MASTERKEY", "ACCOUNTKEY",
					    "ENCRYPTIONKEY", "SIGNINGKEY", "LICENSEKEY",
					    "STORAGEKEY", "SHAREDKEY" };
	static const char *const ends[] = { "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE",
					    "CREDENTIALS", "CONNECTIONSTRING" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_with(w, ends[i]))
			return WORD_STRONG;
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (ends_with(w, keys[i]) || equals(w, keys[i]))
			return WORD_PRIVATE;
	if (!ends_with(w, "PASS"))
		return ends_with(w, "PWD") && !equals(w, "OLDPWD") ? WORD_STRONG : 0;
	for (i = 0; i < ARRAY_SIZE(not_pass); i++)
		if (equals(w, not_pass[i]))
			return 0;
	return WORD_LAST;
}

static void add_word(struct name *name, const char *s, size_t n)
{
	struct word *w = &name->words[name->cnt];

	if (name->cnt == MAX_WORDS)
		return;
	while (n > 1 && isdigit((unsigned char)s[n - 1]))
		n--;
	*w = (struct word){ .s = s, .n = n, .kinds = word_kinds(s, n) };
	if (!w->kinds && n > 4)
		w->kinds = compound_kinds(w);
	name->cnt++;
}

/*
 * A word ends where a lower-case letter is followed by an upper-case one, and in "APIKey" before
 * "Key".
 */
static bool ends_here(const char *s, size_t n, size_t i)
{
	if (!isupper((unsigned char)s[i]))
		return false;
	return !isupper((unsigned char)s[i - 1]) ||
	       (i + 1 < n && islower((unsigned char)s[i + 1]) && isupper((unsigned char)s[i - 1]));
}

static void split(struct name *name, const char *s, size_t n)
{
	size_t i, from = 0;

	name->cnt = 0;
	for (i = 0; i < n; i++)
		name->text[i] = toupper((unsigned char)s[i]);
	for (i = 0; i <= n; i++) {
		bool is_sep = i == n || !isalnum((unsigned char)s[i]);

		if (!is_sep && (i == from || !ends_here(s, n, i)))
			continue;
		if (i > from)
			add_word(name, name->text + from, i - from);
		from = i + is_sep;
	}
}

static bool is_word(const struct name *name, size_t i, const char *word)
{
	return i < name->cnt && equals(&name->words[i], word);
}

static bool is_open_name(const char *s, size_t n)
{
	static const char *const open[] = { "GOAUTH", "SSH_AUTH_SOCK", "jobserver-auth",
					    "-jobserver-auth", "user.signingkey" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(open); i++)
		if (strlen(open[i]) == n && !memcmp(open[i], s, n))
			return true;
	return false;
}

/* A word or two that are secret wherever they stand. */
static bool has_strong(const struct name *name)
{
	size_t i;

	for (i = 0; i < name->cnt; i++)
		if (name->words[i].kinds & WORD_STRONG ||
		    (name->words[i].kinds & WORD_KEY && is_word(name, i + 1, "KEY")) ||
		    (is_word(name, i, "EXTRA") && is_word(name, i + 1, "HEADER")) ||
		    (is_word(name, i, "CONNECTION") && is_word(name, i + 1, "STRING")) ||
		    (is_word(name, i, "WEBHOOK") && is_word(name, i + 1, "URL")))
			return true;
	return false;
}

/* Some of the words' letters are there: most names are done with here. */
static bool may_be_secret(const char *s, size_t n)
{
	static const char *const some[26][3] = {
		['A' - 'A'] = { "UT" }, ['B' - 'A'] = { "EA" }, ['C' - 'A'] = { "RE", "OO" },
		['D' - 'A'] = { "SN" }, ['H' - 'A'] = { "EA" }, ['J' - 'A'] = { "WT" },
		['K' - 'A'] = { "EY" }, ['L' - 'A'] = { "OG" }, ['O' - 'A'] = { "TP" },
		['P' - 'A'] = { "A", "W", "SK" }, ['S' - 'A'] = { "EC", "AS", "IG" },
		['T' - 'A'] = { "OK", "RI" }, ['W' - 'A'] = { "EB" },
	};
	const char *const *rest;
	size_t i, k;

	for (i = 0; i + 1 < n; i++) {
		unsigned int c = (s[i] & ~0x20) - 'A';

		if (c >= 26)
			continue;
		for (rest = some[c], k = 0; k < 3 && rest[k]; k++)
			if ((s[i + 1] & ~0x20) == rest[k][0] &&
			    (!rest[k][1] || (i + 2 < n && (s[i + 2] & ~0x20) == rest[k][1])))
				return true;
	}
	return false;
}

enum redact_rule name__rule(const char *s, size_t n, bool *ret_is_switch)
{
	struct name name;
	const struct word *last;
	bool is_secret_id;

	*ret_is_switch = false;
	if (n > MAX_NAME) {
		s += n - MAX_NAME;
		n = MAX_NAME;
	}
	if (!may_be_secret(s, n) || is_open_name(s, n))
		return RULE_NONE;
	split(&name, s, n);
	if (!name.cnt)
		return RULE_NONE;
	last = &name.words[name.cnt - 1];
	*ret_is_switch = name.cnt > 1 && name.words[0].kinds & WORD_HEAD;
	is_secret_id = is_word(&name, name.cnt - 1, "ID") && is_word(&name, name.cnt - 2, "SECRET");
	if (is_word(&name, name.cnt - 1, "KEY") && name.cnt > 1 &&
	    name.words[name.cnt - 2].kinds & WORD_OPEN_KEY)
		return RULE_NONE;
	if (is_word(&name, name.cnt - 1, "URL") && is_word(&name, name.cnt - 2, "WEBHOOK"))
		return RULE_WHOLE;
	if (last->kinds & WORD_FACT && !is_secret_id)
		return RULE_NONE;
	if (name.cnt == 1 && (is_word(&name, 0, "PWD") || is_word(&name, 0, "OLDPWD")))
		return RULE_PRIVATE;	/* a directory */
	if (is_word(&name, name.cnt - 1, "KEY"))
		return name.cnt > 1 && last[-1].kinds & WORD_KEY ? RULE_PRIVATE : RULE_KEY;
	if (last->kinds & WORD_PRIVATE)
		return RULE_PRIVATE;
	if (name.cnt == 1 && is_word(&name, 0, "PAT") && memchr(s, 't', n))
		return RULE_RANDOM;	/* or a pattern */
	if (last->kinds & WORD_LAST || has_strong(&name))
		return RULE_WHOLE;
	if (is_word(&name, 0, "SONAR") && is_word(&name, name.cnt - 1, "LOGIN"))
		return RULE_WHOLE;
	return RULE_NONE;
}

bool name__is_plain_secret(const char *s, size_t n)
{
	struct name name;

	if (n < 4 || n > MAX_NAME || !value__is_plain_word(s, n) || !may_be_secret(s, n))
		return false;
	split(&name, s, n);
	return name.cnt == 1 && word_kinds(name.text, n) & (WORD_STRONG | WORD_LAST);
}

bool redact__name_is_secret(const char *name, size_t n)
{
	bool is_switch;

	return name__rule(name, n, &is_switch) != RULE_NONE;
}

/* --- values --- */

static bool is_listed(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < open_value_cnt; i++)
		if (strlen(open_values[i]) == n && !strncasecmp(open_values[i], s, n))
			return true;
	return false;
}

bool value__is_reference(const char *s, size_t n)
{
	size_t i, braces;

	if (n > 2 && s[0] == '<' && s[n - 1] == '>')
		return value__is_plain_word(s + 1, n - 2);
	if (n < 2 || s[0] != '$')
		return false;
	if (s[1] == '(' || (n > 4 && !memcmp(s, "${{", 3)))
		return true;
	braces = s[1] == '{' && s[n - 1] == '}';
	for (i = 1 + braces; i < n - braces; i++)
		if (!isupper((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '_')
			return false;
	return isupper((unsigned char)s[1 + braces]) || s[1 + braces] == '_';
}

static bool is_number(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return true;
}

bool value__is_open(const char *s, size_t n)
{
	return !n || (n == 1 && s[0] == '$') ||	/* in front of "(" */
	       (n <= 2 && is_number(s, n)) || (n <= 10 && is_listed(s, n)) ||
	       (n > 2 && (!memcmp(s, "./", 2) || !memcmp(s, "~/", 2))) || /* where it is */
	       (n > 3 && !memcmp(s, "../", 3)) || value__is_reference(s, n);
}

static bool is_letters(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' && s[i] != '-')
			return false;
	return true;
}

bool value__is_path(const char *s, size_t n)
{
	return n && (strchr("/.~%", s[0]) || memmem(s, n, ".pem", 4) || memmem(s, n, ".key", 4) ||
		     memmem(s, n, ".pub", 4));
}

bool value__is_open_key(const char *s, size_t n)
{
	return value__is_path(s, n) || n < 6 || (n < 10 && is_number(s, n)) ||
	       value__is_plain_word(s, n) ||
	       (n < 32 && is_letters(s, n) && redact__name_is_secret(s, n)); /* key="ApiKey" */
}

bool value__is_plain_word(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!islower((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return n;
}

bool value__looks_random(const char *s, size_t n)
{
	unsigned int lower = 0, upper = 0, digits = 0;
	size_t i;

	for (i = 0; i < n && i < 64; i++) {
		lower |= !!islower((unsigned char)s[i]);
		upper |= !!isupper((unsigned char)s[i]);
		digits |= !!isdigit((unsigned char)s[i]);
		if (s[i] == '/' || s[i] == '.' || s[i] == ' ' || (s[i] == '=' && i + 2 < n))
			return false;
	}
	return n >= 8 && lower + upper + digits >= 2 && (digits || upper);
}
