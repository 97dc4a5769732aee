/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which package lies in a directory, as a go command with its modules and settings sees it. */
#include <errno.h>

#include "golang/modcache.h"
#include "model/cache/store.h"
#include "model/files.h"
#include "model/settings/settings.h"
#include "util/path.h"

static const char *setting(const struct go_command *c, const char *name)
{
	const struct effective *e = c && c->settings ? command_settings__find(c->settings, name) : NULL;

	return e ? e->won.value : NULL;
}

/* "encoding/json" for "…/src/encoding/json" of GOROOT; NULL: elsewhere */
static const char *std_package(const struct go_command *c, const char *dir)
{
	const char *rest = c ? path__below(c->roots.dir[ROOT_GOROOT], dir) : NULL;

	rest = rest ? path__below("src", rest) : NULL;
	return rest && *rest ? rest : NULL;
}

bool caches__is_std(const struct model *m, uint64_t go, const char *dir)
{
	const char *package = std_package(model__command(m, go), dir);

	return package && !str_has_prefix(package, "cmd/");
}

/* In GOPATH mode: what follows "src" of one of its folders. */
static const char *gopath_package(const struct go_command *c, const char *dir)
{
	const char *mod = setting(c, "GOMOD"), *list = setting(c, "GOPATH");
	size_t n;

	if (!mod || *mod || !list)
		return NULL;
	for (; *list; list += n + (list[n] == ':')) {
		const char *rest;

		n = strcspn(list, ":");
		rest = n && path__is_in_n(list, n, dir) ? path__below("src", dir + n + 1) : NULL;
		if (rest && *rest)
			return rest;
	}
	return NULL;
}

static int join(struct model *m, const char *module, const char *rest, const char **ret)
{
	__free_str struct str path = {};

	str__adds(&path, module);
	if (*rest) {
		str__addc(&path, '/');
		str__adds(&path, rest);
	}
	*ret = str__err(&path) ? NULL : pool__get(m->pool, path.s);
	return *ret ? 0 : -ENOMEM;
}

/* In the module cache: module path and rest, without the version. */
static int module_package(struct model *m, const struct go_command *c, const char *dir,
			  const char **ret)
{
	__free_modcache_path struct modcache_path path = {};
	int err;

	if (!c || !c->roots.dir[ROOT_GOMODCACHE])
		return 0;
	err = modcache__classify(c->roots.dir[ROOT_GOMODCACHE], dir, &path);
	if (err || path.kind != MODCACHE_SOURCE || !path.module.s)
		return err == -ENOMEM ? err : 0;
	return join(m, path.module.s, path.rest ? path.rest + strspn(path.rest, "/") : "", ret);
}

/* In the vendor folder of the main module or workspace. */
static const char *vendored_package(const char *root, size_t n, const char *dir)
{
	const char *rest = n && path__is_in_n(root, n, dir) ? dir + n + strspn(dir + n, "/") : NULL;

	rest = rest ? path__below("vendor", rest) : NULL;
	return rest && *rest ? rest : NULL;
}

/* In a folder that stands for a module, by a replace line of the file; root: what it is seen from. */
static int replaced_package(struct model *m, const char *file, const char *root, const char *dir,
			    size_t *best, const char **ret)
{
	const struct config_file *f = file ? model__file(m, file) : NULL;
	const struct gomod *mod = f && f->versions ? &f->versions->gomod : NULL;
	const struct gomod_stmt *s = mod ? gomod__find(mod, "replace", NULL) : NULL;
	int err = 0;

	for (; s && !err; s = gomod__find(mod, "replace", s)) {
		__free_str struct str folder = {};
		struct gomod_replace r;

		if (gomod__replace(s, &r) || r.new_version)
			continue;
		path__add_from(&folder, root, r.new_path);
		if (str__err(&folder))
			return -ENOMEM;
		if (folder.len < *best || !path__is_in(folder.s, dir))
			continue;
		*best = folder.len;
		err = join(m, r.path, path__below(folder.s, dir), ret);
	}
	return err;
}

/* At or below a folder with a go.mod: the innermost one counts; *ret_len is that folder's. */
static int local_package(struct model *m, const char *dir, size_t *ret_len, const char **ret)
{
	struct cache_name *mod = NULL;
	size_t n = strlen(dir);
	const char *key;

	for (; n; n--) {
		while (n && dir[n] != '/' && dir[n])
			n--;
		key = n ? pool__get_n(m->pool, dir, n) : NULL;
		if (n && !key)
			return -ENOMEM;
		mod = key ? hash_find(m->caches->modules, name, &key) : NULL;
		if (mod || !n)
			break;
	}
	if (!mod)
		return 0;
	*ret_len = n;
	return join(m, mod->value, dir + n + strspn(dir + n, "/"), ret);
}

/* Not in the standard library, and not by the folder alone. */
static int by_modules(struct model *m, const struct go_command *c, const char *dir, const char **ret)
{
	static const struct command_settings none;
	const struct command_settings *s = c && c->settings ? c->settings : &none;
	const char *work = s->workfile, *root = s->module_dir, *found;
	__free_str struct str work_dir = {};
	size_t best = 0;
	int err;

	str__add(&work_dir, work ?: "", work ? path__dir_len(work) : 0);
	found = vendored_package(root, root ? strlen(root) : 0, dir) ?:
		vendored_package(work_dir.s, work_dir.len, dir);
	*ret = found ? pool__get(m->pool, found) : NULL;
	if (found || str__err(&work_dir))
		return *ret ? 0 : -ENOMEM;
	err = module_package(m, c, dir, ret);
	if (err || *ret)
		return err;
	err = local_package(m, dir, &best, ret);
	if (!err && s->modfile && root)
		err = replaced_package(m, s->modfile, root, dir, &best, ret);
	if (err || !work)
		return err;
	return replaced_package(m, work, work_dir.s, dir, &best, ret);
}

int model__package_of_dir(struct model *m, uint64_t go, const char *dir, const char **ret)
{
	const struct go_command *c = model__command(m, go);
	const char *found = std_package(c, dir) ?: gopath_package(c, dir);

	*ret = found ? pool__get(m->pool, found) : NULL;
	if (found)
		return *ret ? 0 : -ENOMEM;
	return by_modules(m, c, dir, ret);
}
