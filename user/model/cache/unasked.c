/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a go command used or made without a look-up in the build cache that could be its: packages
 * that lie precompiled in GOROOT/pkg, programs that are up to date, vet runs.
 */
#include <errno.h>

#include "model/cache/store.h"
#include "model/settings/settings.h"
#include "util/path.h"

/* --- precompiled packages --- */

/* "fmt" for "/usr/lib/go/pkg/linux_amd64/fmt.a"; its length is *ret_n. NULL: not below root/pkg. */
static const char *archived_package(const char *root, size_t root_len, const char *file, size_t *ret_n)
{
	const char *rest = root_len && path__is_in_n(root, root_len, file) ? file + root_len : NULL;

	rest = rest ? path__below("pkg", rest + strspn(rest, "/")) : NULL;
	rest = rest ? strchr(rest, '/') : NULL;
	if (!rest || !str_has_suffix(++rest, ".a"))
		return NULL;
	*ret_n = strlen(rest) - strlen(".a");
	return rest;
}

static const char *in_gopath(const char *list, const char *file, size_t *ret_n)
{
	const char *found = NULL;

	for (size_t n; list && *list && !found; list += n + (list[n] == ':')) {
		n = strcspn(list, ":");
		found = archived_package(list, n, file, ret_n);
	}
	return found;
}

/* go has looked it up, or made it: then the archive was not good enough. */
static bool is_asked(const struct cache_command *cmd, const char *package)
{
	for (const struct cache_ref *u = cmd->first; u; u = u->next)
		if (u->action && u->action->kind == CACHE_PACKAGE && u->action->package == package)
			return true;
	return false;
}

static int add_archive(struct model *m, struct cache_command *cmd, const struct cache_name *archive)
{
	const struct go_command *c = model__command(m, cmd->go);
	const char *goroot = c ? c->roots.dir[ROOT_GOROOT] : NULL;
	const struct effective *gopath = c && c->settings ?
					 command_settings__find(c->settings, "GOPATH") : NULL;
	const char *name, *package;
	struct cache_ref *u;
	bool is_std;
	size_t n;

	name = archived_package(goroot ?: "", goroot ? strlen(goroot) : 0, archive->name, &n);
	is_std = name;
	name = name ?: in_gopath(gopath ? gopath->won.value : NULL, archive->name, &n);
	package = name ? pool__get_n(m->pool, name, n) : NULL;
	if (!package || is_asked(cmd, package))
		return name && !package ? -ENOMEM : 0;
	u = cache_command__extra(cmd, CACHE_PACKAGE, package, archive->ts);
	if (!u)
		return -ENOMEM;
	u->file = archive->name;
	u->outcome = is_std ? CACHE_GOROOT : CACHE_UP_TO_DATE;
	/* A compiler or linker of this command was told to read it. */
	u->confidence = archive->value && str_eq(archive->value, package) ? PROVEN : LIKELY;
	return 0;
}

/* --- programs --- */

/* What a go command was told to make. */
struct task {
	const struct go_command *c;
	struct go_flags flags;
	const char **argv;
	const char *output, *dir;	/* -o, NULL without; where the command works */
};

/* "v2": go calls the program after the element before it. */
static bool is_major(const char *s, size_t n)
{
	return n > 1 && s[0] == 'v' && strspn(s + 1, "0123456789") == n - 1 && s[1] != '0' &&
	       !(n == 2 && s[1] == '1');
}

/* The name of the program that go makes of a package. */
static const char *program_name(const char *package, size_t *ret_n)
{
	size_t end = strlen(package), start;

	for (;;) {
		for (start = end; start && package[start - 1] != '/'; start--)
			;
		if (!start || !is_major(package + start, end - start))
			break;
		end = start - 1;
	}
	*ret_n = end - start;
	return package + start;
}

/* Where go install puts programs: GOBIN, or bin of the first folder of GOPATH. */
static bool is_installed(const struct go_command *c, const char *file)
{
	const struct effective *bin = command_settings__find(c->settings, "GOBIN");
	const struct effective *path = command_settings__find(c->settings, "GOPATH");
	const char *list = path ? path->won.value : NULL, *rest;
	size_t n = list ? strcspn(list, ":") : 0;

	if (bin && bin->won.value && *bin->won.value)
		return path__is_directly_in(bin->won.value, file);
	if (!n || !path__is_in_n(list, n, file))
		return false;
	rest = path__below("bin", file + n + strspn(file + n, "/"));
	/* of another system: bin/<os>_<arch>/ */
	return rest && *rest && (!strchr(rest, '/') || !strchr(strchr(rest, '/') + 1, '/'));
}

