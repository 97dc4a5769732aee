/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record as tracks, spans, instants, counters and flows. */
#include <errno.h>
#include <stdlib.h>

#include "model/commands.h"
#include "model/run.h"
#include "output/export/purpose.h"
#include "output/export/tracks.h"
#include "record/facts.h"

struct image_track {
	UT_hash_handle hh;
	uint64_t proc;
	struct track *track;
};

/* A package was found, or was not. */
struct tick {
	struct track *track;
	int64_t ts;
	bool is_hit;
};

static void free_track(struct track *track)
{
	str__free(&track->waiting);
	free(track);
}

void trace__free(void *state)
{
	struct trace *t = state;
	struct track *next;

	if (!t)
		return;
	if (t->format->clear && t->state)
		t->format->clear(t->state);
	free(t->state);
	hash_free(&t->images, free);
	hash_free(&t->made, free);
	for (struct track *track = t->tracks; track; track = next) {
		next = track->next;
		free_track(track);
	}
	free(t->ticks);
	str__free(&t->out);
	free(t);
}

void *trace__begin(const struct export_job *job, const struct trace_format *format)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->job = job;
	t->format = format;
	t->state = calloc(1, format->state_sz);
	if (t->state)
		return t;
	trace__free(t);
	return NULL;
}

static int begin_once(struct trace *t)
{
	if (t->has_begun)
		return 0;
	t->has_begun = true;
	return t->format->begin(t);
}

static int add_event(struct trace *t, const struct trace_event *e)
{
	return t->format->event(t, e) ?: export_job__flush_if_long(t->job, &t->out);
}

static void add_text(struct trace_event *e, const char *name, const char *text)
{
	if (text)
		e->args[e->arg_cnt++] = (struct trace_arg){ name, text, 0 };
}

static void add_number(struct trace_event *e, const char *name, uint64_t number)
{
	e->args[e->arg_cnt++] = (struct trace_arg){ name, NULL, number };
}

/* --- tracks --- */

static struct track *track_of(struct trace *t, const struct process *p);

/* Numbers grow, so that one which names a later process or itself is no record's. */
static const struct process *earlier(const struct trace *t, const struct process *p, uint64_t proc)
{
	return proc < p->proc ? model__process(t->job->m, proc) : NULL;
}

static struct track *new_track(struct trace *t, const struct process *p)
{
	/* A process has its track before its children do, if its lines come first; others climb no further. */
	const struct process *parent = t->climbed < TRACE_MAX_DEPTH ? earlier(t, p, p->parent) : NULL;
	struct track *up, *track;

	t->climbed++;
	up = parent ? track_of(t, parent) : NULL;
	t->climbed--;
	if (parent && !up)
		return NULL;
	track = calloc(1, sizeof(*track));
	if (!track)
		return NULL;
	for (; up && up->depth >= TRACE_MAX_DEPTH; up = up->parent)
		;
	track->parent = up;
	track->depth = up ? up->depth + 1 : 1;
	track->p = p;
	track->nr = ++t->track_cnt;
	if (t->last_track)
		t->last_track->next = track;
	else
		t->tracks = track;
	t->last_track = track;
	return track;
}

/* NULL: out of memory. */
static struct track *track_of(struct trace *t, const struct process *p)
{
	struct image_track *i = t->last;
	const struct process *before;

	if (!i || i->proc != p->proc)
		i = hash_get(&t->images, proc, &p->proc);
	if (i && !i->track) {
		before = earlier(t, p, p->prev);
		i->track = before && before->pid == p->pid ? track_of(t, before) : new_track(t, p);
	}
	if (!i || !i->track)
		return NULL;
	t->last = i;
	i->track->p = p->proc > i->track->p->proc ? p : i->track->p;
	return i->track;
}

/* --- lines --- */

static bool is_instant(const struct rec *rec)
{
	return rec->ts >= 0 && (kind__is_access(rec->kind) || rec->kind == REC_EXEC_FAILED ||
	       rec->kind == REC_CONNECT || rec->kind == REC_LOST || rec->kind == REC_BLIND);
}

static int add_line(struct trace *t, const struct rec *rec, struct track *track)
{
	struct trace_event e = {
		.phase = TRACE_INSTANT,
		.name = rec_kind__name(rec->kind),
		.category = rec->kind == REC_LOST ? "loss" : "access",
		.track = track,
		.tid = rec->tid != rec->pid ? rec->tid : 0,
		.ts = rec->ts,
	};

	add_text(&e, "path", rec->path ?: rec__str(rec, "file"));
	add_text(&e, "path2", rec__str(rec, "path2"));
	add_text(&e, "address", rec__str(rec, "addr"));
	add_text(&e, "what", rec__str(rec, "what"));
	if (rec->kind == REC_LOST)
		add_number(&e, "count", rec__uint(rec, "count", 0));
	add_text(&e, "error", rec->err);
	if (rec->flags & REC_FLAG_NO_OUTCOME)
		add_text(&e, "outcome", "unknown");
	return add_event(t, &e);
}

