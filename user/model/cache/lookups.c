/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What go commands do with the files of the build cache: look-ups, puts, removals. */
#include <errno.h>

#include "model/cache/store.h"
#include "record/facts.h"
#include "util/path.h"

/* The output of what wrote nothing: go makes the file, and has nothing to write into it. */
static const uint8_t empty_output[ACTION_KEY_SZ] = {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
};

/* --- the tables --- */

struct cache_action *caches__action(struct caches *c, const uint8_t *id, size_t sz)
{
	struct cache_action *a = hash_get(&c->actions, key, id);

	if (a && !a->is_whole) {
		memcpy(a->id, id, sz);
		a->is_whole = sz == GOCACHE_ID_SZ;
	}
	return a;
}

/* Every program's own archive says "main": that is what it is, and not what it is called. */
static bool is_evidence(enum cache_kind kind, const char *package, enum name_source source)
{
	if (source == NAME_ARCHIVE && kind == CACHE_PACKAGE)
		return !str_eq(package ?: "", "main");
	return source > NAME_NEARBY;
}

void cache_action__set(struct cache_action *a, enum cache_kind kind, const char *package,
		       enum name_source source)
{
	if (source < a->source || (source == a->source && a->package))
		return;
	a->guess_kind = CACHE_UNKNOWN;
	a->kind = kind;
	a->source = source;
	a->confidence = is_evidence(kind, package, source) ? PROVEN : LIKELY;
	if (package)
		a->package = package;
}

struct cache_command *caches__command(struct caches *c, uint64_t go)
{
	struct cache_command *cmd = hash_get(&c->commands, go, &go);

	if (cmd && !cmd->tail)
		cmd->tail = &cmd->first;
	return cmd;
}

static void append(struct cache_command *cmd, struct cache_ref *u, int64_t ts)
{
	u->cmd = cmd;
	u->ts = ts;
	u->work_ns = u->wall_ns = -1;
	*cmd->tail = u;
	cmd->tail = &u->next;
}

struct cache_ref *cache_command__use(struct cache_command *cmd, struct cache_action *a, int64_t ts)
{
	struct cache_ref *u = hash_get(&cmd->by_action, action, &a);

	if (u && !u->cmd) {
		append(cmd, u, ts);
		u->sibling = a->refs;
		a->refs = u;
	}
	return u;
}

struct cache_ref *cache_command__extra(struct cache_command *cmd, enum cache_kind kind,
				       const char *package, int64_t ts)
{
	struct cache_ref *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	append(cmd, u, ts);
	u->kind = kind;
	u->package = package;
	u->confidence = PROVEN;
	return u;
}

bool cache_path__id(const char *path, uint8_t *ret_id, char *ret_which)
{
	size_t n = strlen(path);

	if (n < GOCACHE_ENTRY_TAIL || path[n - 2] != '-' ||
	    (path[n - 1] != 'a' && path[n - 1] != 'd') ||
	    !gocache__bytes(path + n - 2 - GOCACHE_ID_LEN, GOCACHE_ID_SZ, ret_id))
		return false;
	*ret_which = path[n - 1];
	return true;
}

bool model__is_lookup(const struct model *m, const struct rec *rec, uint8_t *ret_action)
{
	const struct process *p;
	char which;

	if (!rec->path || !rec__opens_to_read(rec) || !cache_path__id(rec->path, ret_action, &which) ||
	    which != 'a')
		return false;
	p = model__process_of(m, rec);
	return p && p->role == TOOL_GO;
}

/* --- a go command and its entries --- */

static int fail_to_put(struct model *m, struct cache_command *cmd, const struct rec *rec)
{
	if (!cmd->sum.unwritten.cnt++)
		cmd->sum.unwritten.err = pool__get(m->pool, rec->err);
	proof__add(&cmd->sum.unwritten.proof, rec->ts);
	return !rec->err || cmd->sum.unwritten.err ? 0 : -ENOMEM;
}

static int see_lookup(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		      const struct rec *rec, const uint8_t *id)
{
	struct cache_action *a = caches__action(m->caches, id, GOCACHE_ID_SZ);
	struct cache_ref *u = a ? cache_command__use(cmd, a, rec->ts) : NULL;

	if (!u)
		return -ENOMEM;
	if (!u->lookups && rec->err) {
		u->err = pool__get(m->pool, rec->err);
		if (!u->err)
			return -ENOMEM;
	}
	return cache_thread__looks_up(cmd, t, u);
}

/* Capture tells when a file's times were set only where they were set back. */
static void see_age(struct cache_command *cmd, const struct rec *rec)
{
	int64_t at = rec__uint(rec, "ctime", 0);

	if (!at)
		return;
	cmd->aged++;
	cmd->aged_at = cmd->aged_at && cmd->aged_at < at ? cmd->aged_at : at;
}

