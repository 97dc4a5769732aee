/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The record as a whole: header, losses, end. */
#include <errno.h>

#include "model/topic.h"
#include "model/run.h"
#include "record/facts.h"

#define MAX_WORDS 65536		/* of the command, and tags: the header is foreign bytes, too */

static size_t items(const struct jsonv *list)
{
	size_t n = 0;

	for (const struct jsonv *v = jsonv__first(list); v && n < MAX_WORDS; v = jsonv__next(v))
		n++;
	return n;
}

static int keep_command(struct model *m, const struct jsonv *list)
{
	struct run *r = m->run;
	size_t n = items(list);

	if (!jsonv__is_arr(list) || !n || r->command)
		return 0;
	r->command = calloc(n, sizeof(*r->command));
	if (!r->command)
		return -ENOMEM;
	for (const struct jsonv *v = jsonv__first(list); v; v = jsonv__next(v)) {
		const char *word = pool__get(m->pool, jsonv__string(v) ?: "");

		if (r->command_cnt == n)
			break;
		if (!word)
			return -ENOMEM;
		r->command[r->command_cnt++] = word;
	}
	return 0;
}

static int keep_tags(struct model *m, const struct jsonv *obj)
{
	struct run *r = m->run;
	size_t n = items(obj);

	if (!jsonv__is_obj(obj) || !n || r->tags)
		return 0;
	r->tags = calloc(n, sizeof(*r->tags));
	if (!r->tags)
		return -ENOMEM;
	for (const struct jsonv *v = jsonv__first(obj); v && r->tag_cnt < n; v = jsonv__next(v)) {
		struct tag *t = &r->tags[r->tag_cnt];

		t->name = pool__get(m->pool, jsonv__name(v));
		t->value = pool__get(m->pool, jsonv__string(v) ?: "");
		if (!t->name || !t->value)
			return -ENOMEM;
		r->tag_cnt++;
	}
	return 0;
}

/* Absent is fine, memory that ran out is not. */
static int keep(struct model *m, const char **slot, const char *s)
{
	*slot = pool__get(m->pool, s);
	return s && !*slot ? -ENOMEM : 0;
}

static int keep_missing(struct model *m, const struct jsonv *list)
{
	struct run *r = m->run;

	for (const struct jsonv *v = jsonv__first(list); v && r->missing_cnt < RUN_MAX_MISSING;
	     v = jsonv__next(v)) {
		struct missing *one = &r->missing[r->missing_cnt];

		if (keep(m, &one->name, jsonv__kstr(v, "name")) ||
		    keep(m, &one->without, jsonv__kstr(v, "without")))
			return -ENOMEM;
		r->missing_cnt += one->name && one->without;
	}
	return 0;
}

static int add_header(struct model *m, const struct rec *rec)
{
	const struct jsonv *host = jsonv__get(rec->root, "host");
	const struct jsonv *hooks = jsonv__get(rec->root, "hooks");
	struct run *r = m->run;

	if (r->has_header)
		return 0;	/* the first one counts */
	r->has_header = true;
	r->cpus = jsonv__kint(host, "cpus", 0);
	r->boot_ns = rec__uint(rec, "boot_ns", 0);
	r->has_net = jsonv__bool(jsonv__get(rec->root, "net"), false);
	if (keep(m, &r->schema, rec__str(rec, "schema")) ||
	    keep(m, &r->version, rec__str(rec, "version")) ||
	    keep(m, &r->start, rec__str(rec, "start")) ||
	    keep(m, &r->mode, rec__str(rec, "mode")) ||
	    keep(m, &r->host, jsonv__kstr(host, "name")) ||
	    keep(m, &r->kernel, jsonv__kstr(host, "kernel")) ||
	    keep(m, &r->arch, jsonv__kstr(host, "arch")) ||
	    keep(m, &r->tier, jsonv__kstr(hooks, "tier")) ||
	    keep_missing(m, jsonv__get(rec->root, "missing")) ||
	    keep_command(m, jsonv__get(rec->root, "command")))
		return -ENOMEM;
	return keep_tags(m, jsonv__get(rec->root, "tags"));
}

static int add_lost(struct model *m, const struct rec *rec)
{
	struct run *r = m->run;
	uint64_t count = rec__uint(rec, "count", 0);
	struct loss *l;

	if (__builtin_add_overflow(r->lost_in_lines, count, &r->lost_in_lines))
		r->lost_in_lines = UINT64_MAX;
	if (r->loss_cnt >= RUN_MAX_LOSSES) {
		r->losses_cut++;
		return 0;
	}
	l = realloc(r->losses, (r->loss_cnt + 1) * sizeof(*l));
	if (!l)
		return -ENOMEM;
	r->losses = l;
	l += r->loss_cnt;
	*l = (struct loss){ .count = count, .since = rec__int(rec, "since", -1), .ts = rec->ts };
	l->what = pool__get(m->pool, rec__str(rec, "what") ?: "unknown");
	if (!l->what)
		return -ENOMEM;
	r->loss_cnt++;
	return 0;
}

