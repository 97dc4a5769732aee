/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GODEBUG_H
#define GOENVBPF_GOLANG_GODEBUG_H
/*
 * Where each key of a program's GODEBUG comes from: the value that go gave the linker (the fact), and
 * over it, key by key, the environment of the program.
 *
 * What can contribute to the linker's value (since 1.21), a later one over an earlier one by key:
 * - the old behaviour for each change of a default since the go line: of go.work in a workspace, else
 *   of go.mod (1.16 without one, go.work 1.18), of GOPATH mode (1.20, 1.16 until 1.26), or of the
 *   module of a package named with its version;
 * - GOFIPS140 other than off: fips140=on (since 1.24);
 * - godebug lines of go.work in a workspace, where those of go.mod do not count, else of go.mod (since
 *   1.23); "godebug default=go1.21" stands for another go line;
 * - //go:debug lines of package main and of its tests, which are not known here: what nothing else
 *   explains is of an unknown source.
 *
 * Each key is attributed by its value. That a key is attributed to a line says that the line asks for
 * the very value; a //go:debug line may ask for it, too.
 *
 * Lifecycle: godebug__attribute() → the entries → godebug__free().
 */
#include <stdbool.h>
#include <stddef.h>

/* A key that some version of Go has known, of n bytes. */
bool godebug__is_key(const char *key, size_t n);
/* The last minor version that knows it; 0: it was not removed. */
int godebug__last_minor(const char *key, size_t n);

enum godebug_place {
	GODEBUG_IN_MODULE,	/* file: the go.mod in effect, or -modfile's */
	GODEBUG_IN_WORKSPACE,	/* file: the go.work */
	GODEBUG_IN_GOPATH,	/* no file */
	GODEBUG_NO_MODULE,	/* go run x.go where there is no go.mod */
	GODEBUG_AT_VERSION,	/* go install pkg@version: its module's go line is not known */
};

struct godebug_facts {
	int minor;		/* of the go command that built it; 0: not known */
	enum godebug_place place;
	const char *path, *text;	/* of the file; text NULL: not known */
	size_t size;
	const char *linked;	/* of -X=runtime.godebugDefault=; NULL: there was none */
	const char *gofips140;	/* resolved; NULL: not known */
	const char *environment; /* GODEBUG of the program; NULL: not set */
};

/* X(id, what is said) */
#define GODEBUG_SOURCE_LIST(X)							\
	X(ENVIRONMENT,	"environment")						\
	X(LINE,		"a godebug line")					\
	X(DEFAULT_LINE,	"what the version of a default line still did")		\
	X(GO_LINE,	"what the version of the go line still did")		\
	X(NO_GO_LINE,	"what go does without a go line")			\
	X(GOFIPS140,	"GOFIPS140")						\
	X(UNKNOWN,	"not known: perhaps a //go:debug line")

enum godebug_source {
#define X(id, title) GODEBUG_BY_##id,
	GODEBUG_SOURCE_LIST(X)
#undef X
	GODEBUG_SOURCE_CNT,
};

const char *godebug_source__title(enum godebug_source source);

struct godebug_entry {
	const char *key, *value;
	enum godebug_source source;
	unsigned int line;	/* in the facts' file; 0: none */
	unsigned int changed_in; /* minor version that changed this default; 0: none did, or not known */
	bool is_changed;	/* the toolchain by itself would do otherwise, as far as is known */
	bool is_overridden;	/* the environment has the key, too */
};

struct godebug {
	struct godebug_entry *entries;	/* the linker's in their order, then the environment's */
	size_t cnt;
	bool is_explained;	/* no entry is of unknown source */
	char *memory;
};

int godebug__attribute(const struct godebug_facts *facts, struct godebug *ret);	/* -ENOMEM, -EFBIG */
void godebug__free(struct godebug *g);
/* The entry that counts for a key; NULL: it has its default. */
const struct godebug_entry *godebug__get(const struct godebug *g, const char *key);

static inline void godebug_cleanup(struct godebug *g)
{
	godebug__free(g);
}
#define __free_godebug __attribute__((cleanup(godebug_cleanup)))

#endif
