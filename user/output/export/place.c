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

/* NULL for root itself, too: it is no file. */
static const char *in_repository(const char *root, const char *path)
{
	const char *rest = path ? path__below(root, path) : NULL;

	return rest && *rest ? rest : NULL;
}

unsigned int place__add(struct str *path, const struct model *m, const struct finding *f,
			const char *root)
{
	const struct command_settings *s = settings_of(m, f);
	const char *module = s ? s->module_dir : NULL, *said, *about, *below;

	root = root ?: module;
	said = in_repository(root, f->file);
	about = in_repository(root, f->subject);
	if (said || about) {
		str__adds(path, said ?: about);
		return said && f->line ? f->line : 1;
	}
	below = in_repository(root, module);
	str__addf(path, "%s%sgo.mod", below ?: "", below ? "/" : "");
	return 1;
}
