/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Secrets inside running text: URLs and tokens with a well-known prefix. */
#include <ctype.h>
#include <pthread.h>

#include "record/redact.h"
#include "record/redact_tables.h"

#define URL_END " \t\r\n\"'`<>|"

static bool is_in(const char *set, char c)
{
	return c && strchr(set, c);
}

static bool is_name_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/*
 * A token starts where a word starts: in the middle of one, the prefix is part of a hash or a name.
 * "h1:" hashes of modules are base64 too.
 */
static bool is_word_start(const char *s, size_t i)
{
	if (i == 0)
		return true;
	if (i >= 3 && !memcmp(s + i - 3, "h1:", 3))
		return false;
	return !is_name_char(s[i - 1]);
}

/* Length of the token at s, 0 when there is none. */
static size_t token_len(const struct token_rule *t, const char *s, size_t n)
{
	size_t plen = strlen(t->prefix), len = plen;
	unsigned int dots = 0;

	if (n < plen || memcmp(s, t->prefix, plen))
		return 0;
	for (; len < n && t->is_char(s[len]); len++)
		dots += s[len] == '.';
	return len - plen >= t->min && dots >= t->dots ? len : 0;
}

/* The first characters of all prefixes: nearly every byte is done with after one look. */
static bool is_head[256];
static pthread_once_t heads_once = PTHREAD_ONCE_INIT;

static void set_heads(void)
{
	size_t i;

	for (i = 0; i < token_rule_cnt; i++)
		is_head[(unsigned char)token_rules[i].prefix[0]] = true;
}

static size_t find_token(const char *s, size_t n)
{
	size_t i, len;

	for (i = 0; i < token_rule_cnt; i++) {
		if (token_rules[i].prefix[0] != s[0])
			continue;
		len = token_len(&token_rules[i], s, n);
		if (len)
			return len;
	}
	return 0;
}

/* The scheme that ends just before s[colon] is one that we know. */
static bool has_known_scheme(const char *s, size_t colon)
{
	size_t i, len;

	for (i = 0; i < url_scheme_cnt; i++) {
		len = strlen(url_schemes[i]);
		if (colon >= len && !strncasecmp(s + colon - len, url_schemes[i], len) &&
		    (colon == len || !is_name_char(s[colon - len - 1])))
			return true;
	}
	return false;
}

/* Where the authority of a URL begins whose ':' is at s[colon]; 0 when this is no URL. */
static size_t authority_start(const char *s, size_t n, size_t colon)
{
	if (colon == 0 || colon + 1 >= n || s[colon + 1] != '/' || !isalnum((unsigned char)s[colon - 1]))
		return 0;
	if (colon + 2 < n && s[colon + 2] == '/')
		return colon + 3;
	return has_known_scheme(s, colon) ? colon + 2 : 0;
}

/* "host:port" with something else than digits for the port: part of a password, most likely. */
static bool has_odd_port(const char *s, size_t n)
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

struct scan {
	const char *s;
	size_t n;
	size_t done;		/* input bytes that are in out, or left out on purpose */
	struct str *out;
	unsigned int cnt;
};

/* Leaves out [from, to). */
static void cut_out(struct scan *sc, size_t from, size_t to)
{
	str__add(sc->out, sc->s + sc->done, from - sc->done);
	str__adds(sc->out, REDACTED);
	sc->done = to;
	sc->cnt++;
}

/* Redacts the URL whose authority begins at start; returns where it ends. */
static size_t scan_url(struct scan *sc, size_t start)
{
	const char *s = sc->s, *at;
	size_t end = start, auth = start, q;

	while (end < sc->n && !is_in(URL_END, s[end]))
		end++;
	while (auth < end && !is_in("/?#\\,", s[auth]))
		auth++;
	at = memrchr(s + start, '@', auth - start);
	/* A password may hold what ends an authority, unescaped: then the '@' comes after it. */
	if (!at && has_odd_port(s + start, auth - start))
		at = memrchr(s + start, '@', end - start);
	if (at) {
		cut_out(sc, start, at - s);
		if ((size_t)(at - s) > auth)
			auth = at - s;
	}
	for (q = auth; q < end && !is_in("?#", s[q]); q++)
		;
	/* What the go command itself asks is no secret. */
	if (q + 1 < end && !(end - q == 9 && !memcmp(s + q, "?go-get=1", 9)))
		cut_out(sc, q + 1, end);
	return end;
}

