/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Perfetto's own format: packets of protocol buffers, perfetto.proto.
 *
 * Tracks hang below each other as processes do. None claims a pid: to a viewer one pid is one process,
 * and in a record pids come again. Times are those of the host's boot clock when the record has it, so
 * that other traces of that host fit beside this one.
 */
#include <errno.h>

#include "model/run.h"
#include "output/export/tracks.h"
#include "output/text.h"
#include "perfetto.pb-c.h"

#define SEQUENCE 1
#define ROOT_UUID 1
#define UUIDS_PER_TRACK 8		/* the track itself, and its counters */
#define MAX_WAITING 4096
#define MAX_INTERNED (32u << 20)	/* bytes of values; further ones are written each time */

enum index { NAMES, CATEGORIES, KEYS, VALUES, INDEX_CNT };

struct interned {
	UT_hash_handle hh;
	uint64_t iid;
	char text[];
};

struct perfetto {
	struct interned *interned[INDEX_CNT];
	size_t interned_sz;
	int64_t start;			/* of the record, on the clock of the trace */
	bool has_first;
	struct str safe[TRACE_MAX_ARGS + 1];	/* scratch */
};

static void clear(void *state)
{
	struct perfetto *s = state;

	for (size_t i = 0; i < INDEX_CNT; i++)
		hash_free(&s->interned[i], free);
	for (size_t i = 0; i < ARRAY_SIZE(s->safe); i++)
		str__free(&s->safe[i]);
}

static int put(struct trace *t, struct str *out, Pf__TracePacket *packet)
{
	struct perfetto *s = t->state;
	Pf__Trace trace = PF__TRACE__INIT;
	size_t n;

	trace.n_packet = 1;
	trace.packet = &packet;
	packet->has_trusted_packet_sequence_id = packet->has_sequence_flags = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	packet->sequence_flags = s->has_first ? PF__TRACE_PACKET__SEQUENCE_FLAGS__SEQ_NEEDS_INCREMENTAL_STATE :
				 PF__TRACE_PACKET__SEQUENCE_FLAGS__SEQ_INCREMENTAL_STATE_CLEARED;
	packet->has_first_packet_on_sequence = packet->first_packet_on_sequence = !s->has_first;
	s->has_first = true;
	n = pf__trace__get_packed_size(&trace);
	if (!str__room(out, n))
		return -ENOMEM;
	out->len += pf__trace__pack(&trace, (uint8_t *)out->s + out->len);
	out->s[out->len] = '\0';
	return 0;
}

static char *safe(struct str *scratch, const char *text)
{
	str__cut(scratch, 0);
	text__safes(scratch, text);
	return str__err(scratch) ? NULL : scratch->s ?: "";
}

/* --- interned strings --- */

/* A packet of its own: who waits to be written may refer to it as well. */
static int put_interned(struct trace *t, enum index index, uint64_t iid, char *text)
{
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	Pf__InternedData data = PF__INTERNED_DATA__INIT;
	Pf__EventName name = PF__EVENT_NAME__INIT, *names[] = { &name };
	Pf__EventCategory category = PF__EVENT_CATEGORY__INIT, *categories[] = { &category };
	Pf__DebugAnnotationName key = PF__DEBUG_ANNOTATION_NAME__INIT, *keys[] = { &key };
	Pf__InternedString value = PF__INTERNED_STRING__INIT, *values[] = { &value };

	name.has_iid = category.has_iid = key.has_iid = value.has_iid = value.has_str = true;
	name.iid = category.iid = key.iid = value.iid = iid;
	name.name = category.name = key.name = text;
	value.str = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
	data.event_names = names;
	data.event_categories = categories;
	data.debug_annotation_names = keys;
	data.debug_annotation_string_values = values;
	data.n_event_names = index == NAMES;
	data.n_event_categories = index == CATEGORIES;
	data.n_debug_annotation_names = index == KEYS;
	data.n_debug_annotation_string_values = index == VALUES;
	packet.interned_data = &data;
	return put(t, &t->out, &packet);
}

