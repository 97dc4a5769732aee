/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Findings as SARIF 2.1.0, for code scanning, which shows what is in a file of the repository. */
#include <errno.h>
#include <stdlib.h>

#include "output/export/escape.h"
#include "output/export/place.h"
#include "output/export/report.h"
#include "rules/rules.h"
#include "util/json.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

static const char *const levels[] = {
	[SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error",
};

static void add_text(struct json *j, const char *key, const char *text)
{
	json__key(j, key);
	json__obj(j);
	escape__json(j, "text", text);
	json__end(j);
}

static void add_rule(struct json *j, const struct rule *r)
{
	json__obj(j);
	json__kstr(j, "id", r->id);
	add_text(j, "shortDescription", r->title);
	add_text(j, "fullDescription", r->why);
	add_text(j, "help", r->remedy);
	json__key(j, "defaultConfiguration");
	json__obj(j);
	json__kstr(j, "level", levels[r->severity]);
	json__end(j);
	json__end(j);
}

static void add_rules(struct json *j)
{
	json__key(j, "rules");
	json__arr(j);
	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r))
		add_rule(j, r);
	json__end(j);
}

static uint64_t index_of(const struct rule *rule)
{
	uint64_t i = 0;

	for (const struct rule *r = rule__next(NULL); r && r != rule; r = rule__next(r))
		i++;
	return i;
}

static void add_location(struct json *j, const struct export_job *job, const struct finding *f)
{
	__free_str struct str path = {}, uri = {};
	unsigned int line = place__add(&path, job->m, f, job->root);

	escape__uri(&uri, path.s ?: "go.mod");
	json__key(j, "locations");
	json__arr(j);
	json__obj(j);
	json__key(j, "physicalLocation");
	json__obj(j);
	json__key(j, "artifactLocation");
	json__obj(j);
	json__kstr(j, "uri", uri.s ?: "go.mod");
	json__kstr(j, "uriBaseId", "SRCROOT");
	json__end(j);
	json__key(j, "region");
	json__obj(j);
	json__kuint(j, "startLine", line);
	json__end(j);
	json__end(j);
	json__end(j);
	json__end(j);
}

static void add_result(struct json *j, const struct export_job *job, const struct finding *f)
{
	__free_str struct str text = {};

	escape__finding(&text, f);
	json__obj(j);
	json__kstr(j, "ruleId", f->rule->id);
	json__kuint(j, "ruleIndex", index_of(f->rule));
	json__kstr(j, "level", levels[f->severity]);
	add_text(j, "message", text.s ?: "");
	add_location(j, job, f);
	json__key(j, "partialFingerprints");
	json__obj(j);
	escape__json(j, "goenvbpf/v1", f->subject);
	json__end(j);
	json__key(j, "properties");
	json__obj(j);
	json__kstr(j, "confidence", confidence__name(f->confidence));
	json__end(j);
	json__end(j);
}

static void add_tool(struct json *j)
{
	json__key(j, "tool");
	json__obj(j);
	json__key(j, "driver");
	json__obj(j);
	json__kstr(j, "name", "goenvbpf");
	json__kstr(j, "version", GOENVBPF_VERSION);
	add_rules(j);
	json__end(j);
	json__end(j);
}

static int make(const struct export_job *job, struct str *out)
{
	__free_findings struct findings *f = rules__evaluate(job->m);
	struct json j;

	if (!f)
		return -ENOMEM;
	json__init(&j, out);
	json__obj(&j);
	json__kstr(&j, "$schema", SCHEMA);
	json__kstr(&j, "version", "2.1.0");
	json__key(&j, "runs");
	json__arr(&j);
	json__obj(&j);
	add_tool(&j);
	json__key(&j, "results");
	json__arr(&j);
	for (const struct finding *x = findings__next(f, NULL); x; x = findings__next(f, x))
		add_result(&j, job, x);
	json__end(&j);
	json__end(&j);
	json__end(&j);
	json__end(&j);
	str__addc(out, '\n');
	return 0;
}

REPORT_EXPORTER(sarif, make, .has_places = true);
