/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which versions the C compilers are of: told by what they ran, or else by what they looked for. */
#include <errno.h>

#include "golang/c_compiler.h"
#include "model/images.h"
#include "model/topic.h"
#include "model/process.h"

static int set(struct model *m, const struct process *p, const char *version, size_t n,
	       enum confidence c, int64_t ts)
{
	struct image *i = p ? (struct image *)p->image : NULL;

	if (!i || i->cc.confidence >= c)
		return 0;
	i->cc.version = pool__get_n(m->pool, version, n);
	if (!i->cc.version)
		return -ENOMEM;
	i->cc.confidence = c;
	i->cc.ts = ts;
	return 0;
}

/* gcc's driver runs cc1 of its own version: that is the compiler that really worked. */
static int add_exec(struct model *m, const struct rec *rec, const struct process *p)
{
	const struct process *parent = model__process(m, p->parent);
	const char *version;
	size_t n;
	int err;

	if (!tool_role__is_c_part(p->role) || !p->exe || !gcc__version_of(p->exe, &version, &n))
		return 0;
	err = set(m, p, version, n, PROVEN, rec->ts);
	if (err || !parent || parent->role != TOOL_CC)
		return err;
	return set(m, parent, version, n, PROVEN, rec->ts);
}

/* A driver that is only asked about itself finds cc1 and does not run it; clang runs nothing. */
static int add_access(struct model *m, const struct rec *rec, const struct process *p)
{
	const char *version;
	size_t n;

	if (!rec->path || rec->err || !p->exe)
		return 0;
	if (gcc__version_of(rec->path, &version, &n))
		return set(m, p, version, n, LIKELY, rec->ts);
	if (clang__version_of(p->exe, rec->path, &version, &n))
		return set(m, p, version, n, rec->kind == REC_OPEN ? PROVEN : LIKELY, rec->ts);
	return 0;
}

static int c_compilers__add(struct model *m, const struct rec *rec)
{
	const struct process *p;

	switch (rec->kind) {
	case REC_EXEC:
		p = model__process(m, rec->proc);
		return p ? add_exec(m, rec, p) : 0;
	case REC_OPEN:
	case REC_STAT:
	case REC_ACCESS:
		p = model__process_of(m, rec);
		return p && p->role == TOOL_CC ? add_access(m, rec, p) : 0;
	default:
		return 0;
	}
}

static int c_compilers__open(struct model *m)
{
	return 0;	/* what it finds belongs to the images */
}

static void c_compilers__close(struct model *m)
{
}

const struct topic topic_c_compilers = {
	.name = "C compilers", .scope = MODEL_ALL,
	.open = c_compilers__open, .add = c_compilers__add, .close = c_compilers__close,
};
