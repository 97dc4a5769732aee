/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that hold Go settings, read as the go command reads them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/goenv.h"
#include "util/str.h"

static enum goenv_line line_kind(const char *line, const char *equals)
{
	if (!*line || *line == '#')
		return GOENV_COMMENT;
	if (!equals)
		return GOENV_NO_EQUALS;
	return *line >= 'A' && *line <= 'Z' ? GOENV_ENTRY : GOENV_BAD_START;
}

static void add_line(struct goenv *g, char *line, unsigned int number)
{
	char *equals = strchr(line, '=');
	enum goenv_line kind = line_kind(line, equals);
	struct goenv_entry *e;

	if (kind == GOENV_COMMENT)
		return;
	e = &g->entries[g->cnt++];
	*e = (struct goenv_entry){ .kind = kind, .line = number, .key = line };
	if (kind != GOENV_ENTRY)
		return;
	*equals = '\0';
	e->value = equals + 1;
}

int goenv__parse(const char *text, size_t n, struct goenv *ret)
{
	struct goenv g = {};
	char *line, *end, *next;
	unsigned int number = 1;
	size_t i, lines = 1;

	if (n > GOENV_MAX_TEXT)
		return -EFBIG;
	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	g.text = malloc(n + 1);
	g.entries = calloc(lines, sizeof(*g.entries));
	if (!g.text || !g.entries) {
		goenv__free(&g);
		return -ENOMEM;
	}
	if (n)
		memcpy(g.text, text, n);
	g.text[n] = '\0';
	end = g.text + n;
	for (line = g.text; line < end; line = next, number++) {
		next = memchr(line, '\n', end - line);
		next = next ? next + 1 : end + 1;
		next[-1] = '\0';
		add_line(&g, line, number);
	}
	*ret = g;
	return 0;
}

void goenv__free(struct goenv *g)
{
	free(g->entries);
	free(g->text);
	*g = (struct goenv){};
}

const struct goenv_entry *goenv__find(const struct goenv *g, const char *key, bool is_goroot)
{
	const struct goenv_entry *found = NULL;
	size_t i;

	for (i = 0; i < g->cnt; i++) {
		if (g->entries[i].kind != GOENV_ENTRY || !str_eq(g->entries[i].key, key))
			continue;
		found = &g->entries[i];
		if (is_goroot)
			break;
	}
	return found;
}
