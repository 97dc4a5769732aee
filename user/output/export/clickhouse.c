/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows for a database of many hosts: JSON objects, one a line (JSONEachRow), for the table that
 * --schema makes. Conclusions are rows (build, command, package, setting, finding, program), raw
 * accesses on demand: a fleet asks for the first and pays for the second.
 *
 * One table, because one file is one INSERT; columns that a kind does not have take no space, and the
 * kind comes first in the order, so that a question reads the rows of its kind alone.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/programs/programs.h"
#include "model/run.h"
#include "model/settings/settings.h"
#include "output/export/escape.h"
#include "output/export/export.h"
#include "record/facts.h"
#include "rules/rules.h"

#define TIME	"DateTime64(9, 'UTC') CODEC(Delta, ZSTD)"
#define WORD	"LowCardinality(String)"
#define TEXT	"String CODEC(ZSTD)"
#define NUMBER	"UInt64 CODEC(T64, ZSTD)"

/*
 * X(name, type, of which rows it is, what it says). Who adds a row writes no other keys: tests insert
 * with unknown ones refused.
 */
#define COLUMN_LIST(X)										\
	X(host,		WORD,		"all",		"where it was recorded")		\
	X(record,	TEXT,		"all",		"which record: host and start")		\
	X(start,	TIME,		"all",		"of the record")			\
	X(time,		TIME,		"all",		"of what the row is about")		\
	X(k,		WORD,		"all",		"build, command, package, setting, finding, program; or the kind of access") \
	X(proc,		"UInt32",	"all but build", "program image, as in the record; 0: none")	\
	X(pid,		"UInt32",	"command, accesses", "its process")			\
	X(name,		WORD,		"setting, finding", "the setting; the rule")		\
	X(value,	TEXT,		"setting, finding", "its value; what was found")	\
	X(origin,	WORD,		"setting",	"where it came from")			\
	X(confidence,	WORD,		"package, setting, finding", "proven, likely")		\
	X(severity,	WORD,		"finding",	"note, warning, error")			\
	X(subject,	TEXT,		"finding",	"what it is about")			\
	X(package,	WORD,		"package, program", "import path")			\
	X(kind,		WORD,		"package",	"what was looked up: package, link, vet, test")	\
	X(outcome,	WORD,		"package, accesses", "hit, miss, built, …; unknown: it was interrupted, or not answered by the kernel") \
	X(reason,	WORD,		"package",	"why it was no hit")			\
	X(bytes,	NUMBER,		"package",	"of the output")			\
	X(duration_ns,	NUMBER,		"build, command, package", "wall time; of a package the sum of its tools") \
	X(count,	NUMBER,		"finding, program", "how often")			\
	X(go_version,	WORD,		"command, program", "go1.22.1")				\
	X(args,		"Array(String)", "build, command", "the command line")			\
	X(dir,		TEXT,		"command",	"where it worked")			\
	X(status,	"Nullable(Int32)", "build, command", "exit status; NULL: not known")	\
	X(signal,	"UInt8",	"command",	"that killed it; 0: none")		\
	X(module,	WORD,		"program",	"its module")				\
	X(version,	WORD,		"build, program", "of goenvbpf; of the module")		\
	X(mode,		WORD,		"build",	"run, attach, watch")			\
	X(kernel,	WORD,		"build",	"of the host")				\
	X(arch,		WORD,		"build",	"of the host")				\
	X(cpus,		"UInt16",	"build",	"of the host")				\
	X(tags,		"Map(LowCardinality(String), String)", "build", "--tag")		\
	X(complete,	"UInt8",	"build",	"1: all was seen, and all of it is here")	\
	X(lost,		NUMBER,		"build",	"events known to be missing")		\
	X(hits,		NUMBER,		"build",	"packages that the cache had")		\
	X(made,		NUMBER,		"build",	"packages that were made")		\
	X(spent_ns,	NUMBER,		"build",	"time of tools that made packages")	\
	X(saved_ns,	NUMBER,		"build",	"the same, elsewhere in the record, of hits")	\
	X(restored,	NUMBER,		"build",	"outputs that others put into the cache")	\
	X(restored_used, NUMBER,	"build",	"those of them that were found")	\
	X(call,		WORD,		"accesses",	"the system call")			\
	X(path,		TEXT,		"setting, program, accesses", "file")			\
	X(line,		"UInt32",	"setting",	"of the file; 0: not known")		\
	X(path2,	TEXT,		"accesses",	"the other name of a rename or link")	\
	X(err,		WORD,		"accesses",	"why it failed; empty: it did not")

