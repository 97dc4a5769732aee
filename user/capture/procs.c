/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The program images that are followed now, and what is held back for them. */
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include "capture/procs.h"

struct procs {
	struct proc *by_key;
	uint64_t next_id;
	size_t cnt;		/* atomic */
	size_t held_bytes;
};

struct procs *procs__new(void)
{
	struct procs *ps = calloc(1, sizeof(*ps));

	if (ps)
		ps->next_id = 1;
	return ps;
}

void procs__free(struct procs *ps)
{
	struct proc *p, *next;

	if (!ps)
		return;
	HASH_ITER(hh, ps->by_key, p, next)
		procs__drop(ps, p);
	free(ps);
}

struct proc *procs__find(struct procs *ps, uint64_t key)
{
	struct proc *p;

	HASH_FIND(hh, ps->by_key, &key, sizeof(key), p);
	return p;
}

struct proc *procs__add(struct procs *ps, uint64_t key, uint32_t pid, enum follow follow)
{
	struct proc *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->key = key;
	p->pid = pid;
	p->follow = follow;
	p->held_tail = &p->held;
	p->all_held = &ps->held_bytes;
	HASH_ADD(hh, ps->by_key, key, sizeof(p->key), p);
	if (p->hash_failed) {
		free(p);
		return NULL;
	}
	p->id = ps->next_id++;
	(void)__atomic_add_fetch(&ps->cnt, 1, __ATOMIC_RELAXED);
	return p;
}

size_t procs__count(const struct procs *ps)
{
	return __atomic_load_n(&ps->cnt, __ATOMIC_RELAXED);
}

void procs__drop(struct procs *ps, struct proc *p)
{
	HASH_DEL(ps->by_key, p);
	(void)__atomic_sub_fetch(&ps->cnt, 1, __ATOMIC_RELAXED);
	held__free(proc__take_held(p));
	pending_exec__free(p->exec);
	free(p->output);
	pause__free(p->pause);
	configs__put(p->configs);
	opener__put(p->opener);
	free(p);
}

size_t procs__held_bytes(const struct procs *ps)
{
	return ps->held_bytes;
}

struct proc *procs__first(struct procs *ps)
{
	return ps->by_key;
}

void proc__enter_root(struct proc *p, struct viewer self)
{
	p->own_root = true;
	p->view = 0;
	p->first_viewer = self;
}

void proc__enter_ns(struct proc *p, uint32_t mnt_ns, struct viewer self)
{
	if (p->mnt_ns == mnt_ns)
		return;
	p->mnt_ns = mnt_ns;
	proc__enter_root(p, self);
}

static struct held *hold(struct proc *p, const char *text, size_t n)
{
	struct held *h = calloc(1, sizeof(*h) + n + 1);

	if (!h)
		return NULL;
	memcpy(h->text, text, n);
	h->len = n;
	*p->held_tail = h;
	p->held_tail = &h->next;
	p->held_bytes += sizeof(*h) + n;
	*p->all_held += sizeof(*h) + n;
	return h;
}

bool proc__hold_line(struct proc *p, const struct line *l)
{
	struct held *h = hold(p, l->text.s, l->text.len);

	if (!h)
		return false;
	h->kind = l->kind;
	h->redactions = l->redactions;
	return true;
}

bool proc__hold_request(struct proc *p, const struct look_at *at)
{
	struct held *h = hold(p, at->name.path, strlen(at->name.path));

	if (!h)
		return false;
	h->kind = REC_UNKNOWN;
	h->at = *at;
	h->at.name.path = h->text;
	(void)opener__get(h->at.who);
	return true;
}

struct held *proc__take_held(struct proc *p)
{
	struct held *h = p->held;

	p->held = NULL;
	p->held_tail = &p->held;
	*p->all_held -= p->held_bytes;
	p->held_bytes = 0;
	return h;
}

void held__free(struct held *h)
{
	struct held *next;

	for (; h; h = next) {
		next = h->next;
		opener__put(h->at.who);
		free(h);
	}
}

void pending_exec__free(struct pending_exec *e)
{
	if (!e)
		return;
	free(e->ev);
	free(e->bytes[BLOB_ARGS]);
	free(e->bytes[BLOB_ENV]);
	free(e);
}
