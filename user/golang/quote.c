/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words and quotes of shells, flag lists and Go literals. */
#include <errno.h>
#include <string.h>

#include "golang/modinfo.h"
#include "golang/quote.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_operator(char c)
{
	return c && strchr(";&|<>()`", c);
}

/* Index of the quote that closes the one at s[i]; n: there is none. */
static size_t closing(const char *s, size_t n, size_t i, bool *ret_has_escape)
{
	const char *end;
	size_t k;

	if (s[i] == '\'') {
		end = memchr(s + i + 1, '\'', n - i - 1);
		return end ? (size_t)(end - s) : n;
	}
	for (k = i + 1; k < n && s[k] != '"'; k++) {
		if (s[k] != '\\')
			continue;
		*ret_has_escape = true;
		k++;
	}
	return k < n ? k : n;
}

/* Blanks and operators in front of the next word; false: there is none. */
static bool skip(struct quote_words *q, char *ret_op)
{
	char c;

	*ret_op = '\0';
	for (; q->i < q->n; q->i++) {
		c = q->s[q->i];
		if (q->is_shell && (is_operator(c) || c == '\n')) {
			/* ">&" sends output to where another one goes: no new command */
			if (c == '&' && (*ret_op == '>' || *ret_op == '<'))
				continue;
			*ret_op = c;
		} else if (q->is_shell && c == '\\' && q->i + 1 < q->n && q->s[q->i + 1] == '\n') {
			q->i++;		/* the line goes on */
		} else if (!is_blank(c)) {
			return true;
		}
	}
	return false;
}

bool quote__next(struct quote_words *q, struct quote_word *ret)
{
	bool has_quote = false, has_escape = false, inner;
	const char *s = q->s;
	size_t i, end, first_end = 0;

	if (!skip(q, &ret->op))
		return false;
	ret->from = i = q->i;
	while (i < q->n && !is_blank(s[i]) && !(q->is_shell && is_operator(s[i]))) {
		if (s[i] == '\\' && i + 1 < q->n) {
			has_escape = true;
			i += 2;
		} else if (s[i] == '\'' || (s[i] == '"' && !q->dquotes_end)) {
			inner = false;
			end = closing(s, q->n, i, &inner);
			q->dquotes_end |= end == q->n && s[i] == '"';
			if (end < q->n && i == ret->from)
				first_end = end + 1;
			has_quote |= end < q->n;
			has_escape |= end < q->n && inner;
			i = end < q->n ? end + 1 : i + 1;
		} else {
			i++;
		}
	}
	ret->to = q->i = i;
	ret->form = !has_quote && !has_escape ? QUOTE_PLAIN :
		    !has_escape && first_end == i ? QUOTE_WRAPPED : QUOTE_MIXED;
	return true;
}

struct decoder {
	const char *s;
	char *out;
	struct quote_place *at;
	size_t len;
};

static void put(struct decoder *d, size_t from, size_t to)
{
	d->at[d->len] = (struct quote_place){ from, to };
	d->out[d->len++] = d->s[to - 1];
}

static void put_quoted(struct decoder *d, size_t i, size_t end, bool is_double)
{
	bool escapes;

	for (; i < end; i++) {
		escapes = is_double && d->s[i] == '\\' && i + 1 < end &&
			  strchr("\"\\$`\n", d->s[i + 1]);
		if (escapes && d->s[i + 1]) {
			put(d, i, i + 2);
			i++;
		} else {
			put(d, i, i + 1);
		}
	}
}

size_t quote__decode(const char *s, size_t n, char *out, struct quote_place *at)
{
	struct decoder d = { .s = s, .out = out, .at = at };
	bool dquotes_end = false, ignored;
	size_t i, end;

	for (i = 0; i < n; i++) {
		end = n;
		if (s[i] == '\'' || (s[i] == '"' && !dquotes_end)) {
			end = closing(s, n, i, &ignored);
			dquotes_end |= end == n && s[i] == '"';
		}
		if (end < n) {
			put_quoted(&d, i + 1, end, s[i] == '"');
			i = end;
		} else if (s[i] == '\\' && i + 1 < n) {
			put(&d, i, i + 2);
			i++;
		} else {
			put(&d, i, i + 1);
		}
	}
	return d.len;
}

/* Length of the escape sequence at s, a backslash; the bytes of it are as many as go says. */
static size_t escape_len(const char *s, size_t n)
{
	char c = n > 1 ? s[1] : '\0';
	size_t len = c == 'x' || (c >= '0' && c <= '7') ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;

	return len <= n ? len : 0;
}

/* One escape by the decoder of whole literals: what an escape means is known in one place. */
static int put_escape(struct decoder *d, size_t i, size_t len)
{
	char literal[12], bytes[12];
	size_t k, cnt;

	if (!len)
		return -EBADMSG;
	literal[0] = '"';
	memcpy(literal + 1, d->s + i, len);
	literal[len + 1] = '"';
	if (go__unquote(literal, len + 2, bytes, &cnt) != (long)len + 2)
		return -EBADMSG;
	for (k = 0; k < cnt; k++) {
		d->at[d->len] = (struct quote_place){ i, i + len };
		d->out[d->len++] = bytes[k];
	}
	return 0;
}

long quote__literal(const char *s, size_t n, char *out, struct quote_place *at, size_t *ret_n)
{
	struct decoder d = { .s = s, .out = out, .at = at };
	size_t i = 1, len;

	if (n < 2 || (s[0] != '"' && s[0] != '`'))
		return -EBADMSG;
	while (i < n && s[i] != s[0] && (s[0] == '`' || s[i] != '\n')) {
		if (s[0] == '`' || s[i] != '\\') {
			put(&d, i, i + 1);
			i++;
			continue;
		}
		len = escape_len(s + i, n - i);
		if (put_escape(&d, i, len))
			return -EBADMSG;
		i += len;
	}
	if (i == n || s[i] != s[0])
		return -EBADMSG;
	*ret_n = d.len;
	return i + 1;
}
