/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What part a process plays in a Go build, told by what it is and how it was called. */
#include <ctype.h>

#include "golang/tools.h"
#include "util/str.h"

static const char *const names[TOOL_CNT] = {
	[TOOL_UNKNOWN] = "unknown",
#define X(id, name) [TOOL_##id] = name,
	TOOL_LIST(X)
#undef X
};

const char *tool_role__name(enum tool_role role)
{
	return names[role];
}

bool tool_role__is_go_tool(enum tool_role role)
{
	return role > TOOL_GO && role <= TOOL_DIST;
}

bool tool_role__is_c_part(enum tool_role role)
{
	return role >= TOOL_CC && role <= TOOL_C_AR;
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *env(const struct tool_facts *f, const char *name)
{
	const char *value = f->getenv ? f->getenv(f->ctx, name) : NULL;

	return value ?: "";
}

/* The role of the tool called name, TOOL_UNKNOWN when GOROOT has none of that name. */
static enum tool_role go_tool_named(const char *name)
{
	enum tool_role r;

	for (r = TOOL_GO; r <= TOOL_GOFMT; r++)
		if (str_eq(names[r], name))
			return r;
	return TOOL_UNKNOWN;
}

/* "…/pkg/tool/<os>_<arch>/<name>" */
static enum tool_role go_tool_at(const char *path)
{
	const char *dir = strstr(path, "/pkg/tool/");
	const char *slash = dir ? strchr(dir + strlen("/pkg/tool/"), '/') : NULL;

	if (!slash || strchr(slash + 1, '/'))
		return TOOL_UNKNOWN;
	return go_tool_named(slash + 1);
}

static const struct {
	const char *path;
	enum tool_role role;
} go_programs[] = {
	{ "golang.org/x/tools/gopls",		 TOOL_GOPLS },
	{ "github.com/go-delve/delve/cmd/dlv",	 TOOL_DLV },
	{ "golang.org/x/tools/cmd/gofmt",	 TOOL_GOFMT },
};

/* By the package that the executable was built from. */
static enum tool_role by_go_path(const struct tool_facts *f)
{
	const char *path = f->go_path ?: "";
	size_t i;

	if (str_has_prefix(path, "cmd/"))
		return go_tool_named(path + strlen("cmd/"));
	for (i = 0; i < ARRAY_SIZE(go_programs); i++)
		if (str_eq(path, go_programs[i].path))
			return go_programs[i].role;
	return str_has_prefix(path, "golang.org/dl/go1.") ? TOOL_GO_WRAPPER : TOOL_UNKNOWN;
}

/* go itself, or its tools, when the build information has no path: until 1.17, or not read. */
static enum tool_role by_place(const struct tool_facts *f)
{
	enum tool_role role = go_tool_at(f->exe);
	const char *name = base(f->exe);

	if (role != TOOL_UNKNOWN)
		return role;
	if (!str_eq(name, "go") && !str_eq(name, "gofmt"))
		return TOOL_UNKNOWN;
	return str_has_suffix(f->exe, "/bin/go") ? TOOL_GO :
	       str_has_suffix(f->exe, "/bin/gofmt") ? TOOL_GOFMT : TOOL_UNKNOWN;
}

/* Go's telemetry runs itself, under the name of any tool. */
static enum tool_role by_telemetry(const struct tool_facts *f)
{
	return *env(f, "GO_TELEMETRY_CHILD") ? TOOL_TELEMETRY : TOOL_UNKNOWN;
}

/* -vettool programs are called like vet: with the folder's vet.cfg. */
static enum tool_role by_vet_cfg(const struct tool_facts *f)
{
	if (f->is_go && f->argc > 1 && f->parent == TOOL_GO &&
	    str_eq(base(f->argv[f->argc - 1]), "vet.cfg"))
		return TOOL_VET;
	return TOOL_UNKNOWN;
}

/*
 * A wrapper is given the tool's path as its first argument, or as its second one when it is a script
 * that an interpreter runs. TOOLEXEC_IMPORTPATH is there with every tool, wrapped or not.
 */
static enum tool_role by_toolexec(const struct tool_facts *f)
{
	size_t i;

	if (f->parent != TOOL_GO && !*env(f, "TOOLEXEC_IMPORTPATH"))
		return TOOL_UNKNOWN;
	for (i = 1; i < f->argc && i <= 2; i++)
		if (f->argv[i][0] == '/' && go_tool_at(f->argv[i]) != TOOL_UNKNOWN)
			return TOOL_TOOLEXEC;
	return TOOL_UNKNOWN;
}

static enum tool_role by_cacheprog(const struct tool_facts *f)
{
	const char *command = env(f, "GOCACHEPROG");
	size_t n = strcspn(command, " \t");

	if (!n || f->parent != TOOL_GO || !f->argc || strlen(f->argv[0]) != n ||
	    memcmp(f->argv[0], command, n))
		return TOOL_UNKNOWN;
	return TOOL_CACHEPROG;
}

static enum tool_role by_test(const struct tool_facts *f)
{
	size_t i;

	if (f->is_not_go)
		return TOOL_UNKNOWN;
	if (f->go_path && str_has_suffix(f->go_path, ".test"))
		return TOOL_TEST;
	if (!str_has_suffix(f->exe, ".test"))
		return TOOL_UNKNOWN;
	for (i = 1; i < f->argc; i++)
		if (str_has_prefix(f->argv[i], "-test."))
			return TOOL_TEST;
	return f->is_go ? TOOL_TEST : TOOL_UNKNOWN;
}

/* "…/go-build<digits>/bNNN/exe/<name>" */
static bool is_work_exe(const char *exe)
{
	const char *p = strstr(exe, "/go-build");

	if (!p)
		return false;
	for (p += strlen("/go-build"); isdigit((unsigned char)*p); p++)
		;
	if (p[0] != '/' || p[1] != 'b')
		return false;
	for (p += 2; isdigit((unsigned char)*p); p++)
		;
	return str_has_prefix(p, "/exe/");
}

/* "…/XX/<64 hex>-d/<name>", where go run has kept its programs since 1.24 */
static bool is_cached_exe(const char *exe)
{
	const char *slash = strrchr(exe, '/'), *id;
	size_t i;

	if (!slash || slash - exe < 70 || slash[-1] != 'd' || slash[-2] != '-')
		return false;
	id = slash - 66;
	if (id[-1] != '/')
		return false;
	for (i = 0; i < 64; i++)
		if (!isxdigit((unsigned char)id[i]))
			return false;
	return true;
}

static enum tool_role by_go_run(const struct tool_facts *f)
{
	if (f->is_not_go || (!is_work_exe(f->exe) && !is_cached_exe(f->exe)))
		return TOOL_UNKNOWN;
	return TOOL_GO_RUN;
}

static enum tool_role by_debuggee(const struct tool_facts *f)
{
	const char *name = base(f->exe);

	/* dlv builds __debug_bin<digits>, formerly "debug", in the folder where it was called. */
	if (f->is_go && (str_has_prefix(name, "__debug_bin") ||
			 (f->parent == TOOL_DLV && str_has_prefix(name, "debug"))))
		return TOOL_DEBUGGEE;
	return TOOL_UNKNOWN;
}

static const struct {
	const char *name;
	enum tool_role role;
} c_programs[] = {
	{ "gcc",	 TOOL_CC },
	{ "g++",	 TOOL_CC },
	{ "cc",		 TOOL_CC },
	{ "c++",	 TOOL_CC },
	{ "gfortran",	 TOOL_CC },
	{ "clang",	 TOOL_CC },
	{ "clang++",	 TOOL_CC },
	{ "cc1",	 TOOL_CC1 },
	{ "cc1plus",	 TOOL_CC1 },
	{ "cc1obj",	 TOOL_CC1 },
	{ "f951",	 TOOL_CC1 },
	{ "lto1",	 TOOL_CC1 },
	{ "as",		 TOOL_C_AS },
	{ "collect2",	 TOOL_C_COLLECT },
	{ "lto-wrapper", TOOL_C_COLLECT },
	{ "ld",		 TOOL_C_LD },
	{ "ld.bfd",	 TOOL_C_LD },
	{ "ld.gold",	 TOOL_C_LD },
	{ "ld.lld",	 TOOL_C_LD },
	{ "lld",	 TOOL_C_LD },
	{ "gold",	 TOOL_C_LD },
	{ "mold",	 TOOL_C_LD },
	{ "ar",		 TOOL_C_AR },
	{ "llvm-ar",	 TOOL_C_AR },
	{ "gcc-ar",	 TOOL_C_AR },
	{ "pkg-config",	 TOOL_PKG_CONFIG },
	{ "pkgconf",	 TOOL_PKG_CONFIG },
	{ "git",	 TOOL_VCS },
	{ "hg",		 TOOL_VCS },
	{ "svn",	 TOOL_VCS },
	{ "bzr",	 TOOL_VCS },
	{ "fossil",	 TOOL_VCS },
};

/* name is `of`, perhaps between a target ("x86_64-linux-gnu-") and a version ("-12", "-12.2"). */
static bool is_named(const char *name, const char *of)
{
	size_t n = strlen(of);
	const char *p, *end;

	for (p = strstr(name, of); p; p = strstr(p + 1, of)) {
		end = p + n;
		if (p != name && p[-1] != '-')
			continue;
		if (*end == '-' && isdigit((unsigned char)end[1]))
			end += 1 + strspn(end + 1, "0123456789.");
		if (!*end)
			return true;
	}
	return false;
}

static enum tool_role by_name(const struct tool_facts *f)
{
	const char *name = base(*f->exe ? f->exe : f->argc ? f->argv[0] : "");
	size_t i;

	if (f->is_go)
		return TOOL_UNKNOWN;
	for (i = 0; i < ARRAY_SIZE(c_programs); i++)
		if (is_named(name, c_programs[i].name))
			return c_programs[i].role;
	/* git's parts: git-remote-https, … */
	if (str_has_prefix(name, "git-") || strstr(f->exe, "/git-core/"))
		return TOOL_VCS;
	return TOOL_UNKNOWN;
}

static enum tool_role by_default(const struct tool_facts *f)
{
	return f->is_go ? TOOL_GO_PROGRAM : f->is_not_go ? TOOL_PROGRAM : TOOL_UNKNOWN;
}

/* In this order: what is certain first. */
static enum tool_role (*const classifiers[])(const struct tool_facts *f) = {
	by_telemetry,
	by_go_path,
	by_cacheprog,
	by_toolexec,
	by_vet_cfg,
	by_test,
	by_go_run,
	by_debuggee,
	by_place,
	by_name,
	by_default,
};

enum tool_role tool__classify(const struct tool_facts *facts)
{
	enum tool_role role = TOOL_UNKNOWN;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(classifiers) && role == TOOL_UNKNOWN; i++) {
		/* A script called …/bin/go is not go, and neither is any other file without Go in it. */
		if (classifiers[i] == by_place && facts->is_not_go)
			continue;
		role = classifiers[i](facts);
	}
	return role;
}
