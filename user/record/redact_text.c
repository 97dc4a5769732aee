/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Secrets in running text: URLs, and tokens with a well-known shape. */
#include <ctype.h>

#include "record/redact_tables.h"
#include "record/redact_text.h"

#define URL_END	  " \t\r\n\"'`<>|"
#define ITEM_END  " \t\r\n\"'`<>|;,(){}[]&/\\"
#define HASH_LEN  44	/* of "h1:" */
#define MAX_SCHEME 12

static bool is_name_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/* --- URLs --- */

bool url__has_known_scheme(const char *s, size_t colon)
{
	size_t i, n = 0;

	while (n < colon && n < MAX_SCHEME && isalnum((unsigned char)s[colon - n - 1]))
		n++;
	if (n < 3 || n == MAX_SCHEME || (n < colon && is_name_char(s[colon - n - 1])))
		return false;
	s += colon - n;
	for (i = 0; i < url_scheme_cnt; i++)
		if ((s[0] | 0x20) == url_schemes[i][0] && strlen(url_schemes[i]) == n &&
		    !strncasecmp(s, url_schemes[i], n))
			return true;
	return false;
}

/* Where the authority of a URL begins whose ':' is at s[colon]; 0 when this is no URL. */
static size_t authority_start(const char *s, size_t n, size_t colon)
{
	if (colon == 0 || colon + 1 >= n || s[colon + 1] != '/' ||
	    !isalnum((unsigned char)s[colon - 1]))
		return 0;
	if (colon + 2 < n && s[colon + 2] == '/')
		return colon + 3;
	return url__has_known_scheme(s, colon) ? colon + 2 : 0;
}

/* "host:port" with something else than digits for the port: part of a password, most likely. */
bool url__has_odd_port(const char *s, size_t n)
{
	const char *bracket = memrchr(s, ']', n);
	const char *colon = memrchr(s, ':', n);
	const char *p;

	if (!colon || (bracket && colon < bracket))
		return false;
	for (p = colon + 1; p < s + n; p++)
		if (!isdigit((unsigned char)*p))
			return true;
	return false;
}

/*
 * The URL that begins here, or one that holds it, ends where, and has its last '@' and its query
 * where?
 */
static void measure_url(struct scan *sc, size_t start)
{
	const char *s = sc->v.s, *at;
	size_t end = start, q;

	if (start < sc->url_end)
		return;
	while (end < sc->v.n && !is_in(URL_END, s[end]))
		end++;
	at = memrchr(s + start, '@', end - start);
	for (q = start; q < end && !is_in("?#", s[q]); q++)
		;
	sc->url_end = end;
	sc->url_at = at ? (size_t)(at - s) : 0;
	sc->url_query = q;
}

/* Everybody's name at a forge: ssh://git@host/path. */
static bool is_open_user(const char *s, size_t n)
{
	return n == 3 && !memcmp(s, "git", 3);
}

/* Cuts credentials and query of the URL whose authority begins at start; returns where to go on. */
static size_t scan_url(struct scan *sc, size_t start)
{
	const char *s = sc->v.s, *at;
	size_t auth = start, q;

	measure_url(sc, start);
	while (auth < sc->url_end && !is_in("/?#\\,", s[auth]))
		auth++;
	at = memrchr(s + start, '@', auth - start);
	/* A password may hold what ends an authority, unescaped: then the '@' comes after it. */
	if (!at && sc->url_at >= start && url__has_odd_port(s + start, auth - start))
		at = s + sc->url_at;
	if (at) {
		if (!is_open_user(s + start, at - s - start))
			cuts__mark(sc->c, sc->v, start, at - s);
		if ((size_t)(at - s) > auth)
			auth = at - s;
	}
	sc->at_done = auth;
	q = sc->url_query;
	if (q < auth) {		/* it was part of the password */
		for (q = auth; q < sc->url_end && !is_in("?#", s[q]); q++)
			;
		sc->url_query = q;
	}
	/* What the go command itself asks is no secret. */
	if (!(sc->url_end - q == 9 && !memcmp(s + q, "?go-get=1", 9)))
		cuts__mark(sc->c, sc->v, q + 1, sc->url_end);
	/* Another URL may be in its path. */
	return start;
}

/* What follows the '@' of user:password@ is a host: no version, no digest. */
static bool is_host(const char *s, size_t n)
{
	size_t i, dots = 0, digits = 0;

	for (i = 0; i < n && (is_name_char(s[i]) || s[i] == '.'); i++) {
		dots += s[i] == '.';
		digits += isdigit((unsigned char)s[i]);
	}
	if (!i)
		return n > 1 && s[0] == '[';
	if (n - i > 32 && s[i] == ':' && !memcmp(s, "sha", 3))
		return false;	/* name:tag@sha256:0123… */
	if (isdigit((unsigned char)s[0]) || (s[0] == 'v' && n > 1 && isdigit((unsigned char)s[1])))
		return dots == 3 && digits + dots == i;
	return isalpha((unsigned char)s[0]);
}

/*
 * user:password@host without a scheme; s[at] is the first '@' of its item. Returns where to go on.
 */
