/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What processes that ended badly were about: kept of each while it runs, and dropped when it ends well. */
#include <errno.h>

#include "golang/own.h"
#include "model/failures/store.h"
#include "model/topic.h"
#include "record/facts.h"
#include "util/hash.h"
#include "util/path.h"
#include "util/str.h"

#define MAX_KEPT 256		/* processes that failed: the first ones */

struct failures {
	struct failed *by_proc, *last;
	size_t kept;
};

static void note(struct noted *n, const char *path, int64_t ts)
{
	str__cut(&n->path, 0);
	str__adds(&n->path, path);
	n->ts = ts;
}

static struct failed *get(struct model *m, uint64_t proc)
{
	struct failures *f = m->failures;

	if (!f->last || f->last->proc != proc)
		f->last = hash_get(&f->by_proc, proc, &proc);
	return f->last;
}

static void free_entry(struct failed *e)
{
	for (size_t i = 0; i < FAILED_MAX_MISSING; i++)
		str__free(&e->missing[i].path);
	for (size_t i = 0; i < FAILURE_MAX_PATHS; i++)
		str__free(&e->read[i].path);
	str__free(&e->call.path);
	str__free(&e->checksum.path);
	str__free(&e->no_sum.path);
	str__free(&e->vetted.path);
	str__free(&e->folder.path);
	free(e);
}

/* --- what is missing --- */

static bool is_named_one_of(const char *path, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (path__is_named(path, names[i]))
			return true;
	return false;
}

/* What go looks for in every build, and does without. */
static bool is_optional(const char *path)
{
	static const char *const names[] = {
		"default.pgo", "go.work", "go.work.sum", "go.sum", "vendor", "modules.txt", ".netrc", ".git", ".hg",
		".svn", ".bzr", ".fslckout", "_FOSSIL_", "env", "go.env", ".gitconfig",
	};

	return is_named_one_of(path, names, ARRAY_SIZE(names)) || go_own__is(path) ||
	       str_has_suffix(path, "/telemetry") || strstr(path, "/.config/");
}

/* An argument names it: "./nosuch", "nosuch.go", but not what -o does. */
static bool is_argument(const struct process *p, const char *path, bool *ret_output)
{
	const char *arg = process__next_arg(p, NULL), *before = "";

	*ret_output = false;
	/* Not by the program's own name, or go's verb: ~/go is no argument of "go build". */
	for (arg = process__next_arg(p, arg); arg; before = arg, arg = process__next_arg(p, arg)) {
		const char *name = str_has_prefix(arg, "./") ? arg + 2 : arg;
		size_t n = strlen(name), len = strlen(path);

		if (!n || (name == arg && p->subject && str_eq(arg, p->subject)) || n >= len || !str_eq(path + len - n, name) || path[len - n - 1] != '/')
			continue;
		*ret_output = str_eq(before, "-o");
		return true;
	}
	return false;
}

static bool has_output_flag(const struct process *p)
{
	for (const char *arg = process__next_arg(p, NULL); arg; arg = process__next_arg(p, arg))
		if (str_eq(arg, "-o"))
			return true;
	return false;
}

/* What -o names, or lies directly in that. */
static bool is_output(const struct process *p, const char *path)
{
	__free_str struct str dir = {};
	bool is_it;

	str__add(&dir, path, path__dir_len(path));
	return (is_argument(p, path, &is_it) && is_it) || (dir.s && is_argument(p, dir.s, &is_it) && is_it);
}

static bool is_missed_by_go(const struct model *m, const struct process *p, const struct rec *rec)
{
	const struct go_command *c = model__command_of(m, p);
	const struct roots *roots = model__roots(m, p);
	const char *rest, *tmp = c ? go_command__var(c, "GOTMPDIR") : NULL;
	enum root root = roots__find(roots, rec->path, &rest);
	bool is_it;

	if (is_optional(rec->path) || (path__is_named(rec->path, "go.mod") && rec->kind != REC_OPEN))
		return false;
	if (is_argument(p, rec->path, &is_it))
		return !is_it;
	if (tmp && path__is_in(tmp, rec->path))
		return true;
	if (root == ROOT_GOROOT)
		return str_has_prefix(rest, "/src/");
	if (root == ROOT_GOCACHE || root == ROOT_GOMODCACHE || root == ROOT_WORK)
		return false;
	return root == ROOT_MODULE || (p->cwd && path__is_in(p->cwd, rec->path)) ||
	       (rec->kind == REC_OPEN && (str_has_suffix(rec->path, ".mod") || str_has_suffix(rec->path, ".go")));
}