struct clickhouse {
	const struct export_job *job;
	struct str out;
	struct json j;
	struct str record;		/* its name in all rows */
};

static void *begin(const struct export_job *job)
{
	struct clickhouse *c = calloc(1, sizeof(*c));

	if (c)
		c->job = job;
	return c;
}

static void free_clickhouse(void *state)
{
	struct clickhouse *c = state;

	if (!c)
		return;
	str__free(&c->out);
	str__free(&c->record);
	free(c);
}

/* --- a row --- */

static void add_word(struct json *j, const char *key, const char *text)
{
	if (text && *text)
		escape__json(j, key, text);
}

static void add_number(struct json *j, const char *key, int64_t n)
{
	if (n > 0)
		json__kuint(j, key, n);
}

/* As the engine reads it, whatever it is set to: "2026-10-04 12:00:01.250000000". */
static void add_time(struct json *j, const char *key, int64_t ns)
{
	char text[RFC3339_SZ];

	rfc3339__utc(ns, text);
	text[strcspn(text, "T")] = ' ';
	text[strcspn(text, "Z")] = '\0';
	json__kstr(j, key, text);
}

static struct json *begin_row(struct clickhouse *c, const char *kind, int64_t ts)
{
	const struct run *r = model__run(c->job->m);
	int64_t epoch = run__epoch(r);

	if (!c->record.len)
		str__addf(&c->record, "%s/%s", r->host ?: "", r->start ?: c->job->name);
	json__init(&c->j, &c->out);
	json__obj(&c->j);
	escape__json(&c->j, "host", r->host ?: "");
	escape__json(&c->j, "record", c->record.s ?: "");
	add_time(&c->j, "start", epoch);
	add_time(&c->j, "time", epoch + (ts > 0 ? ts : 0));
	json__kstr(&c->j, "k", kind);
	return &c->j;
}

static int end_row(struct clickhouse *c)
{
	json__end(&c->j);
	str__addc(&c->out, '\n');
	return export_job__flush_if_long(c->job, &c->out);
}

/* --- what the model says --- */

static int add_build(struct clickhouse *c)
{
	const struct run *r = model__run(c->job->m);
	struct json *j = begin_row(c, "build", 0);
	struct cache_restored restored = {};
	struct cache_total sum = {};

	model__cache_total(c->job->m, &sum);
	model__restored(c->job->m, &restored);
	add_word(j, "version", r->version);
	add_word(j, "mode", r->mode);
	add_word(j, "kernel", r->kernel);
	add_word(j, "arch", r->arch);
	add_number(j, "cpus", r->cpus);
	add_number(j, "duration_ns", r->duration);
	if (r->status >= 0)
		json__kint(j, "status", r->status);
	json__kuint(j, "complete", run__is_complete(r));
	add_number(j, "lost", run__lost(r));
	add_number(j, "hits", sum.hits);
	add_number(j, "made", sum.made);
	add_number(j, "spent_ns", sum.spent_ns);
	add_number(j, "saved_ns", sum.saved_ns);
	add_number(j, "restored", restored.outputs);
	add_number(j, "restored_used", restored.used);
	json__key(j, "args");
	json__arr(j);
	for (size_t i = 0; i < r->command_cnt; i++)
		escape__json_item(j, r->command[i]);
	json__end(j);
	json__key(j, "tags");
	json__obj(j);
	for (size_t i = 0; i < r->tag_cnt; i++)
		escape__json_pair(j, r->tags[i].name, r->tags[i].value);
	json__end(j);
	return end_row(c);
}

