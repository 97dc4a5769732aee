/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Look-up ladders: the attempts of each process, put together by what they are for. */
#include <errno.h>
#include <utlist.h>

#include "model/search/store.h"

/* What the observed programs may make us keep. */
#define MAX_LADDERS	16384
#define MAX_OF_PROCESS	256

/* --- searchers --- */

static struct searcher *find_searcher(const struct ladders *ls, uint64_t proc)
{
	struct searcher *c = NULL;

	if (proc)
		HASH_FIND(hh, ls->searchers, &proc, sizeof(proc), c);
	return c;
}

struct searcher *searcher__new(struct model *m, const struct process *p)
{
	struct searcher *c = find_searcher(m->ladders, p->proc);

	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return NULL;
		c->proc = p->proc;
		HASH_ADD(hh, m->ladders->searchers, proc, sizeof(c->proc), c);
		if (!hash__has(c)) {
			free(c);
			return NULL;
		}
	}
	c->role = p->role;
	c->exe = p->exe;
	c->cwd = p->cwd;
	return c;
}

/* A forked process goes on where its parent was. */
int searcher__get(struct model *m, const struct process *p, struct searcher **ret)
{
	const struct searcher *parent;
	struct searcher *c = find_searcher(m->ladders, p->proc);

	*ret = c;
	if (c) {
		c->role = p->role;	/* its executable may have been looked at */
		return 0;
	}
	parent = p->has_exec ? NULL : find_searcher(m->ladders, p->parent);
	*ret = c = searcher__new(m, p);
	if (!c)
		return -ENOMEM;
	if (parent) {
		c->cwd = parent->cwd;
		c->pwd = parent->pwd;
		c->path_list = parent->path_list;
		c->cert_file = parent->cert_file;
		c->cert_dirs = parent->cert_dirs;
	}
	return 0;
}

void searcher__set_repository(struct searcher *c, const char *dir)
{
	c->repository = dir;
	for (struct ladder_entry *e = c->ladders; e; e = e->sibling)
		e->l.repository = dir;
}

void searcher__set_no_repository(struct searcher *c)
{
	for (struct ladder_entry *e = c->ladders; e; e = e->sibling)
		e->l.has_no_repository = true;
}

/* --- the end of a process: keep what is worth it, once --- */

static uint64_t mix(uint64_t h, uintptr_t v)
{
	return (h ^ v) * 0x9e3779b97f4a7c15ULL + (h >> 29);
}

static uint64_t sign(const struct ladder_entry *e)
{
	uint64_t h = mix(e->l.purpose, (uintptr_t)e->l.key);

	h = mix(h, (uintptr_t)e->l.exe);
	for (unsigned int i = 0; i < e->l.cnt; i++)
		h = mix(mix(h, (uintptr_t)e->candidates[i].path), e->candidates[i].result);
	return h;
}

static bool is_alike(const struct ladder_entry *a, const struct ladder_entry *b)
{
	if (a->l.purpose != b->l.purpose || a->l.key != b->l.key || a->l.exe != b->l.exe ||
	    a->l.cwd != b->l.cwd || a->l.cnt != b->l.cnt)
		return false;
	for (unsigned int i = 0; i < a->l.cnt; i++)
		if (a->candidates[i].path != b->candidates[i].path || a->candidates[i].err != b->candidates[i].err ||
		    a->candidates[i].result != b->candidates[i].result)
			return false;
	return true;
}

static bool is_trivial(const struct ladder_entry *e)
{
	switch (e->l.purpose) {
	case LADDER_LIBRARY:
		return e->l.cnt == 1 && e->candidates[0].result >= CANDIDATE_FOUND &&
		       library__is_of_system(e->candidates[0].path);
	case LADDER_PROGRAM:
	case LADDER_TIME_ZONE:
	case LADDER_MIME:
	case LADDER_RESOLVER:
	case LADDER_CERTIFICATES:
		return e->l.cnt == 1 && e->candidates[0].result >= CANDIDATE_FOUND;
	default:
		return false;
	}
}

/* What go itself looks for is asked for by process. */
static bool is_for_go(enum ladder_purpose purpose)
{
	return purpose == LADDER_GO_WORK || purpose == LADDER_GO_MOD || purpose == LADDER_GO_ENV ||
	       purpose == LADDER_GOROOT_ENV;
}

static void drop(struct ladders *ls, struct ladder_entry *e)
{
	HASH_DEL(ls->by_key, e);
	DL_DELETE(ls->all, e);
	ls->cnt--;
	free(e->candidates);
	free(e);
}

static int finish(struct ladders *ls, struct ladder_entry *e)
{
	struct ladder_entry *other = NULL;

	if (is_trivial(e)) {
		drop(ls, e);
		return 0;
	}
	if (is_for_go(e->l.purpose))
		return 0;
	e->signature = sign(e);
	HASH_FIND(hh_alike, ls->alike, &e->signature, sizeof(e->signature), other);
	if (other && is_alike(other, e)) {
		other->l.processes++;
		drop(ls, e);
		return 0;
	}
	if (other)
		return 0;
	HASH_ADD(hh_alike, ls->alike, signature, sizeof(e->signature), e);
	return e->hh_alike.tbl ? 0 : -ENOMEM;
}

static bool is_link_library(const struct ladder_entry *e)
{
	return e->l.purpose == LADDER_LIBRARY && (str_has_suffix(e->l.key, ".so") || str_has_suffix(e->l.key, ".a"));
}

static bool has_found(const struct ladder_entry *e)
{
	for (unsigned int i = 0; i < e->l.cnt; i++)
		if (e->candidates[i].result >= CANDIDATE_FOUND)
			return true;
	return false;
}

