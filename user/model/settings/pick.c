/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which Go a command chose to do the work, and the setting or the line that asked for it. */
#include <errno.h>

#include "golang/toolchain_select.h"
#include "model/settings/resolve.h"

#define OLDEST "go1.21.0"	/* that chooses at all, where the version is not known */

/* The go.work, or else go.mod, that the choice rests on; NULL: none, or its text is not known. */
static const struct file_version *select_file(struct resolve *r, const struct mainmod *m,
					      const struct lookup **ret_open, enum file_state *ret_state)
{
	const char *work = m->workspace_file, *path = m->env_gomod;
	const struct lookup *l = work ? go_command__lookup(r->c, work) : NULL;

	if (work && !(l && l->err))
		path = work;
	if (path && (path[0] != '/' || str_eq(path, "/dev/null")))
		path = NULL;
	*ret_open = path ? go_command__open(r->c, path) : NULL;
	*ret_state = path ? FILE_GONE : FILE_NONE;
	return *ret_open && !(*ret_open)->err ? resolve__text(r, *ret_open, ret_state) : NULL;
}

static int set_text(struct resolve *r, struct toolchain_pick *p, const char *verb, const char *word)
{
	__free_str struct str text = {};

	str__addf(&text, "%s%s%s", verb, *verb ? " " : "", word);
	p->text = str__err(&text) ? NULL : resolve__keep(r, text.s);
	return p->text ? 0 : -ENOMEM;
}

static int by_name(struct resolve *r, struct toolchain_pick *p, const struct effective *t)
{
	p->by = t->won;
	p->by.value = NULL;
	p->is_by_name = true;
	for (size_t i = 0; i < t->proof_cnt; i++)
		proof__add(&p->proof, t->proof[i]);
	return set_text(r, p, "", t->won.value);
}

static int by_line(struct resolve *r, struct toolchain_pick *p, const struct lookup *open, bool is_work,
		   const char *verb, const char *word, unsigned int line)
{
	p->by = (struct origin){ .source = is_work ? SOURCE_GO_WORK : SOURCE_GO_MOD, .path = open->path,
				 .line = line };
	proof__add(&p->proof, open->ts);
	return set_text(r, p, verb, word);
}

/* "1.24", as the go line says it: what it asks for is called go1.24.0. */
static const char *word_of(const struct toolchain_choice *c, const char *verb, const struct gomod *mod)
{
	const struct gomod_stmt *st = gomod__find(mod, verb, NULL);

	return st && st->cnt && st->line == c->line ? st->words[0] : c->name;
}

static int set_pick(struct resolve *r, struct toolchain_pick *p, const struct toolchain_choice *c,
		    const struct effective *t, const struct lookup *open, const struct file_version *v,
		    bool is_work)
{
	const char *verb = c->reason == TOOLCHAIN_BY_GO_LINE ? "go" : "toolchain";
	int err = 0;

	p->version = resolve__keep(r, c->name);
	if (c->reason == TOOLCHAIN_BY_GOTOOLCHAIN)
		err = by_name(r, p, t);
	else if (c->line)
		err = by_line(r, p, open, is_work, verb, word_of(c, verb, &v->gomod), c->line);
	return err ?: p->version ? err : -ENOMEM;
}

/* Where go.env was not seen: as it is shipped. */
static struct toolchain_facts facts_of(struct resolve *r, const struct effective *t, const struct effective *mode)
{
	const char *invoked = go_command__var(r->c, SWITCH_VERSION);

	return (struct toolchain_facts){
		.local = r->out->version ?: invoked ?: OLDEST,
		.gotoolchain = *t->won.value || t->confidence == PROVEN ? t->won.value : "auto",
		.go111module = mode->won.value, .invoked_for = invoked,
		.argv = r->argv, .argc = r->c->p->arg_cnt,
	};
}

static bool is_proven(const struct resolve *r, const struct effective *t, const struct effective *mode)
{
	return r->out->version && t->confidence == PROVEN && mode->confidence == PROVEN;
}

/* Which of go.work and go.mod it was, or that there is none, and what is in it. */
static bool is_file_proven(const struct resolve *r, const struct mainmod *m, enum file_state state)
{
	return m->is_gowork_certain && (m->workspace_file || m->is_gomod_certain) && r->cwd_is_certain &&
	       (state == FILE_READ || state == FILE_NONE);
}

int resolve__pick(struct resolve *r)
{
	const struct effective *t = command_settings__find(r->out, "GOTOOLCHAIN");
	const struct effective *mode = command_settings__find(r->out, "GO111MODULE");
	struct toolchain_pick *p = &r->out->pick;
	const struct file_version *v = NULL;
	const struct lookup *open = NULL;
	__free_mainmod struct mainmod m = {};
	__free_toolchain_choice struct toolchain_choice c = {};
	enum file_state state = FILE_NONE;
	struct toolchain_file file = {};
	struct toolchain_facts facts;
	bool is_work, rests_on_files;
	int err;

	if ((r->facts.minor && r->facts.minor < 21) || !t || !t->won.value || !mode || !mode->won.value ||
	    str_eq(mode->won.value, "off"))
		return 0;
	err = resolve__find_module(r, true, &m);
	if (err)
		return err;
	v = select_file(r, &m, &open, &state);
	is_work = open && m.workspace_file &&
		  (str_eq(open->path, m.workspace_file) || str_eq(open->as, m.workspace_file));
	if (open)
		file = (struct toolchain_file){ open->path, v ? v->text : NULL, v && v->text ? strlen(v->text) : 0 };
	facts = facts_of(r, t, mode);
	*(is_work ? &facts.work : &facts.mod) = file;
	err = toolchain__select(&facts, &c);
	if (err)
		return err;
	p->may_download = !c.is_path_only;
	rests_on_files = c.rests_on_files || c.lacks;
	p->confidence = is_proven(r, t, mode) &&
			(!rests_on_files || (c.is_certain && is_file_proven(r, &m, state))) ?
			PROVEN : LIKELY;
	proof__add(&p->proof, r->c->p->start);
	if (c.action == TOOLCHAIN_SWITCH)
		return set_pick(r, p, &c, t, open, v, is_work);
	if (c.action == TOOLCHAIN_REFUSED || !c.lacks)
		return 0;
	p->is_too_old = true;
	return by_line(r, p, open, is_work, "go", c.lacks, c.lacks_line);
}

int resolve__version(struct resolve *r, struct effective *e)
{
	const char *version = go_command__var(r->c, SWITCH_VERSION);
	const struct command_settings *before = r->c->before ? r->c->before->settings : NULL;
	struct origin first = { .source = SOURCE_DEFAULT };
	const struct toolchain_pick *p;

	if (!version || !r->c->before)
		return 0;
	e->won.value = e->won.value ?: version;
	e->confidence = LIKELY;
	effective__prove(e, r->c->p->start);
	p = command_settings__pick(before, version);
	if (p) {
		e->won.source = p->by.source;
		e->won.path = p->by.path;
		e->won.line = p->by.line;
		e->via = p->is_by_name ? "GOTOOLCHAIN" : NULL;
		e->confidence = p->confidence;
		for (unsigned int i = 0; i < p->proof.cnt; i++)
			effective__prove(e, p->proof.ts[i]);
	}
	e->is_set = e->is_changed = true;
	first.value = before ? before->version : NULL;
	return effective__shadow(e, first);
}

const struct toolchain_pick *command_settings__pick(const struct command_settings *s, const char *version)
{
	return s && s->pick.version && str_eq(s->pick.version, version) ? &s->pick : NULL;
}
