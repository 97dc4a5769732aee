/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words that announce a secret: Bearer, password X, IDENTIFIED BY 'X'. */
#include <ctype.h>

#include "record/redact_names.h"
#include "record/redact_text.h"

static bool is_token_char(unsigned char c)
{
	return isalnum(c) || (c && strchr("_.-+/=~", c));
}

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

	while (end < sc->v.n && is_token_char(sc->v.s[end]))
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
	if (k < v->n && keys__starts_quote(v, k))
		return k;
	if (!begins(v, k, "BY") && !begins(v, k, "WITH") && !begins(v, k, "FOR") &&
	    !begins(v, k, "PASSWORD"))
		return 0;
	/* IDENTIFIED WITH plugin BY 'x', PASSWORD FOR 'a'@'h' = 'x' */
	for (; k < last && v->s[k] != '\n'; k++)
		if ((begins(v, k, "BY") && is_blank(v->s[k - 1])) || v->s[k] == '=') {
			k = skip_blanks(v, k + (v->s[k] == '=' ? 1 : 2));
			return k < v->n && keys__starts_quote(v, k) ? k : 0;
		}
	return 0;
}

/* "password X" in running text: of a netrc, or when X looks like one. */
static size_t after_password(struct scan *sc, size_t i, size_t word)
{
	size_t k = skip_blanks(&sc->v, i + word);

	if (k < sc->v.n && (sc->has_netrc || value__looks_random(sc->v.s + k, keys__word_len(&sc->v, k))))
		return cut_word(sc, k);
	return i;
}

size_t keys__phrase(struct scan *sc, size_t i)
{
	const struct view *v = &sc->v;
	struct span val;
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
	if (!k || k == i || !keys__starts_quote(v, k))
		return k ?: i;
	val = keys__quoted(v, k);
	cuts__mark(sc->c, *v, val.from, val.to);
	return val.next;
}
