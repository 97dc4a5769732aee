/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts of files, each kind by its own rules. */
#include <ctype.h>

#include "record/redact.h"
#include "record/redact_args.h"
#include "record/redact_env.h"
#include "record/redact_text.h"

/* The next line of v, without its newline; *at moves behind it. */
static bool next_line(struct view v, size_t *at, struct view *ret)
{
	const char *nl;
	size_t end;

	if (*at >= v.n)
		return false;
	nl = memchr(v.s + *at, '\n', v.n - *at);
	end = nl ? (size_t)(nl - v.s) : v.n;
	*ret = view__part(v, *at, end);
	*at = end + 1;
	return true;
}

/* --- go/env and go.env --- */

static bool is_go_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isupper((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '_')
			return false;
	return n;
}

/* NAME=value; of names that nobody knows only the name is kept. */
static bool entry(struct cuts *c, struct view line)
{
	const char *eq = memchr(line.s, '=', line.n);
	const struct env_rule *e;
	struct view value;
	size_t n;

	if (!eq || !is_go_name(line.s, eq - line.s))
		return false;
	n = eq - line.s;
	e = env__find(line.s, n);
	value = view__part(line, n + 1, line.n);
	if (e && e->rule != RULE_URLS)
		text__scan(c, value, e->rule == RULE_TEXT ? 0 : SCAN_KEYS);
	args__apply(c, e ? e->rule : RULE_ALL, value, 0);
	return true;
}

static void settings_file(struct cuts *c, struct view v)
{
	struct view line, rest;
	size_t at = 0, from;

	while (next_line(v, &at, &line)) {
		/* What go ignores may be an entry all the same: behind "#", blanks or "export". */
		for (from = 0; from < line.n && is_in("# \t", line.s[from]); from++)
			;
		if (line.n - from > 7 && !memcmp(line.s + from, "export ", 7))
			from += 7;
		rest = view__part(line, from, line.n);
		if (entry(c, rest))
			continue;
		text__scan(c, line, SCAN_KEYS);
		args__words(c, rest, true, 0);
	}
}

/* --- importcfg: packages, and the build information that the linker embeds --- */

/* "build\tNAME=VALUE", where VALUE is a Go literal when it needs to be. */
static void build_setting(struct cuts *c, struct view v)
{
	const char *eq = memchr(v.s, '=', v.n);
	size_t n = eq ? (size_t)(eq - v.s) : v.n, end;
	struct view value;
	int err;

	if (!eq)
		return;
	value = view__part(v, n + 1, v.n);
	if (value.n && is_in("\"`", value.s[0])) {
		err = cuts__decode_literal(c, value, &value, &end);
		if (err) {
			cuts__mark(c, v, n + 1, v.n);
			return;
		}
		text__scan(c, value, SCAN_KEYS);
	}
	args__setting(c, v.s, n, value, 0);
}

static void build_info(struct cuts *c, struct view v)
{
	struct view line;
	size_t at = 0;

	while (next_line(v, &at, &line)) {
		text__scan(c, line, 0);
		if (line.n > 6 && !memcmp(line.s, "build\t", 6))
			build_setting(c, view__part(line, 6, line.n));
	}
}

static void importcfg(struct cuts *c, struct view v)
{
	static const char head[] = "modinfo ";
	struct view line, info;
	size_t at = 0, end;

	while (next_line(v, &at, &line)) {
		if (line.n < sizeof(head) || memcmp(line.s, head, sizeof(head) - 1)) {
			text__scan(c, line, 0);
			continue;
		}
		line = view__part(line, sizeof(head) - 1, line.n);
		if (cuts__decode_literal(c, line, &info, &end))
			cuts__mark(c, line, 0, line.n);
		else
			build_info(c, info);
	}
}

/* --- go.mod, go.work, vendor/modules.txt: names of modules are names, comments are text --- */

static void module_file(struct cuts *c, struct view v)
{
	struct view line;
	const char *comment;
	size_t at = 0;

	while (next_line(v, &at, &line)) {
		text__scan(c, line, 0);
		comment = memmem(line.s, line.n, "//", 2);
		if (comment && (comment == line.s || comment[-1] != ':'))
			text__scan(c, view__part(line, comment + 2 - line.s, line.n), SCAN_KEYS);
	}
}

/* --- response files: one argument a line, or several --- */

static void response_file(struct cuts *c, struct view v)
{
	struct redact_argv a = { .started = true };
	struct view line;
	size_t at = 0;

	text__scan(c, v, SCAN_KEYS);
	while (next_line(v, &at, &line)) {
		if (line.n && line.s[0] == '-' && memmem(line.s, line.n, " -", 2))
			args__words(c, line, false, 0);
		else
			args__item(c, &a, line, 0);
	}
}

/* --- which is which --- */

static void plain_text(struct cuts *c, struct view v)
{
	text__scan(c, v, 0);
}

unsigned int redact__file(enum config_kind kind, const char *text, size_t n, struct str *out)
{
	static void (*const kinds[CONFIG_CNT])(struct cuts *c, struct view v) = {
		[CONFIG_NONE] = response_file,
		[CONFIG_ENV] = settings_file,
		[CONFIG_GO_ENV] = settings_file,
		[CONFIG_GO_MOD] = module_file,
		[CONFIG_GO_WORK] = module_file,
		[CONFIG_MODULES] = module_file,
		[CONFIG_IMPORTCFG] = importcfg,
		[CONFIG_IMPORTCFG_LINK] = importcfg,
		[CONFIG_VET_CFG] = plain_text,	/* its keys are names of packages */
		[CONFIG_TELEMETRY] = plain_text,
		[CONFIG_SHELL] = settings_file,
		[CONFIG_PROGRAM] = plain_text,	/* nobody reads it; if somebody does, it is clean */
	};
	struct cuts c;
	struct view v = cuts__begin(&c, text, n);

	kinds[kind](&c, v);
	return cuts__end(&c, out);
}
