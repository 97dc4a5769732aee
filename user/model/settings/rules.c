/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A setting by Go's rules: from the command's environment and the files that it opened. */
#include <errno.h>

#include "golang/ladder.h"
#include "model/run.h"
#include "model/settings/resolve.h"
#include "util/path.h"

static int to_origin(struct resolve *r, const struct setting_value *v, struct origin *ret)
{
	static const enum source sources[] = {
		[ORIGIN_ENVIRONMENT] = SOURCE_ENVIRONMENT, [ORIGIN_USER_FILE] = SOURCE_ENV_FILE,
		[ORIGIN_GO_ENV] = SOURCE_GO_ENV,	   [ORIGIN_DEFAULT] = SOURCE_DEFAULT,
		[ORIGIN_COMPUTED] = SOURCE_COMPUTED,
	};

	*ret = (struct origin){
		.source = sources[v->origin],
		.value = resolve__keep(r, v->value),
		.line = v->line,
	};
	if (v->origin == ORIGIN_USER_FILE)
		ret->path = r->user_file->path;
	if (v->origin == ORIGIN_GO_ENV)
		ret->path = r->root_file->path;
	return v->value && !ret->value ? -ENOMEM : 0;
}

bool settings_file__is_known(const struct settings_file *f)
{
	return !f || f->state == FILE_NONE || f->state == FILE_MISSING ||
	       f->state == FILE_UNREADABLE || f->state == FILE_READ;
}

static enum confidence judge(const struct resolve *r, const struct setting *s,
			     const struct setting_resolved *v)
{
	bool user = settings_file__is_known(r->user_file);
	bool root = settings_file__is_known(r->root_file);

	if (!v->won.value)
		return NOT_EVALUATED;
	if (!r->c->env->is_whole || v->is_compiled ||
	    (!r->facts.minor && v->won.origin != ORIGIN_ENVIRONMENT))
		return LIKELY;
	if (v->won.origin == ORIGIN_ENVIRONMENT || (s->flags & SETTING_NO_FILE))
		return PROVEN;
	return user && (root || v->won.origin == ORIGIN_USER_FILE) ? PROVEN : LIKELY;
}

/* --- the C compiler --- */

/* In a folder of PATH: the build cache has a folder cc, too. */
static bool is_compiler(const struct go_command *c, const struct lookup *l)
{
	const char *name = path__base(l->path);
	struct ladder_step step;

	return l->kind == REC_STAT && !l->is_dir &&
	       (str_eq(name, "cc") || str_has_suffix(name, "gcc") ||
		str_has_suffix(name, "clang")) &&
	       ladder__classify(l->path, environment__get(c->env, "PATH"), &step) &&
	       step.purpose == LADDER_PROGRAM;
}

const char *go_command__cc(const struct go_command *c, enum tristate *ret_there)
{
	const char *first = NULL;

	*ret_there = UNKNOWN;
	for (size_t i = 0; i < c->lookup_cnt; i++) {
		const struct lookup *l = &c->lookups[i];

		if (!is_compiler(c, l) || (first && !str_eq(first, path__base(l->path))))
			continue;
		first = first ?: path__base(l->path);
		*ret_there = l->err && *ret_there != YES ? NO : YES;
	}
	return first;
}

/* A default that was compiled into go shows when go looks for it. */
static void see_compiler(const struct resolve *r, const struct setting *s, struct effective *e)
{
	enum tristate there;
	const char *name;

	if (!str_eq(s->name, "CC") || e->won.source != SOURCE_DEFAULT)
		return;
	name = go_command__cc(r->c, &there);
	if (!name)
		return;
	e->won.value = name;
	e->confidence = settings_file__is_known(r->user_file) &&
			settings_file__is_known(r->root_file) ? PROVEN : LIKELY;
}

/* Since 1.20 cgo is off, without a word, where the compiler that is the default is not there. */
static void see_cgo(const struct resolve *r, const struct setting *s, struct effective *e)
{
	bool is_asked = !r->facts.minor || r->facts.minor >= 20;

	if (str_eq(s->name, "CGO_ENABLED") && is_asked && e->won.source == SOURCE_DEFAULT &&
	    r->facts.has_cc == NO && str_eq(e->won.value ?: "", "0"))
		e->why = "no C compiler was found on PATH";
}