static int see_entry(struct model *m, struct cache_command *cmd, struct cache_thread *t,
		     const struct rec *rec, const uint8_t *id)
{
	struct cache_action *a;
	struct cache_ref *u;

	if (rec__opens_to_read(rec))
		return see_lookup(m, cmd, t, rec, id);
	if (rec->kind == REC_STAT)
		see_age(cmd, rec);
	if (rec->err)
		return rec__opens_to_write(rec) ? fail_to_put(m, cmd, rec) : 0;
	if (rec->kind != REC_OPEN && rec->kind != REC_UTIMES)
		return 0;
	a = caches__action(m->caches, id, GOCACHE_ID_SZ);
	u = a ? cache_command__use(cmd, a, rec->ts) : NULL;
	if (!u)
		return -ENOMEM;
	if (rec->kind == REC_OPEN) {
		u->put = true;
		cache_thread__puts(t, u);
	} else if (!u->put) {
		u->refreshed = true;
	}
	return 0;
}

/*
 * go looks at what an entry points at. It may do so on another thread than the one that read the
 * entry: which entry it was is told by the output, later. What it writes there it stamps with a time
 * as soon as all of it is written.
 */
static int see_data(struct model *m, struct cache_command *cmd, const struct rec *rec,
		    const uint8_t *id)
{
	bool looks = rec->kind == REC_STAT || rec__opens_to_read(rec);
	bool is_empty = !memcmp(id, empty_output, sizeof(empty_output));
	bool writes = rec__opens_to_write(rec);
	struct cache_data *d;

	if (writes && rec->err)
		return fail_to_put(m, cmd, rec);
	if (!looks && !writes && rec->kind != REC_UTIMES)
		return 0;
	d = hash_find(cmd->data, output, id);
	if (!d) {
		d = hash_get(&cmd->data, output, id);
		if (!d)
			return -ENOMEM;
		d->ts = -1;
	}
	if (looks && d->ts < 0) {
		d->ts = rec->ts;
		d->is_missing = str_eq(rec->err ?: "", "ENOENT");
		cmd->had_outputs |= is_empty && !d->is_missing;
		d->has_size = rec->kind == REC_STAT && str_eq(rec__str(rec, "type") ?: "", "file");
		d->size = rec__uint(rec, "size", 0);
	}
	d->is_finished |= rec->kind == REC_UTIMES && !rec->err;
	if (writes && !is_empty) {
		d->put_ts = rec->ts;
		d->is_written = true;
		d->is_finished = false;
	}
	return 0;
}

/* --- what goes away --- */

static bool is_running(const struct model *m, uint64_t proc, int64_t ts)
{
	const struct process *p = model__process(m, proc);

	return p && (p->finish < 0 || p->finish > ts);
}

struct removal_entry *cache_command__removal(struct cache_command *cmd, uint64_t by)
{
	struct removal_entry *e = hash_get(&cmd->removals, by, &by);

	if (e)
		e->r.by = by;
	return e;
}

/* An entry that commands have in use. */
static int remove_entry(struct model *m, const struct rec *rec, const uint8_t *id)
{
	struct cache_action *a = caches__find(m->caches, id);
	struct cache_ref *u = a ? a->refs : NULL;
	struct removal_entry *e;

	for (; u; u = u->sibling) {
		if (u->cmd->go == rec->proc || u->removed_by || u->ts > rec->ts || (u->err && !u->put) ||
		    !is_running(m, u->cmd->go, rec->ts))
			continue;
		e = cache_command__removal(u->cmd, rec->proc);
		if (!e)
			return -ENOMEM;
		u->removed_by = rec->proc;
		e->r.entries++;
		proof__add(&e->r.proof, rec->ts);
	}
	return 0;
}

static int remove_output(struct model *m, const struct rec *rec, const uint8_t *id)
{
	struct cache_gone *gone = hash_get(&m->caches->gone, output, id);

	if (!gone)
		return -ENOMEM;
	gone->by = rec->proc;
	gone->ts = rec->ts;
	return 0;
}

/* go takes back what it could not write to its end. */
static int take_back(struct model *m, struct cache_command *cmd, const struct rec *rec,
		     const uint8_t *id, char which)
{
	const struct cache_data *d = which == 'd' ? hash_find(cmd->data, output, id) : NULL;
	struct cache_action *a = which == 'a' ? caches__find(m->caches, id) : NULL;
	struct cache_ref *u = a ? hash_find(cmd->by_action, action, &a) : NULL;

	if (u && u->put) {
		u->put = false;
		return fail_to_put(m, cmd, rec);
	}
	cmd->trimmed += !d || !d->is_written || d->is_finished;
	return 0;
}

static int add_unlink(struct model *m, const struct process *p, const struct rec *rec)
{
	struct cache_command *cmd;
	uint8_t id[GOCACHE_ID_SZ];
	char which;
	int err;

	if (rec->err || !cache_path__id(rec->path, id, &which))
		return 0;
	err = which == 'd' ? remove_output(m, rec, id) : remove_entry(m, rec, id);
	if (err || p->role != TOOL_GO)
		return err;
	cmd = caches__command(m->caches, p->proc);
	return cmd ? take_back(m, cmd, rec, id, which) : -ENOMEM;
}