unsigned int redact__text(const char *text, size_t n, struct str *out)
{
	struct scan sc = { .s = text, .n = n, .out = out };
	size_t i = 0, len;

	pthread_once(&heads_once, set_heads);
	while (i < n) {
		if (text[i] != ':' && !is_head[(unsigned char)text[i]]) {
			i++;
			continue;
		}
		len = text[i] == ':' ? authority_start(text, n, i) : 0;
		if (len) {
			i = scan_url(&sc, len);
			continue;
		}
		len = is_word_start(text, i) ? find_token(text + i, n - i) : 0;
		if (len)
			cut_out(&sc, i, i + len);
		i += len ? len : 1;
	}
	str__add(out, text + sc.done, n - sc.done);
	return sc.cnt;
}

bool redact__path_is_suspect(const char *path, size_t n)
{
	const char *p = path, *end = path + n;

	while (p < end && (p = memchr(p, ':', end - p))) {
		if (p + 1 < end && p[1] == '/' && has_known_scheme(path, p - path))
			return true;
		p++;
	}
	return false;
}

unsigned int redact__path(const char *path, size_t n, struct str *out)
{
	return redact__text(path, n, out);
}

static unsigned int whole(struct str *out)
{
	str__adds(out, REDACTED);
	return 1;
}

/* One item of a list: a URL, a word like "direct", a host, or something not understood. */
static unsigned int url_item(const char *s, size_t n, struct str *out)
{
	const char *sep = memmem(s, n, "://", 3);
	size_t auth = 0, start;

	if (!sep)
		return memchr(s, '@', n) ? whole(out) : redact__text(s, n, out);
	start = sep + 3 - s;
	while (start + auth < n && !is_in("/?#", s[start + auth]))
		auth++;
	/* A separator of the list inside a password cuts the URL before its '@'. */
	if (sep == s || (!memchr(s, '@', n) && has_odd_port(s + start, auth)))
		return whole(out);
	return redact__text(s, n, out);
}

unsigned int redact__url_list(const char *s, size_t n, struct str *out)
{
	unsigned int cnt = 0;
	size_t i, from = 0;

	for (i = 0; i <= n; i++) {
		if (i < n && !is_in(",| \t\n", s[i]))
			continue;
		if (i > from)
			cnt += url_item(s + from, i - from, out);
		if (i < n)
			str__addc(out, s[i]);
		from = i + 1;
	}
	return cnt;
}

/* "off", "netrc", "git DIR" or a command; only the first word of the known ones is said. */
static unsigned int auth_item(const char *s, size_t n, struct str *out)
{
	static const char *const methods[] = { "off", "netrc", "git" };
	size_t i, len, word = 0;

	while (n && is_in(" \t", *s)) {
		str__addc(out, *s++);
		n--;
	}
	if (!n)
		return 0;
	while (word < n && !is_in(" \t", s[word]))
		word++;
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		len = strlen(methods[i]);
		if (word != len || memcmp(s, methods[i], len))
			continue;
		str__add(out, s, len);
		if (word == n)
			return 0;
		str__addc(out, ' ');
		return whole(out);
	}
	return whole(out);
}

unsigned int redact__goauth(const char *s, size_t n, struct str *out)
{
	unsigned int cnt = 0;
	size_t i, from = 0;

	for (i = 0; i <= n; i++) {
		if (i < n && s[i] != ';')
			continue;
		cnt += auth_item(s + from, i - from, out);
		if (i < n)
			str__addc(out, ';');
		from = i + 1;
	}
	return cnt;
}
