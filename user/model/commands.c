/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The go commands of a record: what a record says of each. */
#include <errno.h>

#include "golang/settings.h"
#include "model/commands.h"
#include "model/images.h"
#include "model/topic.h"
#include "record/facts.h"
#include "util/path.h"

#define MAX_LOOKUPS	512
#define MAX_IMAGES	8	/* of one process, one after the other */
#define MAX_ANCESTORS	4	/* between a go command and the one that switched to it */

struct commands {
	struct go_command *by_proc;
};

static struct go_command *find(const struct model *m, uint64_t proc)
{
	return proc ? hash_find(m->commands->by_proc, proc, &proc) : NULL;
}

struct go_command *commands__find(struct model *m, uint64_t proc)
{
	return find(m, proc);
}

const struct go_command *model__command(const struct model *m, uint64_t proc)
{
	const struct go_command *c = find(m, proc);

	return c && c->p->role == TOOL_GO ? c : NULL;
}

const struct go_command *model__command_of(const struct model *m, const struct process *p)
{
	return p ? model__command(m, p->go) : NULL;
}

const struct go_command *model__next_command(const struct model *m, const struct go_command *c)
{
	c = c ? c->hh.next : m->commands->by_proc;
	while (c && c->p->role != TOOL_GO)
		c = c->hh.next;
	return c;
}

const char *go_command__var(const struct go_command *c, const char *name)
{
	return environment__get_set(c->env, name);
}

const struct lookup *go_command__lookup(const struct go_command *c, const char *path)
{
	const struct lookup *failed = NULL;

	for (size_t i = 0; i < c->lookup_cnt; i++) {
		const struct lookup *l = &c->lookups[i];

		if (!str_eq(l->path, path) && !str_eq(l->as, path))
			continue;
		if (!l->err)
			return l;
		failed = failed ?: l;
	}
	return failed;
}

const struct lookup *go_command__open(const struct go_command *c, const char *path)
{
	for (size_t i = 0; i < c->lookup_cnt; i++)
		if (c->lookups[i].kind == REC_OPEN &&
		    (str_eq(c->lookups[i].path, path) || str_eq(c->lookups[i].as, path)))
			return &c->lookups[i];
	return NULL;
}

const char *go_command__version(const struct model *m, const struct go_command *c)
{
	const struct image *i = model__image_of(m, c->p);

	return i && i->go ? i->go : environment__get_set(c->tools.env, "GOVERSION");
}

/* --- what it was given --- */

/* What may turn out to be a go command as soon as its executable is inspected. */
static bool may_be_go(enum tool_role role)
{
	return role == TOOL_GO || role == TOOL_GO_PROGRAM || role == TOOL_PROGRAM ||
	       role == TOOL_UNKNOWN || role == TOOL_GO_WRAPPER;
}

static int add_command(struct model *m, const struct rec *rec, const struct process *p)
{
	struct go_command *c = hash_get(&m->commands->by_proc, proc, &p->proc);

	if (!c)
		return -ENOMEM;
	c->p = p;
	c->env = p->env;
	c->roots.go = p->proc;
	return pool__set(m->pool, &c->cgroup, rec__str(rec, "cgroup"));
}

/* --- what its tools received --- */

/* Go always passes these: without them, somebody in between has taken variables away. */
static bool is_whole(const struct environment *e)
{
	return environment__get(e, "GOROOT") && environment__get(e, "GOOS") && environment__get(e, "GOARCH");
}

/* A later tool: which settings has it got otherwise than the first one? */
static int compare_tool(struct go_command *c, const struct environment *e)
{
	const struct setting *all;
	size_t n;

	if (e == c->tools.env)	/* equal ones are kept once */
		return 0;
	all = setting__all(&n);
	if (!c->tools.varies)
		c->tools.varies = calloc(n, sizeof(*c->tools.varies));
	if (!c->tools.varies)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *first = environment__get(c->tools.env, all[i].name) ?: "";
		const char *now = environment__get(e, all[i].name) ?: "";

		/* With -trimpath the linker is given an empty GOROOT, by design. */
		if (str_eq(all[i].name, "GOROOT") && (!*first || !*now))
			continue;
		c->tools.varies[i] |= !str_eq(first, now);
	}
	return 0;
}

static int keep_godebug(struct model *m, struct go_command *c, const struct process *p)
{
	__free_mem const char **words = process__argv(p);
	struct tool_args args;

	if (!words)
		return -ENOMEM;
	tool__args(p->role, words, p->arg_cnt, &args);
	if (c->godebug.is_linked) {	/* each program has its own //go:debug lines */
		c->godebug.varies |= !str_eq(args.godebug ?: "", c->godebug.value ?: "");
		return 0;
	}
	c->godebug.is_linked = true;
	c->godebug.ts = p->start;
	if (!args.godebug)
		return 0;
	c->godebug.value = pool__get(m->pool, args.godebug);
	return c->godebug.value ? 0 : -ENOMEM;
}

