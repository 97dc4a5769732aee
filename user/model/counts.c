/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many lines of each kind, and how many failures. */
#include <errno.h>

#include "model/counts.h"
#include "model/topic.h"
#include "record/facts.h"

_Static_assert(REC_OPEN + 3 == REC_READLINK && REC_READLINK + 9 == REC_CHDIR,
	       "the kinds between open and chdir are the accesses");

static int count_error(struct model *m, const char *err)
{
	struct counts *c = m->counts;
	size_t i;

	for (i = 0; i < c->error_cnt; i++) {
		if (str_eq(c->errors[i].err, err)) {
			c->errors[i].count++;
			return 0;
		}
	}
	if (i == COUNTS_MAX_ERRORS) {
		c->errors[i - 1].count++;
		return 0;
	}
	c->errors[i] = (struct error_count){ .err = pool__get(m->pool, err), .count = 1 };
	if (!c->errors[i].err)
		return -ENOMEM;
	c->error_cnt++;
	return 0;
}

static int counts__add(struct model *m, const struct rec *rec)
{
	struct counts *c = m->counts;
	const char *err;

	if (rec->kind == REC_UNKNOWN || rec->kind >= REC_CNT) {
		c->unknown++;
		return 0;
	}
	c->lines++;
	c->by_kind[rec->kind]++;
	if (!kind__is_access(rec->kind) && rec->kind != REC_EXEC_FAILED)
		return 0;
	err = rec__str(rec, "err");
	if (!err)
		return 0;
	c->failed_by_kind[rec->kind]++;
	return kind__is_access(rec->kind) ? count_error(m, err) : 0;
}

static int counts__open(struct model *m)
{
	m->counts = calloc(1, sizeof(*m->counts));
	return m->counts ? 0 : -ENOMEM;
}

static void counts__close(struct model *m)
{
	free(m->counts);
}

const struct topic topic_counts = {
	.name = "counts", .scope = MODEL_ALL,
	.open = counts__open, .add = counts__add, .close = counts__close,
};

const struct counts *model__counts(const struct model *m)
{
	return m->counts;
}

uint64_t counts__accesses(const struct counts *c)
{
	uint64_t n = 0;

	for (int k = REC_OPEN; k <= REC_CHDIR; k++)
		n += c->by_kind[k];
	return n;
}

uint64_t counts__failed_accesses(const struct counts *c)
{
	uint64_t n = 0;

	for (int k = REC_OPEN; k <= REC_CHDIR; k++)
		n += c->failed_by_kind[k];
	return n;
}
