/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which go.mod and which go.work are in effect for a go command. */
#include <errno.h>

#include "golang/mainmod.h"
#include "util/path.h"

/* Verbs that never ask for a workspace (cmd/go: no InitWorkfile). */
static const char *const without_work[] = { "mod tidy", "mod init", "mod edit", "get" };

static bool is_at_least(const struct mainmod_facts *f, int minor)
{
	return !f->minor || f->minor >= minor;
}

bool path__up(struct str *dir)
{
	if (!dir->len || (dir->len == 1 && dir->s[0] == '/'))
		return false;
	str__cut(dir, path__dir_len(dir->s));
	return dir->len;
}

/* The first file called name in dir or above it, up to stop; what is not known counts as absent. */
static int search(const struct mainmod_facts *f, const char *name, const char *stop, struct str *ret,
		  bool *certain)
{
	__free_str struct str dir = {};

	str__adds(&dir, f->dir);
	path__clean(&dir, 0);
	do {
		enum path_kind kind;

		str__cut(ret, 0);
		path__add_from(ret, dir.s ?: "", name);
		if (str__err(&dir) || str__err(ret))
			return -ENOMEM;
		kind = f->look(f->ctx, ret->s);
		if (kind == PATH_FILE)
			return 0;
		*certain &= kind != PATH_UNKNOWN;
		if (!path__up(&dir))
			break;
	} while (!stop || !str_eq(dir.s, stop));
	str__free(ret);
	return 0;
}

static bool is_in_list(const char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (s && str_eq(list[i], s))
			return true;
	return false;
}

static int find_work(const struct mainmod_facts *f, struct mainmod *m)
{
	const char *said = f->gowork ?: "";
	bool certain = true;
	int err;

	if (!is_at_least(f, 18))
		return 0;
	m->work_is_certain &= f->minor && f->gowork;
	if (str_eq(said, "off"))
		return 0;
	if (f->at_version || is_in_list(without_work, ARRAY_SIZE(without_work), f->verb))
		m->work_ignored = f->at_version ? "a package was asked for with a version" :
						  "this command does not use a workspace";
	if (*said && !str_eq(said, "auto")) {
		str__adds(&m->found_work, said);
		path__clean(&m->found_work, 0);
		err = str__err(&m->found_work);
	} else {
		err = search(f, "go.work", f->goroot, &m->found_work, &certain);
		/* Where it is ignored nobody has to look for it. */
		m->work_is_certain &= certain || m->work_ignored;
	}
	if (!err && m->found_work.len && !m->work_ignored) {
		str__adds(&m->work, m->found_work.s);
		err = str__err(&m->work);
	}
	return err;
}

static bool is_temp_dir(const struct mainmod_facts *f, const char *dir)
{
	const char *rest = path__below(f->temp_dir && *f->temp_dir ? f->temp_dir : "/tmp", dir);

	return rest && !*rest;
}

static const char *why_ignored(const struct mainmod_facts *f, const struct mainmod *m)
{
	__free_str struct str dir = {};

	if (f->go111module && str_eq(f->go111module, "off"))
		return "GO111MODULE=off";
	if (f->at_version)
		return "a package was asked for with a version";
	str__add(&dir, m->found.s, path__dir_len(m->found.s));
	return !m->work.len && is_temp_dir(f, dir.s ?: "") ? "it is in the temporary directory" : NULL;
}

static int set_mod(const struct mainmod_facts *f, struct mainmod *m)
{
	str__add(&m->root, m->found.s, path__dir_len(m->found.s));
	/* A relative -modfile is relative to where go works. */
	if (f->modfile && !m->work.len)
		path__add_from(&m->mod, f->dir, f->modfile);
	else
		str__adds(&m->mod, m->found.s);
	return str__err(&m->root) ?: str__err(&m->mod);
}

static enum module_mode mode_of(const struct mainmod_facts *f, const struct mainmod *m)
{
	const char *said = f->go111module;

	if (!said || (!f->minor && !*said))
		return MODULE_MODE_UNKNOWN;
	if (str_eq(said, "off"))
		return MODULE_MODE_GOPATH;
	if (str_eq(said, "on") || m->mod.len || m->work.len || f->at_version)
		return MODULE_MODE_MODULES;
	return str_eq(said, "auto") || f->minor < 16 ? MODULE_MODE_GOPATH : MODULE_MODE_MODULES;
}

int mainmod__find(const struct mainmod_facts *f, struct mainmod *ret)
{
	__free_mainmod struct mainmod m = { .mod_is_certain = f->dir && f->go111module,
					     .work_is_certain = f->dir && f->go111module };
	bool certain = true;
	int err = 0;

	if (f->dir)
		err = find_work(f, &m) ?: search(f, "go.mod", NULL, &m.found, &certain);
	if (err)
		return err;
	if (m.found.len)
		m.mod_ignored = why_ignored(f, &m);
	m.mod_is_certain &= certain || m.mod_ignored || f->at_version;
	if (m.found.len && !m.mod_ignored)
		err = set_mod(f, &m);
	if (f->go111module && str_eq(f->go111module, "off") && m.work.len) {
		m.work_ignored = "GO111MODULE=off";
		str__free(&m.work);
	}
	m.mode = mode_of(f, &m);
	*ret = m;
	m = (struct mainmod){};
	return err;
}

void mainmod__free(struct mainmod *m)
{
	str__free(&m->found);
	str__free(&m->root);
	str__free(&m->mod);
	str__free(&m->found_work);
	str__free(&m->work);
	*m = (struct mainmod){};
}
