/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The modules of go commands: the sets, and what go.mod, go.work and modules.txt say of them. */
#include <errno.h>

#include "golang/gomod.h"
#include "model/modules/store.h"
#include "util/path.h"

int module_set__of(struct model *m, uint64_t go, struct module_set_entry **ret)
{
	*ret = hash_get(&m->modules->by_go, s.go, &go);
	return *ret ? 0 : -ENOMEM;
}

int module_set__get(struct model *m, struct module_set_entry *s, enum module_origin origin,
		    const char *path, const char *version, struct module_use_entry **ret)
{
	struct module_use_entry *e, key = { .at.origin = origin };

	*ret = NULL;
	key.at.path = pool__get(m->pool, path);
	key.at.version = pool__get(m->pool, version);
	if (!key.at.path || (version && !key.at.version))
		return -ENOMEM;
	e = hash_find(s->uses, at, &key.at);
	if (!e && HASH_COUNT(s->uses) >= MODULES_MAX) {
		s->s.omitted++;
		return 0;
	}
	e = e ?: hash_get(&s->uses, at, &key.at);
	if (!e)
		return -ENOMEM;
	e->u.path = key.at.path;
	e->u.version = key.at.version;
	e->u.origin = origin;
	*ret = e;
	return 0;
}

/* --- what files say --- */

/* dir as a file at from names it: *ret is pooled. */
static int resolve(struct model *m, const char *from, const char *dir, const char **ret)
{
	__free_str struct str base = {}, path = {};

	str__add(&base, from, path__dir_len(from));
	path__add_from(&path, base.s ?: "/", dir);
	*ret = str__err(&base) || str__err(&path) ? NULL : pool__get(m->pool, path.s);
	return *ret ? 0 : -ENOMEM;
}

static struct module_use_entry *find_local(const struct module_set_entry *s, const char *dir)
{
	for (size_t i = 0; i < s->local_cnt; i++)
		if (s->locals[i]->u.dir == dir)
			return s->locals[i];
	return NULL;
}

int module_set__add_folder(struct model *m, struct module_set_entry *s, const char *dir)
{
	struct module_use_entry *e;
	int err;

	if (s->local_cnt == MODULES_MAX_LOCALS || find_local(s, dir))
		return 0;
	err = module_set__get(m, s, MODULE_FOLDER, dir, NULL, &e);
	if (err || !e)
		return err;
	e->u.dir = dir;
	s->locals[s->local_cnt++] = e;
	return 0;
}

/* A folder that a line of the file at path names. */
static int add_local(struct model *m, struct module_set_entry *s, enum module_origin origin, const char *name,
		     const char *dir, const char *path, unsigned int line)
{
	struct module_use_entry *e;
	const char *full;
	int err;

	err = resolve(m, path, dir, &full) ?: module_set__add_folder(m, s, full);
	e = err ? NULL : find_local(s, full);
	if (!e || e->u.declared_in)
		return err;
	e->u.origin = origin;
	e->u.declared_in = pool__get(m->pool, path);
	e->u.line = line;
	if (name)
		e->u.path = pool__get(m->pool, name);
	return e->u.declared_in && e->u.path ? 0 : -ENOMEM;
}

static int add_statements(struct model *m, struct module_set_entry *s, const struct gomod *g, const char *path)
{
	const struct gomod_stmt *st = NULL;
	struct gomod_replace r;
	int err = 0;

	while (!err && (st = gomod__find(g, "replace", st)))
		if (!gomod__replace(st, &r) && !r.new_version)
			err = add_local(m, s, MODULE_REPLACED, r.path, r.new_path, path, r.line);
	st = NULL;
	while (!err && (st = gomod__find(g, "use", st)))
		if (st->cnt)
			err = add_local(m, s, MODULE_WORKSPACE, NULL, st->words[0], path, st->line);
	return err;
}

/* The folder of the file is one that was named: now its module's path is known. */
static void name_local(struct model *m, struct module_set_entry *s, const char *path, const char *module)
{
	size_t n = strrchr(path, '/') - path;

	for (size_t i = 0; module && i < s->local_cnt; i++)
		if (strlen(s->locals[i]->u.dir) == n && !memcmp(s->locals[i]->u.dir, path, n))
			s->locals[i]->u.path = pool__get(m->pool, module) ?: s->locals[i]->u.path;
}

static int add_modules_txt(struct model *m, struct module_set_entry *s, const char *text)
{
	struct vendored *grown;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		size_t n;

		line += *line == '\n';
		n = strcspn(line, "\n");
		if (strncmp(line, "# ", 2) || s->vendored_cnt == MODULES_MAX)
			continue;
		if (!(s->vendored_cnt & (s->vendored_cnt - 1))) {
			grown = realloc(s->vendored, (s->vendored_cnt ? 2 * s->vendored_cnt : 1) * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			s->vendored = grown;
		}
		grown = &s->vendored[s->vendored_cnt];
		grown->path = pool__get_n(m->pool, line + 2, strcspn(line + 2, " \n"));
		grown->text = pool__get_n(m->pool, line + 2, n - 2);
		if (!grown->path || !grown->text)
			return -ENOMEM;
		s->vendored_cnt++;
	}
	return 0;
}

