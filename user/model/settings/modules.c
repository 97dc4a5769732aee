/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What follows from the main module and the workspace: GOMOD, GOWORK, GODEBUG, the toolchain. */
#include <errno.h>

#include "golang/gomod.h"
#include "model/settings/resolve.h"

/* path is dir/name, or name in one of the folders above dir. */
static bool is_above(const char *path, const char *name, const char *dir)
{
	size_t n = strlen(path) - strlen(name);

	return dir && !strncmp(path, dir, n > 1 ? n - 1 : n) &&
	       (n == 1 || !dir[n - 1] || dir[n - 1] == '/');
}

/* The first one of the ladder that was there; *ret_looked: somebody looked at all. */
static const struct lookup *find_rung(const struct go_command *g, const char *name, bool *ret_looked)
{
	__free_str struct str ending = {};

	str__addf(&ending, "/%s", name);
	*ret_looked = false;
	for (size_t i = 0; i < g->lookup_cnt && ending.s; i++) {
		const struct lookup *l = &g->lookups[i];

		if (!str_has_suffix(l->path, ending.s) || !is_above(l->path, name, go_command__dir(g)))
			continue;
		*ret_looked = true;
		if (!l->err && !l->is_dir)
			return l;
	}
	return NULL;
}

static const char *value_of(const struct resolve *r, const char *name)
{
	const struct effective *e = command_settings__find(r->out, name);

	return e && e->won.value ? e->won.value : "";
}

void resolve__main_module(struct resolve *r)
{
	r->mod = find_rung(r->c, "go.mod", &r->mod_looked);
	r->work = find_rung(r->c, "go.work", &r->work_looked);
}

/* Is a go command in module mode that found no go.mod? Until 1.15, only when told so. */
static bool needs_no_module(const struct resolve *r)
{
	const char *mode = value_of(r, "GO111MODULE");
	bool is_auto = str_eq(mode, "auto") || (!*mode && r->facts.minor && r->facts.minor < 16);

	return !is_auto;
}

static bool set_gomod(struct resolve *r, const char **ret)
{
	if (str_eq(value_of(r, "GO111MODULE"), "off"))
		*ret = "";
	else if (r->mod)
		*ret = r->mod->path;
	else if (r->mod_looked)
		*ret = needs_no_module(r) ? "/dev/null" : "";
	else
		return false;
	return true;
}

static bool set_gowork(struct resolve *r, const char **ret)
{
	const char *said = value_of(r, "GOWORK");

	if (*said && !str_eq(said, "auto"))
		*ret = said;
	else if (r->work)
		*ret = r->work->path;
	else if (r->work_looked)
		*ret = "";
	else
		return false;
	return true;
}

/* Without the file that says otherwise, counters are kept on this machine. */
static bool set_gotelemetry(struct resolve *r, const char **ret)
{
	__free_setting_resolved struct setting_resolved dir = {};

	*ret = "off";
	if (!setting__resolve(setting__find("GOTELEMETRYDIR"), &r->facts, &dir) && dir.won.value &&
	    !*dir.won.value)
		return true;	/* there is no folder for it */
	for (size_t i = 0; i < r->c->lookup_cnt; i++) {
		const struct lookup *l = &r->c->lookups[i];

		if (l->kind != REC_OPEN || !str_has_suffix(l->path, "/telemetry/mode"))
			continue;
		*ret = "local";
		return l->err && str_eq(l->err, "ENOENT");
	}
	return false;
}

bool resolve__module_setting(struct resolve *r, const char *name, const char **ret_value)
{
	static const struct {
		const char *name;
		bool (*set)(struct resolve *r, const char **ret);
	} rules[] = {
		{ "GOMOD",	 set_gomod },
		{ "GOWORK",	 set_gowork },
		{ "GOTELEMETRY", set_gotelemetry },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (str_eq(rules[i].name, name))
			return rules[i].set(r, ret_value);
	return false;
}

/* --- the toolchain --- */

/* "go1.24.4" of a toolchain line, "1.24.4" and "1.24" (meaning 1.24.0) of a go line. */
static bool names_version(const char *word, const char *version)
{
	size_t n;

	word += str_has_prefix(word, "go") ? 2 : 0;
	version += str_has_prefix(version, "go") ? 2 : 0;
	n = strlen(word);
	return !strncmp(word, version, n) && (!version[n] || str_eq(version + n, ".0"));
}

static bool find_line(const struct file_version *s, const char *version, unsigned int *ret_line)
{
	static const char *const verbs[] = { "toolchain", "go" };

	if (!s)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct gomod_stmt *stmt = gomod__find(&s->gomod, verbs[i], NULL);

		if (stmt && stmt->cnt && names_version(stmt->words[0], version)) {
			*ret_line = stmt->line;
			return true;
		}
	}
	return false;
}