/* A tool did not find an output that go had told it to read. */
static int add_missed(struct model *m, const struct rec *rec)
{
	struct cache_missed *x;
	uint8_t id[GOCACHE_ID_SZ];
	char which;

	if (!cache_path__id(rec->path, id, &which) || which != 'd')
		return 0;
	x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	memcpy(x->output, id, sizeof(x->output));
	x->tool = rec->proc;
	x->ts = rec->ts;
	x->next = m->caches->missed;
	m->caches->missed = x;
	return 0;
}

static int add_of_others(struct model *m, const struct process *p, const struct rec *rec)
{
	uint8_t id[GOCACHE_ID_SZ];
	char which;

	if (p->go && rec->kind == REC_OPEN && err__is_absent(rec->err))
		return add_missed(m, rec);
	return !p->go && cache_path__id(rec->path, id, &which) ?
	       caches__add_copy(m, rec, id, which) : 0;
}

/* "…/go-build/3f": go makes 256 of them in a cache that is new. */
static int add_folder(struct model *m, const struct rec *rec)
{
	const struct process *p = rec->path && !rec->err ? model__process_of(m, rec) : NULL;
	const char *name = p && p->role == TOOL_GO ? path__base(rec->path) : "";
	struct cache_command *cmd;

	if (strlen(name) != 2 || strspn(name, "0123456789abcdef") != 2)
		return 0;
	cmd = caches__command(m->caches, p->proc);
	if (!cmd)
		return -ENOMEM;
	cmd->folders++;
	return 0;
}

static int add_access(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process_of(m, rec);
	struct cache_command *cmd;
	struct cache_thread *t;
	uint8_t id[GOCACHE_ID_SZ];
	char which;

	if (!p || !rec->path)
		return 0;
	if (rec->kind == REC_UNLINK)
		return add_unlink(m, p, rec);
	/* Of what is not known yet to be go, too: its executable may be looked at later. */
	if (p->role != TOOL_GO && p->role != TOOL_UNKNOWN)
		return add_of_others(m, p, rec);
	cmd = caches__command(m->caches, p->proc);
	t = cmd ? cache_command__thread(cmd, rec->tid) : NULL;
	if (!t)
		return -ENOMEM;
	if (!cache_path__id(rec->path, id, &which))
		return cache_thread__add(m, cmd, t, rec);
	if (p->role == TOOL_UNKNOWN && caches__add_copy(m, rec, id, which))
		return -ENOMEM;
	return which == 'a' ? see_entry(m, cmd, t, rec, id) : see_data(m, cmd, rec, id);
}

static int cache__add(struct model *m, const struct rec *rec)
{
	switch (rec->kind) {
	case REC_EXEC:
		return cache__add_exec(m, rec);
	case REC_OPEN:
	case REC_STAT:
	case REC_UTIMES:
	case REC_UNLINK:
	case REC_RENAME:
		return add_access(m, rec);
	case REC_MKDIR:
		return add_folder(m, rec);
	case REC_CACHE:
		return cache__add_entry(m, rec);
	case REC_FILE:
		return cache__add_file(m, rec);
	default:
		return 0;
	}
}

static int cache__finish(struct model *m)
{
	return caches__name_by_evidence(m) ?: caches__name_by_order(m) ?: caches__name_vets(m) ?:
	       caches__name_results(m) ?: caches__add_unasked(m) ?: caches__find_outcomes(m) ?: caches__find_work(m) ?:
	       caches__sum_up(m);
}

/* --- life --- */

static int cache__open(struct model *m)
{
	m->caches = calloc(1, sizeof(*m->caches));
	return m->caches ? 0 : -ENOMEM;
}

static void command__free(struct cache_command *cmd)
{
	struct cache_ref *u, *next;

	HASH_CLEAR(hh, cmd->by_action);
	for (u = cmd->first; u; u = next) {
		next = u->next;
		free(u->rivals);
		free(u);
	}
	hash_free(&cmd->data, free);
	hash_free(&cmd->threads, cache_thread__free);
	hash_free(&cmd->listed, free);
	hash_free(&cmd->sourced, free);
	hash_free(&cmd->archives, free);
	hash_free(&cmd->targets, free);
	hash_free(&cmd->written, free);
	hash_free(&cmd->removals, free);
	free(cmd);
}

static void cache__close(struct model *m)
{
	struct caches *c = m->caches;
	struct cache_missed *x;

	if (!c)
		return;
	while ((x = c->missed)) {
		c->missed = x->next;
		free(x);
	}
	hash_free(&c->commands, command__free);
	hash_free(&c->actions, free);
	hash_free(&c->packages, free);
	hash_free(&c->gone, free);
	hash_free(&c->vets, free);
	hash_free(&c->links, free);
	hash_free(&c->modules, free);
	hash_free(&c->generated, free);
	hash_free(&c->objects, free);
	hash_free(&c->copies, free);
	hash_free(&c->restored, free);
	free(c);
}

const struct topic topic_cache = {
	.name = "cache", .scope = MODEL_ALL,
	.open = cache__open, .add = cache__add, .finish = cache__finish, .close = cache__close,
};