int module_set__add_file(struct model *m, struct module_set_entry *s, const struct rec *rec, const char *path)
{
	const char *text = rec__str(rec, "text"), *module, *rest;
	const struct roots *roots = model__roots(m, model__process(m, rec->proc));
	bool is_work = roots->work && str_eq(path, roots->work), is_main;
	__free_gomod struct gomod g = {};
	int err;

	if (!text)
		return 0;
	if (str_has_suffix(path, "/vendor/modules.txt"))
		return s->vendored_cnt ? 0 : add_modules_txt(m, s, text);
	is_main = roots->mod && str_eq(path, roots->mod);
	if (!is_work && !is_main && !str_has_suffix(path, ".mod"))
		return 0;
	if (roots__find(roots, path, &rest) == ROOT_GOMODCACHE)
		return 0;
	err = gomod__parse(text, strlen(text), &g);
	if (err)
		return err == -ENOMEM ? err : 0;
	module = gomod__word(&g, "module");
	name_local(m, s, path, module);
	if (is_main && module && !s->s.main_path) {
		s->s.main_path = pool__get(m->pool, module);
		if (!s->s.main_path)
			return -ENOMEM;
	}
	return is_main || is_work ? add_statements(m, s, &g, path) : 0;
}

/* --- the part, and questions --- */

int modules__open(struct model *m)
{
	m->modules = calloc(1, sizeof(*m->modules));
	return m->modules ? 0 : -ENOMEM;
}

static void free_set(struct module_set_entry *s)
{
	hash_free(&s->uses, free);
	free(s->vendored);
	free(s);
}

void modules__close(struct model *m)
{
	if (!m->modules)
		return;
	hash_free(&m->modules->by_go, free_set);
	free(m->modules);
}

const struct module_set *model__next_module_set(const struct model *m, const struct module_set *s)
{
	const struct module_set_entry *e = s ? container_of(s, struct module_set_entry, s)->hh.next : m->modules->by_go;

	return e ? &e->s : NULL;
}

const struct module_use *module_set__next(const struct module_set *s, const struct module_use *u)
{
	const struct module_use_entry *e = u ? container_of(u, struct module_use_entry, u)->hh.next :
					       container_of(s, struct module_set_entry, s)->uses;

	return e ? &e->u : NULL;
}

const char *module_set__vendored(const struct module_set *s, const struct module_use *u)
{
	const struct module_set_entry *e = container_of(s, struct module_set_entry, s);
	const struct vendored *best = NULL;

	for (size_t i = 0; i < e->vendored_cnt; i++) {
		const struct vendored *v = &e->vendored[i];
		size_t n = strlen(v->path);

		if (!strncmp(u->path, v->path, n) && (!u->path[n] || u->path[n] == '/') &&
		    (!best || n > strlen(best->path)))
			best = v;
	}
	return best ? best->text : NULL;
}

static void find_file(const struct module_set *s, const char *path, const char *setting,
		      struct module_file *ret)
{
	const struct effective *e = s->c ? command_settings__find(s->c->settings, setting) : NULL;
	const char *dir = s->c ? s->c->settings->dir : NULL, *rest;
	__free_str struct str at = {};

	*ret = (struct module_file){ .path = path, .confidence = e ? e->confidence : LIKELY };
	for (size_t i = 0; path && e && i < e->proof_cnt; i++)
		proof__add(&ret->proof, e->proof[i]);
	if (!path || !dir)
		return;
	str__add(&at, path, path__dir_len(path));
	rest = at.s ? path__below(at.s, dir) : NULL;
	ret->above = rest && *rest;
	for (; rest && *rest; rest++)
		ret->above += *rest == '/';
}

void module_set__go_mod(const struct module_set *s, struct module_file *ret)
{
	find_file(s, s->c ? s->c->settings->modfile : NULL, "GOMOD", ret);
}

void module_set__go_work(const struct module_set *s, struct module_file *ret)
{
	find_file(s, s->c ? s->c->settings->workfile : NULL, "GOWORK", ret);
}

static const struct effective *mod_flag(const struct module_set *s)
{
	return s->c ? command_settings__find(s->c->settings, "-mod") : NULL;
}

bool module_set__is_vendor_asked(const struct module_set *s)
{
	const struct effective *e = mod_flag(s);

	return e && e->won.value && str_eq(e->won.value, "vendor");
}

bool module_set__is_auto_vendor(const struct module_set *s, enum confidence *ret)
{
	const struct effective *flags = s->c ? command_settings__find(s->c->settings, "GOFLAGS") : NULL;

	*ret = flags && flags->confidence == PROVEN ? PROVEN : LIKELY;
	return s->vendor && !mod_flag(s) && !s->cache_reads;
}

const char *module_origin__name(enum module_origin o)
{
	static const char *const names[] = {
		[MODULE_MAIN]	   = "main",
		[MODULE_CACHE]	   = "module cache",
		[MODULE_VENDOR]	   = "vendor",
		[MODULE_REPLACED]  = "replace",
		[MODULE_WORKSPACE] = "workspace",
		[MODULE_FOLDER]	   = "folder",
	};

	return names[o];
}

const char *module_extraction__name(enum module_extraction e)
{
	static const char *const names[] = {
		[EXTRACTION_NONE]  = "none",
		[EXTRACTION_DONE]  = "done",
		[EXTRACTION_LEFT]  = "left",
		[EXTRACTION_FOUND] = "found",
	};

	return names[e];
}

bool module_set__has_vendored(const struct module_set *s, const char *path, const char *version)
{
	const struct module_set_entry *e = container_of(s, struct module_set_entry, s);
	size_t n = strlen(path);

	for (size_t i = 0; i < e->vendored_cnt; i++) {
		const char *text = e->vendored[i].text;

		if (!strncmp(text, path, n) && text[n] == ' ' && str_eq(text + n + 1, version))
			return true;
	}
	return false;
}
