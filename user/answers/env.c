/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The effective settings of each go command, as data. */
#include <errno.h>

#include "answers/env.h"
#include "answers/objects.h"

const struct command_settings *env__next(const struct model *m, const struct env_view *view,
					 const struct command_settings *s)
{
	const struct go_command *c = model__next_command(m, s ? s->c : NULL);

	while (c && view->proc && c->proc != view->proc)
		c = model__next_command(m, c);
	return c ? c->settings : NULL;
}

/* --- where a value comes from --- */

OBJECT(origin, struct origin, "A value and where it comes from.",
	F_STRING("value",	OR_NULL, value, "the value; null: not known"),
	F_NAME("origin",	MUST, source, source__name, 0, SOURCE_CNT, "where it comes from"),
	F_STRING("path",	MAY, path, "the file that sets it"),
	F_ID("line",		MAY, line, "its line there"))

/* --- one setting --- */

static struct value by_rule(struct answer *a, const void *data)
{
	const struct effective *e = data;

	return (struct value){ .s = e->disagrees ? e->by_rule ?: "" : NULL };
}

GET(by_tools, struct effective, s, o->disagrees ? o->won.value : NULL)

GET(set_by, struct effective, p, o->set_by ? model__process(a->m, o->set_by) : NULL)

OBJECT(setting, struct effective, "The effective value of one setting.",
	F_STRING("name",	MUST, name, "the variable, or a flag with its dash"),
	F_INLINE(won, origin),
	F_STRING("via",		MAY, via, "the variable or process through which it came"),
	F_GET_OBJECT("set_by",	MAY, set_by, program, "the process that set the variable or wrote the line"),
	F_STRING("why",		MAY, why, "why the default is another one than usual"),
	F_NAME("confidence",	MUST, confidence, confidence__name, NOT_EVALUATED, PROVEN + 1, "how sure that is"),
	F_BOOL("changed",	MUST, is_changed, "set, to what it would not be by itself"),
	F_BOOL("empty_in_environment", MAY, is_empty_in_env, "its variable is empty, which counts as not set"),
	F_GET("by_rule",	FIELD_STRING, MAY, by_rule, "by environment and files, when the tools received another value"),
	F_GET("by_tools",	FIELD_STRING, MAY, by_tools, "that other value"),
	F_BOOL("varies",	MAY, varies, "the tools did not all receive the same value"),
	F_ARRAY("shadowed",	MUST, shadowed, shadowed_cnt, origin, "what would count without it, in order"),
	F_TIMES("proof",	MUST, proof, proof_cnt, PROOF))

/* --- the files --- */

OBJECT(settings_file, struct settings_file, "A file that go reads settings from.",
	F_NAME("kind",		MUST, source, source__name, SOURCE_ENV_FILE, SOURCE_GO_WORK + 1, "what it is"),
	F_NAME("state",		MUST, state, file_state__name, 0, FILE_GONE + 1, "what is known of it"),
	F_STRING("path",	MAY, path, "where it is"),
	F_STRING("why",		MAY, why, "why there is none"),
	F_TIME("ts",		MAY, ts, "when it was opened"))

OBJECT(ignored_line, struct ignored_line, "A line of a settings file that has no effect.",
	F_STRING("path",	MUST, path, "the file"),
	F_ID("line",		MUST, line, "the line's number"),
	F_STRING("text",	MUST, text, "the line"),
	F_STRING("why",		MUST, why, "why it has no effect"))

/* --- GODEBUG of what it built --- */

OBJECT(godebug_key, struct godebug_entry, "A key of GODEBUG that is built into a program.",
	F_STRING("key",		MUST, key, "its name"),
	F_STRING("value",	MUST, value, "its value"),
	F_NAME("from",		MUST, source, godebug_source__title, 0, GODEBUG_SOURCE_CNT, "what asked for it"),
	F_ID("line",		MAY, line, "the line of godebug_file that did"),
	F_ID("changed_in",	MAY, changed_in, "minor version of Go that changed its default"),
	F_BOOL("changed",	MUST, is_changed, "the toolchain by itself would do otherwise"))

/* --- a command --- */

static const void *next_setting(struct answer *a, const void *data, const void *item)
{
	const struct command_settings *s = data;
	const struct env_view *view = a->choice;
	const struct effective *e = item ? (const struct effective *)item + 1 : s->list;

	while (e < s->list + s->cnt && view->changed && !effective__is_notable(e))
		e++;
	return e < s->list + s->cnt ? e : NULL;
}

GET(process_of, struct command_settings, p, o->c->p)
GET(settings_of, struct command_settings, p, o)

PUBLIC_OBJECT(settings_part, struct command_settings, NULL,
	F_STRING("version",	MAY, version, "of the go command: \"go1.22.1\""),
	F_ARRAY("files",	MUST, files, file_cnt, settings_file, "the files that may set something"),
	F_MAP("settings",	MUST, next_setting, setting, "each setting by its name"),
	F_ARRAY("godebug",	MUST, godebug.entries, godebug.cnt, godebug_key,
		"GODEBUG of the first program that it linked, key by key; the setting DefaultGODEBUG is the whole"),
	F_STRING("godebug_file", MAY, godebug_path, "the go.mod or go.work that its lines are of"),
	F_ARRAY("ignored",	MUST, ignored, ignored_cnt, ignored_line, "lines without effect"),
	F_BOOL("ignored_cut",	MAY, ignored_cut, "there may be more such lines"))

OBJECT(env_command, struct command_settings, "A go command and its settings.",
	F_GET_INLINE(MUST, process_of, process),
	F_GET_INLINE(MUST, settings_of, settings_part))

NEXT(next_command, struct env_view, env__next(a->m, o, item))

static const void *open_env(struct answer *a, const void *data)
{
	const struct env_view *view = data;

	if (env__next(a->m, view, NULL) || !view->proc)
		return view;
	a->err = -ENOENT;
	return NULL;
}

PUBLIC_OPENED_OBJECT(env, void, open_env, "The effective settings of each go command.",
	F_LIST("commands", MUST, next_command, env_command, "the go commands, in the order of their start"))

int env__json(const struct model *m, const struct env_view *view, struct str *out)
{
	return answer__json(&(struct answer){ .m = m, .choice = view }, &env_object, view, out);
}