int trace__record(void *state, const struct rec *rec)
{
	struct trace *t = state;
	const struct process *p = model__process_of(t->job->m, rec);
	struct track *track = p ? track_of(t, p) : NULL;

	if ((p && !track) || begin_once(t))
		return -ENOMEM;
	return is_instant(rec) ? add_line(t, rec, track) : 0;
}

/* --- the cache --- */

static bool is_miss(enum cache_outcome outcome)
{
	return outcome == CACHE_MISS || outcome == CACHE_BROKEN;
}

/* A flow leads from the miss to the tool, and on to where it was put. */
static int find_flows(struct trace *t)
{
	int err = purposes__find(t->job->m, &t->made);

	for (struct purpose *made = t->made; made && !err; made = made->hh.next) {
		const struct process *tool = model__process(t->job->m, made->tool);
		const struct cache_use *u = &made->use;

		if (!tool)
			continue;
		if (is_miss(u->outcome) && u->ts >= 0 && tool->start > u->ts)
			made->flow = ++t->flow_cnt;
		made->is_put = u->put_ts > tool->start;
	}
	return err;
}

static int add_tick(struct trace *t, struct track *track, const struct cache_use *u)
{
	size_t room = t->tick_room ? t->tick_room * 2 : 256;
	struct tick *ticks = t->ticks;

	if (t->tick_cnt == t->tick_room) {
		ticks = realloc(t->ticks, room * sizeof(*ticks));
		if (!ticks)
			return -ENOMEM;
		t->ticks = ticks;
		t->tick_room = room;
	}
	ticks[t->tick_cnt++] = (struct tick){ track, u->ts, u->outcome == CACHE_HIT };
	return 0;
}

static int add_use(struct trace *t, const struct process *go, const struct cache_ref *ref,
		   const struct cache_use *u)
{
	const struct purpose *made = u->tool ? hash_find(t->made, tool, &u->tool) : NULL;
	struct trace_event e = { .phase = TRACE_INSTANT, .category = "cache", .track = track_of(t, go) };
	uint32_t flow = made && made->ref == ref ? made->flow : 0;
	int err = e.track ? 0 : -ENOMEM;

	if (!err && u->ts >= 0 && u->kind == CACHE_PACKAGE && (u->outcome == CACHE_HIT || is_miss(u->outcome)))
		err = add_tick(t, e.track, u);
	add_text(&e, "kind", cache_kind__name(u->kind));
	add_text(&e, "package", u->package);
	add_text(&e, "confidence", confidence__name(u->confidence));
	if (!err && u->put_ts >= 0 && u->outcome != CACHE_PUT) {
		e.name = "put";
		e.ts = u->put_ts;
		e.flow = made && made->is_put ? flow : 0;
		e.at = e.flow ? FLOW_END : FLOW_NONE;
		err = add_event(t, &e);
	}
	if (err || u->ts < 0)
		return err;
	add_text(&e, "reason", u->reason);
	e.name = cache_outcome__name(u->outcome);
	e.ts = u->ts;
	e.flow = flow;
	e.at = flow ? FLOW_START : FLOW_NONE;
	return add_event(t, &e);
}

static int add_uses(struct trace *t)
{
	const struct model *m = t->job->m;
	const struct go_command *cmd = NULL;
	int err = 0;

	while (!err && (cmd = model__next_command(m, cmd))) {
		const struct cache_ref *at = NULL;
		struct cache_use use;

		while (!err && (at = model__next_use(m, cmd->p, at, &use)))
			err = add_use(t, cmd->p, at, &use);
	}
	return err;
}

static int by_track_and_time(const void *a, const void *b)
{
	const struct tick *x = a, *y = b;

	if (x->track != y->track)
		return x->track->nr < y->track->nr ? -1 : 1;
	return x->ts < y->ts ? -1 : x->ts > y->ts;
}

