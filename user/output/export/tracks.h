/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_TRACKS_H
#define GOENVBPF_OUTPUT_EXPORT_TRACKS_H
/*
 * A record as viewers of traces take it: a track for each process, a span for each program in it,
 * instants for accesses and uses of the cache, counters, flows from a miss to what made it good. What
 * there is and what it says is decided here; a format only writes it.
 *
 * Accesses are written as their lines come, and what needs the whole record follows: times are not in
 * order, viewers sort. Memory is what the model keeps, and a track for each process.
 *
 * A format is one struct trace_format and TRACE_EXPORTER(). Its functions append to trace->out, and
 * return 0 or -ENOMEM; what is appended is written now and then. Calls: begin() → for each event:
 * event() → name() of each track, when all its images are known → event() of what follows → end().
 */
#include "model/process.h"
#include "output/export/export.h"
#include "util/hash.h"

#define TRACE_MAX_ARGS 20
#define TRACE_MAX_DEPTH 8	/* of tracks: viewers look for no more than ten ancestors of one */

/* A process, all of its images. A pid that comes again is another track. */
struct track {
	uint32_t nr;			/* from 1, in the order of the record */
	uint32_t depth;
	struct track *parent, *next;	/* parent NULL: none, or not seen */
	const struct process *p;	/* the latest image */
	int64_t until;			/* where its last span ends */
	/* the format's */
	uint32_t id;
	const struct process *named;
	struct str waiting;
};

struct trace_arg {
	const char *name;
	const char *text;		/* NULL: the number */
	uint64_t number;
};

enum trace_phase { TRACE_SPAN, TRACE_INSTANT, TRACE_COUNTERS };
enum trace_flow { FLOW_NONE, FLOW_START, FLOW_STEP, FLOW_END };

struct trace_event {
	enum trace_phase phase;
	const char *name, *category;
	struct track *track;		/* NULL: of all, or nobody knows of which */
	uint32_t tid;			/* of another thread than the first one; 0 */
	int64_t ts, until;		/* ns of the record; until: of a span */
	enum trace_flow at;
	uint32_t flow;
	struct trace_arg args[TRACE_MAX_ARGS];
	size_t arg_cnt;
};

struct trace {
	const struct export_job *job;
	const struct trace_format *format;
	void *state;			/* the format's */
	struct str out;
	bool has_begun;
	struct image_track *images;
	struct image_track *last;	/* of the line before: most lines come in runs */
	struct track *tracks, *last_track;
	uint32_t track_cnt, flow_cnt, climbed;
	struct purpose *made;
	struct tick *ticks;
	size_t tick_cnt, tick_room;
};

struct trace_format {
	size_t state_sz;
	int (*begin)(struct trace *t);	/* the header was seen, if there is one */
	int (*event)(struct trace *t, const struct trace_event *e);
	int (*name)(struct trace *t, struct track *track);
	/* about: of the record as a whole */
	int (*end)(struct trace *t, const struct trace_event *about);
	void (*clear)(void *state);	/* what it holds; NULL: nothing */
};

void *trace__begin(const struct export_job *job, const struct trace_format *format);
int trace__record(void *state, const struct rec *rec);
int trace__end(void *state);
void trace__free(void *state);

#define TRACE_EXPORTER(id, format)					\
	static void *begin_##id(const struct export_job *job)		\
	{								\
		return trace__begin(job, format);			\
	}								\
	const struct exporter export_##id = {				\
		.is_large = true,					\
		.begin = begin_##id, .record = trace__record,		\
		.end = trace__end, .free = trace__free,			\
	}

#endif
