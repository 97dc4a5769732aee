/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which settings files a go command read, and what was in them. */
#include <errno.h>

#include "model/settings/store.h"
#include "record/facts.h"

/* Clocks of files advance in steps. */
#define MTIME_STEP_NS 10000000

enum by { BY_NAME, BY_PATH, BY_ENDING };

static const struct look *find_open(const struct go_state *g, enum by by, const char *what)
{
	for (size_t i = 0; i < g->look_cnt; i++) {
		const struct look *l = &g->looks[i];

		if (l->kind == REC_OPEN &&
		    (by == BY_NAME ? str_eq(l->as, what) :
		     by == BY_PATH ? str_eq(l->path, what) : str_has_suffix(l->path, what)))
			return l;
	}
	return NULL;
}

const struct look *go_state__open(const struct go_state *g, const char *path)
{
	return find_open(g, BY_PATH, path);
}

const struct snapshot *resolve__text(const struct resolve *r, const struct look *opened,
				     enum file_state *ret_state)
{
	const struct snapshot *s = settings__snapshot(r->m, opened->path);

	while (s && s->ts > opened->ts)
		s = s->older;
	*ret_state = FILE_GONE;
	if (!s || !s->text)
		return NULL;
	*ret_state = FILE_READ;
	/* Looked at too late, or written since without anybody looking. */
	if (s->mtime > opened->ts + MTIME_STEP_NS ||
	    (s->ts < opened->ts && s->changed >= 0 && s->changed < opened->ts &&
	     s->changed > s->mtime + MTIME_STEP_NS))
		*ret_state = FILE_STALE;
	return s;
}

static struct settings_file *add_file(struct resolve *r, enum source source)
{
	struct settings_file *f = &r->out->files[r->out->file_cnt++];

	*f = (struct settings_file){ .source = source, .ts = -1 };
	return f;
}

/* What became of an attempt to open a settings file; its lines go to parsed. */
static int set_opened(struct resolve *r, struct settings_file *f, const struct look *l,
		      struct goenv *parsed)
{
	const struct snapshot *s;

	f->path = l->path;
	f->ts = l->ts;
	if (l->err) {
		/* Go says nothing of either, and goes on as if the file was empty. */
		f->state = err__is_absent(l->err) ? FILE_MISSING :
			   FILE_UNREADABLE;
		f->why = f->state == FILE_UNREADABLE ? l->err : NULL;
		return 0;
	}
	s = resolve__text(r, l, &f->state);
	if (!s || !parsed)
		return 0;
	return goenv__parse(s->text, s->size, parsed) == -ENOMEM ? -ENOMEM : 0;
}

static int find_user_file(struct resolve *r)
{
	struct settings_file *f = add_file(r, SOURCE_ENV_FILE);
	const struct look *l = NULL;
	int err;

	r->user_file = f;
	if (!r->g->own.is_known)
		return 0;
	err = setting__user_file(&r->facts, &r->user_path, &f->why);
	if (err == -ENOENT) {
		f->state = FILE_NONE;
		return 0;
	}
	if (err)
		return err;
	l = find_open(r->g, BY_NAME, r->user_path.s);
	f->path = resolve__keep(r, r->user_path.s);
	if (!f->path)
		return -ENOMEM;
	if (!l)
		return 0;
	err = set_opened(r, f, l, &r->user);
	if (f->state == FILE_READ || f->state == FILE_STALE)
		r->facts.user_file = &r->user;
	return err;
}

static int find_root_file(struct resolve *r)
{
	const struct look *l = find_open(r->g, BY_ENDING, "/go.env");
	struct settings_file *f;
	int err;

	if (r->facts.minor && r->facts.minor < 21)
		return 0;
	f = add_file(r, SOURCE_GO_ENV);
	r->root_file = f;
	if (!l)
		return 0;
	err = set_opened(r, f, l, &r->root);
	if (f->state == FILE_READ || f->state == FILE_STALE)
		r->facts.go_env = &r->root;
	return err;
}

/* --- GOROOT --- */

static bool is_goroot(void *ctx, const char *dir)
{
	const struct go_state *g = ctx;
	size_t n = strlen(dir);

	for (size_t i = 0; i < g->look_cnt; i++) {
		const struct look *l = &g->looks[i];

		if (l->kind == REC_STAT && !strncmp(l->path, dir, n) &&
		    str_eq(l->path + n, "/pkg/tool"))
			return !l->err && l->is_dir;
	}
	return false;
}

static const char *user_goroot(const struct resolve *r)
{
	const struct goenv_entry *e =
		r->facts.user_file ? goenv__find(&r->user, "GOROOT", false) : NULL;

	return e ? e->value : NULL;
}

static int find_goroot(struct resolve *r)
{
	const struct goroot_facts facts = {
		.minor = r->facts.minor,
		.env = env__get(&r->g->own, "GOROOT"),
		.user_file = user_goroot(r),
		.exe = r->p->exe,
		.is_goroot = is_goroot,
		.ctx = (void *)r->g,
	};
	enum goroot_origin origin;
	int err;

	err = goroot__find(&facts, false, &r->goroot, &origin);
	if (err)
		return err;
	if (origin != GOROOT_NONE)
		r->facts.goroot = r->goroot.s;
	return 0;
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
		err = ignored_in(r, r->user_file, &r->user, false);
	if (!err && r->facts.go_env)
		err = ignored_in(r, r->root_file, &r->root, true);
	return err;
}
