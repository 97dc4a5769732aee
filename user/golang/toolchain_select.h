/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_TOOLCHAIN_SELECT_H
#define GOENVBPF_GOLANG_TOOLCHAIN_SELECT_H
/*
 * Which toolchain a go command of 1.21 or newer runs itself with, and what said so: it decides at its
 * start, before it reads flags, and when that is another one it executes it in its own place.
 *
 * - GOTOOLCHAIN is local, auto, path, a name ("go1.22.1", "go1.22.1-acme"), or local or a name with
 *   "+auto" or "+path". auto and path read go.work, or else go.mod: a toolchain line that is newer
 *   wins, then a go line that is newer still; "toolchain default" keeps what GOTOOLCHAIN says.
 * - "go 1.24" of such a line is answered by go1.24.0.
 * - Nothing is selected with GO111MODULE=off, GOTOOLCHAIN empty, go env GOTOOLCHAIN|GOMOD|GOWORK,
 *   go env -w GOTOOLCHAIN=…, and in a go that another one has just selected.
 * - go install|run pkg@version: until 1.24 reads neither file, and then switches to what that
 *   package's module asks for; since 1.25 both. Its go line is not known here.
 * - go get, go work init|sync|use, go mod tidy|download|graph may switch later, to what they load.
 *
 * toolchain__select() → the fields → toolchain_choice__free().
 * Held against 1.21 to 1.27. How the toolchain is found (PATH, then, but for path, a download) is
 * not asked here.
 */
#include <stdbool.h>
#include <stddef.h>

struct toolchain_file {
	const char *path;	/* NULL: there is none */
	const char *text;	/* NULL: not known */
	size_t size;
};

struct toolchain_facts {
	const char *local;		/* version of the go command: "go1.26.1", "go1.26.1 X:…" */
	const char *gotoolchain;	/* resolved; "" when unset; NULL: not known */
	const char *go111module;	/* resolved, likewise "" */
	const char *invoked_for;	/* GOTOOLCHAIN_INTERNAL_SWITCH_VERSION of its environment; NULL */
	/* The files that mainmod.h finds as go env prints them, when they are there. */
	struct toolchain_file work, mod;
	const char *const *argv;	/* as go__verb() takes it, -C included */
	size_t argc;
};

enum toolchain_action {
	TOOLCHAIN_LOCAL,	/* it goes on itself */
	TOOLCHAIN_SWITCH,	/* to name */
	TOOLCHAIN_REFUSED,	/* it stops: error */
};

/* X(id, what is said of the choice) */
#define TOOLCHAIN_REASON_LIST(X)							\
	X(NONE,		"nothing asks for another one")					\
	X(TOO_OLD,	"it does not select: older than 1.21")				\
	X(MODULES_OFF,	"GO111MODULE=off")						\
	X(EXEMPT,	"go env of this kind is answered by the one that is called")	\
	X(NOT_SET,	"GOTOOLCHAIN is empty")						\
	X(INVOKED,	"another go has selected it")					\
	X(GOTOOLCHAIN,	"GOTOOLCHAIN names it")						\
	X(TOOLCHAIN_LINE, "a toolchain line asks for it")				\
	X(GO_LINE,	"a go line asks for it")

enum toolchain_reason {
#define X(id, title) TOOLCHAIN_BY_##id,
	TOOLCHAIN_REASON_LIST(X)
#undef X
	TOOLCHAIN_REASON_CNT,
};

const char *toolchain_reason__title(enum toolchain_reason reason);

struct toolchain_choice {
	enum toolchain_action action;
	enum toolchain_reason reason;
	char *name;		/* "go1.24.0": what runs the command; local's for TOOLCHAIN_LOCAL */
	const char *file;	/* of the line that decided, else NULL; line is its number */
	unsigned int line;
	/*
	 * The go line that asks for more than name provides, NULL: none does. Commands that load the
	 * module (or workspace) fail over it: "go.mod requires go >= 1.25 (running go 1.22…)".
	 */
	char *lacks;
	const char *lacks_file;
	unsigned int lacks_line;
	const char *error;	/* TOOLCHAIN_REFUSED: why; static */
	bool is_path_only;	/* "path": never downloads */
	bool may_switch_later;	/* for what it loads; that is not decided by these files */
	bool rests_on_files;	/* go.work or go.mod is asked: whether it is there, or what it says */
	bool is_certain;	/* false: a fact that matters is missing */
};

int toolchain__select(const struct toolchain_facts *facts, struct toolchain_choice *ret);	/* -ENOMEM */
void toolchain_choice__free(struct toolchain_choice *c);

static inline void toolchain_choice_cleanup(struct toolchain_choice *c)
{
	toolchain_choice__free(c);
}
#define __free_toolchain_choice __attribute__((cleanup(toolchain_choice_cleanup)))

#endif
