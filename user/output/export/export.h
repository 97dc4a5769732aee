/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_EXPORT_H
#define GOENVBPF_OUTPUT_EXPORT_EXPORT_H
/*
 * The formats that others read: a file each, behind one interface.
 *
 * Lifecycle: exporter__find() → for each record: begin() → record() for each line, in the record's
 * order, after the model saw it → end() once the model is finished, which writes what is left →
 * free().
 */
#include "model/model.h"
#include "record/pass.h"
#include "util/sha256.h"
#include "util/str.h"

/* A file that somebody wants to tie the output to, by its content. */
struct export_subject {
	const char *name;
	uint8_t sha256[SHA256_SZ];
};

struct export_job {
	struct model *m;		/* of MODEL_ALL; sees the same lines */
	struct model *old;		/* of the baseline, finished; NULL: there is none */
	const char *name, *old_name;	/* of the records */
	unsigned int nth;		/* which record of one output: 0 writes what comes once */
	const char *root;		/* the repository's folder, absolute; NULL: the module's */
	bool accesses, metrics;		/* where they are not in it by themselves */
	const struct export_subject *subjects;	/* of exporters that have them: at least one */
	size_t subject_cnt;
	int (*write)(void *ctx, const void *bytes, size_t n);	/* 0 or -errno */
	void *ctx;
};

#define EXPORT_PIECE 65536	/* bytes that are worth a write */

/* Writes what was collected, and empties it; 0 or -errno. */
int export_job__flush(const struct export_job *job, struct str *out);
/* The same once it is worth it. */
int export_job__flush_if_long(const struct export_job *job, struct str *out);

struct exporter {
	bool is_large;			/* nothing to look at on a terminal */
	bool takes_many;		/* records, one after the other in one output */
	bool takes_accesses, takes_metrics;	/* job.accesses, job.metrics change something */
	bool has_subjects;
	bool has_places;		/* in files of a repository: job.root changes something */
	void *(*begin)(const struct export_job *job);	/* borrows it; NULL: out of memory */
	int (*record)(void *state, const struct rec *rec);	/* 0 or -errno */
	int (*end)(void *state);
	void (*free)(void *state);	/* NULL is fine */
	/*
	 * What an engine has to be told before it takes the format, as a text of its language; NULL: there
	 * is no such thing. cluster: for tables that are spread over it; NULL: for one server.
	 */
	int (*schema)(const char *cluster, struct str *out);	/* 0 or -errno */
};

/* X(id, name, what it is): export_<id> is an exporter; in the order of help. */
#define EXPORT_LIST(X)									\
	X(html,       "html",       "the review page: one file for any browser, with everything in it")	\
	X(perfetto,   "perfetto",   "a trace of processes, accesses and the cache, for ui.perfetto.dev")	\
	X(chrome,     "chrome",     "the same trace as JSON, for chrome://tracing and others")		\
	X(summary,    "summary",    "the summary of a job in Markdown, for what CI systems show of it")	\
	X(sarif,      "sarif",      "findings for code scanning (SARIF 2.1.0)")			\
	X(codequality, "codequality", "findings for merge requests of GitLab (code quality)")		\
	X(junit,      "junit",      "rules as tests, in the XML that CI systems take from JUnit")	\
	X(prometheus, "prometheus", "the run in numbers, for the node exporter's text files")	\
	X(in_toto,    "in-toto",    "an attestation of what ran and was read (runtime-trace), to be signed")	\
	X(otlp,       "otlp",       "OTLP/JSON: programs as spans, findings as logs; a request a line")	\
	X(clickhouse, "clickhouse", "rows for a database of many hosts: --schema makes the table")	\
	X(csv,        "csv",        "lines of the record as a table (RFC 4180)")

#define X(id, name, what) extern const struct exporter export_##id;
EXPORT_LIST(X)
#undef X

const struct exporter *exporter__find(const char *name);	/* NULL: there is none */

#endif
