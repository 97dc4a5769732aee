/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_TOOLS_H
#define GOENVBPF_GOLANG_TOOLS_H
/*
 * What a process is to a Go build, told from its executable's path and its arguments.
 */
#include <stddef.h>

/*	id		name		for people, in the plural */
#define TOOL_ROLE_LIST(X)						\
	X(OTHER,	"other",	"other programs")		\
	X(GO,		"go",		"go commands")			\
	X(COMPILE,	"compile",	"compilations")			\
	X(ASM,		"asm",		"assemblies")			\
	X(LINK,		"link",		"links")			\
	X(CGO,		"cgo",		"cgo runs")			\
	X(VET,		"vet",		"vet runs")			\
	X(GOTOOL,	"tool",		"other Go tools")		\
	X(PROBE,	"probe",	"version probes")		\
	X(TOOLEXEC,	"toolexec",	"toolexec wrappers")		\
	X(CC,		"cc",		"C tools")			\
	X(TEST,		"test",		"test binaries")		\
	X(RUN,		"run",		"go run programs")		\
	X(GOPLS,	"gopls",	"gopls")			\
	X(DLV,		"dlv",		"dlv")				\
	X(GOPROGRAM,	"program",	"Go programs")

enum tool_role {
#define X(id, name, plural) TOOL_##id,
	TOOL_ROLE_LIST(X)
#undef X
	TOOL_ROLE_CNT,
};

const char *tool_role__name(enum tool_role role);	/* "compile" */
const char *tool_role__plural(enum tool_role role);	/* "compilations" */

struct tool_facts {
	const char *exe;		/* absolute; NULL unknown */
	const char *const *args;	/* args[0] is the program's name */
	size_t arg_cnt;
	const char *importpath;		/* TOOLEXEC_IMPORTPATH of its environment, or NULL */
	const char *buildinfo_path;	/* "cmd/go": the embedded package path, or NULL */
};

struct tool {
	enum tool_role role;
	const char *name;	/* "compile", also for a version probe; else the program's */
	const char *subject;	/* the go command's verb, the package of a tool; NULL none */
};

/* The strings of the answer are those of the facts, or constant. */
struct tool tool__classify(const struct tool_facts *facts);

#endif
