/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes of a record: who started whom, what it was, how it ended. */
#include <errno.h>

#include "model/topic.h"
#include "model/environment.h"
#include "model/process.h"
#include "record/facts.h"
#include "util/hash.h"

struct entry {
	struct process p;
	UT_hash_handle hh;	/* by proc */
};

/* The image that a pid runs now. */
struct pid_entry {
	uint32_t pid;
	struct entry *now;
	UT_hash_handle hh;
};

#define RETIRE_FROM 4096	/* fewer processes are not worth the search */

struct processes {
	struct entry *by_proc;
	size_t retire_at;
	struct pid_entry *by_pid;
	struct entry *last;	/* that of the line before: most lines come in runs */
	struct str args;	/* scratch */
};

static struct entry *find(const struct processes *ps, uint64_t proc)
{
	if (!proc)
		return NULL;
	if (ps->last && ps->last->p.proc == proc)
		return ps->last;
	return hash_find(ps->by_proc, p.proc, &proc);
}

static struct entry *find_pid(const struct processes *ps, uint32_t pid)
{
	const struct pid_entry *pe = hash_find(ps->by_pid, pid, &pid);

	return pe ? pe->now : NULL;
}

static int set_pid(struct processes *ps, uint32_t pid, struct entry *now)
{
	struct pid_entry *pe = hash_get(&ps->by_pid, pid, &pid);

	if (!pe)
		return -ENOMEM;
	pe->now = now;
	return 0;
}

static void free_entry(struct entry *e)
{
	free((char *)e->p.args);
	free(e);
}

static void drop(struct model *m, struct entry *e)
{
	struct processes *ps = m->processes;
	struct pid_entry *pe = hash_find(ps->by_pid, pid, &e->p.pid);
	const char *const strings[] = { e->p.exe, e->p.cwd, e->p.name, e->p.subject, e->p.package };

	if (pe && pe->now == e) {
		hash_remove(&ps->by_pid, pe);
		free(pe);
	}
	if (ps->last == e)
		ps->last = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		pool__put(m->pool, strings[i]);
	model__release_environment(m, e->p.env);
	hash_remove(&ps->by_proc, e);
	free_entry(e);
}

bool processes__is_worth_retiring(const struct model *m)
{
	return HASH_COUNT(m->processes->by_proc) >= m->processes->retire_at;
}

void processes__retire(struct model *m, int64_t before,
		       void (*forget)(struct model *m, const struct process *p))
{
	struct processes *ps = m->processes;
	struct entry *e, *next;

	HASH_ITER(hh, ps->by_proc, e, next) {
		if (e->p.finish < 0 || e->p.finish >= before)
			continue;
		forget(m, &e->p);
		drop(m, e);
	}
	ps->retire_at = 2 * HASH_COUNT(ps->by_proc);
	if (ps->retire_at < RETIRE_FROM)
		ps->retire_at = RETIRE_FROM;
}

/* The entry of proc, made when it is not there. */
static int get(struct processes *ps, uint64_t proc, uint32_t pid, struct entry **ret)
{
	struct entry *e = find(ps, proc);

	if (!e) {
		e = hash_get(&ps->by_proc, p.proc, &proc);
		if (!e)
			return -ENOMEM;
		e->p.pid = pid;
		e->p.start = e->p.finish = -1;
		if (set_pid(ps, pid, e))
			return -ENOMEM;
	}
	*ret = e;
	return 0;
}

/* Keeps the arguments; *ret_words points into them. */
static int keep_args(struct processes *ps, struct process *p, const struct jsonv *list)
{
	struct str *block = &ps->args;
	char *kept;

	str__cut(block, 0);
	p->arg_cnt = 0;
	p->args_cut = false;
	for (const struct jsonv *v = jsonv__first(list); v; v = jsonv__next(v)) {
		const char *word = jsonv__string(v) ?: "";

		if (block->len + strlen(word) + 1 > PROCESS_MAX_ARGS) {
			p->args_cut = true;
			break;
		}
		str__add(block, word, strlen(word) + 1);
		p->arg_cnt++;
	}
	kept = malloc(block->len + 1);
	if (!kept || str__err(block)) {
		free(kept);
		return -ENOMEM;
	}
	if (block->len)
		memcpy(kept, block->s, block->len);
	free((char *)p->args);	/* a second exec line with the same proc: the last one counts */
	p->args = kept;
	p->args_sz = block->len;
	return 0;
}

static const char *get_env(void *env, const char *name)
{
	return jsonv__kstr(env, name);
}

/* "mod tidy", "build"; NULL without a verb */
static int set_verb(struct model *m, struct process *p, const struct tool_facts *facts)
{
	const char *sub = NULL, *verb = go__verb(facts->argv, facts->argc, &sub);
	__free_str struct str both = {};

	if (!verb)
		return pool__set(m->pool, &p->subject, NULL);
	str__adds(&both, verb);
	if (sub) {
		str__addc(&both, ' ');
		str__adds(&both, sub);
	}
	return str__err(&both) ?: pool__set(m->pool, &p->subject, both.s);
}

