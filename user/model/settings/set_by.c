/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who set what a go command took: the program that put a variable into its environment, or that
 * wrote the line of its settings file.
 *
 * A program that was started without a variable and started another one with it has set it: a
 * makefile, a shell, "env GOOS=…", a CI runner. The search goes on upwards while the program was
 * given the very value, and ends without an answer where an environment is not known.
 */
#include "model/settings/resolve.h"

#define MAX_ANCESTORS 64

/* The program that started p, or that ran in its process before; NULL: not known. */
static const struct process *starter_of(const struct model *m, const struct process *p)
{
	const struct process *prev = model__process(m, p->prev);

	if (prev && prev->has_exec)
		return prev;
	p = model__process(m, p->parent);
	/* A process that only forked has the environment of the program that it is a copy of. */
	for (int i = 0; p && !p->has_exec && i < MAX_ANCESTORS; i++)
		p = model__process(m, p->parent);
	return p;
}

static uint64_t setter_of_variable(const struct model *m, const struct process *p, const char *name,
				   const char *value)
{
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		const char *had;

		p = starter_of(m, p);
		if (!p || !p->env || !p->env->is_whole)
			return 0;
		had = environment__get(p->env, name);
		if (!had || !str_eq(had, value))
			return p->proc;
	}
	return 0;
}

static bool has_line(const struct file_version *v, const char *name, const char *value)
{
	const struct goenv_entry *e = goenv__find(&v->goenv, name, false);

	return e && str_eq(e->value, value);
}

/* "go env -w NAME=value" says itself what it writes. */
static bool says_line(const struct process *p, const char *name)
{
	size_t n = strlen(name);

	for (const char *a = p ? process__next_arg(p, NULL) : NULL; a; a = process__next_arg(p, a))
		if (!strncmp(a, name, n) && a[n] == '=')
			return true;
	return false;
}

/* The last write that found the file without the line. */
static uint64_t setter_of_line(const struct model *m, const struct origin *o, const char *name, int64_t read)
{
	const struct file_write *w = model__last_write(m, o->path, read);

	for (; w; w = model__last_write(m, o->path, w->ts)) {
		enum text_state state;
		const struct file_version *before = model__text(m, o->path, w->ts - 1, &state);

		if (before && state == TEXT_READ && has_line(before, name, o->value))
			continue;
		if ((before && state == TEXT_READ) || says_line(model__process(m, w->proc), name))
			return w->proc;
		return 0;
	}
	return 0;
}

uint64_t resolve__set_by(const struct resolve *r, const struct effective *e)
{
	const struct origin *o = &e->won;
	const char *name = e->via && e->name[0] == '-' ? e->via : e->name, *value;

	if (o->source == SOURCE_ENVIRONMENT) {
		value = environment__get_set(r->c->env, name);
		return value ? setter_of_variable(r->m, r->c->p, name, value) : 0;
	}
	if (o->source != SOURCE_ENV_FILE || !o->path || !o->value || !r->user_file)
		return 0;
	return setter_of_line(r->m, o, name, r->user_file->ts);
}
