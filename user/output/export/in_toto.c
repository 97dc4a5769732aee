/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An in-toto Statement with the predicate runtime-trace: which programs ran, which files they had,
 * whom they talked to. It is not signed; whoever signs it says that the record is his.
 *
 * Files were hashed after they were opened, never before: nobody waits for an observer. What that
 * proves, and what is missing, stands in tracePolicy.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/inputs/inputs.h"
#include "model/process.h"
#include "model/run.h"
#include "output/export/escape.h"
#include "output/export/export.h"
#include "record/facts.h"
#include "util/hash.h"

#define PREDICATE "https://in-toto.io/attestation/runtime-trace/v0.2"

enum file_use {
	FILE_READ = 1 << 0,
	FILE_WRITTEN = 1 << 1,	/* or made, renamed, removed: its name means something else since */
	FILE_RUN = 1 << 2,
};

struct used_file {
	UT_hash_handle hh;
	unsigned int uses;
	char path[];
};

struct peer {
	struct peer *next;
	uint32_t port, pid;
	bool has_failed;
	char addr[];
};

struct in_toto {
	const struct export_job *job;
	struct used_file *files;
	struct peer *peers, **last_peer;
	uint64_t unplaced;	/* uses of files below a folder that is not known */
	struct str out;
	struct json j;
};

static void *begin(const struct export_job *job)
{
	struct in_toto *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->job = job;
	t->last_peer = &t->peers;
	json__init(&t->j, &t->out);
	return t;
}

