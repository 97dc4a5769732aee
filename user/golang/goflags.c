/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* GOFLAGS in words, and the minor number of a Go version. */
#include <ctype.h>
#include <errno.h>

#include "golang/settings.h"

#define MAX_WORDS 4096

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Cuts the next word at *p in place; *ret_word NULL at the end. */
static int next_word(char **p, bool has_quotes, char **ret_word)
{
	char *s = *p, *end;

	while (is_space(*s))
		s++;
	*ret_word = *s ? s : NULL;
	if (has_quotes && (*s == '"' || *s == '\'')) {
		end = strchr(s + 1, *s);
		if (!end)
			return -EINVAL;
		*ret_word = s + 1;
	} else {
		for (end = s; *end && !is_space(*end); end++)
			;
	}
	*p = *end ? end + 1 : end;
	*end = '\0';
	return 0;
}

int goflags__split(const char *text, int minor, struct goflags *ret)
{
	size_t most = strlen(text) / 2 + 1;	/* words, of one letter each */
	struct goflags f = {
		.text = strdup(text),
		.words = calloc(most < MAX_WORDS ? most : MAX_WORDS, sizeof(char *)),
	};
	int err = f.text && f.words ? 0 : -ENOMEM;
	char *p = f.text, *word = NULL;

	while (!err) {
		err = next_word(&p, !minor || minor >= 20, &word);
		if (err || !word)
			break;
		if (f.cnt == MAX_WORDS)
			err = -E2BIG;
		else
			f.words[f.cnt++] = word;
	}
	if (err) {
		goflags__free(&f);
		return err;
	}
	*ret = f;
	return 0;
}

void goflags__free(struct goflags *f)
{
	free(f->words);
	free(f->text);
	*f = (struct goflags){};
}

static const char *flag_name(const char *word)
{
	word += word[0] == '-';
	return word + (word[0] == '-');
}

bool goflags__is_flag(const char *word)
{
	const char *name = flag_name(word);

	return word[0] == '-' && *name && *name != '-' && *name != '=';
}

const char *goflags__get(const struct goflags *f, const char *flag)
{
	size_t i = f->cnt, n;
	const char *name;

	flag = flag_name(flag);
	n = strlen(flag);
	while (i--) {	/* the last one wins */
		name = flag_name(f->words[i]);
		if (!goflags__is_flag(f->words[i]) || strncmp(name, flag, n))
			continue;
		if (name[n] == '=')
			return name + n + 1;
		if (!name[n])
			return "true";
	}
	return NULL;
}

int go__minor(const char *version)
{
	const char *p = strstr(version, "go1.");
	int minor = 0;

	if (!p)
		return 0;
	for (p += 4; isdigit((unsigned char)*p) && minor < 1000; p++)
		minor = minor * 10 + (*p - '0');
	return minor;
}
