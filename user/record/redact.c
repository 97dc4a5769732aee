/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Secrets in environments, command lines and configuration files. */
#include <ctype.h>
#include <stdlib.h>

#include "record/redact.h"
#include "record/redact_tables.h"

#define MAX_NAME  128	/* longer names are compared as they are, without folding case */
#define PEM	  "-----BEGIN "
#define MAX_DEPTH 64	/* quotes in quotes, a=b=c; deeper text goes as a whole */

static bool is_in(const char *set, char c)
{
	return c && strchr(set, c);
}

struct name_key {
	const char *s;
	size_t n;
};

static int env_cmp(const void *key, const void *row)
{
	const struct name_key *k = key;
	const struct env_rule *e = row;
	int c = strncmp(k->s, e->name, k->n);

	return c ? c : e->name[k->n] ? -1 : 0;
}

static const struct env_rule *find_env(const char *name, size_t n)
{
	struct name_key key = { name, n };

	if (n == 0 || n > MAX_NAME || memchr(name, '\0', n))
		return NULL;
	return bsearch(&key, env_rules, env_rule_cnt, sizeof(env_rules[0]), env_cmp);
}

int redact__env_allowed(const char *name, size_t n)
{
	const struct env_rule *e = find_env(name, n);

	return e ? e - env_rules : -1;
}

static bool glob_matches(const char *glob, const char *s, size_t n)
{
	bool head = glob[0] == '*';
	size_t m = strlen(glob);
	bool tail = m > 1 && glob[m - 1] == '*';

	glob += head;
	m -= head + tail;
	if (n < m)
		return false;
	if (head && tail)
		return memmem(s, n, glob, m);
	if (head)
		return !memcmp(s + n - m, glob, m);
	return (tail || n == m) && !memcmp(s, glob, m);
}

static bool any_glob(const char *const *globs, size_t cnt, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		if (glob_matches(globs[i], s, n))
			return true;
	return false;
}

bool redact__name_is_secret(const char *name, size_t n)
{
	char upper[MAX_NAME];
	size_t i;

	if (n > sizeof(upper))
		return any_glob(secret_globs, secret_glob_cnt, name, n);
	for (i = 0; i < n; i++)
		upper[i] = name[i] == '-' ? '_' : toupper((unsigned char)name[i]);
	return any_glob(secret_globs, secret_glob_cnt, upper, n) &&
	       !any_glob(harmless_globs, harmless_glob_cnt, upper, n);
}

static unsigned int item(struct redact_argv *a, const char *s, size_t n, struct str *out,
			 unsigned int depth);

static unsigned int whole(size_t n, struct str *out)
{
	if (!n)
		return 0;	/* an empty value is no secret, and worth knowing */
	str__adds(out, REDACTED);
	return 1;
}

/* name=value or user:password: the part after sep goes. A closing quote stays, for the reader. */
static unsigned int after(char sep, const char *s, size_t n, struct str *out)
{
	const char *p = memchr(s, sep, n);
	size_t head = p ? p + 1 - s : 0;
	bool quoted = n > 1 && is_in("\"'", s[0]) && s[n - 1] == s[0];
	unsigned int cnt;

	if (!p)
		return redact__text(s, n, out);
	str__add(out, s, head);
	cnt = whole(n - head - quoted, out);
	if (quoted)
		str__addc(out, s[0]);
	return cnt;
}

static unsigned int xdef(const char *s, size_t n, struct str *out)
{
	size_t i, len;

	for (i = 0; i < public_xdef_cnt; i++) {
		len = strlen(public_xdefs[i]);
		if (n > len && s[len] == '=' && !memcmp(s, public_xdefs[i], len))
			return redact__text(s, n, out);
	}
	return after('=', s, n, out);
}

static unsigned int words(const char *s, size_t n, struct str *out, unsigned int depth);

static unsigned int apply(enum redact_rule rule, const char *s, size_t n, struct str *out,
			  unsigned int depth)
{
	struct redact_argv inner = { .started = true };

	switch (rule) {
	case RULE_NONE:
		return item(&inner, s, n, out, depth + 1);
	case RULE_TEXT:
		return redact__text(s, n, out);
	case RULE_WORDS:
		return words(s, n, out, depth + 1);
	case RULE_URLS:
		return redact__url_list(s, n, out);
	case RULE_AUTH:
		return redact__goauth(s, n, out);
	case RULE_XDEF:
		return xdef(s, n, out);
	case RULE_USER:
		return after(':', s, n, out);
	case RULE_WHOLE:
		break;
	}
	return whole(n, out);
}

