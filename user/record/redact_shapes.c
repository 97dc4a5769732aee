/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tokens by their shape: a known prefix, or a known middle. */
#include <ctype.h>
#include <pthread.h>

#include "record/redact_tables.h"
#include "record/redact_text.h"

#define PEM "-----BEGIN "

/* Rules by their first character: nearly every byte is done with after one look. */
static unsigned char first_rule[256], next_rule[256];	/* number of a rule and one */
unsigned char byte_kinds[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_up(void)
{
	size_t i;

	for (i = token_rule_cnt; i-- > 0;) {
		unsigned char head = token_rules[i].prefix[0];

		next_rule[i] = first_rule[head];
		first_rule[head] = i + 1;
		byte_kinds[head] |= BYTE_STARTS;
	}
	for (const char *p = "bBpPmMlLiI"; *p; p++)	/* keys__phrase() */
		byte_kinds[(unsigned char)*p] |= BYTE_STARTS;
	for (const char *p = ":=@<.~-_,"; *p; p++)
		byte_kinds[(unsigned char)*p] |= BYTE_SAYS;
	for (const char *p = "\\%"; *p; p++)
		byte_kinds[(unsigned char)*p] |= BYTE_SAYS | BYTE_ESCAPES;
	for (i = 0; i < 256; i++)
		if (isalnum(i) || i == '_' || i == '-')
			byte_kinds[i] |= BYTE_NAME;
}

void token__set_up(void)
{
	pthread_once(&once, set_up);
}

static size_t rule_len(const struct token_rule *t, const char *s, size_t n)
{
	size_t plen = strlen(t->prefix), len = plen;
	unsigned int dots = 0;

	if (n < plen || memcmp(s, t->prefix, plen))
		return 0;
	for (; len < n && t->is_char(s[len]); len++)
		dots += s[len] == '.';
	return len - plen >= t->min && dots >= t->dots ? len : 0;
}

/* How much of s is a token by the first rule that fits; 0: none does. */
static size_t find_rule(const char *s, size_t n, bool inside, const struct token_rule **ret)
{
	const struct token_rule *t;
	unsigned int i;
	size_t len;

	if (n < TOKEN_MIN)
		return 0;
	for (i = first_rule[(unsigned char)s[0]]; i; i = next_rule[i - 1]) {
		t = *ret = &token_rules[i - 1];
		len = (!inside || t->inside) && s[1] == t->prefix[1] ? rule_len(t, s, n) : 0;
		if (len)
			return len;
	}
	return 0;
}

size_t token__inside(const char *s, size_t n)
{
	const struct token_rule *rule;

	return find_rule(s, n, true, &rule);
}

size_t token__len(const char *s, size_t n, size_t *ret_from)
{
	const struct token_rule *rule;
	size_t len = find_rule(s, n, false, &rule);

	*ret_from = len && rule->keeps_prefix ? strlen(rule->prefix) : 0;
	return len;
}

static bool is_token_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/* How many token characters stand before s[i], and behind s[i - 1]; no more than max matter. */
static size_t run_before(const char *s, size_t i, size_t max)
{
	size_t n = 0;

	while (n < i && n <= max && is_token_char(s[i - n - 1]))
		n++;
	return n;
}

static size_t run_after(const char *s, size_t n, size_t i)
{
	size_t from = i;

	while (i < n && is_token_char(s[i]))
		i++;
	return i - from;
}

/* What certificates and public keys say is public. */
static bool is_open_pem(const char *label, size_t n)
{
	static const char *const open[] = { "CERTIFICATE", "PUBLIC", "CRL", "SIGNATURE",
					    "PARAMETERS" };
	size_t i;

	n = n < 40 ? n : 40;
	for (i = 0; i < ARRAY_SIZE(open); i++)
		if (memmem(label, n, open[i], strlen(open[i])))
			return true;
	return !n || !isupper((unsigned char)label[0]);
}

/* A private key: to its end, or to the text's. */
static size_t pem_end(const char *s, size_t n, size_t i)
{
	const char *end;

	if (n - i < sizeof(PEM) || memcmp(s + i, PEM, sizeof(PEM) - 1))
		return 0;
	i += sizeof(PEM) - 1;
	if (is_open_pem(s + i, n - i))
		return 0;
	end = memmem(s + i, n - i, "-----END ", 9);
	if (end)
		end = memmem(end + 9, s + n - end - 9, "-----", 5);
	return end ? (size_t)(end + 5 - s) : n;
}

/* Telegram's bots: digits, a colon and 35 characters. */
static size_t bot_end(const char *s, size_t n, size_t i, size_t *ret_from)
{
	size_t before = run_before(s, i, 10), after, k;

	for (k = 0; k < before; k++)
		if (!isdigit((unsigned char)s[i - k - 1]))
			return 0;
	if (before < 8 || before > 10)
		return 0;
	after = run_after(s, n, i + 1);
	*ret_from = i - before;
	return after >= 33 && after <= 40 ? i + 1 + after : 0;
}

/* Terraform's ".atlasv1.", and Discord's bots with three parts of 24 to 28, 6 and 27 or more. */
static size_t dotted_end(const char *s, size_t n, size_t i, size_t *ret_from)
{
	size_t before, after;

	if (n - i > 40 && !memcmp(s + i, ".atlasv1.", 9)) {
		before = run_before(s, i, 32);
		*ret_from = i - before;
		return before >= 10 ? i + 9 + run_after(s, n, i + 9) : 0;
	}
	if (n - i < 34 || s[i + 7] != '.')
		return 0;
	before = run_before(s, i, 28);
	if (before < 23 || before > 28 || !is_in("MNO", s[i - before]) ||
	    run_after(s, n, i + 1) != 6)
		return 0;
	after = run_after(s, n, i + 8);
	*ret_from = i - before;
	return after >= 27 ? i + 8 + after : 0;
}

/* Azure's client secrets have "8Q~" behind three characters. */
static size_t azure_end(const char *s, size_t n, size_t i, size_t *ret_from)
{
	size_t end;

	if (i < 5 || s[i - 1] != 'Q' || !isdigit((unsigned char)s[i - 2]) ||
	    run_before(s, i, 8) != 5)
		return 0;
	for (end = i + 1; end < n && (is_token_char(s[end]) || s[end] == '.' || s[end] == '~');
	     end++)
		;
	*ret_from = i - 5;
	return end - i > 30 ? end : 0;
}

/* Mailchimp's: 32 hexadecimal digits, "-us" and a number. */
static size_t mail_end(const char *s, size_t n, size_t i, size_t *ret_from)
{
	size_t k, end = i + 3;

	if (n - i < 4 || memcmp(s + i, "-us", 3) || run_before(s, i, 33) != 32)
		return 0;
	for (k = 1; k <= 32; k++)
		if (!isxdigit((unsigned char)s[i - k]))
			return 0;
	while (end < n && isdigit((unsigned char)s[end]))
		end++;
	*ret_from = i - 32;
	return end > i + 3 && (end == n || !is_token_char(s[end])) ? end : 0;
}

#define PGPASS_NEAR 4096

/* A field of .pgpass from s[i] on: where the ':' behind it is, or 0. */
static size_t field_end(const char *s, size_t n, size_t i)
{
	size_t end = i;

	while (end < n && !is_in(": \t\r\n\"'`", s[end]))
		end++;
	return end > i && end < n && s[end] == ':' ? end : 0;
}

static bool is_port(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && isdigit((unsigned char)s[i]))
		i++;
	return n && (i == n || (n == 1 && s[0] == '*'));
}

