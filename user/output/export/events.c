/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The events of a record as columns. */
#include <errno.h>
#include <stdlib.h>

#include "model/process.h"
#include "model/roots.h"
#include "output/export/events.h"
#include "record/facts.h"
#include "util/hash.h"
#include "util/str.h"

#define MAX_ERRORS 255
#define FIRST_SPAN_NS 1000000	/* of those that become one row, when there are more than max */
#define GAP UINT32_MAX

/*	id		name		*/
#define OUTCOME_LIST(X)			\
	X(DONE,		"done")		\
	X(ABSENT,	"absent")	\
	X(FAILED,	"failed")	\
	X(WRITTEN,	"written")	\
	X(UNKNOWN,	"unknown")

enum outcome {
#define X(id, name) OUTCOME_##id,
	OUTCOME_LIST(X)
#undef X
	OUTCOME_CNT,
};

static const char *outcome__name(unsigned int outcome)
{
	static const char *const names[] = {
#define X(id, name) [OUTCOME_##id] = name,
		OUTCOME_LIST(X)
#undef X
	};

	return names[outcome];
}

struct path {
	UT_hash_handle hh;
	uint64_t refs;
	uint32_t id;
	uint32_t len;
	const struct roots *roots;	/* that area is of; NULL: not asked yet */
	enum area area;
	char text[];
};

struct row {
	int64_t ts;
	struct path *path, *second;	/* NULL: none */
	uint32_t proc;
	uint32_t cnt;			/* events in it */
	uint8_t kind, outcome, area, error;
	uint32_t at;			/* in the record's order */
};

struct events {
	const struct model *m;
	size_t max;
	struct row *rows;
	size_t cnt, room;
	size_t merged;			/* the first ones are of more than one event */
	int64_t span;
	uint32_t added;
	struct path *paths;
	struct path **sorted;
	size_t path_cnt;
	struct str text;		/* the paths, as they are written */
	char *errors[MAX_ERRORS + 1];	/* 0: none */
	size_t error_cnt;
};

struct events *events__new(const struct model *m, size_t max)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->m = m;
	e->max = max;
	e->span = FIRST_SPAN_NS;
	return e;
}

void events__free(struct events *e)
{
	if (!e)
		return;
	hash_free(&e->paths, free);
	for (size_t i = 0; i < e->error_cnt; i++)
		free(e->errors[i + 1]);
	str__free(&e->text);
	free(e->sorted);
	free(e->rows);
	free(e);
}

/* --- paths --- */

static struct path *take_path(struct events *e, const char *text)
{
	size_t n = strlen(text);
	struct path *p = NULL;

	HASH_FIND(hh, e->paths, text, n, p);
	if (p) {
		p->refs++;
		return p;
	}
	p = calloc(1, sizeof(*p) + n + 1);
	if (!p)
		return NULL;
	p->len = n;
	p->refs = 1;
	memcpy(p->text, text, n);
	HASH_ADD_KEYPTR(hh, e->paths, p->text, n, p);
	if (p->hh.tbl)
		return p;
	free(p);
	return NULL;
}

static void drop_path(struct events *e, struct path *p)
{
	if (!p || --p->refs)
		return;
	HASH_DEL(e->paths, p);
	free(p);
}

/* --- lines --- */

static enum outcome outcome_of(const struct rec *rec)
{
	if (rec->flags & REC_FLAG_NO_OUTCOME)
		return OUTCOME_UNKNOWN;
	if (rec->kind == REC_LOST || rec->kind == REC_EXEC_FAILED || rec__str(rec, "error"))
		return OUTCOME_FAILED;
	if (rec->kind == REC_EXIT)
		return rec__int(rec, "code", 0) || rec__int(rec, "signal", 0) ?
		       OUTCOME_FAILED : OUTCOME_DONE;
	/* "It is no link" is an answer, which realpath(3) asks for each folder. */
	if (rec->kind == REC_READLINK && rec->err && str_eq(rec->err, "EINVAL"))
		return OUTCOME_DONE;
	if (rec->err)
		return err__is_absent(rec->err) ? OUTCOME_ABSENT : OUTCOME_FAILED;
	return rec__changes_path(rec) ? OUTCOME_WRITTEN : OUTCOME_DONE;
}

static const char *path_of(const struct rec *rec)
{
	switch (rec->kind) {
	case REC_EXEC:
	case REC_BUILDINFO:
		return rec__str(rec, "exe");
	case REC_CACHE:
		return rec->path ?: rec__str(rec, "action");
	case REC_CONNECT:
		return rec__str(rec, "addr");
	case REC_LOST:
	case REC_BLIND:
		return rec__str(rec, "what");
	default:
		return rec->path ?: rec__str(rec, "file");
	}
}

