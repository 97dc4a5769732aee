/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a record is in numbers, as OTLP metrics: sums of what happened while it was written (delta), so that who
 * receives many records adds them up.
 */
#include <errno.h>

#include "answers/figures.h"
#include "model/run.h"
#include "output/export/otlp.h"

#define TEMPORALITY_DELTA 1

/* Of nearly all rules there is no finding in a record. */
static bool is_wanted(const struct figures *f, const struct figure *x)
{
	return x->rule ? x->value : !x->of_cache || f->with_cache;
}

static int begin_metric(struct otlp *o, const char *name, const char *meaning, const char *unit)
{
	__free_str struct str full = {};
	int err = otlp__item(o, OTLP_METRICS);

	if (err)
		return err;
	str__addf(&full, "goenvbpf.%s", name);
	json__kstr(&o->j, "name", full.s ?: "");
	json__kstr(&o->j, "description", meaning);
	json__kstr(&o->j, "unit", unit);
	json__key(&o->j, "sum");
	json__obj(&o->j);
	json__kuint(&o->j, "aggregationTemporality", TEMPORALITY_DELTA);
	json__key(&o->j, "isMonotonic");
	json__bool(&o->j, true);
	json__key(&o->j, "dataPoints");
	json__arr(&o->j);
	return str__err(&full);
}

static void end_metric(struct otlp *o)
{
	json__end(&o->j);
	json__end(&o->j);
	otlp__item_end(o);
}

static void begin_point(struct otlp *o)
{
	json__obj(&o->j);
	otlp__time(o, "startTimeUnixNano", 0);
	otlp__time(o, "timeUnixNano", model__run(o->job->m)->duration);
}

static void add_count(struct otlp *o, uint64_t value)
{
	json__key(&o->j, "asInt");
	otlp__int64(o, value);
}

static void add_point(struct otlp *o, const struct figure *x)
{
	begin_point(o);
	if (x->is_seconds) {
		json__key(&o->j, "asDouble");
		json__double(&o->j, x->value / 1e9);
	} else {
		add_count(o, x->value);
	}
	otlp__attributes(o);
	otlp__str(o, "outcome", x->outcome);
	if (x->rule) {
		otlp__str(o, "rule", x->rule->id);
		otlp__str(o, "severity", severity__name(x->severity));
	}
	json__end(&o->j);
	json__end(&o->j);
}

static int add_figures(struct otlp *o, const struct figures *f)
{
	const char *last = NULL;
	int err = 0;

	for (struct figure x = {}; !err && figure__next(f, &x);) {
		if (!is_wanted(f, &x))
			continue;
		if (last && !str_eq(x.name, last))
			end_metric(o);
		if (!last || !str_eq(x.name, last))
			err = begin_metric(o, x.name, x.meaning, x.is_seconds ? "s" : "1");
		last = x.name;
		if (!err)
			add_point(o, &x);
	}
	if (last && !err)
		end_metric(o);
	return err;
}

/* A record that is not whole is one whose other numbers are too low. */
static int add_lost(struct otlp *o)
{
	int err = begin_metric(o, "record_lost_events", "Events known to be missing.", "1");

	if (err)
		return err;
	begin_point(o);
	add_count(o, run__lost(model__run(o->job->m)));
	json__end(&o->j);
	end_metric(o);
	return 0;
}

int otlp__metrics(struct otlp *o, const struct findings *found)
{
	struct figures f = {};

	figures__add(&f, o->job->m, found);
	return add_figures(o, &f) ?: add_lost(o);
}