/* *ret_iid 0: there are too many already. */
static int intern(struct trace *t, enum index index, const char *text, uint64_t *ret_iid)
{
	struct perfetto *s = t->state;
	struct interned *i = NULL;
	size_t n = strlen(text);
	char *shown;

	HASH_FIND(hh, s->interned[index], text, n, i);
	*ret_iid = i ? i->iid : 0;
	if (i || (index == VALUES && s->interned_sz + n > MAX_INTERNED))
		return 0;
	shown = safe(&s->safe[TRACE_MAX_ARGS], text);
	i = shown ? calloc(1, sizeof(*i) + n + 1) : NULL;
	if (!i)
		return -ENOMEM;
	memcpy(i->text, text, n);
	i->iid = HASH_COUNT(s->interned[index]) + 1;
	HASH_ADD_KEYPTR(hh, s->interned[index], i->text, n, i);
	if (!i->hh.tbl) {
		free(i);
		return -ENOMEM;
	}
	s->interned_sz += n + sizeof(*i);
	*ret_iid = i->iid;
	return put_interned(t, index, i->iid, shown);
}

/* --- tracks --- */

static uint64_t uuid_of(const struct track *track)
{
	return track ? (uint64_t)track->nr * UUIDS_PER_TRACK : ROOT_UUID;
}

static int put_track(struct trace *t, uint64_t uuid, uint64_t parent, const char *name, bool is_counter)
{
	struct perfetto *s = t->state;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	Pf__TrackDescriptor track = PF__TRACK_DESCRIPTOR__INIT;
	Pf__CounterDescriptor counter = PF__COUNTER_DESCRIPTOR__INIT;

	track.has_uuid = true;
	track.uuid = uuid;
	track.has_parent_uuid = parent != 0;
	track.parent_uuid = parent;
	track.name = safe(s->safe, name);
	if (!track.name)
		return -ENOMEM;
	counter.has_unit = true;
	counter.unit = PF__COUNTER_DESCRIPTOR__UNIT__UNIT_COUNT;
	if (is_counter)
		track.counter = &counter;
	packet.track_descriptor = &track;
	return put(t, &t->out, &packet);
}

/* With its name as it is known by now, and what waited for that. */
static int describe(struct trace *t, struct track *track)
{
	__free_str struct str name = {};
	int err = track->parent && !track->parent->named ? describe(t, track->parent) : 0;

	process__label(track->p, &name);
	str__addf(&name, " %u", track->p->pid);
	err = err ?: str__err(&name) ?: put_track(t, uuid_of(track), uuid_of(track->parent), name.s, false);
	track->named = track->p;
	str__add(&t->out, track->waiting.s, track->waiting.len);
	str__free(&track->waiting);
	return err;
}

/* Again, when it became another program since: the last name counts. */
static int add_name(struct trace *t, struct track *track)
{
	return track->named == track->p ? 0 : describe(t, track);
}

/*
 * A track is described before anything is on it. What is forked is not yet what it is for, mostly: what
 * it does until then waits for its name.
 */
static int find_place(struct trace *t, const struct trace_event *e, struct str **ret)
{
	struct track *track = e->track;

	*ret = &t->out;
	if (!track || track->named)
		return 0;
	if (track->p->has_exec || !track->p->parent || track->waiting.len > MAX_WAITING)
		return describe(t, track);
	*ret = &track->waiting;
	return 0;
}

/* --- events --- */

static int put_event(struct trace *t, struct str *out, int64_t ts, uint64_t uuid, Pf__TrackEvent__Type type,
		     Pf__TrackEvent *e)
{
	const struct perfetto *s = t->state;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;

	packet.has_timestamp = true;
	packet.timestamp = s->start + ts;
	e->has_type = e->has_track_uuid = true;
	e->type = type;
	e->track_uuid = uuid;
	packet.track_event = e;
	return put(t, out, &packet);
}

static int add_counters(struct trace *t, const struct trace_event *e)
{
	uint64_t uuid = uuid_of(e->track);
	int err = 0;

	for (size_t i = 0; i < e->arg_cnt && !err; i++) {
		Pf__TrackEvent event = PF__TRACK_EVENT__INIT;

		if (e->track->id <= i) {
			err = put_track(t, uuid + 1 + i, uuid, e->args[i].name, true);
			e->track->id = i + 1;
		}
		event.has_counter_value = true;
		event.counter_value = e->args[i].number;
		err = err ?: put_event(t, &t->out, e->ts, uuid + 1 + i, PF__TRACK_EVENT__TYPE__TYPE_COUNTER, &event);
	}
	return err;
}