static bool is_witness(enum tool_role role)
{
	return tool_role__is_go_tool(role) || role == TOOL_CC || role == TOOL_TOOLEXEC ||
	       role == TOOL_PKG_CONFIG;
}

/* Programs that go runs may get any environment; its tools get the resolved one. */
static int add_tool(struct model *m, const struct rec *rec, const struct process *p)
{
	struct go_command *c = find(m, p->parent);
	const struct environment *e;
	int err;

	if (!c || !is_witness(p->role) || rec__is_incomplete(rec, "env") || !jsonv__get(rec->root, "env"))
		return 0;
	if (p->role == TOOL_LINK && !p->probe) {
		err = keep_godebug(m, c, p);
		if (err)
			return err;
	}
	e = model__environment(m, rec);
	if (!e)
		return -ENOMEM;
	if (c->tools.is_whole || (c->tools.env && !is_whole(e))) {
		err = is_whole(e) ? compare_tool(c, e) : 0;
		model__release_environment(m, e);
		return err;
	}
	model__release_environment(m, c->tools.env);
	c->tools.env = e;
	c->tools.ts = rec->ts;
	c->tools.is_whole = is_whole(e);
	return 0;
}

static int add_exec(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process(m, rec->proc);

	if (!p)
		return 0;
	return may_be_go(p->role) ? add_command(m, rec, p) : add_tool(m, rec, p);
}

/* --- what it looked at --- */

static bool is_compiler(const char *path)
{
	const char *name = path__base(path);

	return str_eq(name, "cc") || str_has_suffix(name, "gcc") || str_has_suffix(name, "clang");
}

/* Those of the module cache are of dependencies: many, and none of them decides anything. */
static bool is_of_module_cache(const char *path)
{
	return strstr(path, "/@v/") || strchr(path, '@');
}

/* Files of settings are told by what the command was given, or by the names that they have. */
static bool is_telling(const struct go_command *c, enum rec_kind kind, const char *as, const char *path)
{
	static const char *const endings[] = { "/go/env", "/go.env", "/pkg/tool", "/telemetry/mode", "/vendor" };
	const char *goenv = go_command__var(c, "GOENV"), *gowork = go_command__var(c, "GOWORK");

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (str_has_suffix(path, endings[i]))
			return true;
	if (str_has_suffix(path, ".mod") || str_has_suffix(path, ".work"))
		return !is_of_module_cache(path);
	return (kind == REC_STAT && is_compiler(path)) || (goenv && str_eq(as, goenv)) ||
	       (gowork && str_eq(as, gowork));
}

static bool is_search(const struct lookup *l)
{
	return path__is_named(l->as, "go.mod") || path__is_named(l->as, "go.work");
}

static bool has_searched(const struct go_command *c)
{
	for (size_t i = 0; i < c->lookup_cnt; i++)
		if (is_search(&c->lookups[i]))
			return true;
	return false;
}

/* Go changes its directory for -C, before it looks for its module; and for nothing else. */
static int set_dir(struct model *m, struct go_command *c, const char *path)
{
	return has_searched(c) ? 0 : pool__set(m->pool, &c->moved_to, path);
}

/* Where go's search for its module begins, by the name that go has for its working directory. */
static int see_search(struct model *m, struct go_command *c, const char *as)
{
	__free_str struct str dir = {};

	if (as[0] != '/' || (!path__is_named(as, "go.mod") && !path__is_named(as, "go.work")) || has_searched(c))
		return 0;
	str__add(&dir, as, path__dir_len(as));
	return str__err(&dir) ?: pool__set(m->pool, &c->search_dir, dir.s);
}

static void release(struct model *m, const struct lookup *l)
{
	pool__put(m->pool, l->as);
	pool__put(m->pool, l->path);
	pool__put(m->pool, l->err);
}

