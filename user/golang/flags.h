/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_FLAGS_H
#define GOENVBPF_GOLANG_FLAGS_H
/*
 * The flags in effect of a go command: those of its command line and those of GOFLAGS, by the rules
 * of its verb and version.
 *
 * - Words of GOFLAGS that the verb does not know are skipped. One that no verb knows, that is no
 *   flag, or a quote without its end makes go stop (all but go env and go bug, which ignore it; go
 *   help and go doc do not read GOFLAGS).
 * - The command line wins flag by flag. Only -gcflags, -asmflags, -ldflags and -gccgoflags add up:
 *   each is for the packages that its pattern names, and for one package the last that names it
 *   counts, whole.
 * - Flags end at the first argument that is none. go test reads on behind its packages, until -args
 *   or an argument that can be no flag's value. What follows the package of go run and the name of
 *   go tool is the program's, not go's.
 * - -C DIR counts as the first flag only (since 1.20).
 *
 * Lifecycle: go_flags__parse() → the fields, go_flags__get()… → go_flags__free(). Names are static,
 * values point into argv or into memory of the struct.
 * Held against 1.15, 1.19 and 1.21 to 1.27; for the versions between, release notes say since when a
 * flag is there, and is_certain is false where that matters.
 */
#include <stdbool.h>
#include <stddef.h>

#include "golang/settings.h"

/* X(id, words, first minor version, last one or 0) */
#define GO_VERB_LIST(X)					\
	X(BUG,		"bug",		0,  0)		\
	X(BUILD,	"build",	0,  0)		\
	X(CLEAN,	"clean",	0,  0)		\
	X(DOC,		"doc",		0,  0)		\
	X(ENV,		"env",		0,  0)		\
	X(FIX,		"fix",		0,  0)		\
	X(FMT,		"fmt",		0,  0)		\
	X(GENERATE,	"generate",	0,  0)		\
	X(GET,		"get",		0,  0)		\
	X(HELP,		"help",		0,  0)		\
	X(INSTALL,	"install",	0,  0)		\
	X(LIST,		"list",		0,  0)		\
	X(MOD_DOWNLOAD,	"mod download",	0,  0)		\
	X(MOD_EDIT,	"mod edit",	0,  0)		\
	X(MOD_GRAPH,	"mod graph",	0,  0)		\
	X(MOD_INIT,	"mod init",	0,  0)		\
	X(MOD_TIDY,	"mod tidy",	0,  0)		\
	X(MOD_VENDOR,	"mod vendor",	0,  0)		\
	X(MOD_VERIFY,	"mod verify",	0,  0)		\
	X(MOD_WHY,	"mod why",	0,  0)		\
	X(RUN,		"run",		0,  0)		\
	X(TELEMETRY,	"telemetry",	23, 0)		\
	X(TEST,		"test",		0,  0)		\
	X(TOOL,		"tool",		0,  0)		\
	X(VERSION,	"version",	0,  0)		\
	X(VET,		"vet",		0,  0)		\
	X(WORK_EDIT,	"work edit",	18, 0)		\
	X(WORK_INIT,	"work init",	18, 0)		\
	X(WORK_SYNC,	"work sync",	18, 0)		\
	X(WORK_USE,	"work use",	18, 0)		\
	X(WORK_VENDOR,	"work vendor",	22, 0)

enum go_verb {
	GO_VERB_NONE,	/* called without one, or by one that this version does not have */
#define X(id, words, since, until) GO_VERB_##id,
	GO_VERB_LIST(X)
#undef X
	GO_VERB_CNT,
};

const char *go_verb__name(enum go_verb verb);	/* "mod tidy"; "" for GO_VERB_NONE */

enum go_flag_source { GO_FLAG_GOFLAGS, GO_FLAG_COMMAND_LINE };

/* Why go stops before it does anything: then no flag is in effect. */
enum go_refusal {
	GO_ACCEPTED,
	GO_REFUSED_VERB,	/* unknown command; `refused` is NULL when there was none at all */
	GO_REFUSED_FLAG,	/* flag provided but not defined, or not a flag's syntax */
	GO_REFUSED_VALUE,	/* a flag's value is missing or malformed, -C is not the first flag */
	GO_REFUSED_GOFLAGS,	/* a word of GOFLAGS; `refused` is all of it for a quote without end */
	GO_SHOWS_HELP,		/* -h, -help: usage only */
};

struct go_flag {
	const char *name;	/* "-tags"; -test.v and --v are "-v" */
	const char *value;	/* "true" for -x alone */
	/* -gcflags and its like: for which packages, "" for those named on the command line; else NULL. */
	const char *pattern;
	const char *args;	/* likewise: value without the pattern */
	enum go_flag_source source;
	size_t word;		/* index in argv, or in the words of GOFLAGS */
	bool is_setting;	/* changes what is built; the others say how, or where to */
	bool is_overridden;	/* another one counts instead: flags[by] */
	size_t by;
};

struct go_flags_facts {
	int minor;			/* 0: not known */
	const char *const *argv;	/* argv[0] is go itself, as for go__verb() */
	size_t argc;			/* 0: not known */
	const char *goflags;		/* GOFLAGS as resolved, "" when empty; NULL: not known */
};

struct go_flags {
	enum go_verb verb;
	enum go_refusal refusal;
	const char *refused;	/* the word that go does not take */
	bool is_certain;	/* false: another version's table had to do, or a -vettool has its own flags */
	bool has_goflags;	/* false: GOFLAGS was not known, or this verb does not read it */
	struct go_flag *flags;	/* GOFLAGS first, each in its order; overridden ones included */
	size_t cnt;
	const char **args;	/* packages, modules, files, the tool's name: what go itself takes */
	size_t arg_cnt;
	const char **rest;	/* what go passes on, to the program, the tool or the test */
	size_t rest_cnt;
	const char *chdir;	/* DIR of -C; NULL without */
	/* The first package that is named with a version, where go then ignores go.mod; else NULL. */
	const char *at_version;

	struct goflags words;
	char *patterns;
};

/* -ENOMEM. A command that go refuses is no error: see refusal. */
int go_flags__parse(const struct go_flags_facts *facts, struct go_flags *ret);
void go_flags__free(struct go_flags *f);

/*
 * The flag of that name ("-mod") which is in effect; NULL: it is not given, or go refuses the command.
 * Of several with patterns the first one; after: the next of that name.
 */
const struct go_flag *go_flags__get(const struct go_flags *f, const char *name,
				    const struct go_flag *after);
/* Its value; NULL likewise, and when it is empty (-modfile=). */
const char *go_flags__value(const struct go_flags *f, const char *name);
/* A flag without value is given and not off: -a, -trimpath. */
bool go_flags__is_on(const struct go_flags *f, const char *name);

static inline void go_flags_cleanup(struct go_flags *f)
{
	go_flags__free(f);
}
#define __free_go_flags __attribute__((cleanup(go_flags_cleanup)))

#endif