/* What a person calls it: a tool by its role and package, other programs by their file. */
static int set_names(struct model *m, struct process *p, const struct tool_facts *facts)
{
	const char *slash = strrchr(facts->exe, '/');
	const char *name = slash ? slash + 1 : *facts->exe ? facts->exe : NULL;
	bool is_tool = tool_role__is_go_tool(p->role);
	__free_str struct str package = {};
	struct tool_args args;
	int err = 0;

	if (p->role == TOOL_GO || is_tool)
		name = tool_role__name(p->role);
	if (pool__set(m->pool, &p->name, name))
		return -ENOMEM;
	if (p->role == TOOL_GO)
		return set_verb(m, p, facts);
	if (!is_tool && p->role != TOOL_TOOLEXEC)
		return pool__set(m->pool, &p->subject, NULL);
	/* "-p main" says less than the import path, which go sets since 1.16. */
	if (!p->package && is_tool) {
		tool__args(p->role, facts->argv, facts->argc, &args);
		err = tool_args__package(&args, &package);
	}
	return err == -ENOMEM ? err : pool__set(m->pool, &p->subject, p->package ?: package.s);
}

/* facts: what is known beside the process itself */
static int classify(struct model *m, struct process *p, struct tool_facts *facts)
{
	const struct entry *parent = find(m->processes, p->parent);
	__free_mem const char **words = process__argv(p);

	if (!words)
		return -ENOMEM;
	facts->exe = p->exe ?: "";
	facts->argv = words;
	facts->argc = p->arg_cnt;
	facts->parent = parent ? parent->p.role : TOOL_UNKNOWN;
	p->role = tool__classify(facts);
	p->probe = tool__is_probe(p->role, words, p->arg_cnt);
	return set_names(m, p, facts);
}

/* A go command is its own; everything else works for the one that its parent works for. */
static void set_go(const struct processes *ps, struct process *p)
{
	const struct entry *parent = find(ps, p->parent);

	p->go = p->role == TOOL_GO ? p->proc : parent ? parent->p.go : 0;
}

static void end_replaced(struct processes *ps, struct process *p, int64_t ts)
{
	struct entry *prev = find(ps, p->prev);

	/* Numbers grow: one that names a later image is no record's, and the way from image to image would be a ring. */
	if (!prev || prev->p.proc >= p->proc)
		return;
	prev->p.end = PROCESS_REPLACED;
	prev->p.finish = ts;
	prev->p.next = p->proc;
	if (!p->parent)
		p->parent = prev->p.parent;
}

static int add_exec(struct model *m, const struct rec *rec)
{
	struct processes *ps = m->processes;
	const struct jsonv *env = jsonv__get(rec->root, "env");
	struct tool_facts facts = { .getenv = get_env, .ctx = (void *)env };
	const char *package = jsonv__kstr(env, "TOOLEXEC_IMPORTPATH");
	struct process *p;
	struct entry *e;
	int err;

	err = get(ps, rec->proc, rec->pid, &e);
	if (err)
		return err;
	p = &e->p;
	p->has_exec = true;
	p->was_running = jsonv__bool(jsonv__get(rec->root, "adopted"), false);
	p->start = rec->ts;
	p->parent = rec__uint(rec, "parent", 0);
	p->prev = rec__uint(rec, "prev", 0);
	p->ppid = (uint32_t)rec__uint(rec, "ppid", 0);
	end_replaced(ps, p, rec->ts);
	err = pool__set(m->pool, &p->exe, rec__str(rec, "exe") ?: rec__str(rec, "file")) ?:
	      pool__set(m->pool, &p->cwd, rec__str(rec, "cwd")) ?:
	      pool__set(m->pool, &p->package, package) ?:
	      keep_args(ps, p, jsonv__get(rec->root, "args"));
	if (err)
		return err;
	err = classify(m, p, &facts);
	if (err)
		return err;
	set_go(ps, p);
	/* Those of tools are many, all alike, and compared with the first one when they come. */
	if (!tool_role__is_go_tool(p->role) && !tool_role__is_c_part(p->role) && !p->env) {
		p->env = model__environment(m, rec);
		if (!p->env)
			return -ENOMEM;
	}
	return set_pid(ps, rec->pid, e);
}

static int add_fork(struct model *m, const struct rec *rec)
{
	struct processes *ps = m->processes;
	uint64_t proc = rec__uint(rec, "child_proc", 0);
	struct entry *parent = find(ps, rec->proc), *child;
	int err;

	if (jsonv__bool(jsonv__get(rec->root, "thread"), false)) {
		if (parent)
			parent->p.threads++;
		return 0;
	}
	if (!proc)
		return 0;
	err = get(ps, proc, (uint32_t)rec__uint(rec, "child", 0), &child);
	if (err)
		return err;
	child->p.start = rec->ts;
	child->p.parent = rec->proc;
	child->p.ppid = rec->pid;
	if (parent) {
		child->p.role = parent->p.role;
		child->p.go = parent->p.go;
		err = pool__set(m->pool, &child->p.exe, parent->p.exe) ?:
		      pool__set(m->pool, &child->p.name, parent->p.name) ?:
		      pool__set(m->pool, &child->p.subject, parent->p.subject);
		if (err)
			return err;
	}
	return set_pid(ps, child->p.pid, child);
}