/* The go.work or go.mod that the first go read, when it names the version. */
static bool set_by_file(struct resolve *r, struct effective *e, const char *version)
{
	const struct lookup *rungs[2];
	bool looked;

	rungs[0] = find_rung(r->c->before, "go.work", &looked);
	rungs[1] = rungs[0] ? NULL : find_rung(r->c->before, "go.mod", &looked);
	for (int i = 0; i < 2; i++) {
		const struct lookup *open = NULL;
		enum file_state state;

		if (rungs[i])
			open = go_command__open(r->c->before, rungs[i]->path);
		if (!open || open->err)
			continue;
		e->won.source = i ? SOURCE_GO_MOD : SOURCE_GO_WORK;
		e->won.path = open->path;
		effective__prove(e, open->ts);
		if (find_line(resolve__text(r, open, &state), version, &e->won.line))
			return state == FILE_READ;
		e->won.source = SOURCE_UNKNOWN;
		e->won.path = NULL;
	}
	return false;
}

/* GOTOOLCHAIN of the first go names the version itself. */
static bool set_by_name(struct resolve *r, const struct command_settings *before,
			struct effective *e, const char *version)
{
	const struct effective *t = before ? command_settings__find(before, "GOTOOLCHAIN") : NULL;
	size_t n = strlen(version);

	if (!t || !t->won.value || strncmp(t->won.value, version, n) ||
	    (t->won.value[n] && t->won.value[n] != '+'))
		return false;
	e->won.source = t->won.source;
	e->won.path = t->won.path ? resolve__keep(r, t->won.path) : NULL;
	e->won.line = t->won.line;
	e->via = "GOTOOLCHAIN";
	for (size_t i = 0; i < t->proof_cnt; i++)
		effective__prove(e, t->proof[i]);
	return t->confidence == PROVEN;
}

int resolve__version(struct resolve *r, struct effective *e)
{
	const char *version = go_command__var(r->c, SWITCH_VERSION);
	struct origin first = { .source = SOURCE_DEFAULT };
	const struct command_settings *before;

	if (!r->c->before || !version)
		return 0;
	before = r->c->before->settings;
	if (before && before->version)
		first.value = resolve__keep(r, before->version);
	e->won.value = e->won.value ?: version;
	effective__prove(e, r->c->p->start);
	e->confidence = LIKELY;
	if (set_by_name(r, before, e, version) || (!e->via && set_by_file(r, e, version)))
		e->confidence = PROVEN;
	e->is_set = e->is_changed = true;
	return effective__shadow(e, first);
}

/* --- GODEBUG of what is built --- */

static void set_godebug_origin(struct resolve *r, struct effective *e)
{
	const struct lookup *rung = r->work ?: r->mod;
	const struct lookup *open = rung ? go_command__open(r->c, rung->path) : NULL;
	const struct file_version *s = NULL;
	const struct gomod_stmt *stmt;
	enum file_state state = FILE_GONE;

	if (open && !open->err)
		s = resolve__text(r, open, &state);
	if (!s)
		return;
	stmt = gomod__find(&s->gomod, "godebug", NULL) ?: gomod__find(&s->gomod, "go", NULL);
	if (!stmt)
		return;
	e->won.source = r->work ? SOURCE_GO_WORK : SOURCE_GO_MOD;
	e->won.path = open->path;
	e->won.line = stmt->line;
	e->is_set = e->is_changed = str_eq(stmt->verb, "godebug");
	effective__prove(e, open->ts);
}

/* A //go:debug line in the program's source counts as well, and is not seen: likely at best. */
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
	effective__prove(e, r->c->godebug.ts);
	set_godebug_origin(r, e);
	return 0;
}