unsigned int redact__env_value(const char *name, size_t name_n, const char *value, size_t n,
			       struct str *out)
{
	const struct env_rule *e = find_env(name, name_n);

	return apply(e ? e->rule : RULE_WHOLE, value, n, out, 0);
}

/* The rule for the value of a name that is given one: NAME=value, -flag value, key: value. */
static enum redact_rule name_rule(const char *name, size_t n)
{
	const struct env_rule *e = find_env(name, n);

	if (e)
		return e->rule;
	return redact__name_is_secret(name, n) ? RULE_WHOLE : RULE_NONE;
}

static enum redact_rule flag_rule(const struct redact_argv *a, const char *name, size_t n)
{
	const struct flag_rule *f;

	for (f = flag_rules; f < flag_rules + flag_rule_cnt; f++)
		if (strlen(f->name) == n && !memcmp(f->name, name, n) &&
		    (!f->prog || str_eq(f->prog, a->prog)))
			return f->rule;
	return redact__name_is_secret(name, n) ? RULE_WHOLE : RULE_NONE;
}

/* Length of "Authorization:" and the like at s, blanks after it included; 0 when it is not one. */
static size_t bare_header_len(const char *s, size_t n)
{
	size_t i, len = 0;
	bool known = false;

	while (len < n && (isalnum((unsigned char)s[len]) || s[len] == '-' || s[len] == '_'))
		len++;
	if (!len || len == n || s[len] != ':')
		return 0;
	for (i = 0; i < secret_header_cnt && !known; i++)
		known = strlen(secret_headers[i]) == len && !strncasecmp(secret_headers[i], s, len);
	/* Others only with a blank: "image/auth:1.2" and the like are no headers. */
	if (!known && !(len + 1 < n && s[len + 1] == ' ' && redact__name_is_secret(s, len)))
		return 0;
	for (len++; len < n && is_in(" \t", s[len]); len++)
		;
	return len;
}

/* The same, also in one argument with its flag, as curl takes it. */
static size_t header_len(const char *s, size_t n)
{
	size_t flag = n > 2 && s[0] == '-' && s[1] == 'H' ? 2 : 0;
	size_t len = bare_header_len(s + flag, n - flag);

	return len ? len + flag : 0;
}

/* The text as separate words of a shell or of GOFLAGS; quotes hold a word together. */
static unsigned int words(const char *s, size_t n, struct str *out, unsigned int depth)
{
	struct redact_argv a = { .started = true };
	unsigned int cnt = 0;
	size_t i = 0, from, len;
	char quote;

	if (depth > MAX_DEPTH)
		return whole(n, out);
	while (i < n) {
		if (is_in(" \t\r\n;&()<>|`", s[i])) {
			str__addc(out, s[i++]);
			continue;
		}
		/* A key in PEM has blanks inside; text after it is not worth the risk. */
		if (n - i >= sizeof(PEM) - 1 && !memcmp(s + i, PEM, sizeof(PEM) - 1))
			return cnt + whole(n - i, out);
		len = header_len(s + i, n - i);
		if (len) {
			str__add(out, s + i, len);
			for (from = i + len, i = from; i < n && !is_in("\r\n\"'", s[i]); i++)
				;
			cnt += whole(i - from, out);
			continue;
		}
		for (from = i, quote = '\0'; i < n; i++) {
			if (quote)
				quote = s[i] == quote ? '\0' : quote;
			else if (is_in("\"'", s[i]))
				quote = s[i];
			else if (is_in(" \t\r\n;&()<>|`", s[i]) && !memmem(s + from, i - from, "://", 3))
				break;
			else if (is_in(" \t\r\n", s[i]))
				break;
		}
		cnt += item(&a, s + from, i - from, out, depth + 1);
	}
	return cnt;
}

static bool is_many_words(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_in(" \t\r\n\"'`;", s[i]))
			return true;
	return false;
}