static int add_lookup(struct model *m, struct go_command *c, const struct rec *rec)
{
	const char *as = rec__str(rec, "as") ?: rec->path;
	struct lookup l = { .kind = rec->kind, .ts = rec->ts, .is_dir = rec__is_directory(rec) };
	struct lookup *list = c->lookups;

	if (c->lookup_cnt >= MAX_LOOKUPS || !is_telling(c, rec->kind, as, rec->path))
		return 0;
	if (see_search(m, c, as))
		return -ENOMEM;
	l.as = pool__get(m->pool, as);
	l.path = pool__get(m->pool, rec->path);
	l.err = pool__get(m->pool, rec->err);
	if (!l.as || !l.path || (rec->err && !l.err))
		return -ENOMEM;
	for (size_t i = 0; i < c->lookup_cnt; i++)
		if (list[i].kind == l.kind && list[i].path == l.path && !list[i].err == !l.err) {
			release(m, &l);
			return 0;
		}
	if (!(c->lookup_cnt & (c->lookup_cnt - 1)))
		list = realloc(list, (c->lookup_cnt ? 2 * c->lookup_cnt : 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	c->lookups = list;
	list[c->lookup_cnt++] = l;
	return 0;
}

static int commands__add(struct model *m, const struct rec *rec)
{
	struct go_command *c;

	switch (rec->kind) {
	case REC_EXEC:
		return add_exec(m, rec);
	case REC_CHDIR:
		c = rec->path && !rec->err ? find(m, rec->proc) : NULL;
		return c ? set_dir(m, c, rec->path) : 0;
	case REC_READLINK:
		c = rec->path && !rec->err && !str_has_prefix(rec->path, "/proc/") ? find(m, rec->proc) : NULL;
		if (c)
			c->reads_links = true;
		return 0;
	case REC_OPEN:
	case REC_STAT:
		c = rec->path ? find(m, rec->proc) : NULL;
		return c ? add_lookup(m, c, rec) : 0;
	default:
		return 0;
	}
}

/* --- in the end --- */

static const struct go_command *go_in_chain(const struct model *m, const struct process *p,
					    const char *version)
{
	for (int i = 0; p && i < MAX_IMAGES; i++, p = model__process(m, p->prev)) {
		if (p->role == TOOL_GO && p->has_exec)
			return model__command(m, p->proc);
		/* The variable came from elsewhere: nobody in between was started with it. */
		if (!str_eq(environment__get(p->env, SWITCH_VERSION) ?: "", version))
			return NULL;
	}
	return NULL;
}

/*
 * The go that ran in this process before handed over to this one, perhaps through a script; or it
 * ran a program called like a Go version, which started this one.
 */
static const struct go_command *find_before(const struct model *m, const struct go_command *c)
{
	const struct process *p = model__process(m, c->p->prev);
	const char *version = go_command__var(c, SWITCH_VERSION);
	const struct go_command *before;

	if (p && p->role == TOOL_GO && p->has_exec)
		return model__command(m, p->proc);
	if (!version)
		return NULL;
	before = go_in_chain(m, p, version);
	p = model__process(m, c->p->parent);
	for (int i = 0; !before && p && i < MAX_ANCESTORS; i++, p = model__process(m, p->parent))
		before = go_in_chain(m, p, version);
	return before;
}

static void count(struct model *m)
{
	const struct process *p;

	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		struct go_command *c = find(m, p->go);

		if (!c)
			continue;
		c->accesses += p->accesses;
		c->failed += p->failed;
		if (!p->has_exec || p == c->p)
			continue;
		if (p->probe)
			c->probes++;
		else
			c->roles[p->role]++;
	}
}

static int by_start(const struct go_command *a, const struct go_command *b)
{
	if (a->p->start != b->p->start)
		return a->p->start < b->p->start ? -1 : 1;
	return a->proc < b->proc ? -1 : a->proc > b->proc;
}

static int commands__finish(struct model *m)
{
	struct go_command *c, *before;

	HASH_SORT(m->commands->by_proc, by_start);
	hash_each(m->commands->by_proc, c) {
		c->before = find_before(m, c);
		before = c->before && c->p->role == TOOL_GO ? find(m, c->before->proc) : NULL;
		if (before)
			before->has_after = true;
	}
	count(m);
	return 0;
}

/* --- life --- */

static int commands__open(struct model *m)
{
	m->commands = calloc(1, sizeof(*m->commands));
	return m->commands ? 0 : -ENOMEM;
}

static void free_command(struct go_command *c)
{
	free(c->lookups);
	free(c->tools.varies);
	free(c);
}

/* What it alone holds is given back. */
static void commands__retire(struct model *m, const struct process *p)
{
	struct go_command *c = find(m, p->proc);

	if (!c)
		return;
	for (size_t i = 0; i < c->lookup_cnt; i++)
		release(m, &c->lookups[i]);
	pool__put(m->pool, c->cgroup);
	pool__put(m->pool, c->moved_to);
	pool__put(m->pool, c->search_dir);
	pool__put(m->pool, c->godebug.value);
	roots__release(m->pool, &c->roots);
	model__release_environment(m, c->tools.env);
	hash_remove(&m->commands->by_proc, c);
	free_command(c);
}

static void commands__close(struct model *m)
{
	if (!m->commands)
		return;
	hash_free(&m->commands->by_proc, free_command);
	free(m->commands);
}

const struct topic topic_commands = {
	.name = "commands", .scope = MODEL_CORE,
	.open = commands__open, .add = commands__add, .finish = commands__finish,
	.retire = commands__retire, .close = commands__close,
};
