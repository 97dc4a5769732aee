/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about configuration files: which one was read, from where, and whether it stayed the same. */
#include <ctype.h>

#include "golang/own.h"
#include "model/effects/effects.h"
#include "model/files.h"
#include "model/search/search.h"
#include "rules/rule.h"
#include "util/path.h"

/* --- changed --- */

/* What go writes for itself is read again by nobody who would be surprised. */
static bool is_of_go(const char *path)
{
	return go_own__is(path) || go_own__is_module(path);
}

/* The last write between the two; *ret_by_go: go made it, because somebody asked for that. */
static const struct file_write *write_between(const struct model *m, const struct config_file *f, int64_t from,
					      int64_t to, bool *ret_by_go)
{
	const struct file_write *last = NULL;

	*ret_by_go = false;
	for (const struct file_write *w = f->writes; w; w = w->before) {
		const struct process *p = w->ts > from && w->ts < to ? model__process(m, w->proc) : NULL;

		*ret_by_go |= p && p->go;
		last = last ?: p ? w : NULL;
	}
	return last;
}

static int compare_versions(struct matching *x, const struct config_file *f, const struct file_version *now)
{
	const struct file_version *old = now->older;	/* who wrote it has not read it */
	const struct file_write *w;
	struct proof proof = {};
	__free_str struct str by = {};
	bool is_by_go;

	while (old && (old->is_written || old->is_aside))
		old = old->older;
	if (!old || now->is_written || now->is_aside || !now->text || !old->text || str_eq(now->text, old->text))
		return 0;
	w = write_between(x->m, f, old->ts, now->ts, &is_by_go);
	if (is_by_go)
		return 0;
	proof__add(&proof, old->ts);
	proof__add(&proof, now->ts);
	if (w) {
		str__adds(&by, ": written by ");
		process__label(model__process(x->m, w->proc), &by);
	}
	return found(x, &(struct found){ PROVEN, now->proc, f->path, proof },
		     "was read at %.3f s and at %.3f s, with different content%s", old->ts / 1e9, now->ts / 1e9,
		     by.s ?: "");
}

static int match_changed_in_run(struct matching *x)
{
	int err = 0;

	for (const struct config_file *f = model__next_file(x->m, NULL); f; f = model__next_file(x->m, f))
		for (const struct file_version *v = is_of_go(f->path) ? NULL : f->versions; v && !err; v = v->older)
			err = compare_versions(x, f, v);
	return err;
}

/* --- that nobody finds --- */

/* An env file that capture found in the home of who ran go without one. */
static const struct config_file *file_aside(const struct model *m, const char *end)
{
	const struct config_file *f = model__next_file(m, NULL);

	while (f && !(f->versions && f->versions->is_aside && str_has_suffix(f->path, end)))
		f = model__next_file(m, f);
	return f;
}

static int match_unfindable(struct matching *x, const struct go_command *c)
{
	static const char *const names[] = { "HOME", "XDG_CONFIG_HOME", "GOENV" };
	const struct config_file *f = file_aside(x->m, "/.config/go/env");
	struct proof proof = rule__at(c->p->start);

	if (!f || !c->env || !c->env->is_whole)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (go_command__var(c, names[i]))
			return 0;
	proof__add(&proof, f->versions->ts);
	return found(x, &(struct found){ LIKELY, c->proc, f->path, proof },
		     "is there, and go has no env file: neither HOME nor XDG_CONFIG_HOME nor GOENV is set");
}

/* --- that is elsewhere --- */

static bool has_candidate(const struct ladder *l, const char *path)
{
	for (unsigned int i = 0; i < l->cnt; i++)
		if (str_eq(l->candidates[i].path, path))
			return true;
	return false;
}

