/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The main module and the workspace of a go command, and the settings that are about them. */
#include <errno.h>

#include "model/run.h"
#include "model/settings/resolve.h"
#include "record/facts.h"
#include "util/path.h"

static const char *value_of(const struct resolve *r, const char *name)
{
	const struct effective *e = command_settings__find(r->out, name);

	return e ? e->won.value : NULL;
}

/* What the command itself found at a path. */
static enum path_kind exists(void *ctx, const char *path)
{
	const struct lookup *l = go_command__lookup(ctx, path);

	return !l ? PATH_UNKNOWN : l->err ? PATH_ABSENT : l->is_dir ? PATH_DIR : PATH_FILE;
}

/* Go's search begins where it works, by the name that it has for that. */
static enum tristate is_same_dir(void *ctx, const char *a, const char *b)
{
	const char *searched = ((const struct go_command *)ctx)->search_dir;

	if (!searched)
		return UNKNOWN;
	return str_eq(searched, a) || str_eq(searched, b) ? str_eq(searched, a) ? YES : NO : UNKNOWN;
}

/* Go compares with the temporary folder, links followed: had there been any, it would have read them. */
static enum tristate is_temp_dir(void *ctx, const char *a, const char *b)
{
	return ((const struct go_command *)ctx)->reads_links ? UNKNOWN : NO;
}

static int find_dir(struct resolve *r)
{
	const struct go_cwd_facts facts = {
		.cwd = r->c->p->cwd ?: "/",
		.pwd = environment__get_set(r->c->env, "PWD"),
		.chdir = r->flags.chdir,
		.after_chdir = r->c->moved_to,
		.is_same_dir = is_same_dir,
		.ctx = (void *)r->c,
	};

	return go_cwd__find(&facts, &r->cwd, &r->cwd_is_certain);
}

int resolve__find_module(struct resolve *r, bool to_select, struct mainmod *ret)
{
	/* Before it knows its verb, go looks for both files as go env does, and takes what is there. */
	const struct go_flags none = { .verb = GO_VERB_ENV, .is_certain = true, .has_goflags = true };
	const char *temp = environment__get_set(r->c->env, "TMPDIR");
	const struct mainmod_facts facts = {
		.minor = r->facts.minor,
		.flags = to_select ? &none : &r->flags,
		.go111module = value_of(r, "GO111MODULE") ?: "",
		.gowork = r->gowork,
		.cwd = r->cwd.s,
		.temp_dir = to_select ? "/dev/null" : temp ?: "/tmp",
		.goroot = r->facts.goroot,
		.exists = exists,
		.is_same_dir = is_temp_dir,
		.ctx = (void *)r->c,
	};

	return mainmod__find(&facts, ret);
}

int resolve__main_module(struct resolve *r)
{
	const struct effective *work = command_settings__find(r->out, "GOWORK");

	/* What is set; what is found comes from the search. */
	r->gowork = work && work->won.value ? work->won.value : "";
	return find_dir(r) ?: resolve__find_module(r, false, &r->module);
}

/* The go.mod around the working directory, if it counts; NULL. */
static const char *found_mod(const struct resolve *r)
{
	const char *mod = r->module.env_gomod;

	return r->flags.at_version || !mod || mod[0] != '/' || str_eq(mod, "/dev/null") ? NULL : mod;
}

const char *resolve__mod_file(const struct resolve *r)
{
	/* In a workspace it is read as one of several. */
	return r->module.module_file ?: (r->module.workspace_file ? found_mod(r) : NULL);
}

const char *resolve__module_dir(struct resolve *r)
{
	const char *mod = found_mod(r);

	return mod ? pool__get_n(r->pool, mod, path__dir_len(mod)) : NULL;
}

static bool is_proven(const struct resolve *r, const char *name)
{
	const struct effective *e = command_settings__find(r->out, name);

	return !e || e->confidence == PROVEN;
}

/* What a search found rests on the settings that rule it; and a candidate may be among what was lost. */
static enum confidence confidence_of(const struct resolve *r, bool is_certain)
{
	return is_certain && r->cwd_is_certain && r->flags.is_certain && r->flags.has_goflags && is_proven(r, "GO111MODULE") &&
	       is_proven(r, "GOFLAGS") && r->c->env->is_whole && !run__has_gaps(model__run(r->m)) ?
	       PROVEN : LIKELY;
}

