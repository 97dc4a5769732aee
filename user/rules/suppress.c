/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file that says which findings need not be reported, why, and until when. */
#include <errno.h>

#include "rules/verdict.h"
#include "util/str.h"

static bool is_day(const char *s)
{
	static const char shape[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return false;
	return true;
}

/* Cuts the first word off; what follows it is "" at the end. */
static char *take_word(char **at)
{
	char *word = *at + strspn(*at, " \t"), *end = word + strcspn(word, " \t");

	*at = *end ? end + 1 : end;
	*end = '\0';
	*at += strspn(*at, " \t");
	return word;
}

static int parse_line(char *line, const char *today, struct suppression *ret, struct str *why)
{
	const char *rule = take_word(&line), *until;

	ret->subject = take_word(&line);
	until = take_word(&line);
	ret->reason = line;
	ret->rule = rule__find(rule);
	if (!ret->rule)
		str__addf(why, "line %u: no rule is called '%s'; goenvbpf rules lists them", ret->line, rule);
	else if (!*until || (!str_eq(until, "never") && !is_day(until)))
		str__addf(why, "line %u: '%s' is no day like 2026-12-31, nor \"never\"", ret->line, until);
	else if (!*ret->reason)
		str__addf(why, "line %u: a reason is missing: RULE SUBJECT UNTIL REASON", ret->line);
	if (why->len)
		return -EINVAL;
	ret->until = str_eq(until, "never") ? NULL : until;
	ret->is_over = ret->until && strcmp(ret->until, today) < 0;
	return 0;
}

static int add_line(struct suppressions *s, char *line, unsigned int number, const char *today,
		    struct str *why)
{
	struct suppression *v;

	line += strspn(line, " \t\r");
	if (!*line || *line == '#')
		return 0;
	v = realloc(s->v, (s->cnt + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->v = v;
	v[s->cnt] = (struct suppression){ .line = number };
	return parse_line(line, today, &v[s->cnt++], why);
}

int suppressions__parse(const char *text, size_t n, const char *today, struct suppressions *ret,
			struct str *why)
{
	unsigned int number = 0;
	int err = 0;

	ret->text = strndup(text, n);
	if (!ret->text)
		return -ENOMEM;
	for (char *line = ret->text, *next; line && !err; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		err = add_line(ret, line, ++number, today, why);
	}
	return err;
}

void suppressions__free(struct suppressions *s)
{
	free(s->v);
	free(s->text);
	*s = (struct suppressions){};
}