static int add_setting(struct clickhouse *c, const struct go_command *cmd, const struct effective *e)
{
	struct json *j = begin_row(c, "setting", cmd->p->start);

	json__kuint(j, "proc", cmd->proc);
	add_word(j, "name", e->name);
	add_word(j, "value", e->won.value);
	json__kstr(j, "origin", source__name(e->won.source));
	json__kstr(j, "confidence", confidence__name(e->confidence));
	add_word(j, "path", e->won.path);
	add_number(j, "line", e->won.line);
	return end_row(c);
}

static int add_package(struct clickhouse *c, const struct go_command *cmd, const struct cache_use *use)
{
	struct json *j = begin_row(c, "package", use->ts);

	json__kuint(j, "proc", cmd->proc);
	add_word(j, "package", use->package);
	json__kstr(j, "kind", cache_kind__name(use->kind));
	json__kstr(j, "outcome", cache_outcome__name(use->outcome));
	add_word(j, "reason", use->reason);
	json__kstr(j, "confidence", confidence__name(use->confidence));
	add_number(j, "bytes", use->bytes);
	add_number(j, "duration_ns", use->work_ns);
	return end_row(c);
}

static int add_command(struct clickhouse *c, const struct go_command *cmd)
{
	const struct process *p = process__last_image(c->job->m, cmd->p);
	struct json *j = begin_row(c, "command", cmd->p->start);
	const struct cache_ref *at = NULL;
	struct cache_use use;
	int err;

	json__kuint(j, "proc", cmd->proc);
	json__kuint(j, "pid", cmd->p->pid);
	add_word(j, "go_version", go_command__version(c->job->m, cmd));
	add_word(j, "dir", cmd->p->cwd);
	if (cmd->p->start >= 0 && p->finish >= cmd->p->start)
		add_number(j, "duration_ns", p->finish - cmd->p->start);
	if (p->end == PROCESS_EXITED)
		json__kint(j, "status", p->status);
	else if (p->end == PROCESS_KILLED)
		json__kint(j, "signal", p->status);
	json__key(j, "args");
	json__arr(j);
	for (const char *arg = process__next_arg(cmd->p, NULL); arg; arg = process__next_arg(cmd->p, arg))
		escape__json_item(j, arg);
	json__end(j);
	err = end_row(c);
	for (size_t i = 0; cmd->settings && i < cmd->settings->cnt && !err; i++)
		err = add_setting(c, cmd, &cmd->settings->list[i]);
	while (!err && (at = model__next_use(c->job->m, cmd->p, at, &use)))
		err = add_package(c, cmd, &use);
	return err;
}

static int add_program(struct clickhouse *c, const struct program *p)
{
	struct json *j = begin_row(c, "program", 0);

	add_word(j, "path", p->exe);
	add_word(j, "go_version", p->go);
	add_word(j, "package", p->package);
	add_word(j, "module", p->module);
	add_word(j, "version", p->version);
	add_number(j, "count", p->runs);
	return end_row(c);
}

static int add_finding(struct clickhouse *c, const struct finding *f)
{
	const struct process *p = model__process(c->job->m, f->proc);
	struct json *j = begin_row(c, "finding", p ? p->start : 0);

	json__kuint(j, "proc", f->proc);
	json__kstr(j, "name", f->rule->id);
	json__kstr(j, "severity", severity__name(f->severity));
	json__kstr(j, "confidence", confidence__name(f->confidence));
	add_word(j, "subject", f->subject);
	add_word(j, "value", f->detail);
	add_number(j, "count", f->cnt);
	return end_row(c);
}

static int end(void *state)
{
	struct clickhouse *c = state;
	const struct model *m = c->job->m;
	__free_findings struct findings *findings = rules__evaluate(m);
	int err = findings ? add_build(c) : -ENOMEM;

	for (const struct go_command *cmd = model__next_command(m, NULL); cmd && !err;
	     cmd = model__next_command(m, cmd))
		err = add_command(c, cmd);
	for (const struct program *p = model__next_program(m, NULL); p && !err; p = model__next_program(m, p))
		err = add_program(c, p);
	for (const struct finding *f = err ? NULL : findings__next(findings, NULL); f && !err;
	     f = findings__next(findings, f))
		err = add_finding(c, f);
	return err ?: export_job__flush(c->job, &c->out);
}

