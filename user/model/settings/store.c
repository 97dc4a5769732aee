/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a record says about settings: kept for each go command until somebody asks. */
#include <errno.h>

#include "model/settings/store.h"
#include "record/facts.h"

#define MAX_VARS 1024

const char *env__get(const struct env *e, const char *name)
{
	for (size_t i = 0; i < e->cnt; i++)
		if (str_eq(e->vars[i].name, name))
			return e->vars[i].value;
	return NULL;
}

static int keep_env(struct model *m, const struct rec *rec, struct env *e)
{
	const struct jsonv *obj = jsonv__get(rec->root, "env"), *v;
	size_t n = 0;

	for (v = jsonv__first(obj); v && n < MAX_VARS; v = jsonv__next(v))
		n++;
	free(e->vars);
	*e = (struct env){ .vars = calloc(n + 1, sizeof(*e->vars)) };
	if (!e->vars)
		return -ENOMEM;
	for (v = jsonv__first(obj); v && e->cnt < n; v = jsonv__next(v)) {
		struct var *var = &e->vars[e->cnt];

		var->name = pool__get(m->pool, jsonv__name(v));
		var->value = pool__get(m->pool, jsonv__string(v) ?: "");
		if (!var->name || !var->value)
			return -ENOMEM;
		e->cnt++;
	}
	e->is_known = obj && !rec__is_incomplete(rec, "env");
	return 0;
}

static struct go_state *find(const struct model *m, uint64_t proc)
{
	struct go_state *g = NULL;

	if (proc)
		HASH_FIND(hh, m->settings->by_proc, &proc, sizeof(proc), g);
	return g;
}

const struct go_state *settings__state(const struct model *m, uint64_t proc)
{
	return find(m, proc);
}

/* What may turn out to be a go command as soon as its executable is looked at. */
static bool may_be_go(enum tool_role role)
{
	return role == TOOL_GO || role == TOOL_GO_PROGRAM || role == TOOL_PROGRAM ||
	       role == TOOL_UNKNOWN || role == TOOL_GO_WRAPPER;
}

static int add_command(struct model *m, const struct rec *rec, const struct process *p)
{
	struct go_state *g = find(m, p->proc);
	int err;

	if (!g) {
		g = calloc(1, sizeof(*g));
		if (!g)
			return -ENOMEM;
		g->proc = p->proc;
		HASH_ADD(hh, m->settings->by_proc, proc, sizeof(g->proc), g);
		if (!hash__has(g)) {
			free(g);
			return -ENOMEM;
		}
	}
	g->dir = p->cwd;
	err = keep_env(m, rec, &g->own);
	g->goenv = env__get(&g->own, "GOENV");
	return err;
}

/* Go always passes these: without them, somebody in between has taken variables away. */
static bool is_whole(const struct jsonv *env)
{
	return jsonv__get(env, "GOROOT") && jsonv__get(env, "GOOS") && jsonv__get(env, "GOARCH");
}

/* A later tool: which settings has it got otherwise than the first one? */
static int compare_tool(struct go_state *g, const struct rec *rec)
{
	const struct jsonv *env = jsonv__get(rec->root, "env");
	const struct setting *all;
	size_t n;

	all = setting__all(&n);
	if (!g->varies)
		g->varies = calloc(n, sizeof(*g->varies));
	if (!g->varies)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *first = env__get(&g->tools, all[i].name) ?: "";

		g->varies[i] |= !str_eq(first, jsonv__kstr(env, all[i].name) ?: "");
	}
	return 0;
}

static int keep_godebug(struct model *m, struct go_state *g, const struct process *p)
{
	__free_mem const char **words = calloc(p->arg_cnt + 1, sizeof(*words));
	struct tool_args args;
	const char *arg = NULL;

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < p->arg_cnt; i++)
		words[i] = arg = process__next_arg(p, arg);
	tool__args(p->role, words, p->arg_cnt, &args);
	if (!args.godebug)
		return 0;
	g->godebug = pool__get(m->pool, args.godebug);
	g->godebug_ts = p->start;
	return g->godebug ? 0 : -ENOMEM;
}

