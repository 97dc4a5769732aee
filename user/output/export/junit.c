/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules as a suite of tests, in the XML that CI systems take from JUnit: a rule that found
 * something from a warning on has failed, one that could not be evaluated was skipped.
 */
#include <errno.h>
#include <stdlib.h>

#include "output/export/escape.h"
#include "output/export/report.h"
#include "rules/rules.h"

static const struct finding *next_of(const struct findings *f, const struct rule *r, const struct finding *x)
{
	do {
		x = findings__next(f, x);
	} while (x && (x->rule != r || x->severity < SEVERITY_WARNING));
	return x;
}

static const struct not_evaluated *open_of(const struct findings *f, const struct rule *r)
{
	const struct not_evaluated *n = findings__next_open(f, NULL);

	while (n && n->rule != r)
		n = findings__next_open(f, n);
	return n;
}

static void add_failure(struct str *out, const struct rule *r, const struct findings *f)
{
	const struct finding *x = next_of(f, r, NULL);

	str__adds(out, "      <failure type=\"");
	str__adds(out, severity__name(x->severity));
	str__adds(out, "\" message=\"");
	escape__xml(out, r->title);
	str__adds(out, "\">");
	for (; x; x = next_of(f, r, x)) {
		escape__xml(out, x->subject);
		str__adds(out, ": ");
		escape__xml(out, x->detail ?: "");
		str__addf(out, " (%s). What to do: ", confidence__name(x->confidence));
		escape__xml(out, x->remedy);
		str__addc(out, '\n');
	}
	str__adds(out, "</failure>\n");
}

static void add_case(struct str *out, const struct rule *r, const struct findings *f)
{
	const struct not_evaluated *open = open_of(f, r);

	str__addf(out, "    <testcase classname=\"goenvbpf\" name=\"%s\"", r->id);
	if (next_of(f, r, NULL)) {
		str__adds(out, ">\n");
		add_failure(out, r, f);
		str__adds(out, "    </testcase>\n");
	} else if (open) {
		str__adds(out, ">\n      <skipped message=\"needs ");
		escape__xml(out, open->missing);
		str__adds(out, "\"/>\n    </testcase>\n");
	} else {
		str__adds(out, "/>\n");
	}
}

static int make(const struct export_job *job, struct str *out)
{
	__free_findings struct findings *f = rules__evaluate(job->m);
	unsigned int all = 0, failed = 0, skipped = 0;

	if (!f)
		return -ENOMEM;
	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r), all++)
		if (next_of(f, r, NULL))
			failed++;
		else if (open_of(f, r))
			skipped++;
	str__addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%u\" failures=\"%u\">\n"
		       "  <testsuite name=\"goenvbpf\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n",
		  all, failed, all, failed, skipped);
	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r))
		add_case(out, r, f);
	str__adds(out, "  </testsuite>\n</testsuites>\n");
	return 0;
}

REPORT_EXPORTER(junit, make);