/* It took the file under another name that it tried, too. */
static bool has_taken(const struct model *m, uint64_t proc, const char *path)
{
	for (const struct ladder *l = model__next_ladder(m, NULL); l; l = model__next_ladder(m, l))
		for (unsigned int i = 0; l->proc == proc && i < l->cnt; i++)
			if (l->candidates[i].result >= CANDIDATE_FOUND && str_eq(l->candidates[i].path, path))
				return true;
	return false;
}

/* Capture found path near what somebody looked for: who did so, and went on with nothing? */
static int judge_near(struct matching *x, const char *path, const char *wanted)
{
	int err = 0;

	for (const struct ladder *l = model__next_ladder(x->m, NULL); l && !err; l = model__next_ladder(x->m, l)) {
		unsigned int places = l->cnt + l->omitted;
		struct ladder_verdict v;

		if (l->purpose != LADDER_CONFIG || !has_candidate(l, wanted) || has_taken(x->m, l->proc, path))
			continue;
		ladder__judge(x->m, l, &v);
		if (!v.won && v.surprise == SURPRISE_NOTHING)
			err = found(x, &(struct found){ LIKELY, l->proc, wanted, rule__at(l->candidates[0].ts) },
				    "%s looked for it in %u place%s and found nothing; %s is there", l->exe ?: "a program",
				    places, places == 1 ? "" : "s", path);
	}
	return err;
}

static int match_not_found(struct matching *x)
{
	int err = 0;

	for (const struct config_file *f = model__next_file(x->m, NULL); f; f = model__next_file(x->m, f))
		for (const struct file_version *v = f->versions; v && !err; v = v->older)
			if (v->wanted)
				err = judge_near(x, f->path, v->wanted);
	return err;
}

/* --- that links led to --- */

/* What a process would call its project: the repository, the module, or where it was started. */
struct project {
	const char *dirs[3];
	bool has_repository;
};

static void find_project(const struct model *m, const struct process *p, struct project *ret)
{
	const struct go_command *c = model__command_of(m, p);

	*ret = (struct project){ .dirs = { NULL, c && c->settings ? c->settings->module_dir : NULL, p->cwd } };
	for (const struct ladder *l = model__next_ladder(m, NULL); l && !ret->dirs[0]; l = model__next_ladder(m, l))
		if (l->proc == p->proc)
			ret->dirs[0] = l->repository;
	ret->has_repository = ret->dirs[0];
}

/* The folder of it that path is in; NULL: none. */
static const char *project_of(const struct project *p, const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->dirs); i++)
		if (p->dirs[i] && rule__is_in(path, p->dirs[i]))
			return p->dirs[i];
	return NULL;
}

/*
 * The whole project lies behind a link, as $PWD calls it: what is in it has the same end. The kernel's
 * working directory has no links in it, and neither have the folders above.
 */
static bool is_behind_link(const struct process *p, const char *dir, const char *path, const char *leads_to)
{
	return !rule__is_in(p->cwd, dir) && str_has_suffix(leads_to, path + strlen(dir));
}

static int judge_link(struct matching *x, const struct config_file *f, const struct file_version *v)
{
	const struct process *p = v->leads_to ? model__process(x->m, v->proc) : NULL;
	struct project project;
	const char *dir;

	if (!p || v->is_written || v->is_aside)
		return 0;
	find_project(x->m, p, &project);
	dir = project_of(&project, f->path);
	if (!dir || project_of(&project, v->leads_to) || is_behind_link(p, dir, f->path, v->leads_to))
		return 0;
	return found(x, &(struct found){ project.has_repository ? PROVEN : LIKELY, v->proc, f->path, rule__at(v->ts) },
		     "leads to %s, outside of %s", v->leads_to, dir);
}

static int match_outside(struct matching *x)
{
	int err = 0;

	for (const struct config_file *f = model__next_file(x->m, NULL); f; f = model__next_file(x->m, f))
		for (const struct file_version *v = f->versions; v && !err; v = v->older)
			err = judge_link(x, f, v);
	return err;
}

/* --- shells --- */

