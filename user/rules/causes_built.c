/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The packages that a run used, and what is known of each. */
#include <errno.h>
#include <fnmatch.h>

#include "golang/own.h"
#include "model/images.h"
#include "rules/causes_store.h"
#include "util/path.h"

/* --- one package --- */

static bool is_source(const char *arg)
{
	return str_has_suffix(arg, ".go") && !go_own__work_len(arg) && strstr(arg, ".cgo1.go") == NULL;
}

/* Where the sources lie that a compiler or cgo was given; NULL: it was given none. */
static const char *dir_of_args(const struct process *p, struct str *out)
{
	for (const char *a = process__next_arg(p, NULL); a; a = process__next_arg(p, a)) {
		if (a[0] == '-' || !is_source(a))
			continue;
		str__cut(out, 0);
		path__add_from(out, p->cwd ?: "/", a);
		if (str__err(out))
			return NULL;
		str__cut(out, path__dir_len(out->s));
		return out->s;
	}
	return NULL;
}

static bool is_of(const struct process *p, const struct built *b)
{
	return p->go == b->c->proc && !p->probe && p->subject && p->package &&
	       str_eq(p->package, b->path);
}

/* cgo says so, and knows the folder when all sources went through it. */
static void see_cgo(struct built *b, struct str *dir, const char **ret_dir)
{
	const struct process *p;

	for (p = model__next_process(b->m, NULL); p; p = model__next_process(b->m, p)) {
		if (p->role != TOOL_CGO || !is_of(p, b))
			continue;
		b->is_cgo = true;
		*ret_dir = *ret_dir ?: dir_of_args(p, dir);
	}
}

static bool has_flag(const struct process *p, const char *flag)
{
	for (const char *a = process__next_arg(p, NULL); a; a = process__next_arg(p, a))
		if (str_eq(a, flag))
			return true;
	return false;
}

static int see_compiler(struct built *b)
{
	__free_str struct str dir = {};
	const char *found;

	found = dir_of_args(b->compiler, &dir);
	b->is_std = has_flag(b->compiler, "-std");
	for (const char *a = process__next_arg(b->compiler, NULL); a; a = process__next_arg(b->compiler, a))
		b->is_cgo |= str_has_suffix(a, "/_cgo_gotypes.go");
	if (b->is_cgo)
		see_cgo(b, &dir, &found);
	b->is_main = str_eq(b->compiler->subject ?: "", "main") || has_flag(b->compiler, "main");
	if (found)
		b->dir = strdup(found);
	return found && !b->dir ? -ENOMEM : 0;
}

/* The variant's own name stands before a blank. */
static int set_names(struct built *b)
{
	size_t n = strcspn(b->path, " ");

	b->is_variant = b->path[n];
	b->plain = strndup(b->path, n);
	return b->plain ? 0 : -ENOMEM;
}

static int add_use(struct run_side *s, const struct go_command *c, const struct cache_use *use)
{
	const struct process *tool = use->tool ? model__process(s->m, use->tool) : NULL;
	struct built *b = calloc(1, sizeof(*b)), *other;
	int err;

	if (!b)
		return -ENOMEM;
	b->path = use->package;
	b->m = s->m;
	b->c = c;
	b->use = *use;
	b->compiler = tool && tool->role == TOOL_COMPILE ? tool : NULL;
	b->is_main = use->action_sz && model__archive_is_main(s->m, use->action);
	b->is_cgo = use->action_sz && model__archive_cc(s->m, use->action);
	err = set_names(b) ?: (b->compiler ? see_compiler(b) : 0);
	HASH_FIND(hh, s->by_path, b->path, strlen(b->path), other);
	if (other)
		HASH_DEL(s->by_path, other);
	b->other = other;
	HASH_ADD_KEYPTR(hh, s->by_path, b->path, strlen(b->path), b);
	return err ?: b->hh.tbl ? 0 : -ENOMEM;
}

/* --- where packages lie that no compiler ran for: by what was read --- */

struct folder {
	const char *path;		/* import path, of the model's pool */
	const char *dir;
	UT_hash_handle hh;
};

static int add_folder(struct run_side *s, struct folder **all, const char *dir)
{
	const char *path = NULL;
	struct folder *f;
	int err;

	for (size_t i = 0; i < s->command_cnt; i++) {
		err = model__package_of_dir(s->m, s->commands[i]->proc, dir, &path);
		if (err || !path)
			return err;
		HASH_FIND(hh, *all, path, strlen(path), f);
		if (f)
			continue;
		f = calloc(1, sizeof(*f));
		if (!f)
			return -ENOMEM;
		f->path = path;
		f->dir = dir;
		HASH_ADD_KEYPTR(hh, *all, f->path, strlen(f->path), f);
		if (!f->hh.tbl) {
			free(f);
			return -ENOMEM;
		}
	}
	return 0;
}