/* Of what a linker or compiler tries in one folder after the other. */
static bool is_missed_by_c(const struct rec *rec)
{
	static const char *const endings[] = { ".h", ".hpp", ".so", ".a", ".c", ".o" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (str_has_suffix(rec->path, endings[i]))
			return true;
	return false;
}

/* Texts for people in their language, which few have. */
static bool is_missed_by_any(const char *path)
{
	return !strstr(path, "/locale") && !str_has_prefix(path, "/proc/") && !str_has_prefix(path, "/sys/") &&
	       !str_has_prefix(path, "/etc/ld.so.") && !str_has_prefix(path, "/dev/");
}

static bool is_missed(const struct model *m, const struct process *p, const struct rec *rec)
{
	if (p->role == TOOL_GO)
		return is_missed_by_go(m, p, rec);
	return tool_role__is_c_part(p->role) ? is_missed_by_c(rec) : is_missed_by_any(rec->path);
}

static size_t stem_len(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

/* The same name was found elsewhere: "libx.a" for "libx.so" is what a linker looks for, too. */
static void take_back(struct failed *e, const char *path)
{
	const char *name = path__base(path);

	e->has_missing = false;
	for (size_t i = 0; i < FAILED_MAX_MISSING; i++) {
		const char *other = e->missing[i].path.len ? path__base(e->missing[i].path.s) : NULL;

		if (other && stem_len(other) == stem_len(name) && !strncmp(other, name, stem_len(name)))
			str__cut(&e->missing[i].path, 0);
		e->has_missing |= e->missing[i].path.len != 0;
	}
}

/* --- what else tells --- */

static void see_read(struct failed *e, const struct rec *rec)
{
	for (size_t i = 0; i < FAILURE_MAX_PATHS; i++)
		if (str_eq(e->read[i].path.s ?: "", rec->path)) {
			e->read[i].ts = rec->ts;
			return;
		}
	note(&e->read[e->next_read++ % FAILURE_MAX_PATHS], rec->path, rec->ts);
}

/* Sources of the module, and folders of them: what is below GOROOT and the caches is as it always is. */
static void see_source(const struct model *m, const struct process *p, struct failed *e, const struct rec *rec)
{
	const struct roots *roots = model__roots(m, p);
	const char *rest;
	enum root root;

	if (rec__opens_to_write(rec) || (roots->dir[ROOT_GOROOT] && path__is_in(roots->dir[ROOT_GOROOT], rec->path)) ||
	    (!(rec->flags & REC_FLAG_DIRECTORY) && !str_has_suffix(rec->path, ".go")))
		return;
	root = roots__find(roots, rec->path, &rest);
	if ((root == ROOT_MODULE || root == ROOT_HOME || root == ROOT_CNT) && (!(rec->flags & REC_FLAG_DIRECTORY) ||
	    (p->cwd && path__is_in(p->cwd, rec->path))))
		see_read(e, rec);
}

static void see_of_go(const struct model *m, const struct process *p, struct failed *e, const struct rec *rec)
{
	size_t n = strlen(rec->path);

	if (rec->kind == REC_STAT && !rec->err && p->cwd && path__is_in(p->cwd, rec->path) && has_output_flag(p) &&
	    rec__is_directory(rec) && is_output(p, rec->path))
		note(&e->folder, rec->path, rec->ts);
	if (rec->kind != REC_OPEN || n < 8 || rec->path[n - 2] == '-')	/* entries of the cache */
		return;
	if (!memcmp(rec->path + n - 7, "/go.sum", 7)) {
		str__cut(&e->no_sum.path, 0);
		if (err__is_absent(rec->err))
			note(&e->no_sum, rec->path, rec->ts);
	} else if (!rec->err && !memcmp(rec->path + n - 8, ".ziphash", 8)) {
		note(&e->checksum, rec->path, rec->ts);
	} else if (!rec->err) {
		see_source(m, p, e, rec);
	}
}

/* Errors that no good build has, of calls that change something. */
static bool is_telling_error(const struct rec *rec)
{
	if (kind__is_lookup(rec->kind) && !rec__opens_to_write(rec))
		return false;
	return rec->kind != REC_UNLINK && rec->kind != REC_EXEC_FAILED && !str_eq(rec->err, "EEXIST") &&
	       !str_eq(rec->err, "EXDEV") && !err__is_absent(rec->err);
}

static int see(struct model *m, const struct process *p, const struct rec *rec)
{
	struct failed *e = get(m, rec->proc);
	bool absent = err__is_absent(rec->err);

	if (!e)
		return -ENOMEM;
	if (p->role == TOOL_GO)
		see_of_go(m, p, e, rec);
	if (absent && is_missed(m, p, rec)) {
		e->missing[e->next_missing % FAILED_MAX_MISSING].is_program = rec->kind == REC_EXEC_FAILED;
		note(&e->missing[e->next_missing++ % FAILED_MAX_MISSING], rec->path, rec->ts);
		e->is_missing_last = true;
		e->has_missing = true;
		return 0;
	}
	if (rec->err && is_telling_error(rec)) {
		note(&e->call, rec->kind == REC_RENAME ? rec__str(rec, "path2") ?: rec->path : rec->path, rec->ts);
		e->kind = rec->kind;
		return pool__set(m->pool, &e->err, rec->err);
	}
	if (absent)
		return 0;
	if (e->is_missing_last)
		e->is_missing_last = !is_missed_by_any(rec->path);
	if (e->has_missing)
		take_back(e, rec->path);
	return 0;
}

/* --- the end --- */

static void drop(struct model *m, struct failed *e)
{
	if (m->failures->last == e)
		m->failures->last = NULL;
	pool__put(m->pool, e->err);
	hash_remove(&m->failures->by_proc, e);
	free_entry(e);
}

static struct failed *find(const struct model *m, uint64_t proc)
{
	return hash_find(m->failures->by_proc, proc, &proc);
}

static void end(struct model *m, const struct process *p, const struct rec *rec)
{
	struct failed *e = find(m, rec->proc);
	bool has_failed = rec__int(rec, "code", 0) || rec__int(rec, "signal", 0);

	if (!e)
		return;
	if (!has_failed || m->failures->kept >= MAX_KEPT || (p && p->probe))
		drop(m, e);
	else
		m->failures->kept++;
}

/* A vet that ran for the command: since 1.26 it says what it found to go, and ends well. */
static int see_vet(struct model *m, const struct process *p)
{
	const struct process *go = p->role == TOOL_VET && !p->probe ? model__process(m, p->go) : NULL;
	struct failed *e = go && p->package ? get(m, go->proc) : NULL;

	if (!go || !p->package)
		return 0;
	if (!e)
		return -ENOMEM;
	note(&e->vetted, p->package, p->start);
	return 0;
}

static int failures__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	size_t n;

	if (rec->kind == REC_EXIT || rec->kind == REC_EXEC) {
		p = model__process(m, rec->proc);
		if (rec->kind == REC_EXIT)
			end(m, p, rec);
		return rec->kind == REC_EXEC && p ? see_vet(m, p) : 0;
	}
	if (!rec->path || !rec->proc || (!kind__is_access(rec->kind) && rec->kind != REC_EXEC_FAILED))
		return 0;
	n = strlen(rec->path);
	if (n > 2 && rec->path[n - 2] == '-')	/* entries of the cache, most of all: what they tell is told elsewhere */
		return 0;
	p = model__process(m, rec->proc);
	/* A tool that ends badly is the cause, and what it was given is what it says. */
	if (!p || (tool_role__is_go_tool(p->role) && p->role != TOOL_GO))
		return 0;
	return see(m, p, rec);
}

static int failures__open(struct model *m)
{
	m->failures = calloc(1, sizeof(*m->failures));
	return m->failures ? 0 : -ENOMEM;
}

static void failures__close(struct model *m)
{
	if (!m->failures)
		return;
	hash_free(&m->failures->by_proc, free_entry);
	free(m->failures);
}

const struct topic topic_failures = {
	.name = "failures", .scope = MODEL_ALL,
	.open = failures__open, .add = failures__add, .close = failures__close,
};

const struct failed *failures__find(const struct model *m, uint64_t proc)
{
	return find(m, proc);
}