static bool is_called(const char *file, const char *package)
{
	const char *name, *base = path__base(file);
	size_t n;

	name = program_name(package, &n);
	return strlen(base) == n && !memcmp(base, name, n);
}

/* The file is where this command is to write the program of that package. */
static bool is_target(const struct task *t, const char *file, const char *package)
{
	__free_str struct str path = {};

	if (t->flags.verb != GO_VERB_BUILD)
		return is_installed(t->c, file) && is_called(file, package);
	path__add_from(&path, t->dir, t->output ?: ".");
	if (t->output && str_eq(path.s ?: "", file))
		return true;
	return path.s && path__is_directly_in(path.s, file) && is_called(file, package);
}

/* The command names dir by one of its arguments, or works in it. */
static bool is_named(const struct task *t, const char *dir, const char *package)
{
	bool is_named = !t->flags.arg_cnt && str_eq(t->dir, dir);

	for (size_t i = 0; i < t->flags.arg_cnt && !is_named; i++) {
		__free_str struct str path = {};
		const char *arg = t->flags.args[i];

		path__add_from(&path, t->dir, arg);
		is_named = strstr(arg, "...") || str_eq(arg, package) || str_eq(path.s ?: "", dir);
	}
	return is_named;
}

static int add_program(struct cache_command *cmd, const struct task *t, const struct cache_name *file)
{
	const struct cache_name *dir, *found = NULL;
	unsigned int n = 0;
	struct cache_ref *u;

	hash_each(cmd->sourced, dir) {
		if (!dir->value || !is_named(t, dir->name, dir->value) ||
		    !is_target(t, file->name, dir->value) || is_asked(cmd, dir->value))
			continue;
		found = dir;
		n++;
	}
	if (n != 1)
		return 0;
	u = cache_command__extra(cmd, CACHE_PACKAGE, found->value, file->ts);
	if (!u)
		return -ENOMEM;
	u->file = file->name;
	u->outcome = CACHE_UP_TO_DATE;
	u->confidence = LIKELY;
	return 0;
}

static bool makes_programs(const struct task *t)
{
	return (t->flags.verb == GO_VERB_BUILD || t->flags.verb == GO_VERB_INSTALL ||
		t->flags.verb == GO_VERB_GET) && !go_flags__is_on(&t->flags, "-n") && t->dir;
}

/* It ended well, and has read the build ID of a program that it was to make and did not touch. */
static int add_programs(const struct model *m, struct cache_command *cmd)
{
	const struct go_command *c = model__command(m, cmd->go);
	struct task t = { .c = c };
	struct cache_name *file;
	int err;

	if (!cmd->targets || !c || !c->settings || c->p->end != PROCESS_EXITED || c->p->status)
		return 0;
	err = command_settings__flags(c->settings, &t.flags, &t.argv);
	t.output = go_flags__value(&t.flags, "-o");
	t.dir = c->settings->dir;
	if (!err && makes_programs(&t))
		hash_each(cmd->targets, file)
			if (!err && !hash_find(cmd->written, name, &file->name))
				err = add_program(cmd, &t, file);
	go_flags__free(&t.flags);
	free(t.argv);
	return err;
}

/* --- vet --- */

/* A vet whose result was not seen to be put: it failed, or found something. */
static int add_vet(struct model *m, const struct cache_vet *v)
{
	const struct process *p = model__process(m, v->tool);
	struct cache_ref *u;

	if (v->use || !v->tool || !p)
		return 0;
	u = cache_command__extra(v->cmd, CACHE_VET, v->package, p->start);
	if (!u)
		return -ENOMEM;
	u->tool = v->tool;
	return 0;
}

int caches__add_unasked(struct model *m)
{
	struct cache_command *cmd;
	struct cache_name *archive;
	struct cache_vet *v;
	int err = 0;

	hash_each(m->caches->commands, cmd) {
		hash_each(cmd->archives, archive)
			if (archive->ts && !err)
				err = add_archive(m, cmd, archive);
		err = err ?: add_programs(m, cmd);
	}
	hash_each(m->caches->vets, v)
		err = err ?: add_vet(m, v);
	return err;
}