static int fill_arg(struct trace *t, const struct trace_arg *arg, struct str *scratch, Pf__DebugAnnotation *a)
{
	int err;

	pf__debug_annotation__init(a);
	err = intern(t, KEYS, arg->name, &a->name_iid);
	a->has_name_iid = true;
	a->has_uint_value = !arg->text;
	a->uint_value = arg->number;
	if (err || !arg->text)
		return err;
	err = intern(t, VALUES, arg->text, &a->string_value_iid);
	a->has_string_value_iid = a->string_value_iid != 0;
	if (err || a->has_string_value_iid)
		return err;
	a->string_value = safe(scratch, arg->text);
	return a->string_value ? 0 : -ENOMEM;
}

static int put_with_args(struct trace *t, const struct trace_event *e, struct str *out)
{
	static const Pf__TrackEvent__Type types[] = {
		[TRACE_SPAN]    = PF__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN,
		[TRACE_INSTANT] = PF__TRACK_EVENT__TYPE__TYPE_INSTANT,
	};
	struct perfetto *s = t->state;
	Pf__TrackEvent event = PF__TRACK_EVENT__INIT;
	Pf__DebugAnnotation args[TRACE_MAX_ARGS + 1], *arg_ptrs[TRACE_MAX_ARGS + 1];
	struct trace_arg tid = { "tid", NULL, e->tid };
	uint64_t category, flow = e->flow;
	size_t n = 0;
	int err = intern(t, NAMES, e->name, &event.name_iid) ?: intern(t, CATEGORIES, e->category, &category);

	for (; n < e->arg_cnt && !err; n++)
		err = fill_arg(t, &e->args[n], &s->safe[n], arg_ptrs[n] = &args[n]);
	if (e->tid && !err) {
		err = fill_arg(t, &tid, NULL, arg_ptrs[n] = &args[n]);
		n++;
	}
	event.has_name_iid = true;
	event.n_category_iids = 1;
	event.category_iids = &category;
	event.n_debug_annotations = n;
	event.debug_annotations = arg_ptrs;
	event.n_flow_ids = e->at == FLOW_START || e->at == FLOW_STEP;
	event.n_terminating_flow_ids = e->at == FLOW_END;
	event.flow_ids = event.terminating_flow_ids = &flow;
	return err ?: put_event(t, out, e->ts, uuid_of(e->track), types[e->phase], &event);
}

static int add_event(struct trace *t, const struct trace_event *e)
{
	Pf__TrackEvent end = PF__TRACK_EVENT__INIT;
	struct str *out;
	int err;

	if (e->phase == TRACE_COUNTERS)
		return add_counters(t, e);
	err = find_place(t, e, &out);
	err = err ?: put_with_args(t, e, out);
	if (err || e->phase != TRACE_SPAN)
		return err;
	return put_event(t, out, e->until, uuid_of(e->track), PF__TRACK_EVENT__TYPE__TYPE_SLICE_END, &end);
}

/* --- the record as a whole --- */

static int put_clocks(struct trace *t, const struct run *run)
{
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	Pf__ClockSnapshot snapshot = PF__CLOCK_SNAPSHOT__INIT;
	Pf__ClockSnapshot__Clock boot = PF__CLOCK_SNAPSHOT__CLOCK__INIT, real = PF__CLOCK_SNAPSHOT__CLOCK__INIT;
	Pf__ClockSnapshot__Clock *clocks[] = { &boot, &real };

	boot.has_clock_id = boot.has_timestamp = real.has_clock_id = real.has_timestamp = true;
	boot.clock_id = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_BOOTTIME;
	boot.timestamp = run->boot_ns;
	real.clock_id = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_REALTIME;
	real.timestamp = run__epoch(run);
	snapshot.clocks = clocks;
	snapshot.n_clocks = real.timestamp ? 2 : 1;
	snapshot.has_primary_trace_clock = true;
	snapshot.primary_trace_clock = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_BOOTTIME;
	packet.clock_snapshot = &snapshot;
	return put(t, &t->out, &packet);
}

static int begin(struct trace *t)
{
	const struct run *run = model__run(t->job->m);
	struct perfetto *s = t->state;
	__free_str struct str name = {};

	s->start = run->boot_ns;
	str__adds(&name, "goenvbpf");
	for (size_t i = 0; i < run->command_cnt && name.len < 80; i++) {
		str__addc(&name, ' ');
		str__adds(&name, run->command[i]);
	}
	return str__err(&name) ?: put_clocks(t, run) ?: put_track(t, ROOT_UUID, 0, name.s, false);
}

static const struct trace_format format = {
	.state_sz = sizeof(struct perfetto),
	.begin = begin,
	.event = add_event,
	.name = add_name,
	.end = add_event,
	.clear = clear,
};

TRACE_EXPORTER(perfetto, &format);