static bool is_witness(enum tool_role role)
{
	return tool_role__is_go_tool(role) || role == TOOL_CC || role == TOOL_TOOLEXEC ||
	       role == TOOL_PKG_CONFIG;
}

/* Programs that go runs may get any environment; its tools get the resolved one. */
static int add_tool(struct model *m, const struct rec *rec, const struct process *p)
{
	const struct jsonv *env = jsonv__get(rec->root, "env");
	struct go_state *g = find(m, p->parent);
	int err;

	if (!g || !is_witness(p->role) || rec__is_incomplete(rec, "env") || !env)
		return 0;
	if (p->role == TOOL_LINK && !p->probe && !g->godebug) {
		err = keep_godebug(m, g, p);
		if (err)
			return err;
	}
	if (g->tools_whole)
		return is_whole(env) ? compare_tool(g, rec) : 0;
	if (g->tools.is_known && !is_whole(env))
		return 0;
	g->tools_ts = rec->ts;
	g->tools_whole = is_whole(env);
	return keep_env(m, rec, &g->tools);
}

static int add_exec(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process(m, rec->proc);

	if (!p)
		return 0;
	return may_be_go(p->role) ? add_command(m, rec, p) : add_tool(m, rec, p);
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_compiler(const char *path)
{
	const char *name = base(path);

	return str_eq(name, "cc") || str_has_suffix(name, "gcc") || str_has_suffix(name, "clang");
}

static bool is_telling(const struct go_state *g, enum rec_kind kind, const char *as,
		       const char *path)
{
	static const struct {
		const char *s;
		size_t n;
	} endings[] = {
#define ENDING(text) { text, sizeof(text) - 1 }
		ENDING("/go/env"), ENDING("/go.env"), ENDING("/go.mod"), ENDING("/go.work"),
		ENDING("/pkg/tool"), ENDING("/telemetry/mode"),
#undef ENDING
	};
	size_t n = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (n >= endings[i].n &&
		    !memcmp(path + n - endings[i].n, endings[i].s, endings[i].n))
			return true;
	return (kind == REC_STAT && is_compiler(path)) || (g->goenv && str_eq(as, g->goenv));
}

static int add_look(struct model *m, struct go_state *g, const struct rec *rec, const char *path)
{
	const char *as = g->goenv ? rec__str(rec, "as") ?: path : path, *err;
	struct look l = { .kind = rec->kind, .ts = rec->ts };
	struct look *list;

	if (g->look_cnt >= MAX_LOOKS || !is_telling(g, rec->kind, as, path))
		return 0;
	as = rec__str(rec, "as") ?: path;
	err = rec__str(rec, "err");
	l.is_dir = str_eq(rec__str(rec, "type") ?: "", "dir");
	l.as = pool__get(m->pool, as);
	l.path = pool__get(m->pool, path);
	l.err = pool__get(m->pool, err);
	if (!l.as || !l.path || (err && !l.err))
		return -ENOMEM;
	for (size_t i = 0; i < g->look_cnt; i++)
		if (g->looks[i].kind == l.kind && g->looks[i].path == l.path &&
		    !g->looks[i].err == !l.err)
			return 0;
	list = g->look_cnt & (g->look_cnt - 1) ? g->looks :
	       realloc(g->looks, (g->look_cnt ? 2 * g->look_cnt : 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	g->looks = list;
	list[g->look_cnt++] = l;
	return 0;
}

static struct snapshot *find_snapshot(const struct model *m, const char *path)
{
	struct snapshot *s;

	HASH_FIND(hh, m->settings->by_path, path, strlen(path), s);
	return s;
}

const struct snapshot *settings__snapshot(const struct model *m, const char *path)
{
	return find_snapshot(m, path);
}

/* Names change, contents are written: what is in the record may not be what a later open finds. */
static void see_change(struct model *m, const struct rec *rec, const char *path)
{
	struct snapshot *s = path && m->settings->by_path ? find_snapshot(m, path) : NULL;

	if (s && s->changed < 0 && rec->ts > s->ts)
		s->changed = rec->ts;
}

/* Before that, -C may change where it works. */
static bool has_looked_for_module(const struct go_state *g)
{
	for (size_t i = 0; i < g->look_cnt; i++)
		if (str_has_suffix(g->looks[i].path, "/go.mod") ||
		    str_has_suffix(g->looks[i].path, "/go.work"))
			return true;
	return false;
}

static int add_access(struct model *m, const struct rec *rec)
{
	const char *path = rec__str(rec, "path");
	struct go_state *g = find(m, rec->proc);
	bool failed = rec__str(rec, "err");

	if (!path)
		return 0;
	if (g && rec->kind == REC_CHDIR && !failed && !has_looked_for_module(g)) {
		g->dir = pool__get(m->pool, path);
		return g->dir ? 0 : -ENOMEM;
	}
	if (m->settings->by_path && rec__changes_path(rec)) {
		see_change(m, rec, path);
		see_change(m, rec, rec__str(rec, "path2"));
	}
	if (!g || (rec->kind != REC_OPEN && rec->kind != REC_STAT))
		return 0;
	return add_look(m, g, rec, path);
}

static bool is_importcfg(const char *path)
{
	return str_has_suffix(path, "/importcfg") || str_has_suffix(path, "/importcfg.link") ||
	       str_has_suffix(path, "/modules.txt");
}

static int64_t mtime_of(const struct model *m, const struct rec *rec)
{
	int64_t ns = rec__mtime(rec);

	return ns > 0 && m->settings->start > 0 ? ns - m->settings->start : INT64_MIN;
}

static int add_file(struct model *m, const struct rec *rec)
{
	const char *path = rec__str(rec, "path"), *text = rec__str(rec, "text");
	struct snapshot *s, *older;

	if (!path || is_importcfg(path))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct snapshot){ .path = pool__get(m->pool, path), .ts = rec->ts, .changed = -1,
				 .mtime = mtime_of(m, rec) };
	if (text && !rec__is_incomplete(rec, "text")) {
		s->text = strdup(text);
		s->size = strlen(text);
	}
	older = find_snapshot(m, path);
	if (older)
		HASH_DEL(m->settings->by_path, older);
	s->older = older;
	if (s->path)
		HASH_ADD_KEYPTR(hh, m->settings->by_path, s->path, strlen(s->path), s);
	if (s->path && hash__has(s) && (s->text || !text || rec__is_incomplete(rec, "text")))
		return 0;
	if (!s->path || !hash__has(s)) {
		for (; s; s = older) {
			older = s->older;
			free(s->text);
			free(s);
		}
	}
	return -ENOMEM;
}

static int settings__add(struct model *m, const struct rec *rec)
{
	switch (rec->kind) {
	case REC_EXEC:
		return add_exec(m, rec);
	case REC_HEADER:
		m->settings->start = rfc3339__ns(rec__str(rec, "start"));
		return 0;
	case REC_FILE:
		return add_file(m, rec);
	default:
		return kind__is_access(rec->kind) ? add_access(m, rec) : 0;
	}
}

static int settings__open(struct model *m)
{
	m->settings = calloc(1, sizeof(*m->settings));
	return m->settings ? 0 : -ENOMEM;
}

static void settings__close(struct model *m)
{
	struct snapshot *s, *next_s, *older;
	struct go_state *g, *next;

	if (!m->settings)
		return;
	HASH_ITER(hh, m->settings->by_proc, g, next) {
		HASH_DEL(m->settings->by_proc, g);
		free(g->own.vars);
		free(g->tools.vars);
		free(g->varies);
		free(g->looks);
		free(g);
	}
	HASH_ITER(hh, m->settings->by_path, s, next_s) {
		HASH_DEL(m->settings->by_path, s);
		for (; s; s = older) {
			older = s->older;
			free(s->text);
			free(s);
		}
	}
	free(m->settings);
}

const struct topic topic_settings = {
	.name = "settings", .scope = MODEL_ALL,
	.open = settings__open, .add = settings__add, .close = settings__close,
};