static int add_blind(struct model *m, const struct rec *rec)
{
	struct run *r = m->run;
	struct blind *b;

	for (size_t i = 0; i < r->blind_cnt; i++) {
		b = &r->blinds[i];
		if (b->proc == rec->proc && b->pid == rec->pid &&
		    str_eq(b->what, rec__str(rec, "what") ?: "unknown"))
			return 0;
	}
	if (r->blind_cnt >= RUN_MAX_BLINDS) {
		r->blinds_cut++;
		return 0;
	}
	b = realloc(r->blinds, (r->blind_cnt + 1) * sizeof(*b));
	if (!b)
		return -ENOMEM;
	r->blinds = b;
	b += r->blind_cnt;
	*b = (struct blind){ .proc = rec->proc, .pid = rec->pid, .ts = rec->ts };
	b->was_before = jsonv__bool(jsonv__get(rec->root, "adopted"), false);
	b->what = pool__get(m->pool, rec__str(rec, "what") ?: "unknown");
	if (!b->what)
		return -ENOMEM;
	r->blind_cnt++;
	return 0;
}

static void add_alive(struct run *r, const struct rec *rec)
{
	const struct jsonv *v = jsonv__first(jsonv__get(rec->root, "alive"));

	r->alive_cnt = 0;
	r->alive_omitted = rec__uint(rec, "alive_omitted", 0);
	for (; v; v = jsonv__next(v)) {
		if (r->alive_cnt == RUN_MAX_ALIVE) {
			r->alive_omitted++;
			continue;
		}
		r->alive[r->alive_cnt++] = (struct alive_process){
			jsonv__kint(v, "proc", 0), jsonv__kint(v, "pid", 0) };
	}
}

static void add_end(struct run *r, const struct rec *rec)
{
	const struct jsonv *lost = jsonv__get(rec->root, "lost");

	r->has_end = true;
	r->end_complete = jsonv__bool(jsonv__get(rec->root, "complete"), false);
	r->seen = rec__uint(rec, "seen", 0);
	r->sent = rec__uint(rec, "sent", 0);
	r->redactions = rec__uint(rec, "redactions", 0);
	r->fstat = rec__uint(rec, "fstat", 0);
	r->duration = rec__int(rec, "duration", r->last_ts);
	r->status = rec__int(rec, "status", -1);
	r->lost = 0;
	add_alive(r, rec);
	for (const struct jsonv *v = jsonv__first(lost); v; v = jsonv__next(v)) {
		int64_t n = jsonv__int(v, 0);

		if (n > 0 && __builtin_add_overflow(r->lost, (uint64_t)n, &r->lost))
			r->lost = UINT64_MAX;
	}
}

static int add_partials(struct model *m, const struct rec *rec)
{
	const struct jsonv *v = jsonv__first(jsonv__get(rec->root, "incomplete"));
	struct run *r = m->run;

	for (; v; v = jsonv__next(v)) {
		const char *name = pool__get(m->pool, jsonv__string(v) ?: "");
		size_t i;

		if (!name)
			return -ENOMEM;
		for (i = 0; i < r->partial_cnt && r->partials[i].name != name; i++)
			;
		if (i == RUN_MAX_PARTIALS)
			continue;
		if (i == r->partial_cnt)
			r->partials[r->partial_cnt++].name = name;
		r->partials[i].count++;
	}
	return 0;
}

static int run__add(struct model *m, const struct rec *rec)
{
	struct run *r = m->run;

	if (rec->ts > r->last_ts)
		r->last_ts = rec->ts;
	if (!r->has_end)
		r->duration = r->last_ts;
	if (rec->kind == REC_HEADER)
		return add_header(m, rec);
	if (rec->kind == REC_LOST)
		return add_lost(m, rec);
	if (rec->kind == REC_BLIND)
		return add_blind(m, rec);
	if (rec->kind == REC_END)
		add_end(r, rec);
	return add_partials(m, rec);
}

static int run__open(struct model *m)
{
	m->run = calloc(1, sizeof(*m->run));
	if (!m->run)
		return -ENOMEM;
	m->run->status = -1;
	return 0;
}

static void run__close(struct model *m)
{
	if (!m->run)
		return;
	free(m->run->command);
	free(m->run->tags);
	free(m->run->losses);
	free(m->run->blinds);
	free(m->run);
}

const struct topic topic_run = {
	.name = "run", .scope = MODEL_CORE,
	.open = run__open, .add = run__add, .close = run__close,
};

const struct run *model__run(const struct model *m)
{
	return m->run;
}

const char *run__tag(const struct run *r, const char *name)
{
	for (size_t i = 0; i < r->tag_cnt; i++)
		if (str_eq(r->tags[i].name, name))
			return r->tags[i].value;
	return NULL;
}

uint64_t run__lost(const struct run *r)
{
	return r->lost > r->lost_in_lines ? r->lost : r->lost_in_lines;
}

bool run__has_gaps(const struct run *r)
{
	return run__lost(r) || r->blind_cnt;
}

bool run__is_complete(const struct run *r)
{
	return r->has_end && r->end_complete && !r->cut && !r->bad_lines && !run__has_gaps(r);
}

int64_t run__last_moment(const struct run *r)
{
	return r->duration > r->last_ts ? r->duration : r->last_ts;
}

int64_t run__epoch(const struct run *r)
{
	return rfc3339__ns(r->start);
}