/* Errors beyond MAX_ERRORS share the last number; there are half as many. */
static int take_error(struct events *e, const char *err, uint8_t *ret)
{
	size_t i = 1;

	*ret = 0;
	if (!err)
		return 0;
	for (; i <= e->error_cnt; i++)
		if (str_eq(e->errors[i], err))
			break;
	if (i > e->error_cnt && i <= MAX_ERRORS) {
		e->errors[i] = strdup(err);
		if (!e->errors[i])
			return -ENOMEM;
		e->error_cnt++;
	}
	*ret = i <= MAX_ERRORS ? i : MAX_ERRORS;
	return 0;
}

static bool grow(struct events *e)
{
	size_t room = e->room ? e->room * 2 : 4096;
	struct row *rows;

	if (e->cnt < e->room)
		return true;
	rows = realloc(e->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	e->rows = rows;
	e->room = room;
	return true;
}

/* --- more than can be shown --- */

static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void sort(struct events *e)
{
	for (size_t i = 1; i < e->cnt; i++)
		if (by_time(&e->rows[i - 1], &e->rows[i]) > 0) {
			qsort(e->rows, e->cnt, sizeof(*e->rows), by_time);
			return;
		}
}

/* What a path is depends on where the command works that asks. */
static enum area area_of(const struct events *e, const struct row *r)
{
	const struct roots *roots;

	if (!r->path)
		return r->area;
	roots = model__roots(e->m, model__process(e->m, r->proc));
	if (r->path->roots != roots) {
		r->path->roots = roots;
		r->path->area = roots__area(roots, r->path->text);
	}
	return r->path->area;
}

static bool is_alike(const struct row *a, const struct row *b)
{
	return a->proc == b->proc && a->kind == b->kind && a->outcome == b->outcome && a->area == b->area &&
	       a->error == b->error;
}

static int by_likeness(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->proc != y->proc)
		return x->proc < y->proc ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind - y->kind;
	if (x->outcome != y->outcome)
		return x->outcome - y->outcome;
	if (x->area != y->area)
		return x->area - y->area;
	if (x->error != y->error)
		return x->error - y->error;
	return by_time(a, b);
}

/* The n oldest rows become fewer; how many. */
static size_t fold(struct events *e, size_t n)
{
	size_t kept = 0;

	qsort(e->rows, n, sizeof(*e->rows), by_likeness);
	for (size_t i = 0; i < n; i++) {
		struct row *r = &e->rows[i], *into = kept ? &e->rows[kept - 1] : NULL;

		if (into && is_alike(into, r) && r->ts / e->span == into->ts / e->span &&
		    into->cnt <= UINT32_MAX - r->cnt)
			into->cnt += r->cnt;
		else
			e->rows[kept++] = *r;
	}
	qsort(e->rows, kept, sizeof(*e->rows), by_time);
	return kept;
}

/*
 * Paths go, and rows that are then alike. Their spans grow until a quarter of all rows is enough for
 * what is old, so that this happens once for each quarter of new ones.
 */
static void put_together(struct events *e)
{
	size_t n = e->cnt - e->max / 2, kept = n;

	sort(e);
	for (size_t i = e->merged; i < n; i++) {
		struct row *r = &e->rows[i];

		r->area = area_of(e, r);
		drop_path(e, r->path);
		drop_path(e, r->second);
		r->path = r->second = NULL;
	}
	for (; (kept = fold(e, kept)) > e->max / 4 && e->span < INT64_MAX / 2; e->span *= 2)
		;
	memmove(e->rows + kept, e->rows + n, (e->cnt - n) * sizeof(*e->rows));
	e->cnt -= n - kept;
	e->merged = kept;
}

int events__add(struct events *e, const struct rec *rec)
{
	const char *path = path_of(rec), *second = rec__str(rec, "path2");
	struct row row = {
		.ts = rec->ts,
		.proc = rec->proc <= UINT32_MAX ? rec->proc : 0,
		.cnt = 1,
		.kind = rec->kind,
		.outcome = outcome_of(rec),
		.at = e->added++,
	};

	if (rec->ts < 0 || rec->kind == REC_UNKNOWN || rec->kind == REC_HEADER || rec->kind == REC_END)
		return 0;
	if (e->cnt >= e->max)
		put_together(e);
	if (!grow(e) || take_error(e, rec->err, &row.error))
		return -ENOMEM;
	row.path = path && *path ? take_path(e, path) : NULL;
	row.second = second && *second ? take_path(e, second) : NULL;
	if ((path && *path && !row.path) || (second && *second && !row.second))
		return -ENOMEM;
	e->rows[e->cnt++] = row;
	return 0;
}

/* --- the columns --- */

static int by_text(const void *a, const void *b)
{
	const struct path *x = *(const struct path *const *)a, *y = *(const struct path *const *)b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	return order ?: x->len < y->len ? -1 : x->len > y->len;
}

static void add_number(struct str *out, uint32_t n)
{
	for (; n >= 0x80; n >>= 7)
		str__addc(out, (char)(n | 0x80));
	str__addc(out, (char)n);
}