static void prove(struct resolve *r, struct effective *e, const char *path)
{
	const struct lookup *l = path ? go_command__lookup(r->c, path) : NULL;

	effective__prove(e, l ? l->ts : r->c->p->start);
}

static const char *why_ignored(const struct mainmod *m, bool is_work)
{
	for (size_t i = 0; i < m->ignored_cnt; i++) {
		enum mainmod_why why = m->ignored[i].why;

		if (why == MAINMOD_IGNORED_MODFILE || why == MAINMOD_IGNORED_WORKSPACE)
			continue;	/* the other one is shown */
		if (path__is_named(m->ignored[i].path, "go.work") == is_work)
			return mainmod_why__title(why);
	}
	return NULL;
}

static int set_gomod(struct resolve *r)
{
	struct effective *e = (struct effective *)command_settings__find(r->out, "GOMOD");
	const struct mainmod *m = &r->module;
	const char *value = m->env_gomod;

	if (!e || !r->c->p->cwd)
		return 0;
	if (r->flags.at_version)
		value = m->mode == MAINMOD_MODULE ? "/dev/null" : "";
	else if (m->module_file && go_flags__value(&r->flags, "-modfile"))
		value = m->module_file;
	e->won.value = resolve__keep(r, value ?: "");
	e->why = why_ignored(m, false);
	e->confidence = confidence_of(r, m->is_gomod_certain);
	e->proof_cnt = 0;
	prove(r, e, value);
	return e->won.value ? 0 : -ENOMEM;
}

static int set_gowork(struct resolve *r)
{
	struct effective *e = (struct effective *)command_settings__find(r->out, "GOWORK");
	const struct mainmod *m = &r->module;
	enum confidence sure = confidence_of(r, m->is_gowork_certain);

	if (!e || !m->env_gowork || !r->c->p->cwd || str_eq(r->gowork, "off"))
		return 0;
	e->won.value = resolve__keep(r, r->flags.at_version ? "" : m->env_gowork);
	e->why = why_ignored(m, true);
	/* What the setting itself rests on stays as sure as it is; the search can only add doubts. */
	if (sure < e->confidence || e->won.source == SOURCE_DEFAULT)
		e->confidence = sure;
	prove(r, e, m->env_gowork);
	return e->won.value ? 0 : -ENOMEM;
}

/* --- telemetry --- */

/* Without the file that says otherwise, counters are kept on this machine. */
int resolve__telemetry(struct resolve *r, struct effective *e)
{
	__free_setting_resolved struct setting_resolved dir = {};
	const struct file_version *v;
	enum file_state state;
	__free_str struct str word = {};

	if (!setting__resolve(setting__find("GOTELEMETRYDIR"), &r->facts, &dir) && dir.won.value &&
	    !*dir.won.value) {
		e->won.value = "off";	/* there is no folder for it */
		e->confidence = r->c->env->is_whole ? PROVEN : LIKELY;
		return 0;
	}
	for (size_t i = 0; i < r->c->lookup_cnt; i++) {
		const struct lookup *l = &r->c->lookups[i];

		if (l->kind != REC_OPEN || !str_has_suffix(l->path, "/telemetry/mode"))
			continue;
		e->confidence = PROVEN;
		effective__prove(e, l->ts);
		if (l->err) {
			e->won.value = "local";
			return 0;
		}
		v = resolve__text(r, l, &state);
		e->won.source = SOURCE_MODE_FILE;
		e->won.path = l->path;
		if (!v)
			return 0;	/* the tools were told */
		str__add(&word, v->text + strspn(v->text, " \t\r\n"),
			 strcspn(v->text + strspn(v->text, " \t\r\n"), " \t\r\n"));
		e->won.value = word.len ? resolve__keep(r, word.s) : "local";
		e->confidence = state == FILE_READ ? PROVEN : LIKELY;
		return e->won.value ? 0 : -ENOMEM;
	}
	return 0;
}

int resolve__module_settings(struct resolve *r)
{
	return set_gomod(r) ?: set_gowork(r);
}
