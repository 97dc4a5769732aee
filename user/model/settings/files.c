/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which settings files a go command read, and what was in them. */
#include <errno.h>

#include "model/settings/resolve.h"
#include "record/facts.h"
#include "util/path.h"

/* The first open of a file, by the name that was given or by where it is. */
static const struct lookup *find_open(const struct go_command *c, const char *name)
{
	for (size_t i = 0; i < c->lookup_cnt; i++) {
		const struct lookup *l = &c->lookups[i];

		if (l->kind == REC_OPEN && (str_eq(l->as, name) || str_eq(l->path, name)))
			return l;
	}
	return NULL;
}

const struct file_version *resolve__text(const struct resolve *r, const struct lookup *opened,
					 enum file_state *ret_state)
{
	static const enum file_state states[] = {
		[TEXT_MISSING] = FILE_GONE, [TEXT_CHANGED] = FILE_STALE, [TEXT_READ] = FILE_READ,
	};
	enum text_state state;
	const struct file_version *v = model__text(r->m, opened->path, opened->ts, &state);

	*ret_state = states[state];
	return v;
}

/* --- GOROOT --- */

static bool is_goroot(void *ctx, const char *dir)
{
	const struct go_command *g = ctx;
	size_t n = strlen(dir);

	for (size_t i = 0; i < g->lookup_cnt; i++) {
		const struct lookup *l = &g->lookups[i];

		if (l->kind == REC_STAT && !strncmp(l->path, dir, n) &&
		    str_eq(l->path + n, "/pkg/tool"))
			return !l->err && l->is_dir;
	}
	return false;
}

static const char *user_goroot(const struct resolve *r)
{
	const struct goenv_entry *e =
		r->facts.user_file ? goenv__find(r->facts.user_file, "GOROOT", false) : NULL;

	return e ? e->value : NULL;
}

/* Appends GOROOT as it counts, or as it counts for the place of go.env; nothing: not known. */
static int resolve__goroot(const struct resolve *r, bool for_go_env, struct str *ret)
{
	const struct goroot_facts facts = {
		.minor = r->facts.minor,
		.env = environment__get(r->c->env, "GOROOT"),
		.user_file = user_goroot(r),
		.exe = r->c->p->exe,
		.is_goroot = is_goroot,
		.ctx = (void *)r->c,
	};
	enum goroot_origin origin;
	int err = goroot__find(&facts, for_go_env, ret, &origin);

	if (!err && origin == GOROOT_NONE)
		str__cut(ret, 0);
	return err;
}

/* --- the files --- */

static struct settings_file *add_file(struct resolve *r, enum source source)
{
	struct settings_file *f = &r->out->files[r->out->file_cnt++];

	*f = (struct settings_file){ .source = source, .ts = -1 };
	return f;
}

/* What became of an attempt to open a settings file; *ret: its lines, NULL when they are not known. */
static void set_opened(struct resolve *r, struct settings_file *f, const struct lookup *l,
		       const struct goenv **ret)
{
	const struct file_version *v;

	f->path = l->path;
	f->ts = l->ts;
	if (l->err) {
		/* Go says nothing of either, and goes on as if the file was empty. */
		f->state = err__is_absent(l->err) ? FILE_MISSING : FILE_UNREADABLE;
		f->why = f->state == FILE_UNREADABLE ? l->err : NULL;
		return;
	}
	v = resolve__text(r, l, &f->state);
	*ret = v ? &v->goenv : NULL;
}

static int find_user_file(struct resolve *r)
{
	struct settings_file *f = add_file(r, SOURCE_ENV_FILE);
	const struct lookup *l;
	int err;

	r->user_file = f;
	if (!r->c->env->is_whole)
		return 0;
	err = setting__user_file(&r->facts, &r->user_path, &f->why);
	if (err == -ENOENT) {
		f->state = FILE_NONE;
		return 0;
	}
	if (err)
		return err;
	l = find_open(r->c, r->user_path.s);
	f->path = resolve__keep(r, r->user_path.s);
	if (!f->path)
		return -ENOMEM;
	if (l)
		set_opened(r, f, l, &r->facts.user_file);
	return 0;
}

