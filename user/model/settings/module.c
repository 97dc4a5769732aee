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
static enum path_kind look(void *ctx, const char *path)
{
	const struct go_command *c = ctx;
	enum path_kind kind = PATH_UNKNOWN;

	for (size_t i = 0; i < c->lookup_cnt; i++) {
		const struct lookup *l = &c->lookups[i];

		if (!str_eq(l->path, path) && !str_eq(l->as, path))
			continue;
		if (!l->err)
			return l->is_dir ? PATH_DIRECTORY : PATH_FILE;
		kind = PATH_ABSENT;
	}
	return kind;
}

int resolve__find_module(struct resolve *r, bool to_select, struct mainmod *ret)
{
	const struct mainmod_facts facts = {
		.minor = r->facts.minor,
		.verb = to_select ? NULL : go_verb__name(r->flags.verb),
		.at_version = !to_select && r->flags.at_version,
		.dir = go_command__dir(r->c),
		.go111module = value_of(r, "GO111MODULE"),
		.gowork = r->gowork,
		.modfile = to_select ? NULL : go_flags__value(&r->flags, "-modfile"),
		.goroot = r->facts.goroot,
		.temp_dir = environment__get(r->c->env, "TMPDIR"),
		.look = look,
		.ctx = (void *)r->c,
	};

	return mainmod__find(&facts, ret);
}

int resolve__main_module(struct resolve *r)
{
	const struct effective *work = command_settings__find(r->out, "GOWORK");

	/* What is set; what is found comes from the search. */
	r->gowork = work && work->won.value ? work->won.value : "";
	return resolve__find_module(r, false, &r->module);
}

static bool is_proven(const struct resolve *r, const char *name)
{
	const struct effective *e = command_settings__find(r->out, name);

	return !e || e->confidence == PROVEN;
}

/* What a search found rests on the settings that rule it; and a candidate may be among what was lost. */
static enum confidence confidence_of(const struct resolve *r, bool is_certain)
{
	return is_certain && r->flags.is_certain && r->flags.has_goflags && is_proven(r, "GO111MODULE") &&
	       is_proven(r, "GOFLAGS") && r->c->env->is_whole && !run__has_gaps(model__run(r->m)) ?
	       PROVEN : LIKELY;
}

static void prove(struct resolve *r, struct effective *e, const char *path)
{
	const struct lookup *l = path ? go_command__lookup(r->c, path) : NULL;

	effective__prove(e, l ? l->ts : r->c->p->start);
}

static int set_gomod(struct resolve *r)
{
	struct effective *e = (struct effective *)command_settings__find(r->out, "GOMOD");
	const struct mainmod *m = &r->module;
	const char *value = m->mod.len ? m->mod.s : m->mode == MODULE_MODE_MODULES ? "/dev/null" : "";

	if (!e || m->mode == MODULE_MODE_UNKNOWN)
		return 0;
	e->won.value = resolve__keep(r, value);
	e->why = m->mod_ignored;
	e->confidence = confidence_of(r, m->mod_is_certain);
	e->proof_cnt = 0;
	prove(r, e, m->mod.len ? m->mod.s : NULL);
	return e->won.value ? 0 : -ENOMEM;
}

static int set_gowork(struct resolve *r)
{
	struct effective *e = (struct effective *)command_settings__find(r->out, "GOWORK");
	const struct mainmod *m = &r->module;
	enum confidence sure;

	if (!e || str_eq(r->gowork, "off"))
		return 0;
	e->won.value = resolve__keep(r, m->work.len ? m->work.s : "");
	e->why = m->found_work.len ? m->work_ignored : NULL;
	/* What the setting itself rests on stays as sure as it is; the search can only add doubts. */
	sure = confidence_of(r, m->work_is_certain);
	if (sure < e->confidence || e->won.source == SOURCE_DEFAULT)
		e->confidence = sure;
	if (m->work.len)
		prove(r, e, m->work.s);
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
