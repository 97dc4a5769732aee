/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs put into place, refused calls, connections: which lines tell of them. */
#include <errno.h>

#include "golang/own.h"
#include "model/effects/effects.h"
#include "model/process.h"
#include "model/roots.h"
#include "model/topic.h"
#include "record/facts.h"
#include "util/hash.h"
#include "util/path.h"

struct effects {
	struct output *outputs;
	struct refusal *refusals;
	struct connection *connections;
	struct pause *pauses;
	size_t output_cnt, refusal_cnt, connection_cnt, pause_cnt;
	struct read_entry *reads;
	uint64_t reads_omitted;
};

struct read_entry {
	const char *path;	/* of the pool */
	struct source_read r;
	UT_hash_handle hh;
};

/* --- programs put into place --- */

#define MAX_AT_ONCE 16		/* outputs of commands side by side whose events may mix */

/* Not go's own files: caches, temporary folders, counters, locks. */
static bool is_place(const char *path)
{
	size_t n = strlen(path);
	char which;

	if (n > 2 && path[n - 2] == '-' && (path[n - 1] == 'a' || path[n - 1] == 'd') && cache_entry__hash(path, &which))
		return false;
	if (go_own__is(path) || str_has_prefix(path, "/dev/") || strstr(path, "/cache/download/") ||
	    str_has_suffix(path, "/cache/lock") || go_own__is_module(path))
		return false;
	if (path__is_named(path, "go.mod") || path__is_named(path, "go.sum") || str_has_suffix(path, ".work.sum"))
		return false;
	return !str_has_suffix(path, ".lock") && !str_has_suffix(path, "/trim.txt") &&
	       !str_has_suffix(path, "/testexpire.txt");
}

static int keep_output(struct model *m, const struct rec *rec, const char *path, uint64_t go)
{
	struct effects *e = m->effects;
	const char *name = pool__get(m->pool, path);
	struct output *o = e->outputs + (e->output_cnt > MAX_AT_ONCE ? e->output_cnt - MAX_AT_ONCE : 0);

	if (!name)
		return -ENOMEM;
	for (; o < e->outputs + e->output_cnt; o++)
		if (o->path == name && o->go == go)
			break;
	if (o == e->outputs + EFFECTS_MAX)
		return 0;
	if (o == e->outputs + e->output_cnt)
		*o = (struct output){ .path = name, .go = go, .was_up_to_date = true };
	e->output_cnt += o == e->outputs + e->output_cnt;
	o->ts = rec->ts;
	o->was_up_to_date &= rec->kind == REC_UTIMES;
	return 0;
}

static int add_output(struct model *m, const struct rec *rec)
{
	const char *path = rec->kind == REC_RENAME ? rec__str(rec, "path2") : rec->path;
	const struct process *p = path && !rec->err ? model__process(m, rec->proc) : NULL;

	if (!p || p->role != TOOL_GO || !p->subject ||
	    !(str_eq(p->subject, "build") || str_eq(p->subject, "install") || str_eq(p->subject, "get") ||
	      str_eq(p->subject, "test")))
		return 0;
	return is_place(path) ? keep_output(m, rec, path, p->proc) : 0;
}

/* --- refusals --- */

static bool is_refusal(const struct rec *rec)
{
	static const char *const errs[] = { "EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT" };

	if (rec->kind == REC_EXEC_FAILED)
		return !err__is_absent(rec->err);
	for (size_t i = 0; i < ARRAY_SIZE(errs); i++)
		if (str_eq(rec->err, errs[i]))
			return true;
	return false;
}

static int add_refusal(struct model *m, const struct rec *rec)
{
	struct effects *e = m->effects;
	const char *path = pool__get(m->pool, rec->path), *err = pool__get(m->pool, rec->err);
	struct refusal *r = e->refusals;

	if (!path || !err)
		return rec->path ? -ENOMEM : 0;
	for (; r < e->refusals + e->refusal_cnt; r++)
		if (r->path == path && r->proc == rec->proc && r->err == err && r->kind == rec->kind) {
			r->cnt++;
			return 0;
		}
	if (e->refusal_cnt == EFFECTS_MAX)
		return 0;
	*r = (struct refusal){ .kind = rec->kind, .path = path, .err = err, .proc = rec->proc, .cnt = 1,
			       .ts = rec->ts };
	r->writes = rec__opens_to_write(rec) ||
		    (kind__is_access(rec->kind) && !kind__is_lookup(rec->kind));
	e->refusal_cnt++;
	return 0;
}

/* --- pauses --- */

static int add_pause(struct model *m, const struct rec *rec)
{
	const char *cgroup = rec__str(rec, "cgroup"), *kept = pool__get(m->pool, cgroup);
	struct effects *e = m->effects;

	if (cgroup && !kept)
		return -ENOMEM;
	if (e->pause_cnt < EFFECTS_MAX)
		e->pauses[e->pause_cnt++] = (struct pause){
			.proc = rec->proc, .cgroup = kept, .ts = rec->ts, .ns = rec__int(rec, "ns", 0),
			.at_end = jsonv__bool(jsonv__get(rec->root, "at_end"), false),
		};
	return 0;
}

/* --- connections --- */

