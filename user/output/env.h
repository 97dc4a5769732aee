/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_ENV_H
#define GOENVBPF_OUTPUT_ENV_H
/*
 * The effective settings of each go command, for people and as one JSON object. The model must
 * have been made with MODEL_ALL and have seen the whole record.
 */
#include "model/commands.h"
#include "model/settings/settings.h"
#include "util/str.h"

struct env_view {
	uint64_t proc;		/* only this process; 0: all go commands */
	bool changed;		/* only what is not default */
	bool all;		/* the defaults one by one */
	bool color;
};

/* 0, -ENOENT: the chosen process is no go command of the record, -ENOMEM. */
int env__text(const struct model *m, const struct env_view *view, struct str *out);
int env__json(const struct model *m, const struct env_view *view, struct str *out);

/* Of the next command that the view shows: from NULL to NULL. */
const struct command_settings *env__next(const struct model *m, const struct env_view *view,
					 const struct command_settings *s);

/* The value as a person reads it: "(empty)", "off (no file is read)". */
void env__value(const struct effective *e, struct str *out);
/* "env file /home/u/.config/go/env:3", "go.mod line 5", "default"; for other views, too. */
void env__origin(const struct origin *o, const char *via, const struct roots *r, struct str *out);
/* Worth to be shown where defaults are not. */
static inline bool effective__is_notable(const struct effective *e)
{
	return e->is_changed || e->disagrees || e->why;
}

/* ", set by make": who is known to have set it; else nothing. */
void env__set_by(const struct model *m, const struct effective *e, struct str *out);

#endif
