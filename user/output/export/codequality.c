/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Findings as GitLab's code quality report: a list of issues, each with a file of the repository,
 * and a fingerprint by which GitLab knows it again in another pipeline. So nothing that differs
 * from run to run may count for that: it is made of rule and subject, and a number where those are
 * the same.
 */
#include <errno.h>
#include <stdlib.h>

#include "output/export/escape.h"
#include "output/export/place.h"
#include "output/export/report.h"
#include "rules/rules.h"
#include "util/json.h"

static const char *const severities[] = {
	[SEVERITY_NOTE] = "info",
	[SEVERITY_WARNING] = "minor",
	[SEVERITY_ERROR] = "major",
};

/* How many of the same came before. */
static unsigned int nth(const struct findings *all, const struct finding *f)
{
	unsigned int n = 0;

	for (const struct finding *x = findings__next(all, NULL); x != f;
	     x = findings__next(all, x))
		n += x->rule == f->rule && str_eq(x->subject, f->subject);
	return n;
}

static void add_fingerprint(struct json *j, const struct findings *all, const struct finding *f)
{
	__free_str struct str text = {};
	uint8_t digest[SHA256_SZ];
	char hex[SHA256_HEX];
	struct sha256 hash;

	str__addf(&text, "%s\n%s\n%u", f->rule->id, f->subject, nth(all, f));
	sha256__init(&hash);
	sha256__add(&hash, text.s ?: "", text.len);
	sha256__end(&hash, digest);
	sha256__hex(digest, hex);
	json__kstr(j, "fingerprint", hex);
}

static void add_place(struct json *j, const struct export_job *job, const struct finding *f)
{
	__free_str struct str path = {};
	unsigned int line = place__add(&path, job->m, f, job->root);

	json__key(j, "location");
	json__obj(j);
	escape__json(j, "path", path.s ?: "go.mod");
	json__key(j, "lines");
	json__obj(j);
	json__kuint(j, "begin", line);
	json__end(j);
	json__end(j);
}

static void add_issue(struct json *j, const struct export_job *job, const struct findings *all,
		      const struct finding *f)
{
	__free_str struct str text = {};

	escape__finding(&text, f);
	json__obj(j);
	json__kstr(j, "check_name", f->rule->id);
	json__kstr(j, "description", text.s ?: "");
	json__kstr(j, "severity", severities[f->severity]);
	add_fingerprint(j, all, f);
	add_place(j, job, f);
	json__end(j);
}

static int make(const struct export_job *job, struct str *out)
{
	__free_findings struct findings *f = rules__evaluate(job->m);
	struct json j;

	if (!f)
		return -ENOMEM;
	json__init(&j, out);
	json__arr(&j);
	for (const struct finding *x = findings__next(f, NULL); x; x = findings__next(f, x))
		add_issue(&j, job, f, x);
	json__end(&j);
	str__addc(out, '\n');
	return 0;
}

REPORT_EXPORTER(codequality, make, .has_places = true);