/* That of GOROOT; where the path is not known, or is another name of it, what is called like it. */
static const struct lookup *find_go_env(struct resolve *r)
{
	const struct lookup *user = r->user_path.s ? find_open(r->c, r->user_path.s) : NULL, *found = NULL;
	__free_str struct str path = {};

	if (!resolve__goroot(r, true, &path) && path.len) {
		str__adds(&path, "/go.env");
		found = str__err(&path) ? NULL : find_open(r->c, path.s);
	}
	for (size_t i = 0; i < r->c->lookup_cnt && !found; i++) {
		const struct lookup *l = &r->c->lookups[i];

		if (l->kind == REC_OPEN && l != user && path__is_named(l->path, "go.env"))
			found = l;
	}
	return found;
}

static int find_root_file(struct resolve *r)
{
	const struct lookup *l;
	struct settings_file *f;

	if (r->facts.minor && r->facts.minor < 21)
		return 0;
	f = add_file(r, SOURCE_GO_ENV);
	r->root_file = f;
	l = find_go_env(r);
	if (l)
		set_opened(r, f, l, &r->facts.go_env);
	return 0;
}

static int find_goroot(struct resolve *r)
{
	int err = resolve__goroot(r, false, &r->goroot);

	if (!err && r->goroot.len)
		r->facts.goroot = r->goroot.s;
	return err;
}

int resolve__files(struct resolve *r)
{
	return find_user_file(r) ?: find_root_file(r) ?: find_goroot(r);
}

/* --- lines without effect --- */

static const char *why_ignored(const struct resolve *r, const struct goenv_entry *e)
{
	const struct setting *s = e->kind == GOENV_ENTRY ? setting__find(e->key) : NULL;

	if (e->kind == GOENV_NO_EQUALS)
		return "has no '='";
	if (e->kind == GOENV_BAD_START)
		return "does not start with a name in capitals";
	if (!s)
		return "go knows no such setting";
	if (s->flags & SETTING_NO_FILE)
		return "only counts in the environment";
	if (s->flags & SETTING_COMPUTED)
		return "cannot be set";
	if (!setting__exists(s, r->facts.minor))
		return "this version does not know it yet";
	return NULL;
}

static int add_ignored(struct resolve *r, const struct settings_file *f,
		       const struct goenv_entry *e, const char *why)
{
	struct command_settings *out = r->out;
	struct ignored_line *list = out->ignored;
	__free_str struct str text = {};

	list = realloc(list, (out->ignored_cnt + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	out->ignored = list;
	str__adds(&text, e->key);
	if (e->value)
		str__addf(&text, "=%s", e->value);
	list += out->ignored_cnt;
	*list = (struct ignored_line){ f->path, e->line, resolve__keep(r, text.s), why };
	if (!list->text)
		return -ENOMEM;
	out->ignored_cnt++;
	return 0;
}

static int ignored_in(struct resolve *r, const struct settings_file *f, const struct goenv *lines,
		      bool is_goroot)
{
	int err = 0;

	for (size_t i = 0; i < lines->cnt && !err; i++) {
		const struct goenv_entry *e = &lines->entries[i], *counts = NULL;
		const char *why = why_ignored(r, e);

		/* Not counted to the end: each line may ask for a search in all of them. */
		if (r->out->ignored_cnt >= SETTINGS_MAX_IGNORED) {
			r->out->ignored_cut = true;
			break;
		}
		if (!why)
			counts = goenv__find(lines, e->key, is_goroot);
		if (counts && counts != e)
			why = is_goroot ? "the first line of the same name counts" :
					  "the last line of the same name counts";
		if (why)
			err = add_ignored(r, f, e, why);
	}
	return err;
}

int resolve__ignored(struct resolve *r)
{
	int err = 0;

	if (r->facts.user_file)
		err = ignored_in(r, r->user_file, r->facts.user_file, false);
	if (!err && r->facts.go_env)
		err = ignored_in(r, r->root_file, r->facts.go_env, true);
	return err;
}
