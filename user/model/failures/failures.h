/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_FAILURES_FAILURES_H
#define GOENVBPF_MODEL_FAILURES_FAILURES_H
/*
 * What a process that ended badly was about when it did: what it had looked for in vain, what had gone
 * wrong, what it had read last. No process says why it fails; what is here is the likely reason.
 *
 * A go command whose tools all ended well failed by itself: before it compiled anything, mostly, for
 * what is in go.mod, go.sum or the sources that it read.
 */
#include "model/model.h"
#include "model/proof.h"

struct process;

/* X(id, name) */
#define REASON_LIST(X)					\
	X(CALL,		"call failed")			\
	X(GO_MOD,	"line of go.mod")		\
	X(NO_GO_MOD,	"no go.mod")			\
	X(WORD,		"unknown word")			\
	X(SETTING,	"setting")			\
	X(MISSING,	"missing")			\
	X(PROGRAM,	"no program")			\
	X(MODULE,	"module not to be had")		\
	X(NO_GO_SUM,	"no go.sum")			\
	X(CHECKSUM,	"checksum")			\
	X(VET,		"vet")				\
	X(FOLDER,	"folder")			\
	X(READ,		"read last")

enum reason {
	REASON_NONE,
#define X(id, name) REASON_##id,
	REASON_LIST(X)
#undef X
	REASON_CNT,
};

const char *reason__name(enum reason r);

#define FAILURE_MAX_PATHS 3

struct failure {
	enum reason reason;
	/* What was missing, read, or wrong; a module or package for MODULE and VET; a name for SETTING. */
	const char *paths[FAILURE_MAX_PATHS];
	size_t path_cnt;
	const char *call, *err;		/* of CALL: "rename", "EISDIR" */
	unsigned int line;		/* of GO_MOD */
	const char *value, *why;	/* of SETTING */
	enum confidence confidence;
	struct proof proof;
};

/* False: it ended well, or nothing tells. */
bool model__failure(const struct model *m, const struct process *p, struct failure *ret);

#endif
