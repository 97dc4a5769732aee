/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* GOFLAGS in words, Go's version numbers, and where GOROOT comes from. */
#include <ctype.h>
#include <errno.h>

#include "golang/settings_table.h"

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
	struct goflags f = { .text = strdup(text), .words = calloc(MAX_WORDS, sizeof(char *)) };
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

/* The folder `ups` levels above exe, when it is a GOROOT. */
static bool try_above(const struct goroot_facts *facts, const char *exe, const char *ups,
		      struct str *out)
{
	if (!exe || !facts->is_goroot)
		return false;
	str__cut(out, 0);
	str__addf(out, "%s/%s", exe, ups);
	path__clean(out, 0);
	return !str__err(out) && facts->is_goroot(facts->ctx, out->s);
}

static bool find_by_exe(const struct goroot_facts *facts, const char *exe, struct str *out)
{
	return try_above(facts, exe, "../..", out) ||
	       ((!facts->minor || facts->minor >= 21) && try_above(facts, exe, "../../..", out));
}

static bool is_set(const char *s)
{
	return s && *s;
}

int goroot__find(const struct goroot_facts *facts, bool for_go_env, struct str *ret,
		 enum goroot_origin *ret_origin)
{
	/* Since 1.21 go.env is looked for first where the user's file says, for all else GOROOT wins. */
	const struct { const char *value; enum goroot_origin origin; } said[] = {
		{ for_go_env ? facts->user_file : facts->env, for_go_env ? GOROOT_USER_FILE : GOROOT_ENV },
		{ for_go_env ? facts->env : facts->user_file, for_go_env ? GOROOT_ENV : GOROOT_USER_FILE },
	};
	__free_str struct str out = {};
	enum goroot_origin origin = GOROOT_NONE;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(said) && origin == GOROOT_NONE; i++) {
		if (!is_set(said[i].value))
			continue;
		str__adds(&out, said[i].value);
		path__clean(&out, 0);
		origin = said[i].origin;
	}
	if (origin == GOROOT_NONE && (find_by_exe(facts, facts->exe, &out) ||
				      find_by_exe(facts, facts->exe_real, &out)))
		origin = GOROOT_EXE;
	if (origin == GOROOT_NONE) {
		str__cut(&out, 0);
		if (is_set(facts->linked)) {
			str__adds(&out, facts->linked);
			path__clean(&out, 0);
			origin = GOROOT_LINKED;
		}
	}
	if (str__err(&out))
		return -ENOMEM;
	str__free(ret);
	*ret = out;
	out = (struct str){};
	*ret_origin = origin;
	return 0;
}