/* -flag, --flag, -flag=value. *ret_cnt is set when it was one and was dealt with. */
static bool flag_item(struct redact_argv *a, const char *s, size_t n, struct str *out,
		      unsigned int depth, unsigned int *ret_cnt)
{
	size_t dashes = n > 1 && s[1] == '-' ? 2 : 1;
	const char *eq = memchr(s, '=', n);
	size_t len = eq ? (size_t)(eq - s) : n;
	enum redact_rule rule;

	if (len <= dashes || is_many_words(s, len))
		return false;
	rule = flag_rule(a, s + dashes, len - dashes);
	if (!eq) {
		a->next = rule;
		*ret_cnt = redact__text(s, n, out);
		return true;
	}
	str__add(out, s, len + 1);
	*ret_cnt = apply(rule, eq + 1, s + n - eq - 1, out, depth + 1);
	return true;
}

/* NAME=value and pattern=-flags; a URL with a query is none. */
static bool assignment(const char *s, size_t n, struct str *out, unsigned int depth,
		       unsigned int *ret_cnt)
{
	const char *eq = memchr(s, '=', n);
	size_t len = eq ? (size_t)(eq - s) : 0;
	enum redact_rule rule;

	if (!len || is_many_words(s, len))
		return false;
	rule = name_rule(s, len);
	if (rule == RULE_NONE && memmem(s, len, "://", 3))
		return false;
	/* A path is no name: importcfg-like "go/token=file" arguments stay. */
	if (rule == RULE_WHOLE && memchr(s, '/', len) && !memmem(s, len, "://", 3))
		rule = RULE_NONE;
	*ret_cnt = redact__text(s, len, out);
	str__addc(out, '=');
	*ret_cnt += apply(rule, eq + 1, s + n - eq - 1, out, depth + 1);
	return true;
}

static unsigned int item(struct redact_argv *a, const char *s, size_t n, struct str *out,
			 unsigned int depth)
{
	enum redact_rule next = a->next;
	unsigned int cnt = 0;
	size_t len;

	if (depth > MAX_DEPTH)
		return whole(n, out);
	a->next = RULE_NONE;
	/* A flag that takes a value is not followed by another flag; -X and -u need no such care. */
	if (next != RULE_NONE && !(next == RULE_WHOLE && n && s[0] == '-'))
		return apply(next, s, n, out, depth);
	len = header_len(s, n);
	if (len) {
		str__add(out, s, len);
		return whole(n - len, out);
	}
	if (n && s[0] == '-' && flag_item(a, s, n, out, depth, &cnt))
		return cnt;
	if (n > 1 && is_in("\"'", s[0]) && s[n - 1] == s[0]) {
		str__addc(out, s[0]);
		cnt = item(a, s + 1, n - 2, out, depth + 1);
		str__addc(out, s[0]);
		return cnt;
	}
	if (assignment(s, n, out, depth, &cnt))
		return cnt;
	return is_many_words(s, n) ? words(s, n, out, depth + 1) : redact__text(s, n, out);
}

static void set_prog(struct redact_argv *a, const char *arg, size_t n)
{
	const char *slash = memrchr(arg, '/', n);

	if (slash) {
		n -= slash + 1 - arg;
		arg = slash + 1;
	}
	if (n < sizeof(a->prog))
		memcpy(a->prog, arg, n);
	a->started = true;
}

unsigned int redact__arg(struct redact_argv *a, const char *arg, size_t n, struct str *out)
{
	if (!a->started)
		set_prog(a, arg, n);
	return item(a, arg, n, out, 0);
}

static bool is_go_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isupper((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '_')
			return false;
	return n;
}

/* go/env and go.env: a line is NAME=value; of names that nobody knows only the name is kept. */
static unsigned int env_file(const char *s, size_t n, struct str *out)
{
	const char *end = s + n, *nl, *eq;
	unsigned int cnt = 0;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', end - s);
		nl = nl ? nl : end;
		eq = memchr(s, '=', nl - s);
		if (eq && is_go_name(s, eq - s)) {
			str__add(out, s, eq + 1 - s);
			cnt += redact__env_value(s, eq - s, eq + 1, nl - eq - 1, out);
		} else {
			cnt += words(s, nl - s, out, 0);
		}
		if (nl < end)
			str__addc(out, '\n');
	}
	return cnt;
}

unsigned int redact__file(const char *name, const char *text, size_t n, struct str *out)
{
	size_t len = strlen(name);

	while (len && name[len - 1] != '/')
		len--;
	if (str_eq(name + len, "env") || str_eq(name + len, "go.env"))
		return env_file(text, n, out);
	return redact__text(text, n, out);
}