/* --- accesses --- */

static int record(void *state, const struct rec *rec)
{
	struct clickhouse *c = state;
	struct json *j;

	if (!c->job->accesses || rec->ts < 0 || !kind__is_access(rec->kind))
		return 0;
	j = begin_row(c, rec_kind__name(rec->kind), rec->ts);
	json__kuint(j, "proc", rec->proc);
	json__kuint(j, "pid", rec->pid);
	add_word(j, "call", rec__str(rec, "call"));
	add_word(j, "path", rec->path);
	add_word(j, "path2", rec__str(rec, "path2"));
	if (rec->flags & REC_FLAG_NO_OUTCOME)
		json__kstr(j, "outcome", "unknown");
	add_word(j, "err", rec->err);
	return end_row(c);
}

/* --- the table --- */

static const struct {
	const char *name, *type, *rows, *meaning;
} columns[] = {
#define X(name, type, rows, meaning) { #name, type, rows, meaning },
	COLUMN_LIST(X)
#undef X
};

#define CONCLUSIONS "('build', 'command', 'package', 'setting', 'finding', 'program')"

static void add_name(struct str *out, const char *name)
{
	str__addc(out, '`');
	for (; *name; name++) {
		if (*name == '`' || *name == '\\')
			str__addc(out, '\\');
		str__addc(out, *name);
	}
	str__addc(out, '`');
}

/*
 * Rows of a month lie together, so that what is old goes as a whole; accesses go first, as there are
 * dozens of them for each conclusion. The projection answers "how often was each package missed, and
 * why" without reading the rows.
 */
static int schema(const char *cluster, struct str *out)
{
	const char *table = cluster ? "goenvbpf_local" : "goenvbpf";
	__free_str struct str on = {};

	if (cluster) {
		str__adds(&on, " ON CLUSTER ");
		add_name(&on, cluster);
	}
	str__addf(out, "CREATE TABLE IF NOT EXISTS %s%s\n(\n", table, on.s ?: "");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const char *type = columns[i].type, *codec = strstr(type, " CODEC") ?: "";

		str__addf(out, "    %s %.*s COMMENT '%s: %s'%s,\n", columns[i].name, (int)(strlen(type) - strlen(codec)),
			  type, columns[i].rows, columns[i].meaning, codec);
	}
	str__adds(out,
		  "    PROJECTION packages (SELECT k, package, kind, outcome, reason, host, count(), sum(duration_ns)\n"
		  "        GROUP BY k, package, kind, outcome, reason, host)\n"
		  ")\n");
	str__addf(out, "ENGINE = %s\n", cluster ?
		  "ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/goenvbpf', '{replica}')" : "MergeTree");
	str__adds(out,
		  "PARTITION BY toYYYYMM(start)\n"
		  "ORDER BY (k, host, start, record, time)\n"
		  "TTL toDateTime(start) + INTERVAL 13 MONTH,\n"
		  "    toDateTime(start) + INTERVAL 14 DAY DELETE WHERE k NOT IN " CONCLUSIONS ";\n");
	if (cluster) {
		str__addf(out, "\nCREATE TABLE IF NOT EXISTS goenvbpf%s AS goenvbpf_local\nENGINE = Distributed(",
			  on.s ?: "");
		add_name(out, cluster);
		str__adds(out, ", currentDatabase(), goenvbpf_local, cityHash64(record));\n");
	}
	return str__err(&on) ?: str__err(out);
}

const struct exporter export_clickhouse = {
	.is_large = true,
	.takes_many = true,
	.takes_accesses = true,
	.begin = begin,
	.record = record,
	.end = end,
	.free = free_clickhouse,
	.schema = schema,
};