/* Is that file named not far from s[i]? Far is not looked, again and again, in a long text of ports. */
static bool names_pgpass(const char *s, size_t n, size_t i)
{
	size_t from = i > PGPASS_NEAR ? i - PGPASS_NEAR : 0, end = n - i > PGPASS_NEAR ? i + PGPASS_NEAR : n;

	return memmem(s + from, end - from, "pgpass", 6);
}

/* host:port:database:user:PASSWORD, as a line for .pgpass, where the text names that file. */
static size_t pgpass_end(const char *s, size_t n, size_t i, size_t *ret_from)
{
	size_t end = field_end(s, n, i + 1);

	if (!end || !is_port(s + i + 1, end - i - 1) || !names_pgpass(s, n, i))
		return 0;
	end = field_end(s, n, end + 1);
	end = end ? field_end(s, n, end + 1) : 0;
	if (!end)
		return 0;
	*ret_from = ++end;
	while (end < n && !is_in(" \t\r\n\"'`", s[end]) && !(s[end] == '\\' && end + 1 < n && s[end + 1] == 'n'))
		end++;
	return end > *ret_from ? end : 0;
}

size_t token__around(const char *s, size_t n, size_t i, size_t *ret_from)
{
	switch (s[i]) {
	case ':':
		return bot_end(s, n, i, ret_from) ?: pgpass_end(s, n, i, ret_from);
	case '.':
		return dotted_end(s, n, i, ret_from);
	case '~':
		return azure_end(s, n, i, ret_from);
	case '-':
		*ret_from = i;
		return i && s[i - 1] == '-' ? 0 : pem_end(s, n, i) ?: mail_end(s, n, i, ret_from);
	}
	return 0;
}
