/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_PROGRAMS_PROGRAMS_H
#define GOENVBPF_MODEL_PROGRAMS_PROGRAMS_H
/*
 * What Go programs that ran have embedded, held against what was seen: their environment, their file
 * on disk, and what a build that somebody else can repeat needs. The tools of the toolchain are left
 * out: their environment is meant for what they build.
 */
#include <stdbool.h>

#include "golang/tools.h"
#include "model/model.h"
#include "model/proof.h"

/* X(id, name, what it means) */
#define CONTRADICTION_LIST(X)									\
	X(ENVIRONMENT,	"environment",	"the environment says otherwise; it has no effect on a program that is built") \
	X(GODEBUG,	"godebug",	"this key of GODEBUG in the environment counts, before what is embedded")	\
	X(DELETED,	"deleted",	"its file was removed while it ran")			\
	X(REPLACED,	"replaced",	"its file was replaced while it ran: the old program goes on")	\
	X(LOCAL_REPLACE, "local-replace", "a module was replaced by a folder: others cannot build the same") \
	X(DEVEL,	"devel",	"a dependency has no version")				\
	X(MODIFIED,	"modified",	"built from sources that were not committed")

enum contradiction {
#define X(id, name, title) CONTRADICTION_##id,
	CONTRADICTION_LIST(X)
#undef X
	CONTRADICTION_CNT,
};

const char *contradiction__name(enum contradiction c);
const char *contradiction__title(enum contradiction c);

struct program_fact {
	enum contradiction kind;
	const char *subject;		/* a variable, a module, a path; NULL */
	const char *embedded;		/* what is embedded; NULL */
	const char *seen;		/* what was seen beside it; NULL */
	uint64_t proc;			/* whose; 0: of all */
	enum confidence confidence;
	struct proof proof;
};

struct program_setting {
	const char *key, *value;
};

#define PROGRAM_MAX_FACTS	24
#define PROGRAM_MAX_SETTINGS	40

/* One executable */
struct program {
	const char *exe, *dev;
	uint64_t ino;
	const char *go;			/* NULL: no build information was found */
	const char *package, *module, *version, *build_id;
	enum tool_role role;
	uint64_t runs, deps, replaced;
	struct program_setting settings[PROGRAM_MAX_SETTINGS];
	unsigned int setting_cnt;
	struct program_fact facts[PROGRAM_MAX_FACTS];
	unsigned int fact_cnt, facts_left_out;
	/* what its processes did that ended */
	uint64_t accesses, failed;
};

/* In the order of the record, those with build information: start with NULL. */
const struct program *model__next_program(const struct model *m, const struct program *p);

#endif
