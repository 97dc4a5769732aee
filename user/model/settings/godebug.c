/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * DefaultGODEBUG of what a command built: what the linker was told, and where each key comes from.
 * A //go:debug line of the program is not seen, and may ask for what a line of go.mod asks for, too:
 * so which line it was is likely at best.
 */
#include <errno.h>

#include "model/settings/resolve.h"

static enum godebug_place place_of(const struct resolve *r)
{
	if (r->flags.at_version)
		return GODEBUG_AT_VERSION;
	if (r->module.mode == MAINMOD_GOPATH)
		return GODEBUG_IN_GOPATH;
	if (r->module.workspace_file)
		return GODEBUG_IN_WORKSPACE;
	return resolve__mod_file(r) ? GODEBUG_IN_MODULE : GODEBUG_NO_MODULE;
}

/* The file that the command read for it; NULL: none, or its text is not known. */
static const struct file_version *find_file(const struct resolve *r, const struct lookup **ret_open)
{
	const char *path = r->module.workspace_file ?: resolve__mod_file(r);
	const struct lookup *open = path && !r->flags.at_version ? go_command__open(r->c, path) : NULL;
	enum file_state state;

	*ret_open = open;
	return open && !open->err ? resolve__text(r, open, &state) : NULL;
}

/* Several keys may come from several lines: the whole is shown with the first one that has any. */
static void set_origin(const struct godebug *keys, const struct lookup *open, bool is_work, struct effective *e)
{
	for (size_t i = 0; i < keys->cnt; i++) {
		if (!keys->entries[i].line)
			continue;
		e->won.source = is_work ? SOURCE_GO_WORK : SOURCE_GO_MOD;
		e->won.path = open->path;
		e->won.line = keys->entries[i].line;
		effective__prove(e, open->ts);
		return;
	}
}

static int attribute(struct resolve *r, struct effective *e)
{
	const struct effective *fips = command_settings__find(r->out, "GOFIPS140");
	const struct lookup *open;
	const struct file_version *v = find_file(r, &open);
	const struct godebug_facts facts = {
		.minor = r->facts.minor,
		.place = place_of(r),
		.path = open ? open->path : NULL,
		.text = v ? v->text : NULL,
		.size = v && v->text ? strlen(v->text) : 0,
		.linked = r->c->godebug.value,
		.gofips140 = fips ? fips->won.value : NULL,
	};
	int err = godebug__attribute(&facts, &r->out->godebug);

	if (err)
		return err == -EFBIG ? 0 : err;	/* no go makes such a value */
	r->out->godebug_path = facts.path;
	set_origin(&r->out->godebug, open, facts.place == GODEBUG_IN_WORKSPACE, e);
	return 0;
}

int resolve__godebug(struct resolve *r)
{
	struct effective *e;

	if (!r->c->godebug.value)
		return 0;
	e = resolve__add(r, "DefaultGODEBUG");
	if (!e)
		return -ENOMEM;
	e->won.source = SOURCE_DEFAULT;
	e->won.value = r->c->godebug.value;
	e->confidence = LIKELY;
	e->varies = r->c->godebug.varies;
	/* go tells the linker only what differs from the toolchain's own defaults. */
	e->is_set = e->is_changed = *e->won.value;
	effective__prove(e, r->c->godebug.ts);
	return attribute(r, e);
}