/* "p_test [p.test]" lies where p does. */
static struct folder *folder_of(struct folder *all, const struct built *b)
{
	size_t n = strlen(b->plain);
	struct folder *f;

	HASH_FIND(hh, all, b->plain, n, f);
	if (!f && b->is_variant && str_has_suffix(b->plain, "_test"))
		HASH_FIND(hh, all, b->plain, n - strlen("_test"), f);
	return f;
}

static int find_dirs(struct run_side *s)
{
	const struct source_state *f;
	struct folder *all = NULL, *folder;
	const char *last = NULL;
	struct built *b, *each;
	int err = 0;

	for (f = model__next_source(s->m, NULL); f && !err; f = model__next_source(s->m, f)) {
		if (!str_has_suffix(f->path, ".go") || f->dir == last)
			continue;
		last = f->dir;
		err = add_folder(s, &all, f->dir);
	}
	hash_each(s->by_path, b)
		for (each = b; each && !err; each = each->other) {
			folder = each->dir ? NULL : folder_of(all, each);
			if (!folder)
				continue;
			each->dir = strdup(folder->dir);
			err = each->dir ? 0 : -ENOMEM;
		}
	hash_free(&all, free);
	return err;
}

static void find_std(struct run_side *s)
{
	struct built *b, *each;

	hash_each(s->by_path, b)
		for (each = b; each; each = each->other) {
			const char *root = each->c->roots.dir[ROOT_GOROOT];

			each->is_std |= each->dir && root && path__is_in(root, each->dir);
		}
}

static bool has_go_files(const struct model *m, const char *dir)
{
	for (const struct source_state *f = model__sources_in(m, dir); f; f = f->in_dir)
		if (str_has_suffix(f->path, ".go"))
			return true;
	return false;
}

static int find_others(struct run_side *s)
{
	const struct source_state *f, **all;

	for (f = model__next_source(s->m, NULL); f; f = model__next_source(s->m, f)) {
		if (f->by_compiler || f->is_vcs || has_go_files(s->m, f->dir))
			continue;
		all = realloc(s->others, (s->other_cnt + 1) * sizeof(*all));
		if (!all)
			return -ENOMEM;
		s->others = all;
		s->others[s->other_cnt++] = f;
	}
	return 0;
}

int run_side__read(struct run_side *s, struct model *m)
{
	const struct go_command *c;
	const struct cache_ref *u;
	struct cache_use use;
	int err = 0;

	s->m = m;
	for (c = model__next_command(m, NULL); c && !err; c = model__next_command(m, c)) {
		const struct go_command **all;

		u = model__next_use(m, c->p, NULL, &use);
		if (!u)
			continue;
		all = realloc(s->commands, (s->command_cnt + 1) * sizeof(*all));
		if (!all)
			return -ENOMEM;
		s->commands = all;
		s->commands[s->command_cnt++] = c;
		for (; u && !err; u = model__next_use(m, c->p, u, &use))
			if (use.kind == CACHE_PACKAGE && use.package && use.outcome != CACHE_PUT)
				err = add_use(s, c, &use);
	}
	err = err ?: find_dirs(s) ?: find_others(s);
	find_std(s);
	return err;
}

static void free_built(struct built *b)
{
	struct built *other;

	for (; b; b = other) {
		other = b->other;
		free((char *)b->plain);
		free((char *)b->dir);
		free(b);
	}
}

void run_side__free(struct run_side *s)
{
	hash_free(&s->by_path, free_built);
	free(s->commands);
	free(s->others);
}

/* --- its counterpart --- */

struct built *run_side__find(const struct run_side *s, const char *path)
{
	struct built *b;

	HASH_FIND(hh, s->by_path, path, strlen(path), b);
	return b;
}

static bool has_same_args(const struct process *a, const struct process *b)
{
	return a->arg_cnt == b->arg_cnt && a->args_sz == b->args_sz && a->args_sz &&
	       !memcmp(a->args, b->args, a->args_sz);
}

/* The more alike the commands are, the more the comparison says. */
static int likeness(const struct built *then, const struct built *now)
{
	if (then->use.action_sz && now->use.action_sz &&
	    !memcmp(then->use.action, now->use.action, GOCACHE_PREFIX_LEN / 2))
		return 3;
	if (has_same_args(then->c->p, now->c->p))
		return 2;
	return str_eq(then->c->p->subject ?: "", now->c->p->subject ?: "");
}

struct built *built__counterpart(const struct run_side *old, const struct built *now)
{
	struct built *best = NULL, *b;
	int best_likeness = -1;