static int add_exit(struct model *m, const struct rec *rec)
{
	struct entry *e = find(m->processes, rec->proc) ?: find_pid(m->processes, rec->pid);
	int64_t sig = rec__int(rec, "signal", 0);

	if (!e)
		return 0;
	e->p.finish = rec->ts;
	e->p.end = sig ? PROCESS_KILLED : PROCESS_EXITED;
	e->p.status = (int)(sig ?: rec__int(rec, "code", 0));
	return 0;
}

/* Roles that the environment told, which is not at hand any more: they stay. */
static bool is_by_env(enum tool_role role)
{
	return role == TOOL_TELEMETRY || role == TOOL_TOOLEXEC || role == TOOL_CACHEPROG;
}

/* The executable was looked at: what its path only suggested is known now. */
static int add_buildinfo(struct model *m, const struct rec *rec)
{
	struct entry *e = find(m->processes, rec->proc);
	struct tool_facts facts = { .is_go = true, .go_path = rec__str(rec, "path") };
	const char *exe = rec__str(rec, "exe");
	int err;

	if (!e || !e->p.has_exec || is_by_env(e->p.role) || !rec__str(rec, "go") || !exe ||
	    !e->p.exe || !str_eq(exe, e->p.exe))
		return 0;
	err = classify(m, &e->p, &facts);
	set_go(m->processes, &e->p);
	return err;
}

static int add_access(struct model *m, const struct rec *rec)
{
	struct entry *e;
	int err;

	if (!rec->proc || !kind__is_access(rec->kind))
		return 0;
	err = get(m->processes, rec->proc, rec->pid, &e);
	if (err)
		return err;
	m->processes->last = e;
	e->p.accesses++;
	e->p.failed += rec__str(rec, "err") != NULL;
	return 0;
}

static int process__add(struct model *m, const struct rec *rec)
{
	switch (rec->kind) {
	case REC_EXEC:
		return rec->proc ? add_exec(m, rec) : 0;
	case REC_FORK:
		return add_fork(m, rec);
	case REC_EXIT:
		return add_exit(m, rec);
	case REC_BUILDINFO:
		return add_buildinfo(m, rec);
	default:
		return add_access(m, rec);
	}
}

static int process__open(struct model *m)
{
	m->processes = calloc(1, sizeof(*m->processes));
	if (!m->processes)
		return -ENOMEM;
	m->processes->retire_at = RETIRE_FROM;
	return 0;
}

static void process__close(struct model *m)
{
	struct processes *ps = m->processes;

	if (!ps)
		return;
	hash_free(&ps->by_proc, free_entry);
	hash_free(&ps->by_pid, free);
	str__free(&ps->args);
	free(ps);
}

const struct topic topic_process = {
	.name = "processes", .scope = MODEL_CORE,
	.open = process__open, .add = process__add, .close = process__close,
};

void processes__set_image(struct model *m, uint64_t proc, const struct image *i)
{
	struct entry *e = find(m->processes, proc);

	if (e)
		e->p.image = i;
}

const struct process *model__process(const struct model *m, uint64_t proc)
{
	const struct entry *e = find(m->processes, proc);

	return e ? &e->p : NULL;
}

const struct process *model__process_of(const struct model *m, const struct rec *rec)
{
	const struct entry *e = find(m->processes, rec->proc);

	if (!e && !rec->proc && rec->pid)
		e = find_pid(m->processes, rec->pid);
	return e ? &e->p : NULL;
}

const struct process *model__next_process(const struct model *m, const struct process *p)
{
	const struct entry *e = m->processes->by_proc;

	if (p)
		e = container_of(p, struct entry, p)->hh.next;
	return e ? &e->p : NULL;
}

void process__label(const struct process *p, struct str *out)
{
	str__adds(out, p->name ?: "?");
	if (p->probe) {
		str__adds(out, tool_role__is_go_tool(p->role) ? " -V" : "");
	} else if (p->subject) {
		str__addc(out, ' ');
		str__adds(out, p->subject);
	}
}

const char *process__next_arg(const struct process *p, const char *arg)
{
	const char *next = arg ? arg + strlen(arg) + 1 : p->args;

	return next && next < p->args + p->args_sz ? next : NULL;
}

const char **process__argv(const struct process *p)
{
	const char **words = calloc(p->arg_cnt + 1, sizeof(*words)), *arg = NULL;

	for (size_t i = 0; words && i < p->arg_cnt; i++)
		words[i] = arg = process__next_arg(p, arg);
	return words;
}

bool process__has_failed(const struct process *p)
{
	return p && ((p->end == PROCESS_EXITED && p->status) || p->end == PROCESS_KILLED);
}

int64_t process__duration(const struct process *p)
{
	return p->start < 0 || p->finish < p->start ? -1 : p->finish - p->start;
}

const struct process *process__last_image(const struct model *m, const struct process *p)
{
	const struct process *next;

	while (p->next && (next = model__process(m, p->next)))
		p = next;
	return p;
}
