/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Chrome's trace events as JSON, which Perfetto and other viewers read.
 *
 * A process is shown under its pid, or, when another process of the record has that pid, under a
 * number that no pid can be.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "output/export/tracks.h"
#include "output/text.h"

#define MAX_PID (1u << 22)	/* of Linux: PID_MAX_LIMIT */

struct taken {
	UT_hash_handle hh;
	uint32_t pid;
};

struct chrome {
	struct json j;
	struct str safe;	/* scratch */
	struct taken *taken;
	uint32_t spare;		/* numbers above MAX_PID that are given away */
};

static void clear(void *state)
{
	struct chrome *c = state;

	hash_free(&c->taken, free);
	str__free(&c->safe);
}

static int begin(struct trace *t)
{
	struct chrome *c = t->state;

	json__init(&c->j, &t->out);
	json__obj(&c->j);
	json__kstr(&c->j, "displayTimeUnit", "ns");
	json__key(&c->j, "traceEvents");
	json__arr(&c->j);
	return 0;
}

static int give_id(struct chrome *c, struct track *track)
{
	uint32_t pid = track->p->pid;
	bool is_free = pid && pid <= MAX_PID && !hash_find(c->taken, pid, &pid);

	track->id = is_free ? pid : MAX_PID + ++c->spare;
	return !is_free || hash_get(&c->taken, pid, &pid) ? 0 : -ENOMEM;
}

static void add_text(struct chrome *c, const char *key, const char *text)
{
	str__cut(&c->safe, 0);
	text__safes(&c->safe, text);
	json__kstr(&c->j, key, c->safe.s ?: "");
}

/* Microseconds, as a viewer wants them. */
static void add_time(struct json *j, const char *key, int64_t ns)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%" PRId64 ".%03d", ns / 1000, (int)(ns % 1000));

	json__key(j, key);
	json__raw(j, text, n);
}

/* One on each line; the caller adds what is the phase's own, and ends it. */
static struct json *begin_event(struct trace *t, const char *phase, const char *name,
				const struct track *track, uint32_t tid)
{
	struct chrome *c = t->state;
	uint32_t pid = track ? track->id : 0;

	str__addc(&t->out, '\n');
	json__obj(&c->j);
	json__kstr(&c->j, "ph", phase);
	add_text(c, "name", name);
	json__kuint(&c->j, "pid", pid);
	json__kuint(&c->j, "tid", tid ?: pid);
	return &c->j;
}

static void add_args(struct chrome *c, const struct trace_event *e)
{
	json__obj(&c->j);
	for (size_t i = 0; i < e->arg_cnt; i++)
		if (e->args[i].text)
			add_text(c, e->args[i].name, e->args[i].text);
		else
			json__kuint(&c->j, e->args[i].name, e->args[i].number);
	json__end(&c->j);
}

/* Behind the event that it is at: a viewer ties it to one that it has. */
static void add_flow(struct trace *t, const struct trace_event *e)
{
	static const char *const phases[] = { [FLOW_START] = "s", [FLOW_STEP] = "t", [FLOW_END] = "f" };
	struct json *j;

	if (!e->at)
		return;
	j = begin_event(t, phases[e->at], "made after a miss", e->track, e->tid);
	json__kstr(j, "cat", "cache");
	json__kuint(j, "id", e->flow);
	json__kstr(j, "bp", "e");
	add_time(j, "ts", e->ts);
	json__end(j);
}

static int add_event(struct trace *t, const struct trace_event *e)
{
	static const char *const phases[] = { [TRACE_SPAN] = "X", [TRACE_INSTANT] = "i", [TRACE_COUNTERS] = "C" };
	struct chrome *c = t->state;
	struct json *j;

	if (e->track && !e->track->id && give_id(c, e->track))
		return -ENOMEM;
	j = begin_event(t, phases[e->phase], e->name, e->track, e->tid);
	if (e->category)
		json__kstr(j, "cat", e->category);
	if (e->phase == TRACE_INSTANT)
		json__kstr(j, "s", e->track ? "t" : "g");
	add_time(j, "ts", e->ts);
	if (e->phase == TRACE_SPAN)
		add_time(j, "dur", e->until - e->ts);
	json__key(j, "args");
	add_args(c, e);
	json__end(j);
	add_flow(t, e);
	return str__err(&c->safe);
}

static int add_name(struct trace *t, struct track *track)
{
	static const char *const whats[] = { "process_name", "thread_name" };
	__free_str struct str label = {};
	struct chrome *c = t->state;

	if (!track->id && give_id(c, track))
		return -ENOMEM;
	process__label(track->p, &label);
	for (size_t i = 0; i < ARRAY_SIZE(whats); i++) {
		struct json *j = begin_event(t, "M", whats[i], track, 0);

		json__key(j, "args");
		json__obj(j);
		add_text(c, "name", label.s ?: "");
		json__end(j);
		json__end(j);
	}
	return str__err(&label);
}

static int end(struct trace *t, const struct trace_event *about)
{
	struct chrome *c = t->state;

	json__end(&c->j);
	str__addc(&t->out, '\n');
	json__key(&c->j, "otherData");
	add_args(c, about);
	json__end(&c->j);
	str__addc(&t->out, '\n');
	return str__err(&c->safe);
}

static const struct trace_format format = {
	.state_sz = sizeof(struct chrome),
	.begin = begin,
	.event = add_event,
	.name = add_name,
	.end = end,
	.clear = clear,
};

TRACE_EXPORTER(chrome, &format);
