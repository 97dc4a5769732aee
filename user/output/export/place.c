/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where in a repository a finding is shown. */
#include "model/commands.h"
#include "model/settings/settings.h"
#include "output/export/place.h"
#include "util/path.h"

/* The settings of the finding's command, or else of the first one, that works in a module. */
static const struct command_settings *settings_of(const struct model *m, const struct finding *f)
{
	const struct go_command *c = model__command_of(m, model__process(m, f->proc));

	if (c && c->settings && c->settings->module_dir)
		return c->settings;
	for (c = model__next_command(m, NULL); c; c = model__next_command(m, c))
		if (c->settings && c->settings->module_dir)
			return c->settings;
	return NULL;
}

/* Adds what path is below root; false: it is root itself, which is no file, or elsewhere. */
static bool add_below(struct str *out, const char *root, const char *path)
{
	__free_str struct str clean = {};
	const char *rest;

	if (!root || !path || *path != '/')
		return false;
	/* As somebody wrote it: /src/app/../env is not in /src/app. */
	str__adds(&clean, path);
	path__clean(&clean, 0);
	rest = clean.s ? path__below(root, clean.s) : NULL;
	if (!rest || !*rest)
		return false;
	str__adds(out, rest);
	return true;
}

unsigned int place__add(struct str *path, const struct model *m, const struct finding *f,
			const char *root)
{
	const struct command_settings *s = settings_of(m, f);
	const char *module = s ? s->module_dir : NULL;

	root = root ?: module;
	if (add_below(path, root, f->file))
		return f->line ?: 1;
	if (add_below(path, root, f->subject))
		return 1;
	if (add_below(path, root, module))
		str__addc(path, '/');
	str__adds(path, "go.mod");
	return 1;
}
