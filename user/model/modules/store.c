/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The modules of go commands: the sets, and what go.mod, go.work and modules.txt say of them. */
#include <errno.h>

#include "golang/gomod.h"
#include "model/search/search.h"
#include "model/modules/store.h"

int module_set__of(struct model *m, uint64_t go, struct module_set_entry **ret)
{
	struct module_set_entry *s;

	HASH_FIND(hh, m->modules->by_go, &go, sizeof(go), s);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->s.go = go;
		HASH_ADD(hh, m->modules->by_go, s.go, sizeof(s->s.go), s);
		if (!hash__has(s)) {
			free(s);
			return -ENOMEM;
		}
	}
	*ret = s;
	return 0;
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
	HASH_FIND(hh, s->uses, &key.at, sizeof(key.at), e);
	if (!e && HASH_COUNT(s->uses) >= MODULES_MAX) {
		s->s.left_out++;
		return 0;
	}
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->at = key.at;
		e->u = (struct module_use){ .path = key.at.path, .version = key.at.version, .origin = origin };
		HASH_ADD(hh, s->uses, at, sizeof(e->at), e);
		if (!hash__has(e)) {
			free(e);
			return -ENOMEM;
		}
	}
	*ret = e;
	return 0;
}

/* --- what files say --- */

/* dir of a go.mod at from, "./", "../" and all: *ret is pooled. */
static int resolve(struct model *m, const char *from, const char *dir, const char **ret)
{
	__free_str struct str path = {};

	if (dir[0] != '/')
		str__add(&path, from, strrchr(from, '/') - from);
	while (*dir) {
		size_t n = strcspn(dir, "/");

		if (n == 2 && !memcmp(dir, "..", 2)) {
			while (path.len && path.s[path.len - 1] != '/')
				str__cut(&path, path.len - 1);
			if (path.len)
				str__cut(&path, path.len - 1);
		} else if (n && !(n == 1 && *dir == '.')) {
			str__addc(&path, '/');
			str__add(&path, dir, n);
		}
		dir += n + (dir[n] == '/');
	}
	if (str__err(&path))
		return -ENOMEM;
	*ret = pool__get(m->pool, path.len ? path.s : "/");
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
	bool is_work = str_has_suffix(path, "/go.work"), is_main;
	__free_gomod struct gomod g = {};
	int err;

	if (!text)
		return 0;
	if (str_has_suffix(path, "/vendor/modules.txt"))
		return s->vendored_cnt ? 0 : add_modules_txt(m, s, text);
	if (!is_work && !str_has_suffix(path, "/go.mod"))
		return 0;
	if (roots__find(roots, path, &rest) == ROOT_GOMODCACHE)
		return 0;
	err = gomod__parse(text, strlen(text), &g);
	if (err)
		return err == -ENOMEM ? err : 0;
	module = gomod__word(&g, "module");
	is_main = roots->dir[ROOT_MODULE] && !strncmp(path, roots->dir[ROOT_MODULE], strlen(roots->dir[ROOT_MODULE])) &&
		  str_eq(path + strlen(roots->dir[ROOT_MODULE]), "/go.mod");
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

void modules__close(struct model *m)
{
	struct module_set_entry *s, *next;
	struct module_use_entry *e, *next_e;

	if (!m->modules)
		return;
	HASH_ITER(hh, m->modules->by_go, s, next) {
		HASH_ITER(hh, s->uses, e, next_e) {
			HASH_DEL(s->uses, e);
			free(e);
		}
		HASH_DEL(m->modules->by_go, s);
		free(s->vendored);
		free(s);
	}
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

static void find_file(const struct model *m, const struct module_set *s, enum ladder_purpose purpose,
		      struct module_file *ret)
{
	const struct ladder *l = model__ladder(m, s->go, purpose);
	struct ladder_verdict v;
	size_t n;

	*ret = (struct module_file){ .confidence = PROVEN };
	if (!l)
		return;
	ladder__judge(m, l, &v);
	ret->confidence = v.confidence;
	if (!v.won)
		return;
	ret->path = v.won->path;
	proof__add(&ret->proof, v.won->ts);
	n = strrchr(v.won->path, '/') - v.won->path;
	/* The working directory may have been named through a link: then nothing is counted. */
	if (!l->cwd || strncmp(l->cwd, v.won->path, n))
		return;
	for (const char *below = l->cwd + n; *below; below++)
		ret->above += *below == '/' && below[1];
}

void module_set__go_mod(const struct model *m, const struct module_set *s, struct module_file *ret)
{
	find_file(m, s, LADDER_GO_MOD, ret);
}

void module_set__go_work(const struct model *m, const struct module_set *s, struct module_file *ret)
{
	find_file(m, s, LADDER_GO_WORK, ret);
}

bool module_set__is_auto_vendor(const struct module_set *s, enum confidence *ret)
{
	*ret = s->flags_are_known ? PROVEN : LIKELY;
	return s->vendor && !s->vendor_is_asked && !s->cache_reads;
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
