/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values and requests of OTLP/JSON. */
#include <errno.h>

#include "output/export/otlp.h"
#include "output/text.h"

#define MAX_ITEMS 500			/* of a request */
#define MAX_REQUEST (1 << 20)		/* bytes, from which on it gets no more: receivers take a few MiB */
#define MAX_TEXT 16384
#define MAX_LIST 65536			/* bytes of its words */

static const struct {
	const char *resources, *scopes, *items;
} names[] = {
	[OTLP_SPANS] = { "resourceSpans", "scopeSpans", "spans" },
	[OTLP_LOGS] = { "resourceLogs", "scopeLogs", "logRecords" },
	[OTLP_METRICS] = { "resourceMetrics", "scopeMetrics", "metrics" },
};

static void open_array(struct json *j, const char *key)
{
	json__key(j, key);
	json__arr(j);
	json__obj(j);
}

static void begin_request(struct otlp *o, enum otlp_signal signal)
{
	struct json *j = &o->j;

	o->signal = signal;
	o->cnt = 0;
	json__init(j, &o->out);
	json__obj(j);
	open_array(j, names[signal].resources);
	json__key(j, "resource");
	json__raw(j, o->resource.s, o->resource.len);
	open_array(j, names[signal].scopes);
	json__key(j, "scope");
	json__obj(j);
	json__kstr(j, "name", "goenvbpf");
	json__kstr(j, "version", GOENVBPF_VERSION);
	json__end(j);
	json__key(j, names[signal].items);
	json__arr(j);
}

int otlp__flush(struct otlp *o)
{
	int err;

	if (o->signal == OTLP_NONE)
		return 0;
	while (o->j.depth)
		json__end(&o->j);
	str__addc(&o->out, '\n');
	err = str__err(&o->out) ?: str__err(&o->safe) ?: o->job->write(o->job->ctx, o->out.s, o->out.len);
	str__cut(&o->out, 0);
	o->signal = OTLP_NONE;
	return err;
}

int otlp__item(struct otlp *o, enum otlp_signal signal)
{
	int err = 0;

	if (o->signal != signal || o->cnt == MAX_ITEMS || o->out.len >= MAX_REQUEST)
		err = otlp__flush(o);
	if (err)
		return err;
	if (o->signal == OTLP_NONE)
		begin_request(o, signal);
	o->cnt++;
	json__obj(&o->j);
	return str__err(&o->out);
}

void otlp__item_end(struct otlp *o)
{
	json__end(&o->j);
}

void otlp__time(struct otlp *o, const char *key, int64_t ts)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)(o->epoch + (uint64_t)(ts > 0 ? ts : 0)));
	json__kstr(&o->j, key, text);
}

static void add_hex(struct otlp *o, const char *key, const unsigned char *id, size_t n)
{
	str__cut(&o->safe, 0);
	str__addhex(&o->safe, id, n);
	json__kstr(&o->j, key, o->safe.s);
}

void otlp__trace(struct otlp *o)
{
	add_hex(o, "traceId", o->ids.trace, OTLP_TRACE_SZ);
}

void otlp__span(struct otlp *o, const char *key, uint64_t id)
{
	unsigned char bytes[OTLP_SPAN_SZ];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = id >> (56 - 8 * i);
	add_hex(o, key, bytes, sizeof(bytes));
}

static bool is_plain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static void add_text(struct otlp *o, const char *text)
{
	size_t n = strnlen(text, MAX_TEXT + 1);
	bool is_cut = n > MAX_TEXT;

	if (is_cut)
		for (n = MAX_TEXT; n && (text[n] & 0xc0) == 0x80; n--)
			;
	if (!is_cut && is_plain(text, n)) {
		json__str(&o->j, text);
		return;
	}
	str__cut(&o->safe, 0);
	text__safe(&o->safe, text, n);
	if (is_cut)
		str__adds(&o->safe, "…");
	json__str(&o->j, o->safe.s ?: "");
}

void otlp__text(struct otlp *o, const char *key, const char *text)
{
	json__key(&o->j, key);
	add_text(o, text);
}

void otlp__attributes(struct otlp *o)
{
	json__key(&o->j, "attributes");
	json__arr(&o->j);
}

/* {"key":KEY,"value":{TYPE: … what follows, and two ends */
static void begin_attribute(struct otlp *o, const char *key, const char *type)
{
	json__obj(&o->j);
	json__kstr(&o->j, "key", key);
	json__key(&o->j, "value");
	json__obj(&o->j);
	json__key(&o->j, type);
}

static void end_attribute(struct otlp *o)
{
	json__end(&o->j);
	json__end(&o->j);
}

void otlp__str(struct otlp *o, const char *key, const char *text)
{
	if (!text)
		return;
	begin_attribute(o, key, "stringValue");
	add_text(o, text);
	end_attribute(o);
}

void otlp__int(struct otlp *o, const char *key, int64_t value)
{
	if (value >= 0)
		otlp__uint(o, key, value);
}

void otlp__int64(struct otlp *o, uint64_t value)
{
	char text[24];

	/* What an int64 has no room for is a loss in the record's numbers anyway. */
	snprintf(text, sizeof(text), "%lld", (long long)(value > INT64_MAX ? INT64_MAX : value));
	json__str(&o->j, text);
}

void otlp__uint(struct otlp *o, const char *key, uint64_t value)
{
	begin_attribute(o, key, "intValue");
	otlp__int64(o, value);
	end_attribute(o);
}

void otlp__bool(struct otlp *o, const char *key, bool value)
{
	begin_attribute(o, key, "boolValue");
	json__bool(&o->j, value);
	end_attribute(o);
}

void otlp__list(struct otlp *o, const char *key, const char *const *words, size_t n)
{
	size_t room = MAX_LIST;

	if (!n)
		return;
	begin_attribute(o, key, "arrayValue");
	json__obj(&o->j);
	json__key(&o->j, "values");
	json__arr(&o->j);
	for (size_t i = 0; i < n && room; i++) {
		size_t len = strlen(words[i]) + 1;

		room -= len < room ? len : room;
		json__obj(&o->j);
		otlp__text(o, "stringValue", room ? words[i] : "…");
		json__end(&o->j);
	}
	json__end(&o->j);
	json__end(&o->j);
	end_attribute(o);
}
