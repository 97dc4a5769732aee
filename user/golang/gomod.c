/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The statements of go.mod and go.work, and the head of vendor/modules.txt, with line numbers. */
#include <errno.h>
#include <string.h>

#include "golang/gomod.h"
#include "golang/modinfo.h"
#include "util/str.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_punctuation(char c)
{
	return c == '(' || c == ')' || c == '[' || c == ']' || c == ',';
}

/* End of the word at s: at a space, at punctuation, at a comment. */
static const char *word_end(const char *s)
{
	if (is_punctuation(*s))
		return s + 1;
	while (*s && !is_space(*s) && !is_punctuation(*s) && !(s[0] == '/' && s[1] == '/'))
		s++;
	return s;
}

/* Copies the word at *p to the arena and adds it to the list; false when it is malformed. */
static bool add_word(struct gomod *g, const char **p)
{
	char *out = g->unquoted + g->unquoted_len;
	const char *s = *p, *end = word_end(s);
	size_t len = end - s;
	long took;

	if (*s == '"' || *s == '`') {
		took = go__unquote(s, strlen(s), out, &len);
		if (took < 0)
			return false;
		end = s + took;
	} else {
		memcpy(out, s, len);
	}
	out[len] = '\0';
	g->unquoted_len += len + 1;
	g->words[g->word_cnt++] = out;
	*p = end;
	return true;
}

/* Splits a line into words that end before a comment; false when it is malformed. */
static bool add_words(struct gomod *g, const char *line)
{
	for (;;) {
		while (is_space(*line))
			line++;
		if (!*line || (line[0] == '/' && line[1] == '/'))
			return true;
		if (!add_word(g, &line))
			return false;
	}
}

/* block: the verb whose parentheses are open, NULL outside. */
static void add_line(struct gomod *g, const char *line, unsigned int number, const char **block)
{
	const size_t first = g->word_cnt;
	const char **words = g->words + first;
	size_t cnt;

	if (!add_words(g, line)) {
		g->word_cnt = first;
		g->bad_line = g->bad_line ?: number;
		return;
	}
	cnt = g->word_cnt - first;
	if (!cnt)
		return;
	if (*block && str_eq(words[0], ")")) {
		*block = NULL;
	} else if (!*block && cnt == 2 && str_eq(words[1], "(")) {
		*block = words[0];
	} else {
		g->stmts[g->cnt++] = (struct gomod_stmt){
			.verb = *block ?: words[0],
			.line = number,
			.words = words + !*block,
			.cnt = cnt - !*block,
		};
	}
}

/*
 * Every word takes at least one byte of text, and a decoded one with its NUL at most one more than
 * that: "a(b" is three words of two bytes each.
 */
static int allocate(struct gomod *g, const char *text, size_t n)
{
	size_t i, lines = 1;

	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	g->text = malloc(n + 1);
	g->unquoted = malloc(2 * n + 1);
	g->words = calloc(n + 1, sizeof(*g->words));
	g->stmts = calloc(lines, sizeof(*g->stmts));
	return g->text && g->unquoted && g->words && g->stmts ? 0 : -ENOMEM;
}

int gomod__parse(const char *text, size_t n, struct gomod *ret)
{
	const char *block = NULL;
	unsigned int number = 1;
	struct gomod g = {};
	char *line, *next;

	if (n > GOMOD_MAX_TEXT)
		return -EFBIG;
	if (allocate(&g, text, n)) {
		gomod__free(&g);
		return -ENOMEM;
	}
	if (n)
		memcpy(g.text, text, n);
	g.text[n] = '\0';
	for (line = g.text; line < g.text + n; line = next, number++) {
		next = memchr(line, '\n', g.text + n - line);
		next = next ? next + 1 : g.text + n + 1;
		next[-1] = '\0';
		add_line(&g, line, number, &block);
	}
	*ret = g;
	return 0;
}

void gomod__free(struct gomod *g)
{
	free(g->stmts);
	free(g->words);
	free(g->text);
	free(g->unquoted);
	*g = (struct gomod){};
}

const struct gomod_stmt *gomod__find(const struct gomod *g, const char *verb,
				     const struct gomod_stmt *after)
{
	const struct gomod_stmt *s = after ? after + 1 : g->stmts;

	for (; s < g->stmts + g->cnt; s++)
		if (str_eq(s->verb, verb))
			return s;
	return NULL;
}

const char *gomod__word(const struct gomod *g, const char *verb)
{
	const struct gomod_stmt *s = gomod__find(g, verb, NULL);

	return s && s->cnt ? s->words[0] : NULL;
}

int gomod__replace(const struct gomod_stmt *s, struct gomod_replace *ret)
{
	size_t arrow = s->cnt > 1 && str_eq(s->words[1], "=>") ? 1 : 2;

	if (!str_eq(s->verb, "replace") || s->cnt < arrow + 2 || s->cnt > arrow + 3 ||
	    !str_eq(s->words[arrow], "=>"))
		return -EINVAL;
	*ret = (struct gomod_replace){
		.path = s->words[0],
		.version = arrow == 2 ? s->words[1] : NULL,
		.new_path = s->words[arrow + 1],
		.new_version = s->cnt == arrow + 3 ? s->words[arrow + 2] : NULL,
		.line = s->line,
	};
	return 0;
}

static bool line_starts(const char *line, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(line, with, len);
}

void modules_txt__parse(const char *text, size_t n, struct modules_txt *ret)
{
	const char *line = text, *end = text + n, *eol;
	struct modules_txt m = { .is_workspace = line_starts(text, n, "## workspace") };

	for (; line < end; line = eol + (eol < end)) {
		eol = memchr(line, '\n', end - line) ?: end;
		m.modules += line_starts(line, eol - line, "# ");
		m.explicit += line_starts(line, eol - line, "## explicit");
	}
	*ret = m;
}
