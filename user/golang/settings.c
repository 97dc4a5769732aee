/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which value of a Go setting wins, where it came from and what it hides. */
#include <errno.h>

#include "golang/settings_table.h"

static const char *const origin_names[] = {
	[ORIGIN_ENVIRONMENT] = "environment",
	[ORIGIN_USER_FILE]   = "env file",
	[ORIGIN_GO_ENV]	     = "go.env",
	[ORIGIN_DEFAULT]     = "default",
	[ORIGIN_COMPUTED]    = "computed",
};

const char *setting_origin__name(enum setting_origin origin)
{
	return origin_names[origin];
}

const char *settings__env(const struct setting_facts *facts, const char *name)
{
	const char *value = facts->getenv ? facts->getenv(facts->ctx, name) : NULL;

	return value ?: "";
}

static bool is_valid(const struct setting *s, const char *value)
{
	return *value && (!(s->flags & SETTING_BOOL) || str_eq(value, "0") || str_eq(value, "1"));
}

/* The first candidate wins, the others are shadowed. */
static void offer(struct setting_resolved *r, bool *has_won, enum setting_origin origin,
		  const char *value, unsigned int line)
{
	struct setting_value v = { .origin = origin, .value = value, .line = line };

	if (!*has_won)
		r->won = v;
	else
		r->shadowed[r->shadowed_cnt++] = v;
	*has_won = true;
}

static void offer_environment(const struct setting *s, const struct setting_facts *facts,
			      struct setting_resolved *r, bool *has_won)
{
	const char *value = facts->getenv ? facts->getenv(facts->ctx, s->name) : NULL;

	r->is_empty_in_env = value && !*value;
	if (value && is_valid(s, value))
		offer(r, has_won, ORIGIN_ENVIRONMENT, value, 0);
}

static void offer_files(const struct setting *s, const struct setting_facts *facts,
			struct setting_resolved *r, bool *has_won)
{
	const struct goenv_entry *user = NULL, *root = NULL;

	if (facts->user_file)
		user = goenv__find(facts->user_file, s->name, false);
	if (user && is_valid(s, user->value))
		offer(r, has_won, ORIGIN_USER_FILE, user->value, user->line);
	if (!facts->go_env || (facts->minor && facts->minor < 21))
		return;
	root = goenv__find(facts->go_env, s->name, true);
	/* An entry in the user's file hides the one in go.env, even when it is empty. */
	if (!root || !is_valid(s, root->value) || (user && !*user->value))
		return;
	/* GOROOT in go.env has no effect: go overwrites it with what it found. */
	if (!str_eq(s->name, "GOROOT"))
		offer(r, has_won, ORIGIN_GO_ENV, root->value, root->line);
}

static void offer_default(const struct setting *s, const struct setting_facts *facts,
			  struct setting_resolved *r, bool *has_won)
{
	const char *value = s->fixed;

	if (s->derive && s->derive->derive(facts, &r->text))
		value = r->text.s ?: "";
	r->is_compiled = !*has_won && s->flags & SETTING_COMPILED;
	if (value || !*has_won)
		offer(r, has_won, s->flags & SETTING_COMPUTED ? ORIGIN_COMPUTED : ORIGIN_DEFAULT,
		      value, 0);
}

static bool is_clean_of(const char *clean, const char *path)
{
	__free_str struct str s = {};

	str__adds(&s, path);
	path__clean(&s, 0);
	return s.s && str_eq(s.s, clean);
}

/* What go makes of a value that it was given, where that is not the value itself. */
static const char *effective(const struct setting *s, const struct setting_facts *facts, const char *value)
{
	/* go cleans the path: /go/ is /go. */
	if (str_eq(s->name, "GOROOT") && facts->goroot && is_clean_of(facts->goroot, value))
		return facts->goroot;
	/* A relative cache folder is refused, and go goes on as if the cache was off. */
	if (str_eq(s->name, "GOCACHE") && value[0] != '/')
		return "off";
	/* There is no file then, and go env prints no name. */
	if (str_eq(s->name, "GOENV") && str_eq(value, "off"))
		return "";
	return value;
}

int setting__resolve(const struct setting *s, const struct setting_facts *facts,
		     struct setting_resolved *ret)
{
	struct setting_resolved r = {};
	bool has_won = false;

	if (!(s->flags & SETTING_COMPUTED))
		offer_environment(s, facts, &r, &has_won);
	if (!(s->flags & (SETTING_COMPUTED | SETTING_NO_FILE)))
		offer_files(s, facts, &r, &has_won);
	offer_default(s, facts, &r, &has_won);
	r.given = r.won.value;
	if (r.won.value && r.won.origin != ORIGIN_DEFAULT)
		r.won.value = effective(s, facts, r.won.value);
	if (str__err(&r.text)) {
		setting_resolved__free(&r);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

void setting_resolved__free(struct setting_resolved *r)
{
	str__free(&r->text);
	*r = (struct setting_resolved){};
}

bool settings__value_of(const struct setting_facts *facts, const char *name, struct str *out)
{
	const struct setting *s = setting__find(name);
	__free_setting_resolved struct setting_resolved r = {};

	if (!s || setting__resolve(s, facts, &r)) {
		out->oom = true;
		return false;
	}
	if (!r.won.value)
		return false;
	str__adds(out, r.won.value);
	return true;
}
