/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file that tells compile and link where each imported package lies. */
#include <errno.h>
#include <string.h>

#include "golang/importcfg.h"
#include "util/str.h"

/* Cuts "verb A=B" in place; false for everything else. */
static bool split_line(char *line, const char *verb, const char **ret_a, const char **ret_b)
{
	size_t n = strlen(verb);
	char *equals;

	if (strncmp(line, verb, n) || line[n] != ' ')
		return false;
	line += n + 1;
	equals = strchr(line, '=');
	if (!equals || equals == line || !equals[1])
		return false;
	*equals = '\0';
	*ret_a = line;
	*ret_b = equals + 1;
	return true;
}

static void add_line(struct importcfg *c, char *line)
{
	const char *a, *b;

	if (split_line(line, "packagefile", &a, &b))
		c->packages[c->package_cnt++] = (struct importcfg_package){ a, b };
	else if (split_line(line, "importmap", &a, &b))
		c->maps[c->map_cnt++] = (struct importcfg_map){ a, b };
}

int importcfg__parse(const char *text, size_t n, struct importcfg *ret)
{
	struct importcfg c = {};
	size_t i, lines = 1;
	char *line, *next;

	if (n > IMPORTCFG_MAX_TEXT)
		return -EFBIG;
	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	c.text = malloc(n + 1);
	c.packages = calloc(lines, sizeof(*c.packages));
	c.maps = calloc(lines, sizeof(*c.maps));
	if (!c.text || !c.packages || !c.maps) {
		importcfg__free(&c);
		return -ENOMEM;
	}
	if (n)
		memcpy(c.text, text, n);
	c.text[n] = '\0';
	for (line = c.text; line < c.text + n; line = next) {
		next = memchr(line, '\n', c.text + n - line);
		next = next ? next + 1 : c.text + n + 1;
		next[-1] = '\0';
		add_line(&c, line);
	}
	*ret = c;
	return 0;
}

void importcfg__free(struct importcfg *c)
{
	free(c->packages);
	free(c->maps);
	free(c->text);
	*c = (struct importcfg){};
}
