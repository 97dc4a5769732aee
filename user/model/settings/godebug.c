/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * DefaultGODEBUG of what a command built: what the linker was told, key by key.
 *
 * A key comes from a godebug line of go.work or, without a workspace, of go.mod; from a //go:debug
 * line of the program, which is not seen; or from the go line, when that is older than the
 * toolchain: then the program keeps the older behaviour. So which line it was is likely at best.
 */
#include <errno.h>

#include "model/settings/resolve.h"

/* The godebug line that sets key to value; NULL: none. The last one of a key counts. */
static const struct gomod_stmt *find_line(const struct gomod *mod, const char *key, size_t n)
{
	const struct gomod_stmt *st = NULL, *found = NULL;

	while ((st = gomod__find(mod, "godebug", st)))
		if (st->cnt && strlen(st->words[0]) > n && st->words[0][n] == '=' &&
		    !strncmp(st->words[0], key, n + 1))
			found = st;
	return found;
}

/* "a=1,b=2": the origin of the whole is that of the first key which a line sets. */
static const struct gomod_stmt *line_of(const struct gomod *mod, const char *value)
{
	const struct gomod_stmt *st = NULL;

	while (*value && !st) {
		size_t n = strcspn(value, ",");

		st = find_line(mod, value, strcspn(value, "="));
		value += n + (value[n] == ',');
	}
	return st ?: gomod__find(mod, "go", NULL);
}

static void set_origin(struct resolve *r, struct effective *e)
{
	bool is_work = r->module.workspace_file;
	const char *path = r->module.workspace_file ?: resolve__mod_file(r);
	const struct lookup *open = path ? go_command__open(r->c, path) : NULL;
	const struct file_version *v = NULL;
	const struct gomod_stmt *stmt;
	enum file_state state;

	if (open && !open->err)
		v = resolve__text(r, open, &state);
	stmt = v ? line_of(&v->gomod, e->won.value) : NULL;
	if (!stmt)
		return;
	e->won.source = is_work ? SOURCE_GO_WORK : SOURCE_GO_MOD;
	e->won.path = open->path;
	e->won.line = stmt->line;
	effective__prove(e, open->ts);
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
	/* go tells the linker only what differs from the toolchain's own defaults. */
	e->is_set = e->is_changed = *e->won.value;
	effective__prove(e, r->c->godebug.ts);
	set_origin(r, e);
	return 0;
}
