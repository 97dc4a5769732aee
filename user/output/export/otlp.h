/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_OTLP_H
#define GOENVBPF_OUTPUT_EXPORT_OTLP_H
/*
 * The inside of the OTLP exporter, shared by its files: otlp.c has the exporter and the logs,
 * otlp_spans.c the spans, otlp_metrics.c the metrics, otlp_write.c values and requests, otlp_ids.c who is who in a trace.
 *
 * The output is OTLP/JSON: each line is one request of limited size, for /v1/traces, /v1/logs or
 * /v1/metrics. Span and trace ids are hexadecimal, 64-bit integers are strings, enumerations are numbers.
 */
#include "model/process.h"
#include "output/export/export.h"
#include "rules/rules.h"
#include "util/json.h"

#define OTLP_TRACE_SZ 16
#define OTLP_SPAN_SZ  8

/* Who is who: the same for the same record, whenever and by whomever it is exported. */
struct otlp_ids {
	bool is_decided, is_joined;
	uint64_t seed;				/* spans of two records in one trace differ by it */
	unsigned char trace[OTLP_TRACE_SZ];	/* that of TRACEPARENT, or made of the record */
	unsigned char parent[OTLP_SPAN_SZ];	/* of the root, when it is joined */
};

/* Each line, in the order of the record, after the model saw it: the first ones decide. */
void otlp_ids__see(struct otlp_ids *ids, const struct model *m, const struct rec *rec);
/* For records without any such line. */
void otlp_ids__decide(struct otlp_ids *ids, const struct model *m);
/* The nearest program of the process's line that was seen to start: that is what has a span. NULL: the root. */
const struct process *otlp__owner(const struct model *m, const struct process *p);
bool otlp__has_span(const struct process *p);

enum otlp_signal {
	OTLP_NONE,
	OTLP_SPANS,
	OTLP_LOGS,
	OTLP_METRICS,
};

struct otlp {
	const struct export_job *job;
	struct otlp_ids ids;
	struct str resource;		/* as JSON, once the header was seen */
	uint64_t epoch;			/* of the record's start, ns since 1970 */
	enum otlp_signal signal;	/* of the request that is begun */
	unsigned int cnt;		/* items in it */
	struct str out, safe;
	struct json j;
	uint64_t last_proc, last_span;	/* of the access before */
};

/* Begins an item, in a request of its own if there is need for it; ends with otlp__item_end(). */
int otlp__item(struct otlp *o, enum otlp_signal signal);	/* 0 or -errno */
void otlp__item_end(struct otlp *o);
int otlp__flush(struct otlp *o);				/* 0 or -errno */

/* ts: of the record */
void otlp__time(struct otlp *o, const char *key, int64_t ts);
void otlp__trace(struct otlp *o);
uint64_t otlp__span_of(const struct otlp *o, uint64_t proc);	/* 0: the root */
void otlp__span(struct otlp *o, const char *key, uint64_t id);

/* Text of the traced side: what would not be seen is escaped, what is very long is cut. */
void otlp__text(struct otlp *o, const char *key, const char *text);

/* The value of a key: an int64, which JSON has as a string. */
void otlp__int64(struct otlp *o, uint64_t value);

/* Attributes, between otlp__attributes() and json__end(). NULL and negative values are left out. */
void otlp__attributes(struct otlp *o);
void otlp__str(struct otlp *o, const char *key, const char *text);
void otlp__int(struct otlp *o, const char *key, int64_t value);
void otlp__uint(struct otlp *o, const char *key, uint64_t value);
void otlp__bool(struct otlp *o, const char *key, bool value);
void otlp__list(struct otlp *o, const char *key, const char *const *words, size_t n);

/* All spans, once the model is finished. */
int otlp__spans(struct otlp *o);	/* 0 or -errno */
int otlp__metrics(struct otlp *o, const struct findings *found);	/* the same */

#endif