static void add_path(struct str *out, const struct path *before, const struct path *p)
{
	uint32_t same = 0;

	while (before && same < before->len && same < p->len && before->text[same] == p->text[same])
		same++;
	add_number(out, same);
	add_number(out, p->len - same);
	str__add(out, p->text + same, p->len - same);
}

static int number_paths(struct events *e)
{
	size_t n = HASH_COUNT(e->paths), i = 0;

	e->sorted = calloc(n + 1, sizeof(struct path *));
	if (!e->sorted)
		return -ENOMEM;
	for (struct path *p = e->paths; p; p = p->hh.next)
		e->sorted[i++] = p;
	qsort(e->sorted, n, sizeof(struct path *), by_text);
	add_number(&e->text, 0);
	add_number(&e->text, 0);
	for (i = 0; i < n; i++) {
		e->sorted[i]->id = i + 1;
		add_path(&e->text, i ? e->sorted[i - 1] : NULL, e->sorted[i]);
	}
	e->path_cnt = n + 1;
	return str__err(&e->text);
}

int events__finish(struct events *e)
{
	sort(e);
	for (size_t i = e->merged; i < e->cnt; i++)
		e->rows[i].area = area_of(e, &e->rows[i]);
	return number_paths(e);
}

static void add_names(struct json *j, const char *key, const char *(*name)(unsigned int), unsigned int n)
{
	json__key(j, key);
	json__arr(j);
	for (unsigned int i = 0; i < n; i++)
		json__str(j, name(i));
	json__end(j);
}

static const char *kind_name(unsigned int kind)
{
	return rec_kind__name(kind);
}

static const char *area_name(unsigned int area)
{
	return area__name(area);
}

static void add_pair(struct json *j, uint64_t row, uint64_t value)
{
	json__arr(j);
	json__uint(j, row);
	json__uint(j, value);
	json__end(j);
}

static uint64_t distance(const struct events *e, size_t i)
{
	return e->rows[i].ts - (i ? e->rows[i - 1].ts : 0);
}

void events__head(const struct events *e, struct json *j)
{
	json__obj(j);
	json__kuint(j, "rows", e->cnt);
	json__kuint(j, "paths", e->path_cnt);
	json__kuint(j, "path_bytes", e->text.len);
	json__kuint(j, "merged_rows", e->merged);
	add_names(j, "kinds", kind_name, REC_CNT);
	add_names(j, "outcomes", outcome__name, OUTCOME_CNT);
	add_names(j, "areas", area_name, AREA_CNT);
	json__key(j, "errors");
	json__arr(j);
	for (size_t i = 0; i <= e->error_cnt; i++)
		json__str(j, e->errors[i] ?: "");
	json__end(j);
	json__key(j, "gaps");
	json__arr(j);
	for (size_t i = 0; i < e->cnt; i++)
		if (distance(e, i) >= GAP)
			add_pair(j, i, distance(e, i));
	json__end(j);
	json__key(j, "second");
	json__arr(j);
	for (size_t i = 0; i < e->cnt; i++)
		if (e->rows[i].second)
			add_pair(j, i, e->rows[i].second->id);
	json__end(j);
	json__key(j, "merged");
	json__arr(j);
	for (size_t i = 0; i < e->merged; i++)
		if (e->rows[i].cnt > 1)
			add_pair(j, i, e->rows[i].cnt);
	json__end(j);
	json__end(j);
}

static uint32_t time_of(const struct events *e, size_t i)
{
	return distance(e, i) < GAP ? distance(e, i) : GAP;
}

static uint32_t path_id_of(const struct events *e, size_t i)
{
	return e->rows[i].path ? e->rows[i].path->id : 0;
}

static uint32_t proc_of(const struct events *e, size_t i)
{
	return e->rows[i].proc;
}

static uint32_t kind_of(const struct events *e, size_t i)
{
	return e->rows[i].kind;
}

static uint32_t outcome_at(const struct events *e, size_t i)
{
	return e->rows[i].outcome;
}

static uint32_t area_at(const struct events *e, size_t i)
{
	return e->rows[i].area;
}

static uint32_t error_of(const struct events *e, size_t i)
{
	return e->rows[i].error;
}

static const struct {
	uint32_t (*value)(const struct events *e, size_t i);
	unsigned int bytes;
} columns[] = {
	{ time_of, 4 }, { path_id_of, 4 }, { proc_of, 4 },
	{ kind_of, 1 }, { outcome_at, 1 }, { area_at, 1 }, { error_of, 1 },
};

int events__columns(const struct events *e, int (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
	unsigned char buf[65536];
	int err = put(ctx, e->text.s, e->text.len);

	for (size_t c = 0; c < ARRAY_SIZE(columns); c++)
		for (unsigned int shift = 0; shift < 8 * columns[c].bytes; shift += 8)
			for (size_t i = 0; i < e->cnt && !err;) {
				size_t n = 0;

				for (; n < sizeof(buf) && i < e->cnt; i++)
					buf[n++] = columns[c].value(e, i) >> shift;
				err = put(ctx, buf, n);
			}
	return err;
}