/* "export GOFLAGS=-v": name and value, without quotes; false: it depends on what was there before. */
static bool parse_export(const char *line, size_t n, struct str *name, struct str *value)
{
	const char *eq = memchr(line, '=', n), *from;
	size_t len;

	for (from = eq; from && from > line && (isalnum((unsigned char)from[-1]) || from[-1] == '_'); from--)
		;
	if (!eq || from == eq)
		return false;
	str__add(name, from, eq - from);
	len = n - (eq + 1 - line);
	if (len >= 2 && strchr("\"'", eq[1]) && eq[len] == eq[1])
		str__add(value, eq + 2, len - 2);
	else
		str__add(value, eq + 1, len);
	return !strchr(value->s ?: "$", '$');
}

/* A later line of the text that gives the name another value; its number, 0: none. */
static unsigned int exported_again(const char *rest, unsigned int number, const struct str *name,
				   const struct str *value, struct str *other)
{
	for (const char *at = rest; at && *at; number++) {
		size_t n = strcspn(at, "\n");
		__free_str struct str key = {};

		str__cut(other, 0);
		if (parse_export(at, n, &key, other) && str_eq(key.s, name->s) && !str_eq(other->s ?: "", value->s ?: ""))
			return number;
		at += n + (at[n] == '\n');
	}
	return 0;
}

static int judge_shell(struct matching *x, const struct config_file *f)
{
	const struct file_version *v = f->versions;
	unsigned int number = 1;
	int err = 0;

	for (const char *at = v->text; at && *at && !err; number++) {
		size_t n = strcspn(at, "\n");
		__free_str struct str name = {}, value = {}, other = {};
		const char *next = at + n + (at[n] == '\n');
		bool is_one = parse_export(at, n, &name, &value);
		unsigned int again = is_one ? exported_again(next, number + 1, &name, &value, &other) : 0;

		if (again)
			err = found(x, &(struct found){ LIKELY, v->proc, f->path, rule__at(v->ts) },
				    "%s=%s in line %u, and %s in line %u", name.s, value.s ?: "", number,
				    other.s ?: "", again);
		at = next;
	}
	return err;
}

static int match_shell_exports(struct matching *x)
{
	int err = 0;

	for (const struct config_file *f = model__next_file(x->m, NULL); f && !err; f = model__next_file(x->m, f))
		if (f->versions && f->versions->is_of_shell)
			err = judge_shell(x, f);
	return err;
}

#define SEEN (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_configuration[] = {
	{ "env-file-unfindable", SEVERITY_NOTE, SEEN | EVIDENCE_ENVIRONMENT, NULL,
	  "go cannot find the user's env file",
	  "Services and jobs often run without HOME: what was set with go env -w does not count there.",
	  "set HOME, or GOENV to the file; or GOENV=off to say that it is meant",
	  .match_command = match_unfindable },
	{ "shell-exports-twice", SEVERITY_NOTE, SEEN, NULL,
	  "A start-up file of the shell exports a variable of Go twice",
	  "Which one counts depends on the order of the lines, and on which of them runs.",
	  "keep one of the lines",
	  .match = match_shell_exports },
	{ "configuration-changed-in-run", SEVERITY_WARNING, SEEN, NULL,
	  "A configuration file was changed while it was in use",
	  "Two commands of one run worked with different settings or modules.",
	  "write configuration before the first command that reads it, or in a copy of the folder",
	  .match = match_changed_in_run },
	{ "configuration-not-found", SEVERITY_NOTE, SEEN, NULL,
	  "A program did not find its configuration, and a file much like it is there",
	  "It goes on with its defaults: the name is misspelt, has another ending, or lies in another folder.",
	  "rename or move the file, or tell the program of it",
	  .match = match_not_found },
	{ "configuration-outside", SEVERITY_NOTE, SEEN, NULL,
	  "Symbolic links led configuration out of the project",
	  "What is read there is not in the repository, and changes without it.",
	  "copy the file into the project, or say in its documentation where it comes from",
	  .match = match_outside },
	{}
};
