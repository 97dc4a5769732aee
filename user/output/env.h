/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_ENV_H
#define GOENVBPF_OUTPUT_ENV_H
/* The effective settings of each go command, for people. The model must be of MODEL_ALL. */
#include "answers/env.h"
#include "util/str.h"

/* 0, -ENOENT: the chosen process is no go command of the record, -ENOMEM. */
int env__text(const struct model *m, const struct env_view *view, struct str *out);

/* The value as a person reads it: "(empty)", "off (no file is read)". */
void env__value(const struct effective *e, struct str *out);
/* "env file /home/u/.config/go/env:3", "go.mod line 5", "default"; for other views, too. */
void env__origin(const struct origin *o, const char *via, const struct roots *r, struct str *out);
/* ", set by make": who is known to have set it; else nothing. */
void env__set_by(const struct model *m, const struct effective *e, struct str *out);

#endif