/* "libz.so" and "libz.a" are both -lz: who finds the one has found the other. */
static void pair_libraries(struct searcher *c)
{
	for (struct ladder_entry *e = c->ladders; e; e = e->sibling) {
		size_t n = strcspn(e->l.key, ".");

		if (!is_link_library(e) || has_found(e))
			continue;
		for (struct ladder_entry *k = c->ladders; k && !e->l.has_alternative; k = k->sibling)
			e->l.has_alternative = is_link_library(k) && !strncmp(k->l.key, e->l.key, n) &&
					       k->l.key[n] == '.' && has_found(k);
	}
}

int searcher__end(struct ladders *ls, uint64_t proc)
{
	struct searcher *c = find_searcher(ls, proc);
	struct ladder_entry *e, *next;
	int err = 0;

	if (!c)
		return 0;
	if (tool_role__is_c_part(c->role))
		pair_libraries(c);
	for (e = c->ladders; e && !err; e = next) {
		next = e->sibling;
		err = finish(ls, e);
	}
	HASH_DEL(ls->searchers, c);
	free(c->links);
	free(c);
	return err;
}

/* --- candidates --- */

struct ladder_entry *ladder__find(const struct ladders *ls, uint64_t proc, enum ladder_purpose purpose, const char *key)
{
	struct ladder_key at = { proc, key, purpose };
	struct ladder_entry *e;

	HASH_FIND(hh, ls->by_key, &at, sizeof(at), e);
	return e;
}

/* *ret stays NULL when there are too many already. */
int ladder__get(struct model *m, struct searcher *c, enum ladder_purpose purpose, const char *key, struct ladder_entry **ret)
{
	struct ladders *ls = m->ladders;
	struct ladder_entry *e = ladder__find(ls, c->proc, purpose, key);

	*ret = e;
	if (e)
		return 0;
	if (ls->cnt >= MAX_LADDERS || (c->cnt >= MAX_OF_PROCESS && !is_for_go(purpose))) {
		ls->omitted++;
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->at = (struct ladder_key){ c->proc, key, purpose };
	e->l = (struct ladder){ .proc = c->proc, .processes = 1, .exe = c->exe, .cwd = c->cwd,
				.repository = c->repository, .purpose = purpose, .key = key };
	HASH_ADD(hh, ls->by_key, at, sizeof(e->at), e);
	if (!hash__has(e)) {
		free(e);
		return -ENOMEM;
	}
	DL_APPEND(ls->all, e);
	ls->cnt++;
	e->sibling = c->ladders;
	c->ladders = e;
	c->cnt++;
	*ret = e;
	return 0;
}

/* The candidate of a path, made when it is not there; NULL: no memory, or (-E2BIG) too many. */
static int get_candidate(struct ladder_entry *e, const char *path, struct candidate **ret)
{
	struct candidate *grown;

	for (unsigned int i = 0; i < e->l.cnt; i++) {
		*ret = &e->candidates[i];
		if (e->candidates[i].path == path)
			return 0;
	}
	if (e->l.cnt == LADDER_MAX_CANDIDATES) {
		e->l.omitted++;
		return -E2BIG;
	}
	if (e->l.cnt == e->cap) {
		grown = realloc(e->candidates, (e->cap ? e->cap * 2 : 2) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		e->candidates = grown;
		e->l.candidates = grown;
		e->cap = e->cap ? e->cap * 2 : 2;
	}
	*ret = &e->candidates[e->l.cnt++];
	**ret = (struct candidate){ .path = path, .ts = -1 };
	return 0;
}

/* The strongest result counts: who looks first and opens then has used it. */
int ladder__add(struct model *m, struct ladder_entry *e, const struct attempt *a, unsigned int *ret_candidate)
{
	const char *path = pool__get(m->pool, a->path), *err = pool__get(m->pool, a->err);
	const char *target = pool__get(m->pool, a->target);
	struct candidate *r;
	int status;

	if (!path || (a->err && !err) || (a->target && !target))
		return -ENOMEM;
	status = get_candidate(e, path, &r);
	if (status)
		return status == -E2BIG ? 0 : status;
	if (target)
		r->target = target;
	if (r->ts < 0 || a->result > r->result) {
		r->result = a->result;
		r->err = err;
		r->ts = a->ts;
	}
	if (ret_candidate)
		*ret_candidate = r - e->candidates;
	return 0;
}

static int ladders__open(struct model *m)
{
	m->ladders = calloc(1, sizeof(*m->ladders));
	return m->ladders ? 0 : -ENOMEM;
}

static void ladders__close(struct model *m)
{
	struct ladders *ls = m->ladders;
	struct ladder_entry *e, *next;
	struct searcher *c, *next_c;

	if (!ls)
		return;
	HASH_ITER(hh, ls->searchers, c, next_c) {
		HASH_DEL(ls->searchers, c);
		free(c->links);
		free(c);
	}
	HASH_CLEAR(hh_alike, ls->alike);
	DL_FOREACH_SAFE(ls->all, e, next)
		drop(ls, e);
	free(ls);
}

const struct topic topic_ladders = {
	.name = "ladders", .scope = MODEL_ALL,
	.open = ladders__open, .add = ladders__add, .close = ladders__close,
};

const struct ladder *model__next_ladder(const struct model *m, const struct ladder *l)
{
	const struct ladder_entry *e = l ? container_of(l, struct ladder_entry, l)->next : m->ladders->all;

	return e ? &e->l : NULL;
}

const struct ladder *model__ladder(const struct model *m, uint64_t proc, enum ladder_purpose purpose)
{
	const char *none = pool__get_n(m->pool, "", 0);
	const struct ladder_entry *e = none ? ladder__find(m->ladders, proc, purpose, none) : NULL;

	return e ? &e->l : NULL;
}

uint64_t model__ladders_left_out(const struct model *m)
{
	return m->ladders->omitted;
}
