/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which files are configuration: by their name, or because a process was told so. */
#include <errno.h>

#include "capture/configs.h"
#include "golang/settings.h"

/* Each is copied into the set of a process: what nobody would write is not believed. */
#define NAME_MAX_LEN 4096

static const struct {
	const char *suffix;
	enum config_kind kind;
} by_suffix[] = {
	{ "/go/env",		 CONFIG_ENV },
	{ "/go.env",		 CONFIG_GO_ENV },
	{ "/go.mod",		 CONFIG_GO_MOD },
	{ "/go.work",		 CONFIG_GO_WORK },
	{ "/vendor/modules.txt", CONFIG_MODULES },
	{ "/importcfg",		 CONFIG_IMPORTCFG },
	{ "/importcfg.link",	 CONFIG_IMPORTCFG_LINK },
	{ "/vet.cfg",		 CONFIG_VET_CFG },
	{ "/go/telemetry/mode",	 CONFIG_TELEMETRY },
};

/* Where a process was told of a file: none of them has more than one that counts. */
enum told { TOLD_ENV, TOLD_WORK, TOLD_MODFILE_ENV, TOLD_MODFILE, TOLD_CNT };

static const enum config_kind told_kinds[TOLD_CNT] = {
	[TOLD_ENV] = CONFIG_ENV,	    [TOLD_WORK] = CONFIG_GO_WORK,
	[TOLD_MODFILE_ENV] = CONFIG_GO_MOD, [TOLD_MODFILE] = CONFIG_GO_MOD,
};

struct configs {
	unsigned int users;
	enum source_reader reader;
	char *names[TOLD_CNT];
};

static bool ends_in(const char *path, size_t n, const char *suffix)
{
	size_t len = strlen(suffix);

	return n >= len && path[n - 1] == suffix[len - 1] && !memcmp(path + n - len, suffix, len);
}

enum config_kind config__by_name(const char *path, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(by_suffix); i++)
		if (ends_in(path, n, by_suffix[i].suffix))
			return by_suffix[i].kind;
	return CONFIG_NONE;
}

/* --- what a process was told --- */

static int tell(struct configs *c, enum told which, const char *name, size_t n)
{
	/* "off" and "auto" are no names of files, and whatever comes last counts. */
	free(STEAL(c->names[which]));
	if (!n || n > NAME_MAX_LEN || (n == 3 && !memcmp(name, "off", n)) ||
	    (n == 4 && !memcmp(name, "auto", n)))
		return 0;
	c->names[which] = strndup(name, n);
	return c->names[which] ? 0 : -ENOMEM;
}

static int tell_goflags(struct configs *c, const char *text)
{
	struct goflags f = {};
	const char *name;
	int err = goflags__split(text, 0, &f);

	if (err)
		return err == -ENOMEM ? err : 0;	/* go refuses it, too */
	name = goflags__get(&f, "modfile");
	err = name ? tell(c, TOLD_MODFILE_ENV, name, strlen(name)) : 0;
	goflags__free(&f);
	return err;
}

static int tell_variable(struct configs *c, const char *var)
{
	const char *value = strchr(var, '=');

	if (!value++)
		return 0;
	if (str_has_prefix(var, "GOENV="))
		return tell(c, TOLD_ENV, value, strlen(value));
	if (str_has_prefix(var, "GOWORK="))
		return tell(c, TOLD_WORK, value, strlen(value));
	return str_has_prefix(var, "GOFLAGS=") ? tell_goflags(c, value) : 0;
}

/* -modfile=NAME or -modfile NAME, with one dash or two; next: the argument that follows, or NULL. */
static int tell_argument(struct configs *c, const char *arg, const char *next)
{
	static const char flag[] = "modfile";

	if (*arg++ != '-')
		return 0;
	arg += *arg == '-';
	if (!str_has_prefix(arg, flag))
		return 0;
	arg += sizeof(flag) - 1;
	if (!*arg && next)
		return tell(c, TOLD_MODFILE, next, strlen(next));
	return *arg == '=' ? tell(c, TOLD_MODFILE, arg + 1, strlen(arg + 1)) : 0;
}

/* The next string of a block in which each is ended by NUL; NULL behind the last one. */
static const char *next_string(const char *s, const char *end)
{
	const char *next = memchr(s, '\0', end - s);

	return next && next + 1 < end && memchr(next + 1, '\0', end - next - 1) ? next + 1 : NULL;
}

static const char *first_string(const char *block, size_t n)
{
	return n && memchr(block, '\0', n) ? block : NULL;
}

static int tell_all(struct configs *c, const struct config_source *s)
{
	const char *p, *next;
	int err = 0;

	for (p = first_string(s->env, s->env_len); p && !err; p = next_string(p, s->env + s->env_len))
		err = tell_variable(c, p);
	for (p = first_string(s->args, s->args_len); p && !err; p = next) {
		next = next_string(p, s->args + s->args_len);
		err = tell_argument(c, p, next);
	}
	return err;
}

int configs__new(const struct config_source *source, struct configs **ret)
{
	struct configs *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->users = 1;
	c->reader = source__reader(source->exe);
	err = tell_all(c, source);
	if (err) {
		configs__put(c);
		return err;
	}
	*ret = c;
	return 0;
}

struct configs *configs__get(struct configs *c)
{
	if (c)
		c->users++;
	return c;
}

void configs__put(struct configs *c)
{
	if (!c || --c->users)
		return;
	for (size_t i = 0; i < TOLD_CNT; i++)
		free(c->names[i]);
	free(c);
}

enum source_reader configs__reader(const struct configs *c)
{
	return c ? c->reader : SOURCE_READER_NONE;
}

/*
 * A name that is written in an env file (GOWORK, GOFLAGS) is not known here; but go takes nothing
 * for one of these files that does not end like this. The module cache is full of others' go.mod.
 */
static enum config_kind by_ending(const char *path, size_t n)
{
	if (ends_in(path, n, ".work"))
		return CONFIG_GO_WORK;
	if (ends_in(path, n, ".mod") && !memmem(path, n, "/@v/", 4))
		return CONFIG_GO_MOD;
	return CONFIG_NONE;
}

enum config_kind configs__find(const struct configs *c, const char *as, size_t as_len,
			       const char *path, size_t n)
{
	enum config_kind kind;

	for (size_t i = 0; c && i < TOLD_CNT; i++) {
		const char *name = c->names[i];
		size_t len = name ? strlen(name) : 0;

		if (len && ((len == as_len && !memcmp(name, as, len)) ||
			    (len == n && !memcmp(name, path, len))))
			return told_kinds[i];
	}
	kind = config__by_name(path, n);
	return kind || configs__reader(c) != SOURCE_READER_GO ? kind : by_ending(path, n);
}
