/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The directories that a go command works with: predicted at its start, corrected by evidence. */
#include <errno.h>

#include "model/hash.h"
#include "model/topic.h"
#include "model/process.h"
#include "model/roots.h"

static const char *const root_names[] = {
#define X(id, name) [ROOT_##id] = name,
	ROOT_LIST(X)
#undef X
};

const char *root__name(enum root root)
{
	return root_names[root];
}

struct root_set {
	struct roots r;
	UT_hash_handle hh;	/* by go */
};

struct root_sets {
	struct root_set *by_go;
	struct roots none;	/* of processes that work for no go command */
};

static struct root_set *find_set(const struct root_sets *sets, uint64_t go)
{
	struct root_set *s = NULL;

	if (go)
		HASH_FIND(hh, sets->by_go, &go, sizeof(go), s);
	return s;
}

/* Sets a root to the first n bytes of dir; relative ones say nothing. */
static int set_n(struct model *m, struct roots *r, enum root root, const char *dir, size_t n)
{
	const char *kept;

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n < 2 || dir[0] != '/')
		return 0;
	kept = pool__get_n(m->pool, dir, n);
	if (!kept)
		return -ENOMEM;
	r->dir[root] = kept;
	return 0;
}

static int set(struct model *m, struct roots *r, enum root root, const char *dir)
{
	return dir ? set_n(m, r, root, dir, strlen(dir)) : 0;
}

/* The same for the directory tail below dir. */
static int set_below(struct model *m, struct roots *r, enum root root, const char *dir, size_t n,
		     const char *tail)
{
	__free_str struct str path = {};

	while (n > 1 && dir[n - 1] == '/')
		n--;
	str__add(&path, dir, n);
	str__adds(&path, tail);
	return str__err(&path) ?: set_n(m, r, root, path.s, path.len);
}

/* The GOROOT that an executable of the toolchain lies in. */
static int set_goroot_by_exe(struct model *m, struct roots *r, const char *exe)
{
	const char *end = exe ? strstr(exe, "/pkg/tool/") : NULL;

	if (!end && exe && str_has_suffix(exe, "/bin/go"))
		end = exe + strlen(exe) - strlen("/bin/go");
	return end ? set_n(m, r, ROOT_GOROOT, exe, end - exe) : 0;
}

static const char *get_env(const struct jsonv *env, const char *name)
{
	const char *v = jsonv__kstr(env, name);

	return v && *v ? v : NULL;	/* go takes an empty variable for an unset one */
}

/* What go would take when neither file nor variable says otherwise. */
static int predict(struct model *m, struct roots *r, const struct jsonv *env)
{
	const char *home = get_env(env, "HOME"), *xdg = get_env(env, "XDG_CACHE_HOME");
	const char *gopath = get_env(env, "GOPATH");
	int err = 0;

	if (xdg)
		err = set_below(m, r, ROOT_GOCACHE, xdg, strlen(xdg), "/go-build");
	else if (home)
		err = set_below(m, r, ROOT_GOCACHE, home, strlen(home), "/.cache/go-build");
	if (err)
		return err;
	if (gopath)
		return set_below(m, r, ROOT_GOMODCACHE, gopath, strcspn(gopath, ":"), "/pkg/mod");
	return home ? set_below(m, r, ROOT_GOMODCACHE, home, strlen(home), "/go/pkg/mod") : 0;
}

static int set_by_env(struct model *m, struct roots *r, const struct jsonv *env)
{
	static const struct {
		enum root root;
		const char *name;
	} named[] = {
		{ ROOT_HOME,       "HOME" },
		{ ROOT_GOROOT,     "GOROOT" },
		{ ROOT_GOCACHE,    "GOCACHE" },
		{ ROOT_GOMODCACHE, "GOMODCACHE" },
	};
	const char *goenv = get_env(env, "GOENV");
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		err = set(m, r, named[i].root, get_env(env, named[i].name));
		if (err)
			return err;
	}
	if (!goenv || goenv[0] != '/')
		return 0;
	r->goenv = pool__get(m->pool, goenv);
	return r->goenv ? 0 : -ENOMEM;
}

static int add_go(struct model *m, const struct process *p, const struct jsonv *env)
{
	struct root_set *s = find_set(m->roots, p->proc);

	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->r.go = p->proc;
		HASH_ADD(hh, m->roots->by_go, r.go, sizeof(s->r.go), s);
		if (!hash__has(s)) {
			free(s);
			return -ENOMEM;
		}
	}
	return predict(m, &s->r, env) ?: set_goroot_by_exe(m, &s->r, p->exe) ?:
	       set_by_env(m, &s->r, env);
}

