/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One value at a time: environments, command lines, paths. */
#include "record/redact.h"
#include "record/redact_args.h"
#include "record/redact_env.h"
#include "record/redact_options.h"
#include "record/redact_text.h"

unsigned int redact__env_value(const char *name, size_t name_n, const char *value, size_t n,
			       struct str *out)
{
	const struct env_rule *e = env__find(name, name_n);
	enum redact_rule rule = e ? e->rule : RULE_ALL;
	struct cuts c;
	struct view v = cuts__begin(&c, value, n);

	/*
	 * A query ends where the next URL of a list begins: lists look at their items themselves.
	 */
	if (rule != RULE_URLS)
		text__scan(&c, v, rule == RULE_TEXT ? 0 : SCAN_KEYS);
	args__apply(&c, rule, v, 0);
	return cuts__end(&c, out);
}

unsigned int redact__setting(const char *name, size_t name_n, const char *value, size_t n,
			     struct str *out)
{
	struct cuts c;
	struct view v = cuts__begin(&c, value, n);

	text__scan(&c, v, SCAN_KEYS);
	args__setting(&c, name, name_n, v, 0);
	return cuts__end(&c, out);
}

unsigned int redact__arg(struct redact_argv *a, const char *arg, size_t n, struct str *out)
{
	struct redact_argv other = { .started = true };
	bool is_first = !a->started;
	struct cuts c;
	struct view v = cuts__begin(&c, arg, n);

	text__scan(&c, v, SCAN_KEYS);
	if (is_first)
		options__word(a, arg, n);
	args__item(&c, is_first ? &other : a, v, 0);
	return cuts__end(&c, out);
}

unsigned int redact__text(const char *text, size_t n, struct str *out)
{
	struct cuts c;
	struct view v = cuts__begin(&c, text, n);

	text__scan(&c, v, 0);
	return cuts__end(&c, out);
}

/* --- paths --- */

/* "user:password@" in one element. */
static bool has_userinfo(const char *path, size_t n)
{
	const char *at = path, *s;

	while ((at = memchr(at, '@', path + n - at))) {
		for (s = at; s > path && s[-1] != '/' && s[-1] != ':' && s[-1] != '@'; s--)
			;
		if (s < at && s > path && s[-1] == ':')
			return true;
		at++;
	}
	return false;
}

bool redact__path_is_suspect(const char *path, size_t n)
{
	const char *p, *end;

	if (!n)
		return false;
	end = path + n;
	if (memchr(path, '=', n))
		return true;
	p = memchr(path, ':', n);
	if (p && has_userinfo(path, n))
		return true;
	while (p) {
		if (p + 1 < end && p[1] == '/' && url__has_known_scheme(path, p - path))
			return true;
		p++;
		p = p < end ? memchr(p, ':', end - p) : NULL;
	}
	return path__has_token(path, n);
}

unsigned int redact__path(const char *path, size_t n, struct str *out)
{
	struct cuts c;
	struct view v = cuts__begin(&c, path, n);

	text__scan(&c, v, SCAN_KEYS | SCAN_PATH);
	return cuts__end(&c, out);
}
