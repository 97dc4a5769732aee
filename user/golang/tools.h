/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_TOOLS_H
#define GOENVBPF_GOLANG_TOOLS_H
/*
 * What part a process plays in a Go build, told by what it is and how it was called, never by its
 * name alone where something better is known.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

/* X(id, name): the only list. The tools of GOROOT come first and are called as cmd/<name>. */
#define TOOL_LIST(X)					\
	X(GO,		"go")				\
	X(COMPILE,	"compile")			\
	X(ASM,		"asm")				\
	X(LINK,		"link")				\
	X(CGO,		"cgo")				\
	X(VET,		"vet")				\
	X(COVER,	"cover")			\
	X(COVDATA,	"covdata")			\
	X(BUILDID,	"buildid")			\
	X(PACK,		"pack")				\
	X(PREPROFILE,	"preprofile")			\
	X(TEST2JSON,	"test2json")			\
	X(NM,		"nm")				\
	X(OBJDUMP,	"objdump")			\
	X(ADDR2LINE,	"addr2line")			\
	X(PPROF,	"pprof")			\
	X(TRACE,	"trace")			\
	X(FIX,		"fix")				\
	X(DOC,		"doc")				\
	X(API,		"api")				\
	X(DIST,		"dist")				\
	X(GOFMT,	"gofmt")			\
	X(TELEMETRY,	"telemetry sidecar")		\
	X(TOOLEXEC,	"toolexec wrapper")		\
	X(TEST,		"test binary")			\
	X(GO_RUN,	"go run binary")		\
	X(GOPLS,	"gopls")			\
	X(DLV,		"dlv")				\
	X(DEBUGGEE,	"debugged binary")		\
	X(GO_WRAPPER,	"go version wrapper")		\
	X(CACHEPROG,	"cache program")		\
	X(GO_PROGRAM,	"Go program")			\
	X(CC,		"C compiler")			\
	X(CC1,		"C compiler proper")		\
	X(C_AS,		"C assembler")			\
	X(C_COLLECT,	"C link driver")		\
	X(C_LD,		"C linker")			\
	X(C_AR,		"C archiver")			\
	X(PKG_CONFIG,	"pkg-config")			\
	X(VCS,		"version control")		\
	X(PROGRAM,	"program")

enum tool_role {
	TOOL_UNKNOWN,
#define X(id, name) TOOL_##id,
	TOOL_LIST(X)
#undef X
	TOOL_CNT,
};

const char *tool_role__name(enum tool_role role);	/* "unknown" for TOOL_UNKNOWN */

struct tool_facts {
	const char *exe;		/* absolute path of the executable; "" when not known */
	const char *const *argv;
	size_t argc;
	/* Value of a variable of the process, NULL: not there. May be NULL when not known. */
	const char *(*getenv)(void *ctx, const char *name);
	void *ctx;
	bool is_go;			/* it has Go build information */
	bool is_not_go;			/* it was read and has none; both false: it was not read */
	const char *go_path;		/* path of the build information; NULL or "" when without */
	enum tool_role parent;		/* TOOL_UNKNOWN when not known */
};

enum tool_role tool__classify(const struct tool_facts *facts);

/* One of the tools that go starts for packages: compile, asm, link, cgo, vet, … */
bool tool_role__is_go_tool(enum tool_role role);
bool tool_role__is_c_part(enum tool_role role);

/* Only asked for its version or its capabilities: -V=full, -flags, gcc -###, --version. */
bool tool__is_probe(enum tool_role role, const char *const *argv, size_t argc);

/* What the command line of a Go tool says; NULL where it says nothing. Points into argv. */
struct tool_args {
	const char *package;		/* -p; cgo: -importpath */
	const char *build_id;		/* -buildid */
	const char *output;		/* -o */
	const char *importcfg;
	const char *trimpath;
	const char *lang;		/* -lang=go1.22 */
	const char *go_version;		/* -goversion */
	const char *build_mode;		/* link: -buildmode */
	const char *extld;
	const char *godebug;		/* link: -X=runtime.godebugDefault=…, the value */
	const char *vet_cfg;		/* vet: the .cfg file */
	const char *main_archive;	/* link: the last argument */
	size_t sources, test_sources;	/* compile: files that end in .go, in _test.go */
	bool is_std;			/* -std */
	bool is_symabis;		/* asm: the -gensymabis pass */
	bool has_response_file;		/* an @file argument: the rest is in there */
};

void tool__args(enum tool_role role, const char *const *argv, size_t argc, struct tool_args *ret);
/*
 * Appends the package that -p names as go calls it: with tests among its files it is "p [p.test]", or
 * "p_test [p.test]" of nothing else. What is compiled anew because it imports p looks like any other.
 */
int tool_args__package(const struct tool_args *a, struct str *ret);	/* -ENOMEM; -ENOENT: no -p */

/*
 * The verb of a go command: "build", "mod", …; *ret_sub: the second word of those that have one
 * ("mod tidy", "work sync", "tool NAME"), else NULL. NULL: called without a verb.
 */
const char *go__verb(const char *const *argv, size_t argc, const char **ret_sub);
/* The folder of go -C DIR, NULL when there is none. */
const char *go__chdir(const char *const *argv, size_t argc);

#endif