static int add_connection(struct model *m, const struct rec *rec)
{
	struct effects *e = m->effects;
	const char *addr = pool__get(m->pool, rec__str(rec, "addr") ?: "");
	const char *err = rec->err ? pool__get(m->pool, rec->err) : NULL;
	uint32_t port = rec__uint(rec, "port", 0);
	struct connection *c = e->connections;

	if (!addr || (rec->err && !err))
		return -ENOMEM;
	for (; c < e->connections + e->connection_cnt; c++)
		if (c->addr == addr && c->port == port && c->proc == rec->proc && c->err == err) {
			c->cnt++;
			return 0;
		}
	if (e->connection_cnt == EFFECTS_MAX)
		return 0;
	*c = (struct connection){ .addr = addr, .port = port, .err = err, .proc = rec->proc, .cnt = 1,
				  .ts = rec->ts };
	e->connection_cnt++;
	return 0;
}

/* --- files read --- */

/* What every program reads of its system. */
static bool is_of_host(const char *path)
{
	return str_has_prefix(path, "/proc/") || str_has_prefix(path, "/sys/") || str_has_prefix(path, "/dev/") ||
	       str_has_prefix(path, "/etc/");
}

static int add_read(struct model *m, const struct rec *rec)
{
	size_t n = strlen(rec->path);
	const struct process *p = n > 2 && rec->path[n - 2] == '-' ? NULL : model__process(m, rec->proc);
	const struct roots *roots;
	struct read_entry *e;
	const char *rest, *path;
	enum root root;

	if (!p || !p->go || p->role != TOOL_GO)	/* it has read what it gives to its tools */
		return 0;
	roots = model__roots(m, p);
	/* Nearly all of them are of the standard library. */
	if (roots->dir[ROOT_GOROOT] && path__is_in(roots->dir[ROOT_GOROOT], rec->path))
		return 0;
	root = roots__find(roots, rec->path, &rest);
	if (root <= ROOT_WORK || is_of_host(rec->path) || strstr(rec->path, "/go-build"))
		return 0;
	path = pool__get(m->pool, rec->path);
	if (!path)
		return -ENOMEM;
	if (!hash_find(m->effects->reads, path, &path) && HASH_COUNT(m->effects->reads) >= EFFECTS_MAX_READ) {
		m->effects->reads_omitted++;
		return 0;
	}
	e = hash_get(&m->effects->reads, path, &path);
	if (e && !e->r.path)
		e->r = (struct source_read){ .path = path, .proc = rec->proc, .go = p->go, .ts = rec->ts };
	return e ? 0 : -ENOMEM;
}

static int effects__add(struct model *m, const struct rec *rec)
{
	if (rec->err)	/* nearly always: something is not there */
		return !str_eq(rec->err, "ENOENT") && rec->path && is_refusal(rec) ? add_refusal(m, rec) :
		       rec->kind == REC_CONNECT ? add_connection(m, rec) : 0;
	if (rec->kind == REC_RENAME || rec->kind == REC_UTIMES || rec__opens_to_write(rec))
		return add_output(m, rec);
	if (rec->path && rec__reads_file(rec))
		return add_read(m, rec);
	if (rec->kind == REC_PAUSED)
		return add_pause(m, rec);
	return rec->kind == REC_CONNECT ? add_connection(m, rec) : 0;
}

static int effects__open(struct model *m)
{
	struct effects *e = m->effects = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->outputs = calloc(EFFECTS_MAX, sizeof(*e->outputs));
	e->refusals = calloc(EFFECTS_MAX, sizeof(*e->refusals));
	e->connections = calloc(EFFECTS_MAX, sizeof(*e->connections));
	e->pauses = calloc(EFFECTS_MAX, sizeof(*e->pauses));
	return e->outputs && e->refusals && e->connections && e->pauses ? 0 : -ENOMEM;
}

static void effects__close(struct model *m)
{
	if (!m->effects)
		return;
	free(m->effects->outputs);
	free(m->effects->refusals);
	free(m->effects->connections);
	free(m->effects->pauses);
	hash_free(&m->effects->reads, free);
	free(m->effects);
}

const struct topic topic_effects = {
	.name = "effects", .scope = MODEL_ALL,
	.open = effects__open, .add = effects__add, .close = effects__close,
};

const struct output *model__next_output(const struct model *m, const struct output *o)
{
	o = o ? o + 1 : m->effects->outputs;
	return o < m->effects->outputs + m->effects->output_cnt ? o : NULL;
}

const struct refusal *model__next_refusal(const struct model *m, const struct refusal *r)
{
	r = r ? r + 1 : m->effects->refusals;
	return r < m->effects->refusals + m->effects->refusal_cnt ? r : NULL;
}

const struct source_read *model__next_source_read(const struct model *m, const struct source_read *r)
{
	const struct read_entry *e = r ? container_of(r, struct read_entry, r)->hh.next : m->effects->reads;

	return e ? &e->r : NULL;
}

uint64_t model__source_reads_omitted(const struct model *m)
{
	return m->effects->reads_omitted;
}

const struct pause *model__next_pause(const struct model *m, const struct pause *p)
{
	p = p ? p + 1 : m->effects->pauses;
	return p < m->effects->pauses + m->effects->pause_cnt ? p : NULL;
}

const struct connection *model__next_connection(const struct model *m, const struct connection *c)
{
	c = c ? c + 1 : m->effects->connections;
	return c < m->effects->connections + m->effects->connection_cnt ? c : NULL;
}
