/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The settings of the summary that are not default, each with its origin and who had it. */
#include <errno.h>

#include "model/commands.h"
#include "model/hash.h"
#include "output/env.h"
#include "output/page.h"
#include "output/text.h"

#define MAX_SHOWN 30
#define INDENT	  6

/* One value of one origin, of all commands that had it; or one line that has no effect. */
struct found {
	char *key;		/* "NAME\nvalue\norigin" as it is shown */
	uint64_t commands;
	bool is_doubtful;
	UT_hash_handle hh;
};

struct findings {
	struct found *settings, *ignored;
	size_t dark;		/* commands whose settings file is not known */
};

static void found__free(struct found *list)
{
	struct found *f, *next;

	HASH_ITER(hh, list, f, next) {
		HASH_DEL(list, f);
		free(f->key);
		free(f);
	}
}

static void findings_cleanup(struct findings *f)
{
	found__free(f->settings);
	found__free(f->ignored);
}

/* Takes the key's text. */
static int count(struct found **list, struct str *key, bool is_doubtful)
{
	struct found *f;

	if (str__err(key))
		return -ENOMEM;
	HASH_FIND(hh, *list, key->s, key->len, f);
	if (!f) {
		f = calloc(1, sizeof(*f));
		if (!f)
			return -ENOMEM;
		f->key = str__steal(key);
		if (f->key)
			HASH_ADD_KEYPTR(hh, *list, f->key, strlen(f->key), f);
		if (!f->key || !hash__has(f)) {
			free(f->key);
			free(f);
			return -ENOMEM;
		}
	}
	f->commands++;
	f->is_doubtful |= is_doubtful;
	return 0;
}

static int count_setting(const struct model *m, struct findings *all, const struct effective *e,
			 const struct roots *roots)
{
	__free_str struct str key = {};

	/* Flags stand in GOFLAGS, which is shown, or in the command that is shown. */
	if (!effective__is_notable(e) || e->name[0] == '-')
		return 0;
	str__addf(&key, "%s\n", e->name);
	env__value(e, &key);
	str__addc(&key, '\n');
	env__origin(&e->won, e->via, roots, &key);
	if (e->why)
		str__addf(&key, ": %s", e->why);
	env__set_by(m, e, &key);
	if (e->is_empty_in_env)
		str__adds(&key, "; the variable is there, but empty, which counts as not set");
	if (e->confidence != PROVEN)
		str__addf(&key, " [%s]", confidence__name(e->confidence));
	if (e->disagrees)
		str__adds(&key, "; by environment and files it would be another value");
	return count(&all->settings, &key, e->disagrees);
}

static int count_command(const struct model *m, struct findings *all,
			 const struct command_settings *s)
{
	const struct roots *roots = &s->c->roots;
	int err = 0;

	for (size_t i = 0; i < s->cnt && !err; i++)
		err = count_setting(m, all, &s->list[i], roots);
	for (size_t i = 0; i < s->file_cnt; i++)
		if (s->files[i].source == SOURCE_ENV_FILE &&
		    (s->files[i].state == FILE_NOT_SEEN || s->files[i].state == FILE_GONE ||
		     s->files[i].state == FILE_STALE))
			all->dark++;
	for (size_t i = 0; i < s->ignored_cnt && !err; i++) {
		const struct ignored_line *l = &s->ignored[i];
		__free_str struct str key = {};

		text__path(&key, roots, l->path);
		str__addf(&key, ":%u: ", l->line);
		text__safes(&key, l->text);
		str__addf(&key, " (%s)", l->why);
		err = count(&all->ignored, &key, false);
	}
	return err;
}

static int by_key(const struct found *a, const struct found *b)
{
	return strcmp(a->key, b->key);
}

/* On the first screen one line has to do. */
static void add_value(struct page *p, size_t column, const char *value, size_t n)
{
	__free_str struct str text = {};
	size_t have;

	str__addc(&text, '=');
	str__add(&text, value, n);
	have = page__width(p) > column ? page__width(p) - column : 0;
	if (p->is_first && text__width(text.s ?: "") > have && have > 20) {
		text__cut(&text, have);
		str__adds(p->out, text.s ?: "");
		str__addc(p->out, '\n');
	} else {
		page__wrap(p, INDENT, column, text.s ?: "");
	}
}

static void add_setting(struct page *p, const struct found *f, size_t commands)
{
	const char *value = strchr(f->key, '\n') + 1, *origin = strchr(value, '\n') + 1;
	__free_str struct str text = {};

	str__add(&text, f->key, value - 1 - f->key);
	str__adds(p->out, "  ");
	text__tone(p->out, p->color, f->is_doubtful ? TONE_WARN : TONE_STRONG, text.s ?: "");
	add_value(p, 2 + text__width(text.s ?: ""), value, origin - 1 - value);
	str__addf(p->out, "%*s", INDENT, "");
	str__cut(&text, 0);
	str__adds(&text, origin);
	if (f->commands != commands) {
		str__adds(&text, ", in ");
		text__count(&text, f->commands);
		str__adds(&text, " of ");
		text__plural(&text, commands, "go command", "go commands");
	}
	page__wrap(p, INDENT, INDENT, text.s ?: "");
}

static void add_ignored(struct page *p, const struct found *ignored)
{
	size_t shown = 0;

	if (!ignored)
		return;
	str__adds(p->out, "  Lines without effect:\n");
	for (; ignored && shown < MAX_SHOWN; ignored = ignored->hh.next, shown++) {
		str__addf(p->out, "%*s", INDENT, "");
		page__wrap(p, INDENT + 2, INDENT, ignored->key);
	}
	if (ignored)
		str__addf(p->out, "%*sand more ('goenvbpf env' has all)\n", INDENT, "");
}

/* Nothing found there is not the same as nothing there. */
static void add_dark(struct page *p, size_t dark, size_t commands)
{
	__free_str struct str text = {};

	if (!dark)
		return;
	str__adds(&text, "Not evaluated: what the user's settings file said in ");
	text__count(&text, dark);
	str__adds(&text, " of ");
	text__plural(&text, commands, "go command", "go commands");
	str__adds(&text, "; its text is not in the record.");
	str__adds(p->out, "  ");
	page__wrap(p, 2, 2, text.s ?: "");
}

int summary__settings(struct page *p)
{
	__attribute__((cleanup(findings_cleanup))) struct findings all = {};
	const struct go_command *c;
	size_t n = 0, shown = 0;
	int err = 0;

	for (c = model__next_command(p->m, NULL); c && !err; c = model__next_command(p->m, c), n++)
		err = count_command(p->m, &all, c->settings);
	if (err)
		return err;
	if (!n || (p->is_first && !all.settings && !all.dark))
		return 0;
	page__heading(p, "Settings that are not default");
	if (!all.settings && !p->is_first)
		str__adds(p->out, "  none ('goenvbpf env --all' lists the defaults)\n");
	HASH_SORT(all.settings, by_key);
	for (struct found *f = all.settings; f && shown < MAX_SHOWN; f = f->hh.next, shown++)
		add_setting(p, f, n);
	if (HASH_COUNT(all.settings) > shown)
		str__addf(p->out, "  and %zu more ('goenvbpf env' has all)\n",
			  (size_t)HASH_COUNT(all.settings) - shown);
	add_dark(p, all.dark, n);
	HASH_SORT(all.ignored, by_key);
	if (!p->is_first)	/* there they are findings */
		add_ignored(p, all.ignored);
	return 0;
}