static int add_exec(struct model *m, const struct rec *rec)
{
	const struct jsonv *env = jsonv__get(rec->root, "env");
	const struct process *p = model__process(m, rec->proc);
	struct root_set *s;

	if (!p)
		return 0;
	if (p->role == TOOL_GO)
		return add_go(m, p, env);
	s = find_set(m->roots, p->go);
	if (!s)
		return m->roots->none.dir[ROOT_HOME] ? 0 :
		       set(m, &m->roots->none, ROOT_HOME, get_env(env, "HOME"));
	/* Programs that go runs may have any environment; its tools have the resolved one. */
	if (!tool_role__is_go_tool(p->role))
		return 0;
	return set_goroot_by_exe(m, &s->r, p->exe) ?: set_by_env(m, &s->r, env);
}

/* "/tmp/go-build123/…": the length up to the end of the digits, 0 when it is not there. */
static size_t work_len(const char *path)
{
	const char *p = strstr(path, "/go-build");
	size_t digits;

	if (!p)
		return 0;
	p += strlen("/go-build");
	digits = strspn(p, "0123456789");
	return digits && (!p[digits] || p[digits] == '/') ? p + digits - path : 0;
}

static bool is_inside(const char *path, const char *dir)
{
	size_t n = dir ? strlen(dir) : 0;

	return n && !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

/* The main module's directory: that of the first go.mod at or above the working directory. */
static int see_go_mod(struct model *m, struct roots *r, const struct process *p, const char *path)
{
	size_t n = strlen(path) - strlen("/go.mod");
	__free_mem char *dir = strndup(path, n);

	if (!dir)
		return -ENOMEM;
	if (!n || !p->cwd || !is_inside(p->cwd, dir))
		return 0;
	return set_n(m, r, ROOT_MODULE, dir, n);
}

static int see_path(struct model *m, struct roots *r, const struct process *p,
		    const struct rec *rec, const char *path)
{
	const char *hash;
	size_t n;
	char which;

	hash = cache_entry__hash(path, &which);
	if (hash)
		return is_inside(path, r->dir[ROOT_GOCACHE]) ? 0 :
		       set_n(m, r, ROOT_GOCACHE, path, hash - path - strlen("/XX/"));
	/* A look-up that failed shows the cache's place as well as any; not so a go.mod. */
	if (p->role != TOOL_GO || rec__str(rec, "err"))
		return 0;
	if (rec->kind == REC_MKDIR && !r->dir[ROOT_WORK]) {
		n = work_len(path);
		return n ? set_n(m, r, ROOT_WORK, path, n) : 0;
	}
	if (!r->dir[ROOT_MODULE] && (rec->kind == REC_OPEN || rec->kind == REC_STAT) &&
	    str_has_suffix(path, "/go.mod"))
		return see_go_mod(m, r, p, path);
	return 0;
}

static int roots__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	struct root_set *s;
	const char *path;

	if (rec->kind == REC_EXEC)
		return add_exec(m, rec);
	if (rec->kind != REC_OPEN && rec->kind != REC_STAT && rec->kind != REC_MKDIR)
		return 0;
	p = model__process_of(m, rec);
	s = p ? find_set(m->roots, p->go) : NULL;
	path = s ? rec__str(rec, "path") : NULL;
	return path ? see_path(m, &s->r, p, rec, path) : 0;
}

static int roots__open(struct model *m)
{
	m->roots = calloc(1, sizeof(*m->roots));
	return m->roots ? 0 : -ENOMEM;
}

static void roots__close(struct model *m)
{
	struct root_set *s, *next;

	if (!m->roots)
		return;
	HASH_ITER(hh, m->roots->by_go, s, next) {
		HASH_DEL(m->roots->by_go, s);
		free(s);
	}
	free(m->roots);
}

const struct topic topic_roots = {
	.name = "roots", .scope = MODEL_CORE,
	.open = roots__open, .add = roots__add, .close = roots__close,
};

const struct roots *model__roots(const struct model *m, const struct process *p)
{
	const struct root_set *s = p ? find_set(m->roots, p->go) : NULL;

	return s ? &s->r : &m->roots->none;
}

enum root roots__find(const struct roots *r, const char *path, const char **ret_rest)
{
	enum root best = ROOT_CNT;
	size_t n, best_len = 0;

	for (int i = 0; i < ROOT_CNT; i++) {
		n = r->dir[i] ? strlen(r->dir[i]) : 0;
		if (n > best_len && is_inside(path, r->dir[i])) {
			best = i;
			best_len = n;
		}
	}
	*ret_rest = path + best_len;
	return best;
}
