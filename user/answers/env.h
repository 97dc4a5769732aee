/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_ENV_H
#define GOENVBPF_ANSWERS_ENV_H
/*
 * The answer of "goenvbpf env": the effective settings of each go command. Its data is the
 * choice; -ENOENT: the process that was chosen is no go command of the record.
 */
#include "answers/answer.h"
#include "model/commands.h"
#include "model/settings/settings.h"

struct env_view {
	uint64_t proc;		/* only this process; 0: all go commands */
	bool changed;		/* only what is not default */
	bool all;		/* for people: the defaults one by one */
	bool color;
};

/* Worth to be shown where defaults are not. */
static inline bool effective__is_notable(const struct effective *e)
{
	return e->is_changed || e->disagrees || e->why;
}

extern const struct object env_object;

/* The answer as one line of JSON; 0, -ENOENT, -ENOMEM. */
int env__json(const struct model *m, const struct env_view *view, struct str *out);

/* Of the next command that the view shows: from NULL to NULL. */
const struct command_settings *env__next(const struct model *m, const struct env_view *view,
					 const struct command_settings *s);

#endif