	for (b = run_side__find(old, now->path); b; b = b->other)
		if ((!old->is_before || b->c->p->start < now->c->p->start) && likeness(b, now) > best_likeness) {
			best = b;
			best_likeness = likeness(b, now);
		}
	return best;
}

bool built__is_object(const struct built *b, const char *path)
{
	struct gocache_path p;
	uint8_t id[GOCACHE_ID_SZ];
	const char *a, *next;
	size_t root;

	if (gocache__guess(path, &p, &root))
		return b->use.has_output && gocache__bytes(p.id, sizeof(id), id) &&
		       !memcmp(id, b->use.output, sizeof(id));
	for (a = b->compiler ? process__next_arg(b->compiler, NULL) : NULL; a; a = next) {
		next = process__next_arg(b->compiler, a);
		if (str_eq(a, "-o") && next)
			return str_eq(next, path);
	}
	return false;
}

/*
 * Its look-up in the old run has no name (programs are all called main), but its sources were read there:
 * the same without what is known of the look-up. NULL with *ret_err 0: they were not.
 */
struct built *built__unnamed(struct run_side *old, const struct built *now, int *ret_err)
{
	struct cache_use use = { .kind = CACHE_PACKAGE, .package = now->path, .outcome = CACHE_HIT };
	const struct go_command *c = old->command_cnt ? old->commands[0] : NULL;
	struct built *b;

	if (!c || old->is_before || !now->dir || !has_go_files(old->m, now->dir))
		return NULL;
	for (size_t i = 0; i < old->command_cnt; i++)
		if (has_same_args(old->commands[i]->p, now->c->p))
			c = old->commands[i];
	*ret_err = add_use(old, c, &use);
	b = *ret_err ? NULL : run_side__find(old, now->path);
	if (b) {
		b->dir = strdup(now->dir);
		b->is_std = now->is_std;
		*ret_err = b->dir ? 0 : -ENOMEM;
	}
	return b;
}

/* --- its settings --- */

const char *built__setting(const struct built *b, const char *name)
{
	const struct effective *e = b->c->settings ? command_settings__find(b->c->settings, name) : NULL;

	return e ? e->won.value : NULL;
}

bool built__is_on(const struct built *b, const char *flag)
{
	return str_eq(built__setting(b, flag) ?: "false", "true");
}

static const struct effective *setting_of(const struct go_command *c, const char *name)
{
	return c->settings ? command_settings__find(c->settings, name) : NULL;
}

/*
 * A flag that is not there was not given. A variable that is not there was not told by any tool, which is
 * something else; unless somebody set it on the other side.
 */
bool commands__differ(const struct go_command *old, const struct go_command *new, const char *name)
{
	const struct effective *a = setting_of(old, name), *b = setting_of(new, name);
	const char *x = a ? a->won.value : NULL, *y = b ? b->won.value : NULL;

	if ((x && strstr(x, "[redacted]")) || (y && strstr(y, "[redacted]")))
		return false;
	if (name[0] != '-' && !x != !y && !(x ? a : b)->is_set)
		return false;
	return !str_eq(x ?: "", y ?: "");
}

bool package__matches(const char *pattern, const char *path)
{
	__free_str struct str glob = {};
	size_t n = strlen(pattern);

	if (n > 4 && str_eq(pattern + n - 4, "/...") && strlen(path) == n - 4 && !strncmp(path, pattern, n - 4))
		return true;
	for (const char *p = pattern; *p; p++) {
		bool is_any = str_has_prefix(p, "...");

		str__addc(&glob, is_any ? '*' : *p);
		p += is_any ? 2 : 0;
	}
	return glob.s && !fnmatch(glob.s, path, 0);
}

/* "all", "std", "./...", "example.org/..."; without one: those that are named on the command line. */
static bool is_meant(const struct built *b, const char *pattern)
{
	if (!*pattern)
		return !b->is_std && !(b->dir && strstr(b->dir, "/pkg/mod/"));
	if (str_eq(pattern, "all"))
		return true;
	if (str_eq(pattern, "std"))
		return b->is_std;
	return str_has_prefix(pattern, "./") ? !b->is_std : package__matches(pattern, b->plain);
}

const char *built__flags_for(const struct built *b, const char *flag, struct str *out)
{
	__free_go_flags struct go_flags flags = {};
	__free_mem const char **argv = NULL;
	const struct go_flag *f = NULL;

	str__cut(out, 0);
	if (!b->c->settings || command_settings__flags(b->c->settings, &flags, &argv))
		return "";
	while ((f = go_flags__get(&flags, flag, f)))
		if (is_meant(b, f->pattern ?: "")) {	/* the last one that fits counts */
			str__cut(out, 0);
			str__adds(out, f->args ?: f->value ?: "");
		}
	return out->s ?: "";
}