/* go takes no other cache instead: commands that need one stop. */
static int see_cache(struct resolve *r, const struct setting *s, struct effective *e, const char *given)
{
	__free_str struct str text = {};

	if (!str_eq(s->name, "GOCACHE") || e->won.source == SOURCE_DEFAULT || !given || *given == '/' ||
	    str_eq(given, "off"))
		return 0;
	str__addf(&text, "\"%s\" is not an absolute path, which go refuses", given);
	e->why = str__err(&text) ? NULL : resolve__keep(r, text.s);
	return e->why ? 0 : -ENOMEM;
}

static void prove_by_rule(const struct resolve *r, struct effective *e)
{
	if (e->won.source == SOURCE_ENVIRONMENT || e->won.source == SOURCE_COMPUTED) {
		effective__prove(e, r->c->p->start);
		return;
	}
	if (e->won.source == SOURCE_ENV_FILE) {
		effective__prove(e, r->user_file->ts);
		return;
	}
	effective__prove(e, r->c->p->start);
	effective__prove(e, r->user_file->ts);
	if (r->root_file)
		effective__prove(e, r->root_file->ts);
}

static const char *without_goenv(void *ctx, const char *name)
{
	return str_eq(name, "GOENV") ? NULL : environment__get(ctx, name);
}

/* What GOENV hides is the file that would be read without it. */
static int set_hidden_goenv(struct resolve *r, struct effective *e)
{
	struct setting_facts facts = r->facts;
	struct origin hidden = { .source = SOURCE_DEFAULT };
	__free_str struct str path = {};
	const char *why;
	int err;

	facts.getenv = without_goenv;
	err = setting__user_file(&facts, &path, &why);
	if (err && err != -ENOENT)
		return err;
	hidden.value = resolve__keep(r, err ? "" : path.s);
	e->shadowed_cnt = 0;
	return hidden.value ? effective__shadow(e, hidden) : -ENOMEM;
}

/* Go did not look for its own folder, since it was told one: the one that it lies in. */
static int set_hidden_goroot(struct resolve *r, struct effective *e)
{
	const char *exe = r->c->p->exe, *end = exe && str_has_suffix(exe, "/bin/go") ?
					    exe + strlen(exe) - strlen("/bin/go") : NULL;

	for (size_t i = 0; i < e->shadowed_cnt; i++) {
		if (e->shadowed[i].source != SOURCE_DEFAULT)
			continue;
		e->shadowed[i].value = end ? pool__get_n(r->pool, exe, end - exe) : NULL;
		return end && !e->shadowed[i].value ? -ENOMEM : 0;
	}
	return 0;
}

int resolve__by_rule(struct resolve *r, const struct setting *s, struct effective *e)
{
	__free_setting_resolved struct setting_resolved v = {};
	struct origin hidden;
	int err;

	err = setting__resolve(s, &r->facts, &v);
	if (err)
		return err;
	err = to_origin(r, &v.won, &e->won);
	for (size_t i = 0; i < v.shadowed_cnt && !err; i++) {
		err = to_origin(r, &v.shadowed[i], &hidden) ?: effective__shadow(e, hidden);
	}
	if (!err && str_eq(s->name, "GOENV") && e->won.source == SOURCE_ENVIRONMENT)
		err = set_hidden_goenv(r, e);
	if (!err && str_eq(s->name, "GOROOT") && e->won.source != SOURCE_DEFAULT)
		err = set_hidden_goroot(r, e);
	if (err)
		return err;
	e->is_empty_in_env = v.is_empty_in_env;
	e->confidence = judge(r, s, &v);
	see_compiler(r, s, e);
	see_cgo(r, s, e);
	if (see_cache(r, s, e, v.given))
		return -ENOMEM;
	prove_by_rule(r, e);
	return str_eq(s->name, "GOTELEMETRY") ? resolve__telemetry(r, e) : 0;
}
