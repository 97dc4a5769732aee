/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The effective settings as one JSON object. */
#include <errno.h>

#include "model/commands.h"
#include "output/env.h"
#include "util/json.h"

static void add_origin(struct json *j, const struct origin *o)
{
	json__kstr(j, "value", o->value);
	json__kstr(j, "origin", source__name(o->source));
	if (o->path)
		json__kstr(j, "path", o->path);
	if (o->line)
		json__kuint(j, "line", o->line);
}

static void add_setting(struct json *j, const struct model *m, const struct effective *e)
{
	const struct process *setter = e->set_by ? model__process(m, e->set_by) : NULL;

	json__key(j, e->name);
	json__obj(j);
	add_origin(j, &e->won);
	if (e->via)
		json__kstr(j, "via", e->via);
	json__kstr(j, "confidence", confidence__name(e->confidence));
	json__kbool(j, "changed", e->is_changed);
	if (setter) {
		json__key(j, "set_by");
		json__obj(j);
		json__kuint(j, "proc", setter->proc);
		json__kuint(j, "pid", setter->pid);
		json__kstr(j, "name", setter->name);
		if (setter->exe)
			json__kstr(j, "exe", setter->exe);
		json__end(j);
	}
	if (e->why)
		json__kstr(j, "why", e->why);
	if (e->is_empty_in_env)
		json__kbool(j, "empty_in_environment", true);
	if (e->disagrees) {
		json__kstr(j, "by_rule", e->by_rule);
		json__kstr(j, "by_tools", e->won.value);
	}
	if (e->varies)
		json__kbool(j, "varies", true);
	json__key(j, "shadowed");
	json__arr(j);
	for (size_t i = 0; i < e->shadowed_cnt; i++) {
		json__obj(j);
		add_origin(j, &e->shadowed[i]);
		json__end(j);
	}
	json__end(j);
	json__key(j, "proof");
	json__arr(j);
	for (size_t i = 0; i < e->proof_cnt; i++)
		json__int(j, e->proof[i]);
	json__end(j);
	json__end(j);
}

static void add_files(struct json *j, const struct command_settings *s)
{
	json__key(j, "files");
	json__arr(j);
	for (size_t i = 0; i < s->file_cnt; i++) {
		const struct settings_file *f = &s->files[i];

		json__obj(j);
		json__kstr(j, "kind", source__name(f->source));
		json__kstr(j, "state", file_state__name(f->state));
		if (f->path)
			json__kstr(j, "path", f->path);
		if (f->why)
			json__kstr(j, "why", f->why);
		if (f->ts >= 0)
			json__kint(j, "ts", f->ts);
		json__end(j);
	}
	json__end(j);
}

static void add_ignored(struct json *j, const struct command_settings *s)
{
	json__key(j, "ignored");
	json__arr(j);
	for (size_t i = 0; i < s->ignored_cnt; i++) {
		const struct ignored_line *l = &s->ignored[i];

		json__obj(j);
		json__kstr(j, "path", l->path);
		json__kuint(j, "line", l->line);
		json__kstr(j, "text", l->text);
		json__kstr(j, "why", l->why);
		json__end(j);
	}
	json__end(j);
	if (s->ignored_cut)
		json__kbool(j, "ignored_cut", true);
}

static void add_command(struct json *j, const struct model *m, const struct command_settings *s,
			bool changed)
{
	const char *arg = NULL;

	json__obj(j);
	json__kuint(j, "proc", s->c->p->proc);
	json__kuint(j, "pid", s->c->p->pid);
	json__key(j, "args");
	json__arr(j);
	while ((arg = process__next_arg(s->c->p, arg)))
		json__str(j, arg);
	json__end(j);
	if (s->version)
		json__kstr(j, "version", s->version);
	if (s->c->p->cwd)
		json__kstr(j, "cwd", s->c->p->cwd);
	add_files(j, s);
	json__key(j, "settings");
	json__obj(j);
	for (size_t i = 0; i < s->cnt; i++)
		if (!changed || s->list[i].is_changed)
			add_setting(j, m, &s->list[i]);
	json__end(j);
	add_ignored(j, s);
	json__end(j);
}

int env__json(const struct model *m, const struct env_view *view, struct str *out)
{
	const struct command_settings *s = env__next(m, view, NULL);
	struct json j;

	if (!s && view->proc)
		return -ENOENT;
	json__init(&j, out);
	json__obj(&j);
	json__key(&j, "commands");
	json__arr(&j);
	for (; s; s = env__next(m, view, s))
		add_command(&j, m, s, view->changed);
	json__end(&j);
	json__end(&j);
	str__addc(out, '\n');
	return str__err(out);
}