static int add_counters(struct trace *t)
{
	uint64_t hits = 0, misses = 0;
	int err = 0;

	if (t->tick_cnt)
		qsort(t->ticks, t->tick_cnt, sizeof(*t->ticks), by_track_and_time);
	for (size_t i = 0; i < t->tick_cnt && !err; i++) {
		const struct tick *at = &t->ticks[i];
		struct trace_event e = { .phase = TRACE_COUNTERS, .name = "build cache", .track = at->track, .ts = at->ts };

		if (i && at[-1].track != at->track)
			hits = misses = 0;
		hits += at->is_hit;
		misses += !at->is_hit;
		add_number(&e, "hits", hits);
		add_number(&e, "misses", misses);
		err = add_event(t, &e);
	}
	return err;
}

/* --- processes --- */

static int64_t finish_of(const struct model *m, const struct process *p)
{
	const struct process *next = p->next ? model__process(m, p->next) : NULL;

	if (next && next->start >= 0)
		return next->start;
	return p->finish >= 0 ? p->finish : run__last_moment(model__run(m));
}

static void add_end(struct trace_event *e, const struct process *p)
{
	switch (p->end) {
	case PROCESS_EXITED:	add_number(e, "exit", p->status); break;
	case PROCESS_KILLED:	add_number(e, "signal", p->status); break;
	case PROCESS_REPLACED:	add_number(e, "replaced_by", p->next); break;
	case PROCESS_RUNS:	add_text(e, "end", "not seen"); break;
	}
}

static void add_cost(struct trace_event *e, const struct model *m, const struct process *p)
{
	struct cache_sum sum;

	if (p->go != p->proc || !model__cache(m, p, &sum))
		return;
	add_number(e, "packages_hit", sum.by_kind[CACHE_PACKAGE][CACHE_HIT]);
	add_number(e, "compile_spent_ns", sum.spent_ns);
	add_number(e, "compile_saved_ns", sum.saved_ns);
}

static void add_made(struct trace_event *e, const struct purpose *made)
{
	if (!made)
		return;
	add_text(e, "cache", cache_outcome__name(made->use.outcome));
	add_text(e, "cache_reason", made->use.reason);
	e->flow = made->flow;
	e->at = !made->flow ? FLOW_NONE : made->is_put ? FLOW_STEP : FLOW_END;
}

/* Spans of one track must not overlap: one begins where the one before it ended, at the earliest. */
static int add_image(struct trace *t, const struct process *p)
{
	struct trace_event e = { .phase = TRACE_SPAN, .category = p->has_exec ? "program" : "process",
				 .track = track_of(t, p) };
	int64_t finish = finish_of(t->job->m, p);
	__free_str struct str label = {};

	if (!e.track)
		return -ENOMEM;
	process__label(p, &label);
	e.name = label.s;
	e.ts = p->start > e.track->until ? p->start : e.track->until;
	e.until = e.track->until = finish > e.ts ? finish : e.ts;
	add_number(&e, "proc", p->proc);
	if (model__process(t->job->m, p->parent))
		add_number(&e, "parent", p->parent);
	add_number(&e, "os_pid", p->pid);
	add_text(&e, "exe", p->exe);
	add_text(&e, "package", p->package);
	if (p->start < 0)
		add_text(&e, "start", "not seen");
	add_end(&e, p);
	add_number(&e, "accesses", p->accesses);
	add_number(&e, "failed", p->failed);
	add_cost(&e, t->job->m, p);
	add_made(&e, hash_find(t->made, tool, &p->proc));
	return str__err(&label) ?: add_event(t, &e);
}

static int add_processes(struct trace *t)
{
	const struct process *p = NULL;
	int err = 0;

	while (!err && (p = model__next_process(t->job->m, p)))
		err = track_of(t, p) ? 0 : -ENOMEM;
	for (struct track *track = t->tracks; track && !err; track = track->next)
		err = t->format->name(t, track);
	for (p = NULL; !err && (p = model__next_process(t->job->m, p));)
		err = add_image(t, p);
	return err;
}

static int add_rest(struct trace *t)
{
	const struct run *run = model__run(t->job->m);
	struct trace_event about = { .phase = TRACE_SPAN, .name = "record", .category = "record", .until = run__last_moment(run) };

	add_text(&about, "record", t->job->name);
	add_text(&about, "start", run->start);
	add_text(&about, "host", run->host);
	add_text(&about, "complete", run__is_complete(run) ? "yes" : "no");
	return t->format->end(t, &about) ?: export_job__flush(t->job, &t->out);
}

int trace__end(void *state)
{
	struct trace *t = state;
	int err = begin_once(t);

	err = err ?: find_flows(t);
	err = err ?: add_processes(t);
	err = err ?: add_uses(t);
	err = err ?: add_counters(t);
	return err ?: add_rest(t);
}
