/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about configuration files: which one was read, from where, and whether it stayed the same. */
#include <ctype.h>

#include "model/effects/effects.h"
#include "model/files.h"
#include "rules/rule.h"
#include "util/path.h"

/* --- changed --- */

/* What go writes for itself is read again by nobody who would be surprised. */
static bool is_of_go(const char *path)
{
	return strstr(path, "/go-build") || strstr(path, "/telemetry/") || strchr(path, '@');
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
	  "env -u HOME GOCACHE=/tmp/c GOPATH=/tmp/p go build .",
	  .match_command = match_unfindable },
	{ "shell-exports-twice", SEVERITY_NOTE, SEEN, NULL,
	  "A start-up file of the shell exports a variable of Go twice",
	  "Which one counts depends on the order of the lines, and on which of them runs.",
	  "keep one of the lines", "printf 'export GOFLAGS=-v\\nexport GOFLAGS=-x\\n' >> ~/.profile; go build .",
	  .match = match_shell_exports },
	{ "configuration-changed-in-run", SEVERITY_WARNING, SEEN, NULL,
	  "A configuration file was changed while it was in use",
	  "Two commands of one run worked with different settings or modules.",
	  "write configuration before the first command that reads it, or in a copy of the folder",
	  "go build .; sed -i 's/1.21/1.22/' go.mod; go build .",
	  .match = match_changed_in_run },
	{}
};