static void free_in_toto(void *state)
{
	struct in_toto *t = state;

	if (!t)
		return;
	for (struct peer *p = t->peers, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	hash_free(&t->files, free);
	str__free(&t->out);
	free(t);
}

/* --- the lines --- */

static int use_file(struct in_toto *t, const char *path, enum file_use use)
{
	struct used_file *f = NULL;
	size_t n;

	if (!path)
		return 0;
	if (*path != '/') {
		t->unplaced++;
		return 0;
	}
	n = strlen(path);
	HASH_FIND(hh, t->files, path, n, f);
	if (!f) {
		f = calloc(1, sizeof(*f) + n + 1);
		if (!f)
			return -ENOMEM;
		memcpy(f->path, path, n);
		HASH_ADD_KEYPTR(hh, t->files, f->path, n, f);
		if (!f->hh.tbl) {
			free(f);
			return -ENOMEM;
		}
	}
	f->uses |= use;
	return 0;
}

static int add_peer(struct in_toto *t, const struct rec *rec)
{
	const char *addr = rec__str(rec, "addr");
	struct peer *p;

	if (!addr)
		return 0;
	p = calloc(1, sizeof(*p) + strlen(addr) + 1);
	if (!p)
		return -ENOMEM;
	strcpy(p->addr, addr);
	p->port = rec__int(rec, "port", 0);
	p->pid = rec->pid;
	p->has_failed = rec->err && !str_eq(rec->err, "EINPROGRESS");
	*t->last_peer = p;
	t->last_peer = &p->next;
	return 0;
}

static int record(void *state, const struct rec *rec)
{
	struct in_toto *t = state;

	if (rec->flags & REC_FLAG_NO_OUTCOME)
		return 0;
	if (rec->kind == REC_CONNECT)
		return add_peer(t, rec);
	if (rec->kind == REC_EXEC)
		return use_file(t, rec__str(rec, "exe"), FILE_RUN);
	if (rec__reads_file(rec))
		return use_file(t, rec->path, FILE_READ);
	if (rec__changes_path(rec))
		return use_file(t, rec->path, FILE_WRITTEN) ?: use_file(t, rec__str(rec, "path2"), FILE_WRITTEN);
	return 0;
}

/* --- the statement --- */

static void add_digest(struct json *j, const uint8_t digest[SHA256_SZ])
{
	char hex[SHA256_HEX];

	sha256__hex(digest, hex);
	json__key(j, "digest");
	json__obj(j);
	json__kstr(j, "sha256", hex);
	json__end(j);
}

static void add_subjects(struct in_toto *t)
{
	json__key(&t->j, "subject");
	json__arr(&t->j);
	for (size_t i = 0; i < t->job->subject_cnt; i++) {
		json__obj(&t->j);
		escape__json(&t->j, "name", t->job->subjects[i].name);
		add_digest(&t->j, t->job->subjects[i].sha256);
		json__end(&t->j);
	}
	json__end(&t->j);
}

static void add_urn(struct json *j, const char *key, const char *what, const char *name)
{
	__free_str struct str uri = {};

	str__addf(&uri, "urn:goenvbpf:%s:", what);
	escape__uri(&uri, name);
	json__kstr(j, key, uri.s ?: "");
}

static void add_missing(struct json *j, const struct run *r)
{
	json__key(j, "missing");
	json__arr(j);
	for (size_t i = 0; i < r->missing_cnt; i++)
		json__str(j, r->missing[i].without);
	json__end(j);
}

static void add_monitor(struct in_toto *t, const struct run *r)
{
	struct json *j = &t->j;

	json__key(j, "monitor");
	json__obj(j);
	add_urn(j, "type", "monitor", r->version ?: "unknown");
	json__key(j, "tracePolicy");
	json__obj(j);
	json__kbool(j, "synchronous", false);
	json__kbool(j, "complete", run__is_complete(r));
	json__kuint(j, "lostEvents", run__lost(r));
	json__kuint(j, "blindProcesses", r->blind_cnt + r->blinds_cut);
	json__kbool(j, "cut", r->cut);
	json__kbool(j, "network", r->has_net);
	json__kuint(j, "redactions", r->redactions);
	json__kuint(j, "unplacedFileAccesses", t->unplaced);
	json__kstr(j, "digests", model__has_sources(t->job->m) ?
		   "of files that a Go build read: their content when it was hashed, after they were opened; "
		   "size, inode and ctime were then those of the open" :
		   "none: nothing was hashed");
	add_missing(j, r);
	json__end(j);
	json__end(j);
}

static void add_process(struct in_toto *t, const struct process *p)
{
	struct json *j = &t->j;

	json__obj(j);
	json__kstr(j, "eventType", p->has_exec ? "exec" : "fork");
	json__kuint(j, "pid", p->pid);
	json__kuint(j, "ppid", p->ppid);
	if (p->exe)
		escape__json(j, "processBinary", p->exe);
	json__key(j, "arguments");
	json__arr(j);
	for (const char *arg = process__next_arg(p, NULL); arg; arg = process__next_arg(p, arg))
		escape__json_item(j, arg);
	json__end(j);
	if (p->args_cut)
		json__kbool(j, "argumentsCut", true);
	if (p->end == PROCESS_EXITED)
		json__kint(j, "exitCode", p->status);
	else if (p->end == PROCESS_KILLED)
		json__kint(j, "signal", p->status);
	json__end(j);
}

static int add_processes(struct in_toto *t)
{
	int err = 0;

	json__key(&t->j, "process");
	json__arr(&t->j);
	for (const struct process *p = model__next_process(t->job->m, NULL); p && !err;
	     p = model__next_process(t->job->m, p)) {
		add_process(t, p);
		err = export_job__flush_if_long(t->job, &t->out);
	}
	json__end(&t->j);
	return err;
}

/* The transport is not in the record: a connect(2) alone does not tell it. */
static int add_network(struct in_toto *t)
{
	int err = 0;

	json__key(&t->j, "network");
	json__arr(&t->j);
	for (const struct peer *p = t->peers; p && !err; p = p->next) {
		json__obj(&t->j);
		escape__json(&t->j, "ip", p->addr);
		if (p->port)
			json__kuint(&t->j, "port", p->port);
		if (p->has_failed)
			json__kbool(&t->j, "failed", true);
		json__key(&t->j, "invokingProcess");
		json__obj(&t->j);
		json__kuint(&t->j, "pid", p->pid);
		json__end(&t->j);
		json__end(&t->j);
		err = export_job__flush_if_long(t->job, &t->out);
	}
	json__end(&t->j);
	return err;
}

static void add_file(struct json *j, const struct used_file *f, const struct source_state *s)
{
	static const struct { enum file_use use; const char *name; } uses[] = {
		{ FILE_READ, "read" }, { FILE_WRITTEN, "write" }, { FILE_RUN, "execute" },
	};
	__free_str struct str uri = {};

	str__adds(&uri, "file://");
	escape__uri(&uri, f->path);
	json__obj(j);
	json__kstr(j, "uri", uri.s ?: "");
	if (s && s->has_hash)
		add_digest(j, s->sha256);
	json__key(j, "annotations");
	json__obj(j);
	json__key(j, "access");
	json__arr(j);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		if (f->uses & uses[i].use)
			json__str(j, uses[i].name);
	json__end(j);
	if (s && s->error)
		escape__json(j, "notHashed", s->error);
	json__end(j);
	json__end(j);
}

/* An entry for each content that the file had. */
static int add_files(struct in_toto *t)
{
	int err = 0;

	json__key(&t->j, "fileAccess");
	json__arr(&t->j);
	for (const struct used_file *f = t->files; f && !err; f = f->hh.next) {
		const struct source_state *s = model__source(t->job->m, f->path);

		do {
			add_file(&t->j, f, s);
			s = s ? s->older : NULL;
		} while (s);
		err = export_job__flush_if_long(t->job, &t->out);
	}
	json__end(&t->j);
	return err;
}

static void add_time(struct json *j, const char *key, const struct run *r, int64_t ts)
{
	char text[RFC3339_SZ];

	if (!run__epoch(r))
		return;
	rfc3339__utc(run__epoch(r) + ts, text);
	json__kstr(j, key, text);
}

/* The command, and when: what tells this run from another one. Tags say of which job it is. */
static void add_monitored(struct in_toto *t, const struct run *r)
{
	__free_str struct str event = {};
	struct json *j = &t->j;

	for (size_t i = 0; i < r->command_cnt; i++) {
		if (i)
			str__addc(&event, ' ');
		text__arg(&event, r->command[i]);
	}
	json__key(j, "monitoredProcess");
	json__obj(j);
	add_urn(j, "hostID", "host", r->host ?: "unknown");
	add_urn(j, "type", "mode", r->mode ?: "unknown");
	json__kstr(j, "event", event.len ? event.s : r->start ?: "unknown");
	json__key(j, "tags");
	json__obj(j);
	for (size_t i = 0; i < r->tag_cnt; i++)
		escape__json_pair(j, r->tags[i].name, r->tags[i].value);
	json__end(j);
	json__end(j);
}

static int end(void *state)
{
	struct in_toto *t = state;
	const struct run *r = model__run(t->job->m);
	struct json *j = &t->j;
	int err;

	json__obj(j);
	json__kstr(j, "_type", "https://in-toto.io/Statement/v1");
	add_subjects(t);
	json__kstr(j, "predicateType", PREDICATE);
	json__key(j, "predicate");
	json__obj(j);
	add_monitor(t, r);
	add_monitored(t, r);
	json__key(j, "metadata");
	json__obj(j);
	add_time(j, "buildStartedOn", r, 0);
	if (!r->cut)
		add_time(j, "buildFinishedOn", r, r->duration);
	json__end(j);
	json__key(j, "monitorLog");
	json__obj(j);
	err = add_processes(t);
	if (r->has_net)
		err = err ?: add_network(t);
	err = err ?: add_files(t);
	json__end(j);
	json__end(j);
	json__end(j);
	str__addc(&t->out, '\n');
	return err ?: export_job__flush(t->job, &t->out);
}

const struct exporter export_in_toto = {
	.is_large = true,
	.has_subjects = true,
	.begin = begin,
	.record = record,
	.end = end,
	.free = free_in_toto,
};