static size_t scan_userinfo(struct scan *sc, size_t at)
{
	const char *s = sc->v.s, *colon;
	size_t from = at, end = at + 1, last = at;

	while (from > sc->at_done && !is_in(ITEM_END, s[from - 1]))
		from--;
	for (; end < sc->v.n && !is_in(ITEM_END, s[end]); end++)
		if (s[end] == '@')
			last = end;
	sc->at_done = end;
	colon = memchr(s + from, ':', at - from);
	if (!colon || colon == s + from || colon + 1 == s + at ||
	    !is_host(s + last + 1, sc->v.n - last - 1))
		return at + 1;
	/* name=user:password@host, -x=…: the name stays */
	for (size_t i = colon - s; i > from; i--)
		if (s[i - 1] == '=') {
			from = i;
			break;
		}
	if (s + from == colon || (colon - (s + from) == 6 && !memcmp(s + from, "mailto", 6)))
		return at + 1;
	cuts__mark(sc->c, sc->v, from, last);
	return last + 1;
}

/* --- the pass --- */

/*
 * A token starts where a word starts: in the middle of one its prefix is part of a hash or a name.
 */
static size_t scan_word(struct scan *sc, size_t i)
{
	size_t from, len = token__len(sc->v.s + i, sc->v.n - i, &from);

	if (len) {
		cuts__mark(sc->c, sc->v, i + from, i + len);
		return i + len;
	}
	return sc->flags & SCAN_KEYS ? keys__phrase(sc, i) : i;
}

/* Most dots and dashes are no part of a token that is known by them: one look says so. */
static bool may_be_shape(const struct scan *sc, size_t i)
{
	const char *s = sc->v.s + i;
	size_t n = sc->v.n - i;

	if (s[0] == '-')
		return n > 4 && is_in("-u", s[1]);
	return s[0] != '.' || (n > 34 && (s[7] == '.' || s[1] == 'a'));
}

static size_t scan_shape(struct scan *sc, size_t i)
{
	size_t from = i + 1, end = 0;

	if (may_be_shape(sc, i))
		end = token__around(sc->v.s, sc->v.n, i, &from);
	if (!end && is_in("-_", sc->v.s[i])) {
		from = i + 1;
		end = token__inside(sc->v.s + from, sc->v.n - from);
		end += end ? from : 0;
	}
	if (!end)
		return i + 1;
	cuts__mark(sc->c, sc->v, from, end);
	return end;
}

static size_t scan_colon(struct scan *sc, size_t i)
{
	const char *s = sc->v.s;
	size_t start = authority_start(s, sc->v.n, i), k;

	if (start)
		return scan_url(sc, start);
	/* Hashes of modules are base64: a word may seem to start anywhere in one. */
	if (i >= 2 && s[i - 1] == '1' && s[i - 2] == 'h' &&
	    (i == 2 || !isalnum((unsigned char)s[i - 3]) || (i > 3 && s[i - 4] == '\\'))) {
		for (k = i + 1; k < sc->v.n && k <= i + HASH_LEN; k++)
			if (!isalnum((unsigned char)s[k]) && !is_in("+/=", s[k]))
				return k;
		return k;
	}
	k = scan_shape(sc, i);
	if (k == i + 1 && (sc->flags & (SCAN_KEYS | SCAN_PATH)) == SCAN_KEYS)
		k = keys__at(sc, i);
	return k;
}

/* "\n" and "%3D": what comes next is the start of a word, though a letter stands in front. */
static size_t escape_end(const struct scan *sc, size_t i)
{
	const char *s = sc->v.s;
	size_t n = sc->v.n;

	if (s[i] == '\\')
		return i + 1 < n && is_in("nrt", s[i + 1]) ? i + 2 : i + 1;
	return i + 2 < n && isxdigit((unsigned char)s[i + 1]) && isxdigit((unsigned char)s[i + 2])
		       ? i + 3
		       : i + 1;
}

static size_t scan_byte(struct scan *sc, size_t i)
{
	switch (sc->v.s[i]) {
	case ':':
		return scan_colon(sc, i);
	case '=':
		return sc->flags & SCAN_KEYS ? keys__at(sc, i) : i + 1;
	case '@':
		return i >= sc->at_done ? scan_userinfo(sc, i) : i + 1;
	case ',':
		return sc->flags & SCAN_KEYS ? keys__comma(sc, i) : i + 1;
	case '<':
		return sc->flags & SCAN_KEYS ? keys__xml(sc, i) : i + 1;
	case '\\': case '%':
		return escape_end(sc, i);
	}
	return scan_shape(sc, i);
}

void text__scan(struct cuts *c, struct view v, unsigned int flags)
{
	struct scan sc = { .c = c, .v = v, .flags = flags };
	const unsigned char *s = (const unsigned char *)v.s;
	bool in_word = false;
	unsigned int kind;
	size_t i = 0, next;

	token__set_up();
	while (i < v.n) {
		kind = byte_kinds[s[i]];
		next = i;
		if (!in_word && kind & BYTE_STARTS)
			next = scan_word(&sc, i);
		if (next == i && kind & BYTE_SAYS) {
			next = scan_byte(&sc, i);
			in_word = kind & BYTE_NAME || (next > i + 1 && !(kind & BYTE_ESCAPES) &&
						       byte_kinds[s[next - 1]] & BYTE_NAME);
			i = next;
			continue;
		}
		i = next > i ? next : i + 1;
		in_word = byte_kinds[s[i - 1]] & BYTE_NAME;
		while (in_word && i < v.n &&
		       (byte_kinds[s[i]] & (BYTE_NAME | BYTE_SAYS)) == BYTE_NAME)
			i++;
	}
}
